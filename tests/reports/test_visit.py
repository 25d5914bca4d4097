"""The page for the doctor: one side, from a year, and nothing on it that is not in the data."""

import io
import re
from dataclasses import replace
from datetime import date, timedelta
from statistics import median
from uuid import uuid4

import numpy as np
import pytest
import year
from pdf_pages import pages_of

from biofeedback.journal.day_nouns import Entry, NOfOne, Treatment
from biofeedback.reports.extras import load_weasyprint
from biofeedback.reports.history import History, read_history
from biofeedback.reports.parts import Part, Report, Statement
from biofeedback.reports.plain_pdf import plain_pdf
from biofeedback.reports.visit import visit_page
from biofeedback.reports.write import as_html, as_pdf

NUMBER = re.compile(r"(?<![\w-])[−-]?\d+(?:\.\d+)?")


@pytest.fixture(scope="module")
def page(history: History) -> Report:
    return visit_page(history)


def part(page: Report, title: str) -> Part:
    return next(each for each in page.parts if each.title.startswith(title))


def texts(page: Report, title: str) -> str:
    return "\n".join(each.text for each in part(page, title).said)


def test_a_year_fits_one_side_of_a4(page):
    assert pages_of(plain_pdf(page)) == 1


@pytest.mark.skipif(load_weasyprint() is None, reason="there is no WeasyPrint, or no Pango")
def test_a_year_fits_one_side_as_weasyprint_sets_it(page):
    assert pages_of(as_pdf(page)) == 1


def overfull(history: History) -> History:
    """More of everything than one side has room for."""
    long = "this went on and on, and it was never quite the same as before " * 8
    noted = tuple(
        Entry(
            year.at_hour(year.FIRST + timedelta(days=12 * n), 20),
            "note",
            None,
            "",
            f"{n} {long}",
            "hand",
            id=uuid4(),
        )
        for n in range(25)
    )
    tried = tuple(
        replace(history.trials[0], id=uuid4(), what=f"cushion {n}", result=history.trials[0].result)
        for n in range(14)
    )
    return replace(
        history,
        trials=history.trials + tried,
        treatments=tuple(replace(each, note=long, dose=long) for each in history.treatments)
        + tuple(
            Treatment(year.FIRST, "medicine", f"{n} {long}", long, (), None, long, uuid4())
            for n in range(12)
        ),
        entries=(*history.entries, *noted),
    )


def test_too_much_for_one_side_fits_it_and_what_is_left_away_is_counted(history):
    page = visit_page(overfull(history))
    assert pages_of(plain_pdf(page)) == 1
    html = as_html(page)
    for title in ("What helps", "Medicines", "Side effects"):
        whole = part(page, title)
        cut = whole.at_most(4)
        shown, left = len(cut.said), len(cut.left)
        assert cut.told[-1].text == f"… and {left} more."
        assert shown + left == len(whole.said) + len(whole.left)
        ten = whole.at_most(10)
        assert f"… and {len(ten.left)} more." in html
        ids = {one for each in (*whole.said, *whole.left) for one in each.of}
        assert {one for each in cut.told for one in each.of} == ids


@pytest.mark.skipif(load_weasyprint() is None, reason="there is no WeasyPrint, or no Pango")
def test_too_much_for_one_side_fits_it_as_weasyprint_sets_it(history):
    assert pages_of(as_pdf(visit_page(overfull(history)))) == 1


def test_two_sittings_make_a_page_without_a_picture_of_two_dots(journal):
    journal.add_person("P06", added=year.at_hour(year.FIRST, 8))
    for days in (300, 310):
        told = year.summary(9.0, 50.0, 93.0, 3.0)
        year.sit(journal, "P06", year.FIRST + timedelta(days=days), told)
    page = visit_page(read_history(journal, "P06", year.TODAY))
    assert part(page, "Tension").picture is None
    assert "Not enough data" in texts(page, "Tension")
    assert "No injection is noted." in texts(page, "The treatment cycle")
    assert pages_of(plain_pdf(page)) == 1


def test_the_picture_says_only_what_is_in_it(history, page):
    says = part(page, "Tension").picture.says
    assert "in “Relaxing at home”" in says
    assert "Broken lines are injections: 4." in says
    bare = visit_page(replace(history, treatments=()))
    assert "injections" not in part(bare, "Tension").picture.says


def test_each_statement_of_the_person_names_what_it_is_made_from(page, whole_year):
    journal = whole_year
    known = {str(each.id) for each in journal.sittings("P01")}
    known |= {str(each.id) for each in journal.entries("P01")}
    known |= {str(each.id) for each in journal.treatments("P01")}
    known |= {str(each.id) for each in journal.trials("P01")}
    told = [each for each in page.statements() if each.of and not is_paper(page, each)]
    assert len(told) >= 20
    for each in told:
        assert set(each.of) <= known, each.text


def is_paper(page: Report, statement: Statement) -> bool:
    return statement in part(page, "What studies").said


def test_every_number_on_the_page_is_one_of_its_statements_values(page):
    for each in page.statements():
        if is_paper(page, each) or not each.of:
            continue
        own = " ".join(str(value) for value in each.values.values())
        spare = NUMBER.findall(each.text)
        for number in spare:
            value = float(number.replace("−", "-"))
            digits = len(number.partition(".")[2])
            assert (
                number in NUMBER.findall(own)
                or any(
                    isinstance(known, float | int)
                    and abs(known - value) <= 0.5 * 10.0**-digits + abs(known) * 5e-3
                    for known in each.values.values()
                )
                or number in CONSTANTS
            ), f"{number} in {each.text}"


# the level of an interval, the scale of a band
CONSTANTS = {"95"}


def test_what_names_nothing_it_is_made_from_is_said_of_everybody(page, journal):
    journal.add_person("P07", added=year.at_hour(year.FIRST, 8))
    nobody = visit_page(read_history(journal, "P07", year.TODAY))
    of_all = {each.text for each in nobody.statements()}
    for each in page.statements():
        if not (each.of or is_paper(page, each) or each is page.about[0]):
            assert each.text in of_all, each.text


def test_what_says_a_number_of_somebody_says_what_it_is_made_from(page):
    for each in part(page, "Tension").said + part(page, "The treatment cycle").said:
        assert each.of, each.text


def test_the_headline_is_that_of_the_journal(page, whole_year):
    real = [s for s in whole_year.sittings("P01") if not (s.hidden or s.conditions.simulated)]
    assert f"{len(real)} sittings" in texts(page, "What was done")
    first, last = real[0].started.date(), real[-1].started.date()
    early = [s for s in real if (s.started.date() - first).days < 84]
    late = [s for s in real if (last - s.started.date()).days < 84]
    for key, unit in (("relative_rest_time_percent", "%"), ("baseline_uv", "µV")):
        a, b = (median(s.summary[key] for s in some) for some in (early, late))
        said = f"{a:.3g} {unit} in the first 84 days, {b:.3g} {unit} in the last 84"
        assert said in texts(page, "Tension")
    valid = median(s.summary["valid_percent"] for s in real)
    assert f"{valid:.0f} % of the time had a valid signal" in texts(page, "Tension")


def test_the_wear_off_day_is_the_one_that_was_put_in(page):
    asked = next(e for e in part(page, "Questions").said if "fade around day" in e.text)
    assert abs(asked.values["day"] - year.WEAR_OFF_DAY) <= 7
    assert "should the interval change?" in asked.text


def test_an_interval_shorter_than_the_effect_is_not_questioned(history):
    head = visit_page(
        replace(
            history,
            treatments=tuple(each for each in history.treatments if each.kind != "injection"),
        )
    )
    assert "interval change" not in texts(head, "Questions")
    assert "No injection is noted." in texts(head, "The treatment cycle")


def test_what_helps_is_told_with_what_does_not(page):
    told = texts(page, "What helps").splitlines()
    assert [line.partition(" (")[0] for line in told] == ["Sensory trick", "Heat", "Posture"]
    assert "helps: with it the tension was 48 % lower" in told[0]
    assert "(95 % interval; a hand on the shoulder alone −2 %; 6 repeats" in told[0]
    assert "no difference found" in told[1]
    assert "makes it worse" in told[2]
    assert "Sensory trick. How can I" in texts(page, "Questions")
    assert "Posture" not in texts(page, "Questions")


def test_questions_name_the_first_medicines_and_helps_and_count_the_others(history):
    first = next(each for each in history.treatments if each.name == "clonazepam")
    more = tuple(replace(first, name=f"medicine {n}", id=uuid4()) for n in range(5))
    helped = next(each for each in history.trials if each.result["verdict"] == "helps")
    tried = tuple(
        replace(helped, id=uuid4(), what=f"pillow {n}", result=helped.result) for n in range(4)
    )
    crowded = replace(history, treatments=history.treatments + more, trials=history.trials + tried)
    asked = texts(visit_page(crowded), "Questions")
    assert "medicine 2 and 2 more: could any" in asked
    assert "and 2 more. How can I" in asked


def test_side_effects_triggers_and_medicines_stand_as_they_were_told(page):
    noted = texts(page, "Side effects")
    assert "6 days after an injection (2025-06-21)" in noted
    assert "a bad night and a long drive" in noted
    assert "sore for two days" in noted
    medicines = texts(page, "Medicines")
    assert "clonazepam, 0.5 mg in the evening: since 2024-11-04" in medicines
    assert "2025-04-01 to 2025-06-30" in medicines
    assert "I take clonazepam:" in texts(page, "Questions")
    assert "I take trihexyphenidyl" not in texts(page, "Questions")


def test_side_effects_and_triggers_are_told_with_their_days(history):
    injected = [each.on for each in history.treatments if each.kind == "injection"][-1]

    def noted(kind: str, days: int, what: str, text: str = "") -> Entry:
        at = year.at_hour(injected + timedelta(days=days), 20)
        return Entry(at, kind, None, "", text, "hand", what=what, id=uuid4())

    entries = (
        *(noted("trigger", day, "stress") for day in range(5)),
        noted("side_effect", 2, "", "itching"),
        noted("side_effect", 3, "swallowing", "with bread"),
        noted("side_effect", 6, "swallowing"),
    )
    page = visit_page(replace(history, entries=(*history.entries, *entries)))
    told = part(page, "Side effects").said
    first, last = injected + timedelta(days=3), injected + timedelta(days=6)
    assert told[0].text == (
        f"Side effect: trouble swallowing ({first}, {last}), 6 days after an injection"
    )
    assert told[0].of == tuple(str(each.id) for each in entries[-2:])
    assert told[1].text.startswith("Side effect: itching (")
    assert told[2].text.startswith("Trigger: stress (")
    assert told[2].text.endswith("and on 2 days before")
    asked = texts(page, "Questions")
    assert "I noted: itching, trouble swallowing. Are those side effects" in asked
    assert pages_of(plain_pdf(page)) == 1
    test_every_number_on_the_page_is_one_of_its_statements_values(page)


def test_the_usual_questions_are_always_there(journal):
    journal.add_person("P02", added=year.at_hour(year.FIRST, 8))
    page = visit_page(read_history(journal, "P02", year.TODAY))
    asked = texts(page, "Questions")
    for word in ("cause", "tests", "temporary", "side effects", "other conditions"):
        assert word in asked
    assert texts(page, "What was done") == "No sitting counts in this time."
    assert pages_of(plain_pdf(page)) == 1


def test_hidden_and_simulated_sittings_are_left_out_and_that_is_said(page, whole_year):
    hidden = [str(s.id) for s in whole_year.sittings("P01") if s.hidden]
    told = texts(page, "What was done")
    assert "1 sitting was left out by hand" in told
    assert "1 simulated sitting is in no number" in told
    for each in part(page, "Tension").said:
        assert not set(hidden) & set(each.of)


def test_simulated_trials_beside_real_ones_are_counted_and_not_told(journal):
    journal.add_person("P05", added=year.at_hour(year.FIRST, 8))
    year.try_things(journal, "P05", simulated=False)
    for trial in journal.trials("P05"):
        journal.keep_trial(replace(trial, id=uuid4(), simulated=True))
    page = visit_page(read_history(journal, "P05", year.TODAY))
    assert "4 trials with a simulated signal are not counted." in texts(page, "What was done")
    assert len(part(page, "What helps").said) == 3


def test_what_is_a_year_old_is_not_on_it(history):
    later = replace(history, today=year.TODAY + timedelta(days=800))
    page = visit_page(later)
    assert texts(page, "What was done") == "No sitting counts in this time."
    assert "clonazepam" in texts(page, "Medicines"), "it is still taken"
    assert "2025" not in texts(page, "Side effects")


def test_somebody_who_only_simulated_gets_a_page_that_is_stamped(journal):
    year.fill(journal, "P03", simulated=True)
    page = visit_page(read_history(journal, "P03", year.TODAY))
    assert page.simulated
    assert '<p class="stamp">SIMULATED: this is not a muscle.</p>' in as_html(page)
    assert "splenius left" in texts(page, "Tension")


def test_the_page_says_what_it_is_not(page):
    assert "Not a medical device; it does not diagnose or treat." in as_html(page)


def test_negative_studies_are_told_with_the_others(page):
    assert "nothing that was measured changed" in texts(page, "What studies found")


def test_html_in_a_note_is_text(page):
    html = as_html(page)
    assert "&lt;b&gt;hard&lt;/b&gt;" in html
    assert "<b>" not in html


def test_a_symptom_that_surely_got_worse_is_asked_after(history):
    days = range(0, 360, 3)
    felt = tuple(
        Entry(
            year.at_hour(year.FIRST + timedelta(days=d), 20),
            "symptom",
            20.0 + d / 8,
            "0-100",
            "neck pain",
            "hand",
            id=uuid4(),
        )
        for d in days
    )
    page = visit_page(replace(history, entries=felt))
    asked = next(e for e in part(page, "Questions").said if "got worse" in e.text)
    assert "“neck pain”" in asked.text
    assert asked.values["change"] == pytest.approx(7 / 8)
    assert set(asked.of) == {str(each.id) for each in felt}


def test_the_same_data_make_the_same_page(history):
    assert as_html(visit_page(history)) == as_html(visit_page(history))
    assert io.BytesIO(plain_pdf(visit_page(history))).read(5) == b"%PDF-"


def test_weeks_with_and_without_something_are_told_with_their_interval(history):
    order = ["on", "off", "off", "on", "on", "off"]
    plan = NOfOne("heat", date(2025, 9, 1), {"weeks": order, "seed": 1}, id=uuid4())
    rng = np.random.default_rng(2)
    pain = tuple(
        Entry(
            year.at_hour(plan.began + timedelta(days=7 * week + day), 20),
            "pain",
            float(4 if with_it == "on" else 6) + rng.normal(0, 0.2),
            "0-10",
            "",
            "hand",
            id=uuid4(),
        )
        for week, with_it in enumerate(order)
        for day in range(7)
    )
    page = visit_page(replace(history, entries=pain, n_of_ones=(plan,)))
    told = next(e for e in part(page, "What helps").said if "weeks with and without" in e.text)
    assert told.text.startswith("Heat helps")
    assert "3 pairs of weeks" in told.text
    assert told.values["difference"] == pytest.approx(-2, abs=0.3)
    assert set(told.of) == {str(plan.id), *(str(each.id) for each in pain)}


def test_what_no_page_can_show_breaks_no_page(history):
    odd = "\udc80\x07 tired \N{SLEEPING FACE} 疲れた \u202eback $x^$ \x00"
    entries = tuple(
        replace(each, text=odd) if each.kind == "note" else each for each in history.entries
    )
    page = visit_page(replace(history, entries=entries))
    html = as_html(page)
    assert r"\udc80\x07 tired 😴 疲れた \u202eback $x^$ \x00" in html
    assert html.encode()
    assert pages_of(plain_pdf(page)) == 1


def test_real_trials_are_told_beside_sittings_that_were_only_simulated(journal):
    journal.add_person("P04", added=year.at_hour(year.FIRST, 8))
    year.sit(journal, "P04", year.FIRST, year.summary(5.0, 50.0, 99.0, 1.0), simulated=True)
    year.try_things(journal, "P04", simulated=False)
    page = visit_page(read_history(journal, "P04", year.TODAY))
    assert not page.simulated
    assert "Sensory trick (2025-11-05) helps" in texts(page, "What helps")
    assert "1 simulated sitting is in no number here." in texts(page, "What was done")
