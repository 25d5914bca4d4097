"""The report of one recording: its figures with all they must not go without, and the picture."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from biofeedback.analysis.figures import Analysis, ChannelFigures, PairFigures
from biofeedback.muscles import SIDES, shown_label
from biofeedback.reports.definitions import definition
from biofeedback.reports.parts import Part, Report, Row, Statement
from biofeedback.reports.tension_picture import tension_picture
from biofeedback.stream import Annotation, Quality
from biofeedback.text import _, plural
from biofeedback.words import (
    NO_NUMBER,
    Signed,
    band_word,
    floor_word,
    number_word,
    quality_words,
    unit_word,
)

MOST_ANNOTATIONS = 60
_MOST_PAIRS = 10  # eight muscles make 28
_FEW = 12  # notes: more of them are set in two columns
_TELL_FROM_PERCENT = 0.5  # what a flag must cover to be told


def report_of(
    found: Analysis, path: Path, notes: tuple[str, ...] = (), *, made: date | None = None
) -> Report:
    """Return the report of a recording at `path`; `notes`: what is to be known of the file."""
    recording = found.recording
    mine = (path.name,)
    marks = [note for note in recording.annotations if note.text.strip()]
    return Report(
        title=_("Muscle tension: one recording"),
        about=(
            Statement(
                _(
                    "{name}: {start:.0f} to {stop:.0f} s, {sfreq:g} samples a second, {band}."
                ).format(
                    name=path.name,
                    start=found.start_s,
                    stop=found.stop_s,
                    sfreq=recording.info.sfreq,
                    band=band_word(found.band_hz),
                ),
                of=mine,
                values={"start_s": found.start_s, "stop_s": found.stop_s},
            ),
            Statement(_("SHA-256 {digest}").format(digest=_sha256(path)), of=mine),
        ),
        parts=(
            Part(_("To be known of this recording"), tuple(_to_know(found, mine, notes))),
            *(
                Part(
                    shown_label(figures.channel.label),
                    tuple(_wrong(figures, mine)),
                    tuple(_rows(found, figures)),
                    tension_picture(found, i, marks[:MOST_ANNOTATIONS]),
                )
                for i, figures in enumerate(found.channels)
            ),
            Part(_("Muscles together"), _pairs_left(found, mine), tuple(_pair_rows(found))),
            Part(_("Notes and marks"), tuple(_annotations(marks, mine)), small=len(marks) > _FEW),
        ),
        simulated=recording.info.simulated,
        of=path.name,
        made=made,
    )


def _sha256(path: Path) -> str:
    if not path.is_file():
        return NO_NUMBER
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _to_know(found: Analysis, mine: tuple[str, ...], notes: tuple[str, ...]) -> Iterator[Statement]:
    for note in notes:
        yield Statement(note, of=mine)
    if found.mains_filter_hz:
        yield Statement(
            _("Notches were on at {hz:g} Hz and its harmonics: they take EMG away, too.").format(
                hz=found.mains_filter_hz
            ),
            of=mine,
            values={"hz": found.mains_filter_hz},
        )
    if found.excluded:
        yield Statement(
            plural(
                "{n} interval ({seconds:.1f} s) was excluded by hand.",
                "{n} intervals ({seconds:.1f} s) were excluded by hand.",
                len(found.excluded),
            ).format(n=len(found.excluded), seconds=found.excluded_s),
            of=mine,
            values={"n": len(found.excluded), "seconds": found.excluded_s},
        )
    for one in found.excluded:
        yield Statement(
            _("Excluded from {start:.1f} to {stop:.1f} s: {why}").format(
                start=one.start_s, stop=one.stop_s, why=one.reason or NO_NUMBER
            ),
            of=mine,
            values={"start": one.start_s, "stop": one.stop_s},
        )


def _wrong(figures: ChannelFigures, mine: tuple[str, ...]) -> Iterator[Statement]:
    """Yield what was wrong with the signal of a channel, and for how long."""
    if math.isnan(figures.activity.load.median):
        yield Statement(_("No time had a valid signal: there are no numbers."), of=mine)
    for flag, percent in figures.quality.items():
        if percent >= _TELL_FROM_PERCENT and flag != Quality.UNSETTLED:
            what, remedy = quality_words(flag)
            # what was lost does not go on by itself on paper
            remedy = "" if flag == Quality.GAP else remedy
            yield Statement(
                _("{percent:.0f} % of the time: {what} {remedy}")
                .format(percent=percent, what=what, remedy=remedy)
                .rstrip(),
                of=mine,
                values={"percent": percent},
            )
    if figures.beats_removed:
        yield Statement(
            plural(
                "{n} heartbeat was found and taken out; with it the RMS is {kept} {unit}.",
                "{n} heartbeats were found and taken out; with them the RMS is {kept} {unit}.",
                figures.beats_removed,
            ).format(
                n=figures.beats_removed,
                kept=number_word(figures.kept, figures.channel),
                unit=unit_word(figures.channel),
            ),
            of=mine,
            values={"n": figures.beats_removed, "kept": figures.kept},
        )
    if floor := floor_word(figures.channel):
        yield Statement(
            floor + ".", of=mine, values={"floor": figures.channel.resolution_floor or math.nan}
        )


def _rows(found: Analysis, figures: ChannelFigures) -> Iterator[Row]:
    channel, activity, load = figures.channel, figures.activity, figures.activity.load
    if math.isnan(load.median):  # a table of dashes would say nothing
        return
    band, unit, valid = band_word(found.band_hz), unit_word(channel), figures.valid_percent
    if channel.envelope:
        band = band_word(None)

    def level(name: str, value: float, what: str) -> Row:
        told = number_word(value, channel)
        return Row(name, told, "" if told == NO_NUMBER else unit, band, valid, definition(what))

    def number(name: str, value: float, form: str, unit: str, what: str) -> Row:
        if math.isnan(value):
            return Row(name, NO_NUMBER, "", band, valid, definition(what))
        return Row(name, form.format(value), unit, band, valid, definition(what))

    yield level(_("Tension, median"), load.median, "median")
    yield level(_("Tension, 10 %"), load.static, "static")
    yield level(_("Tension, 90 %"), load.peak, "peak")
    yield level(_("Level at rest"), activity.rest, "rest")
    yield level(_("RMS"), figures.rms, "rms")
    yield level(_("Mean rectified"), figures.arv, "arv")
    n = math.nan if activity.bursts is None else float(len(activity.bursts))
    yield number(_("Contractions"), n, "{:.0f}", "", "bursts")
    rested = activity.relative_rest_time_percent
    if not math.isnan(rested):  # known where something told the rest threshold
        yield number(_("Relative rest time"), rested, "{:.0f}", "%", "relative_rest_time")
        yield number(_("Rests"), activity.emg_gaps_per_min, "{:.1f}", _("a minute"), "gaps")
        yield number(
            _("Longest activity"), activity.longest_sustained_s, "{:.1f}", _("s"), "longest"
        )
    median_hz, mean_hz = figures.median_frequency_hz, figures.mean_frequency_hz
    yield number(_("Median frequency"), median_hz, "{:.0f}", _("Hz"), "median_frequency")
    yield number(_("Mean frequency"), mean_hz, "{:.0f}", _("Hz"), "mean_frequency")
    if not math.isnan(figures.mains_hz):
        yield level(_("Mains at {hz:.0f} Hz").format(hz=figures.mains_hz), figures.mains, "mains")


def _pairs(found: Analysis) -> list[PairFigures]:
    """Return the pairs with figures, left and right of a muscle first, then those most in step."""
    known = [pair for pair in found.pairs if not math.isnan(pair.asymmetry)]
    if len(known) <= _MOST_PAIRS:
        return known
    return sorted(known, key=lambda pair: (not _is_one_muscle(pair), -pair.co_contraction))


def _is_one_muscle(pair: PairFigures) -> bool:
    first, second = ([w for w in label.split() if w not in SIDES] for label in pair.labels)
    return first == second


def _pairs_left(found: Analysis, mine: tuple[str, ...]) -> tuple[Statement, ...]:
    """Return how many pairs there are, where not all are told."""
    n = len(_pairs(found))
    if n <= _MOST_PAIRS:
        return ()
    said = _(
        "{told} of {n} pairs: left and right of a muscle first, then those most in step; "
        "`biofeedback analyze` tells all."
    )
    values = {"told": _MOST_PAIRS, "n": n}
    return (Statement(said.format(told=_MOST_PAIRS, n=n), of=mine, values=values),)


def _pair_rows(found: Analysis) -> Iterator[Row]:
    band = band_word(found.band_hz)
    valid = {figures.channel.label: figures.valid_percent for figures in found.channels}

    def row(pair: PairFigures, name: str, value: float, what: str) -> Row:
        both = min(valid[label] for label in pair.labels)
        return Row(name, f"{Signed(value):.2f}", "", band, both, definition(what))

    for pair in _pairs(found)[:_MOST_PAIRS]:
        if not math.isnan(pair.asymmetry):
            a, b = map(shown_label, pair.labels)
            name = _("{a} and {b}: asymmetry").format(a=a, b=b)
            yield row(pair, name, pair.asymmetry, "asymmetry")
            name = _("{a} and {b}: co-contraction").format(a=a, b=b)
            yield row(pair, name, pair.co_contraction, "co_contraction")
    if not math.isnan(found.rate_bpm):
        rate = f"{found.rate_bpm:.0f}"
        yield Row(_("Heart rate"), rate, _("/min"), "", None, definition("heart_rate"))


def _annotations(notes: Sequence[Annotation], mine: tuple[str, ...]) -> Iterator[Statement]:
    for number, note in enumerate(notes[:MOST_ANNOTATIONS], start=1):
        yield Statement(
            _("{number}, at {onset:.1f} s: {text}").format(
                number=number, onset=note.onset_s, text=note.text
            ),
            of=mine,
            values={"number": number, "onset": note.onset_s},
        )
    more = len(notes) - MOST_ANNOTATIONS
    if more > 0:
        said = plural("{n} more in the recording.", "{n} more in the recording.", more)
        yield Statement(said.format(n=more), of=mine, values={"n": more})
