"""A year in a journal, read once for all tests that only look at it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # what these tests share

import year

from biofeedback.journal.journal import Journal, open_journal
from biofeedback.reports.history import History, read_history


@pytest.fixture(scope="session")
def whole_year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    """A journal with a year of P01 in it; not to be changed."""
    with open_journal(str(tmp_path_factory.mktemp("year") / "journal.sqlite")) as journal:
        year.fill(journal, "P01")
        yield journal


@pytest.fixture(scope="session")
def history(whole_year: Journal) -> History:
    """What counts of P01."""
    return read_history(whole_year, "P01", year.TODAY)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """An empty journal."""
    with open_journal(str(tmp_path / "journal.sqlite")) as journal:
        yield journal
