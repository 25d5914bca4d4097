"""An open journal on each database, and somebody in it."""

from collections.abc import Iterator

import pytest
from kept import MORNING

from biofeedback.journal.journal import Journal, open_journal


@pytest.fixture
def journal(where: str) -> Iterator[Journal]:
    """An empty journal."""
    with open_journal(where) as journal:
        yield journal


@pytest.fixture
def p01(journal: Journal) -> str:
    """Somebody in it."""
    journal.add_person("P01", display_name="Anna Müller", note="=left side", added=MORNING)
    return "P01"
