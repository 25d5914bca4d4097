"""A page that scrolls, with its main button always below."""

from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from biofeedback.display.widgets.controls import scrolling


def framed(page: QWidget, inside: QWidget, main: QWidget) -> QScrollArea:
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
