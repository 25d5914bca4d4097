"""Reports of a recording, a training and many sittings: what they say, and what they load."""

import hashlib
import json
import re
import subprocess
import sys
import zlib
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import year
from pdf_pages import pages_of

from biofeedback import __version__
from biofeedback.cli import main
from biofeedback.journal.journal import Journal, open_journal
from biofeedback.recording.edit_log import EditLog
from biofeedback.recording.edits import Edit, Exclusion
from biofeedback.reports import extras, write
from biofeedback.reports.course import course_report
from biofeedback.reports.drawing import svg
from biofeedback.reports.history import History, read_history
from biofeedback.reports.make import of_recording
from biofeedback.reports.parts import Report, name_for
from biofeedback.reports.plain_pdf import plain_pdf, set_pages
from biofeedback.reports.training import training_report
from biofeedback.reports.write import as_html
from biofeedback.settings import Settings
from biofeedback.sources import SourceOptions
from biofeedback.stream import Annotation
from biofeedback.training.protocol_file import load_protocol

SFREQ = 1000


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A minute of two muscles, three contractions; a name that is no HTML."""
    rng = np.random.default_rng(3)
    t_s = np.arange(60 * SFREQ) / SFREQ
    level = np.where((t_s // 6) % 3 == 1, 40.0, 4.0)
    columns = np.column_stack([t_s, rng.normal(0, level), rng.normal(0, 0.5 * level)])
    path = tmp_path / "neck.csv"
    header = "time_s,splenius left_uv,<i>trapezius</i>_uv"
    np.savetxt(path, columns, delimiter=",", header=header, comments="", fmt="%.4f")
    return path


class Seen(HTMLParser):
    """The tags of a page, its attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(path: Path) -> Seen:
    return Seen(path.read_text("utf-8"))


def test_a_recording_becomes_a_page_with_the_figures_of_analyze(recording, capsys):
    out = recording.with_name("report.html")
    assert main(["report", str(recording), str(out)]) == 0
    assert str(out) in capsys.readouterr().err
    assert main(["analyze", str(recording), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    page = seen(out)
    for channel in told["channels"]:
        assert f"{channel['rms_uv']:.1f} µV" in page.text
        assert f"{channel['tension_uv']['p50']:.1f} µV" in page.text
        assert f"{channel['median_frequency_hz']:.0f} Hz" in page.text
    assert hashlib.sha256(recording.read_bytes()).hexdigest() in page.text
    assert page.tags.count("svg") == 2


def test_each_number_has_its_unit_band_valid_percent_and_definition(recording):
    out = recording.with_name("report.html")
    main(["report", str(recording), str(out)])
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", out.read_text("utf-8"))
    assert len(rows) >= 20
    for row in rows:
        _name, value, band, valid, definition = re.findall(r">([^<>]*)</t[dh]>", "<th>" + row)
        assert value.strip()
        assert band == "20–450 Hz"
        assert re.fullmatch(r"\d+ %", valid)
        assert definition.endswith(".")


def assert_leads_nowhere(page: Seen) -> None:
    assert not {"script", "link", "img", "iframe", "object", "form", "a"} & set(page.tags)
    for name, value in page.attributes:
        if name in ("href", "src", "xlink:href", "srcset", "action"):
            assert value is not None
            assert value.startswith("#"), value
        assert not name.startswith("on")
    policy = dict(page.attributes)["content"] if page.attributes else ""
    contents = [value for name, value in page.attributes if name == "content"]
    assert any(value and value.startswith("default-src 'none'") for value in contents), policy


def test_a_page_loads_nothing_from_anywhere(recording):
    out = recording.with_name("report.html")
    main(["report", str(recording), str(out)])
    assert_leads_nowhere(seen(out))
    assert "url(http" not in out.read_text("utf-8")
    assert "@import" not in out.read_text("utf-8")


def test_what_others_wrote_is_text_and_no_html(recording):
    log = EditLog(recording)
    log.add(Edit(None, Annotation(5.0, 0.0, "<script>alert(1)</script>")))
    log.add(Edit(None, Exclusion(10.0, 12.0, "<img src=x onerror=alert(1)>")))
    out = recording.with_name("report.html")
    main(["report", str(recording), str(out)])
    page = seen(out)
    assert_leads_nowhere(page)
    assert "<script>alert(1)</script>" in page.text
    assert "Excluded from 10.0 to 12.0 s: <img src=x" in page.text
    assert "1 interval (2.0 s) was excluded by hand." in page.text
    assert "<i>trapezius</i>" in page.text


def test_what_is_simulated_is_stamped(tmp_path):
    recording = tmp_path / "rest.edf"
    words = ["live", "sim:rest", "--fast", "--seconds", "20", "--record", str(recording), "--json"]
    assert main(words) == 0
    out = tmp_path / "report.html"
    assert main(["report", str(recording), str(out)]) == 0
    assert '<p class="stamp">SIMULATED' in out.read_text("utf-8")


def test_edits_of_a_recording_that_was_changed_are_told_and_not_used(recording):
    EditLog(recording).add(Edit(None, Exclusion(10.0, 12.0, "coughed")))
    recording.write_text(recording.read_text().replace("time_s", "time_s", 1) + "60.0,1,1\n")
    out = recording.with_name("report.html")
    main(["report", str(recording), str(out)])
    assert "excluded by hand" not in seen(out).text
    assert "edits" in seen(out).text


def test_the_same_recording_makes_the_same_bytes(recording):
    pages = []
    for name in ("a.html", "b.html"):
        main(["report", str(recording), str(recording.with_name(name))])
        pages.append(recording.with_name(name).read_bytes())
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{rec}", "{dir}/report.txt"], "let it end in .html or .pdf"),
        (["{rec}", "{dir}/nowhere/report.html"], "cannot be written"),
        (["{dir}/none.edf", "{dir}/report.html"], "no file"),
        (["{dir}/report.html"], "Name a recording and the report"),
        (["--visit", "{rec}", "{dir}/report.html"], "--visit needs --person"),
        (["--person", "P01", "{rec}", "{dir}/report.html"], "Name a recording and the report"),
        (["--person", "P99", "{dir}/report.html"], "nobody called 'P99'"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(recording, capsys, words, said):
    filled = [word.format(rec=recording, dir=recording.parent) for word in words]
    assert main(["report", *filled]) == 1
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err
    assert not list(recording.parent.glob(".report-*"))
    assert not (recording.parent / "report.html").exists()


def test_without_the_extra_one_sentence_says_what_to_install(recording, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    out = recording.with_name("report.html")
    assert main(["report", str(recording), str(out)]) == 1
    assert "install biofeedback with its extra [report]" in capsys.readouterr().err
    assert not out.exists()


def test_a_command_that_makes_no_report_loads_none_of_it():
    code = (
        "import sys; from biofeedback.cli import main; main(['scenarios'])\n"
        "heavy = {'jinja2', 'matplotlib', 'weasyprint'} & set(sys.modules)\n"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60
    )
    assert run.returncode == 0, run.stderr


def test_without_weasyprint_the_pdf_is_matplotlibs(recording, monkeypatch):
    monkeypatch.setattr(write, "load_weasyprint", lambda: None)
    out = recording.with_name("report.pdf")
    assert main(["report", str(recording), str(out)]) == 0
    pdf = out.read_bytes()
    assert b"Matplotlib" in pdf
    assert pages_of(pdf) >= 2


@pytest.mark.skipif(extras.load_weasyprint() is None, reason="no WeasyPrint, or no Pango")
def test_with_weasyprint_the_pdf_is_its(recording):
    out = recording.with_name("report.pdf")
    assert main(["report", str(recording), str(out)]) == 0
    assert out.read_bytes().startswith(b"%PDF-")
    assert b"Matplotlib" not in out.read_bytes()
    assert pages_of(out.read_bytes()) >= 2


@pytest.fixture(scope="module")
def whole(history: History) -> Report:
    return course_report(history)


def test_many_sittings_tell_each_measure_with_band_and_valid_percent(whole):
    rows = {row.name: row for part in whole.parts for row in part.rows}
    tension = rows["Tension in the baseline before: splenius left"]
    assert tension.band == "20–450 Hz"
    assert tension.unit == "µV"
    assert 90 < (tension.valid_percent or 0) < 100


def test_many_sittings_say_which_were_left_out_and_why(whole):
    page = as_html(whole)
    assert "1 sitting was left out by hand" in page
    assert "(electrode fell off)" in page
    assert "990" not in Seen(page).text
    assert_leads_nowhere(Seen(page))


def test_many_sittings_fit_pages_without_weasyprint(whole):
    assert 3 <= pages_of(plain_pdf(whole)) <= 12


def sat(journal: Journal, content: bytes) -> Path:
    """Keep a sitting of P01 with a recording, and return where that is."""
    sitting = journal.begin_sitting(
        "P01", year.CONDITIONS, started=year.at_hour(date(2026, 2, 2), 9)
    )
    path = journal.new_recording(sitting)
    path.write_bytes(content)
    told = year.summary(5.0, 60.0, 97.0, 2.0)
    journal.finish_sitting(sitting, duration_s=720.0, summary=told)
    return path


def test_recordings_that_were_moved_or_changed_are_told(journal):
    journal.add_person("P01", added=year.at_hour(year.FIRST, 8))
    moved, changed, _left = (sat(journal, content) for content in (b"one", b"two", b"three"))
    moved.unlink()
    changed.write_bytes(b"Two")
    history = read_history(journal, "P01", year.TODAY)
    assert (len(history.missing), len(history.changed)) == (1, 1)
    page = as_html(course_report(history))
    assert "The recording of 1 sitting is not where it was kept" in page
    assert "The recording of 1 sitting was changed since (its SHA-256 differs)" in page


def test_the_journal_is_read_by_the_command_line(tmp_path, capsys):
    with open_journal() as journal:
        journal.add_person("P01", added=year.at_hour(year.FIRST, 8))
        sat(journal, b"one")
    for words in ([], ["--visit"]):
        out = tmp_path / f"page{len(words)}.html"
        assert main(["report", "--person", "P01", *words, str(out)]) == 0
        assert "P01, as of" in seen(out).text
        assert out.stat().st_mode & 0o077 == 0, "it is of somebody's body"


def test_a_training_becomes_a_page_with_its_evidence(capsys):
    words = ["train", "home-relaxation", "sim:relaxing", "--headless", "--fast", "--json"]
    assert main(words) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    told = json.loads(last)["summary"]
    page = Seen(as_html(training_report(told, on=date(2026, 3, 1), notes=["<b>tired</b>"])))
    assert "SIMULATED: this is not a muscle." in page.text
    assert f"{told['baseline_uv']:.3g} µV" in page.text
    assert "<b>tired</b>" in page.text
    for paper in load_protocol("home-relaxation").evidence:
        assert paper.result in page.text


def told_by(*words: str, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert main(["train", *words, "--headless", "--fast", "--json"]) == 0
    told: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])["summary"]
    return told


def test_a_training_is_told_trial_by_trial_and_what_is_not_known_in_a_sentence(capsys):
    told = told_by("home-relaxation", "sim:relaxing", capsys=capsys)
    report = training_report(told, on=date(2026, 3, 1))
    rows = {row.name: row for part in report.parts for row in part.rows}
    for trial in told["trials"]:
        row = rows[f"Trial {trial['trial']}"]
        assert row.value == f"{trial['success_percent']:.0f}"
        assert row.valid_percent == trial["valid_percent"]
        assert f"threshold {trial['threshold_uv']:.3g} µV" in row.definition
    assert "–" not in {row.value for row in rows.values()}
    unknown = next(each for each in report.statements() if each.text.startswith("Not known"))
    assert "Transfer" in unknown.text
    assert "At the goal" not in unknown.text


def test_two_muscles_are_told_with_how_they_share_the_work(capsys):
    told = told_by("home-relaxation", "sim:relaxing", capsys=capsys)
    pair = told | {
        "asymmetry": 0.25,
        "channels": ["left", "right"],
        "trials": [{**told["trials"][0], "threshold_uv": None, "threshold_percent": 10.8}],
    }
    report = training_report(pair, on=date(2026, 3, 1))
    rows = {row.name: row for part in report.parts for row in part.rows}
    assert rows["Asymmetry"].value == "0.25"
    assert "threshold 10.8 %" in rows["Trial 1"].definition
    assert "Levels and rest are those of left." in {each.text for each in report.about}
    overflow = training_report(told | {"overflow": 0.5}, on=date(2026, 3, 1))
    assert "Overflow" in {row.name for part in overflow.parts for row in part.rows}


def boxes_of(page: str) -> dict[str, str]:
    """Return what stands in the boxes of a page's margin, as a reader of CSS sees it."""
    found = {}
    for place, content in re.findall(r"@([a-z]+-[a-z]+) \{ content: (.*?); \}", page):
        said = re.sub(r"\\([0-9a-f]{6})", lambda code: chr(int(code[1], 16)), content)
        found.setdefault(place, said)
    return found


def test_each_printed_page_says_whose_it_is_when_it_was_made_and_its_number(whole):
    boxes = boxes_of(as_html(whole))
    assert boxes["bottom-left"] == f'"P01, {year.TODAY}, biofeedback {__version__}"'
    assert boxes["bottom-right"] == '"Page " counter(page) " of " counter(pages) ""'
    assert "top-center" not in boxes
    simulated = boxes_of(as_html(replace(whole, simulated=True)))
    assert simulated["top-center"] == '"SIMULATED: this is not a muscle."'


def test_what_stands_at_the_foot_can_end_no_style(whole):
    page = as_html(replace(whole, of='</style><script>"; } * { display: none } \\'))
    assert "<script>" not in page
    assert page.count("</style>") == as_html(whole).count("</style>")
    assert boxes_of(page)["bottom-left"].startswith('"</style><script>"; }')


def test_no_two_elements_of_a_page_have_the_same_id(whole):
    page = Seen(as_html(whole))
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) > 100
    assert len(ids) == len(set(ids))
    led_to = {value[1:] for name, value in page.attributes if name.endswith("href") and value}
    assert led_to <= set(ids)
    clips = re.findall(r"url\(#(.*?)\)", as_html(whole))
    assert clips
    assert set(clips) <= set(ids)


@pytest.mark.skipif(extras.load_weasyprint() is None, reason="no WeasyPrint, or no Pango")
def test_the_pdf_can_be_read_aloud(recording):
    out = recording.with_name("report.pdf")
    main(["report", str(recording), str(out)])
    pdf = out.read_bytes()
    packed = re.findall(rb"stream\r?\n(.*?)endstream", pdf, flags=re.DOTALL)
    pdf += b"".join(zlib.decompressobj().decompress(each) for each in packed if each[:1] == b"\x78")
    assert b"/StructTreeRoot" in pdf
    assert b"/Lang (en)" in pdf
    assert b"pdfuaid" in pdf


def test_a_long_digest_stays_in_one_piece_without_weasyprint(recording):
    digest = hashlib.sha256(recording.read_bytes()).hexdigest()
    report = of_recording(str(recording), SourceOptions(), Settings(), today=year.TODAY)
    written = [text.get_text() for figure in set_pages(report).figures for text in figure.texts]
    assert any(digest in line for line in written)
    assert f"neck.csv, {year.TODAY}, biofeedback {__version__}" in written
    assert "Page 1 of 2" in written


def test_notes_are_numbered_as_in_the_picture_and_the_rest_is_counted(recording):
    log = EditLog(recording)
    for n in range(70):
        log.add(Edit(None, Annotation(0.5 + 0.8 * n, 0.0, f"mark {n}")))
    report = of_recording(str(recording), SourceOptions(), Settings(), today=year.TODAY)
    notes = next(part for part in report.parts if part.title == "Notes and marks")
    assert notes.said[0].text == "1, at 0.5 s: mark 0"
    assert notes.said[-1].text == "10 more in the recording."
    drawn = svg(next(part.picture for part in report.parts if part.picture), "p")
    assert "The numbers are those of the notes" in as_html(report)
    assert drawn.count("<!-- 1 -->") == 1
    assert "<!-- 2 -->" not in drawn, "it would lie on the number before"


def test_a_recording_tells_of_no_training_that_was_not_done(recording):
    report = of_recording(str(recording), SourceOptions(), Settings(), today=year.TODAY)
    assert "What studies found, for and against" not in {part.title for part in report.parts}


def test_names_of_files_are_plain_whatever_somebody_is_called():
    assert str(name_for("P01", visit=True)) == "P01-visit.pdf"
    assert str(name_for("../a b")) == "a-b-report.pdf"


def test_without_valid_time_that_is_said_and_no_table_of_dashes(tmp_path):
    path = tmp_path / "flat.csv"
    t_s = np.arange(20 * SFREQ) / SFREQ
    columns = np.column_stack([t_s, np.zeros(len(t_s))])
    np.savetxt(path, columns, delimiter=",", header="time_s,neck_uv", comments="", fmt="%.4f")
    report = of_recording(str(path), SourceOptions(), Settings(), today=date(2026, 3, 2))
    (part,) = (each for each in report.parts if each.title == "neck")
    assert part.said[0].text == "No time had a valid signal: there are no numbers."
    assert not part.rows


def test_of_many_muscles_left_and_right_of_one_come_first_and_the_rest_is_counted(tmp_path):
    path = tmp_path / "six.csv"
    t_s = np.arange(20 * SFREQ) / SFREQ
    signal = np.random.default_rng(4).normal(0, 8, (len(t_s), 6))
    names = ("masseter left", "trapezius right", "frontalis", "trapezius left", "jaw", "brow")
    header = ",".join(["time_s", *(f"{name}_uv" for name in names)])
    columns = np.column_stack([t_s, signal])
    np.savetxt(path, columns, delimiter=",", header=header, comments="", fmt="%.4f")
    report = of_recording(str(path), SourceOptions(), Settings(), today=date(2026, 3, 2))
    (part,) = (each for each in report.parts if each.title == "Muscles together")
    assert part.said[0].text.startswith("10 of 15 pairs:")
    assert len(part.rows) == 20
    assert part.rows[0].name == "trapezius right and trapezius left: asymmetry"


def test_a_training_that_was_gone_on_with_says_where_it_broke_off(capsys):
    told = told_by("home-relaxation", "sim:relaxing", capsys=capsys)
    told |= {"pauses": [{"t_s": 444.0, "seconds": 540.0}], "transfer_index": -0.5}
    page = Seen(as_html(training_report(told, on=date(2026, 3, 1))))
    assert "It broke off after 7 min. Resumed after 9 minutes." in page.text
    assert "−0.5" in page.text, "with the minus sign of print"


def test_while_pages_are_set_that_is_said(recording, capsys):
    assert main(["report", str(recording), str(recording.with_name("report.pdf"))]) == 0
    assert "Setting the pages …" in capsys.readouterr().err
