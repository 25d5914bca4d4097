"""How a scene answers the goal: how ruffled it is, how far it is veiled; no Qt."""

import math

import numpy as np
from numpy.typing import NDArray

# Of the way to what is told, so much is left after each of these.
TIME_CONSTANT_S = 1.0
# At half the goal or less all is still; at the goal it just stirs; at four times it can no more.
AT_GOAL = 0.1
STILLEST_OCTAVES, WILDEST_OCTAVES = -1.0, 2.0

# Waves: how often they come and go in Hz, how high they are, how many there are across the front
# of the scene and from there to twice as far, and where they begin. All are slower than the three
# flashes a second of WCAG 2.3.1, and no two are in step.
_WAVES = (
    (0.19, 0.30, 0.8, 1.6, 0.0),
    (0.19, 0.24, -1.7, 2.3, 1.7),
    (0.19, 0.20, 2.9, 4.1, 4.0),
    (0.37, 0.16, -5.3, 5.2, 0.9),
    (0.37, 0.13, 8.9, 8.3, 2.6),
    (0.37, 0.12, -12.7, 11.9, 5.2),
)
_FARTHEST = 0.12  # depth of the horizon, where that of the front is 1 more
HIGHEST = 0.10
"""How far a ruffled surface moves what it mirrors, as a share of its height."""
_SHADES = 5  # lighter ones than the still water, and as many darker ones


def unrest(ratio: float) -> float:
    """Return how ruffled the scene is, 0 to 1, at a tension of `ratio` times the goal."""
    if ratio <= 2**STILLEST_OCTAVES:
        return 0.0
    octaves = min(math.log2(ratio), WILDEST_OCTAVES)
    if octaves <= 0:
        return AT_GOAL * (1 - octaves / STILLEST_OCTAVES)
    return AT_GOAL + (1 - AT_GOAL) * octaves / WILDEST_OCTAVES


class Motion:
    """Follows what is told, without a jump: nothing that is painted from it can flash.

    A square wave of f Hz comes out with a swing of tanh(1 / (4 f TIME_CONSTANT_S)) of it: 8 % at
    3 Hz, where WCAG 2.3.1 calls 10 % of the luminance there and back a flash.
    """

    def __init__(self) -> None:
        self.unrest = self.veil = 1.0
        self.t_s = 0.0
        """How long the water has moved."""

    def follow(self, ratio: float, elapsed_s: float) -> None:
        """Go on by `elapsed_s` while the tension is `ratio` times the goal; NaN: it stands still.

        What is not known veils the scene and leaves it as it was.
        """
        share = -math.expm1(-elapsed_s / TIME_CONSTANT_S)
        known = not math.isnan(ratio)
        self.veil += ((0.0 if known else 1.0) - self.veil) * share
        if known:
            self.unrest += (unrest(ratio) - self.unrest) * share
            self.t_s += elapsed_s


class Water:
    """A still surface, and how it looks when it is ruffled.

    `still`: its pixels ``(height, width)`` of 32 bits, the horizon first. `shaded`: how much of its
    light a wave gives or takes, the most.
    """

    def __init__(self, still: NDArray[np.uint32], *, shaded: float) -> None:
        height, width = still.shape
        self._waves = _swings(height, width)
        most = math.ceil(HIGHEST * sum(wave[1] for wave in _WAVES) * height)
        # so far a wave moves what it mirrors from one shade to the next: a power of two is fast
        self._step = max(0, math.ceil(math.log2(max(1, most) / _SHADES)))
        self._half = (1 << self._step) >> 1
        darkest = (most + self._half) >> self._step
        shades = range(-darkest - 1, darkest + 1)
        padded = np.pad(still, ((most, most), (0, 0)), mode="edge")
        lights = (shaded * n / len(shades) * 2 for n in shades)
        self._pixels = np.concatenate([_shaded(padded, light) for light in lights]).ravel()
        self._shade = padded.size
        self._places = np.arange(height * width, dtype=np.int32).reshape(height, width)
        self._places += most * width - shades[0] * self._shade
        self._sum, self._term = (np.zeros((height, width), np.float32) for _each in range(2))
        self._at, self._light = (np.empty((height, width), np.int32) for _each in range(2))
        self.pixels = still.copy()
        """As it was painted last."""

    def ruffle(self, unrest: float, t_s: float) -> None:
        """Let `pixels` show it as ruffled as `unrest`, 0 to 1, at a time."""
        height, width = self.pixels.shape
        self._sum[:] = 0.0
        for hz, there, later in self._waves:
            angle = 2 * math.pi * hz * t_s
            for swing, part in ((there, math.cos(angle)), (later, math.sin(angle))):
                np.multiply(swing, np.float32(unrest * HIGHEST * height * part), out=self._term)
                self._sum += self._term
        np.copyto(self._at, np.rint(self._sum, out=self._sum), casting="unsafe")
        # a slope towards the eye mirrors what is higher, and has more light
        np.add(self._at, self._half, out=self._light)
        self._light >>= self._step
        self._light *= self._shade
        self._at *= width
        self._at += self._light
        self._at += self._places
        np.take(self._pixels, self._at, out=self.pixels, mode="clip")


def _shaded(pixels: NDArray[np.uint32], share: float) -> NDArray[np.uint32]:
    """Return pixels with a share of their light more, or less."""
    parts = [(pixels >> shift) & 255 for shift in (16, 8, 0)]
    red, green, blue = (np.minimum(255, part * (1 + share)).astype(np.uint32) for part in parts)
    return np.asarray(np.uint32(255 << 24) | red << 16 | green << 8 | blue)


def _swings(
    height: int, width: int
) -> list[tuple[float, NDArray[np.float32], NDArray[np.float32]]]:
    """Return of each speed of the waves, in Hz, where they are, and a quarter of a period later.

    Each is ``(height, width)``; they run in perspective, smaller and closer towards the horizon.
    """
    depth = np.linspace(0.0, 1.0, height)[:, None]
    far = (1.0 + _FARTHEST) / (depth + _FARTHEST)
    across = (np.arange(width)[None, :] / width - 0.5) * far
    made: dict[float, NDArray[np.complex128]] = {}
    for hz, high, sideways, inwards, begin in _WAVES:
        turns = sideways * across + inwards * far + begin
        made[hz] = made.get(hz, 0.0) + high * depth * np.exp(2j * np.pi * turns)
    return [(hz, w.real.astype(np.float32), w.imag.astype(np.float32)) for hz, w in made.items()]
