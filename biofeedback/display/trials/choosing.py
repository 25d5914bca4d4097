"""The choice of what to try: how often, with what, and what will happen."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidgetItem, QVBoxLayout, QWidget

from biofeedback.display.widgets.controls import (
    Chooser,
    Label,
    Side,
    button,
    card,
    named,
    scroll_by,
)
from biofeedback.display.widgets.framed import framed
from biofeedback.display.widgets.wrapped_list import WrappedList
from biofeedback.text import _, plural
from biofeedback.training.trial import FEWEST_REPEATS, make_plan
from biofeedback.training.tried import NAMES, TRIED

_SCENARIO = "sim:trick"
_REPEATS = (FEWEST_REPEATS, 5, 6, 8)
_CARD_CHARACTERS = 36


class Choosing(QWidget):
    """What to try, how often, with what; emits `start_wanted` with a source, empty: a sensor.

    `weeks_wanted`: to the weeks with and without something.
    """

    start_wanted = Signal(str)
    weeks_wanted = Signal()

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
        weeks = button(
            _("W&eeks with and without it …"),
            _("For what takes days: plan weeks, rate them, and see whether it helps"),
            self.weeks_wanted.emit,
        )
        self._scroll = framed(self, inside, Side(weeks, start, spacing=10))
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
