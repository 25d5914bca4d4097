"""The report of many sittings: what may be compared, with pictures, trends and valid time."""

import math
from collections.abc import Iterator

from biofeedback.analysis.cycle import Cycle, cycles
from biofeedback.analysis.trends import Trend
from biofeedback.journal.nouns import Sitting
from biofeedback.muscles import shown_label
from biofeedback.reports.definitions import definition
from biofeedback.reports.done import cycle_words, done, injections, medicines, notes, treatments
from biofeedback.reports.evidence import evidence
from biofeedback.reports.headline import (
    all_trends,
    ends_of,
    headline,
    ids_of,
    trend_statement,
    valid_percent,
)
from biofeedback.reports.helps import helps
from biofeedback.reports.history import History, day_of, left_out_words
from biofeedback.reports.parts import Part, Report, Row, Statement
from biofeedback.reports.timeline import FEWEST_DRAWN, timeline
from biofeedback.reports.weeks import weeks_helped
from biofeedback.text import _
from biofeedback.training.protocol_file import protocol_title
from biofeedback.words import NO_NUMBER, Signed, band_word

_DEFINED = {
    "relative_rest_time": "relative_rest_time",
    "baseline": "baseline",
    "post_baseline": "post_baseline",
    "tension": "median",
    "success": "success",
    "emg_gaps": "gaps",
    "recovery": "recovery",
    "transfer": "transfer",
    "guess_error": "guess_error",
    "rated_tension": "rating",
    "rated_pain": "rating",
}
_UNBANDED = ("guess_error", "rated_tension", "rated_pain")
"""What is no number of a signal."""
_MOST_LINES, _MOST_NOTES = 16, 40


def course_report(history: History) -> Report:
    """Return the report of all sittings that count."""
    found = all_trends(history)
    head = headline(history, found)
    shown = found[:_MOST_LINES]
    return Report(
        title=_("Muscle tension: all sittings"),
        about=(
            Statement(
                _("{person}, as of {today}.").format(person=history.person, today=history.today),
                values={"person": history.person, "today": str(history.today)},
            ),
        ),
        parts=(
            Part(_("What was done"), (*done(history), *left_out_words(history), *_hidden(history))),
            Part(_("The numbers"), _left_over(found), rows=tuple(_rows(shown))),
            *(_part(history, trend) for trend in shown),
            Part(_("The treatment cycle"), tuple(cycle_words(history, head.cycles))),
            Part(_("What helps"), (*helps(history), *weeks_helped(history))),
            Part(
                _("Treatments"),
                (
                    *treatments(injections(history)),
                    *treatments(medicines(history, now=True)),
                    *treatments(medicines(history, now=False)),
                ),
            ),
            Part(
                _("Side effects and triggers, in the person's own words"),
                tuple(notes(history, most=_MOST_NOTES)),
            ),
            Part(_("The sittings"), tuple(_sitting(each) for each in history.sittings), small=True),
            evidence(history.protocols()),
        ),
        simulated=history.simulated,
        of=history.person,
        made=history.today,
    )


def _hidden(history: History) -> Iterator[Statement]:
    """Yield why each hidden sitting counts for nothing."""
    for sitting in history.hidden:
        values = {"on": str(day_of(sitting)), "why": sitting.hidden}
        yield Statement(
            _("Left out: {on} ({why})").format(on=values["on"], why=values["why"]),
            of=(str(sitting.id),),
            values=values,
        )


def _left_over(found: list[Trend]) -> tuple[Statement, ...]:
    if len(found) <= _MOST_LINES:
        return ()
    said = _("The first {n} of {all} measures, the most telling first.").format(
        n=_MOST_LINES, all=len(found)
    )
    return (Statement(said, values={"n": _MOST_LINES, "all": len(found)}),)


def _rows(found: list[Trend]) -> Iterator[Row]:
    for trend in found:
        what, ends = trend.line.what, ends_of(trend.line)
        valid = valid_percent(trend.line)
        values = "" if ends is None else f"{Signed(ends.first):.3g} → {Signed(ends.last):.3g}"
        key = _DEFINED.get(what.measure) if what.muscle else None
        banded = key is not None and what.measure not in _UNBANDED
        name = f"{what.title}: {shown_label(what.muscle)}" if banded else what.title
        yield Row(
            name=name,
            value=values or NO_NUMBER,
            unit=what.unit_word if values else "",
            band=band_word(what.band_hz) if banded else "",
            valid_percent=None if math.isnan(valid) or not banded else valid,
            definition=definition(key) if key else what.words,
        )


def _part(history: History, trend: Trend) -> Part:
    line = trend.line
    said = [trend_statement(history, trend)]
    if trend.invalid_words:
        said.append(
            Statement(
                trend.invalid_words,
                of=ids_of(line, history),
                values={"invalid": trend.invalid_words},
            )
        )
    of_it: list[Cycle] = cycles(line, history.treatments)
    if len(line.points) >= FEWEST_DRAWN:
        return Part(line.what.title, tuple(said), picture=timeline(line, of_it))
    what = Statement(line.what.words, of=ids_of(line, history), values={"what": line.what.words})
    return Part(line.what.title, (what, *said))


def _sitting(sitting: Sitting) -> Statement:
    told = sitting.summary
    valid = told.get("valid_percent")
    values: dict[str, float | str] = {
        "on": f"{sitting.started.astimezone():%Y-%m-%d %H:%M}",
        "what": protocol_title(str(told.get("protocol") or "")) or sitting.conditions.source,
        "minutes": (sitting.duration_s or 0.0) / 60,
        "valid": NO_NUMBER if valid is None else f"{valid:.0f} %",
        "note": sitting.note,
    }
    said = _("{on}: {what}, {minutes:.0f} min, {band}, {valid} valid. {note}").format(
        on=values["on"],
        what=values["what"],
        minutes=values["minutes"],
        valid=values["valid"],
        note=values["note"],
        band=band_word(sitting.conditions.band_hz),
    )
    return Statement(said.rstrip(), of=(str(sitting.id),), values=values)
