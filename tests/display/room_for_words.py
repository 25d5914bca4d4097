"""Whether texts have room, also in a language whose words are longer."""

import gettext

from PySide6.QtWidgets import QLabel, QPushButton, QWidget


class Lengthened(gettext.NullTranslations):
    """A language whose every text is two fifths longer, as German's are."""

    def gettext(self, message: str) -> str:
        return message + " ländlich"[: max(2, len(message) * 2 // 5)] * (1 + len(message) // 25)


def cut_off(window: QWidget, shown: QWidget) -> list[str]:
    """Return the texts of labels and buttons that are not seen whole."""
    cut = []
    for part in [*shown.findChildren(QLabel), *window.findChildren(QPushButton)]:
        if part.isVisible() and part.text():
            least = part.minimumSizeHint()
            wraps = isinstance(part, QLabel) and part.wordWrap()
            height = part.heightForWidth(part.width()) if wraps else least.height()
            inside = part.mapTo(window, part.rect().topRight()).x() <= window.width()
            if not inside or part.height() < height - 1 or part.width() < least.width() - 1:
                cut.append(part.text())
    return cut
