"""The lake itself, as it lies still: sky, hills and trees, mist, all painted once."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QRadialGradient,
)

from biofeedback.display.widgets.palette import Palette

HORIZON = 0.58
"""Where the shore lies, a share of the height from the top."""
_MOON = (0.66, 0.235, 0.068)  # centre of the moon or sun and its radius, of width, of height
_MIST = (0.30, 0.80)  # from where to where mist may lie, of the height


@dataclass(frozen=True, slots=True)
class Tints:
    """The colours of an hour of the day.

    `sky`: from the top to the horizon. `hills`: from the farthest. `depth`: what the water takes
    of what it mirrors, at the horizon and in front. `shaded`: how much light its waves have more or
    less than still water.
    """

    sky: tuple[tuple[float, str], ...]
    moon: str
    glow: str
    hills: tuple[str, ...]
    water: str
    depth: tuple[float, float]
    shaded: float
    mist: str


DUSK = Tints(
    sky=(
        (0.0, "#0c1a33"),
        (0.45, "#263f69"),
        (0.78, "#6a6c98"),
        (0.95, "#c08f8c"),
        (1.0, "#d9a58c"),
    ),
    moon="#f6ecd2",
    glow="#ffe9c2",
    hills=("#4b5a84", "#30446a", "#1a2b49", "#0d1930"),
    water="#081224",
    depth=(0.22, 0.62),
    shaded=0.45,
    mist="#8f9dbb",
)
MORNING = Tints(
    sky=((0.0, "#9fc4df"), (0.5, "#cfe2ec"), (0.85, "#f6e9d6"), (1.0, "#fbdcc0")),
    moon="#fffaf0",
    glow="#fff2d0",
    hills=("#a3bccb", "#7ea3b3", "#56858f", "#2f5f66"),
    water="#2c6173",
    depth=(0.10, 0.42),
    shaded=0.16,
    mist="#ffffff",
)


def tints(palette: Palette) -> Tints:
    """Return the hour that goes with `palette`."""
    return DUSK if QColor(palette.card).lightnessF() < 0.5 else MORNING


def landscape(width: int, height: int, hour: Tints) -> QImage:
    """Return sky and hills above the shore, and below it the still water, in pixels."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    shore = round(HORIZON * height)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    sky = QLinearGradient(0, 0, 0, shore)
    for at, colour in hour.sky:
        sky.setColorAt(at, QColor(colour))
    painter.fillRect(0, 0, width, height, sky)
    _paint_moon(painter, width, height, hour)
    painter.setPen(Qt.PenStyle.NoPen)
    for layer, colour in enumerate(hour.hills):
        painter.setBrush(QColor(colour))
        painter.drawPolygon(_hill(layer, width, shore))
    painter.setBrush(QColor(hour.hills[-1]))
    painter.drawPath(_trees(width, shore))
    painter.end()
    _mirror(image, shore, hour)
    return image


def moon_box(width: int, height: int) -> QRectF:
    """Return the square around the moon."""
    x, y, radius = _MOON[0] * width, _MOON[1] * height, _MOON[2] * height
    return QRectF(x - radius, y - radius, 2 * radius, 2 * radius)


def _paint_moon(painter: QPainter, width: int, height: int, hour: Tints) -> None:
    box = moon_box(width, height)
    reach = 3.6 * box.width()
    glow = QRadialGradient(box.center(), reach)
    for at, alpha in ((0.0, 0.55), (0.18, 0.34), (0.5, 0.10), (1.0, 0.0)):
        colour = QColor(hour.glow)
        colour.setAlphaF(alpha)
        glow.setColorAt(at, colour)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(glow)
    painter.drawEllipse(box.center(), reach, reach)
    painter.setBrush(QColor(hour.moon))
    painter.drawEllipse(box)


# Of each hill: how high its ridge lies, of what is above the shore; and the swings of that, each
# with its height, how many there are across, and where it begins.
_RIDGES: tuple[tuple[float, tuple[tuple[float, float, float], ...]], ...] = (
    (0.33, ((0.11, 1.3, 0.4), (0.05, 3.1, 2.0), (0.012, 9.0, 1.0))),
    (0.22, ((0.09, 1.7, 2.9), (0.04, 4.3, 0.3), (0.010, 11.0, 4.0))),
    (0.10, ((0.075, 1.2, 5.2), (0.02, 5.1, 1.1), (0.006, 17.0, 0.0))),
    (0.030, ((0.022, 1.0, 0.2), (0.008, 4.0, 3.0))),
)


def ridge(layer: int, width: int, shore: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the ridge of a hill runs, x and y in pixels."""
    high, swings = _RIDGES[layer]
    x = np.linspace(0.0, 1.0, max(2, width // 3))
    y = np.full_like(x, high)
    for height, times, begin in swings:
        y += height * np.sin(2 * np.pi * times * x + begin)
    return x * width, shore * (1 - np.maximum(y, 0.0))


def _hill(layer: int, width: int, shore: int) -> QPolygonF:
    x, y = ridge(layer, width, shore)
    line = [QPointF(*point) for point in zip(x.tolist(), y.tolist(), strict=True)]
    return QPolygonF([QPointF(0, shore), *line, QPointF(width, shore)])


def _trees(width: int, shore: int) -> QPainterPath:
    """Return firs on the nearest shore, in groups, always the same ones."""
    chance = np.random.default_rng(7)
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    ridge_x, ridge_y = ridge(len(_RIDGES) - 1, width, shore)
    for middle, spread, n in ((0.09, 0.075, 26), (0.30, 0.03, 7), (0.93, 0.06, 19)):
        for x in chance.normal(middle, spread, n).tolist():
            high = shore * chance.uniform(0.05, 0.145) * math.exp(-(((x - middle) / 0.09) ** 2))
            foot = float(np.interp(x * width, ridge_x, ridge_y)) + 2
            _add_fir(path, x * width, foot, high)
    return path


def _add_fir(path: QPainterPath, x: float, foot: float, high: float) -> None:
    for base, top, wide in ((0.0, 0.55, 0.20), (0.28, 0.8, 0.15), (0.55, 1.0, 0.10)):
        ends = ((x - wide * high, foot - base * high), (x + wide * high, foot - base * high))
        points = [QPointF(*ends[0]), QPointF(*ends[1]), QPointF(x, foot - top * high)]
        path.addPolygon(QPolygonF([*points, points[0]]))


def pixels_of(image: QImage) -> NDArray[np.uint32]:
    """Return the pixels of an image of 32 bits ``(height, width)``, to be changed in place."""
    rows = np.frombuffer(image.bits(), np.uint32).reshape(image.height(), -1)
    return rows[:, : image.width()]


def _mirror(image: QImage, shore: int, hour: Tints) -> None:
    """Paint the still water: what is above, upside down, and darker the nearer it is."""
    pixels = pixels_of(image)
    height = len(pixels) - shore
    # seen so flat, a lake shows what is high above its shore in front, and all of it there
    rows = np.clip(shore - 1 - np.arange(height) * shore / (1.15 * height), 0, shore - 1)
    pixels[shore:] = pixels[rows.astype(int)]
    painter = QPainter(image)
    depth = QLinearGradient(0, shore, 0, shore + height)
    for at, alpha in zip((0.0, 1.0), hour.depth, strict=True):
        colour = QColor(hour.water)
        colour.setAlphaF(alpha)
        depth.setColorAt(at, colour)
    painter.fillRect(QRectF(0, shore, image.width(), height), depth)
    painter.end()


def mist(width: int, height: int, hour: Tints) -> tuple[int, QImage]:
    """Return banks of mist, and at which row of the scene they begin."""
    first, last = (round(share * height) for share in _MIST)
    rows = (np.arange(last - first)[:, None] + 0.5) / (last - first)
    x = np.linspace(0, 1, width)[None, :]
    alpha = np.zeros((last - first, width))
    for at, thick, dense, times, begin in (
        (0.38, 0.16, 0.50, 1.1, 0.5),
        (0.55, 0.10, 0.75, 1.7, 3.1),
        (0.66, 0.09, 0.60, 2.3, 5.0),
        (0.30, 0.08, 0.35, 2.9, 1.9),
    ):
        middle = at + 0.035 * np.sin(2 * np.pi * times * x + begin)
        denser = dense * (0.75 + 0.25 * np.sin(2 * np.pi * (times + 0.6) * x + 2 * begin))
        alpha = 1 - (1 - alpha) * (1 - denser * np.exp(-(((rows - middle) / thick) ** 2)))
    alpha *= np.sin(np.pi * rows) ** 0.7  # to nothing at both edges
    colour = QColor(hour.mist)
    rgb = (colour.red(), colour.green(), colour.blue())
    made = QImage(width, last - first, QImage.Format.Format_ARGB32_Premultiplied)
    parts = [np.round(alpha * part).astype(np.uint32) for part in rgb]
    whole = np.round(255 * alpha).astype(np.uint32)
    pixels_of(made)[:] = whole << 24 | parts[0] << 16 | parts[1] << 8 | parts[2]
    return first, made


def outlines(width: int, height: int, palette: Palette) -> QImage:
    """Return the scene in lines: the moon, the ridges, the shore."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(palette.card))
    shore = round(HORIZON * height)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(palette.text), 3))
    painter.drawEllipse(moon_box(width, height))
    painter.setBrush(QColor(palette.card))
    for layer in range(len(_RIDGES) - 1):
        painter.drawPolygon(_hill(layer, width + 8, shore).translated(-4, 0))
    painter.setPen(QPen(QColor(palette.text), 5))
    painter.drawLine(QPointF(0, shore), QPointF(width, shore))
    painter.end()
    return image
