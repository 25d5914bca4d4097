"""Whether texts have room, also in a language whose words are longer."""

import gettext

from PySide6.QtCore import QRect
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)


class Lengthened(gettext.NullTranslations):
    """A language whose every text is two fifths longer, as German's are."""

    def gettext(self, message: str) -> str:
        return message + " ländlich"[: max(2, len(message) * 2 // 5)] * (1 + len(message) // 25)


def cut_off(window: QWidget, shown: QWidget) -> list[str]:
    """Return the texts of labels, fields and buttons that are not seen whole."""
    cut = []
    fields = [*shown.findChildren(QLineEdit), *shown.findChildren(QComboBox)]
    for part in [*shown.findChildren(QLabel), *window.findChildren(QPushButton), *fields]:
        if part.isVisible() and _text(part):
            least = part.minimumSizeHint()
            wraps = isinstance(part, QLabel) and part.wordWrap()
            height = part.heightForWidth(part.width()) if wraps else least.height()
            inside = part.mapTo(window, part.rect().topRight()).x() <= window.width()
            small = part.height() < height - 1 or part.width() < least.width() - 1
            if not inside or small or _covered(window, part):
                cut.append(_text(part))
    return cut


def sideways(shown: QWidget) -> list[str]:
    """Return what would have to be moved to the left and right to be read."""
    areas = [area for area in shown.findChildren(QScrollArea) if area.isVisible()]
    return [f"{area.width()} px" for area in areas if area.horizontalScrollBar().maximum()]


def unseen_focus(window: QWidget) -> list[str]:
    """Return what Enter or Space would do without being seen at all."""
    focused = window.focusWidget()
    if focused is None or not focused.isVisible() or not focused.visibleRegion().isEmpty():
        return []
    return [focused.accessibleName()]


def settled(app: QApplication) -> None:
    """Let what wraps be laid out once more, now that its width is known."""
    for _pass in range(5):
        app.processEvents()


def _text(part: QWidget) -> str:
    if isinstance(part, QComboBox):
        return part.currentText()
    if isinstance(part, QLineEdit):
        return part.text() or part.placeholderText()
    return str(part.text())


def _covered(window: QWidget, part: QWidget) -> bool:
    """Say whether something around `part`, which cannot be scrolled, leaves it too little room."""
    whole = QRect(part.mapTo(window, part.rect().topLeft()), part.size())
    around = part.parentWidget()
    while around is not None and around is not window:
        if isinstance(around.parentWidget(), QScrollArea):
            return False
        place = QRect(around.mapTo(window, around.rect().topLeft()), around.size())
        if not place.adjusted(-1, -1, 1, 1).contains(whole):
            return True
        around = around.parentWidget()
    return False
