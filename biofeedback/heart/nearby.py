"""Which straps and cuffs are near."""

import asyncio

from biofeedback.heart.bleak_radio import BleakRadio
from biofeedback.heart.radio import Radio, Seen, Service
from biofeedback.text import _

SCAN_S = 5.0


def straps_and_cuffs(radio: Radio | None = None) -> list[Seen]:
    """Return those that are heard within five seconds, the nearest first; raise `HeartError`."""
    return asyncio.run((radio or BleakRadio()).scan(tuple(Service), SCAN_S))


def service_word(service: Service) -> str:
    """Return what a device with that service is."""
    return {
        Service.HEART_RATE: _("heart strap"),
        Service.BLOOD_PRESSURE: _("blood pressure cuff"),
    }[service]
