"""The page for the doctor: one side of A4 that is understood without the program."""

from collections.abc import Iterator
from itertools import chain, islice

from biofeedback.reports.done import cycle_words, done, injections, medicines, notes, treatments
from biofeedback.reports.evidence import evidence, protocol_title
from biofeedback.reports.headline import (
    Headline,
    all_trends,
    headline,
    trend_statement,
    where_words,
)
from biofeedback.reports.helps import helps
from biofeedback.reports.history import History, left_out_words
from biofeedback.reports.parts import Part, Report, Statement
from biofeedback.reports.questions import questions, usual_questions
from biofeedback.reports.timeline import timeline
from biofeedback.reports.weeks import weeks_helped
from biofeedback.text import _, plural

DAYS = 365
_MOST = 5  # of treatments, trials and cycles; of each kind of notes, 3
_MOST_NOTES = 3


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
                    "Measured at home with electrodes on the skin (surface EMG) and noted by the "
                    "person; over the last 12 months."
                )
            ),
        ),
        parts=(
            Part(_("What was done"), (*done(recent), *left_out_words(recent))),
            Part(
                _("Tension"),
                tuple(_tension(recent, head)),
                picture=timeline(head.tension.line, head.cycles, share=0.17)
                if head.tension
                else None,
            ),
            Part(_("The treatment cycle"), _cycle(recent, head)),
            Part(_("What helps"), _helps(recent)),
            Part(_("Medicines and other treatments"), _medicines(recent)),
            Part(
                _("Side effects and triggers, in the person's own words"),
                _few(notes(recent, most=_MOST_NOTES), _("Nothing was noted.")),
            ),
            Part(_("Questions"), (*questions(recent, head, found), *usual_questions()), ask=True),
            Part(_("What the numbers are"), _meaning(), small=True),
            evidence(recent.protocols()[:1]),
        ),
        simulated=history.simulated,
        one_page=True,
    )


def _helps(history: History) -> tuple[Statement, ...]:
    return _few(chain(helps(history), weeks_helped(history)), _("Nothing was tried yet."))


def _few(said: Iterator[Statement], none: str) -> tuple[Statement, ...]:
    return tuple(islice(said, 2 * _MOST)) or (Statement(none),)


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
    return (*told[:1], *last, *told[1:][-_MOST:])


def _medicines(history: History) -> tuple[Statement, ...]:
    now, before = medicines(history, now=True), medicines(history, now=False)
    told = list(treatments(now))[:_MOST]
    if more := len(now) - len(told):
        told.append(
            Statement(
                plural("… and {n} more.", "… and {n} more.", more).format(n=more),
                of=tuple(str(each.id) for each in now[_MOST:]),
                values={"n": more},
            )
        )
    told += list(treatments(before))[-2:]
    return tuple(told) or (Statement(_("None is noted.")),)


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
