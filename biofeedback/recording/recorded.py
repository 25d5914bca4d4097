"""What a file held, once it is read: a stream's description and its unbroken runs of samples."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biofeedback.boards import UNITS, Board, find_sensor
from biofeedback.errors import SettingsError
from biofeedback.stream import Annotation, Chunk, Samples, StreamInfo
from biofeedback.text import _


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that was opened; its samples may still lie in the file.

    `chunks`: none empty, in order, from the start each time they are gone through; a jump of
    `start` is a gap. `stop`: the index after the last sample. `notes`: what the user should know
    of the file, each a sentence.
    """

    info: StreamInfo
    chunks: Iterable[Chunk]
    stop: int
    notes: tuple[str, ...] = ()
    annotations: tuple[Annotation, ...] = ()

    @property
    def duration_s(self) -> float:
        """From the first sample to the end of the last one, gaps included."""
        return self.stop / self.info.sfreq


@dataclass(frozen=True, slots=True)
class Hints:
    """What the user says of a recording: used where the file does not tell, checked where it does.

    `sfreq` in Hz; `unit`, of the columns that state none: uV, mV, V or counts; `sensor`, a
    profile's name, and the `board` behind it, of columns in counts. Raises `SettingsError`.
    """

    sfreq: float | None = None
    unit: str | None = None
    sensor: str | None = None
    board: Board | None = None

    def __post_init__(self) -> None:
        if self.sfreq is not None and not (math.isfinite(self.sfreq) and self.sfreq > 0):
            raise SettingsError(
                _(
                    "sfreq is {sfreq:g}; it must be a number of samples a second above 0, such as "
                    "1000."
                ).format(sfreq=self.sfreq)
            )
        if self.unit is not None and self.unit not in UNITS:
            raise SettingsError(
                _("unit is '{unit}'; it may be one of: {units}.").format(
                    unit=self.unit, units=", ".join(UNITS)
                )
            )
        if self.sensor is not None:
            find_sensor(self.sensor)


def cut_at_gaps(index: NDArray[np.int64], samples: Samples) -> tuple[Chunk, ...]:
    """Return the unbroken runs of `samples` ``(n_samples, n_channels)``, n > 0.

    `index` ``(n_samples,)`` rises; where it jumps, a run ends.
    """
    breaks = np.flatnonzero(np.diff(index) != 1) + 1
    starts = (0, *breaks.tolist())
    stops = (*breaks.tolist(), len(index))
    return tuple(
        Chunk(int(index[start]), samples[start:stop])
        for start, stop in zip(starts, stops, strict=True)
    )
