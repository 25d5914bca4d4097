"""Reports from the window: by keyboard, on a thread, saved where one says, and nothing opened."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from biofeedback.display.widgets.report_button import ReportButton, Tell
from biofeedback.errors import BiofeedbackError
from biofeedback.reports import write
from biofeedback.reports.parts import Part, Report, Statement

SMALL = Report("A page", (), (Part("What", (Statement("It was so."),)),), simulated=False)


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What the dialog answers next; what it was offered is in `offered`."""
    answers: list[tuple[str, str]] = []

    def answer(_parent: object, _title: str, offered: str, kinds: str) -> tuple[str, str]:
        answers.append((offered, kinds))
        return answers[0]

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    return answers


def make_button(qtbot, make) -> ReportButton:
    made = ReportButton(
        "Save a &report …", "A page to print", make=lambda: make, name=lambda: Path("P01-visit.pdf")
    )
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_report_is_saved_where_one_says_and_that_is_told(qtbot, tmp_path, chosen):
    chosen.append((str(tmp_path / "page.html"), "PDF (*.pdf)"))
    made = make_button(qtbot, lambda _tell: SMALL)
    with qtbot.waitSignal(made.message, timeout=20_000) as said:
        qtbot.keyClick(made.button, Qt.Key.Key_Space)
    assert said.args == [f"The report is in {tmp_path / 'page.html'}."]
    assert "It was so." in (tmp_path / "page.html").read_text("utf-8")
    assert chosen[1][0].endswith("P01-visit.pdf"), "a sensible name is offered"
    assert made.job is None


@pytest.mark.parametrize(
    ("kind", "suffix"), [("PDF (*.pdf)", ".pdf"), ("Web page (*.html)", ".html")]
)
def test_a_name_without_an_end_gets_that_of_the_kind(qtbot, tmp_path, chosen, kind, suffix):
    chosen.append((str(tmp_path / "page"), kind))
    made = make_button(qtbot, lambda _tell: SMALL)
    with qtbot.waitSignal(made.message, timeout=20_000):
        made.ask()
    assert [path.name for path in tmp_path.iterdir()] == [f"page{suffix}"]


def test_who_gives_up_gets_none(qtbot, tmp_path, chosen):
    chosen.append(("", ""))
    made = make_button(qtbot, lambda _tell: SMALL)
    made.ask()
    assert made.job is None
    assert not list(tmp_path.iterdir())


def test_how_far_it_is_stands_on_the_button_and_the_window_goes_on(qtbot, tmp_path, chosen):
    chosen.append((str(tmp_path / "page.html"), ""))
    halfway, go_on = threading.Event(), threading.Event()

    def make(tell: Tell) -> Report:
        tell(0.5)
        halfway.set()
        assert go_on.wait(20)
        return SMALL

    made = make_button(qtbot, make)
    made.ask()
    assert halfway.wait(20)
    qtbot.waitUntil(lambda: made.button.text() == "Making the report … 50 %")
    made.ask()  # a second time meanwhile: nothing
    assert len(chosen) == 2
    with qtbot.waitSignal(made.message, timeout=20_000):
        go_on.set()
    assert made.button.text() == "Save a &report …"


def test_while_its_pages_are_set_that_stands_on_the_button(qtbot, tmp_path, chosen, monkeypatch):
    chosen.append((str(tmp_path / "page.html"), ""))
    go_on = threading.Event()
    monkeypatch.setattr(write, "write", lambda _report, _path: go_on.wait(20))
    made = make_button(qtbot, lambda _tell: SMALL)
    made.ask()
    qtbot.waitUntil(lambda: made.button.text() == "Setting the pages …")
    with qtbot.waitSignal(made.message, timeout=20_000):
        go_on.set()
    assert made.button.text() == "Save a &report …"


def test_why_it_could_not_be_made_is_said(qtbot, tmp_path, chosen):
    chosen.append((str(tmp_path / "page.html"), ""))

    def make(_tell: Tell) -> Report:
        raise BiofeedbackError("There is nothing to tell.")

    made = make_button(qtbot, make)
    with qtbot.waitSignal(made.message, timeout=20_000) as said:
        made.ask()
    assert said.args == ["There is nothing to tell."]
    assert not list(tmp_path.iterdir())


def test_the_start_page_offers_the_page_for_the_doctor_to_somebody(window, qtbot, tmp_path, chosen):
    start = window.pages.start
    people = start.people
    qtbot.waitUntil(lambda: not people._look.isActive(), timeout=20_000)  # it has read
    assert not start.visit.isVisibleTo(start), "there is nobody to tell of"
    window._whose.journal().add_person("P01", added=datetime(2026, 3, 1, tzinfo=UTC))
    people.choose("P01")
    assert start.visit.isVisibleTo(start)
    chosen.append((str(tmp_path / "page.html"), ""))
    with qtbot.waitSignal(start.visit.message, timeout=20_000):
        start.visit.ask()
    assert chosen[1][0].endswith("P01-visit.pdf")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert f"P01, as of {window.pages.today()}" in page
