"""The window as pictures: every page, in both palettes, at usual and at double font size."""

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtWidgets import QApplication

from biofeedback.devices.survey import Found, Watch
from biofeedback.display.app import MainWindow
from biofeedback.display.start import Choice
from biofeedback.display.view_model import ViewModel
from biofeedback.recording.edit_log import EditLog
from biofeedback.recording.edits import Edit, Exclusion
from biofeedback.recording.live import Recorder
from biofeedback.session import Session, State
from biofeedback.settings import DisplaySettings, Settings, SourceSettings
from biofeedback.sources import SourceOptions, open_source
from biofeedback.sources.ports import Port
from biofeedback.stream import Annotation
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
    found: tuple[Found, ...] = ()
    last: SourceSettings = field(default_factory=SourceSettings)


UNO = Port("/dev/ttyACM0", "Arduino Uno", 0x2341, 0x0043, "7523")
NANO = Port("/dev/ttyUSB0", "USB Serial", 0x1A86, 0x7523)
PICO = Port("/dev/ttyACM1", "Pico", 0x2E8A, 0x000A, "E661")
TTY = Port("/dev/ttyAMA0", "")
INFO = Info(1, (1, 0, 0), 2_000_000, bits=10, vref_mv=5000, max_channels=6, board=1)
READY = Found(UNO, "native", "Uno/Nano, firmware 1.0.0, 10 bits, 6 inputs", INFO)
PRINTS = Found(NANO, "text", "sends numbers")
SILENT = Found(NANO, "nothing", "nothing answers")
ASKING = Found(UNO, "asking", "asking who is there")
GARBLED = Found(NANO, "bytes", "sends bytes that this program does not know at this speed")
BARE = Found(PICO, "nothing", "nothing answers")
DENIED = Found(
    UNO,
    "refused",
    "You may not open /dev/ttyACM0: it is for the group dialout. Run "
    "`sudo usermod -a -G dialout $USER`, then log out and in again.",
)
AWAY = (
    "The connection to /dev/ttyACM0 broke off (Input/output error): is the board still plugged in?"
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
)


def draw_all(folder: Path) -> None:
    """Write every shot into `folder` as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as own:
        os.environ["BIOFEEDBACK_SETTINGS"] = str(Path(own) / "settings.toml")
        os.environ["BIOFEEDBACK_JOURNAL"] = str(Path(own) / "journal.sqlite")
        os.environ["BIOFEEDBACK_RECORDINGS"] = str(Path(own) / "recordings")
        record(Path(own) / "recordings" / "sitting.edf")
        app = QApplication(["pictures", "-platform", "offscreen"])
        app.setStyle("Fusion")
        for shot in SHOTS:
            draw(shot, app, folder)


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


def draw(shot: Shot, app: QApplication, folder: Path) -> None:
    """Play the source as fast as it goes, then take the picture as if it went on."""
    display = DisplaySettings(palette=shot.palette, font_scale=shot.font_scale)
    window = MainWindow(Settings(display=display, source=shot.last), watch=Still(shot.found))
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
    if shot.source:
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
    for _pass in range(5):  # what wraps is laid out once more when its width is known
        app.processEvents()
    window.grab().save(str(folder / f"{shot.name}.png"))
    window.close()


if __name__ == "__main__":
    import sys

    draw_all(Path(sys.argv[1]))
