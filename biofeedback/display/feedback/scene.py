"""A calm scene that answers tension: a lake, which is still and clear while the muscle lets go."""

import math

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from biofeedback.display.feedback.ring import draw_zone_sign, fitting
from biofeedback.display.feedback.scene_lake import ColourLake, Lake, LineLake
from biofeedback.display.feedback.scene_motion import Motion
from biofeedback.display.sitting.frame import Frame
from biofeedback.display.widgets.palette import Palette
from biofeedback.stream import Zone
from biofeedback.text import _

_CORNER = 12.0
_VEIL = 0.82  # so much of the lake a full veil takes
_SEEN = 0.002  # less than that changes no pixel


class Scene(QWidget):
    """The lake. The tenser, against the goal, the more its water is ruffled and its mist thickens.

    Without a reading it stands still under a veil with a sign and words; it never looks calm then.
    """

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._motion = Motion()
        self._lake: Lake | None = None
        self._veil = QPixmap()
        self._word = ""
        self._painted = (math.nan, math.nan, math.nan)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_("Lake: still water is a relaxed muscle"))

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 120)

    def show_frame(self, frame: Frame, elapsed_s: float) -> None:
        """Go on by `elapsed_s`, with `frame` as what is so now; paints only where that is seen."""
        motion = self._motion
        motion.follow(frame.over_goal, elapsed_s)
        if math.isnan(frame.over_goal):
            word = frame.word or _("No goal yet")
            if word != self._word:
                self._word, self._veil = word, QPixmap()
                self.update()
        looks = (motion.unrest, motion.veil, motion.t_s if motion.unrest > _SEEN else 0.0)
        if any(not abs(a - b) < _SEEN for a, b in zip(looks, self._painted, strict=True)):
            self._painted = looks
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lake, self._veil = None, QPixmap()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        self._veil = QPixmap()  # another font
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._lake is None:
            make = LineLake if self._palette.strong else ColourLake
            self._lake = make(self.size(), self._palette, ratio=self.devicePixelRatioF())
        painter = QPainter(self)
        self._lake.paint(painter, self._motion)
        if self._motion.veil > _SEEN:
            if self._veil.isNull():
                self._veil = self._paint_veil()
            painter.setOpacity(self._motion.veil)
            painter.drawPixmap(0, 0, self._veil)
            painter.setOpacity(1.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(_corners(QRectF(self.rect())), QColor(self._palette.card))
        painter.end()

    def _paint_veil(self) -> QPixmap:
        """Return what lies over the lake where there is no reading: hatching, a sign, the words."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        ground, ink = QColor(self._palette.card), QColor(self._palette.unknown)
        ground.setAlphaF(_VEIL)
        pixmap.fill(ground)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hatching = QColor(self._palette.line)
        painter.fillRect(self.rect(), QBrush(hatching, Qt.BrushStyle.BDiagPattern))
        height = self.height()
        font = fitting(self.font(), self._word, 0.8 * self.width(), 0.11 * height)
        font.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetricsF(font)
        sign = 0.2 * height
        wide = max(metrics.horizontalAdvance(self._word) + metrics.height(), 2 * sign)
        plate = QRectF(0, 0, wide + sign, 1.9 * sign + metrics.height())
        plate.moveCenter(QRectF(self.rect()).center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._palette.card))
        painter.drawRoundedRect(plate, _CORNER, _CORNER)
        box = QRectF(plate.center().x() - sign / 2, plate.top() + 0.35 * sign, sign, sign)
        draw_zone_sign(painter, box, Zone.UNKNOWN, ink)
        painter.setFont(font)
        painter.setPen(ink)
        under = QRectF(plate.left(), box.bottom() + 0.2 * sign, plate.width(), metrics.height())
        painter.drawText(under, Qt.AlignmentFlag.AlignCenter, self._word)
        painter.end()
        return pixmap


def _corners(rect: QRectF) -> QPainterPath:
    """Return what lies outside a rectangle's rounded corners."""
    path, side = QPainterPath(), _CORNER
    for x, y, right, down in (
        (rect.left(), rect.top(), 1, 1),
        (rect.right(), rect.top(), -1, 1),
        (rect.left(), rect.bottom(), 1, -1),
        (rect.right(), rect.bottom(), -1, -1),
    ):
        path.moveTo(x, y)
        path.lineTo(x + right * side, y)
        path.quadTo(x, y, x, y + down * side)
        path.closeSubpath()
    return path
