"""The sweep: every channel's signal and tension, drawn as a hospital monitor draws them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from biofeedback.display.sitting.view_model import ViewModel, round_up
from biofeedback.display.traces.columns import SWEEP_S
from biofeedback.display.traces.image import Span, SweepImage
from biofeedback.display.traces.note_marks import paint_marks
from biofeedback.display.traces.overlay import Frame, Strip, lay_out, least_height, paint_overlay
from biofeedback.display.widgets.palette import Palette
from biofeedback.display.widgets.style import dense
from biofeedback.muscles import shown_label
from biofeedback.stream import Annotation
from biofeedback.text import _
from biofeedback.words import unit_word

_GRAB = 8  # how near to a threshold the mouse takes hold of it, in logical pixels
_SCALE_TICKS = 15
_FIRST_SCALE = 10.0
_ROOM = 1.1  # above a threshold, that it never lies on the edge


class SweepView(QWidget):
    """Stacked channels over one time axis of ten seconds; new columns overwrite the old.

    The traces lie in an image that gets a few columns a tick; labels, thresholds and warnings lie
    over it in a pixmap that is painted when one of them changes. `tick` polls. `notes` gives what
    was noted, which stands at its time until the sweep comes round again.
    """

    message = Signal(str)
    chosen = Signal()
    """Another channel is the patient's, or a threshold moved."""

    def __init__(
        self,
        view_model: ViewModel,
        palette: Palette,
        parent: QWidget | None = None,
        *,
        notes: Callable[[], Sequence[Annotation]] = tuple,
    ) -> None:
        super().__init__(parent)
        self._view_model, self._palette, self._notes = view_model, palette, notes
        self._channels = view_model.channels
        n = len(self._channels)
        self.scales: NDArray[np.float64] = np.full(n, _FIRST_SCALE)
        """What half a strip stands for, in the channel's unit."""
        self._by_hand = np.zeros(n, dtype=np.bool_)
        self._ticks = 0
        self._dragged: int | None = None
        self._drag_refused = False
        self._overlay_of: object = None
        self._made_for: object = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keys = _(
            "Up and down choose the channel that the patient sees. Left and right lower and raise "
            "its threshold, T sets it from the present tension. Plus and minus change its scale, "
            "0 makes the scale automatic."
        )
        self.setAccessibleDescription(keys)
        self.setAccessibleName(_("Signal and tension"))
        self._lay_out()

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        self._palette = palette
        self._lay_out()

    # sizes

    def minimumSizeHint(self) -> QSize:
        """Two lines of text a channel."""
        font = dense(self.font())
        line = QFontMetrics(font).height()
        return QSize(16 * line, least_height(len(self._channels), font))

    def sizeHint(self) -> QSize:
        """The least: it takes what is left."""
        return self.minimumSizeHint()

    def _lay_out(self) -> None:
        """Make frame, image and colours for the present size, and draw all anew."""
        n, ratio = max(1, len(self._channels)), self.devicePixelRatio()
        made_for = self.size(), ratio, self.font(), self._palette
        if made_for == self._made_for:  # Qt tells of many changes that are none
            return
        self._made_for = made_for
        units = {unit_word(channel) for channel in self._channels}
        labels = [shown_label(channel.label) for channel in self._channels]
        frame = lay_out(self.width(), self.height(), labels, units, dense(self.font()))
        # strips and columns are whole pixels of the device
        height = max(8, int(frame.plot.height() * ratio / n))
        self.image = SweepImage(
            n,
            max(1, int(frame.plot.width() * ratio)),
            height,
            sfreq=self._view_model.session.info.sfreq,
            ratio=ratio,
            palette=self._palette,
        )
        left = round(frame.plot.left() * ratio) / ratio
        plot = QRectF(left, frame.plot.top(), self.image.width / ratio, n * height / ratio)
        self.frame: Frame = replace(frame, plot=plot, height=height / ratio)
        self._advance()
        self._rescale()
        self.image.redraw(self.scales)
        self._overlay_of = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another number of columns."""
        super().resizeEvent(event)
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        """Another font moves everything."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.DevicePixelRatioChange):
            self.updateGeometry()
            self._lay_out()

    # thirty times a second

    def tick(self) -> None:
        """Draw what has come since the last tick."""
        self._ticks += 1
        changed = self._advance()
        if self._ticks % _SCALE_TICKS == 0:
            self._rescale()
        if self._state() != self._overlay_of:
            self.update()
        for span in changed:
            self.update(self._area(span))

    def _advance(self) -> list[Span]:
        return self.image.advance(self._view_model.signal, self._view_model.stop, self.scales)

    def _area(self, span: Span) -> QRect:
        plot = self.frame.plot
        left, width = self.image.left_and_width(span)
        return QRectF(plot.left() + left, plot.top(), width, plot.height()).toAlignedRect()

    # scales

    def _rescale(self) -> None:
        """Let the scales that are not set by hand grow at once, shrink when far too large."""
        if self._dragged is not None:
            return  # the line would jump under the mouse
        needed = self.image.columns.needed()
        thresholds = np.nan_to_num(self._thresholds())
        least = np.fmax(needed, _ROOM * thresholds)
        moved = False
        for i in np.flatnonzero((least > 0) & ~self._by_hand):
            if least[i] > self.scales[i] or self.scales[i] > 3 * least[i]:
                moved |= self._set_scale(int(i), round_up(float(least[i])))
        if moved:
            self._redraw()

    def _set_scale(self, channel: int, scale: float) -> bool:
        moved = scale != self.scales[channel]
        self.scales[channel] = scale
        return bool(moved)

    def _redraw(self) -> None:
        self.image.redraw(self.scales)
        self.update()

    def zoom(self, steps: int) -> None:
        """Make the chosen channel's trace larger by `steps` of 1, 2, 5; 0: automatic again."""
        i = self._view_model.channel
        self._by_hand[i] = steps != 0
        if steps:
            scale = float(self.scales[i])
            scale = round_up(scale / 2.5 if steps > 0 else scale * 1.01)
            self._set_scale(i, min(max(scale, 0.1), 1e6))
            self._redraw()
        else:
            self.scales[i] = 1e-9  # so that it is set afresh
            self._rescale()
            if self.scales[i] == 1e-9:
                self.scales[i] = _FIRST_SCALE
            self._redraw()

    # painting

    def _thresholds(self) -> NDArray[np.float64]:
        return self._view_model.session.thresholds()

    def _state(self) -> object:
        """Return all that the overlay shows: it is painted anew when this changes."""
        thresholds = [None if math.isnan(t) else t for t in self._thresholds().tolist()]
        model = self._view_model
        shown = model.channel, thresholds, self.scales.tolist(), model.warnings(), self.hasFocus()
        return *shown, self._recent()

    def _recent(self) -> list[Annotation]:
        """Return the notes whose time is still to be seen."""
        sfreq, n = self._view_model.session.info.sfreq, self.image.columns.n_samples
        stop = self._view_model.stop
        return [note for note in self._notes() if stop - n < note.onset_s * sfreq <= stop]

    def _marks(self) -> list[tuple[float, str]]:
        """Return where the notes stand, and their texts."""
        sfreq, n = self._view_model.session.info.sfreq, self.image.columns.n_samples
        plot = self.frame.plot
        return [
            (plot.left() + (note.onset_s * sfreq % n) / n * plot.width(), note.text)
            for note in self._recent()
        ]

    def _paint_overlay(self) -> None:
        ratio = self.devicePixelRatio()
        self._overlay = QPixmap(self.size() * ratio)
        self._overlay.setDevicePixelRatio(ratio)
        self._overlay.fill(Qt.GlobalColor.transparent)
        model = self._view_model
        strips = [
            Strip(shown_label(channel.label), unit_word(channel), scale, threshold, *warning)
            for channel, scale, threshold, warning in zip(
                self._channels,
                self.scales.tolist(),
                self._thresholds().tolist(),
                model.warnings(),
                strict=True,
            )
        ]
        painter = QPainter(self._overlay)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(dense(self.font()))
        paint_overlay(
            painter,
            self.frame,
            strips,
            chosen=model.channel,
            seconds=SWEEP_S,
            simulated=model.simulated,
            palette=self._palette,
        )
        paint_marks(painter, self.frame.plot, self._marks(), self._palette)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._palette.focus), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()
        self._name(strips[model.channel])

    def _name(self, strip: Strip) -> None:
        """Tell a screen reader what is chosen."""
        threshold = (
            _("no threshold")
            if math.isnan(strip.threshold)
            else _("threshold {value:.3g} {unit}").format(value=strip.threshold, unit=strip.unit)
        )
        name = _("Signals: {label}, {threshold}, scale {scale:g} {unit}").format(
            label=strip.label, threshold=threshold, scale=strip.scale, unit=strip.unit
        )
        if name != self.accessibleName():
            self.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show image and overlay, no more than was asked for."""
        state = self._state()
        if state != self._overlay_of:
            self._paint_overlay()
            self._overlay_of = state
            if event.rect() != self.rect():
                self.update()  # for what lies outside
        painter = QPainter(self)
        if not self.frame.plot.toRect().contains(event.rect()):
            painter.fillRect(event.rect(), QColor(self._palette.card))
        painter.drawImage(self.frame.plot.topLeft(), self.image.image)
        painter.drawPixmap(0, 0, self._overlay)
        painter.end()

    # keys and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose, move, set, zoom; other keys go on to the window."""
        model, key = self._view_model, event.key()
        i = model.channel
        if event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        ):
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._choose(i + (1 if key == Qt.Key.Key_Down else -1))
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_BracketLeft):
            self._tell(model.step_threshold(i, -1))
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_BracketRight):
            self._tell(model.step_threshold(i, 1))
        elif key == Qt.Key.Key_T:
            self._tell(model.threshold_here(i))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1)
        elif key == Qt.Key.Key_Minus:
            self.zoom(-1)
        elif key == Qt.Key.Key_0:
            self.zoom(0)
        else:
            super().keyPressEvent(event)

    def _choose(self, channel: int) -> None:
        self._view_model.select(channel)
        self.update()
        self.chosen.emit()

    def _tell(self, refusal: str) -> None:
        if refusal:
            self.message.emit(refusal)
        self.update()
        self.chosen.emit()

    def _strip_at(self, at: QPointF) -> int:
        number = int((at.y() - self.frame.plot.top()) / self.frame.height)
        return min(max(number, 0), len(self._channels) - 1)

    def _near_threshold(self, at: QPointF) -> int | None:
        """Return the channel whose threshold the mouse is on, if any."""
        for i, share in enumerate(self._thresholds() / self.scales):
            near = not math.isnan(share) and abs(self.frame.y_of(i, share) - at.y()) <= _GRAB
            if near and at.x() >= self.frame.plot.left():
                return i
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a threshold, or choose the channel under the mouse."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._dragged = self._near_threshold(event.position())
        self._drag_refused = False
        dragged = self._dragged
        self._choose(self._strip_at(event.position()) if dragged is None else dragged)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag a threshold; a value that is refused leaves it where it was."""
        if self._dragged is None:
            near = self._near_threshold(event.position()) is not None
            self.setCursor(Qt.CursorShape.SplitVCursor if near else Qt.CursorShape.ArrowCursor)
            return
        self._put_threshold(self._dragged, event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Put the threshold where the mouse is."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag_refused = False
            self._put_threshold(self._strip_at(event.position()), event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        super().mouseReleaseEvent(event)
        self._dragged = None

    def _put_threshold(self, channel: int, at: QPointF) -> None:
        share = min(self.frame.share_at(channel, at.y()), 1.0)
        refusal = self._view_model.set_threshold(channel, share * float(self.scales[channel]))
        # said once a drag, not at every pixel
        self._tell("" if self._drag_refused else refusal)
        self._drag_refused = bool(refusal)
