"""One's data taken along to a folder, and recordings and tables brought in, from the window."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QFileDialog, QWidget
from room_for_words import Lengthened, cut_off

from biofeedback import text
from biofeedback.cli import main
from biofeedback.display.app import MainWindow
from biofeedback.display.sitting.work import Stopped, Work
from biofeedback.display.start import StartPage
from biofeedback.display.widgets.palette import LIGHT
from biofeedback.display.widgets.style import apply_style
from biofeedback.errors import JournalError
from biofeedback.journal.journal import open_journal
from biofeedback.settings import DisplaySettings, JournalSettings, Settings
from biofeedback.taking_in import Outcome, files_in, take_all

KEY = Qt.Key
BEFORE = datetime(2024, 5, 2, 19, 0, tzinfo=UTC)
BROKEN = "at,pain\n2024-05-02,4\nmonday,4\n2024-05-04,40\n2999-01-01,1\n2024-05-05,1\n"


@pytest.fixture
def journal(settings_of_its_own):
    with open_journal() as made:
        made.add_person("P01", added=BEFORE)
        yield made


@pytest.fixture
def opened(journal, dressed, watch, qtbot):
    """The window of P01, on the page of their data."""
    window = MainWindow(Settings(journal=JournalSettings("P01")), watch=watch)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=10_000)
    qtbot.waitUntil(window.pages.start.course.isVisible, timeout=10_000)
    window.pages.start.days.data_button.click()
    yield window
    window.close()


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """A folder with three recordings, what lies beside one of them, and one in a further folder."""
    folder = tmp_path / "a year"
    (folder / "may").mkdir(parents=True)
    for seconds, name in ((3, "1.csv"), (4, "2.csv"), (5, "may/3.csv")):
        assert main(["simulate", "rest", str(folder / name), "--seconds", str(seconds)]) == 0
    assert main(["convert", str(folder / "2.csv"), str(folder / "2.edf")]) == 0
    (folder / "2.csv").unlink()
    return folder


def ended(window: MainWindow, qtbot) -> str:
    """Wait until the work has ended; return what is said of it."""
    page = window.pages.data
    qtbot.waitUntil(lambda: not page.busy, timeout=60_000)
    return f"{page.said.text()}\n{page.told.text()}"


def answer(monkeypatch: pytest.MonkeyPatch, kind: str, answered: object) -> None:
    monkeypatch.setattr(QFileDialog, kind, lambda *_words: answered)


# taking along


def test_all_of_a_person_lies_in_a_new_folder_and_it_is_said_where_and_what(
    opened, journal, qtbot, tmp_path, monkeypatch
):
    main(["journal", "rate", "pain", "4", "--person", "P01"])
    answer(monkeypatch, "getExistingDirectory", str(tmp_path))
    qtbot.keyClick(opened.focusWidget(), KEY.Key_Return)
    said = ended(opened, qtbot)
    folder = tmp_path / f"P01-{opened.pages.today()}"
    assert f"All that the journal holds of P01 is in {folder} now." in said
    assert "It holds: 0 sittings, 1 entry, 0 treatments, 0 trials" in said
    assert "Nothing was sent: nobody else sees it unless you pass it on." in said
    kept = json.loads((folder / "journal.json").read_text("utf-8"))
    assert [each["value"] for each in kept["entries"]] == [4]


def test_what_lies_there_already_is_not_overwritten(opened, qtbot, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("Dear doctor")
    opened.pages.data.export_to(tmp_path / "out")
    assert "There is something in" in ended(opened, qtbot)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["letter.txt"]


def test_who_gives_up_in_the_dialog_gets_nothing(opened, qtbot, tmp_path, monkeypatch):
    before = sorted(tmp_path.rglob("*"))
    for kind, nothing in (("getExistingDirectory", ""), ("getOpenFileNames", ([], ""))):
        answer(monkeypatch, kind, nothing)
    page = opened.pages.data
    for made in (page.export_button, page.files_button, page.folder_button):
        made.click()
        assert not page.busy
    assert sorted(tmp_path.rglob("*")) == before


def test_a_recording_that_is_gone_and_one_that_has_changed_are_named_in_an_export(
    opened, journal, qtbot, tmp_path, recordings
):
    main(["journal", "import", *map(str, files_in(recordings)), "--person", "P01"])
    gone, changed, _as_it_was = (each.recordings[0].file for each in journal.sittings("P01"))
    (journal.recordings / gone).unlink()
    with (journal.recordings / changed).open("ab") as file:
        file.write(b"more")
    opened.pages.data.export_to(tmp_path / "out")
    said = ended(opened, qtbot)
    assert f"{gone} is not in the folder of recordings, so it is not in here." in said
    assert f"{changed} is not what it was when it was made; it is in here as it is." in said
    assert _as_it_was not in said


def test_an_export_that_is_stopped_leaves_nothing(
    opened, journal, qtbot, tmp_path, recordings, monkeypatch
):
    main(["journal", "import", *map(str, files_in(recordings)), "--person", "P01"])
    held = Held(monkeypatch, "biofeedback.journal.files.copy_hashed")
    opened.pages.data.export_to(tmp_path / "out")
    held.reached()
    qtbot.keyClick(opened.focusWidget(), KEY.Key_Escape)
    held.go_on()
    assert "Stopped: nothing was written." in ended(opened, qtbot)
    assert not [path for path in tmp_path.iterdir() if "out" in path.name]


# bringing in


class Held:
    """A function that waits, on whatever thread calls it, until it may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, where: str, after: int = 0) -> None:
        module, _dot, name = where.rpartition(".")
        original = getattr(__import__(module, fromlist=[name]), name)
        self._there, self._go_on = threading.Event(), threading.Event()
        self.calls = 0

        def held(*args: object, **words: object) -> object:
            self.calls += 1
            if self.calls > after:
                self._there.set()
                assert self._go_on.wait(30)
            return original(*args, **words)

        monkeypatch.setattr(where, held)

    def reached(self) -> None:
        assert self._there.wait(30)

    def go_on(self) -> None:
        self._go_on.set()


def test_a_folder_comes_in_and_again_nothing_comes_twice(
    opened, journal, qtbot, recordings, monkeypatch
):
    answer(monkeypatch, "getExistingDirectory", str(recordings))
    opened.pages.data.folder_button.click()
    assert "New in the journal of P01: 3 recordings, 0 entries." in ended(opened, qtbot)
    assert len(journal.sittings("P01")) == 3
    assert all(each.conditions.simulated for each in journal.sittings("P01"))
    opened.pages.data.folder_button.click()
    said = ended(opened, qtbot)
    assert "New in the journal of P01: 0 recordings, 0 entries." in said
    assert "3 were there already and are not taken twice." in said
    assert len(journal.sittings("P01")) == 3
    assert len(list(journal.recordings.glob("*.csv"))) == 2


def test_an_import_that_is_stopped_goes_on_with_the_same_files_and_nothing_is_there_twice(
    opened, journal, qtbot, recordings, monkeypatch
):
    page, held = opened.pages.data, Held(monkeypatch, "biofeedback.analysis.figures.analyze", 1)
    page.bring_in(lambda: files_in(recordings))
    held.reached()
    qtbot.keyClick(opened.focusWidget(), KEY.Key_Escape)
    assert opened.pages.page() is page, "it is not left while it goes on"
    held.go_on()
    said = ended(opened, qtbot)
    assert "2 recordings, 0 entries. Stopped: choose the same again, and it goes on." in said
    assert len(journal.sittings("P01")) == 2
    page.bring_in(lambda: files_in(recordings))
    assert "1 recording, 0 entries." in ended(opened, qtbot)
    digests = {each.recordings[0].sha256 for each in journal.sittings("P01")}
    assert len(digests) == len(journal.sittings("P01")) == 3
    assert held.calls == 3, "what is there is not looked through again"
    qtbot.keyClick(opened.focusWidget(), KEY.Key_Escape)
    assert isinstance(opened.pages.page(), StartPage)


def test_the_window_is_closed_once_the_work_has_stopped(opened, journal, qtbot, recordings):
    page, go_on = opened.pages.data, threading.Event()

    def wait() -> list[Path]:
        assert go_on.wait(30)
        return files_in(recordings)

    page.bring_in(wait)
    opened.close()
    assert opened.isVisible(), "half a recording is not left behind"
    go_on.set()
    qtbot.waitUntil(lambda: not opened.isVisible(), timeout=30_000)
    with open_journal() as after:
        n = len(after.sittings("P01"))
        assert len(list(after.recordings.iterdir())) >= n == 1


def test_broken_rows_are_named_and_the_sound_ones_offered(
    opened, journal, qtbot, tmp_path, monkeypatch
):
    (tmp_path / "days.csv").write_text(BROKEN)
    answer(monkeypatch, "getOpenFileNames", ([str(tmp_path / "days.csv")], ""))
    opened.pages.data.files_button.click()
    said = ended(opened, qtbot)
    assert "Nothing was taken from days.csv, since rows are broken:" in said
    assert "days.csv, line 3: 'monday' is no time" in said
    assert "days.csv, line 4: Pain goes from 0 to 10" in said
    assert "days.csv, line 5: 2999-01-01 12:00 is yet to come" in said
    assert journal.entries("P01") == []
    button = opened.focusWidget()
    assert button.text() == "Take the 2 entries that are &sound"
    qtbot.keyClick(button, KEY.Key_Return)
    assert "New in the journal of P01: 0 recordings, 2 entries." in ended(opened, qtbot)
    assert [each.value for each in journal.entries("P01")] == [4, 1]
    assert not opened.pages.data.sound_button.isVisible()


def test_what_is_no_recording_is_named_and_the_others_come(
    opened, journal, qtbot, recordings, monkeypatch
):
    (recordings / "0 letter.csv").write_text("Dear doctor")
    (recordings / "notes.json").write_text("{}")
    (recordings / ".hidden.csv").write_text("x")
    opened.pages.data.bring_in(lambda: files_in(recordings))
    said = ended(opened, qtbot)
    assert "3 recordings, 0 entries." in said
    assert "1 file was not taken:\n0 letter.csv: " in said
    assert len(journal.sittings("P01")) == 3


def test_html_in_a_table_is_shown_as_it_is(opened, journal, qtbot, tmp_path):
    (tmp_path / "days.csv").write_text("at,note,pain\n2024-05-02,<b>wet</b>,<i>4\n")
    opened.pages.data.bring_in(lambda: [tmp_path / "days.csv"])
    assert "<i>4" in ended(opened, qtbot)
    assert opened.pages.data.told.textFormat() is Qt.TextFormat.PlainText


def test_an_empty_folder_says_so(opened, qtbot, tmp_path):
    (tmp_path / "empty").mkdir()
    opened.pages.data.bring_in(lambda: files_in(tmp_path / "empty"))
    assert "There was nothing to take." in ended(opened, qtbot)


def test_for_nobody_of_that_name_no_file_is_looked_at(journal, recordings):
    with pytest.raises(JournalError, match="nobody called 'P07'"):
        take_all(
            journal,
            "P07",
            files_in(recordings),
            Outcome(),
            settings=Settings(),
            tell=lambda _done, _all: pytest.fail("it was looked at"),
        )


def test_what_lies_beside_a_recording_is_not_taken_for_one(tmp_path):
    for name in ("a.edf", "a.edf.annotations.csv", "a.json", "b.CSV", "b.CSV.edits.jsonl"):
        (tmp_path / name).touch()
    assert "a.edf" in (found := [path.name for path in files_in(tmp_path)])
    assert "b.CSV" in found
    assert len(found) == 2, found


def test_work_that_fails_by_a_fault_says_so(monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda _args: None)
    work = Work(lambda _tell: 1 // 0)
    work._thread.join(30)
    assert "by a fault of the program (integer division" in work.error


def test_work_that_is_asked_to_stop_at_its_last_step_is_done():
    go_on = threading.Event()

    def do(tell: object) -> None:
        assert go_on.wait(30)
        tell(2, 2)  # type: ignore[operator]

    work = Work(do)  # type: ignore[arg-type]
    work.stop()
    go_on.set()
    work._thread.join(30)
    assert not work.stopped
    with pytest.raises(Stopped):
        work._tell(1, 2)


# what is seen


@pytest.mark.parametrize("size", [(1024, 640), (1280, 800)])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_no_text_is_cut_off_also_in_longer_words(
    qtbot, dressed, watch, journal, tmp_path, monkeypatch, size, scale
):
    monkeypatch.setattr(text, "_catalogue", Lengthened())
    (tmp_path / "days.csv").write_text(BROKEN)
    settings = Settings(display=DisplaySettings(font_scale=scale), journal=JournalSettings("P01"))
    made = MainWindow(settings, watch=watch)
    qtbot.addWidget(made)
    made.resize(*size)
    made.show()
    page = made.pages.data
    made.pages._begin_anew(page)
    qtbot.waitUntil(lambda: not cut_off(made, page), timeout=5000)
    page.bring_in(lambda: [tmp_path / "days.csv"])
    qtbot.waitUntil(lambda: not page.busy, timeout=20_000)
    assert page.sound_button.isVisible()
    qtbot.waitUntil(lambda: not cut_off(made, page), timeout=5000)
    assert page._scroll.horizontalScrollBar().maximum() == 0
    made.close()
    apply_style(dressed, LIGHT, font_scale=1.0)


def test_whatever_takes_the_focus_names_itself(opened, qtbot, tmp_path):
    (tmp_path / "days.csv").write_text(BROKEN)
    opened.pages.data.bring_in(lambda: [tmp_path / "days.csv"])
    ended(opened, qtbot)
    parts = [
        part
        for part in opened.pages.data.findChildren(QWidget)
        if part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.isVisible()
    ]
    assert len(parts) == 4
    for part in parts:
        interface = QAccessible.queryAccessibleInterface(part)
        assert interface.text(QAccessible.Text.Name), part
        assert interface.text(QAccessible.Text.Description), part


def test_the_journal_that_is_given_out_is_that_of_the_terminal(opened, journal, qtbot, tmp_path):
    main(["journal", "note", "a <b>note</b>", "--person", "P01"])
    opened.pages.data.export_to(tmp_path / "window")
    ended(opened, qtbot)
    assert main(["journal", "export", str(tmp_path / "terminal"), "--person", "P01"]) == 0
    ways = [tmp_path / "window", tmp_path / "terminal"]
    names = [sorted(path.relative_to(way) for path in way.rglob("*")) for way in ways]
    assert names[0] == names[1]
    for name in names[0]:
        if (ways[0] / name).is_file():
            assert (ways[0] / name).read_bytes() == (ways[1] / name).read_bytes()
