"""A recording that broke off, judged: opened as it lies and repaired, and what it has lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from biofeedback.recording.repair import repair_folder
from torturing.programs import check, check_ours, our_samples
from torturing.truth import Truth, scenario_of


@dataclass(frozen=True, slots=True)
class Log:
    """What the recorder's process put down: when its first sample was, and when which note."""

    start_s: float
    notes: dict[str, float]


def read_log(path: Path) -> Log:
    """Return what is in the log of a recording."""
    start_s, notes = 0.0, {}
    for line in path.read_text("utf-8").splitlines():
        kind, *words = line.split()
        if kind == "start":
            start_s = float(words[0])
        else:
            notes[f"note {words[0]} µ"] = float(words[1])
    return Log(start_s, notes)


@dataclass(slots=True)
class Verdict:
    """What came of many recordings; `lost_s` of each, from its end to the last that had come."""

    lost_s: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    empty: int = 0
    as_it_lay: int = 0
    """Opened in all programs before anything was repaired."""
    repaired: int = 0
    """Repairs that changed something."""
    notes: int = 0
    """Those that had to be there, and were looked for."""


def judge(
    verdict: Verdict,
    folder: Path,
    seeds: Sequence[int],
    logs: dict[int, Log],
    *,
    broke_s: float,
    most_s: float,
) -> None:
    """Open the recordings of `seeds` in `folder`, of which each broke off at `broke_s`.

    A note must be there that was taken more than `most_s` before the last sample came. A file that
    has no record yet is empty: nothing opens it, and all of its time is lost.
    """
    paths = {int(p.stem): p for p in folder.glob("*") if p.suffix in (".edf", ".bdf")}
    sent = {seed: _Sent(seed, logs[seed], broke_s) for seed in seeds}
    before = {seed: _look(paths.get(seed), sent[seed], most_s) for seed in seeds}
    changed = {int(done.path.stem) for done in repair_folder(folder)}
    verdict.repaired += len(changed)
    for seed, found in before.items():
        if found is None:
            verdict.empty += 1
            verdict.lost_s.append(sent[seed].came_s)
            continue
        verdict.as_it_lay += not found.wrong
        if seed in changed:
            found = _look(paths[seed], sent[seed], most_s) or found
        verdict.failures += found.wrong
        verdict.lost_s.append(max(0.0, sent[seed].came_s - found.until_s))
        verdict.notes += found.notes


class _Sent:
    """What was sent until the end; `came_s` is the time of the last sample that was not lost."""

    def __init__(self, seed: int, log: Log, broke_s: float) -> None:
        self.truth, self.log = Truth(scenario_of(seed)), log
        there = self.truth.upto(int((broke_s - log.start_s) * self.truth.sfreq))
        came = np.flatnonzero(np.isfinite(there).all(axis=1))
        self.came_s = float(came[-1] + 1) / self.truth.sfreq if len(came) else 0.0


@dataclass(frozen=True, slots=True)
class _Found:
    until_s: float
    wrong: list[str]
    notes: int


def _look(path: Path | None, sent: _Sent, most_s: float) -> _Found | None:
    if path is None or not path.stat().st_size:
        return None
    truth, log = sent.truth, sent.log
    try:
        stop = len(our_samples(path, len(truth.channels)))
    except Exception as error:
        return _Found(0.0, [f"{path.name}: ours does not open it ({error})"], 0)
    samples = truth.upto(stop)
    before_s = log.start_s + sent.came_s - most_s
    notes = frozenset(note for note, at_s in log.notes.items() if at_s < before_s)
    wrong = check_ours(path, samples) + check(path, samples, notes, truth.channels, stop=stop)
    return _Found(stop / truth.sfreq, wrong, len(notes))
