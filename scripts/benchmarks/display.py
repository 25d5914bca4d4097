"""What a screen costs on top of acquisition, and how late a sample is painted: G9 and latency."""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication

from benchmarks import board
from biofeedback.display.feedback import patient
from biofeedback.display.feedback.ring import Ring
from biofeedback.display.sitting.view_model import ViewModel
from biofeedback.display.therapist import screen as therapist
from biofeedback.display.widgets.palette import DARK
from biofeedback.display.widgets.style import apply_style
from biofeedback.session import Session
from biofeedback.settings import SignalSettings
from biofeedback.sources import open_source

WARM_UP_S = 4.0
MUST = {"patient": 10.0, "therapist": 20.0, "latency": 25.0}
SIZE = (1280, 800)


class TimedRing(Ring):
    """A ring that notes when it had painted which sample."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.painted: list[tuple[float, int]] = []

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if self._frame is not None:
            self.painted.append((time.monotonic(), self._frame.index))


@dataclass(frozen=True)
class Found:
    """Percent of a core: the screen's thread, and all threads; the latency's p95 in ms."""

    screen_percent: float
    all_percent: float
    late_ms: float


def run(screen_name: str, seconds: float) -> Found:
    """Show a board's signal for `seconds` and measure what that takes."""
    app = QApplication.instance() or QApplication(["bench", "-platform", "offscreen"])
    assert isinstance(app, QApplication)  # noqa: S101
    app.setStyle("Fusion")
    apply_style(app, DARK, font_scale=1.0)
    setattr(patient, "Ring", TimedRing)  # noqa: B010 - its paints are to be timed
    with tempfile.TemporaryDirectory() as folder, Board(folder, WARM_UP_S + seconds) as port:
        source = open_source(f"serial:{port.name}?sfreq=1000&sensor=plux&board=uno-r4&baud=115200")
        session = Session(source, signal=SignalSettings(), threshold_uv=5.0)
        session.start()
        view = ViewModel(session)
        screen = (
            therapist.TherapistScreen(view, DARK)
            if screen_name == "therapist"
            else patient.PatientScreen(view, DARK)
        )
        screen.resize(*SIZE)
        screen.show()
        frames = QTimer(timerType=Qt.TimerType.PreciseTimer)
        frames.timeout.connect(screen.tick)
        frames.start(1000 // screen.ticks_per_second)
        marks: list[tuple[float, float, float]] = []

        def mark() -> None:
            marks.append((time.thread_time(), time.process_time(), time.monotonic()))

        QTimer.singleShot(int(1000 * WARM_UP_S), mark)
        QTimer.singleShot(int(1000 * (WARM_UP_S + seconds - 1)), mark)
        QTimer.singleShot(int(1000 * (WARM_UP_S + seconds - 1)), app.quit)
        app.exec()
        assert session.error is None, session.error  # noqa: S101
        written = port.finish()  # the session reads on meanwhile, else the board would wait for it
        session.stop()
    begin, end = np.array(marks)
    screen_percent, all_percent = 100 * (end - begin)[:2] / (end - begin)[2]
    late_ms = float("nan")
    if isinstance(screen, patient.PatientScreen):
        late_ms = _latency_ms(screen.ring, written, since=begin[2])
    return Found(float(screen_percent), float(all_percent), late_ms)


def _latency_ms(ring: Ring, written: NDArray[np.float64], *, since: float) -> float:
    """Return the 95th percentile over all samples of first paint minus write."""
    assert isinstance(ring, TimedRing)  # noqa: S101
    times, newest = np.array(ring.painted).T
    # the decoder drops the line that it joined in the middle of: index 0 is the second line
    samples = np.arange(len(written) - 1)
    shown = np.searchsorted(newest, samples)
    seen = (shown < len(times)) & (written[1:] >= since)
    late = times[shown[seen]] - written[1:][seen]
    return float(1000 * np.quantile(late, 0.95))


class Board:
    """The board's process, and the terminal that it prints to."""

    def __init__(self, folder: str, seconds: float) -> None:
        self._log, self._seconds = str(Path(folder) / "written.npy"), seconds

    def __enter__(self) -> "Board":
        self._master, self._slave, self.name = board.open_pair()
        command = [sys.executable, "-m", "benchmarks.board", str(self._master), self._log]
        self._process = subprocess.Popen(
            [*command, str(self._seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[self._master],
        )
        return self

    def finish(self) -> NDArray[np.float64]:
        """Return when each line was written, once all are."""
        while self._process.poll() is None and not Path(self._log).exists():
            time.sleep(0.05)
        self._process.communicate()
        return np.asarray(np.load(self._log))

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.wait()


def main(what: str, seconds: float) -> None:
    """Print the goal as one JSON line."""
    found = run(what, seconds)
    goal, ours, unit = {
        "latency": ("latency", found.late_ms, "ms p95"),
        "patient": ("G9", found.screen_percent, "% of core"),
        "therapist": ("G9", found.screen_percent, "% of core"),
    }[what]
    words = {
        "latency": "a sample of 8 ch x 1 kHz, from pty to paint",
        "patient": f"patient's screen ({found.all_percent:.1f} % with acquisition)",
        "therapist": f"therapist's screen ({found.all_percent:.1f} % with acquisition)",
    }[what]
    line = {
        "goal": goal,
        "what": words,
        "ours": round(ours, 3),
        "unit": unit,
        "against": {"limit": MUST[what]},
        "must": ours < MUST[what],
        "stretch": ours < MUST[what] / 2,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
