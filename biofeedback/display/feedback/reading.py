"""The number and the word beneath a picture, small: it says in plain words what that shows."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from biofeedback.display.feedback.ring import draw_zone_sign, fitting, zone_colour
from biofeedback.display.sitting.frame import Frame, in_words
from biofeedback.display.widgets.palette import Palette

_LARGER = 1.3  # than the usual text
_NUMBER_EVERY = 15  # frames: a number that changes twice a second is quiet, and can be read


class Reading(QWidget):
    """The sign of the zone with its word, and the number with its unit."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self._frame: Frame | None = None
        self._number = ""
        self._number_age = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, round(1.8 * _LARGER * self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @property
    def text(self) -> str:
        """What it says, for a screen reader."""
        if self._frame is None:
            return ""
        return in_words(self._number, self._frame.unit, self._frame.word)

    def show_frame(self, frame: Frame) -> bool:
        """Show `frame`; return whether it says something else than before."""
        before, self._frame = self._frame, frame
        self._number_age += 1
        other = before is None or (frame.zone, frame.word) != (before.zone, before.word)
        if (other or self._number_age >= _NUMBER_EVERY) and frame.number != self._number:
            self._number, self._number_age, other = frame.number, 0, True
        if other:
            self.update()
        return other

    def paintEvent(self, _event: QPaintEvent) -> None:
        frame = self._frame
        if frame is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit = frame.unit.partition(" · ")[0]
        number = f"{self._number} {unit}".strip()
        size = _LARGER * self.fontMetrics().height()
        gap = 0.9 * size
        font = fitting(self.font(), frame.word + number, self.width() - 3 * gap, 0.75 * size)
        metrics = QFontMetricsF(font)
        sign = metrics.ascent() * 0.9 if frame.word else 0.0
        words = metrics.horizontalAdvance(frame.word) * 1.08
        wide = (sign + 0.5 * gap + words + gap if frame.word else 0.0) + metrics.horizontalAdvance(
            number
        )
        x, y = (self.width() - wide) / 2, self.height() / 2
        if frame.word:
            colour = QColor(zone_colour(frame.zone, self._palette))
            draw_zone_sign(painter, QRectF(x, y - sign / 2, sign, sign), frame.zone, colour)
            strong = QFont(font)
            strong.setWeight(QFont.Weight.DemiBold)
            x += sign + 0.5 * gap
            self._write(painter, strong, colour, x, frame.word)
            x += words + gap
        self._write(painter, font, QColor(self._palette.quiet), x, number)
        painter.end()

    def _write(self, painter: QPainter, font: QFont, colour: QColor, x: float, text: str) -> None:
        painter.setFont(font)
        painter.setPen(colour)
        box = QRectF(x, 0, self.width() - x, self.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
