"""Recorders killed (SIGKILL) while they record: what they leave, held against what was sent."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from torturing.broken import Log, Verdict, judge, read_log
from torturing.row import Row
from torturing.truth import scenario_text, suffix_of

MOST_S = 0.15
AT_ONCE = 5
SHARE = 10
"""One recorder in so many is the program itself, `biofeedback live --record`."""
LIVE_AT_ONCE = 4
EARLY = 0.1
"""So many others are killed while they begin: their sidecar is brought to disk before a record."""
_EARLY_S, _LATEST_S = 0.4, 2.5
_BEGINS_S = 60.0
_SCRIPTS = Path(__file__).parents[1]


def run(count: int, seed: int, say: Callable[[str], None]) -> Row:
    """Kill `count` recorders at moments left to chance."""
    rng, done, live = np.random.default_rng(seed), 0, max(1, count // SHARE)
    itself, many, early = Verdict(), Verdict(), Verdict()
    while done < count:
        of_live = done < live
        n = min(LIVE_AT_ONCE, live - done) if of_live else min(AT_ONCE, count - done)
        seeds = [seed + done + at for at in range(n)]
        with tempfile.TemporaryDirectory() as folder:
            if of_live:
                kill_live(itself, Path(folder), seeds, rng)
            elif rng.random() < EARLY:
                kill_many(early, Path(folder), seeds, rng, early=True)
            else:
                kill_many(many, Path(folder), seeds, rng)
        done += n
        failures = itself.failures + many.failures + early.failures
        say(f"kills: {done} of {count}, {len(failures)} failures")
    ms, early_ms = (1000 * np.array(s) for s in (itself.lost_s + many.lost_s, early.lost_s))
    verdicts = (itself, many, early)
    return Row(
        "kill -9 while recording",
        "all open in MNE, pyEDFlib, edfio; 0 wrong samples; <= 150 ms lost",
        count,
        tuple(failures),
        round(float(ms.max()), 1),
        "ms lost",
        1000 * MOST_S,
        {
            "by the program itself": live,
            "opened as they lay": sum(verdict.as_it_lay for verdict in verdicts),
            "changed by the repair": sum(verdict.repaired for verdict in verdicts),
            "notes looked for": sum(verdict.notes for verdict in verdicts),
            "median ms": round(float(np.median(ms)), 1),
            "99th percentile ms": round(float(np.percentile(ms, 99)), 1),
            "worst ms of the program itself": round(1000 * max(itself.lost_s), 1),
            "above the limit": int((ms > 1000 * MOST_S).sum()),
            "killed as their recording began": len(early_ms),
            "of these before their first record": early.empty,
            "worst ms of these": round(float(max(early_ms, default=0.0)), 1),
        },
    )


def start_victim(
    folder: Path, logs: Path, seeds: list[int], until: str = "recording"
) -> "subprocess.Popen[str]":
    """Return a process that records the scenarios of `seeds`, once each has a record.

    Or once each stream has `begun`.
    """
    victim = subprocess.Popen(
        [sys.executable, "-m", "torturing.victim", str(folder), str(logs), *map(str, seeds)],
        cwd=_SCRIPTS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us
        text=True,
    )
    try:
        assert victim.stdout  # noqa: S101
        said = ""
        while said != f"{until}\n":
            said = victim.stdout.readline()
            if not said:
                raise RuntimeError("the recorder did not begin")
    except BaseException:
        end(victim)
        raise
    return victim


def end(victim: "subprocess.Popen[str]") -> float:
    """Kill a process; return when."""
    victim.kill()
    killed_s = time.monotonic()
    victim.communicate()
    return killed_s


def kill_many(
    verdict: Verdict,
    folder: Path,
    seeds: list[int],
    rng: np.random.Generator,
    *,
    early: bool = False,
) -> None:
    """Kill one process that records all `seeds`, or begins to; its log says when each began."""
    kept = folder / "kept"
    kept.mkdir()
    victim = start_victim(kept, folder, seeds, "begun" if early else "recording")
    try:
        time.sleep(float(rng.uniform(0.0, _EARLY_S if early else _LATEST_S)))
    finally:
        killed_s = end(victim)
    logs = {seed: read_log(folder / f"{seed}.log") for seed in seeds}
    judge(verdict, kept, seeds, logs, broke_s=killed_s, most_s=_LATEST_S if early else MOST_S)


class _Live:
    """`biofeedback live --record`; its readings tell when its stream began, to some ms."""

    def __init__(self, folder: Path, seed: int) -> None:
        scenario = folder / f"{seed}.toml"
        scenario.write_text(scenario_text(seed), encoding="utf-8")
        self.path = folder / "kept" / f"{seed}{suffix_of(seed)}"
        (folder / "usual.toml").touch()  # not the settings of whoever runs this
        words = ["live", f"sim:{scenario}", "--json", "--record", str(self.path)]
        words += ["--settings", str(folder / "usual.toml")]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "biofeedback", *words],
            env=os.environ | {"BIOFEEDBACK_RECORDINGS": str(folder / "none")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )
        self.start_s = float("inf")
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            now = time.monotonic()
            if line.startswith('{"t_s"') and line.endswith("}\n"):
                self.start_s = min(self.start_s, now - json.loads(line)["t_s"])

    def wait(self) -> None:
        """Wait until it has recorded something."""
        latest_s = time.monotonic() + _BEGINS_S
        while not (self.path.exists() and self.path.stat().st_size and self.start_s < latest_s):
            if self.process.poll() is not None or time.monotonic() > latest_s:
                raise RuntimeError("`biofeedback live` did not begin")
            time.sleep(0.005)

    def kill(self) -> float:
        """Kill it; return when."""
        self.process.kill()
        killed_s = time.monotonic()
        self._thread.join()
        self.process.wait()
        return killed_s


def kill_live(verdict: Verdict, folder: Path, seeds: list[int], rng: np.random.Generator) -> None:
    """Kill the program itself, once for each of `seeds`."""
    (folder / "kept").mkdir()
    running = {seed: _Live(folder, seed) for seed in seeds}
    killed_s = {}
    try:
        for live in running.values():
            live.wait()
    finally:
        for seed, live in running.items():
            time.sleep(float(rng.uniform(0.0, _LATEST_S / LIVE_AT_ONCE)))
            killed_s[seed] = live.kill()
    for seed, live in running.items():
        alone = folder / f"alone-{seed}"
        alone.mkdir()
        for path in (folder / "kept").glob(f"{seed}.*"):
            path.rename(alone / path.name)
        log = {seed: Log(live.start_s, {})}
        judge(verdict, alone, [seed], log, broke_s=killed_s[seed], most_s=MOST_S)
