"""Which signals of a file are EMG, and how the numbers in it become microvolts."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from biofeedback.boards import COUNTS, COUNTS_HINT, MICROVOLTS, find_sensor, make_channel
from biofeedback.errors import RecordingError
from biofeedback.recording.recorded import Hints
from biofeedback.stream import Channel
from biofeedback.text import _, plural

_MICROVOLTS = {"nv": 1e-3} | {unit.lower(): factor for unit, factor in MICROVOLTS.items()}
_MICROVOLTS |= {"microvolt": 1.0, "microvolts": 1.0, "millivolt": 1e3, "millivolts": 1e3}
_MICROVOLTS |= {"volt": 1e6, "volts": 1e6}
_NO_UNIT = {"", "n/a", "-", "1", "adu", "au", "a.u.", "bit", "bits", "count", "counts", "lsb"}
_EMG = re.compile(r"(?<![a-z])(hd-?)?[is]?emg", re.I)
# The types of signal that the EDF+ specification names, and what else is found beside EMG. Muscles
# must not be among them: temporalis, accessorius, adductor magnus.
_OTHER = re.compile(
    r"(EEG|ECG|EKG|EOG|ERG|EDA|GSR|MEG|MCG|EP|PPG|BVP|TEMP(ERATURE)?|RESP(IRATION)?|SAO2|SPO2|"
    r"LIGHT|LUX|SOUND|AUDIO|EVENTS?|STATUS|TRIG(GERS?)?|MARKERS?|ACC(EL\w*)?|GYR\w*|MAG|IMU|FORCE|"
    r"TORQUE|GONIO\w*|XYZ|BUTTONS?|BATT(ERY)?|COUNTER|TIME(STAMPS?)?)(?![a-z])",
    re.I,
)
# A rate that the user gives and one that the file tells are the same if they are so near.
_SAME_RATE = 0.005
_NAMES_IN_A_NOTE = 8


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal as its file describes it: physical = number * `gain` + `offset`, in `unit`.

    `unit` and `kind` (what it is a signal of) are as they are written, empty where they are not.
    `step`: the least distance of two numbers. `ends`: the least and the greatest number that its
    converter can send; None where that is not known.
    """

    label: str
    sfreq: float
    unit: str = ""
    kind: str = ""
    gain: float = 1.0
    offset: float = 0.0
    step: float | None = 1.0
    ends: tuple[float, float] | None = None


def microvolts_in(unit: str) -> float | None:
    """Return how many microvolts one `unit`, as a file writes it, is; None where it is no volt."""
    # Two characters look the same: micro sign and Greek mu.
    return _MICROVOLTS.get(unit.strip().lower().replace("µ", "u").replace("μ", "u"))


def choose_emg(signals: Sequence[Signal], *, where: str) -> tuple[list[int], tuple[str, ...]]:
    """Return which of `signals` are EMG, all of one rate, and notes on those that are left out.

    Those that are called EMG; where none is, those in volts; else those whose unit is not told. Of
    several rates the highest. Raises `RecordingError`, which calls the file `where`.
    """
    ranks = [_rank(signal) for signal in signals]
    best = max(ranks, default=-1)
    if best < 0:
        raise RecordingError(
            _("{name} holds no EMG, only {found}; choose another file.").format(
                name=where, found=listed(map(_described, signals)) or _("no signal")
            )
        )
    likely = [i for i, rank in enumerate(ranks) if rank == best]
    sfreq = max(signals[i].sfreq for i in likely)
    chosen = [i for i in likely if signals[i].sfreq == sfreq]
    notes = []
    unlike = [
        _described(signal) for signal, rank in zip(signals, ranks, strict=True) if rank < best
    ]
    if unlike:
        notes.append(
            plural(
                "{names} is not said to be EMG and is left out.",
                "{names} are not said to be EMG and are left out.",
                len(unlike),
            ).format(names=listed(unlike))
        )
    slower = [f"{signals[i].label} ({signals[i].sfreq:g} Hz)" for i in likely if i not in chosen]
    if slower:
        notes.append(
            plural(
                "{names} is not sampled at {sfreq:g} Hz as the others are and is left out.",
                "{names} are not sampled at {sfreq:g} Hz as the others are and are left out.",
                len(slower),
            ).format(names=listed(slower), sfreq=sfreq)
        )
    return chosen, tuple(notes)


def _rank(signal: Signal) -> int:
    if _EMG.search(signal.label) or _EMG.search(signal.kind):
        return 3
    if _OTHER.match(signal.label.strip()) or _OTHER.match(signal.kind.strip()):
        return -1
    if microvolts_in(signal.unit) is not None:
        return 2
    return int(signal.unit.strip().lower() in _NO_UNIT)


def _described(signal: Signal) -> str:
    what = ", ".join(word for word in (signal.kind.strip(), signal.unit.strip()) if word)
    return f"{signal.label} ({what})" if what else signal.label


def listed(names: Iterable[str]) -> str:
    """Return `names` as a sentence has them, the first few of many."""
    names = list(names)
    more = len(names) - _NAMES_IN_A_NOTE
    if more <= 0:
        return ", ".join(names)
    return _("{names} and {n} more").format(names=", ".join(names[:_NAMES_IN_A_NOTE]), n=more)


def check_rate(sfreq: float, hints: Hints, *, where: str) -> None:
    """Raise `RecordingError` where `hints` tell another rate than `sfreq`, the file's own."""
    if hints.sfreq is not None and abs(sfreq / hints.sfreq - 1) > _SAME_RATE:
        raise RecordingError(
            _(
                "{name} was sampled at {said:g} Hz by its header and at {given:g} Hz by --sfreq; "
                "leave --sfreq out."
            ).format(name=where, said=sfreq, given=hints.sfreq)
        )


def make_channels(
    signals: Sequence[Signal], hints: Hints, *, where: str
) -> tuple[tuple[Channel, ...], tuple[str, ...]]:
    """Return the channels that `signals` are, each with a label of its own, and notes.

    A file that tells no unit is in what `hints` say: a unit, or a sensor's counts. Raises
    `RecordingError` where they contradict the file.
    """
    channels = tuple(
        _make_channel(signal, label, hints, where)
        for signal, label in zip(signals, _labels(signals), strict=True)
    )
    unnamed = any(channel.unit == COUNTS and not channel.envelope for channel in channels)
    return channels, (COUNTS_HINT,) if unnamed and hints.unit is None else ()


def _labels(signals: Sequence[Signal]) -> list[str]:
    """Return readable labels: the muscle alone where one is named, no label twice."""
    labels = []
    for number, signal in enumerate(signals, start=1):
        label = " ".join(signal.label.split()) or _("channel {n}").format(n=number)
        # "EMG left trapezius" loses its first word, "EMG 1" does not.
        muscle = re.fullmatch(r"s?EMG[ :_-]+(?=.*[^\W\d_]{2})(.+)", label, re.I)
        labels.append(muscle[1] if muscle else label)
    used: set[str] = set()
    times: Counter[str] = Counter()
    for at, label in enumerate(labels):
        own = label
        while own in used:
            times[label] += 1
            own = f"{label} ({times[label] + 1})"
        used.add(own)
        labels[at] = own
    return labels


def _make_channel(signal: Signal, label: str, hints: Hints, where: str) -> Channel:
    factor = microvolts_in(signal.unit)
    if factor is not None and hints.unit is not None and factor != MICROVOLTS.get(hints.unit):
        raise RecordingError(
            _(
                "{where}: '{label}' is in {said} by the file and in {given} by --unit; leave "
                "--unit out."
            ).format(where=where, label=label, said=signal.unit, given=hints.unit)
        )
    if factor is None:
        factor = MICROVOLTS.get(hints.unit or COUNTS)
    if factor is not None:
        gain = signal.gain * factor
        step = None if signal.step is None else signal.step * abs(gain)
        ends = signal.ends
        digital = None if ends is None else (round(ends[0]), round(ends[1]))
        return Channel(label, "uV", gain, signal.offset * factor, step, digital=digital)
    sensor = find_sensor(hints.sensor) if hints.sensor is not None else None
    return make_channel(label, sensor, hints.board)
