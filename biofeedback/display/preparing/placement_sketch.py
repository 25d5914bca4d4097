"""Draws bodies: smooth outlines, muscles with their fibres, electrodes with their letters."""

import math

from biofeedback.display.widgets.picture import CENTRE, Canvas
from biofeedback.muscles import PAIR_MM, SIDES
from biofeedback.text import _

Point = tuple[float, float]
Box = tuple[float, float, float, float]

_STEPS = 8  # of a curve between two of its points
_HEAD = 0.45  # of an arrow


def smooth(points: list[Point], *, closed: bool = False) -> list[Point]:
    """Return a curve through `points` (Catmull and Rom's spline), as a line of many short steps."""
    first, last = (points[-1:], points[:2]) if closed else (points[:1], points[-1:])
    ends = [*first, *points, *last]
    curve = []
    for i in range(1, len(ends) - 2):
        a, b, c, d = ends[i - 1 : i + 3]
        curve += [
            (_between(a[0], b[0], c[0], d[0], k), _between(a[1], b[1], c[1], d[1], k))
            for k in (j / _STEPS for j in range(_STEPS))
        ]
    return curve if closed else [*curve, points[-1]]


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))


class Sketch:
    """A canvas on which a body may be turned into its mirror image, words staying readable.

    `units` are the drawing's width and height, `mm` is how many millimetres of the body one unit
    stands for, `side` on whose left or right the muscle lies.
    """

    def __init__(
        self,
        canvas: Canvas,
        units: Point,
        *,
        mm: float,
        side: str,
        mirrored: bool = False,
        upside_down: bool = False,
    ) -> None:
        self._canvas, self._units, self._side = canvas, units, side
        self._mirrored, self._upside_down = mirrored, upside_down
        self.look = canvas.palette
        self.apart = PAIR_MM / mm
        self._radius = 0.46 * self.apart

    def _at(self, x: float, y: float) -> Point:
        across, down = self._units
        return (across - x if self._mirrored else x, down - y if self._upside_down else y)

    def _all(self, points: list[Point]) -> list[Point]:
        return [self._at(*point) for point in points]

    def skin(self, *curves: list[Point]) -> None:
        """Fill what one closed curve goes around, or several that meet at corners."""
        alone = len(curves) == 1
        outline = [point for curve in curves for point in smooth(curve, closed=alone)]
        self._canvas.shape(self._all(outline), fill=self.look.ground)

    def shade(self, outline: list[Point]) -> None:
        """Fill hair."""
        self._canvas.shape(self._all(smooth(outline, closed=True)), fill=self.look.line)

    def fade(self, *points: Point) -> None:
        """Take away the edge along which the body is cut off: it goes on there."""
        self._canvas.line(*self._all([*points]), colour=self.look.card, width=0.5)

    def line(self, *points: Point, quiet: bool = False, width: float = 0.1) -> None:
        """Draw a contour through `points`."""
        colour = self.look.quiet if quiet else self.look.text
        self._canvas.line(*self._all(smooth([*points])), colour=colour, width=width)

    def muscle(self, outline: list[Point], fibres: list[list[Point]]) -> None:
        """Draw the muscle, and in it some of its fibres."""
        self._canvas.shape(self._all(smooth(outline, closed=True)), fill=self.look.target_band)
        for fibre in fibres:
            self._canvas.line(*self._all(smooth(fibre)), colour=self.look.relaxed, width=0.09)

    def dot(self, x: float, y: float, radius: float) -> None:
        """Draw the iris of an eye."""
        self._canvas.disc(*self._at(x, y), radius, fill=self.look.quiet)

    def neighbour(self, outline: list[Point]) -> None:
        """Draw a muscle that only helps to find the one that is meant."""
        self._canvas.line(
            *self._all(smooth(outline, closed=True)), colour=self.look.quiet, width=0.08
        )

    def bone(self, x: float, y: float, words: str, box: Box) -> None:
        """Mark a bone that can be felt, and join it with its words in `box`."""
        self._mark(x, y)
        self._name((x, y), words, box, self.look.text)

    def _name(self, point: Point, words: str, box: Box, colour: str) -> None:
        """Write `words` into `box`, and draw a line from there to `point`."""
        left, top, width, height = box
        middle = self._at(left + width / 2, top + height / 2)
        box = (middle[0] - width / 2, middle[1] - height / 2, width, height)
        x, y = self._at(*point)
        edge = (
            min(max(x, box[0]), box[0] + width),
            min(max(y, box[1]), box[1] + height),
        )
        self._canvas.line((x, y), edge, colour=colour, width=0.07)
        self._canvas.text(box, words, align=CENTRE, colour=colour)

    def _mark(self, x: float, y: float) -> None:
        self._canvas.disc(*self._at(x, y), 0.22, fill=self.look.text)

    def between(self, a: Point, b: Point) -> None:
        """Draw the line from one landmark to another, and mark both."""
        self._canvas.line(self._at(*a), self._at(*b), colour=self.look.text, width=0.1, dashed=True)
        for end in (a, b):
            self._mark(*end)

    def forbid(self, x: float, y: float, words: str, box: Box) -> None:
        """Cross a place out, and join it with its words in `box`."""
        colour = self.look.warning
        for slope in (1, -1):
            ends = [(x - 0.5, y - 0.5 * slope), (x + 0.5, y + 0.5 * slope)]
            self._canvas.line(*self._all(ends), colour=colour, width=0.28)
        self._name((x, y), words, box, colour)

    def pair(self, middle: Point, towards: Point) -> None:
        """Lay A (the nearer to `towards`) and B along the fibres, with an arrow along both."""
        x, y = middle
        length = math.dist(middle, towards)
        dx, dy = (towards[0] - x) / length, (towards[1] - y) / length
        reach = 1.5 * self.apart
        tips = [(x + k * reach * dx, y + k * reach * dy) for k in (1, -1)]
        self._canvas.line(*self._all(tips), colour=self.look.text, width=0.16)
        for tip, k in zip(tips, (1, -1), strict=True):
            for slope in (0.8, -0.8):
                barb = (
                    tip[0] - _HEAD * k * (dx - slope * dy),
                    tip[1] - _HEAD * k * (dy + slope * dx),
                )
                self._canvas.line(*self._all([tip, barb]), colour=self.look.text, width=0.16)
        half = self.apart / 2
        self._electrode(x + half * dx, y + half * dy, "A", self.look.trace)
        self._electrode(x - half * dx, y - half * dy, "B", self.look.trace)

    def reference(self, x: float, y: float) -> None:
        """Lay the reference electrode, R."""
        self._electrode(x, y, "R", self.look.envelope)

    def _electrode(self, x: float, y: float, letter: str, fill: str) -> None:
        x, y = self._at(x, y)
        r = self._radius
        self._canvas.disc(x, y, r, fill=fill)
        self._canvas.text(
            (x - r, y - r, 2 * r, 2 * r), letter, align=CENTRE, colour=self.look.card, bold=True
        )

    def word(self, words: str, box: Box, *, of: Point | None = None) -> None:
        """Write what helps to see what is what into `box`, joined with what it is said `of`."""
        left, top, width, height = box
        at = of or (left + width / 2, top + height / 2)
        self._name(at, words, box, self.look.quiet)

    def side(self, x: float, y: float, *, other: bool = False) -> None:
        """Write on whose side that is: the muscle's, or the `other`."""
        names = {"left": _("your left"), "right": _("your right")}
        name = next(names[side] for side in SIDES if (side == self._side) != other)
        x, y = self._at(x, y)
        self._canvas.text((x - 3.5, y - 0.9, 7.0, 1.8), name, align=CENTRE, bold=not other)
