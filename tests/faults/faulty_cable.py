"""A cable that damages what it carries, the same way for the same seed."""

from dataclasses import dataclass

import numpy as np

_LONGEST_HOLE = 600  # bytes: half a frame, or several
_LONGEST_GARBAGE = 64


@dataclass(frozen=True, slots=True)
class Damage:
    """How often what happens: `bit_error_rate` for each bit, the others for each byte.

    Bytes are dropped and doubled one at a time; garbage of up to 64 bytes comes in between; up to
    600 bytes are left out at once (half frames and whole ones), or come a second time.
    """

    bit_error_rate: float = 0.0
    drop_rate: float = 0.0
    double_rate: float = 0.0
    garbage_rate: float = 0.0
    hole_rate: float = 0.0
    repeat_rate: float = 0.0


class FaultyCable:
    """Carries bytes with `damage`, which may be changed at any time."""

    def __init__(self, damage: Damage, *, seed: int) -> None:
        self.damage = damage
        self._rng = np.random.default_rng(seed)

    def __call__(self, data: bytes) -> bytes:
        """Return what comes out at the other end."""
        data = self._flipped(data)
        out, done = [], 0
        for at, kind in self._blows(len(data)):
            if at < done:  # in a hole
                continue
            out.append(data[done:at])
            done = at
            n = int(self._rng.integers(2, _LONGEST_HOLE))
            if kind == "garbage":
                out.append(self._rng.bytes(int(self._rng.integers(1, _LONGEST_GARBAGE + 1))))
            elif kind in ("double", "repeat"):
                out.append(data[at : at + 1] if kind == "double" else data[max(0, at - n) : at])
            else:
                done += 1 if kind == "drop" else n
        return b"".join([*out, data[done:]])

    def _flipped(self, data: bytes) -> bytes:
        bits = 8 * len(data)
        flips = self._rng.integers(0, bits, self._rng.binomial(bits, self.damage.bit_error_rate))
        noisy = np.frombuffer(data, np.uint8).copy()
        np.bitwise_xor.at(noisy, flips // 8, (1 << flips % 8).astype(np.uint8))
        return noisy.tobytes()

    def _blows(self, n: int) -> list[tuple[int, str]]:
        rates = {
            "drop": self.damage.drop_rate,
            "double": self.damage.double_rate,
            "garbage": self.damage.garbage_rate,
            "hole": self.damage.hole_rate,
            "repeat": self.damage.repeat_rate,
        }
        return sorted(
            (int(at), kind)
            for kind, rate in rates.items()
            for at in self._rng.integers(0, n, self._rng.binomial(n, rate))
        )
