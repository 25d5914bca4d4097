"""A board that is away in mid-session: no reading, why, and then it goes on."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel

from biofeedback.boards import SENSORS, make_channel
from biofeedback.display.feedback.patient import PatientScreen
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.view_model import ViewModel
from biofeedback.display.therapist.screen import TherapistScreen
from biofeedback.display.widgets.palette import LIGHT
from biofeedback.display.widgets.style import apply_style
from biofeedback.session import Session, State
from biofeedback.settings import SignalSettings
from biofeedback.sources import SourceOptions
from biofeedback.stream import Chunk, StreamInfo

SFREQ = 1000
BROKE_OFF = "The connection to /dev/ttyACM0 broke off (Input/output error): is it plugged in?"


class FakeBoard:
    """Sends what it is told to send; away while its `status` says so."""

    info = StreamInfo((make_channel("Trapezius", SENSORS["myoware-2-raw"]),), SFREQ, "serial:fake")
    ended, corrupt_frames = False, 0

    def __init__(self) -> None:
        self.status, self.notes = "", ()
        self._rng = np.random.default_rng(0)
        self._start = 0
        self._next: list[Chunk] = []

    def open(self) -> None:
        self.send(1.5)

    def read(self, _timeout: float) -> list[Chunk]:
        chunks, self._next = self._next, []
        return chunks

    def close(self) -> None:
        pass

    def send(self, seconds: float, *, after_s: float = 0.0) -> None:
        self._start += round(after_s * SFREQ)
        n = round(seconds * SFREQ)
        counts = np.round(512 + 4 * self._rng.standard_normal((n, 1)))
        self._next.append(Chunk(self._start, counts))
        self._start += n


class Sitting:
    """A session whose steps the test takes."""

    def __init__(self) -> None:
        self.board = FakeBoard()
        self.session = Session(self.board, signal=SignalSettings(), threshold_uv=100.0)
        self._run = self.session.run()
        self.view = ViewModel(self.session, clock=lambda: 0.0)
        self.step()

    def step(self) -> None:
        next(self._run)

    def pull(self) -> None:
        self.board.status = BROKE_OFF
        self.step()

    def plug(self) -> None:
        self.board.status = ""
        self.board.notes = ("The board was away for 3.0 s.",)
        self.board.send(2.0, after_s=3.0)
        self.step()

    def close(self) -> None:
        self._run.close()


@pytest.fixture
def sitting(qtbot, dressed) -> Iterator[Sitting]:
    made = Sitting()
    assert made.session.state is State.RUNNING
    yield made
    made.close()


def words(screen) -> str:
    return " ".join(label.text() for label in screen.findChildren(QLabel) if label.isVisible())


def test_the_patient_sees_no_reading_and_why_and_then_it_goes_on(sitting, qtbot):
    screen = PatientScreen(sitting.view, LIGHT)
    qtbot.addWidget(screen)
    screen.resize(1280, 740)
    screen.show()

    def tick() -> None:
        screen._ticks = 0
        screen.tick()

    tick()
    assert screen.ring._frame.word == "Relaxed"
    sitting.pull()
    tick()
    assert screen.ring._frame.word == "No reading"
    assert screen.ring._number == "–"
    assert BROKE_OFF in words(screen)
    assert "It goes on by itself" in words(screen)
    sitting.plug()
    tick()
    assert screen.ring._frame.word == "Relaxed"
    assert float(screen.ring._frame.number) > 12
    assert BROKE_OFF not in words(screen)
    assert "3000 samples lost" in words(screen)
    assert sitting.session.notes[-1] == "The board was away for 3.0 s."


def test_the_therapist_sees_why_and_no_number_stands(sitting, qtbot):
    screen = TherapistScreen(sitting.view, LIGHT)
    qtbot.addWidget(screen)
    screen.resize(1280, 740)
    screen.show()
    sitting.pull()
    screen._ticks = 0
    screen.tick()
    assert "It goes on by itself" in words(screen)
    assert sitting.view.rows(None)[0].tension == "–"
    sitting.plug()
    screen._ticks = 0
    screen.tick()
    assert BROKE_OFF not in words(screen)
    assert float(sitting.view.rows(None)[0].tension) > 12


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_reason_is_not_cut_off(sitting, qtbot, qapp, scale):
    apply_style(qapp, LIGHT, font_scale=scale)
    screen = PatientScreen(sitting.view, LIGHT)
    qtbot.addWidget(screen)
    screen.resize(1280, 740)
    screen.show()
    sitting.pull()
    screen.tick()
    qapp.processEvents()
    hint = screen._hint
    assert hint.isVisible()
    assert hint.height() >= hint.heightForWidth(hint.width()) - 1
    assert screen.height() == 740
    apply_style(qapp, LIGHT, font_scale=1.0)


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("height", [640, 740, 1020])
def test_a_long_reason_takes_no_room_from_the_ring(sitting, qtbot, qapp, scale, height):
    apply_style(qapp, LIGHT, font_scale=scale)
    screen = PatientScreen(sitting.view, LIGHT)
    qtbot.addWidget(screen)
    screen.resize(1280, height)
    screen.show()
    sitting.pull()
    screen.tick()
    for _pass in range(3):
        qapp.processEvents()
    assert screen.height() == height
    notes = screen._notes  # what is below the ring and all beside it
    room = height - 16 - (notes.height() + 16 if notes.isVisible() else 0)
    assert screen.ring.height() >= 0.45 * room - 1
    sitting.plug()
    screen._ticks = 0
    screen.tick()
    qapp.processEvents()
    assert screen.trend.isVisible(), "there is room again"
    apply_style(qapp, LIGHT, font_scale=1.0)


def test_the_window_tells_that_the_board_was_away(window, qtbot):
    window.begin(Choice("sim:rest", SourceOptions()))
    qtbot.waitUntil(lambda: window.sitting.view_model.ready, timeout=5000)
    window.session.notes.append("It measures its supply.")
    window.tick()
    assert window._message.text() == "It measures its supply."
    window.session.notes.append("The board was away for 3.0 s.")
    window.tick()
    assert window._message.text() == "The board was away for 3.0 s."
    window.end()
