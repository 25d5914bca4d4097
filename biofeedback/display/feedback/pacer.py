"""The breathing pacer on a screen: a column that fills with the breath, and empties."""

import math

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QShortcut,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from biofeedback.display.sitting.pacer_model import PacerFrame, PacerModel
from biofeedback.display.widgets.controls import Label, announce, button
from biofeedback.display.widgets.palette import Palette
from biofeedback.text import _

# In heights of a line of text
_WIDTH_EMS, _LEAST_WIDTH_EMS, _COLUMN_EMS, _LEAST_EMS = 10.0, 7.0, 2.4, 4.6
_LARGEST_FROM_EMS = 18.0  # high, the words are as large as they become
_WIDEST = 0.22  # of the screen's width
_ROOM_EMS = 27.0  # of the screen's height, for what a key or a button stands in for
_LARGER = 1.6  # the words at the largest, and the seconds than the words
_STEP = 0.001  # of the column: less is not seen


class Column(QWidget):
    """The column and, above it, what to do for how many seconds."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self._frame = PacerFrame(math.nan, "", "", "")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # spares painting the card below
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_("Breathing pacer"))

    def minimumSizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(round(_LEAST_WIDTH_EMS * em), round(_LEAST_EMS * em))

    def show_frame(self, frame: PacerFrame) -> None:
        """Show `frame`; paints only what has changed."""
        before, self._frame = self._frame, frame
        if (frame.word, frame.seconds) != (before.word, before.seconds):
            self.setAccessibleDescription(frame.word)
            self.update()
        elif abs(frame.full - before.full) >= _STEP:
            self.update(self._box().toAlignedRect())
        else:
            self._frame = before  # until it has moved far enough to be seen

    def changeEvent(self, event: QEvent) -> None:
        self.update()  # another font
        super().changeEvent(event)

    def _enlarged(self) -> float:
        """Return by how much the words are larger than other text."""
        high = self.height() / (_LARGEST_FROM_EMS * self.fontMetrics().height())
        return min(max(1.0, high * _LARGER), _LARGER)

    def _box(self) -> QRectF:
        em = self._enlarged() * self.fontMetrics().height()
        top, width = (1.2 + 1.1 * _LARGER) * em, _COLUMN_EMS * em
        return QRectF((self.width() - width) / 2, top, width, self.height() - top - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        frame, palette, box = self._frame, self._palette, self._box()
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(palette.card))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if event.rect().top() < box.top() - 1:
            self._paint_words(painter, frame)
        edge = box.adjusted(1, 1, -1, -1)
        round_by = edge.width() / 6
        painter.setPen(QPen(QColor(palette.text if palette.strong else palette.line), 2))
        painter.drawRoundedRect(edge, round_by, round_by)
        if frame.full > 0:
            inside = edge.adjusted(3, 3, -3, -3)
            inside.setTop(inside.bottom() - max(frame.full * inside.height(), 2.0))
            round_by = min(round_by, inside.height() / 2)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.trace))
            painter.drawRoundedRect(inside, round_by, round_by)

    def _paint_words(self, painter: QPainter, frame: PacerFrame) -> None:
        enlarged, width = self._enlarged(), self.width()
        em = enlarged * self.fontMetrics().height()
        painter.setPen(QColor(self._palette.text))
        font = QFont(self.font())
        size = enlarged * font.pointSizeF()
        font.setPointSizeF(size)
        font.setWeight(QFont.Weight.DemiBold)
        needed = QFontMetricsF(font).horizontalAdvance(frame.word)
        if needed > width:
            font.setPointSizeF(size * width / needed)
        middle = Qt.AlignmentFlag.AlignCenter
        painter.setFont(font)
        painter.drawText(QRectF(0, 0, width, 1.2 * em), middle, frame.word)
        font = QFont(self.font())
        font.setPointSizeF(size * _LARGER)
        painter.setFont(font)
        painter.drawText(QRectF(0, 1.15 * em, width, _LARGER * em), middle, frame.seconds)


class PacerView(QWidget):
    """The pacer beside what else is on `screen`, hidden while there is none.

    B begins and ends it, D stops it for who is dizzy, and I counts one's own breaths. Where
    somebody else leads the sitting (`led`), only D does. `switch_button` is to be laid out by the
    screen, which calls `tick` for each frame.
    """

    message = Signal(str)

    def __init__(
        self, screen: QWidget, model: PacerModel, palette: Palette, *, led: bool = False
    ) -> None:
        super().__init__()
        self._screen, self._model, self._led = screen, model, led
        self.column, self._note = Column(palette), Label("")
        self._note.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._stop = button(
            _("Dizzy: stop"), _("Stop the pacer at once, and breathe as you like (D)"), self._dizzy
        )
        self.switch_button = button(
            _("Breathing pacer"), _("Let a pacer lead your breath, or end that (B)"), self._switch
        )
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.column, 1)
        rows.addWidget(self._note)
        rows.addWidget(self._stop)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Expanding)
        self.hide()
        QShortcut(QKeySequence(Qt.Key.Key_D), screen).activated.connect(self._dizzy)
        if not led:
            QShortcut(QKeySequence(Qt.Key.Key_B), screen).activated.connect(self._switch)
            QShortcut(QKeySequence(Qt.Key.Key_I), screen).activated.connect(model.breathe_in)

    def beside(self, *parts: QWidget) -> QHBoxLayout:
        """Return a layout with the pacer to the left of `parts`, which lie one below the other."""
        row, rows = QHBoxLayout(), QVBoxLayout()
        for part in parts:
            rows.addWidget(part, 1)
        row.addWidget(self)
        row.addLayout(rows, 1)
        return row

    def tick(self) -> None:
        """Show what the pacer has come to."""
        frame = self._model.frame()
        self.setVisible(frame is not None)
        room = self._screen.height() >= _ROOM_EMS * self.fontMetrics().height()
        self.switch_button.setVisible(room and not self._led)
        if frame is None:
            return
        self._keep_narrow()
        leads = not math.isnan(frame.full)
        for part in (self.column, self._stop):
            part.setVisible(leads)
        self._note.setVisible(room or not leads)  # what it says then, the button says too
        if leads:
            self.column.show_frame(frame)
        if frame.note != self._note.text():
            self._note.setText(frame.note)
            announce(self, frame.note)

    def _keep_narrow(self) -> None:
        """Leave most of the width to what is beside it."""
        em, least = self.fontMetrics().height(), self.minimumSizeHint().width()
        wanted = min(_WIDTH_EMS * em, _WIDEST * self._screen.width())
        self.setFixedWidth(max(least, round(wanted)))

    def _switch(self) -> None:
        self.message.emit(self._model.switch())

    def _dizzy(self) -> None:
        if said := self._model.stop_dizzy():
            self.message.emit(said)
            self.tick()
