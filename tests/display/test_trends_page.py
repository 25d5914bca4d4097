"""The page of trends: chosen by keyboard, drawn, and said in words."""

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from many_days import FIRST, WIDE, injected, outcome
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel
from room_for_words import Lengthened, cut_off

from biofeedback.display.days.compare_page import ComparePage
from biofeedback.display.days.picture import Days, DaysPicture, Dot, Group
from biofeedback.display.days.trends_page import TrendsPage
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.widgets.palette import DARK, LIGHT
from biofeedback.display.widgets.style import apply_style
from biofeedback.journal.nouns import Conditions

if TYPE_CHECKING:
    from biofeedback.journal.journal import Journal

DAYS = Days(0, 10, 0, 10, ((0.0, "0"), (10.0, "10")), (Group((Dot(2, 8), Dot(8, 2, hollow=True))),))


def sit(journal: "Journal", day: float, level: float, *, simulated: bool = False) -> None:
    conditions = Conditions("serial", simulated, 1000.0, WIDE, "MyoWare 2.0, RAW", {})
    sitting = journal.begin_sitting("P01", conditions, started=FIRST + timedelta(days=day))
    summary = outcome(level, muscles=("trapezius left", "trapezius right"))
    journal.finish_sitting(sitting, duration_s=720.0, summary=summary)


@pytest.fixture
def whose() -> Whose:
    """Somebody whose injection held for 70 days, and who trained three times a week."""
    made = Whose()
    made.add("P01")
    journal = made.journal()
    rng = np.random.default_rng(1)
    journal.add_treatment("P01", injected(0))
    for day in np.arange(1, 110, 7 / 3):
        effect = 7 * (1 - np.exp(-day / 8)) / (1 + np.exp((day - 70) / 8))
        sit(journal, float(day), float((10 - effect) * (1 + 0.1 * rng.standard_normal())))
    sit(journal, 60.5, 99.0, simulated=True)
    yield made
    made.close()


@pytest.fixture
def page(qtbot, dressed, whose: Whose) -> TrendsPage:
    made = TrendsPage(whose, LIGHT)
    qtbot.addWidget(made)
    made.resize(1024, 640)
    made.show()
    made.fill()
    return made


def test_measure_muscle_and_view_are_chosen_by_keyboard(page, qtbot):
    page.focus_first()
    assert page.measure.currentText() == "Tension in the baseline before"
    qtbot.keyClick(page.measure, Qt.Key.Key_Down)
    assert page.measure.currentText() == "Relative rest time"
    qtbot.keyClick(page.measure, Qt.Key.Key_Up)
    qtbot.keyClick(page.where, Qt.Key.Key_Down)
    assert "of trapezius right in “home-relaxation”, 20–450 Hz" in page.what.text()
    qtbot.keyClick(page.view, Qt.Key.Key_Down)
    assert "on days since the injection" in page.legend.text()


def test_the_wear_off_day_is_in_the_words_and_in_the_description(page):
    page.view.setCurrentIndex(1)
    assert "Half the effect was lost around day" in page.words.text()
    assert page.picture.accessibleDescription() == page.words.text()
    assert page.picture.accessibleName() == page.what.text()
    assert "● injected 2026-01-05" in page.legend.text()


def test_a_treatment_is_marked_and_read(page):
    assert "Treatments: 2026-01-05 botulinum toxin A." in page.words.text()
    assert "a treatment" in page.legend.text()


def test_simulated_sittings_are_left_out_and_that_is_said(page):
    said = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    assert "1 simulated sitting is not in it." in said


def test_the_choice_is_kept_when_the_page_is_read_again(page):
    page.measure.setCurrentIndex(1)
    page.fill()
    assert page.measure.currentText() == "Relative rest time"


def test_without_a_person_the_page_says_what_to_do(qtbot, dressed):
    made = TrendsPage(Whose(), LIGHT)
    qtbot.addWidget(made)
    made.show()
    made.fill()
    said = " ".join(label.text() for label in made.findChildren(QLabel) if label.isVisible())
    assert "say on the start page who sits here" in said
    assert "There is nothing yet" in said
    assert not made.compare_button.isEnabled()


def test_without_an_injection_the_cycle_says_what_is_missing(page, whose):
    journal = whose.journal()
    (given,) = journal.treatments("P01")
    journal.remove_treatment(given.id)
    page.fill()
    page.view.setCurrentIndex(1)
    assert "No injection is noted yet" in page.words.text()
    assert not page.picture.isVisible()


def test_two_sittings_are_compared_from_the_page(page, qtbot):
    with qtbot.waitSignal(page.compare_wanted) as emitted:
        page.compare_button.click()
    compared = ComparePage()
    qtbot.addWidget(compared)
    compared.show_sittings(emitted.args[0])
    compared.show()
    said = [label.text() for label in compared.findChildren(QLabel) if label.isVisible()]
    assert any(text.startswith("Tension in the baseline before\ntrapezius left") for text in said)
    assert not compared.apart.isVisible()
    labels = [compared.second.itemText(i) for i in range(compared.second.count())]
    compared.second.setCurrentIndex(next(i for i, t in enumerate(labels) if "simulated" in t))
    assert compared.apart.text() == "One of them is simulated."


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_points_that_do_not_count_are_hollow(qtbot, dressed, palette):
    picture = DaysPicture(palette)
    qtbot.addWidget(picture)
    picture.resize(600, 300)
    picture.setStyleSheet(f"background: {palette.card}")
    picture.show_days(DAYS)
    image = picture.grab().toImage()
    trace = QColor(palette.trace)

    def share(left: float, right: float) -> int:
        across = range(int(left * image.width()), int(right * image.width()))
        return sum(image.pixelColor(x, y) == trace for x in across for y in range(image.height()))

    filled, hollow = share(0.1, 0.5), share(0.5, 1.0)
    assert filled > 2 * hollow > 0


def test_the_start_page_leads_there_and_back(window, whose):
    pages = window.pages
    pages.start.people.choose("P01")
    pages.start.days.trends_button.click()
    assert pages.page() is pages.trends
    pages.trends.compare_button.click()
    assert pages.page() is pages.compare
    window.leave()
    assert pages.page() is pages.trends
    window.leave()
    assert pages.page() is pages.start


@pytest.mark.parametrize("size", [(1024, 640), (1280, 800)])
def test_long_words_at_double_size_have_room(qtbot, dressed, whose, monkeypatch, size):
    monkeypatch.setattr("biofeedback.text._catalogue", Lengthened())
    apply_style(dressed, DARK, font_scale=2.0)
    trends, compared = TrendsPage(whose, DARK), ComparePage()
    for shown in (trends, compared):
        qtbot.addWidget(shown)
        shown.resize(*size)
        shown.show()
    trends.fill()
    compared.show_sittings(whose.journal().sittings("P01"))
    for view in (0, 1):
        trends.view.setCurrentIndex(view)
        qtbot.waitUntil(lambda: cut_off(trends, trends) == [], timeout=5000)
    qtbot.waitUntil(lambda: cut_off(compared, compared) == [], timeout=5000)
