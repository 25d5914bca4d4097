"""What may be drawn as one line: the same measure, muscle, band, protocol and phase, day by day."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from biofeedback.muscles import shown_label
from biofeedback.text import _
from biofeedback.words import band_word

LEAST_VALID_PERCENT = 50.0
"""Of the time a point is from; with less of it the point is shown, and counts for nothing."""

_Band = tuple[float, float] | None
_BASELINES = ("baseline", "task-baseline")
_IN_THE_TITLE = ("1", "0-10", "0-100")  # no unit, or one that the title tells
_UP = ("relative_rest_time", "emg_gaps", "success", "sleep", "sleep_quality")


class Conditions(Protocol):
    """What a sitting was measured with, as the journal's `Conditions`."""

    @property
    def simulated(self) -> bool: ...
    @property
    def band_hz(self) -> tuple[float, float] | None: ...


class Sitting(Protocol):
    """A sitting, as the journal's."""

    @property
    def id(self) -> object: ...
    @property
    def started(self) -> datetime: ...
    @property
    def conditions(self) -> Conditions: ...
    @property
    def summary(self) -> dict[str, Any]: ...
    @property
    def hidden(self) -> str: ...


class Entry(Protocol):
    """Something noted between sittings, as the journal's: a `value` of a `kind`, in a `unit`."""

    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> float | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Point:
    """A value of one moment; `invalid_percent` of its time had no valid signal and is not in it.

    That is NaN for what was entered by hand. `sitting`: its id, empty for an entry.
    """

    at: datetime
    value: float
    invalid_percent: float = math.nan
    sitting: str = ""

    @property
    def counts(self) -> bool:
        """Whether enough of it was valid."""
        return not self.invalid_percent > 100 - LEAST_VALID_PERCENT


@dataclass(frozen=True, slots=True)
class What:
    """What a line is of; values of two lines are never mixed.

    `measure`: a key of `MEASURES`, or the kind of an entry, whose own `name` it may have. `phase`:
    of the `protocol`; both and `muscle` are empty for an entry. `unit`: uV, counts, %, s, …
    """

    measure: str
    unit: str
    muscle: str = ""
    band_hz: tuple[float, float] | None = None
    protocol: str = ""
    phase: str = ""
    name: str = ""

    @property
    def falls(self) -> bool:
        """Whether it falls as tension or symptoms do."""
        return self.measure not in _UP

    @property
    def title(self) -> str:
        """What is measured, in a few words."""
        if self.name:
            return _("{name}, of 100").format(name=self.name)
        known = MEASURES if self.muscle else _ENTERED
        return known.get(self.measure, self.measure)

    @property
    def unit_word(self) -> str:
        """The unit as it is printed; empty where there is none."""
        words = {"uV": _("µV"), "counts": _("counts"), **dict.fromkeys(_IN_THE_TITLE, "")}
        return words.get(self.unit, self.unit)

    @property
    def words(self) -> str:
        """What exactly is compared, in a sentence."""
        if not self.muscle:
            return _("{title}, as it was entered.").format(title=self.title)
        if not self.protocol:
            return _("{title} of {muscle} over whole recordings, {band}.").format(
                title=self.title, muscle=shown_label(self.muscle), band=band_word(self.band_hz)
            )
        return _("{title} of {muscle} in “{protocol}”, {band}.").format(
            title=self.title,
            muscle=shown_label(self.muscle),
            protocol=self.protocol,
            band=band_word(self.band_hz),
        )


MEASURES = {
    "baseline": _("Tension in the baseline before"),
    "relative_rest_time": _("Relative rest time"),
    "post_baseline": _("Tension in the baseline after"),
    "tension": _("Median tension"),
    "success": _("Time at the goal"),
    "emg_gaps": _("Pauses of the muscle a minute"),
    "recovery": _("Time to let go halfway"),
    "transfer": _("Share of the fall that remains without help"),
    "guess_error": _("How far guesses were off, of 10"),
    "rated_tension": _("Tension as rated after the training, of 10"),
    "rated_pain": _("Pain as rated after the training, of 10"),
}
"""What a sitting tells, the most telling first (docs/trends.md)."""
_ENTERED = {
    "tension": _("Tension, of 10"),
    "pain": _("Pain, of 10"),
    "stress": _("Stress, of 10"),
    "symptom": _("Own symptom, of 100"),
    "sleep": _("Sleep"),
    "sleep_quality": _("Quality of sleep, of 10"),
    "heart_rate": _("Heart rate"),
    "blood_pressure": _("Blood pressure, the upper value"),
}
# Of the first muscle's trials: key of the summary, and unit.
_OF_TRIALS = {
    "relative_rest_time": ("relative_rest_time_percent", "%"),
    "success": ("success_percent", "%"),
    "emg_gaps": ("emg_gaps_per_min", "/min"),
    "recovery": ("recovery_half_time_s", "s"),
    "transfer": ("transfer_index", "1"),
    "guess_error": ("guess_error", "0-10"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """Points of one kind, oldest first."""

    what: What
    points: tuple[Point, ...]

    @property
    def counted(self) -> tuple[Point, ...]:
        """Those of which enough was valid."""
        return tuple(point for point in self.points if point.counts)


def lines(sittings: Iterable[Sitting], entries: Iterable[Entry]) -> list[Line]:
    """Return all that may be compared from day to day, the most telling first.

    What is simulated or hidden is left out.
    """
    found: dict[What, list[Point]] = {}
    for sitting in sittings:
        if not (sitting.hidden or sitting.conditions.simulated):
            for what, point in told_by(sitting):
                found.setdefault(what, []).append(point)
    for entry in entries:
        if entry.value is not None:
            name = entry.text if entry.kind == "symptom" else ""
            what = What(entry.kind, entry.unit, name=name)
            found.setdefault(what, []).append(Point(entry.at, float(entry.value)))
    made = [Line(what, tuple(sorted(its, key=lambda p: p.at))) for what, its in found.items()]
    order = list(MEASURES)
    return sorted(
        made,
        key=lambda line: (
            not line.what.muscle,
            order.index(line.what.measure) if line.what.muscle else 0,
            -len(line.points),
        ),
    )


def told_by(sitting: Sitting) -> Iterator[tuple[What, Point]]:
    """Yield what a sitting tells, of a training or of a recording; nothing that is not known."""
    told = sitting.summary
    band_hz = sitting.conditions.band_hz
    made = _of_training(told, band_hz) if told.get("phases") else _of_recording(told, band_hz)
    for what, value, valid in made:
        if not math.isnan(value):
            yield what, Point(sitting.started, value, 100.0 - valid, str(sitting.id))


def _of_training(told: dict[str, Any], band_hz: _Band) -> Iterator[tuple[What, float, float]]:
    """Yield what, value and valid percent."""
    unit = "uV" if "baseline_uv" in told else "counts"
    key, phases = unit.lower(), told["phases"]
    muscles = [str(label) for label in told.get("channels", ())] or [""]
    protocol = str(told.get("protocol", ""))
    at = [i for i, phase in enumerate(phases) if phase["kind"] == "trial"]
    first, last = (at[0], at[-1]) if at else (len(phases), len(phases))
    before = [p for p in phases[:first] if p["kind"] in _BASELINES]
    kind = before[-1]["kind"] if before else ""
    after = [p for p in phases[last + 1 :] if p["kind"] == kind]
    for measure, found in (("baseline", before), ("post_baseline", after)):
        if not found or math.isnan(_number(told.get(f"{measure}_{key}"))):
            continue
        phase = found[-1]
        for muscle, level in _levels(phase, muscles, key):
            what = What(measure, unit, muscle, band_hz, protocol, kind)
            yield what, level, _number(phase["valid_percent"])
    valid = _valid_in([phases[i] for i in at])
    for measure, (name, its_unit) in _OF_TRIALS.items():
        what = What(measure, its_unit, muscles[0], band_hz, protocol, "trial")
        yield what, _number(told.get(name)), valid
    for name in ("tension", "pain"):
        what = What(f"rated_{name}", "0-10", muscles[0], band_hz, protocol, "ratings")
        yield what, _number((told.get("ratings") or {}).get(name)), math.nan


def _levels(phase: dict[str, Any], muscles: Sequence[str], key: str) -> Iterator[tuple[str, float]]:
    """Yield each muscle and its median in a phase."""
    name = f"tension_{key}"
    if "channels" not in phase:
        yield muscles[0], _number(phase[name]["p50"])
    for channel in phase.get("channels", ()):
        yield str(channel["label"]), _number(channel[name]["p50"])


def _of_recording(told: dict[str, Any], band_hz: _Band) -> Iterator[tuple[What, float, float]]:
    """Yield what, value and valid percent of an analysed recording: docs/figures.md."""
    unit = "uV" if told.get("unit") == "uV" else "counts"
    for channel in told.get("channels", ()):
        if not isinstance(channel, dict) or f"tension_{unit.lower()}" not in channel:
            continue
        valid = _number(channel.get("valid_percent"))
        muscle = str(channel.get("label", ""))
        rested = _number(channel.get("relative_rest_time_percent"))
        yield What("relative_rest_time", "%", muscle, band_hz), rested, valid
        level = _number(channel[f"tension_{unit.lower()}"]["p50"])
        yield What("tension", unit, muscle, band_hz), level, valid


def _valid_in(phases: Sequence[dict[str, Any]]) -> float:
    """Return the valid percent of phases together; NaN without any."""
    known = [(_number(p["seconds"]), _number(p["valid_percent"])) for p in phases]
    known = [(seconds, valid) for seconds, valid in known if not math.isnan(seconds * valid)]
    total = sum(seconds for seconds, _valid in known)
    return sum(s * v for s, v in known) / total if total else math.nan


def _number(value: object) -> float:
    """Return a number of a summary; NaN for what is none, as null."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else math.nan  # type: ignore[arg-type]
