"""The journal of an older program opens with all that it holds."""

import json
import shutil
import sqlite3
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from kept import CONDITIONS, EVENING, INJECTION, MORNING, PAIN, PRESSURE, REST, live, sit
from sqlalchemy import select
from test_backup import everything

from biofeedback.journal.backup import back_up
from biofeedback.journal.day_nouns import Entry
from biofeedback.journal.export import export
from biofeedback.journal.files import sha256_of
from biofeedback.journal.journal import Journal, open_journal
from biofeedback.journal.model import SittingRow
from biofeedback.journal.nouns import Course
from biofeedback.journal.restore import restore

FIRST = Path(__file__).parent.parent / "data" / "journal-r0001.sqlite3"
SECOND, THIRD = (FIRST.with_name(f"journal-r000{n}.sqlite3") for n in (2, 3))
TABLES = ("people", "sittings", "recordings", "calibrations", "annotations")

ENDED = date(2026, 3, 20)


def rows_of(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return what lies in the tables of the first revision, in its own columns."""
    with sqlite3.connect(FIRST) as first:
        columns = {
            name: [row[1] for row in first.execute(f"PRAGMA table_info({name})")] for name in TABLES
        }
    first.close()
    with sqlite3.connect(file) as database:
        found = {
            name: database.execute(
                f"SELECT {', '.join(columns[name])} FROM {name}"  # noqa: S608 - names of ours
            ).fetchall()
            for name in TABLES
        }
    database.close()
    return found


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A copy of a journal that the program kept before there were courses."""
    file = tmp_path / "journal.sqlite"
    shutil.copyfile(FIRST, file)
    return file


def test_a_journal_of_the_first_revision_keeps_every_row_bit_for_bit(older):
    before = rows_of(older)
    assert [len(before[name]) for name in TABLES] == [2, 3, 3, 4, 5]
    open_journal(str(older)).close()
    assert rows_of(older) == before


def test_it_says_the_same_as_before_and_what_is_new_is_unknown(older):
    with open_journal(str(older)) as journal:
        assert [(person.id, person.display_name) for person in journal.people()] == [
            ("P01", "Anna Müller"),
            ("P02", ""),
        ]
        first, trained = journal.sittings("P01")
        assert (first.started, first.duration_s, first.hidden) == (MORNING, 720.0, "")
        assert first.conditions == CONDITIONS
        assert trained.summary["protocol"] == "baseline-only"
        assert trained.conditions.simulated
        assert [note.text for note in journal.annotations(first.id)] == [
            *("@swallow", "sensory trick on")
        ]
        rest = journal.calibrations("P01")[0]
        assert rest == REST
        assert (rest.sd_uv, rest.p75_uv) == (None, None)
        (going_on,) = journal.sittings("P02")
        assert going_on.duration_s is None
        assert [journal.progress(each.id) for each in (first, trained, going_on)] == [None] * 3
        assert (journal.courses("P01"), journal.montages("P01")) == ([], [])
        assert journal.broken_off("P02") is None


def test_what_is_new_can_be_kept_in_it(older):
    with open_journal(str(older)) as journal:
        first = journal.sittings("P01")[0]
        journal.hide_sitting(first.id, "electrode fell off")
        journal.set_course("P01", Course("transfer", 2, 8, date(2026, 3, 2)))
        journal.keep_progress(first.id, {"reached": 2})
        sit(journal, "P02")
    with open_journal(str(older)) as journal:
        assert journal.sittings("P01")[0].hidden == "electrode fell off"
        assert journal.progress(first.id) == {"reached": 2}
        assert len(journal.sittings("P02")) == 2


@pytest.mark.parametrize("revision", [FIRST, SECOND, THIRD], ids=["first", "second", "third"])
def test_a_backup_that_holds_one_is_restored_on_either_database(
    revision, tmp_path, journal: Journal
):
    """As an older program wrote it: the zip is made here, the database in it is of then."""
    older = tmp_path / "journal.sqlite"
    shutil.copyfile(revision, older)
    with open_journal(str(tmp_path / "as_now.sqlite")) as now:
        back_up(now, tmp_path / "now.zip")
    with zipfile.ZipFile(tmp_path / "now.zip") as made:
        manifest = json.loads(made.read("manifest.json"))
    manifest["files"] = {"journal.sqlite": sha256_of(older)}
    with zipfile.ZipFile(tmp_path / "then.zip", "w") as archive:
        archive.write(older, "journal.sqlite")
        archive.writestr("manifest.json", json.dumps(manifest))
    assert restore(journal, tmp_path / "then.zip") == 2
    with open_journal(str(older)) as same:
        assert everything(journal) == everything(same)
        assert export(same, "P01", tmp_path / "out").files > 4
    assert journal.sittings("P01")[0].started - MORNING == timedelta(0)


def test_a_journal_of_the_second_revision_keeps_its_plans_and_what_was_hidden(tmp_path):
    file = tmp_path / "journal.sqlite"
    shutil.copyfile(SECOND, file)
    with open_journal(str(file)) as journal:
        kept, hidden = sorted(journal.sittings("P01"), key=lambda sitting: sitting.hidden)
        assert (kept.hidden, hidden.hidden) == ("", "electrode fell off")
        (going_on,) = journal.sittings("P02")
        assert journal.progress(going_on.id)["reached"] == 2
        assert [course.protocol for course in journal.courses("P01")] == ["home-relaxation"]
        assert journal.courses("P02") == [Course("transfer", 2, 8, date(2026, 3, 3), ENDED)]
        assert [montage.name for montage in journal.montages("P01")] == ["=Neck"]
        assert len(journal.calibrations("P01")) == 2
        assert (journal.entries("P01"), journal.treatments("P01")) == ([], [])
        trial = live(journal, "P01")
        assert journal.trials("P01") == [trial]


def test_a_journal_of_the_third_revision_keeps_its_days_and_tells_them_by_their_text(tmp_path):
    file = tmp_path / "journal.sqlite"
    shutil.copyfile(THIRD, file)
    with open_journal(str(file)) as journal:
        entries = journal.entries("P01")
        assert sorted(each.kind for each in entries) == [
            *("blood_pressure", "note", "pain", "symptom")
        ]
        assert [each.text for each in journal.entries("P01", removed=True)] == ["=slept badly"]
        assert PAIN in entries
        assert entries[-1] == PRESSURE
        noted = next(each for each in entries if each.kind == "note")
        assert (noted.what, noted.words) == ("", "dry mouth since the injection")
        assert INJECTION in journal.treatments("P01")
        assert [trial.what for trial in journal.trials("P01")] == ["heat"]
        (weeks,) = journal.n_of_ones("P02")
        assert (weeks.what, weeks.ended) == ("magnesium", ENDED)
        journal.add_entry(
            "P01", Entry(EVENING, "side_effect", None, "", "", "window", what="dry_mouth")
        )
        (effect,) = journal.entries("P01", ["side_effect"])
        assert effect.words == "dry mouth"


def test_older_sittings_are_counted_by_the_protocol_that_their_summaries_tell(older):
    with open_journal(str(older)) as journal, journal.reading() as session:
        rows = session.execute(select(SittingRow.protocol).order_by(SittingRow.protocol))
        assert [row.protocol for row in rows] == ["", "", "baseline-only"]
