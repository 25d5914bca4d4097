"""What a person sees of a training: the ring, the lake, the curve, or nothing, with closed eyes."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from biofeedback.display.feedback.reading import Reading
from biofeedback.display.feedback.ring import Ring
from biofeedback.display.feedback.scene import Scene
from biofeedback.display.feedback.trend import Trend
from biofeedback.display.sitting.frame import Frame
from biofeedback.display.sitting.training_words import CLOSED_EYES
from biofeedback.display.widgets.controls import Label, fit_text
from biofeedback.display.widgets.palette import Palette
from biofeedback.settings import TrainingSettings
from biofeedback.text import _

_LEAST = QSize(260, 150)
_SMALLEST_EYE = 40
_NIGHT, _MOONLIGHT, _FAINT = "#0b1118", "#c3cedb", "#51606f"  # a contrast of 11 and of 3


class ClosedEyes(QWidget):
    """A dark page with a closed eye: all there is comes by ear, or why it does not."""

    def __init__(self) -> None:
        super().__init__()
        self.words = Label("", "words")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setStyleSheet(f"color: {_MOONLIGHT};")
        self._rows = rows = QVBoxLayout(self)
        rows.setContentsMargins(24, 16, 24, 16)
        rows.addStretch(1)
        rows.addWidget(self.words)
        rows.addStretch(1)
        self.say("")

    def say(self, silence: str) -> None:
        """Say what to do; `silence`: why nothing is heard, empty where it is."""
        text = silence or _("Close your eyes: you hear it.")
        if text != self.words.text():
            self.words.setText(text)
            self.setAccessibleName(text)
            self._fit()
            self.updateGeometry()

    def least(self) -> int:
        """Return how high it has to be for its words, in pixels."""
        margins = self._rows.contentsMargins()
        beside = margins.left() + margins.right()
        words = self.words.heightForWidth(max(_LEAST.width(), self.width()) - beside)
        return words + margins.top() + margins.bottom()

    def _fit(self) -> None:
        fit_text(self.words, 0.7 * self.height(), largest="words")

    def resizeEvent(self, _event: object) -> None:
        self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(_NIGHT))
        painter.drawRoundedRect(QRectF(self.rect()), 12, 12)
        room = self.words.geometry().top()
        side = 0.6 * min(self.width(), room)
        if side < _SMALLEST_EYE:  # the words need all there is
            painter.end()
            return
        eye = QRectF(self.width() / 2 - side / 2, 0.5 * (room - side), side, side)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(_FAINT), max(2.0, 0.05 * side)))
        painter.drawArc(eye, 200 * 16, 140 * 16)
        for turn in (-50, -25, 0, 25, 50):
            angle = math.radians(270 + turn)
            out = QPointF(math.cos(angle), -math.sin(angle)) * (side / 2)
            painter.drawLine(eye.center() + out * 1.08, eye.center() + out * 1.3)
        painter.end()


class Feedback(QStackedWidget):
    """Shows the frames that it is given in the way that `settings` choose."""

    def __init__(self, palette: Palette, settings: TrainingSettings) -> None:
        super().__init__()
        self.ring, self.scene, self.trend = Ring(palette), Scene(palette), Trend(palette)
        self.closed = ClosedEyes()
        self._readings = {"scene": Reading(palette), "trend": Reading(palette)}
        self._pages: dict[str, QWidget] = {
            "ring": self.ring,
            "scene": above(self.scene, self._readings["scene"]),
            "trend": above(self.trend, self._readings["trend"]),
            CLOSED_EYES: self.closed,
        }
        for page in self._pages.values():
            self.addWidget(page)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.choose(settings)

    def minimumSizeHint(self) -> QSize:
        """It is what shrinks where there is little room; only words are to be seen whole."""
        words = self.closed.least() if self.currentWidget() is self.closed else 0
        return QSize(_LEAST.width(), max(_LEAST.height(), words))

    def sizeHint(self) -> QSize:
        return _LEAST  # and takes what is left

    def hasHeightForWidth(self) -> bool:
        return False  # else it would ask for what the words of closed eyes might need

    def choose(self, settings: TrainingSettings) -> None:
        """Show it in another way."""
        self.settings = settings
        self.setCurrentWidget(self._pages[settings.feedback])

    def show_frame(self, frame: Frame, elapsed_s: float) -> None:
        """Show `frame`, so long after the one before."""
        way = self.settings.feedback
        if self.settings.number == "off":
            frame = replace(frame, number="", unit="")
        if way == "ring":
            self.ring.show_frame(frame)
        elif way in self._readings:
            seen = self.scene if way == "scene" else self.trend
            if self._readings[way].show_frame(frame):
                seen.setAccessibleDescription(self._readings[way].text)
        if way == "scene":
            self.scene.show_frame(frame, elapsed_s)

    def show_slowly(self, frame: Frame, curve: NDArray[np.float64], *, silence: str) -> None:
        """Show what need not be smooth: the `curve` of two minutes, and why nothing is heard."""
        if self.settings.feedback == "trend":
            self.trend.show_trend(curve, frame, floor=0.0)
        elif self.settings.feedback == CLOSED_EYES:
            self.closed.say(silence)


def above(seen: QWidget, reading: Reading) -> QWidget:
    """Return a page with `reading` below what is seen."""
    page = QWidget()
    rows = QVBoxLayout(page)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(4)
    rows.addWidget(seen, 1)
    rows.addWidget(reading)
    return page
