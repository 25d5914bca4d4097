"""How zones, flags, units and numbers are said in plain words, for people and programs."""

import math
from dataclasses import dataclass
from typing import Any

from biofeedback.stream import Channel, Quality, Zone
from biofeedback.text import _

NO_NUMBER = "–"


@dataclass(frozen=True, slots=True)
class Signed:
    """A number for a text: below zero it has the minus sign of print, as wide as a plus.

    Programs read a hyphen: JSON, CSV and what a terminal prints keep it.
    """

    value: float

    def __format__(self, form: str) -> str:
        return format(self.value, form).replace("-", "−")


_ZONES = {
    Zone.UNKNOWN: _("No reading"),
    Zone.RELAXED: _("Relaxed"),
    Zone.TENSE: _("Tense"),
}


def zone_word(zone: Zone) -> str:
    """Return what the patient is told."""
    return _ZONES[zone]


def unit_word(channel: Channel) -> str:
    """Return the unit of a channel's tension as it is printed."""
    if channel.unit == "uV":
        return _("µV")
    return _("units") if channel.envelope else _("counts")


def band_word(band_hz: tuple[float, float] | None) -> str:
    """Return the band that every number carries; a sensor's own envelope has none."""
    if band_hz is None:
        return _("envelope of the sensor")
    return _("{low:g}–{high:g} Hz").format(low=band_hz[0], high=band_hz[1])


def number_word(value: float, channel: Channel) -> str:
    """Return a tension with the digits that mean something; below the floor only that it is."""
    if math.isnan(value):
        return NO_NUMBER
    floor = channel.resolution_floor
    if floor is not None and value < floor:
        return f"< {floor:.2g}"
    return _digits(value)


def _digits(value: float) -> str:
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 0.95 else f"{value:.2g}"


def floor_word(channel: Channel) -> str:
    """Return what the sensor can resolve, empty where that is not known."""
    floor = channel.resolution_floor
    if floor is None:
        return ""
    return _("This sensor resolves {floor:.2g} {unit}").format(floor=floor, unit=unit_word(channel))


# The gravest first: in a word or two, in a sentence, and what to do.
_QUALITY = {
    Quality.ELECTRODE_OFF: (
        _("electrode off"),
        _("The electrode has come off, or its cable."),
        _("Press the electrode on again and check the plug."),
    ),
    Quality.GAP: (
        _("samples lost"),
        _("Samples were lost."),
        _("It goes on by itself. If it happens often, use another cable or port."),
    ),
    Quality.SATURATED: (
        _("at its limit"),
        _("The signal hits its limit."),
        _("Move the electrode, or lower the gain."),
    ),
    Quality.MOTION: (
        _("cable moved"),
        _("The cable or electrode moved."),
        _("Fix the cable to the skin or clothes with tape."),
    ),
    Quality.UNSETTLED: (_("settling"), _("Settling."), _("A moment, please.")),
    Quality.MAINS: (
        _("mains"),
        _("Mains pick-up."),
        _("Unplug the charger, sit away from lamps, wet the skin."),
    ),
    Quality.ECG: (_("heartbeat"), _("Your heartbeat is in the signal."), ""),
}


def _gravest(quality: int) -> tuple[str, str, str]:
    if quality:
        for flag, said in _QUALITY.items():
            if quality & flag:
                return said
    return _("good"), "", ""


def quality_word(quality: int) -> str:
    """Return the gravest flag in a word or two, "good" when all is well: for a table."""
    return _gravest(quality)[0]


def quality_words(quality: int) -> tuple[str, str]:
    """Return (what is wrong, what to do) for the gravest flag; two empty texts when all is well."""
    return _gravest(quality)[1:]


def plain(value: Any) -> Any:
    """Return `value` for JSON: six significant digits, NaN as null."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
