"""Sittings, entries and injections as a journal gives them, for the tests of trends and cycles."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from biofeedback.journal.day_nouns import Entry, Treatment
from biofeedback.journal.nouns import Conditions, Sitting

WIDE, NARROW = (20.0, 450.0), (100.0, 200.0)
FIRST = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def outcome(
    baseline: float,
    *,
    rest: float | None = 60.0,
    valid: float = 98.0,
    muscles: tuple[str, ...] = ("trapezius left",),
    protocol: str = "home-relaxation",
) -> dict[str, Any]:
    """Return what the journal keeps of a training."""

    def phase(kind: str, level: float) -> dict[str, Any]:
        told = {"kind": kind, "seconds": 120.0, "valid_percent": valid}
        told["tension_uv"] = {"p10": level, "p50": level, "p90": level}
        if len(muscles) > 1:
            told["channels"] = [
                {"label": label, "tension_uv": {"p50": level * (1 + i)}}
                for i, label in enumerate(muscles)
            ]
        return told

    return {
        "protocol": protocol,
        "channels": list(muscles),
        "baseline_uv": baseline,
        "post_baseline_uv": 0.8 * baseline,
        "relative_rest_time_percent": rest,
        "success_percent": 71.0,
        "emg_gaps_per_min": 3.0,
        "recovery_half_time_s": None,
        "transfer_index": None,
        "guess_error": None,
        "ratings": {"pain": 4},
        "valid_percent": valid,
        "phases": [
            phase("baseline", baseline),
            phase("trial", baseline),
            phase("baseline", 0.8 * baseline),
        ],
    }


def sat(
    day: float,
    summary: dict[str, Any],
    *,
    band: tuple[float, float] = WIDE,
    simulated: bool = False,
    hidden: str = "",
) -> Sitting:
    """Return a sitting `day` days after the first."""
    return Sitting(
        id=UUID(int=round(1000 * day)),
        person_id="P01",
        started=FIRST + timedelta(days=day),
        duration_s=720.0,
        interrupted=False,
        conditions=Conditions("serial", simulated, 1000.0, band, "MyoWare 2.0, RAW", {}),
        summary=summary,
        version="1",
        note="",
        hidden=hidden,
        recordings=(),
    )


def entered(day: float, value: float, kind: str = "pain", text: str = "") -> Entry:
    """Return an entry `day` days after the first sitting."""
    return Entry(FIRST + timedelta(days=day), kind, value, "0-10", text, "hand")


def injected(day: int, *muscles: str) -> Treatment:
    """Return an injection `day` days after the first sitting."""
    on: date = (FIRST + timedelta(days=day)).date()
    return Treatment(on, "injection", "botulinum toxin A", "as told", muscles, None, "")
