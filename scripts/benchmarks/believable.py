"""What is in a journal that was used: a year of somebody, clients, montages, a course."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from biofeedback.journal.journal import open_journal
from biofeedback.journal.nouns import Course, Montage, MontageChannel

sys.path.append(str(Path(__file__).parents[2] / "tests" / "reports"))

import year  # type: ignore[import-not-found]  # on the path only now

PERSON = "P01"
"""Who has a year of sittings, and a course."""
BROKEN_OFF = "P02"
"""Who has a montage, and is to break a training off."""
NEW = "P03"
"""Who has nothing yet."""
TODAY = year.TODAY
_SENSOR = "myoware-2-raw"
_NECK = Montage(
    name="neck",
    protocol="symmetry",
    band="narrow",
    channels=tuple(MontageChannel(f"trapezius {side}", _SENSOR) for side in ("left", "right")),
    threshold_uv=6.0,
)
_JAW = Montage("jaw", "", "wide", (MontageChannel("masseter left", _SENSOR),), None)


def fill_journal() -> None:
    """Fill the journal that the environment names."""
    with open_journal() as journal:
        year.fill(journal, PERSON)
        for person in (BROKEN_OFF, NEW):
            journal.add_person(person, added=datetime.now(UTC))
        for montage in (_NECK, _JAW):
            journal.keep_montage(PERSON, montage)
        journal.keep_montage(BROKEN_OFF, _NECK)
        journal.set_course(
            PERSON, Course("home-relaxation", 3, 20, TODAY - timedelta(days=20), None)
        )
