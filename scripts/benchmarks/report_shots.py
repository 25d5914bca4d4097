"""The page for the doctor as a picture: of the year that the tests of reports make up."""

import importlib
import sys
import tempfile
from pathlib import Path

from biofeedback.journal.journal import open_journal
from biofeedback.reports.history import read_history
from biofeedback.reports.plain_pdf import set_pages
from biofeedback.reports.visit import visit_page

YEAR = Path(__file__).parents[2] / "tests" / "reports"
_DPI = 110  # 910 dots wide: its smallest letters can be read


def draw_visit(folder: Path) -> None:
    """Write `visit.png` into `folder`."""
    sys.path.append(str(YEAR))
    year = importlib.import_module("year")
    with tempfile.TemporaryDirectory() as own, open_journal(f"{own}/year.sqlite") as journal:
        year.fill(journal)
        page = visit_page(read_history(journal, "P01", year.TODAY))
    set_pages(page).figures[0].savefig(folder / "visit.png", dpi=_DPI)
