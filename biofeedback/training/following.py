"""Sinks that follow too what becomes of a stream: its tension, its zones, its training."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from biofeedback.stream import Sink, Tension
from biofeedback.training.trainer import Trainer


@runtime_checkable
class Follower(Protocol):
    """What a sink does besides, to follow."""

    def follow(self, tension: Tension, zones: NDArray[np.int8], trainer: Trainer | None) -> None:
        """Take what a chunk came to, and the training, if there is one, without waiting."""


def tell(
    sinks: Sequence[Sink], tension: Tension, zones: NDArray[np.int8], trainer: Trainer | None
) -> None:
    """Hand on what a chunk came to to those of `sinks` that follow."""
    for sink in sinks:
        if isinstance(sink, Follower):
            sink.follow(tension, zones, trainer)
