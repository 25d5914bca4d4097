"""What was sent: random scenarios by their seed, and each sample of them."""

import numpy as np

from biofeedback.sources.muscle.script import Scenario
from biofeedback.sources.scenario import read_scenario
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.stream import Samples

_BITS = {".edf": (10, 12, 16), ".bdf": (24,)}
_FRAME_S = 0.015  # as our boards send them


def suffix_of(seed: int) -> str:
    """Return how a recording of the scenario of `seed` is named: every fourth has 24 bits."""
    return ".bdf" if seed % 4 == 3 else ".edf"


def scenario_text(seed: int) -> str:
    """Return a scenario as TOML: 1 to 8 channels of 500 to 2000 Hz; of a third, frames are lost."""
    rng = np.random.default_rng(seed)
    sfreq = int(rng.choice([500, 1000, 1000, 2000]))
    lines = [
        f"seed = {seed}",
        f"sfreq = {sfreq}",
        f"bits = {rng.choice(_BITS[suffix_of(seed)])}",
        f"frame_samples = {round(_FRAME_S * sfreq)}",
        f"lost_percent = {rng.integers(1, 20) if seed % 3 == 0 else 0}",
    ]
    for at in range(int(rng.choice([1, 2, 4, 8]))):
        lines += ["[[channels]]", f'label = "muscle {at}"', f"offset_uv = {rng.integers(-50, 50)}"]
        for _segment in range(3):
            low, high = rng.uniform(1, 30, 2)
            lines += ["[[channels.segments]]", f"emg_uv = [{low:.1f}, {high:.1f}]"]
    return "\n".join(lines) + "\n"


def scenario_of(seed: int) -> Scenario:
    """Return the scenario of `seed`."""
    return read_scenario(scenario_text(seed), name=f"torture {seed}", where=f"torture {seed}")


class Truth:
    """The samples of a scenario, made as they are asked for; NaN where they never arrived."""

    def __init__(self, scenario: Scenario) -> None:
        self.sfreq, self.channels = scenario.info.sfreq, scenario.info.channels
        self._source = SimulatedSource(scenario, fast=True)
        self._source.open()
        self._came = np.empty((0, len(self.channels)))
        self._stop = 0

    def upto(self, n: int) -> Samples:
        """Return the next `n` samples ``(n, n_channels)``, without going on."""
        blocks, missing = [self._came], n - len(self._came)
        while missing > 0:
            for chunk in self._source.read(0.0):
                blocks.append(np.full((chunk.start - self._stop, len(self.channels)), np.nan))
                blocks.append(chunk.samples)
                missing -= chunk.stop - self._stop
                self._stop = chunk.stop
        self._came = np.concatenate(blocks)
        return self._came[:n]

    def take(self, n: int) -> Samples:
        """Return the next `n` samples, and go on."""
        taken = self.upto(n)
        self._came = self._came[n:]
        return taken
