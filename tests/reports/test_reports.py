"""Reports of a recording, a training and many sittings: what they say, and what they load."""

import hashlib
import json
import re
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import year
from pdf_pages import pages_of

from biofeedback.cli import main
from biofeedback.journal.journal import Journal, open_journal
from biofeedback.recording.edit_log import EditLog
from biofeedback.recording.edits import Edit, Exclusion
from biofeedback.reports import extras, write
from biofeedback.reports.course import course_report
from biofeedback.reports.history import History, read_history
from biofeedback.reports.parts import Report, name_for
from biofeedback.reports.plain_pdf import plain_pdf
from biofeedback.reports.training import training_report
from biofeedback.reports.write import as_html
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


def test_names_of_files_are_plain_whatever_somebody_is_called():
    assert str(name_for("P01", visit=True)) == "P01-visit.pdf"
    assert str(name_for("../a b")) == "a-b-report.pdf"
