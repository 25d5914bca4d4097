"""All the steps of a chunk at once, as long as nothing is flagged: nearly always."""

import numpy as np
from numpy.typing import NDArray

from biofeedback import kernel
from biofeedback.dsp.envelope import MovingRMS
from biofeedback.dsp.filters import BandPass
from biofeedback.dsp.quality import ContactQuality
from biofeedback.dsp.recent import Recent
from biofeedback.stream import Samples


class Unbroken:
    """Scaling, `contact`, `band`, `fast`, `slow` and `recent` in one call of the kernel.

    It works on the state of those steps, which may be called themselves in between. Once one of
    them was reset, make another; before it, each must have seen a sample.
    """

    def __init__(
        self,
        *,
        gain: NDArray[np.float64],
        offset: NDArray[np.float64],
        contact: ContactQuality,
        band: BandPass,
        fast: MovingRMS,
        slow: MovingRMS,
        recent: Recent,
    ) -> None:
        self._contact = contact
        n = len(gain)
        fast_mean_only, fast_parts, fast_position = fast.state(n)
        slow_mean_only, slow_parts, slow_position = slow.state(n)
        self._chain = kernel.compiled.chain(
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
            recent.filtered,
            recent.kept,
            contact.off_after,
            fast.needed,
            slow.needed,
        )

    def __call__(self, counts: Samples, filtered: Samples, fast: Samples, slow: Samples) -> bool:
        """Write filtered, fast and slow, each shaped as `counts` ``(n_samples, n_channels)``.

        False, and nothing has happened, where a sample is flagged or saturation may still be.
        """
        return self._contact.calm and kernel.compiled.run_chain(
            self._chain, counts, filtered, fast, slow
        )
