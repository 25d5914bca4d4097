"""How one key changes what has a value: a list, a scale, a text; and what only knows keys."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QTabBar,
    QTextEdit,
    QWidget,
)

from biofeedback.display.one_key.levels import Does, Level, Menu, Thing, Values
from biofeedback.display.widgets.scale import MOST, Scale
from biofeedback.text import _

_STEPS = 20  # of a slider from end to end, the most
_LETTERS = 5  # in a group: so each is at most about a dozen presses away
_DIGITS, _SIGNS = "0123456789", ".,;:!?-+/()@_"


class Keeper(Protocol):
    """Who keeps the levels, one in the other."""

    def enter(self, level: Level) -> None:
        """Go into `level`."""

    def leave(self, then: Callable[[], object] = lambda: None, *, on: bool = True) -> None:
        """Go out of the innermost level, do `then`, and go `on` to the next thing if it can."""

    def tell(self, text: str) -> None:
        """Say it and show it."""


def field_level(field: QWidget, keeper: Keeper) -> Level | None:
    """Return what changes the value of `field`; None where it has none that is known."""
    for kinds, make in _FIELDS:
        if isinstance(field, kinds):
            return make(field, keeper)
    return None


def _combo(box: QComboBox, keeper: Keeper) -> Level:
    return Values(
        box,
        size=box.count(),
        forward=lambda: box.setCurrentIndex((box.currentIndex() + 1) % max(1, box.count())),
        value=box.currentText,
        end=lambda: keeper.leave(lambda: box.activated.emit(box.currentIndex())),
    )


def _tabs(tabs: QTabBar, keeper: Keeper) -> Level:
    return Values(
        tabs,
        size=tabs.count(),
        forward=lambda: tabs.setCurrentIndex((tabs.currentIndex() + 1) % max(1, tabs.count())),
        value=lambda: tabs.tabText(tabs.currentIndex()),
        end=keeper.leave,
    )


def _rows(view: QAbstractItemView, keeper: Keeper) -> Level:
    def forward() -> None:
        model = view.model()
        rows = [model.index(row, 0, view.rootIndex()) for row in range(size())]
        rows = [each for each in rows if each.flags() & Qt.ItemFlag.ItemIsSelectable]
        if rows:
            at = [each.row() for each in rows]
            now = view.currentIndex().row()
            view.setCurrentIndex(rows[(at.index(now) + 1) % len(rows) if now in at else 0])

    def size() -> int:
        return view.model().rowCount(view.rootIndex())

    def end() -> None:
        index: QModelIndex = view.currentIndex()
        if isinstance(view.window(), QFileDialog) and index.isValid():
            keeper.leave(lambda: view.activated.emit(index))  # into a folder
        else:
            keeper.leave()

    return Values(
        view,
        size=size(),
        forward=forward,
        value=lambda: str(view.currentIndex().data() or _("nothing")),
        end=end,
    )


def _scale(scale: Scale, keeper: Keeper) -> Level:
    def end() -> None:
        if scale.chosen is None:
            keeper.leave()
        else:
            keeper.leave(scale.done.emit, on=False)  # the next question may be on the same scale

    return Values(
        scale,
        size=MOST + 1,
        forward=lambda: scale.choose(
            0 if scale.chosen is None else (scale.chosen + 1) % (MOST + 1)
        ),
        value=lambda: _("nothing marked yet") if scale.chosen is None else str(scale.chosen),
        end=end,
    )


def _slider(slider: QAbstractSlider, keeper: Keeper) -> Level:
    low, high = slider.minimum(), slider.maximum()
    step = max(slider.singleStep(), (high - low) // _STEPS, 1)
    return Values(
        slider,
        size=(high - low) // step + 1,
        forward=lambda: slider.setValue(low if slider.value() >= high else slider.value() + step),
        value=lambda: str(slider.value()),
        end=keeper.leave,
    )


def _spin(box: QAbstractSpinBox, keeper: Keeper) -> Level:
    def forward() -> None:
        if isinstance(box, QSpinBox | QDoubleSpinBox) and box.value() >= box.maximum():
            box.setValue(box.minimum())  # type: ignore[arg-type]  # each box has its own number
        else:
            box.stepUp()

    return Values(box, size=_STEPS, forward=forward, value=box.text, end=keeper.leave)


# texts


def _letters(field: QLineEdit | QPlainTextEdit | QTextEdit, keeper: Keeper) -> Level:
    """Return groups of letters, in which a hold writes one."""
    alphabet = _("abcdefghijklmnopqrstuvwxyz")
    groups = [alphabet[i : i + _LETTERS] for i in range(0, len(alphabet), _LETTERS)]
    groups += [_DIGITS, _SIGNS]

    def write(letter: str) -> None:
        keeper.leave()
        _write(field, letter)

    def thing(name: str, take: Callable[[], object], does: Does) -> Thing:
        return Thing(name, name, field, take, does)

    def letters(group: str) -> list[Thing]:
        made = [thing(each, partial(write, each), Does.WRITE) for each in group]
        return [*made, thing(_("Back"), keeper.leave, Does.BACK)]

    def find() -> list[Thing]:
        if not field.isVisible() or not field.isEnabled():
            return []
        made = [
            thing(" ".join(group), partial(_enter, keeper, partial(letters, group)), Does.OPEN)
            for group in groups
        ]
        return [
            *made,
            thing(_("Space"), partial(_write, field, " "), Does.WRITE),
            thing(_("Take the last letter back"), partial(_take_back, field), Does.IT),
            thing(_("Done"), keeper.leave, Does.LEAVE_TEXT),
        ]

    return Menu(find)


def _enter(keeper: Keeper, find: Callable[[], list[Thing]]) -> None:
    keeper.enter(Menu(find))


def _write(field: QLineEdit | QPlainTextEdit | QTextEdit, text: str) -> None:
    if isinstance(field, QLineEdit):
        field.insert(text)
    else:
        field.insertPlainText(text)


def _take_back(field: QLineEdit | QPlainTextEdit | QTextEdit) -> None:
    if isinstance(field, QLineEdit):
        field.backspace()
    else:
        field.textCursor().deletePreviousChar()


# what only knows keys


def keys_level(widget: QWidget, keeper: Keeper) -> Level:
    """Return the keys that move in a view of the program's own, as things to do."""

    def press(key: Qt.Key) -> None:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(widget, event)

    def find() -> list[Thing]:
        made = [
            Thing(key, name, widget, partial(press, key), Does.IT)
            for key, name in (
                (Qt.Key.Key_Right, _("To the right")),
                (Qt.Key.Key_Left, _("To the left")),
                (Qt.Key.Key_Up, _("Up")),
                (Qt.Key.Key_Down, _("Down")),
                (Qt.Key.Key_Return, _("Choose")),
            )
        ]
        shown = widget.isVisible() and widget.isEnabled()
        return [*made, Thing("back", _("Back"), widget, keeper.leave, Does.BACK)] if shown else []

    return Menu(find)


_FIELDS: tuple[tuple[Any, Callable[[Any, Keeper], Level]], ...] = (
    (QComboBox, _combo),
    (Scale, _scale),
    (QAbstractSlider, _slider),
    (QAbstractSpinBox, _spin),
    (QTabBar, _tabs),
    (QAbstractItemView, _rows),
    ((QLineEdit, QPlainTextEdit, QTextEdit), _letters),
)
