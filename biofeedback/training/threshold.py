"""The threshold that a tension is held against, and the zone that the patient is told."""

import math

import numpy as np
from numpy.typing import NDArray

from biofeedback import kernel
from biofeedback.boards import FINER_BOARDS, FINER_FROM_UV
from biofeedback.errors import SettingsError
from biofeedback.stream import Channel, Samples, Zone
from biofeedback.text import _

# as C takes them
_RELAXED, _TENSE = int(Zone.RELAXED), int(Zone.TENSE)


def check_threshold(threshold: float, channel: Channel) -> None:
    """Raise `SettingsError` for a threshold that `channel`'s sensor cannot resolve, or below 0."""
    unit = _("µV") if channel.unit == "uV" else _("counts")
    if not threshold > 0 or not np.isfinite(threshold):
        raise SettingsError(
            _("A threshold of {value:g} {unit} means nothing; give one above 0.").format(
                value=threshold, unit=unit
            )
        )
    floor = channel.resolution_floor
    if floor is not None and threshold < floor:
        lowest = _rounded_up(floor)
        reason = _(
            "A threshold of {value:g} {unit} is below what this sensor can resolve "
            "({floor:.2g} {unit}, half a step of its converter): set {lowest:g} or more"
        ).format(value=threshold, unit=unit, floor=floor, lowest=lowest)
        remedy = _(", or use {finer}.").format(finer=FINER_BOARDS)
        raise SettingsError(reason + (remedy if floor > FINER_FROM_UV else "."))


def _rounded_up(value: float) -> float:
    """Return `value` with three digits, not below it."""
    digit = 10.0 ** (math.floor(math.log10(value)) - 2)
    return float(f"{math.ceil(value / digit) * digit:.3g}")


class ZoneTracker:
    """Tension becomes a zone: tense above the threshold, relaxed once `hysteresis` below it.

    `hysteresis` is a share of the threshold. Between the two the last zone stays; after an unknown
    moment the threshold alone decides. A threshold of NaN: none, and the zone is unknown.
    """

    def __init__(self, n_channels: int, *, hysteresis: float) -> None:
        self.thresholds = np.full(n_channels, np.nan)
        """One a channel, in its unit."""
        self._hysteresis = hysteresis
        self._last = np.zeros(n_channels, dtype=np.int8)

    def __call__(self, tension: Samples) -> NDArray[np.int8]:
        """Return `Zone` values, shaped as `tension` ``(n_samples, n_channels)``."""
        if kernel.compiled:
            zones = np.empty(tension.shape, dtype=np.int8)
            slack = 1 - self._hysteresis
            kernel.compiled.zones(
                tension, self.thresholds, self._last, zones, slack, _RELAXED, _TENSE
            )
            return zones
        tense = tension > self.thresholds
        calm = tension < self.thresholds * (1 - self._hysteresis)
        unknown = np.isnan(tension - self.thresholds)
        zones = np.zeros(tension.shape, dtype=np.int8)  # unknown, until it is decided
        zones[calm] = Zone.RELAXED
        zones[tense] = Zone.TENSE
        between = ~(tense | calm | unknown)
        if between.any():
            zones = self._hold(zones, between)
        if len(zones):
            self._last = zones[-1].copy()
        return zones

    def _hold(self, zones: NDArray[np.int8], between: NDArray[np.bool_]) -> NDArray[np.int8]:
        """Return `zones` with each that lies between the lines taken from the one before."""
        states = np.vstack((self._last, zones))
        decided = np.vstack((np.ones(zones.shape[1], dtype=bool), ~between))
        at = np.where(decided, np.arange(len(states))[:, None], 0)
        held = np.take_along_axis(states, np.maximum.accumulate(at, axis=0), axis=0)[1:]
        held[(held == Zone.UNKNOWN) & between] = Zone.RELAXED  # at or below the threshold
        return np.asarray(held)
