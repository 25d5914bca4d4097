"""The picture of a trial: each repeat off, on, off again, what was tried beside the sham."""

import math
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from biofeedback.analysis.told import number_of
from biofeedback.display.sitting.view_model import FINE, round_up
from biofeedback.display.widgets.palette import Palette
from biofeedback.text import _
from biofeedback.training.tried import SHAM, name_of

_LINES = 13  # how high it is, in lines of text


class TrialPicture(QWidget):
    """Draws the result of a trial; its description is for who does not see it."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._told: dict[str, Any] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("Tension off, on, and off again"))

    def sizeHint(self) -> QSize:
        return QSize(300, _LINES * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        self._palette = palette
        self.update()

    def show_result(self, told: dict[str, Any]) -> None:
        """Draw what `told` says, a result as `TrialSession` has it."""
        self._told = told
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        told = self._told
        if told is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows = {kind: _levels(told, kind) for kind in ("real", "sham")}
        known = [v for each in rows.values() for row in each for v in row if not math.isnan(v)]
        top = round_up(1.1 * max(known, default=1.0), steps=FINE)
        line = painter.fontMetrics().height()
        left = painter.fontMetrics().horizontalAdvance("0000") + 12
        half = (self.width() - left) / 2
        for i, (kind, name) in enumerate(
            (("real", name_of(told["what"])), ("sham", name_of(SHAM)))
        ):
            area = QRectF(left + i * half, 1.4 * line, half - 16, self.height() - 2.8 * line)
            self._paint_panel(painter, area, name)
            self._paint_rows(painter, area, rows[kind], top, kind=kind)
        self._paint_scale(painter, left, line, top)
        painter.end()

    def _paint_scale(self, painter: QPainter, left: float, line: float, top: float) -> None:
        painter.setPen(QColor(self._palette.quiet))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for share in (0.0, 0.5, 1.0):
            y = self.height() - 1.4 * line - share * (self.height() - 2.8 * line)
            box = QRectF(0, y - line / 2, left - 8, line)
            painter.drawText(box, right, f"{share * top:g}")

    def _paint_panel(self, painter: QPainter, area: QRectF, name: str) -> None:
        line = painter.fontMetrics().height()
        painter.fillRect(
            QRectF(area.left() + area.width() / 3, area.top(), area.width() / 3, area.height()),
            QColor(self._palette.target_band),
        )
        painter.setPen(QPen(QColor(self._palette.line), 1))
        for share in (0.0, 0.5, 1.0):
            y = area.bottom() - share * area.height()
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(QColor(self._palette.text))
        middle = Qt.AlignmentFlag.AlignCenter
        shown = painter.fontMetrics().elidedText(
            name, Qt.TextElideMode.ElideRight, round(area.width())
        )
        painter.drawText(QRectF(area.left(), 0, area.width(), 1.3 * line), middle, shown)
        painter.setPen(QColor(self._palette.quiet))
        for i, word in enumerate((_("off"), _("on"), _("off again"))):
            third = area.width() / 3
            box = QRectF(area.left() + i * third, area.bottom() + 2, third, 1.3 * line)
            painter.drawText(box, middle, word)

    def _paint_rows(
        self,
        painter: QPainter,
        area: QRectF,
        rows: list[tuple[float, ...]],
        top: float,
        *,
        kind: str,
    ) -> None:
        """Paint each repeat as a line from off to on to off again."""
        colour = QColor(self._palette.trace if kind == "real" else self._palette.envelope)
        painter.setPen(QPen(colour, 2))
        for row in rows:
            points = [
                QPointF(
                    area.left() + (i + 0.5) * area.width() / 3,
                    area.bottom() - min(value / top, 1.0) * area.height(),
                )
                for i, value in enumerate(row)
                if not math.isnan(value)
            ]
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF(points))
            painter.setBrush(colour)
            for point in points:
                if kind == "real":
                    painter.drawEllipse(point, 4, 4)
                else:
                    painter.drawRect(QRectF(point.x() - 4, point.y() - 4, 8, 8))


def _levels(told: dict[str, Any], kind: str) -> list[tuple[float, ...]]:
    unit = "uv" if "off_uv" in told else "counts"
    return [
        tuple(number_of(each, f"{part}_{unit}") for part in ("off", "on", "after"))
        for each in told["each"]
        if each["kind"] == kind and each["counts"]
    ]
