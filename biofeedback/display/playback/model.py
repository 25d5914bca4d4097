"""Where one stands in a recording that is looked at, and what is changed in it by hand; no Qt."""

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback.display.playback.pyramid import UNCOUNTED, Level, Pyramid
from biofeedback.display.sitting.view_model import round_up
from biofeedback.errors import BiofeedbackError
from biofeedback.held_back import TAKEN_BACK_S
from biofeedback.recording.edit_log import EditLog
from biofeedback.recording.edits import Edit, Edited, Exclusion, Mark, excluded_spans, tidy
from biofeedback.recording.recorded import Recording
from biofeedback.settings import SignalSettings
from biofeedback.stream import Annotation, Quality
from biofeedback.text import _

# Shorter ones would be bridged like a lost sample or two (`pipeline.SHORT_GAP_S`), and cost more.
SHORTEST_S = 0.3
_FEWEST_BINS = 50  # that a view is wide
_LEAST_S = 0.1
_QUIET_SHARE = 99.5  # percent of the time whose signal fits into its lane
_FINE_STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
_LOOKED_AT = 4096  # bins, for the scale
_ON_THE_WAY = 0.1  # of the view, that is seen beyond the cursor


@dataclass(frozen=True, slots=True)
class Reading:
    """A channel at the cursor: its tension, NaN where there is none, and its flags.

    `excluded`: by hand. `missing`: no sample came.
    """

    value: float
    flags: int
    excluded: bool
    missing: bool


def mark_start_s(mark: Mark) -> float:
    """Return when a mark begins, in s."""
    return mark.onset_s if isinstance(mark, Annotation) else mark.start_s


def mark_stop_s(mark: Mark) -> float:
    """Return when a mark ends, in s: when it begins, for an annotation of a moment."""
    return mark.onset_s + mark.duration_s if isinstance(mark, Annotation) else mark.stop_s


class PlaybackModel:
    """A view of `span_s` from `start_s` on, a cursor, a selection, and the marks of a recording.

    `chosen`: the mark that keys act on. `edited`: annotations and exclusions as they are now.
    What changes them raises `RecordingError` where the change cannot be kept.
    """

    def __init__(
        self, recording: Recording, pyramid: Pyramid, log: EditLog, signal: SignalSettings
    ) -> None:
        self.recording, self.pyramid, self.log, self.signal = recording, pyramid, log, signal
        self.sfreq, self.channels = recording.info.sfreq, recording.info.channels
        self.duration_s = recording.duration_s
        self._least_s = min(
            max(_LEAST_S, _FEWEST_BINS * pyramid.step / self.sfreq), self.duration_s
        )
        self.start_s, self.span_s, self.cursor_s = 0.0, self.duration_s, 0.0
        self._anchor_s: float | None = None
        self.chosen: Mark | None = None
        self._automatic = _scales(pyramid, self.thresholds())
        self.scales = self._automatic.copy()
        """What half a lane stands for, in the channel's unit."""
        self._take_edits()

    def _take_edits(self) -> None:
        self.edited: Edited = self.log.edits.apply(self.recording.annotations)
        self.marks: list[Mark] = sorted(
            (*self.edited.annotations, *self.edited.excluded), key=mark_start_s
        )
        if self.chosen not in self.marks:
            self.chosen = None
        notes = self.edited.annotations
        self.onsets_s = np.array([note.onset_s for note in notes])
        self._longest_s = max((note.duration_s for note in notes), default=0.0)
        n = self.recording.stop
        self.excluded = excluded_spans(self.edited.excluded, sfreq=self.sfreq, n_samples=n)
        # The tension of the second after still holds some of it, and the second before is in no
        # figure either, as before a gap.
        after_s = self.signal.slow_window_s
        self._uncounted = excluded_spans(
            [
                Exclusion(one.start_s - TAKEN_BACK_S, one.stop_s + after_s, "")
                for one in self.edited.excluded
            ],
            sfreq=self.sfreq,
            n_samples=n,
        )

    def thresholds(self) -> NDArray[np.float64]:
        """Return the threshold of the settings for each channel; NaN where there is none."""
        threshold_uv = self.signal.threshold_uv
        known = [
            c.unit == "uV" and threshold_uv > (c.resolution_floor or 0.0) for c in self.channels
        ]
        return np.where(known, threshold_uv, np.nan)

    # where one looks

    def columns(self, n: int) -> Level:
        """Return what is seen, in `n` columns."""
        start, stop = self.start_s * self.sfreq, (self.start_s + self.span_s) * self.sfreq
        return self.pyramid.columns(start, stop, n)

    def annotations_seen(self) -> list[Annotation]:
        """Return the annotations that are in view, or last into it."""
        until_s = self.start_s + self.span_s
        first = np.searchsorted(self.onsets_s, self.start_s - self._longest_s, side="left")
        last = np.searchsorted(self.onsets_s, until_s, side="right")
        near = self.edited.annotations[first:last]
        return [note for note in near if mark_stop_s(note) >= self.start_s]

    def excluded_columns(self, n: int) -> NDArray[np.bool_]:
        """Return which of `n` columns hold excluded samples."""
        at = (self.excluded / self.sfreq - self.start_s) / self.span_s * n
        mask = np.zeros(n, dtype=np.bool_)
        for first, last in at.tolist():
            if first < n and last > 0:
                mask[max(0, math.floor(first)) : max(0, math.ceil(last))] = True
        return mask

    def scroll(self, share: float) -> None:
        """Move view and cursor by a share of what is seen."""
        self.pan(share * self.span_s)
        self._put_cursor(self.cursor_s + share * self.span_s)

    def pan(self, by_s: float) -> None:
        """Move the view alone."""
        self.start_s = min(max(self.start_s + by_s, 0.0), self.duration_s - self.span_s)

    def zoom(self, factor: float, at_s: float | None = None) -> None:
        """Show `factor` times as much; what lies at `at_s` (the cursor) stays where it is."""
        at_s = self.cursor_s if at_s is None else at_s
        share = min(max((at_s - self.start_s) / self.span_s, 0.0), 1.0)
        self.span_s = min(max(self.span_s * factor, self._least_s), self.duration_s)
        self.start_s = at_s - share * self.span_s
        self.pan(0.0)

    def whole(self) -> None:
        """Show all of it."""
        self.start_s, self.span_s = 0.0, self.duration_s

    def louder(self, steps: int) -> None:
        """Make all traces larger by steps of 1, 2, 5; smaller by negative ones; 0: automatic."""
        if not steps:
            self.scales = self._automatic.copy()
        for _step in range(abs(steps)):
            self.scales = np.array(
                [
                    min(max(round_up(s / 2.5 if steps > 0 else s * 1.01), 0.1), 1e6)
                    for s in self.scales.tolist()
                ]
            )

    # cursor and selection

    def _put_cursor(self, at_s: float, *, on_the_way: float = _ON_THE_WAY) -> None:
        self.cursor_s = min(max(at_s, 0.0), self.duration_s)
        room = on_the_way * self.span_s
        low, high = self.start_s + room, self.start_s + self.span_s - room
        self.pan(min(0.0, self.cursor_s - low) + max(0.0, self.cursor_s - high))

    def go_to(self, at_s: float, *, select: bool = False) -> None:
        """Put the cursor at a time, which is then seen; `select` what lies on the way."""
        if not select:
            self._anchor_s = None
        elif self._anchor_s is None:
            self._anchor_s = self.cursor_s
        self.chosen = None
        self._put_cursor(at_s)

    def point_at(self, at_s: float) -> None:
        """Put the cursor at a time that is seen, and leave the view as it is."""
        self._anchor_s, self.chosen = None, None
        self.cursor_s = min(max(at_s, 0.0), self.duration_s)

    def select_to(self, at_s: float) -> None:
        """Select from the cursor to a time that is seen, or move the view until it is."""
        if self._anchor_s is None:
            self._anchor_s = self.cursor_s
        self.chosen = None
        self._put_cursor(at_s, on_the_way=0.0)

    @property
    def selection(self) -> tuple[float, float] | None:
        """Start and stop of what is selected, in s."""
        if self._anchor_s is None or self._anchor_s == self.cursor_s:
            return None
        return min(self._anchor_s, self.cursor_s), max(self._anchor_s, self.cursor_s)

    def unselect(self) -> bool:
        """Select and choose nothing; say whether anything was."""
        was = self.selection is not None or self.chosen is not None
        self._anchor_s, self.chosen = None, None
        return was

    def next_mark(self, step: int) -> bool:
        """Choose the next mark (-1: the one before) and go there; say whether there is one."""
        if self.chosen is not None:
            at = self.marks.index(self.chosen) + step
        else:
            find = bisect_left if step > 0 else bisect_right
            at = find(self.marks, self.cursor_s, key=mark_start_s) - (step < 0)
        if not 0 <= at < len(self.marks):
            return False
        self.choose(self.marks[at])
        return True

    def choose(self, mark: Mark) -> None:
        """Choose a mark and put the cursor at its beginning."""
        self.go_to(mark_start_s(mark))
        self.chosen = mark

    # what is told

    def readings(self) -> list[Reading]:
        """Return each channel at the cursor."""
        level = self.pyramid.levels[0]
        sample = min(int(self.cursor_s * self.sfreq), self.recording.stop - 1)
        at = sample // level.step
        excluded = any(start <= sample < stop for start, stop in self.excluded.tolist())
        found = []
        for i in range(len(self.channels)):
            flags = int(level.flags[i, at])
            missing = not flags and bool(np.isnan(level.low[i, at]))
            value = math.nan if excluded else float(level.line_low[i, at])
            found.append(Reading(value, flags & ~int(UNCOUNTED), excluded, missing))
        return found

    def selected(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Return mean tension and valid percent of each channel in the selection, if there is one.

        Without what is excluded and the second to either side of it.
        """
        if self.selection is None:
            return None
        start, stop = (round(t * self.sfreq) for t in self.selection)
        return self.pyramid.counted(start, stop, self._uncounted)

    # what is changed

    def annotate(self, text: str) -> None:
        """Add an annotation over the selection, or at the cursor."""
        first_s, last_s = self.selection or (self.cursor_s, self.cursor_s)
        self._do(None, Annotation(round(first_s, 6), round(last_s - first_s, 6), tidy(text)))

    def exclude(self, reason: str) -> None:
        """Exclude the selection from all figures."""
        selection = self.check_excludable()
        self._do(None, Exclusion(round(selection[0], 6), round(selection[1], 6), tidy(reason)))

    def check_excludable(self) -> tuple[float, float]:
        """Return the selection; raise `BiofeedbackError` where it cannot be excluded."""
        selection = self.selection
        if selection is None:
            raise BiofeedbackError(
                _("Select what to exclude first: Shift and an arrow key, or Shift and drag.")
            )
        if selection[1] - selection[0] < SHORTEST_S:
            raise BiofeedbackError(
                _("Select {seconds:g} s or more to exclude it.").format(seconds=SHORTEST_S)
            )
        return selection

    def reword(self, text: str) -> None:
        """Give the chosen mark another text or reason."""
        match self.chosen:
            case Annotation(onset_s, duration_s, _text):
                self._do(self.chosen, Annotation(onset_s, duration_s, tidy(text)))
            case Exclusion(start_s, stop_s, _reason):
                self._do(self.chosen, Exclusion(start_s, stop_s, tidy(text)))

    def remove(self) -> bool:
        """Remove the chosen annotation, or lift the chosen exclusion; say whether one was."""
        if self.chosen is None:
            return False
        self._do(self.chosen, None)
        return True

    def undo(self) -> bool:
        """Undo the latest change, and say whether there was one."""
        done = self.log.undo()
        self._take_edits()
        return done

    def redo(self) -> bool:
        """Do again what was undone last, and say whether there was something."""
        done = self.log.redo()
        self._take_edits()
        return done

    def _do(self, before: Mark | None, after: Mark | None) -> None:
        if before == after:
            return
        self.log.add(Edit(before, after))
        self._anchor_s = None
        self._take_edits()
        self.chosen = after


def _scales(pyramid: Pyramid, thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return round numbers that the valid signal of each channel fits under, nearly always."""
    level = next((lv for lv in pyramid.levels if lv.low.shape[1] <= _LOOKED_AT), pyramid.levels[-1])
    size = np.fmax(np.abs(level.low), np.abs(level.high))
    invalid = level.flags & (UNCOUNTED | np.uint8(Quality.GAP)) != 0
    found = []
    for i, sizes in enumerate(size):
        known = sizes[~np.isnan(sizes) & ~invalid[i]]
        if not len(known):
            known = sizes[~np.isnan(sizes)]
        needed = float(np.percentile(known, _QUIET_SHARE)) if len(known) else 1.0
        least = 1.1 * float(np.nan_to_num(thresholds[i]))
        found.append(round_up(max(needed, least), steps=_FINE_STEPS))
    return np.array(found)
