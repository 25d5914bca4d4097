"""The page of trials: what to try, the trial itself, what came of it, and what works for me."""

from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QListWidgetItem,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.trials.picture import TrialPicture
from biofeedback.display.trials.run import TrialRun
from biofeedback.display.trials.screen import TrialScreen
from biofeedback.display.trials.table import TrialTable
from biofeedback.display.trials.words import sentences
from biofeedback.display.widgets.controls import (
    Chooser,
    Label,
    Side,
    announce,
    button,
    card,
    named,
    scroll_by,
    scrolling,
)
from biofeedback.display.widgets.palette import Palette
from biofeedback.display.widgets.wrapped_list import WrappedList
from biofeedback.errors import BiofeedbackError
from biofeedback.settings import Settings
from biofeedback.sources import SourceOptions
from biofeedback.text import _, plural
from biofeedback.training.trial import FEWEST_REPEATS, make_plan
from biofeedback.training.tried import NAMES, TRIED

_SCENARIO = "sim:trick"
_REPEATS = (FEWEST_REPEATS, 5, 6, 8)
_TICK_MS = 100
_CARD_CHARACTERS = 36


class TrialPage(QWidget):
    """Emits `sensor_wanted` where a sensor is to be found, or `chosen` with a simulated muscle.

    Either way `takes` then begins the trial with what was chosen.
    """

    sensor_wanted = Signal()
    chosen = Signal(object)
    message = Signal(str)

    def __init__(self, whose: Whose, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whose, self._palette = whose, palette
        self.waiting = False
        """What is chosen next is for a trial."""
        self.run: TrialRun | None = None
        self._screen: TrialScreen | None = None
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.tables = (TrialTable(whose), TrialTable(whose))
        self._stack = QStackedLayout(self)
        self.choosing, self.found = _Choosing(self.tables[0]), _Found(self.tables[1], palette)
        for part in (self.choosing, self.found):
            self._stack.addWidget(part)
        self.choosing.start_wanted.connect(self._start)
        self.found.done.connect(self.step_back)
        app = QApplication.instance()
        assert app is not None  # noqa: S101
        app.aboutToQuit.connect(self._stop)

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours; the screen of a trial keeps its own to the end."""
        self._palette = palette
        self.found.picture.set_palette(palette)

    def _start(self, source: str) -> None:
        self.waiting = True
        if source:
            self.chosen.emit(Choice(source, SourceOptions()))
        else:
            self.sensor_wanted.emit()

    def takes(self, choice: Choice, settings: Settings) -> bool:
        """Begin the trial with what was chosen, if it was chosen for one; return whether it was."""
        if not self.waiting:
            return False
        self.waiting = False
        choosing = self.choosing
        try:
            self.run = TrialRun(
                choice,
                settings,
                what=choosing.what(),
                repeats=choosing.repeats.currentData(),
                whose=self._whose,
                aloud=bool(choosing.aloud.currentData()),
            )
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return True
        self._screen = TrialScreen(self.run, self._palette)
        self._screen.message.connect(self.message)
        self._stack.addWidget(self._screen)
        self._stack.setCurrentWidget(self._screen)
        self._timer.start()
        self._screen.focus_first()
        return True

    def _tick(self) -> None:
        if self.run is None or self._screen is None:
            return
        self._screen.tick()
        if self.run.over:
            self._end()

    def _end(self) -> None:
        """Show what came of it; where nothing did, the choice again."""
        run = self.run
        if run is None:
            return
        said = self._stop()
        if run.told is None:
            self._stack.setCurrentWidget(self.choosing)
            self.message.emit(said)
        else:
            self.tables[1].read()
            self.found.show_result(run.told, said)
            self._stack.setCurrentWidget(self.found)
        self.focus_first()

    def _stop(self) -> str:
        """End what runs; return what is to be said of it."""
        self._timer.stop()
        run, self.run = self.run, None
        said = run.end() if run else ""
        if self._screen is not None:
            self._stack.removeWidget(self._screen)
            self._screen.deleteLater()
            self._screen = None
        return said

    def step_back(self) -> bool:
        """End the trial, or go back to the choice; return whether there was something to leave."""
        if self.run is not None:
            self._end()
        elif self._stack.currentWidget() is self.found:
            self.tables[0].read()
            self._stack.setCurrentWidget(self.choosing)
            self.focus_first()
        else:
            return False
        return True

    def focus_first(self) -> None:
        """Put the focus where Enter or Space does what comes next."""
        if self._screen is not None:
            self._screen.focus_first()
        elif self._stack.currentWidget() is self.found:
            self.found.focus_first()
        else:
            self.choosing.rows.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.tables[0].read()


class _Choosing(QWidget):
    """What to try, how often, with what; emits `start_wanted` with a source, empty: a sensor."""

    start_wanted = Signal(str)

    def __init__(self, table: QWidget) -> None:
        super().__init__()
        self.rows = WrappedList()
        self.rows.setAccessibleName(_("What to try"))
        self.rows.setAccessibleDescription(_("The arrows choose one; Enter starts it"))
        for name in NAMES:
            item = QListWidgetItem(TRIED[name].name)
            item.setData(Qt.ItemDataRole.UserRole, name)
            self.rows.addItem(item)
        self.rows.setCurrentRow(0)
        self.rows.currentRowChanged.connect(lambda _row: self._show())
        self.repeats, self.source, self.aloud = Chooser(), Chooser(), Chooser()
        for n in _REPEATS:
            self.repeats.addItem(plural("{n} time", "{n} times", n).format(n=n), n)
        self.repeats.currentIndexChanged.connect(lambda _row: self._show())
        self.source.addItem(_("With my sensor"), "")
        self.source.addItem(_("With a simulated muscle"), _SCENARIO)
        self.aloud.addItem(_("Read it on the screen"), "")
        self.aloud.addItem(_("Hear it, eyes closed: voice and beeps"), "aloud")
        self._hint, self._how, self._long = Label(), Label(), Label("", "quiet")
        start = button(_("&Start"), _("Begin the trial (Enter)"), self._start, main=True)
        listed, list_rows = card(self.rows, title=_("What do you want to try?"))
        for field, text in (
            (self.repeats, _("How &often")),
            (self.source, _("&With what")),
            (self.aloud, _("&Cues")),
        ):
            named(list_rows, field, text)
        told, told_rows = card(self._hint, self._how, self._long, title=_("What will happen"))
        told_rows.addStretch(1)
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 8, 24, 8)
        rows.setSpacing(16)
        rows.addWidget(Label(_("Does it help? Try it, off and on"), "heading"))
        rows.addWidget(
            Side(
                listed,
                told,
                wanted=lambda: _CARD_CHARACTERS * self.fontMetrics().averageCharWidth(),
            ),
            1,
        )
        rows.addWidget(table)
        self._scroll = _framed(self, inside, start)
        self._show()

    def what(self) -> str:
        """Return the name of what is chosen."""
        return str(self.rows.currentItem().data(Qt.ItemDataRole.UserRole))

    def _show(self) -> None:
        plan = make_plan(self.what(), repeats=self.repeats.currentData(), seed=0)
        minutes = round(plan.total_s / 60)
        self._hint.setText(TRIED[plan.what].hint)
        self._how.setText(
            _(
                "You sit still for 20 seconds, try it for 20 seconds, and sit still again. In "
                "between, in an order by chance, you only lay a hand on your shoulder: what helps "
                "must do more than that. You press one key (Space, a pedal, the button on the "
                "board) when your hand lifts off, when it touches, and when it lets go. The "
                "tension is not shown meanwhile."
            )
        )
        self._long.setText(
            plural(
                "It takes about {n} minute. Esc ends it at any time.",
                "It takes about {n} minutes. Esc ends it at any time.",
                minutes,
            ).format(n=minutes)
        )

    def _start(self) -> None:
        self.start_wanted.emit(self.source.currentData())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._start()
        elif not scroll_by(self._scroll, event):
            super().keyPressEvent(event)


class _Found(QWidget):
    """What came of a trial: three sentences, one picture, and the table; emits `done`."""

    done = Signal()

    def __init__(self, table: QWidget, palette: Palette) -> None:
        super().__init__()
        self._tag = Label(_("SIMULATED"), "tag", wrap=False)
        self._early = Label(_("It was ended early: this is what there is of it."))
        self._sentences = [Label("", "summary") for _sentence in range(3)]
        self._legend, self.picture = Label("", "quiet"), TrialPicture(palette)
        self._kept = Label("", "quiet")
        self._done = button(_("&Done"), _("Back to what can be tried (Enter)"), self.done.emit)
        self._done.setObjectName("main")
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 8, 24, 8)
        rows.setSpacing(16)
        rows.addWidget(Label(_("What came of it"), "heading"))
        rows.addWidget(self._tag, alignment=Qt.AlignmentFlag.AlignLeft)
        rows.addWidget(self._early)
        rows.addWidget(card(*self._sentences)[0])
        rows.addWidget(card(self._legend, self.picture)[0])
        rows.addWidget(self._kept)
        rows.addWidget(table)
        rows.addStretch(1)
        self._scroll = _framed(self, inside, self._done)

    def show_result(self, told: dict[str, Any], said: str) -> None:
        """Show a result, and what was `said` of keeping it."""
        words = sentences(told)
        for label, text in zip(self._sentences, words, strict=True):
            label.setText(text)
        unit = _("µV") if "off_uv" in told else _("counts")
        self._legend.setText(
            _("Tension in {unit}, one line for each time it was tried").format(unit=unit)
        )
        self.picture.show_result(told)
        self.picture.setAccessibleDescription(" ".join(words))
        self._kept.setText(said)
        self._tag.setVisible(bool(told["simulated"]))
        self._early.setVisible(not told["whole"])
        self._scroll.verticalScrollBar().setValue(0)
        announce(self, " ".join(words))

    def focus_first(self) -> None:
        """Put the focus on Done."""
        self._done.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not scroll_by(self._scroll, event):
            super().keyPressEvent(event)


def _framed(page: QWidget, inside: QWidget, main: QWidget) -> QScrollArea:
    """Put `inside` into `page` so that it scrolls, with `main` below; return what scrolls it."""
    below = QVBoxLayout()
    below.setContentsMargins(24, 8, 24, 16)
    below.addWidget(main)
    outside = QVBoxLayout(page)
    outside.setContentsMargins(0, 0, 0, 0)
    outside.setSpacing(0)
    scroll = scrolling(inside)
    outside.addWidget(scroll, 1)
    outside.addLayout(below)
    return scroll
