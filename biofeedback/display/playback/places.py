"""Where the parts of the playback view stand, and how times and values are written on it."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetrics

from biofeedback.display.widgets.style import dense
from biofeedback.text import _

GAP = 6
_WIDEST_LABEL, _WIDEST_LINE = 0.29, 0.34  # of the whole; where label and number share a line
_LEAST_LANE = 1.15  # lines
# Between round times on the axis, in s.
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Places:
    """Rectangles in logical pixels, from the top: flags, bars of exclusions, lanes, axis, whole.

    `lanes` holds all channels, `lane` high each; `whole` is the recording with the view marked.
    """

    flags: QRectF
    bars: QRectF
    lanes: QRectF
    lane: float
    axis: QRectF
    whole: QRectF
    label: float
    """Width of what stands to the left."""

    def strip(self, number: int) -> QRectF:
        """Return the lane of one channel."""
        top = self.lanes.top() + number * self.lane
        return QRectF(self.lanes.left(), top, self.lanes.width(), self.lane)

    def x_of(self, share: float) -> float:
        """Return where a share of the view stands."""
        return self.lanes.left() + share * self.lanes.width()

    def share_at(self, x: float) -> float:
        """Return the share of the view at a place: the inverse of `x_of`."""
        return (x - self.lanes.left()) / self.lanes.width()


def lay_out(
    width: int, height: int, labels: list[str], font: QFont, *, bars: bool, ratio: float
) -> Places:
    """Return the places of a view; `bars`: something is excluded. `ratio`: of device pixels."""
    metrics = QFontMetrics(dense(font))
    line, n = metrics.height(), max(1, len(labels))
    widest = max((metrics.horizontalAdvance(label) for label in labels), default=0)
    numbers = metrics.horizontalAdvance(
        _("mean {mean} · {percent:.0f} %").format(mean=888, percent=100)
    )
    right = metrics.horizontalAdvance("±5000 µV") + 2 * GAP
    flags_height, bars_height = line + GAP, (line + 4) * bars
    whole_height = round(0.9 * line)
    room = height - flags_height - bars_height - line - GAP - whole_height - GAP - 2
    if room / n >= 2 * line:
        label = round(min(max(widest, numbers) + 3 * GAP, _WIDEST_LABEL * width))
    else:  # label and number side by side
        label = round(min(widest + numbers, _WIDEST_LINE * width))
    # lanes and columns are whole pixels of the device
    lane = max(8, int(room * ratio / n)) / ratio
    wide = max(1, int((width - label - right) * ratio)) / ratio
    top = 2 + flags_height + bars_height
    bottom = top + n * lane
    return Places(
        flags=QRectF(label, 2, wide, flags_height),
        bars=QRectF(label, 2 + flags_height, wide, bars_height),
        lanes=QRectF(label, top, wide, n * lane),
        lane=lane,
        axis=QRectF(label, bottom, wide, line + GAP),
        whole=QRectF(label, bottom + line + GAP, wide, whole_height),
        label=label,
    )


def least_height(n_channels: int, font: QFont) -> int:
    """Return the height that gives every channel a line of text."""
    line = QFontMetrics(dense(font)).height()
    return math.ceil(n_channels * _LEAST_LANE * line + 5 * line + 3 * GAP)


def round_times(start_s: float, span_s: float, *, fewest_px: float, width: float) -> list[float]:
    """Return round times of a view that is `width` wide, at least `fewest_px` apart."""
    step = next((s for s in _STEPS if s / span_s * width >= fewest_px), _STEPS[-1])
    while step / span_s * width < fewest_px:
        step *= 2
    first = math.ceil(start_s / step - 1e-9)
    last = math.floor((start_s + span_s) / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def digits_for(span_s: float) -> int:
    """Return how many decimals of a second mean something where so much is seen."""
    return 0 if span_s >= 300 else 1 if span_s >= 8 else 2 if span_s >= 1 else 3


def time_word(seconds: float, digits: int = 0) -> str:
    """Return minutes and seconds: 7:42, or 7:42.3."""
    parts = round(seconds * 10**digits)
    minutes, rest = divmod(parts, 60 * 10**digits)
    wide = 3 + digits if digits else 2
    return f"{minutes}:{rest / 10**digits:0{wide}.{digits}f}"
