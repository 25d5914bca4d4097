"""The main window: its pages, the keys that lead between them, and what they leave settled."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QMessageBox, QVBoxLayout, QWidget

from biofeedback.devices.flash import flash
from biofeedback.devices.survey import Watch
from biofeedback.display.one_key.hand import OneKey
from biofeedback.display.pages import Page, Pages
from biofeedback.display.preparing.flash_page import Flash
from biofeedback.display.running import RunningWindow
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.way_lines import MainsLine, StepLine
from biofeedback.display.widgets.asking import ask_to_close
from biofeedback.display.widgets.bar import Bar
from biofeedback.display.widgets.look import (
    dress,
    larger,
    other_contrast,
    other_palette,
    smaller,
    turned,
)
from biofeedback.recording.repair import recordings_folder, repair_folder
from biofeedback.settings import (
    DisplaySettings,
    HeartSettings,
    JournalSettings,
    KnownSettings,
    Settings,
)

SIZE = (1280, 800)
_WAIT_MS = 100


class MainWindow(RunningWindow):
    """Holds the pages and, while a session runs, one of its two screens.

    `watch` finds the boards, `do_flash` puts the firmware on one.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        watch: Watch | None = None,
        do_flash: Flash = flash,
    ) -> None:
        super().__init__(settings)
        self.setWindowTitle("biofeedback")
        self.resize(*SIZE)
        self._surely = False
        self._make_pages(watch, do_flash)
        self._bar = Bar(
            leave=self.leave,
            record=self.switch_recording,
            note=self.ask_note,
            check=self.check_sensor,
            switch=self.switch_view,
            colours=lambda: self._restyle(other_palette),
            size=lambda: self._restyle(turned),
            one_key=lambda: self.one_key.switch_mode(),
        )
        self.one_key = OneKey(self, self._bar, self._keep_settings)
        centre = QWidget()
        centre.setObjectName("page")
        rows = QVBoxLayout(centre)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(6)
        for part in (self._bar, self._message, self._mains, self._note, self._ask, self._step):
            rows.addWidget(part)
        rows.addWidget(self.pages, 1)
        rows.addWidget(self.one_key.strip)
        self.setCentralWidget(centre)
        self._bind_keys()
        self._show_page(self.pages.start)
        self.say(" ".join(done.sentence for done in repair_folder(recordings_folder())))

    def _make_pages(self, watch: Watch | None, do_flash: Flash) -> None:
        self.pages = Pages(
            self.settings,
            self.palette_in_use,
            watch=watch,
            do_flash=do_flash,
            whose=self._whose,
        )
        self.pages.start.people.changed.connect(self._keep_person)
        self.pages.start.signal_changed.connect(self._keep_signal)
        self.pages.start.language.set_language(self.settings.display.language)
        self.pages.start.language.changed.connect(self._keep_language)
        self.pages.start.heart.set_heart(self.settings.heart)
        self.pages.start.heart.changed.connect(self._keep_heart)
        self.pages.chosen.connect(self.choose)
        self.pages.message.connect(self.say)
        self.pages.shown.connect(self._page_shown)
        self.pages.protocols.way_chosen.connect(self._keep_way)
        self.pages.way.learnt.connect(self._keep_known)
        self._step = StepLine()
        self.pages.step.connect(self._step.show_step)
        self._mains = MainsLine(
            lambda: self.sitting or self.pages.trial.run, lambda: self.pages.way.plugged
        )
        self.pages.trial.signal_changed.connect(self._keep_signal)
        self.pages.summary.again.connect(lambda: self._train_again(check=False))
        self._home: Page = self.pages.start

    def _bind_keys(self) -> None:
        for keys, done in (
            ("Esc", self.leave),
            ("V", self.switch_view),
            ("K", self.check_sensor),
            ("R", self.switch_recording),
            ("N", self.ask_note),
            ("S", self.switch_sound),
            ("W", self.switch_client),
            ("Ctrl+L", lambda: self._restyle(other_palette)),
            ("Ctrl+H", lambda: self._restyle(other_contrast)),
            ("Ctrl++", lambda: self._restyle(larger)),
            ("Ctrl+=", lambda: self._restyle(larger)),
            ("Ctrl+-", lambda: self._restyle(smaller)),
            ("Ctrl+Q", self.close),
        ):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(lambda _checked=False, done=done: done())
            self.addAction(action)

    # colours and text size

    def _restyle(self, change: Callable[[DisplaySettings], DisplaySettings]) -> None:
        self.settings = replace(self.settings, display=change(self.settings.display))
        self._keep_settings()
        self.palette_in_use = dress(self.settings.display)
        self.pages.set_palette(self.palette_in_use)
        if self.session is not None:
            self._show_session(therapist=self._therapist)
            self._show_client()

    def _keep_language(self, language: str) -> None:
        self._restyle(lambda display: replace(display, language=language))

    # the pages

    def _page_shown(self) -> None:
        self.say("")
        self._bar.show_page(back=self.pages.page() in self.pages.back_to)

    def choose(self, choice: Choice) -> None:
        """Begin what was chosen on a page, and remember the sensor and the protocol."""
        self._known_way = bool(self.settings.training.protocol)
        if choice.remember:
            self.settings = replace(self.settings, source=choice.remember)
        if choice.protocol and not choice.montage:
            training = replace(self.settings.training, protocol=choice.protocol)
            self.settings = replace(self.settings, training=training)
        if choice.remember or choice.protocol:
            self._keep_settings()
        if self.pages.trial.waiting:
            self._show_page(self.pages.trial)
            self.pages.trial.takes(choice, self.settings)
            return
        self.begin(choice, check=choice.remember is not None)

    def _keep_way(self, way: str) -> None:
        self._keep_training(replace(self.settings.training, feedback=way))

    def _keep_known(self, known: KnownSettings) -> None:
        self.settings = replace(self.settings, known=known)
        self._keep_settings()

    def _keep_heart(self, heart: HeartSettings) -> None:
        self.settings = replace(self.settings, heart=heart)
        self._keep_settings()

    def _keep_person(self, person: str) -> None:
        self.settings = replace(self.settings, journal=JournalSettings(person))
        self._keep_settings()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        page = self.pages.page()
        if page is not None:  # what is not shown yet cannot take the focus
            page.focus_first()

    # the end

    def close_now(self) -> None:
        """Close without a question: it was answered, or nobody is there to answer it."""
        self._surely = True
        self.close()

    def _ask_to_close(self) -> None:
        """Ask, where that is not asked already."""
        sitting = self.sitting
        if sitting is not None and self.findChild(QMessageBox, "ask") is None:
            ask_to_close(
                self,
                training=sitting.under_way,
                outlook=sitting.outlook(),
                close=self.close_now,
            )

    def closeEvent(self, event: QCloseEvent) -> None:
        checking = self._test is not None and self._first_check  # nothing has begun yet
        if self.sitting and self.sitting.unsaved and not (checking or self._surely):
            event.ignore()
            self._ask_to_close()
            return
        if at_work := self.pages.at_work():  # half a program on a board would be of no use
            at_work.cancel()
            event.ignore()
            QTimer.singleShot(_WAIT_MS, self.close)
            return
        self._frames.stop()
        self.one_key.voice.end()
        if self.client is not None:
            self.client.close()
        if self.sitting is not None:
            self.sitting.end()
            self.sitting.beside.let_go()
        self._whose.close()
        super().closeEvent(event)
