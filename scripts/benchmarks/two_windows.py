"""A training for hours with both windows open: what memory it takes, and how long a frame lasts."""

import argparse
import ctypes
import dataclasses
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtWidgets import QApplication

from biofeedback.devices.survey import Watch
from biofeedback.display.app import MainWindow
from biofeedback.display.collecting import on_this_thread
from biofeedback.display.sitting import sitting
from biofeedback.display.sitting.choice import Choice
from biofeedback.settings import Settings
from biofeedback.sources import SourceOptions, open_source
from biofeedback.stream import Chunk
from biofeedback.training.by_hand import Change

HOURS, SPEED = 3.0, 20.0
WARM_UP = 0.1  # of the whole
LONGEST_FRAME_MS, MOST_MB = 100.0, 5.0
_SOURCE = Path(__file__).parent / "four-muscles.toml"
_PROTOCOL = """title = "A long one"
summary = "To see what hours of it take."
[[phases]]
name = "baseline"
kind = "baseline"
seconds = 60
instruction = "Sit still."
[[phases]]
repeat = 100
[[phases.steps]]
name = "trial"
kind = "trial"
seconds = 120
instruction = "Let the muscle go."
[[phases.steps]]
name = "rest"
kind = "rest"
seconds = 20
instruction = "Pause."
"""


@dataclass(frozen=True)
class Found:
    """What a run took. A frame is a turn of the event loop: its wall time, and of the thread's CPU.

    `grown_mb`: the process, from the end of the warm-up; `measured_mb`: of that what the trainer
    keeps of the signal for the summary, which an hour of measuring makes whatever is shown.
    `widgets`: how many more there are at the end.
    """

    signal_s: float
    wall_s: float
    frames: int
    longest_ms: float
    longest_cpu_ms: float
    over: int
    grown_mb: float
    measured_mb: float
    widgets: int
    marks: int
    changes: int


class _Paced:
    """Lets sources go at `speed` times their own rate."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def open(self, words: str, _options: SourceOptions) -> Any:
        """Return the source that `words` name."""
        source = open_source(words, SourceOptions(fast=True))
        read, begun, stop_s = source.read, time.monotonic(), [0.0]

        def paced(timeout: float) -> list[Chunk]:
            if stop_s[0] > self._speed * (time.monotonic() - begun):
                time.sleep(0.002)
                return []
            chunks = read(timeout)
            for chunk in chunks:
                stop_s[0] = (chunk.start + len(chunk.samples)) / source.info.sfreq
            return chunks

        source.read = paced  # type: ignore[method-assign]
        return source


def _resident_mb() -> float:
    """Return what the process holds once its free memory went back to the system.

    The trainer's many small arrays leave the C library's heap in pieces, which it keeps for later.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's alone
    if trim is not None:
        trim(0)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _measured_mb(window: MainWindow) -> float:
    trainer = window.session.trainer if window.session else None
    if trainer is None:
        return 0.0
    values = (
        getattr(each, field.name)
        for each in trainer.results.stretches
        for field in dataclasses.fields(each)
    )
    in_memory = (v for v in values if isinstance(v, np.ndarray) and not isinstance(v, np.memmap))
    return sum(value.nbytes for value in in_memory) / 1e6


def _open(folder: Path) -> tuple[QApplication, MainWindow]:
    """Return the main window, with the client's beside it, in a training."""
    for name in ("SETTINGS", "JOURNAL", "RECORDINGS", "PROTOCOLS"):
        os.environ[f"BIOFEEDBACK_{name}"] = str(folder / name.lower())
    (folder / "protocols").mkdir()
    (folder / "protocols" / "long.toml").write_text(_PROTOCOL, encoding="utf-8")
    app = QApplication.instance() or QApplication(["soak"])
    assert isinstance(app, QApplication)  # noqa: S101
    app.setStyle("Fusion")
    window = MainWindow(Settings(), watch=Watch(list))
    window.show()
    window.choose(Choice(f"sim:{_SOURCE}", SourceOptions(), protocol="long"))
    window.switch_client()
    return app, window


class _Leading:
    """Marks something each minute of the signal, and changes a phase every ten."""

    def __init__(self, window: MainWindow) -> None:
        self._window, self.marks, self.changes = window, 0, 0

    def go_on(self, signal_s: float) -> None:
        """Do what is due."""
        bar = getattr(self._window.pages.currentWidget(), "bar", None)
        if bar is None:
            return
        if signal_s > 60 * (self.marks + 1):
            self.marks += 1
            bar._mark(1 + self.marks % 9)
        if signal_s > 600 * (self.changes + 1):
            self.changes += 1
            bar._change((Change.LONGER, Change.REPEAT)[self.changes % 2])


def run(
    signal_s: float, *, speed: float = SPEED, tell: Callable[[str], object] = lambda _line: None
) -> Found:
    """Train for `signal_s` of simulated signal at `speed`; offscreen where there is no display."""
    with tempfile.TemporaryDirectory() as folder:
        paced = _Paced(speed)
        setattr(sitting, "open_source", paced.open)  # noqa: B010 - what it opens is to be paced
        try:
            app, window = _open(Path(folder))
            with on_this_thread():  # as the program does
                found = _watch(app, window, signal_s, tell)
            window.close_now()
            app.processEvents()
        finally:
            setattr(sitting, "open_source", open_source)  # noqa: B010
    return found


def _watch(
    app: QApplication, window: MainWindow, signal_s: float, tell: Callable[[str], object]
) -> Found:
    lead, begun = _Leading(window), time.monotonic()
    frames = over = base_widgets = 0
    longest = longest_cpu = base_mb = base_measured = 0.0
    warm, told_s = False, 0.0
    while True:
        session = window.session
        if session is None:
            raise RuntimeError(window._message.text())
        now_s = session.duration_s if session.now is not None else 0.0
        if now_s >= signal_s:
            break
        if not warm and now_s >= WARM_UP * signal_s:
            warm, base_mb, base_measured = True, _resident_mb(), _measured_mb(window)
            base_widgets = len(app.allWidgets())
        wall, cpu = time.perf_counter(), time.thread_time()
        app.processEvents()
        took_ms = 1000 * (time.perf_counter() - wall)
        if warm and took_ms > 0.5:  # else nothing was due
            frames += 1
            over += took_ms > LONGEST_FRAME_MS
            longest = max(longest, took_ms)
            longest_cpu = max(longest_cpu, 1000 * (time.thread_time() - cpu))
        lead.go_on(now_s)
        if now_s > told_s + 600:
            told_s = now_s
            tell(f"{now_s / 60:.0f} min: {_resident_mb():.1f} MB, longest frame {longest:.0f} ms")
        time.sleep(0.001)
    return Found(
        signal_s=now_s,
        wall_s=time.monotonic() - begun,
        frames=frames,
        longest_ms=longest,
        longest_cpu_ms=longest_cpu,
        over=over,
        grown_mb=_resident_mb() - base_mb,
        measured_mb=_measured_mb(window) - base_measured,
        widgets=len(app.allWidgets()) - base_widgets,
        marks=lead.marks,
        changes=lead.changes,
    )


def main(arguments: list[str]) -> int:
    """Print what a run took; return 0 where it kept within its limits, else 3."""
    parser = argparse.ArgumentParser(prog="soak_windows", description=__doc__)
    parser.add_argument("--hours", type=float, default=HOURS, help="of signal")
    parser.add_argument("--speed", type=float, default=SPEED, help="times real time")
    asked = parser.parse_args(arguments)
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

    def tell(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    found = run(3600 * asked.hours, speed=asked.speed, tell=tell)
    besides_mb = found.grown_mb - found.measured_mb
    ok = found.longest_ms <= LONGEST_FRAME_MS and besides_mb < MOST_MB
    print(
        f"{found.signal_s / 3600:.2f} h of signal in {found.wall_s / 60:.1f} min, both windows "
        f"open, {found.marks} marks, {found.changes} phases changed by hand\n"
        f"{found.frames} frames; the longest took {found.longest_ms:.1f} ms "
        f"({found.longest_cpu_ms:.1f} ms of CPU), {found.over} over {LONGEST_FRAME_MS:.0f} ms\n"
        f"memory grew by {found.grown_mb:.1f} MB, of which {found.measured_mb:.1f} MB are what was "
        f"measured, kept for the summary; {besides_mb:.1f} MB besides (limit {MOST_MB:.0f}), "
        f"{found.widgets} more widgets"
    )
    return 0 if ok else 3
