"""A window dressed as the program dresses it, and sessions that have already run."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication

from biofeedback.display.app import MainWindow
from biofeedback.display.palette import LIGHT
from biofeedback.display.style import apply_style
from biofeedback.display.view_model import ViewModel
from biofeedback.session import Session, State
from biofeedback.settings import Settings, SignalSettings
from biofeedback.sources import SourceOptions, open_source


@pytest.fixture
def dressed(qapp: QApplication) -> QApplication:
    qapp.setStyle("Fusion")
    apply_style(qapp, LIGHT, font_scale=1.0)
    return qapp


@pytest.fixture
def played() -> Callable[..., ViewModel]:
    """Return a maker of view models whose session has taken `seconds` of a scenario."""

    def play(words: str, seconds: float, threshold_uv: float | None = None) -> ViewModel:
        session = Session(
            open_source(words, SourceOptions(fast=True)),
            signal=SignalSettings(),
            threshold_uv=threshold_uv,
            seconds=seconds,
        )
        for _readings in session.run():
            pass
        session.state = State.RUNNING  # as if it went on
        return ViewModel(session, clock=lambda: 0.0)

    return play


@pytest.fixture
def window(qtbot, dressed: QApplication) -> Iterator[MainWindow]:
    made = MainWindow(Settings())
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()
