"""A blood pressure cuff: its newest reading, or why there is none."""

import asyncio
import math
from collections.abc import Callable
from typing import Any

from biofeedback.errors import HeartError
from biofeedback.heart.bleak_radio import BleakRadio
from biofeedback.heart.measurements import (
    BloodPressure,
    Cuff,
    Truncated,
    parse_blood_pressure,
)
from biofeedback.heart.radio import LinkLost, Radio, Service
from biofeedback.text import _, plural

PATIENCE_S = 180.0
"""A cuff measures for about a minute, and many tell of themselves only once that is done."""
# A cuff that kept readings sends them one after the other.
_MORE_S = 2.0


def measure_pressure(
    name: str = "",
    *,
    radio: Radio | None = None,
    patience_s: float = PATIENCE_S,
    more_s: float = _MORE_S,
    say: Callable[[str], None] = lambda _sentence: None,
) -> BloodPressure:
    """Wait for the newest reading of the cuff called `name`, empty: of the first that is heard.

    `say` gets what it is busy with. Raises `HeartError`, also where the cuff failed to measure.
    """
    return asyncio.run(_measure(name, radio or BleakRadio(), patience_s, more_s, say))


async def _measure(
    name: str, radio: Radio, patience_s: float, more_s: float, say: Callable[[str], None]
) -> BloodPressure:
    say(_("Waiting for the cuff: start a measurement on it, and sit still …"))
    seen = await radio.find(Service.BLOOD_PRESSURE, name, patience_s)
    if seen is None:
        raise HeartError(
            plural(
                "No cuff was heard within {minutes:g} minute: is its Bluetooth on, and no phone "
                "connected to it? Or type the values in.",
                "No cuff was heard within {minutes:g} minutes: is its Bluetooth on, and no phone "
                "connected to it? Or type the values in.",
                1 if patience_s == 60 else 2,
            ).format(minutes=patience_s / 60)
        )
    came: asyncio.Queue[bytes | None] = asyncio.Queue()
    try:
        link = await radio.connect(seen, lambda: came.put_nowait(None))
        try:
            await link.subscribe(Service.BLOOD_PRESSURE.characteristic, came.put_nowait)
            say(_("Cuff {name} is connected …").format(name=seen.name))
            newest = await _newest(came, patience_s, more_s)
        finally:
            await link.close()
    except LinkLost:
        newest = None
    if newest is None:
        raise HeartError(
            _(
                "The cuff {name} went away without a reading: measure again, nearer to the "
                "computer, or type the values in."
            ).format(name=seen.name)
        )
    if newest.failed:
        raise HeartError(why_failed(newest.status))
    return newest


async def _newest(
    came: "asyncio.Queue[bytes | None]", patience_s: float, more_s: float
) -> BloodPressure | None:
    """Return the newest reading that comes: by the cuff's clock, without one the last."""
    newest = None
    while True:
        try:
            data = await asyncio.wait_for(came.get(), patience_s if newest is None else more_s)
        except TimeoutError:
            return newest
        if data is None:  # it hung up
            return newest
        try:
            reading = parse_blood_pressure(data)
        except Truncated:
            continue
        if newest is None or not (newest.taken and reading.taken and reading.taken < newest.taken):
            newest = reading


def why_failed(status: Cuff) -> str:
    """Return why a cuff has no reading, and what helps."""
    if status & Cuff.LOOSE:
        return _("The cuff could not measure: it is too loose; tighten it, and measure again.")
    if status & Cuff.MOVED:
        return _("The cuff could not measure: the arm moved; rest it, and measure again.")
    if status & Cuff.WRONG_POSITION:
        return _(
            "The cuff could not measure: it was not at the height of the heart; rest the arm "
            "there, and measure again."
        )
    return _(
        "The cuff could not measure: put it snugly on the bare arm, sit still for a minute, and "
        "measure again."
    )


def pressure_words(reading: BloodPressure) -> str:
    """Return a reading in words, and what the cuff has to say of it."""
    words = _("{systolic:.0f} / {diastolic:.0f} mmHg").format(
        systolic=reading.systolic_mmhg, diastolic=reading.diastolic_mmhg
    )
    if not math.isnan(reading.pulse_bpm):
        words = _("{pressure}, pulse {pulse:.0f}").format(pressure=words, pulse=reading.pulse_bpm)
    if reading.status & Cuff.IRREGULAR_PULSE:
        words += ". " + _(
            "The cuff marked the pulse as irregular: measure again, and show it to your doctor "
            "if it does so again."
        )
    return words


def plain_pressure(reading: BloodPressure) -> dict[str, Any]:
    """Return a reading as plain values, NaN for what is not known."""
    return {
        "systolic_mmhg": reading.systolic_mmhg,
        "diastolic_mmhg": reading.diastolic_mmhg,
        "mean_mmhg": reading.mean_mmhg,
        "pulse_bpm": reading.pulse_bpm,
        "by_cuff_clock": reading.taken.isoformat() if reading.taken else None,
        "status": [flag.name.lower() for flag in Cuff if flag in reading.status and flag.name],
    }
