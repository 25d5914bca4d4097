"""What is asked and kept before electrodes go on, and what the system tells of the mains."""

import sys
from collections import namedtuple
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from biofeedback.display.preparing.mains import on_mains
from biofeedback.display.preparing.safety_model import (
    RULES,
    WHAT_THIS_IS,
    Answer,
    Mains,
    Plugging,
    answers,
    mains_of,
    mains_words,
    note_of,
    read_on,
    with_reader,
)

TODAY = date(2026, 11, 23)
Battery = namedtuple("Battery", "percent secsleft power_plugged")


def supplies(folder: Path, **made: dict[str, str]) -> Path:
    """Write power supplies as Linux shows them."""
    for name, files in made.items():
        (folder / name).mkdir()
        for file, text in files.items():
            (folder / name / file).write_text(text + "\n", encoding="ascii")
    return folder


@pytest.fixture
def psutil_says(monkeypatch):
    """Let psutil say something else, or fail."""

    def say(battery=None, error: Exception | None = None) -> None:
        def sensors_battery():
            if error:
                raise error
            return battery

        monkeypatch.setitem(sys.modules, "psutil", SimpleNamespace(sensors_battery=sensors_battery))

    return say


@pytest.mark.parametrize("plugged", [True, False, None])
def test_a_battery_tells_whether_it_is_plugged_in(tmp_path, psutil_says, plugged):
    psutil_says(Battery(80, 3600, plugged))
    assert on_mains(tmp_path / "not Linux") is plugged


def test_no_battery_is_not_known_to_be_either(tmp_path, psutil_says):
    psutil_says(None)
    assert on_mains(tmp_path) is None


@pytest.mark.parametrize(
    "error",
    [FileNotFoundError("x"), AttributeError("x"), NotImplementedError("x"), ValueError("x")],
)
def test_a_battery_that_cannot_be_read_is_not_known_to_be_either(tmp_path, psutil_says, error):
    psutil_says(error=error)
    assert on_mains(tmp_path) is None


def test_the_battery_of_a_wireless_mouse_makes_no_desktop_a_laptop(tmp_path, psutil_says):
    psutil_says(Battery(55, 3600, False))  # as psutil takes "hidpp_battery_0"
    mouse = {"type": "Battery", "scope": "Device", "status": "Discharging"}
    assert on_mains(supplies(tmp_path, hidpp_battery_0=mouse)) is None


def test_a_charger_of_any_name_counts_also_where_the_battery_only_holds_its_charge(
    tmp_path, psutil_says
):
    psutil_says(Battery(80, 3600, None))  # "Not charging"
    battery = {"type": "Battery", "status": "Not charging"}
    charger = {"type": "Mains", "online": "1"}
    assert on_mains(supplies(tmp_path, BAT0=battery, ADP1=charger)) is True


def test_a_laptop_on_battery_is_on_battery_beside_its_mouse(tmp_path, psutil_says):
    psutil_says(Battery(80, 3600, False))
    found = supplies(
        tmp_path,
        ACAD={"type": "Mains", "online": "0"},
        BAT1={"type": "Battery", "status": "Discharging"},
        hidpp_battery_0={"type": "Battery", "scope": "Device"},
    )
    assert on_mains(found) is False


def test_the_words_of_the_charger_name_all_that_is_to_be_unplugged():
    for words in (mains_words(Mains.PLUGGED), mains_words(Mains.UNKNOWN)):
        for named in ("charger", "dock", "external monitor", "mains-powered USB device"):
            assert named in words


def test_the_rules_say_all_that_must_be_said():
    said = WHAT_THIS_IS + " ".join(rule for rules in RULES for rule in rules.rules)
    for words in (
        "Not a medical device",
        "does not diagnose or treat",
        "no medicine, injection or exercise",
        "pacemaker",
        "ICD",
        "deep brain stimulator",
        "pump",
        "broken",
        "both sides of the front of the neck",
        "across the chest",
        "driving, bathing or sleeping",
        "One person",
        "two hours",
        "dystonic neck",
        "chest pain",
        "short breath",
        "swallowing or weakness after botulinum",
        "stop the pacer",
    ):
        assert words in said, words


def test_nobody_is_locked_out_and_each_way_on_is_noted_in_words_of_its_own():
    notes = []
    for plugged in (True, False, None):
        mains = mains_of(plugged=plugged)
        assert answers(mains)
        notes += [note_of(mains, answer, read_on=TODAY) for answer in answers(mains)]
    assert len(set(notes)) == len(notes) == 6
    assert all("2026-11-23" in note for note in notes)
    assert answers(Mains.BATTERY) == (Answer.ON_BATTERY,)


def test_the_rules_are_shown_whole_again_after_thirty_days():
    known = with_reader((), "P01", TODAY)
    assert read_on(known, "P01", TODAY) == TODAY
    assert read_on(known, "P01", TODAY + timedelta(days=29)) == TODAY
    assert read_on(known, "P01", TODAY + timedelta(days=30)) is None
    assert read_on(known, "P01", TODAY - timedelta(days=1)) is None, "the clock was set back"


def test_what_one_person_has_read_another_has_not_nor_has_nobody():
    known = with_reader((), "P01", TODAY)
    assert read_on(known, "P0", TODAY) is None
    assert read_on(known, "", TODAY) is None
    both = with_reader(known, "", TODAY)
    assert read_on(both, "", TODAY) == read_on(both, "P01", TODAY) == TODAY


def test_who_reads_again_stands_once_and_whose_time_is_over_goes():
    known = with_reader(("P02 2026-10-01", "P01 2026-11-01", "P03 2026-11-20"), "P01", TODAY)
    assert known == ("P01 2026-11-23", "P03 2026-11-20")


def test_a_word_that_is_no_day_shows_the_rules():
    assert read_on(("P01 soon", "P01", ""), "P01", TODAY) is None


def test_no_more_people_are_kept_than_the_settings_take():
    known: tuple[str, ...] = ()
    for i in range(40):
        known = with_reader(known, f"P{i:02d}", TODAY)
    assert len(known) == 16
    assert read_on(known, "P39", TODAY)
    assert read_on(known, "P00", TODAY) is None


def test_plugging_in_and_out_is_noted_once_each():
    plugging = Plugging(plugged=False)
    said = [plugging.take(plugged=now) for now in (False, True, True, None, False, False, True)]
    assert [bool(text) for text in said] == [False, True, False, False, True, False, True]
    assert plugging.came


def test_mains_that_were_known_of_are_no_news_until_they_come_back():
    plugging = Plugging(plugged=True)
    assert not plugging.take(plugged=True)
    assert not plugging.came
    assert plugging.take(plugged=False)
    assert plugging.take(plugged=True)
    assert plugging.came
