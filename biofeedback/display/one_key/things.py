"""What can be done in a window, a dialog or a menu, as things for one key to go through."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QScrollArea,
    QWidget,
)

from biofeedback.display.one_key.fields import Keeper, field_level, keys_level
from biofeedback.display.one_key.levels import Does, Menu, Thing
from biofeedback.display.widgets.bar import Bar
from biofeedback.display.widgets.picture import Picture
from biofeedback.display.widgets.scale import Scale
from biofeedback.text import _

MOST_PLAIN = 7
"""Where there are more things they are gone through by cards, and then in the card."""


def focusable(root: QWidget) -> list[QWidget]:
    """Return what takes the focus in a window now, in the order of Tab."""
    found, part = [], root.nextInFocusChain()
    while part is not None and part is not root:
        by_tab = part.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
        if by_tab and part.isVisible() and part.isEnabled() and part.focusProxy() is None:
            found.append(part)
        part = part.nextInFocusChain()
    return found


def find_things(root: QWidget, keeper: Keeper, *, bar: Bar) -> list[Thing]:
    """Return what can be done in `root`: by cards where that is much, the page before the bar."""
    if isinstance(root, QMenu):
        return [_of_action(root, action) for action in root.actions() if _can_be_done(action)]
    parts = [part for part in focusable(root) if not bar.isAncestorOf(part)]
    made = _by_cards(root, parts, keeper) if len(parts) > MOST_PLAIN else []
    if len(made) < 2:
        made = [thing_of(part, keeper) for part in parts]
    made += [_of_scroll(scroll) for scroll in root.findChildren(QScrollArea) if _scrolls(scroll)]
    if bar.window() is root:
        made += _of_bar(bar, keeper)
    return made


def heading_of(root: QWidget) -> str:
    """Return what a page or a dialog is about, in its own words."""
    if isinstance(root, QMessageBox):
        return f"{root.text()} {root.informativeText()}".strip()
    labels = [label for label in root.findChildren(QLabel) if label.isVisible() and label.text()]
    headings = [label for label in labels if label.objectName() == "heading"]
    return (headings or labels)[0].text() if labels and (headings or root.isWindow()) else ""


def name_of(part: QWidget) -> str:
    """Return what `part` is called, and its value where it has one."""
    name = part.accessibleName() or part.toolTip()
    if isinstance(part, QAbstractButton):
        name = part.accessibleName() or part.text().replace("&", "") or part.toolTip()
        if part.isCheckable():
            on = _("on") if part.isChecked() else _("off")
            return _("{name}: {value}").format(name=name, value=on)
    elif isinstance(part, QLabel):
        name = part.accessibleName() or part.text()
    value = _value_of(part)
    return _("{name}: {value}").format(name=name, value=value) if value else name


def _value_of(part: QWidget) -> str:
    if isinstance(part, QComboBox):
        return part.currentText()
    if isinstance(part, QLineEdit | QAbstractSpinBox):
        return part.text()
    if isinstance(part, QAbstractItemView):
        return str(part.currentIndex().data() or "")
    if isinstance(part, QAbstractSlider) and not isinstance(part, Scale):
        return str(part.value())
    return ""


def thing_of(part: QWidget, keeper: Keeper) -> Thing:
    """Return what can be done with one part of a window."""
    name = name_of(part)
    if isinstance(part, QAbstractButton):
        return Thing(part, name, part, part.click, Does.IT)
    if isinstance(part, QLabel | Picture):
        told = part.text() if isinstance(part, QLabel) else part.accessibleDescription()
        return Thing(part, name, part, partial(keeper.tell, told), Does.HEAR)

    def change() -> None:
        keeper.enter(field_level(part, keeper) or keys_level(part, keeper))

    return Thing(part, name, part, change, Does.CHANGE)


def _card_of(part: QWidget, root: QWidget) -> QWidget:
    """Return the card around a part; where there is none, the part."""
    around = part.parentWidget()
    while around is not None and around is not root:
        if isinstance(around, QFrame) and around.objectName() == "card":
            return around
        around = around.parentWidget()
    return part


def _by_cards(root: QWidget, parts: Sequence[QWidget], keeper: Keeper) -> list[Thing]:
    cards: dict[QWidget, list[QWidget]] = {}
    for part in parts:
        cards.setdefault(_card_of(part, root), []).append(part)
    made = []
    for around, inside in cards.items():
        if len(inside) == 1:
            made.append(thing_of(inside[0], keeper))
        else:
            made.append(_of_card(root, around, inside, keeper))
    return made


def _of_card(root: QWidget, around: QWidget, inside: list[QWidget], keeper: Keeper) -> Thing:
    titles = [label for label in around.findChildren(QLabel) if label.objectName() == "title"]
    name = titles[0].text() if titles else ", ".join(map(name_of, inside))
    return Thing(around, name, around, partial(enter_card, root, around, keeper), Does.OPEN)


def enter_card(root: QWidget, around: QWidget, keeper: Keeper, first: object = None) -> None:
    """Go into a card, `first` to that part of it."""

    def find() -> list[Thing]:
        inside = [part for part in focusable(root) if _card_of(part, root) is around]
        made = [thing_of(part, keeper) for part in inside]
        return [*made, Thing("back", _("Back"), around, keeper.leave, Does.BACK)] if made else []

    keeper.enter(Menu(find, first=first))


def _of_bar(bar: Bar, keeper: Keeper) -> list[Thing]:
    """Return what the bar offers, also where it has no room for it."""

    def of_button(made: QAbstractButton) -> Thing:
        mark = made if made.isVisible() else bar
        return Thing(made, name_of(made), mark, made.click, Does.IT)

    def look() -> list[Thing]:
        back = Thing("back", _("Back"), bar, keeper.leave, Does.BACK)
        return [*map(of_button, bar.look), back]

    name = _("Colours, text size, one key")
    group = Thing("look", name, bar, lambda: keeper.enter(Menu(look)), Does.OPEN)
    return [*map(of_button, bar.offered), group]


def _can_be_done(action: QAction) -> bool:
    return action.isVisible() and action.isEnabled() and not action.isSeparator()


def _of_action(menu: QMenu, action: QAction) -> Thing:
    def take() -> None:
        menu.close()
        action.trigger()

    name = action.text().replace("&", "").partition("\t")[0]
    return Thing(action, name, menu, take, Does.IT)


def _scrolls(scroll: QScrollArea) -> bool:
    return scroll.isVisible() and scroll.verticalScrollBar().maximum() > 0


def _of_scroll(scroll: QScrollArea) -> Thing:
    """Return what reads on: a page further down, from the end back to the top."""
    bar = scroll.verticalScrollBar()
    at_end = bar.value() >= bar.maximum()
    name = _("Back to the top of the page") if at_end else _("Read on, further down the page")

    def move() -> None:
        bar.setValue(0 if at_end else bar.value() + bar.pageStep())

    return Thing(("read on", id(scroll)), name, scroll, move, Does.IT)
