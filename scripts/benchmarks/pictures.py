"""The window as pictures: every page, in both palettes, at usual and at double font size."""

import gc
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks import believable
from benchmarks.training_shots import REST_S, person, standing_at, write_protocols
from biofeedback.devices.survey import Found, Watch
from biofeedback.display.app import MainWindow
from biofeedback.display.preparing.placement_pictures import DRAWINGS, draw_placement
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.view_model import ViewModel
from biofeedback.display.widgets.language_choice import speak
from biofeedback.display.widgets.palette import LIGHT
from biofeedback.display.widgets.picture import Picture
from biofeedback.recording.edit_log import EditLog
from biofeedback.recording.edits import Edit, Exclusion
from biofeedback.recording.live import Recorder
from biofeedback.session import Session, State
from biofeedback.settings import (
    DisplaySettings,
    JournalSettings,
    Settings,
    SourceSettings,
    TrainingSettings,
)
from biofeedback.sources import SourceOptions, open_source
from biofeedback.sources.ports import Port
from biofeedback.stream import Annotation
from biofeedback.text import _
from biofeedback.wire.native import Info


@dataclass(frozen=True)
class Shot:
    """A picture: what is shown (a source, or a page by its name in `Pages`), and how."""

    name: str
    source: str = ""
    seconds: float = 0.0
    threshold_uv: float | None = 5.0
    therapist: bool = False
    check: bool = False
    """Whether the sensor was checked from the first sample on."""
    palette: str = "light"
    font_scale: float = 1.0
    size: tuple[int, int] = (1280, 800)
    status: str = ""
    """Why the board of the source is away."""
    page: str = "start"
    protocol: str = ""
    """What is trained: one of `training_shots`, or that comes with the program."""
    levels_uv: tuple[tuple[float, float], ...] = ((8.0, 4.0),)
    """Of each muscle: at rest, and then."""
    rest_s: float = REST_S
    feedback: str = "ring"
    number: str = "on"
    contrast: str = "usual"
    lead_off: bool = False
    end: bool = False
    """Whether it is what came of it."""
    found: tuple[Found, ...] = ()
    last: SourceSettings = field(default_factory=SourceSettings)
    person: str = ""
    """Who sits there: one of `believable`."""
    live: bool = False
    """Whether what is simulated is kept as if it came from a sensor."""
    then: Callable[[MainWindow, QApplication], QWidget | None] | None = None
    """What is done before the picture is taken; returns the dialog, if there is one."""


UNO = Port("/dev/ttyACM0", "Arduino Uno", 0x2341, 0x0043, "7523")
NANO = Port("/dev/ttyUSB0", "USB Serial", 0x1A86, 0x7523)
PICO = Port("/dev/ttyACM1", "Pico", 0x2E8A, 0x000A, "E661")
TTY = Port("/dev/ttyAMA0", "")
INFO = Info(1, (1, 0, 0), 2_000_000, bits=10, vref_mv=5000, max_channels=6, board=1)
READY = Found(UNO, "native", "Uno/Nano, firmware 1.0.0, 10 bits, 6 inputs", INFO)
PRINTS = Found(NANO, "text", _("sends numbers"))
SILENT = Found(NANO, "nothing", _("nothing answers"))
ASKING = Found(UNO, "asking", _("asking who is there"))
GARBLED = Found(NANO, "bytes", _("sends bytes that this program does not know at this speed"))
BARE = Found(PICO, "nothing", _("nothing answers"))
DENIED = Found(
    UNO,
    "refused",
    _(
        "You may not open {port}: it is for the group {group}. Run "
        "`sudo usermod -a -G {group} $USER`, then log out and in again."
    ).format(port=UNO.name, group="dialout"),
)
AWAY = _("The connection to {port} broke off ({why}): is the board still plugged in?").format(
    port=UNO.name, why="Input/output error"
)
CHOSEN = SourceSettings(sensor="myoware-2-raw", board="uno", port="/dev/ttyACM0")


class Still(Watch):
    """A watch that has found what it was told."""

    def __init__(self, found: tuple[Found, ...]) -> None:
        super().__init__(list)
        self._found = list(found)

    def look(self) -> list[Found]:
        """Return what was told."""
        return list(self._found)


CUE = f"sim:{Path(__file__).parent / 'on-cue.toml'}"
FOUR = f"sim:{Path(__file__).parent / 'four-muscles.toml'}"
_BELOW = Shot("training", protocol="shot-below", seconds=50)
_SMALL: dict[str, Any] = {"size": (1024, 640), "font_scale": 2.0}
_TENSE, _LOOSE = ((8.0, 22.0),), ((8.0, 4.0),)
TRAININGS = (
    _BELOW,
    replace(_BELOW, name="training-tense-dark-double", levels_uv=_TENSE, palette="dark", **_SMALL),
    *(
        replace(
            _BELOW,
            name=f"scene-{how}-{palette}{small}",
            feedback="scene",
            levels_uv=level,
            palette=palette,
            **size,
        )
        for how, level in (("loose", _LOOSE), ("tense", _TENSE))
        for palette in ("light", "dark")
        for small, size in (("", {}), ("-double", _SMALL))
    ),
    replace(_BELOW, name="scene-small", feedback="scene", size=(1024, 640), number="off"),
    replace(_BELOW, name="scene-strong", feedback="scene", contrast="high", levels_uv=_TENSE),
    replace(
        _BELOW,
        name="scene-strong-dark-double",
        feedback="scene",
        contrast="high",
        palette="dark",
        **_SMALL,
    ),
    replace(_BELOW, name="trend", feedback="trend"),
    replace(_BELOW, name="trend-dark-double", feedback="trend", palette="dark", **_SMALL),
    replace(_BELOW, name="closed-eyes", feedback="sound"),
    replace(_BELOW, name="closed-eyes-dark-double", feedback="sound", palette="dark", **_SMALL),
    replace(_BELOW, name="training-no-reading", feedback="scene", lead_off=True, seconds=66),
    replace(_BELOW, name="training-hidden", protocol="shot-off", feedback="scene"),
    *(
        replace(
            _BELOW,
            name=f"{mode}-{feedback}",
            protocol=f"shot-{mode}",
            feedback=feedback,
            levels_uv=levels,
            seconds=55,
            palette="dark" if feedback == "trend" else "light",
        )
        for feedback in ("ring", "scene", "trend")
        for mode, levels in (
            ("above", ((8.0, 6.5),)),
            ("inside", ((8.0, 4.0),)),
            ("symmetry", ((8.0, 5.0), (8.0, 9.0))),
            ("overflow", ((8.0, 8.0), (8.0, 8.0))),
        )
    ),
    replace(_BELOW, name="above-reached", protocol="shot-above", levels_uv=((8.0, 11.0),)),
)
SHOTS = (
    Shot("start"),
    Shot("start-dark-double", palette="dark", font_scale=2.0),
    Shot("connect", page="connect_page", found=(READY, BARE), last=CHOSEN, size=(1280, 480)),
    Shot("connect-first-empty", page="connect_page"),
    Shot("connect-asking-dark", page="connect_page", found=(ASKING, SILENT), palette="dark"),
    Shot("connect-silent", page="connect_page", found=(SILENT, Found(TTY, "not asked", ""))),
    Shot(
        "connect-denied-dark-double",
        page="connect_page",
        found=(DENIED,),
        last=CHOSEN,
        palette="dark",
        font_scale=2.0,
    ),
    Shot("connect-double", page="connect_page", found=(READY, BARE), last=CHOSEN, font_scale=2.0),
    Shot("connect-garbled", page="connect_page", found=(GARBLED, READY), font_scale=1.5),
    Shot("connect-prints", page="connect_page", found=(PRINTS, BARE), last=CHOSEN),
    Shot("flash", page="flash", found=(SILENT,)),
    Shot("flash-double", page="flash", found=(SILENT,), font_scale=2.0),
    Shot("flash-steps", page="flash", found=(BARE,)),
    Shot("flash-steps-dark-double", page="flash", found=(BARE,), palette="dark", font_scale=2.0),
    Shot("wiring", page="wiring", size=(1280, 1080)),
    Shot("wiring-dark", page="wiring", palette="dark"),
    Shot("wiring-double", page="wiring", font_scale=2.0, size=(1280, 2600)),
    Shot("patient", "sim:relaxing", 88, palette="dark"),
    Shot("patient-tense-light", "sim:relaxing", 25, size=(1920, 1080)),
    Shot("patient-no-reading-double", "sim:lead-off", 14, font_scale=2.0),
    Shot("patient-away-double", "sim:relaxing", 60, font_scale=2.0, status=AWAY),
    Shot("patient-uno-dark-double", "sim:uno-10-bit", 60, 15.0, palette="dark", font_scale=2.0),
    Shot("contact", CUE, 15, check=True, size=(1280, 480)),
    Shot("contact-well", CUE, 23, check=True),
    Shot("contact-rest-dark", CUE, 6, check=True, palette="dark"),
    Shot("contact-tense-double", CUE, 15, check=True, font_scale=2.0, size=(1024, 640)),
    Shot("contact-hum-dark", "sim:hum", 23, check=True, palette="dark"),
    Shot("contact-ecg-double", "sim:ecg", 23, check=True, font_scale=2.0),
    Shot("contact-motion", "sim:motion", 23, check=True),
    Shot("patient-hum", "sim:hum", 20, 30.0),
    Shot("patient-ecg-dark-double", "sim:ecg", 20, 30.0, palette="dark", font_scale=2.0),
    Shot("patient-motion", "sim:motion", 5),
    Shot("therapist-ecg", "sim:ecg", 20, 30.0, therapist=True),
    Shot("therapist-motion-dark", "sim:motion", 5, therapist=True, palette="dark"),
    Shot("therapist", FOUR, 38, 8.0, therapist=True),
    Shot("therapist-dark-double", FOUR, 38, 8.0, therapist=True, palette="dark", font_scale=2.0),
    Shot("recordings", page="recordings"),
    Shot("recordings-dark-double", page="recordings", palette="dark", font_scale=2.0),
    Shot("playback", page="playback"),
    Shot("playback-dark-double", page="playback", palette="dark", font_scale=2.0, size=(1024, 640)),
    Shot("therapist-hd", FOUR, 38, 8.0, therapist=True, size=(1920, 1080)),
    *TRAININGS,
)
DOCS = ("connect", "contact", "patient", "playback", "therapist", "wiring")
"""Which of them README and docs show, besides `TRAINED` and the drawings of where electrodes go."""
TRAINED = {
    "training": replace(TRAININGS[0], name="training"),
    "scene": replace(TRAININGS[0], name="scene", feedback="scene", palette="dark"),
    "summary": replace(
        TRAININGS[0], name="summary", protocol="home-relaxation", seconds=770, rest_s=300, end=True
    ),
}


def draw_docs(folder: Path) -> None:
    """Write every picture that README and docs show into `folder`."""
    shots = [shot for shot in SHOTS if shot.name in DOCS]
    draw_all(folder, (*shots, *TRAINED.values()))
    for muscle, drawing in DRAWINGS.items():
        draw_muscle = partial(draw_placement, muscle=muscle, side="left")
        picture = Picture(draw_muscle, drawing.units, LIGHT, title=muscle, words="")
        picture.setStyleSheet(f"background: {LIGHT.card}")
        picture.resize(600, round(600 * drawing.units[1] / drawing.units[0]))
        picture.grab().save(str(folder / f"placement-{muscle.lower().replace(' ', '-')}.png"))


def draw_all(folder: Path, shots: Iterable[Shot] = SHOTS) -> None:
    """Write `shots` into `folder` as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as own:
        app = prepare(Path(own))
        for shot in shots:
            show(shot, app, partial(_save, folder / f"{shot.name}.png"))


def _save(path: Path, seen: QWidget) -> None:
    seen.grab().save(str(path))


def prepare(own: Path) -> QApplication:
    """Fill an empty folder with what somebody has who uses the program; return the program."""
    os.environ["BIOFEEDBACK_SETTINGS"] = str(own / "settings.toml")
    os.environ["BIOFEEDBACK_JOURNAL"] = str(own / "journal.sqlite")
    os.environ["BIOFEEDBACK_RECORDINGS"] = str(own / "recordings")
    os.environ["BIOFEEDBACK_PROTOCOLS"] = str(own / "protocols")
    write_protocols(own / "protocols")
    believable.fill_journal()
    record(own / "recordings" / "sitting.edf")
    app = QApplication(["pictures", "-platform", "offscreen"])
    app.setStyle("Fusion")
    speak(app)
    gc.disable()  # what is left of a window must not be taken apart by a thread of the next one
    return app


def record(path: Path) -> None:
    """Record four muscles, with a note and a cough that was excluded afterwards."""
    defaults = Settings()
    recorder = Recorder(path, signal=defaults.signal, bursts=defaults.bursts, patient=True)
    session = Session(
        open_source(FOUR, SourceOptions(fast=True)),
        signal=defaults.signal,
        seconds=40,
        sinks=[recorder],
    )
    for _readings in session.run():
        pass
    log = EditLog(path)
    for after in (Annotation(12.0, 0.0, "hand to the chin"), Exclusion(24.0, 26.5, "a cough")):
        log.add(Edit(None, after))


def show(shot: Shot, app: QApplication, look: Callable[[QWidget], object]) -> None:
    """Play the source as fast as it goes, then let `look` see the window as if it went on."""
    display = DisplaySettings(
        palette=shot.palette, font_scale=shot.font_scale, contrast=shot.contrast
    )
    training = TrainingSettings(feedback=shot.feedback, number=shot.number)
    person = JournalSettings(shot.person)
    settings = Settings(display=display, training=training, source=shot.last, journal=person)
    window = MainWindow(settings, watch=Still(shot.found))
    window.pages.today = lambda: believable.TODAY
    window.resize(*shot.size)
    window.show()
    page = getattr(window.pages, shot.page)
    if page is window.pages.flash:
        page.set_port(shot.found[0].port)
    window._show_page(page)
    if page is window.pages.playback:
        window.pages.recordings.fill()
        window.pages.recordings.look_button.click()
        while page.view is None:
            page.poll()
            app.processEvents()
    if shot.protocol:
        train(shot, window, app)
    elif shot.source:
        play(shot, window, app)
    seen = (shot.then(window, app) if shot.then else None) or window
    for _pass in range(5):  # what wraps is laid out once more when its width is known
        app.processEvents()
    look(seen)
    if seen is not window:
        seen.close()
    while window.one_key.on:
        window.one_key.switch_mode()
    window.close_now()
    if window.pages.trial.run is not None:
        window.pages.trial.step_back()
    window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


def play(shot: Shot, window: MainWindow, app: QApplication) -> None:
    """Play the source to its end, and show that as if it went on."""
    choice = Choice(shot.source, SourceOptions(fast=True))
    window.begin(choice, threshold_uv=shot.threshold_uv, seconds=shot.seconds)
    assert window.sitting is not None  # noqa: S101
    session = window.sitting.session
    session.join()
    session.state = State.RUNNING
    if shot.therapist:
        window.switch_view()
    if shot.check:
        window.sitting.view_model = ViewModel(session, clock=lambda: 0.0)
        window.check_sensor()
        assert window._test is not None  # noqa: S101
        window._test.start()
        window._test._start = 0
    if shot.status:
        vars(session.source)["status"] = shot.status
    for _frame in range(80):
        window.tick()
        app.processEvents()


def train(shot: Shot, window: MainWindow, app: QApplication) -> None:
    """Train for as long as the shot says, as fast as that goes, and stand still there."""
    path = Path(os.environ["BIOFEEDBACK_SETTINGS"]).with_name("person.toml")
    words = person(path, *shot.levels_uv, rest_s=shot.rest_s, lead_off=shot.lead_off)
    room = "biofeedback.display.sitting.sitting"
    live = patch(f"{room}.is_live", lambda _words: True) if shot.live else nullcontext()
    with live, patch(f"{room}.open_source", standing_at(shot.seconds)):
        window.begin(Choice(words, SourceOptions(fast=True), protocol=shot.protocol))
    assert window.sitting is not None  # noqa: S101
    model, session = window.sitting.training, window.sitting.session
    assert model is not None  # noqa: S101
    model._clock = lambda: 0.0  # nothing is late
    while window.sitting is not None and session.duration_s < shot.seconds - 0.1:
        window.tick()
        app.processEvents()
    for _frame in range(200 if window.sitting else 0):  # until what is smooth has come there
        window.tick()
        app.processEvents()
    if shot.end and window.sitting:
        window.end()


if __name__ == "__main__":
    import sys

    draw_all(Path(sys.argv[1]))
