"""All the steps of a chunk at once, as long as nothing is flagged: nearly always."""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from biofeedback import kernel
from biofeedback.dsp.envelope import MovingRMS
from biofeedback.dsp.filters import BandPass
from biofeedback.dsp.quality import ContactQuality
from biofeedback.dsp.recent import Recent
from biofeedback.stream import Samples

AtOnce: TypeAlias = Callable[[Samples, Samples, Samples, Samples], bool]
"""Takes counts and writes filtered, fast and slow, each ``(n_samples, n_channels)``.

False, and nothing has happened, where a sample is at a rail or an electrode off.
"""


def at_once(
    *,
    gain: NDArray[np.float64],
    offset: NDArray[np.float64],
    contact: ContactQuality,
    band: BandPass,
    fast: MovingRMS,
    slow: MovingRMS,
    recent: Recent,
) -> AtOnce:
    """Return scaling, `contact`, `band`, `fast`, `slow` and `recent` as one call of the kernel.

    It works on the state of those steps, which may be called themselves in between, and is to be
    called while `contact` is calm. Once one of them was reset, make another; before it, each must
    have seen a sample.
    """
    n = len(gain)
    fast_mean_only, fast_parts, fast_position = fast.state(n)
    slow_mean_only, slow_parts, slow_position = slow.state(n)
    chain = kernel.compiled.chain(
        gain,
        offset,
        *contact.state(n),
        *band.state(),
        fast_mean_only,
        fast_parts,
        fast_position,
        slow_mean_only,
        slow_parts,
        slow_position,
        recent.counts,
        recent.kept,
        contact.off_after,
        fast.needed,
        slow.needed,
    )
    return partial(kernel.compiled.run_chain, chain)
