"""The patient's screen: a ring or a lake, a word, the last two minutes, and few controls."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from biofeedback.display.feedback.feedback import above
from biofeedback.display.feedback.pacer import PacerView
from biofeedback.display.feedback.reading import Reading
from biofeedback.display.feedback.ring import Ring
from biofeedback.display.feedback.scene import Scene
from biofeedback.display.feedback.trend import Trend
from biofeedback.display.sitting.frame import Frame
from biofeedback.display.sitting.pacer_model import PacerModel
from biofeedback.display.sitting.training_words import WAYS
from biofeedback.display.sitting.view_model import TREND_S, ViewModel
from biofeedback.display.widgets.controls import Label, announce, button, card, rename, scrolling
from biofeedback.display.widgets.palette import Palette
from biofeedback.display.widgets.watermark import Watermark
from biofeedback.muscles import shown_label
from biofeedback.session import Now, State
from biofeedback.stream import Annotation
from biofeedback.text import _
from biofeedback.words import NO_NUMBER, unit_word

_RING_SHARE = 0.45  # of the height, the least: its word must be readable across the room
_MARGIN = 16
_SLOW_EVERY = 25  # ticks: trend and texts five times a second
_PACER_EVERY = 4  # thirty times


class PatientScreen(QWidget):
    """Shows one channel; `tick` is called `ticks_per_second` times a second while it is seen.

    `led`: somebody else leads the sitting, and there is nothing to set here. `noted` gives what was
    noted, which stands in the trend. Where there is a goal, a lake can be seen instead of the ring.
    """

    ticks_per_second = 125
    """A look costs little where nothing is new, and a sample waits 8 ms at the most."""
    message = Signal(str)

    def __init__(
        self,
        view_model: ViewModel,
        palette: Palette,
        parent: QWidget | None = None,
        *,
        led: bool = False,
        noted: Callable[[], Sequence[Annotation]] = tuple,
    ) -> None:
        super().__init__(parent)
        self._led, self._noted = led, noted
        self._view, self._palette = view_model, palette
        self._ticks = 0
        self._shown: Now | None = None
        self.ring, self.scene, self._reading = Ring(palette), Scene(palette), Reading(palette)
        self._seen = QStackedWidget()
        for seen in (self.ring, above(self.scene, self._reading)):
            self._seen.addWidget(seen)
        self.trend = Trend(palette)
        self.pacer = PacerView(self, PacerModel(view_model.session), palette, led=led)
        self.pacer.message.connect(self.message)
        self._muscle = Label("", "title")
        self._tag = Label(_("SIMULATED"), "tag", wrap=False)
        self._hint = Label("", "hint")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._time_title = Label(_("Time"), "title")
        self._time = Label("00:00", "large", wrap=False)
        self._relaxed, self._heart = Label(), Label("", "quiet")
        self._goal = Label("", "", wrap=False)
        self._notes = Label("", "quiet")
        self._way = button("", "", self._see_other)
        self._pause = button(
            _("Pause"),
            _("Stop the feedback for a while, or go on (Space)"),
            self._toggle,
            main=True,
        )
        self._lay_out()
        if not led:
            self._bind_keys()

    def _lay_out(self) -> None:
        self._ring_card, self._ring_rows = card()
        heading = QHBoxLayout()
        heading.addWidget(self._muscle, 1)
        heading.addWidget(self._tag)
        self._ring_rows.addLayout(heading)
        self._ring_rows.addLayout(self.pacer.beside(self._seen), 1)
        self._ring_rows.addWidget(self._hint)
        self._side_card, side = card(self._time_title, self._time, self._relaxed, self._heart)
        self._side = side
        side.addStretch(1)
        side.addWidget(Label(_("Goal"), "title"))
        if self._led:
            side.addWidget(self._goal)
        else:
            side.addLayout(self._goal_row())
            side.addWidget(
                button(
                    _("Set goal &here"),
                    _("Set the goal a little above your tension now (T)"),
                    self._goal_here,
                )
            )
        side.addStretch(1)
        side.addWidget(self.pacer.switch_button)
        side.addWidget(self._way)
        side.addWidget(self._pause)
        self._pause.setVisible(not self._led)
        self._trend_card, trend_rows = card()
        trend_rows.addWidget(self.trend, 1)
        self._watermark = Watermark(self._trend_card, self._palette)
        inside = QWidget()
        self._grid = grid = QGridLayout(inside)
        grid.setContentsMargins(_MARGIN, 0, _MARGIN, _MARGIN)
        grid.setSpacing(_MARGIN)
        grid.addWidget(self._ring_card, 0, 0)
        grid.addWidget(self._side_card, 0, 1, 2, 1)
        grid.addWidget(self._trend_card, 1, 0)
        grid.addWidget(self._notes, 2, 0, 1, 2)
        grid.setColumnStretch(0, 5)
        grid.setColumnStretch(1, 2)
        grid.setRowStretch(0, 3)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        self._scroll = scrolling(inside)
        outside.addWidget(self._scroll)

    def _goal_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        lower = button("−", _("Lower the goal (Down)"), lambda: self._step(-1))
        lower.setAccessibleName(_("Lower goal"))
        higher = button("+", _("Raise the goal (Up)"), lambda: self._step(1))
        higher.setAccessibleName(_("Raise goal"))
        for end in (lower, higher):
            end.setObjectName("small")
        row.addWidget(lower)
        row.addWidget(self._goal, 1, Qt.AlignmentFlag.AlignCenter)
        row.addWidget(higher)
        return row

    def _bind_keys(self) -> None:
        """Bind keys to the whole window: a button that has the focus must not swallow them."""
        keys: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Space: self._toggle,
            Qt.Key.Key_T: self._goal_here,
            Qt.Key.Key_Up: lambda: self._step(1),
            Qt.Key.Key_Down: lambda: self._step(-1),
            Qt.Key.Key_F: self._see_other,
            Qt.Key.Key_C: lambda: self._view.select(self._view.channel + 1),
        }
        for key, done in keys.items():
            QShortcut(QKeySequence(key), self).activated.connect(done)

    def focus_first(self) -> None:
        """Put the focus on Pause."""
        self._pause.setFocus()

    def tick(self) -> None:
        """Show what the session has come to, if anything is new."""
        if self._ticks % _PACER_EVERY == 0:
            self.pacer.tick()
        slow_too = self._ticks % _SLOW_EVERY == 0
        self._ticks += 1
        now = self._view.session.now
        if now is self._shown and not slow_too:
            return
        self._shown = now
        frame = self._view.frame()
        self._show_seen(frame)
        if slow_too:
            self._show_slow_parts(frame)
            self._make_room()

    def _show_seen(self, frame: Frame) -> None:
        """Show the ring, or the lake thirty times a second; which tells nothing without a goal."""
        lake = self._view.lake and frame.has_goal
        self._seen.setCurrentIndex(int(lake))
        if not lake:
            self.ring.show_frame(frame)
        elif self._ticks % _PACER_EVERY == 1:
            self.scene.show_frame(frame, _PACER_EVERY / self.ticks_per_second)
            if self._reading.show_frame(frame):
                self.scene.setAccessibleDescription(self._reading.text)

    def _show_slow_parts(self, frame: Frame) -> None:
        self._hint.setText(frame.hint)
        self._hint.setVisible(bool(frame.hint))
        self._time.setText(self._view.elapsed())
        self._relaxed.setText(self._view.relaxed())
        self._heart.setText(self._view.heart_words())
        self._heart.setVisible(bool(self._heart.text()))
        for mark in (self._watermark, self._tag):
            mark.setVisible(self._view.simulated)
        self._pause.setText(_("Go on") if self._view.session.paused else _("Pause"))
        self._pause.setEnabled(self._view.session.state in (State.OPENING, State.RUNNING))
        self._way.setVisible(frame.has_goal and not self._led)
        way = _("View: {way}").format(way=WAYS["scene" if self._view.lake else "ring"])
        if way != self._way.text():
            rename(self._way, way, _("The ring or the lake (F)"))
        notes = [*self._view.notes(), self._view.warning()]
        self._notes.setText(" · ".join(note for note in notes if note))
        self._notes.setVisible(bool(self._notes.text()))
        if not self._view.ready:
            return
        channel = self._view.channels[self._view.channel]
        several = len(self._view.channels) > 1
        number = f"{self._view.channel + 1} / {len(self._view.channels)}  " if several else ""
        self._muscle.setText(number + shown_label(channel.label))
        goal = frame.goal[1] * frame.full_scale
        shown = f"{goal:.3g} {unit_word(channel)}" if frame.has_goal else NO_NUMBER
        self._goal.setText(shown)
        self.trend.show_trend(
            self._view.trend(),
            frame,
            floor=channel.resolution_floor or 0.0,
            marks=self._marks(),
        )

    def _marks(self) -> list[tuple[float, str]]:
        """Return how long ago each note of the last two minutes was, and its text."""
        now_s = self._view.session.duration_s + self._view.away_s()
        ago = ((now_s - note.onset_s, note.text) for note in self._noted())
        return [(ago_s, text) for ago_s, text in ago if 0 <= ago_s <= TREND_S]

    def _make_room(self) -> None:
        """Keep the ring large above a long hint: the trend becomes lower, or else is hidden.

        At the side a title goes, and the share of time, before anything has to be scrolled.
        """
        self._hint.ensurePolished()  # what was hidden so far does not know its text size
        room = self.height() - _MARGIN
        if not self._notes.isHidden():
            room -= self._notes.heightForWidth(self.width() - 2 * _MARGIN) + _MARGIN
        self._show_spare(room)
        least = self._seen.minimumSizeHint().height()
        wanted = max(least, round(_RING_SHARE * room))
        besides = self._ring_rows.minimumHeightForWidth(self._ring_card.width())
        besides -= self._seen.minimumHeight() or least
        trend = self._trend_card.minimumSizeHint().height()
        fits = besides + wanted + trend + _MARGIN <= room
        self._trend_card.setVisible(fits)
        self._grid.setRowStretch(1, int(fits))  # a row that is stretched takes room when empty
        self._seen.setMinimumHeight(wanted if fits else 0)

    def _show_spare(self, room: int) -> None:
        """Show the title of the time, and the share of it, as far as the page need not scroll."""
        margins = self._side.contentsMargins()
        wide = self._side_card.width()
        inner = wide - margins.left() - margins.right()
        heights = {
            label: label.heightForWidth(inner) + self._side.spacing()
            for label in (self._relaxed, self._time_title)
        }
        room -= self._side.minimumHeightForWidth(wide)
        room += sum(high for label, high in heights.items() if not label.isHidden())
        for label, high in heights.items():
            fits = bool(label.text()) and high <= room
            room -= high if fits else 0
            label.setVisible(fits)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _toggle(self) -> None:
        self._view.session.paused = not self._view.session.paused

    def _see_other(self) -> None:
        self._view.lake = not self._view.lake
        announce(self, WAYS["scene" if self._view.lake else "ring"])
        self._shown = None
        self._ticks = 0

    def _step(self, steps: int) -> None:
        self.message.emit(self._view.step_threshold(self._view.channel, steps))

    def _goal_here(self) -> None:
        self.message.emit(self._view.threshold_here(self._view.channel))
