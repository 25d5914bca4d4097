"""A year of somebody who does not exist, put into a journal: its truth is known."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import numpy as np

from biofeedback.journal.day_nouns import Entry, KeptTrial, Treatment
from biofeedback.journal.journal import Journal
from biofeedback.journal.nouns import Conditions

TODAY = date(2026, 3, 2)
FIRST = TODAY - timedelta(days=364)
EVERY_DAYS, WEAR_OFF_DAY = 84, 66
INJECTED = [FIRST + timedelta(days=20 + EVERY_DAYS * n) for n in range(4)]
MUSCLE, BAND_HZ = "splenius left", (20.0, 450.0)
CONDITIONS = Conditions(
    source="serial",
    simulated=False,
    sfreq=1000.0,
    band_hz=BAND_HZ,
    sensor="MyoWare 2.0, RAW",
    settings={},
)
NOTES = (
    (INJECTED[1] + timedelta(days=6), "Swallowing dry bread was <b>hard</b> for ten days"),
    (INJECTED[3] + timedelta(days=9), "Head feels heavy when I carry shopping"),
    (date(2026, 1, 20), "Much worse after a bad night and a long drive"),
    (date(2025, 10, 2), "Typing for an hour pulls the head to the left"),
)


def effect(day: float) -> float:
    """Return how much of the effect there is so many days after an injection."""
    return (1 - math.exp(-day / 8)) / (1 + math.exp((day - WEAR_OFF_DAY) / 9))


def level_uv(on: date) -> float:
    """Return the true tension of a day: a slow fall over the year, and the injections."""
    base = 14.0 - 3.0 * (on - FIRST).days / 365
    since = [(on - injected).days for injected in INJECTED if injected <= on]
    return base * (1 - 0.6 * effect(min(since))) if since else base


def at_hour(on: date, hour: int) -> datetime:
    """Return a moment of a day."""
    return datetime(on.year, on.month, on.day, hour, 12, tzinfo=UTC)


def summary(level: float, rest_percent: float, valid: float, pain: float) -> dict[str, Any]:
    """Return what a training tells, as far as reports read it."""

    def phase(name: str, kind: str, seconds: float, uv: float) -> dict[str, Any]:
        return {
            "name": name,
            "kind": kind,
            "round": 1,
            "feedback": "off",
            "start_s": 0.0,
            "seconds": seconds,
            "whole": True,
            "valid_percent": valid,
            "tension_uv": {"p10": 0.8 * uv, "p50": uv, "p90": 1.3 * uv},
        }

    return {
        "protocol": "home-relaxation",
        "mode": "below",
        "whole": True,
        "simulated": False,
        "channels": [MUSCLE],
        "sensor_floor_uv": 0.3,
        "baseline_uv": level,
        "post_baseline_uv": 0.8 * level,
        "success_percent": 71.0,
        "relative_rest_time_percent": rest_percent,
        "rest_threshold_from": "baseline",
        "valid_percent": valid,
        "phases": [
            phase("baseline", "baseline", 120, level),
            phase("first trial", "trial", 150, 0.7 * level),
            phase("baseline after", "baseline", 120, 0.8 * level),
        ],
        "ratings": {"tension": round(level / 2), "pain": pain},
    }


def sit(journal: Journal, person: str, on: date, told: dict[str, Any], **kept: Any) -> UUID:
    """Keep a sitting of twelve minutes."""
    conditions = replace(CONDITIONS, **kept)
    sitting = journal.begin_sitting(person, conditions, started=at_hour(on, 17))
    journal.finish_sitting(sitting, duration_s=720.0, summary=told)
    return sitting


def fill(journal: Journal, person: str = "P01", *, simulated: bool = False) -> str:
    """Put the year of `person` into an empty journal, and return who it is."""
    rng = np.random.default_rng(7)
    journal.add_person(person, added=at_hour(FIRST, 8))
    for week in range(52):
        for day in (0, 2, 4):
            on = FIRST + timedelta(days=7 * week + day)
            level = level_uv(on) * math.exp(rng.normal(0, 0.15))
            rest = float(np.clip(55 - 3 * (level - 8) + rng.normal(0, 4), 1, 99))
            valid = float(np.clip(rng.normal(95, 3), 60, 100))
            told = summary(level, rest, valid, float(round(level / 3)))
            sit(journal, person, on, told | {"simulated": simulated}, simulated=simulated)
    last = FIRST + timedelta(days=363)
    bad = sit(journal, person, last, summary(990.0, 0.0, 20.0, 3.0), simulated=simulated)
    journal.hide_sitting(bad, "electrode fell off")
    if not simulated:
        sit(journal, person, last, summary(1.0, 99.0, 99.0, 0.0), simulated=True)
    _treat(journal, person)
    _enter(journal, person, rng)
    try_things(journal, person, simulated=simulated)
    return person


def _treat(journal: Journal, person: str) -> None:
    for on in INJECTED:
        journal.add_treatment(
            person,
            Treatment(
                on=on,
                kind="injection",
                name="botulinum toxin A",
                dose="150 U in all",
                muscles=("splenius left", "sternocleidomastoid right"),
                until=None,
                note="sore for two days" if on == INJECTED[2] else "",
            ),
        )
    for name, dose, on, until in (
        ("clonazepam", "0.5 mg in the evening", date(2024, 11, 4), None),
        ("trihexyphenidyl", "2 mg twice a day", date(2025, 4, 1), date(2025, 6, 30)),
    ):
        journal.add_treatment(person, Treatment(on, "medicine", name, dose, (), until, ""))


def _enter(journal: Journal, person: str, rng: np.random.Generator) -> None:
    entries = [Entry(at_hour(on, 20), "note", None, "", text, "window") for on, text in NOTES]
    for days in range(0, 364, 3):
        on = FIRST + timedelta(days=days)
        pull = float(np.clip(round(5 * level_uv(on) + rng.normal(0, 6)), 0, 100))
        entries.append(Entry(at_hour(on, 20), "symptom", pull, "0-100", "pull to the left", "hand"))
    journal.add_entries(person, entries)


def try_things(journal: Journal, person: str, *, simulated: bool) -> None:
    """Keep four trials: one of each verdict, and an older one."""
    for what, verdict, change, low, high, sham, on in (
        ("heat", "no difference found", -4.0, -15.0, 9.0, -3.0, date(2025, 9, 3)),
        ("sensory-trick", "not enough data", None, None, None, None, date(2025, 5, 3)),
        ("sensory-trick", "helps", -48.0, -61.0, -31.0, -2.0, date(2025, 11, 5)),
        ("posture", "makes it worse", 22.0, 9.0, 37.0, 1.0, date(2025, 12, 1)),
    ):
        result = {
            "what": what,
            "verdict": verdict,
            "change_percent": change,
            "interval_percent": [low, high],
            "sham_change_percent": sham,
            "counted": 6,
            "valid_percent": 93.0,
        }
        journal.keep_trial(
            KeptTrial(
                uuid5(NAMESPACE_OID, f"{person} {what} {on}"),
                person,
                what,
                at_hour(on, 10),
                {"repeats": 6},
                result,
                simulated,
            )
        )
