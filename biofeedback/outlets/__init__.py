"""Sinks that speak to other programs: Lab Streaming Layer and OSC."""

from biofeedback.outlets.lsl import LslOutlet
from biofeedback.outlets.osc import OscOutlet
from biofeedback.settings import Settings


def make_outlets(settings: Settings) -> list[LslOutlet | OscOutlet]:
    """Return the outlets that the settings ask for; raise `SettingsError` where one cannot be."""
    outlets: list[LslOutlet | OscOutlet] = []
    if settings.lsl.name:
        outlets.append(LslOutlet(settings.lsl.name, band=settings.signal.band))
    if settings.osc.address:
        outlets.append(OscOutlet(settings.osc.address))
    return outlets
