"""A page that scrolls, with what has to be at hand always below."""

from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from biofeedback.display.widgets.controls import scrolling


def framed(page: QWidget, inside: QWidget, *below: QWidget) -> QScrollArea:
    """Put `inside` into `page` so that it scrolls, `below` under it; return what scrolls it."""
    foot = QVBoxLayout()
    foot.setContentsMargins(24, 8, 24, 16)
    foot.setSpacing(8)
    for part in below:
        foot.addWidget(part)
    outside = QVBoxLayout(page)
    outside.setContentsMargins(0, 0, 0, 0)
    outside.setSpacing(0)
    scroll = scrolling(inside)
    outside.addWidget(scroll, 1)
    outside.addLayout(foot)
    return scroll
