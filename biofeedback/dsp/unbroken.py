"""All the steps of a chunk at once, as long as nothing is flagged: nearly always."""

import numpy as np
from numpy.typing import NDArray

from biofeedback import kernel
from biofeedback.dsp.envelope import MovingRMS
from biofeedback.dsp.filters import BandPass
from biofeedback.dsp.quality import ContactQuality
from biofeedback.stream import Samples


class Unbroken:
    """Scaling, `contact`, `band`, `fast` and `slow` in one call of the kernel.

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
    ) -> None:
        self._contact, self._fast, self._slow = contact, fast.sums, slow.sums
        n = len(gain)
        self._chain = kernel.compiled.chain(
            gain,
            offset,
            *contact.state(n),
            *band.state(),
            *fast.state(n),
            *slow.state(n),
            contact.off_after,
            fast.needed,
            slow.needed,
        )

    def __call__(self, counts: Samples) -> tuple[Samples, Samples, Samples] | None:
        """Return filtered, fast and slow, each shaped as `counts` ``(n_samples, n_channels)``.

        None, and nothing has happened, where a sample is flagged or saturation may still be.
        """
        if not self._contact.calm:
            return None
        shape, fast, slow = counts.shape, self._fast, self._slow
        # one block for the three costs more: to cut it up takes longer than to ask again
        made = np.empty(shape), np.empty(shape), np.empty(shape)
        positions = kernel.compiled.run_chain(
            self._chain, counts, *made, fast.position, slow.position
        )
        if positions is None:
            return None
        fast.position, slow.position = positions
        return made
