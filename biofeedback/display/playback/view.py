"""The playback view: a recording painted at any distance, moved by keys and by mouse."""

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from biofeedback.display.playback.image import make_ink, paint_lanes
from biofeedback.display.playback.model import PlaybackModel
from biofeedback.display.playback.overlay import Overlay, mark_at, mark_words, reading_word
from biofeedback.display.playback.places import (
    Places,
    digits_for,
    lay_out,
    least_height,
    round_times,
    time_word,
)
from biofeedback.display.widgets.palette import Palette
from biofeedback.display.widgets.style import dense
from biofeedback.display.widgets.watermark import Watermark
from biofeedback.muscles import shown_label
from biofeedback.text import _

_ZOOM = 1.5
_NOTCH = 120  # of a wheel, as Qt counts them
_ARROW, _PAGE, _FINE = 0.1, 0.9, 0.005  # of what is seen
_DRAG = 4  # pixels, before a press is a drag
_GRID = 90  # pixels between lines
_SHIFT, _CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
_LEFT_RIGHT: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_PAGES: dict[int, int] = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
_ZOOMS: dict[int, int] = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
_LOUDER: dict[int, int] = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
_TABS: dict[int, int] = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}


class PlaybackView(QWidget):
    """Shows a `PlaybackModel`; emits `changed` when one has moved in it, `opened` for a mark.

    The lanes lie in an image that is painted anew when view, scale, edits or colours change; what
    stands around and over them is painted each time.
    """

    changed = Signal()
    opened = Signal()
    """The chosen mark is to be edited."""

    def __init__(
        self, model: PlaybackModel, palette: Palette, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.model, self._palette = model, palette
        self._labels = [shown_label(channel.label) for channel in model.channels]
        self._image_of: object = None
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._does = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleDescription(
            _(
                "Left and right move along, with Shift they select. Plus and minus zoom, 0 shows "
                "all, up and down change the scale. Tab goes to the next mark. A annotates, E "
                "excludes, Enter edits, Delete removes a mark. Control Z undoes."
            )
        )
        self.setAccessibleName(_("Recording"))
        self._watermark: Watermark | None = None
        self.set_palette(palette)

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        self._palette = palette
        if self._watermark is not None:
            self._watermark.deleteLater()
            self._watermark = None
        if self.model.recording.info.simulated:
            self._watermark = Watermark(self, palette)
            self._watermark.show()
        self.update()

    def minimumSizeHint(self) -> QSize:
        """A line of text a channel."""
        line = QFontMetrics(self.font()).height()
        return QSize(16 * line, least_height(len(self._labels), self.font()))

    def sizeHint(self) -> QSize:
        """The least: it takes what is left."""
        return self.minimumSizeHint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.update()

    # painting

    def places(self) -> Places:
        """Return where everything stands now."""
        return lay_out(
            self.width(),
            self.height(),
            self._labels,
            self.font(),
            bars=bool(self.model.edited.excluded),
            ratio=self.devicePixelRatio(),
        )

    def _paint_image(self, places: Places) -> None:
        ratio, model = self.devicePixelRatio(), self.model
        of = (
            (model.start_s, model.span_s, tuple(model.scales.tolist())),
            (places, ratio, self._palette, model.edited),
        )
        if of == self._image_of:
            return
        self._image_of = of
        n, height = round(places.lanes.width() * ratio), round(places.lane * ratio)
        self._columns = model.columns(n)
        self._excluded = model.excluded_columns(n)
        times = round_times(
            model.start_s, model.span_s, fewest_px=_GRID, width=places.lanes.width()
        )
        at = (np.array(times) - model.start_s) / model.span_s * n
        self._pixels = paint_lanes(
            self._columns,
            height=height,
            scales=model.scales,
            excluded=self._excluded,
            grid=np.clip(at.astype(np.int64), 0, n - 1),
            ink=make_ink(self._palette),
            thickness=max(2, round(2 * ratio)),
        )
        # Qt does not own the memory: the array is kept as long as the image
        self._image = QImage(
            memoryview(self._pixels.data).cast("B"),
            n,
            len(self._labels) * height,
            4 * n,
            QImage.Format.Format_RGB32,
        )
        self._image.setDevicePixelRatio(ratio)

    def paintEvent(self, _event: QPaintEvent) -> None:
        places = self.places()
        self._paint_image(places)
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.card))
        painter.drawImage(places.lanes.topLeft(), self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(dense(self.font()))
        overlay = Overlay(painter, places, self.model, self._palette)
        for paint in (
            overlay.gutter,
            overlay.scales,
            overlay.axis,
            overlay.whole,
            lambda: overlay.words(self._columns, self._excluded),
            overlay.selection,
            overlay.exclusions,
            overlay.flags,
            overlay.cursor,
        ):
            paint()
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._palette.focus), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)
        painter.end()

    def moved(self) -> None:
        """Show where the model stands now, and tell it."""
        name = self.words()
        if name != self.accessibleName():
            self.setAccessibleName(name)
        self.update()
        self.changed.emit()

    def words(self) -> str:
        """Return the cursor's time and each channel's reading there, or what is chosen."""
        model = self.model
        digits = digits_for(model.span_s)
        if model.chosen is not None:
            return mark_words(model.chosen, digits)
        return _("At {time}: {readings}").format(
            time=time_word(model.cursor_s, digits),
            readings=", ".join(
                f"{shown_label(channel.label)} {reading_word(reading, channel)}"
                for channel, reading in zip(model.channels, model.readings(), strict=True)
            ),
        )

    # keys

    def event(self, event: QEvent) -> bool:
        # Tab leaves only behind the last mark; Esc takes the selection away before it leads back
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = _TABS.get(event.key())
            if step and not event.modifiers() & _CONTROL and self.model.next_mark(step):
                self.moved()
                return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            busy = self.model.selection is not None or self.model.chosen is not None
            if event.key() == Qt.Key.Key_Escape and busy:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, zoom, select; other keys go on to the page."""
        key, shift = event.key(), bool(event.modifiers() & _SHIFT)
        fine = bool(event.modifiers() & _CONTROL)
        if key in _LEFT_RIGHT:
            self._step(_LEFT_RIGHT[key], shift=shift, fine=fine)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            at_s = 0.0 if key == Qt.Key.Key_Home else self.model.duration_s
            self.model.go_to(at_s, select=shift)
        elif fine or not self._simple_key(key):
            super().keyPressEvent(event)
            return
        self.moved()

    def _simple_key(self, key: int) -> bool:
        model = self.model
        if key in _PAGES:
            model.scroll(_PAGE * _PAGES[key])
        elif key in _ZOOMS:
            model.zoom(_ZOOM ** -_ZOOMS[key])
        elif key == Qt.Key.Key_0:
            model.whole()
        elif key in _LOUDER:
            model.louder(_LOUDER[key])
        elif key == Qt.Key.Key_Escape:
            return model.unselect()
        else:
            return False
        return True

    def _step(self, step: int, *, shift: bool, fine: bool) -> None:
        model = self.model
        if shift or fine:
            share = _FINE if fine else _ARROW / 4
            model.go_to(model.cursor_s + step * share * model.span_s, select=shift)
        else:
            model.unselect()
            model.scroll(step * _ARROW)

    # mouse

    def _time_at(self, x: float) -> float:
        return self.model.start_s + self.places().share_at(x) * self.model.span_s

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom where the pointer is; a sideways turn moves along."""
        turned, sideways = event.angleDelta().y(), event.angleDelta().x()
        if turned:
            at_s = self._time_at(event.position().x())
            self.model.zoom(_ZOOM ** (-turned / _NOTCH), at_s)
        if sideways:
            self.model.pan(-sideways / _NOTCH * _ARROW * self.model.span_s)
        event.accept()
        self.moved()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag, to select, or to move along the bar of the whole."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._pressed = self._last = event.position()
        whole = self.places().whole.contains(event.position())
        self._does = "jump" if whole else "press"
        if whole:
            self._jump(event.position().x())
        elif event.modifiers() & _SHIFT:
            self._does = "select"
            self.model.point_at(self._time_at(event.position().x()))
            self.moved()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with what was begun."""
        at = event.position()
        if self._pressed is None:
            return
        if self._does == "press" and math.dist(at.toTuple(), self._pressed.toTuple()) >= _DRAG:
            self._does = "pan"
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._does == "pan":
            self.model.pan(self._time_at(self._last.x()) - self._time_at(at.x()))
        elif self._does == "select":
            self.model.select_to(self._time_at(at.x()))
        elif self._does == "jump":
            self._jump(at.x())
        self._last = at
        self.moved()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose what was clicked on, or put the cursor there."""
        super().mouseReleaseEvent(event)
        if self._pressed is not None and self._does == "press":
            at, places = event.position(), self.places()
            mark = mark_at(self.model, places, at.x(), at.y())
            if mark is not None:
                self.model.choose(mark)
            elif places.lanes.left() <= at.x() <= places.lanes.right():
                self.model.point_at(self._time_at(at.x()))
            self.moved()
        self._pressed = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Edit the mark that was clicked on."""
        at = event.position()
        mark = mark_at(self.model, self.places(), at.x(), at.y())
        if mark is not None:
            self.model.choose(mark)
            self.moved()
            self.opened.emit()

    def _jump(self, x: float) -> None:
        """Bring the middle of the view to a place on the bar of the whole."""
        model, whole = self.model, self.places().whole
        middle_s = (x - whole.left()) / whole.width() * model.duration_s
        model.pan(middle_s - model.span_s / 2 - model.start_s)
        self.moved()
