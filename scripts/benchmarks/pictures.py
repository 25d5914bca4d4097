"""The window as pictures: every page, in both palettes, at usual and at double font size."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QApplication

from biofeedback.display.app import MainWindow
from biofeedback.display.start import Choice
from biofeedback.session import State
from biofeedback.settings import DisplaySettings, Settings
from biofeedback.sources import SourceOptions


@dataclass(frozen=True)
class Shot:
    """A picture: what is shown (no source: the start page), and how."""

    name: str
    source: str = ""
    seconds: float = 0.0
    threshold_uv: float | None = 5.0
    therapist: bool = False
    palette: str = "light"
    font_scale: float = 1.0
    size: tuple[int, int] = (1280, 800)


FOUR = f"sim:{Path(__file__).parent / 'four-muscles.toml'}"
SHOTS = (
    Shot("start"),
    Shot("start-dark-double", palette="dark", font_scale=2.0),
    Shot("patient", "sim:relaxing", 88, palette="dark"),
    Shot("patient-tense-light", "sim:relaxing", 25, size=(1920, 1080)),
    Shot("patient-no-reading-double", "sim:lead-off", 14, font_scale=2.0),
    Shot("patient-uno-dark-double", "sim:uno-10-bit", 60, 15.0, palette="dark", font_scale=2.0),
    Shot("therapist", FOUR, 38, 8.0, therapist=True),
    Shot("therapist-dark-double", FOUR, 38, 8.0, therapist=True, palette="dark", font_scale=2.0),
    Shot("therapist-hd", FOUR, 38, 8.0, therapist=True, size=(1920, 1080)),
)


def draw_all(folder: Path) -> None:
    """Write every shot into `folder` as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as own:
        os.environ["BIOFEEDBACK_SETTINGS"] = str(Path(own) / "settings.toml")
        app = QApplication(["pictures", "-platform", "offscreen"])
        app.setStyle("Fusion")
        for shot in SHOTS:
            draw(shot, app, folder)


def draw(shot: Shot, app: QApplication, folder: Path) -> None:
    """Play the source as fast as it goes, then take the picture as if it went on."""
    display = DisplaySettings(palette=shot.palette, font_scale=shot.font_scale)
    window = MainWindow(Settings(display=display))
    window.resize(*shot.size)
    window.show()
    if shot.source:
        choice = Choice(shot.source, SourceOptions(fast=True))
        window.begin(choice, threshold_uv=shot.threshold_uv, seconds=shot.seconds)
        session = window.session
        assert session is not None  # noqa: S101
        session.join()
        session.state = State.RUNNING
        if shot.therapist:
            window.switch_view()
        for _frame in range(40):
            window.tick()
            app.processEvents()
    app.processEvents()
    window.grab().save(str(folder / f"{shot.name}.png"))
    window.close()


if __name__ == "__main__":
    import sys

    draw_all(Path(sys.argv[1]))
