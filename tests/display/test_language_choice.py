"""The choice of a language on the start page."""

from pathlib import Path

from biofeedback.display.app import MainWindow
from biofeedback.display.widgets.language_choice import LanguageChoice
from biofeedback.settings import load_settings


def items(choice: LanguageChoice) -> dict[str, str]:
    return {
        choice.language.itemData(i): choice.language.itemText(i)
        for i in range(choice.language.count())
    }


def test_each_language_is_there_by_its_own_name(window: MainWindow):
    found = items(window.pages.start.language)
    assert next(iter(found)) == "system"
    assert found["de"] == "Deutsch"
    assert "English" in found["en"]


def test_what_is_chosen_is_kept_for_the_next_start(window: MainWindow):
    choice = window.pages.start.language
    assert choice.language.currentData() == "system"
    choice.language.setCurrentIndex(choice.language.findData("de"))
    assert load_settings().display.language == "de"


def test_what_is_in_the_settings_is_shown_and_not_written_anew(
    qtbot, dressed, settings_of_its_own: Path
):
    settings_of_its_own.write_text('[display]\nlanguage = "de"\n', "utf-8")
    before = settings_of_its_own.read_bytes()
    window = MainWindow(load_settings())
    qtbot.addWidget(window)
    assert window.pages.start.language.language.currentData() == "de"
    assert settings_of_its_own.read_bytes() == before
