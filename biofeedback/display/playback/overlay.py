"""What stands around and over the lanes of a recording: numbers, words, flags, bars, cursor."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPen, QPolygonF

from biofeedback.display.playback.image import missing
from biofeedback.display.playback.model import PlaybackModel, Reading, mark_start_s, mark_stop_s
from biofeedback.display.playback.places import GAP, Places, digits_for, round_times, time_word
from biofeedback.display.playback.pyramid import UNCOUNTED, Level
from biofeedback.display.traces.overlay import short_number
from biofeedback.display.widgets.palette import Palette
from biofeedback.muscles import shown_label
from biofeedback.recording.edits import Exclusion, Mark, tidy
from biofeedback.stream import INVALID, Annotation, Channel
from biofeedback.text import _
from biofeedback.words import NO_NUMBER, number_word, quality_word, unit_word

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter
_MOST_FLAGS = 300  # that are drawn one by one
_POLE, _PENNANT = 2, 9
_SELECTED_ALPHA = 46
_EXCLUDED, _MISSING = 256, 257  # beside the values of flags


def reading_word(reading: Reading, channel: Channel) -> str:
    """Return what a channel says at the cursor: a tension with its unit, or why there is none."""
    if reading.excluded:
        return _("excluded")
    if reading.missing:
        return _("no samples")
    if math.isnan(reading.value):
        return quality_word(reading.flags) if reading.flags & INVALID else NO_NUMBER
    return f"{number_word(reading.value, channel)} {unit_word(channel)}"


class Overlay:
    """Paints over the lanes with `painter`, in the colours of `palette`."""

    def __init__(
        self, painter: QPainter, places: Places, model: PlaybackModel, palette: Palette
    ) -> None:
        self._painter, self._places, self._model = painter, places, model
        self._palette = palette
        self._metrics: QFontMetrics = painter.fontMetrics()
        self._line = self._metrics.height()
        self._digits = digits_for(model.span_s)

    def _x(self, at_s: float) -> float:
        model = self._model
        x = self._places.x_of((at_s - model.start_s) / model.span_s)
        return min(max(x, -1e6), 1e6)

    def _text(self, rect: QRectF, align: Qt.AlignmentFlag, text: str, colour: str) -> None:
        self._painter.setPen(QColor(colour))
        middle = Qt.TextElideMode.ElideMiddle
        self._painter.drawText(
            rect, align, self._metrics.elidedText(text, middle, math.ceil(rect.width()))
        )

    # around

    def gutter(self) -> None:
        """Paint of each channel its label, and its number at the cursor and over the selection."""
        model = self._model
        selected = model.selected()
        for i, (channel, reading) in enumerate(zip(model.channels, model.readings(), strict=True)):
            told = [reading_word(reading, channel)]
            strip = self._places.strip(i)
            rows = max(1, int(strip.height() // self._line))
            if selected is not None:
                mean = number_word(float(selected[0][i]), channel)
                told.append(
                    _("mean {mean}").format(mean=mean)
                    if rows == 1
                    else _("mean {mean} · {percent:.0f} %").format(
                        mean=mean, percent=float(selected[1][i])
                    )
                )
            self._gutter_rows(strip, shown_label(channel.label), told[-max(1, rows - 1) :], rows)

    def _gutter_rows(self, strip: QRectF, label: str, told: list[str], rows: int) -> None:
        box = QRectF(GAP, strip.top() + 1, self._places.label - 2 * GAP, self._line)
        if rows == 1:  # side by side
            width = self._metrics.horizontalAdvance(told[0])
            self._text(box, _RIGHT, told[0], self._palette.text)
            box.setWidth(max(0.0, box.width() - width - GAP))
            self._text(box, _LEFT, label, self._palette.quiet)
            return
        if rows >= len(told) + 2 and self._metrics.horizontalAdvance(label) > box.width():
            box.setHeight(2 * self._line)
            self._painter.setPen(QColor(self._palette.quiet))
            self._painter.drawText(box, int(_LEFT) | int(Qt.TextFlag.TextWordWrap), label)
        else:
            self._text(box, _LEFT, label, self._palette.quiet)
        box.setTop(box.bottom() - self._line)
        for text in told:
            box.translate(0, self._line)
            self._text(box, _LEFT, text, self._palette.text)

    def scales(self) -> None:
        """Paint to the right what the height of a lane stands for, and thresholds."""
        model, painter = self._model, self._painter
        thresholds = model.thresholds().tolist()
        for i, channel in enumerate(model.channels):
            strip, scale = self._places.strip(i), float(model.scales[i])
            box = QRectF(strip.right() + GAP, strip.top(), 1000, self._line)
            self._text(box, _LEFT, f"±{scale:g} {unit_word(channel)}", self._palette.quiet)
            threshold = thresholds[i]
            if math.isnan(threshold) or threshold > scale:
                continue
            y = strip.top() + (strip.height() - 2) / 2 * (1 - threshold / scale)
            painter.setPen(QPen(QColor(self._palette.text), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(strip.left(), y), QPointF(strip.right(), y))
            top = min(max(y - self._line / 2, strip.top() + self._line), strip.bottom())
            if top + self._line <= strip.bottom() + 1:
                box.moveTop(top)
                self._text(box, _LEFT, "– " + short_number(threshold), self._palette.text)

    def axis(self) -> None:
        """Paint the times."""
        places, model = self._places, self._model
        digits = max(0, self._digits - 1)
        widest = self._metrics.horizontalAdvance(time_word(model.duration_s, digits)) + 3 * GAP
        times = round_times(
            model.start_s, model.span_s, fewest_px=widest, width=places.lanes.width()
        )
        pill = self._cursor_pill()
        for at_s in times:
            box = QRectF(self._x(at_s) - widest / 2, places.axis.top(), widest, self._line + 4)
            box.moveLeft(min(box.left(), places.lanes.right() - widest / 2))
            if not pill.intersects(box.adjusted(GAP, 0, -GAP, 0)):
                self._text(box, _CENTRE, time_word(at_s, digits), self._palette.quiet)
        box = QRectF(GAP, places.axis.top(), places.label - 2 * GAP, self._line + 4)
        self._text(box, _LEFT, _("min:s"), self._palette.quiet)

    def whole(self) -> None:
        """Paint the recording as a bar, with what is seen of it, its marks and the cursor."""
        places, model, painter = self._places, self._model, self._painter
        bar, length_s = places.whole, model.duration_s

        def at(time_s: float) -> float:
            return bar.left() + min(max(time_s / length_s, 0.0), 1.0) * bar.width()

        painter.setPen(QPen(QColor(self._palette.line), 1))
        painter.setBrush(QColor(self._palette.ground))
        painter.drawRoundedRect(bar, 3, 3)
        for one in model.edited.excluded[:_MOST_FLAGS]:
            rect = QRectF(at(one.start_s), bar.top() + 2, 0, bar.height() - 4)
            rect.setRight(max(at(one.stop_s), rect.left() + 2))
            painter.fillRect(rect, QBrush(QColor(self._palette.quiet), Qt.BrushStyle.BDiagPattern))
        painter.setPen(QPen(QColor(self._palette.quiet), 1))
        share = np.clip(model.onsets_s / length_s, 0.0, 1.0)
        for x in np.unique(np.round(share * bar.width() / 3) * 3).tolist():
            x += round(bar.left()) + 0.5
            painter.drawLine(QPointF(x, bar.top() + 2), QPointF(x, bar.center().y()))
        window = QRectF(at(model.start_s), bar.top(), 0, bar.height())
        window.setRight(max(at(model.start_s + model.span_s), window.left() + 4))
        seen = QColor(self._palette.trace)
        seen.setAlpha(60)
        painter.setPen(QPen(QColor(self._palette.trace), 2))
        painter.setBrush(seen)
        painter.drawRoundedRect(window, 3, 3)
        x = at(model.cursor_s)
        painter.setPen(QPen(QColor(self._palette.text), 2))
        painter.drawLine(QPointF(x, bar.top() + 1), QPointF(x, bar.bottom() - 1))

    # over the lanes

    def words(self, columns: Level, excluded: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> None:
        """Say of each stretch that does not count, or is warned of, what is the matter."""
        empty = missing(columns)
        codes = (columns.flags & ~UNCOUNTED).astype(np.int32)
        uncounted = columns.flags & UNCOUNTED != 0
        # a warning is of no interest where there is no reading
        codes[uncounted] &= int(INVALID)
        codes[empty] = _MISSING
        codes[:, excluded] = _EXCLUDED
        wide = self._places.lanes.width() / codes.shape[1]
        changes = codes[:, 1:] != codes[:, :-1]
        for i in np.flatnonzero(codes.any(axis=1)).tolist():
            firsts = [0, *(np.flatnonzero(changes[i]) + 1).tolist()]
            lasts = [*firsts[1:], codes.shape[1]]
            for first, last, code in zip(firsts, lasts, codes[i, firsts].tolist(), strict=True):
                if code not in (0, _EXCLUDED):
                    self._word(i, first * wide, last * wide, code)

    def _word(self, lane: int, left: float, right: float, code: int) -> None:
        text = _("no samples") if code == _MISSING else quality_word(code)
        width = self._metrics.horizontalAdvance(text) + 2 * GAP
        strip = self._places.strip(lane)
        if right - left < width + 4:
            return
        pill = QRectF(0, 0, width, min(self._line + 2, strip.height() - 2))
        pill.moveTopLeft(QPointF(strip.left() + left + 2, strip.top() + 2))
        self._pill(pill, text, self._palette.card, self._palette.line, self._palette.text)

    def _pill(self, rect: QRectF, text: str, ground: str, edge: str, colour: str) -> None:
        self._painter.setPen(QPen(QColor(edge), 1))
        self._painter.setBrush(QColor(ground))
        self._painter.drawRoundedRect(rect, 4, 4)
        inside = rect.adjusted(GAP, 0, 2 - GAP, 0)
        self._painter.setPen(QColor(colour))
        cut = Qt.TextElideMode.ElideRight
        text = self._metrics.elidedText(text, cut, max(0, math.ceil(inside.width())))
        self._painter.drawText(inside, _LEFT, text)

    def exclusions(self) -> None:
        """Paint a bar above each excluded interval, with its reason as far as there is room."""
        bars, model = self._places.bars, self._model
        seen = [
            (max(self._x(one.start_s), bars.left()), one)
            for one in model.edited.excluded
            if one.start_s < model.start_s + model.span_s and one.stop_s > model.start_s
        ]
        for number, (left, one) in enumerate(seen):
            until = seen[number + 1][0] if number + 1 < len(seen) else bars.right()
            rect = QRectF(left, bars.top(), 0, bars.height() - 2)
            rect.setRight(max(min(self._x(one.stop_s), bars.right()), left + 3))
            chosen = one == model.chosen
            text = _("Excluded: {reason}").format(reason=tidy(one.reason))
            ground = self._palette.button if chosen else self._palette.card
            edge = self._palette.text if chosen else self._palette.quiet
            colour = self._palette.on_button if chosen else self._palette.text
            needed = self._metrics.horizontalAdvance(text) + 2 * GAP
            beside = QRectF(rect.right() + GAP, rect.top(), 0, self._line)
            beside.setRight(max(until - GAP, beside.left()))
            if chosen:
                rect.setWidth(max(rect.width(), needed))
                rect.moveRight(min(rect.right(), bars.right()))
            if needed <= rect.width() or rect.width() >= beside.width():
                self._pill(rect, text, ground, edge, colour)
            else:
                self._pill(rect, "", ground, edge, colour)
                self._start_of(beside, text)

    def _start_of(self, room: QRectF, text: str) -> None:
        """Write the beginning of `text`, as much as there is room for."""
        if room.width() > self._metrics.horizontalAdvance("M…"):
            cut = Qt.TextElideMode.ElideRight
            self._painter.setPen(QColor(self._palette.text))
            self._painter.drawText(
                room, _LEFT, self._metrics.elidedText(text, cut, int(room.width()))
            )

    def flags(self) -> None:
        """Paint a pole with a pennant for each annotation, and its text where there is room."""
        places, model = self._places, self._model
        seen = [(self._x(note.onset_s), note) for note in model.annotations_seen()]
        if len(seen) > _MOST_FLAGS:  # one a few pixels is all that can be told apart
            seen = list({int(x) // 3: (x, note) for x, note in seen}.values())
        for number, (x, note) in enumerate(seen):
            until = seen[number + 1][0] if number + 1 < len(seen) else places.flags.right()
            self._flag(x, until, note)
        for x, note in seen:
            if note == model.chosen:
                self._chosen_flag(x, note)

    def _flag(self, x: float, until: float, note: Annotation) -> None:
        painter, row = self._painter, self._places.flags
        if note.duration_s > 0:
            stop = min(self._x(note.onset_s + note.duration_s), row.right())
            rect = QRectF(max(x, row.left()), row.bottom() - 4, 0, 3)
            rect.setRight(max(stop, rect.left() + 1))
            painter.fillRect(rect, QColor(self._palette.quiet))
        if x < row.left() - 0.5:
            return
        self._pole(x, Qt.PenStyle.DotLine)
        left = x + _POLE + _PENNANT + 3
        room = QRectF(left, row.top(), until - left - 4, self._line)
        self._start_of(room, tidy(note.text))

    def _pole(self, x: float, style: Qt.PenStyle) -> None:
        painter, row, size = self._painter, self._places.flags, float(_PENNANT)
        painter.setPen(QPen(QColor(self._palette.text), 1, style))
        x = round(x) + 0.5
        painter.drawLine(QPointF(x, row.top() + 2), QPointF(x, self._places.lanes.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._palette.text))
        top = row.top() + 3
        painter.drawPolygon(
            QPolygonF([QPointF(x, top), QPointF(x + size, top + size / 2), QPointF(x, top + size)])
        )

    def _chosen_flag(self, x: float, note: Annotation) -> None:
        row = self._places.flags
        self._pole(max(x, row.left()), Qt.PenStyle.SolidLine)
        text = tidy(note.text)
        width = min(self._metrics.horizontalAdvance(text) + 2 * GAP + 2, row.width())
        left = min(max(x, row.left()) + _POLE + _PENNANT, row.right() - width)
        rect = QRectF(left, row.top(), width, self._line + 2)
        self._pill(
            rect,
            text,
            self._palette.button,
            self._palette.text,
            self._palette.on_button,
        )

    def selection(self) -> None:
        """Paint what is selected: a tint between two lines."""
        if self._model.selection is None:
            return
        lanes = self._places.lanes
        left, right = (self._x(t) for t in self._model.selection)
        tint = QColor(self._palette.focus)
        tint.setAlpha(_SELECTED_ALPHA)
        rect = QRectF(lanes)
        rect.setLeft(max(left, lanes.left()))
        rect.setRight(min(right, lanes.right()))
        if rect.width() <= 0:
            return
        self._painter.fillRect(rect, tint)
        self._painter.setPen(QPen(QColor(self._palette.text), 1, Qt.PenStyle.DashLine))
        for x in (left, right):
            if lanes.left() <= x <= lanes.right():
                self._painter.drawLine(QPointF(x, lanes.top()), QPointF(x, lanes.bottom()))

    def cursor(self) -> None:
        """Paint the cursor, with its time below."""
        places, painter = self._places, self._painter
        x = self._x(self._model.cursor_s)
        if not places.lanes.left() - 1 <= x <= places.lanes.right() + 1:
            return
        painter.setPen(QPen(QColor(self._palette.text), 2))
        painter.drawLine(QPointF(x, places.lanes.top()), QPointF(x, places.lanes.bottom()))
        text = time_word(self._model.cursor_s, self._digits)
        colours = self._palette.text, self._palette.text, self._palette.card
        self._pill(self._cursor_pill(), text, *colours)

    def _cursor_pill(self) -> QRectF:
        """Return where the cursor's time stands."""
        places, x = self._places, self._x(self._model.cursor_s)
        text = time_word(self._model.cursor_s, self._digits)
        width = self._metrics.horizontalAdvance(text) + 2 * GAP + 2
        rect = QRectF(x - width / 2, places.axis.top() + 1, width, self._line + 2)
        if places.lanes.left() - 1 <= x <= places.lanes.right() + 1:
            rect.moveLeft(min(max(rect.left(), places.lanes.left()), places.lanes.right() - width))
        return rect


def mark_at(model: PlaybackModel, places: Places, x: float, y: float) -> Mark | None:
    """Return the annotation or exclusion whose flag or bar is at a place, if any."""
    at_s = model.start_s + places.share_at(x) * model.span_s
    if places.bars.contains(QPointF(x, y)):
        of = [m for m in model.edited.excluded if m.start_s <= at_s <= m.stop_s]
        return of[-1] if of else None
    if places.flags.contains(QPointF(x, y)):
        before = [m for m in model.edited.annotations if m.onset_s <= at_s]
        return before[-1] if before else None
    return None


def mark_words(mark: Mark, digits: int) -> str:
    """Return a mark as a sentence has it."""
    when = time_word(mark_start_s(mark), digits)
    if isinstance(mark, Exclusion):
        return _("Excluded {start} to {stop}: {reason}").format(
            start=when, stop=time_word(mark.stop_s, digits), reason=tidy(mark.reason)
        )
    if mark.duration_s > 0:
        return _("Annotation {start} to {stop}: {text}").format(
            start=when, stop=time_word(mark_stop_s(mark), digits), text=tidy(mark.text)
        )
    return _("Annotation at {start}: {text}").format(start=when, text=tidy(mark.text))
