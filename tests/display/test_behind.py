"""What a window keeps of a sitting: behind it, in order, told where it failed, there at the end."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from stepped import AFTER, BASELINE, HEAD, TRIALS, Gate, Way, write_protocol

from biofeedback.display.sitting import behind
from biofeedback.display.sitting.behind import Behind
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.keeping import Keeping
from biofeedback.display.training.summary_page import SummaryPage
from biofeedback.errors import JournalError
from biofeedback.journal.home import named_place
from biofeedback.journal.journal import open_journal
from biofeedback.sources import SourceOptions
from biofeedback.stream import Annotation


class SlowJournal:
    """Keeps notes when `open` is set; fails with what is in `errors` first."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.errors: list[Exception] = []
        self.kept: list[str] = []

    def note(self, annotations: list[Annotation]) -> None:
        assert self.open.wait(timeout=20)
        if self.errors:
            raise self.errors.pop(0)
        self.kept += [each.text for each in annotations[len(self.kept) :]]


@pytest.fixture
def journal() -> Iterator[SlowJournal]:
    made = SlowJournal()
    yield made
    made.open.set()  # no thread is left waiting


@pytest.fixture
def session() -> SimpleNamespace:
    return SimpleNamespace(annotations=[], trainer=None)


def noted(session: SimpleNamespace, keeper: Behind, text: str) -> None:
    session.annotations.append(Annotation(0.0, 0.0, text))
    keeper.keep(session)


def test_nobody_waits_for_a_slow_disk_and_the_order_is_kept(journal, session):
    keeper = Behind(Keeping(journal))
    noted(session, keeper, "one")
    keeper.do(lambda: journal.kept.append("between"))
    assert journal.kept == [], "it has come back before anything was written"
    journal.open.set()
    keeper.finish()
    assert journal.kept == ["one", "between"]


def test_what_failed_is_told_once_and_tried_again_when_there_is_more(journal, session):
    journal.open.set()
    journal.errors.append(JournalError("The disk is full."))
    keeper = Behind(Keeping(journal))
    noted(session, keeper, "one")
    keeper.finish()
    assert keeper.failures() == ["The disk is full."]
    assert keeper.failures() == []
    keeper.keep(session)
    keeper.finish()
    assert journal.kept == [], "nobody tries again and again"
    noted(session, keeper, "two")
    keeper.finish()
    assert journal.kept == ["one", "two"]
    assert keeper.failures() == []


def test_a_journal_that_takes_too_long_is_not_waited_for_any_longer(
    journal, session, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(behind, "_PATIENCE_S", 0.05)
    keeper = Behind(Keeping(journal))
    noted(session, keeper, "one")
    with pytest.raises(JournalError, match="takes too long"):
        keeper.finish()


def test_a_fault_of_the_program_is_not_hidden(journal, session):
    journal.open.set()
    journal.errors.append(ZeroDivisionError())
    keeper = Behind(Keeping(journal))
    noted(session, keeper, "one")
    keeper.finish()
    with pytest.raises(ZeroDivisionError):
        keeper.failures()


@pytest.fixture
def way(window, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Way:
    gate = Gate()
    monkeypatch.setattr("biofeedback.display.sitting.sitting.open_source", gate.open)
    monkeypatch.setattr("biofeedback.display.sitting.sitting.is_live", lambda _words: True)
    monkeypatch.setenv("BIOFEEDBACK_PROTOCOLS", str(tmp_path / "protocols"))
    write_protocol(tmp_path / "protocols", HEAD + BASELINE + TRIALS + AFTER)
    people = window.pages.start.people
    qtbot.waitUntil(lambda: not people._look.isActive(), timeout=20_000)
    window._whose.add("P01")
    return Way(window, gate, qtbot)


def test_a_training_goes_on_while_its_journal_is_held_and_all_of_it_is_kept(way):
    window = way.window
    window.begin(Choice("sim:relaxing", SourceOptions(), protocol="short"))
    way.until("baseline")
    holder = sqlite3.connect(named_place(), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    way.until("trial")
    trainer = window.session.trainer
    assert trainer.progress is not None
    way.go(1)
    assert window.session.trainer.phase.kind.value == "trial", "nothing was waited for"
    journal = window._whose.journal()
    (sitting,) = journal.unfinished()
    assert journal.progress(sitting.id) is None
    holder.execute("COMMIT")
    holder.close()
    while window.session is not None:
        way.go(5)
    assert isinstance(window.pages.currentWidget(), SummaryPage)
    with open_journal() as journal:
        (sitting,) = journal.sittings("P01")
        notes = [note.text for note in journal.annotations(sitting.id)]
    names = ["baseline", "first trial", "pause", "second trial", "baseline after"]
    assert notes == names
    assert [phase["name"] for phase in sitting.summary["phases"]] == names
    assert not sitting.interrupted
