"""What goes on between sittings, entered by keys alone, in a real journal."""

from datetime import UTC, date, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel, QWidget
from room_for_words import Lengthened, cut_off

from biofeedback import text
from biofeedback.display.app import MainWindow
from biofeedback.display.days.entry_page import EntryPage
from biofeedback.display.days.model import read_entries
from biofeedback.display.days.treatment_page import TreatmentPage
from biofeedback.display.start import StartPage
from biofeedback.display.widgets.palette import LIGHT
from biofeedback.display.widgets.style import apply_style
from biofeedback.errors import JournalError
from biofeedback.journal.day_nouns import Entry, Treatment
from biofeedback.journal.journal import open_journal
from biofeedback.settings import DisplaySettings, JournalSettings, Settings

ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
KEY = Qt.Key
BEFORE = datetime(2024, 5, 2, 19, 0, tzinfo=UTC)
INJECTION = Treatment(date(2024, 3, 4), "injection", "toxin", "150 U", ("splenius",), None, "")


@pytest.fixture
def journal(settings_of_its_own):
    with open_journal() as made:
        made.add_person("P01", added=BEFORE)
        yield made


@pytest.fixture
def opened(journal, dressed, watch, qtbot):
    """The window of P01."""
    window = MainWindow(Settings(journal=JournalSettings("P01")), watch=watch)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=10_000)
    qtbot.waitUntil(window.pages.start.course.isVisible, timeout=10_000)
    yield window
    window.close()


@pytest.fixture
def type_(opened, qtbot):
    """Return what types a text, or presses keys, where the focus is."""

    def typed(*what: str | Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
        for each in what:
            if isinstance(each, str):
                qtbot.keyClicks(opened.focusWidget(), each)
            else:
                qtbot.keyClick(opened.focusWidget(), each, modifier)

    return typed


def page(window: MainWindow) -> QWidget:
    return window.pages.currentWidget()


def said(window: MainWindow) -> str:
    labels = page(window).findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible())


def test_one_key_and_five_more_enter_how_it_is_and_it_is_in_the_journal(opened, journal, type_):
    type_(KEY.Key_E)
    assert isinstance(page(opened), EntryPage)
    began = datetime.now(UTC)
    type_("4", KEY.Key_Tab, "3", KEY.Key_Return)
    tension, pain = sorted(journal.entries("P01"), key=lambda entry: entry.kind, reverse=True)
    assert (tension.kind, tension.value, tension.unit) == ("tension", 4.0, "0-10")
    assert (pain.kind, pain.value, pain.source) == ("pain", 3.0, "window")
    assert timedelta(0) <= tension.at - began < timedelta(minutes=1)
    assert tension.at == pain.at
    assert "Saved. Undo (Ctrl+Z). Tension: 4 of 10 · Pain: 3 of 10" in said(opened)
    type_(KEY.Key_Escape)
    assert isinstance(page(opened), StartPage)
    assert opened.focusWidget() is opened.pages.start.days.entry_button


def test_ctrl_z_takes_out_what_was_kept_and_gives_back_what_was_typed(opened, journal, type_):
    type_(KEY.Key_E, "4", KEY.Key_Return)
    type_(KEY.Key_Z, modifier=CTRL)
    assert journal.entries("P01") == []
    assert [each.value for each in journal.entries("P01", removed=True)] == [4.0]
    assert opened.focusWidget().text() == "4"
    assert "It is taken out again." in said(opened)
    type_("5", KEY.Key_Return)
    assert [each.value for each in journal.entries("P01")] == [5.0]
    type_("7")
    type_(KEY.Key_Z, modifier=CTRL)  # of the typing first
    assert opened.focusWidget().text() == ""
    assert len(journal.entries("P01")) == 1


def test_tab_leads_through_all_lines_as_one_reads_and_enter_keeps_them_all(opened, journal, type_):
    type_(KEY.Key_E)
    for typed in ("1", "2", "3", "pulling left", "40", "a <b>note</b>", "7,5", "8", "66", "128 81"):
        type_(typed, KEY.Key_Tab)
    for typed in ("dry", "since noon", "", "a quarrel"):
        type_(typed, KEY.Key_Tab)
    type_("2024-05-02T19:00Z", KEY.Key_Return)
    found = {each.kind: each for each in journal.entries("P01")}
    assert {kind: each.value for kind, each in found.items()} == {
        "tension": 1,
        "pain": 2,
        "stress": 3,
        "symptom": 40,
        "note": None,
        "sleep": 7.5,
        "sleep_quality": 8,
        "heart_rate": 66,
        "blood_pressure": 128,
        "side_effect": None,
        "trigger": None,
    }
    assert (found["side_effect"].what, found["side_effect"].text) == ("dry_mouth", "since noon")
    assert (found["trigger"].what, found["trigger"].text) == ("", "a quarrel")
    assert found["blood_pressure"].lower == 81
    assert {each.at for each in found.values()} == {BEFORE}
    assert (found["note"].text, found["symptom"].text) == ("a <b>note</b>", "pulling left")
    assert "<b>note</b>" in said(opened)
    type_(KEY.Key_Escape, KEY.Key_E)
    assert opened.pages.entry.name.text() == "pulling left", "the own symptom is known now"


def test_trouble_swallowing_calls_for_help_before_it_is_kept_and_after(opened, journal, type_):
    entry = opened.pages.entry
    type_(KEY.Key_E)
    assert not entry._help.isVisible()
    type_(KEY.Key_I, modifier=ALT)
    type_("dry")
    assert not entry._help.isVisible()
    type_(KEY.Key_Home, KEY.Key_Down)
    assert "call for medical help now" in entry._help.text()
    assert entry._help.isVisible()
    type_(KEY.Key_Return)
    (kept,) = journal.entries("P01")
    assert (kept.kind, kept.what, kept.value) == ("side_effect", "swallowing", None)
    assert entry._help.isVisible()
    assert entry.choosers["side_effect"].currentIndex() == 0
    type_(KEY.Key_Z, modifier=CTRL)
    assert entry.choosers["side_effect"].currentData() == "swallowing"
    assert journal.entries("P01") == []
    type_(KEY.Key_Escape, KEY.Key_E)
    assert not entry._help.isVisible()
    type_(KEY.Key_M, modifier=ALT)
    type_("my arms feel weak")
    assert entry._help.isVisible()


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("11", "Pain goes from 0 to 10 (0-10); enter a number between."),
        ("much", "'much' is no number."),
        ("", "Nothing is entered yet"),
    ],
)
def test_what_cannot_be_is_said_and_stays_to_be_mended(opened, journal, type_, typed, why):
    type_(KEY.Key_E, KEY.Key_Tab, typed, KEY.Key_Return)
    assert why in opened._message.text()
    assert journal.entries("P01") == []
    assert opened.pages.entry.lines["pain"].text() == typed


def test_an_hour_alone_is_the_last_time_that_clocks_showed_it():
    now = datetime(2024, 5, 2, 12, 0).astimezone()
    for typed, at in (("9:30", now.replace(hour=9, minute=30)), ("21:30", None), ("", now)):
        expected = at or now.replace(hour=21, minute=30) - timedelta(days=1)
        (entry,) = read_entries({"pain": "3"}, name="", when=typed, now=now)
        assert entry == Entry(expected, "pain", 3.0, "0-10", "", "window")
    with pytest.raises(JournalError, match="T25:99' is no time"):
        read_entries({"pain": "3"}, name="", when="25:99", now=now)


def test_where_it_is_nobodys_journal_nothing_is_offered_and_the_key_does_nothing(window, qtbot):
    assert not window.pages.start.days.isVisible()
    qtbot.keyClick(window.focusWidget(), KEY.Key_E)
    assert isinstance(page(window), StartPage)


def test_a_treatment_is_entered_by_keys_and_listed(opened, journal, type_, qtbot):
    type_(KEY.Key_J, modifier=ALT)
    qtbot.waitUntil(lambda: isinstance(page(opened), TreatmentPage), timeout=5_000)
    type_("toxin", KEY.Key_Tab, "4.3.2024", KEY.Key_Tab, "150 U, about", KEY.Key_Tab)
    type_("splenius left, scalenus left", KEY.Key_Return)
    (kept,) = journal.treatments("P01")
    muscles = ("splenius left", "scalenus left")
    assert kept == Treatment(
        date(2024, 3, 4), "injection", "toxin", "150 U, about", muscles, None, ""
    )
    assert "Saved. Undo (Ctrl+Z). 2024-03-04 · Injection · toxin" in said(opened)
    assert opened.pages.treatment.list.item(0).text().startswith("2024-03-04 · Injection")
    type_("rest", KEY.Key_Return)
    assert journal.treatments("P01")[-1].on == date.today()
    type_(KEY.Key_Z, modifier=CTRL)
    assert journal.treatments("P01") == [kept]


def test_a_treatment_is_changed_and_removed_and_each_is_undone(opened, journal, type_):
    journal.add_treatment("P01", INJECTION)
    opened.pages.start.days.treatment_button.click()
    opened.pages.treatment.list.setFocus()
    type_(KEY.Key_Return)
    assert opened.focusWidget().text() == "toxin"
    opened.focusWidget().selectAll()
    type_("another", KEY.Key_Return)
    assert [each.name for each in journal.treatments("P01")] == ["another"]
    type_(KEY.Key_Z, modifier=CTRL)
    assert journal.treatments("P01") == [INJECTION]
    opened.pages.treatment.list.setFocus()
    type_(KEY.Key_Delete)
    assert journal.treatments("P01") == []
    assert "Removed. Undo (Ctrl+Z)." in said(opened)
    type_(KEY.Key_Z, modifier=CTRL)
    assert journal.treatments("P01") == [INJECTION]
    assert opened.pages.treatment.list.count() == 1


def test_a_treatment_that_cannot_be_is_said_and_stays_to_be_mended(opened, journal, type_):
    opened.pages.start.days.treatment_button.click()
    type_(KEY.Key_Return)
    assert "Say what it was" in opened._message.text()
    type_("toxin", KEY.Key_Tab, "monday", KEY.Key_Return)
    assert "'monday' is no date; write it like 2026-03-01." in opened._message.text()
    assert opened.pages.treatment.lines["name"].text() == "toxin"
    assert journal.treatments("P01") == []


@pytest.mark.parametrize("size", [(1024, 640), (1280, 800)])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_no_text_is_cut_off_also_in_longer_words(
    qtbot, dressed, watch, journal, monkeypatch, size, scale
):
    monkeypatch.setattr(text, "_catalogue", Lengthened())
    journal.add_treatment("P01", INJECTION)
    settings = Settings(display=DisplaySettings(font_scale=scale), journal=JournalSettings("P01"))
    made = MainWindow(settings, watch=watch)
    qtbot.addWidget(made)
    made.resize(*size)
    made.show()
    for there, lines in ((made.pages.entry, "pain"), (made.pages.treatment, "name")):
        made.pages._begin_anew(there)
        there.lines[lines].setText("3")
        there.keep()
        assert there.undo_button.isVisible()
        qtbot.waitUntil(lambda shown=there: not cut_off(made, shown), timeout=5000)
        assert there._scroll.horizontalScrollBar().maximum() == 0
        assert there.minimumSizeHint().height() < 0.8 * size[1]
    made.close()
    apply_style(dressed, LIGHT, font_scale=1.0)


def test_whatever_takes_the_focus_names_itself_and_can_be_reached_by_tab(opened):
    for there in (opened.pages.entry, opened.pages.treatment):
        opened.pages._begin_anew(there)
        wanted = {
            part
            for part in there.findChildren(QWidget)
            if part.focusPolicy() & Qt.FocusPolicy.TabFocus
            and part.isVisible()
            and part.focusProxy() is None
        }
        reached = set()
        for part in wanted:
            interface = QAccessible.queryAccessibleInterface(part)
            assert interface.text(QAccessible.Text.Name), part
            assert interface.text(QAccessible.Text.Description), part
        for _press in range(60):
            reached.add(opened.focusWidget())
            opened.focusNextPrevChild(True)
        assert not {part.accessibleName() for part in wanted - reached}
