"""The page for the doctor: one side of A4 that is understood without the program."""

from collections.abc import Iterator

from biofeedback.reports.done import cycle_words, done, injections, medicines, notes, treatments
from biofeedback.reports.evidence import evidence
from biofeedback.reports.headline import (
    Headline,
    all_trends,
    headline,
    trend_statement,
    where_words,
)
from biofeedback.reports.helps import helps
from biofeedback.reports.history import History, left_out_words
from biofeedback.reports.noted import noted
from biofeedback.reports.parts import Part, Report, Statement
from biofeedback.reports.questions import questions, usual_questions
from biofeedback.reports.timeline import FEWEST_DRAWN, timeline
from biofeedback.reports.weeks import weeks_helped
from biofeedback.text import _
from biofeedback.training.protocol_file import protocol_title

DAYS = 365
_MOST_NOTES = 3  # of each kind of notes; how much there is room for, `write` finds out


def visit_page(history: History) -> Report:
    """Return the page for the doctor, of the last year."""
    recent = history.since(DAYS)
    found = all_trends(recent)
    head = headline(recent, found)
    return Report(
        title=_("For the doctor: muscle tension, training, treatment"),
        about=(
            Statement(
                _("{person}, as of {today}. Name: ______________________").format(
                    person=history.person, today=history.today
                ),
                values={"person": history.person, "today": str(history.today)},
            ),
            Statement(
                _(
                    "Measured with electrodes on the skin (surface EMG) and noted by the person; "
                    "over the last 12 months."
                )
            ),
        ),
        parts=(
            Part(_("What was done"), (*done(recent), *left_out_words(recent))),
            Part(
                _("Tension"),
                tuple(_tension(recent, head)),
                picture=timeline(head.tension.line, head.cycles, share=0.17)
                if head.tension and len(head.tension.line.points) >= FEWEST_DRAWN
                else None,
            ),
            Part(_("The treatment cycle"), _cycle(recent, head), least=4),
            Part(_("What helps"), _helps(recent), least=3),
            Part(_("Medicines and other treatments"), _medicines(recent), least=4),
            Part(
                _("Side effects and triggers, as the person noted them"),
                _noted(recent, _MOST_NOTES) or (Statement(_("Nothing was noted.")),),
                left=_not_told(recent),
                least=5,
            ),
            Part(_("Questions"), (*questions(recent, head, found), *usual_questions()), ask=True),
            Part(_("What the numbers are"), _meaning(), small=True),
            evidence(recent.protocols()[:1]),
        ),
        simulated=history.simulated,
        one_page=True,
        of=history.person,
        made=history.today,
    )


def _helps(history: History) -> tuple[Statement, ...]:
    tried = (*helps(history), *weeks_helped(history))
    return tried or (Statement(_("Nothing was tried yet.")),)


def _noted(history: History, most: int) -> tuple[Statement, ...]:
    return (
        *noted(history, "side_effect", most=most),
        *noted(history, "trigger", most=most),
        *notes(history, most=most),
    )


def _not_told(history: History) -> tuple[Statement, ...]:
    told = _noted(history, _MOST_NOTES)
    return tuple(each for each in _noted(history, len(history.entries) + 1) if each not in told)


def _tension(history: History, head: Headline) -> Iterator[Statement]:
    known = [trend for trend in (head.rest, head.tension) if trend is not None]
    if not known:
        yield Statement(_("There are no sittings that may be compared."))
        return
    what = known[0].line.what
    yield where_words(history, known[0], protocol_title(what.protocol) if what.protocol else "–")
    for trend in known:
        yield trend_statement(history, trend)


def _cycle(history: History, head: Headline) -> tuple[Statement, ...]:
    told = list(cycle_words(history, head.cycles))
    last = [
        Statement(_("The latest: {what}").format(what=each.text), of=each.of, values=each.values)
        for each in list(treatments(injections(history)))[-1:]
    ]
    return (*told[:1], *last, *reversed(told[1:]))


def _medicines(history: History) -> tuple[Statement, ...]:
    now, before = medicines(history, now=True), medicines(history, now=False)
    told = (*treatments(now), *treatments(reversed(before)))
    return told or (Statement(_("None is noted.")),)


def _meaning() -> tuple[Statement, ...]:
    return (
        Statement(
            _(
                "Tension: the median of the electrical activity of the muscle (RMS over 1 s, in "
                "microvolts, in the band that is named), sitting still before the training; lower "
                "is calmer. It depends on where the electrodes lie, and compares with this "
                "person alone."
            )
        ),
        Statement(
            _(
                "Relative rest time: share of the valid time of the training in which the muscle "
                "was below its rest threshold; higher is calmer."
            )
        ),
        Statement(
            _(
                "Day of wear-off: from the injection until half of its effect on the tension was "
                "lost, fitted to the sittings."
            )
        ),
    )
