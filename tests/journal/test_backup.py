"""The journal in one file and back: on either database, whole or not at all."""

import hashlib
import json
import os
import random
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from kept import CONDITIONS, MORNING, files_in, live, plan, sit
from sqlalchemy import Connection, select

from biofeedback.errors import JournalError
from biofeedback.journal import schema
from biofeedback.journal.backup import back_up, copy_rows
from biofeedback.journal.erase import erase
from biofeedback.journal.journal import Journal, open_journal
from biofeedback.journal.model import PersonRow
from biofeedback.journal.restore import restore
from biofeedback.stream import Annotation

Change = Callable[[dict[str, bytes]], None]


def everything(journal: Journal) -> dict[str, object]:
    """Return all that a journal holds, files too."""
    people = journal.people()
    sittings = [sitting for person in people for sitting in journal.sittings(person.id)]
    return {
        "people": people,
        "sittings": sittings,
        "annotations": [journal.annotations(sitting.id) for sitting in sittings],
        "calibrations": [journal.calibrations(person.id) for person in people],
        "courses": [journal.courses(person.id) for person in people],
        "montages": [journal.montages(person.id) for person in people],
        "entries": [journal.entries(person.id) for person in people],
        "treatments": [journal.treatments(person.id) for person in people],
        "removed": [journal.entries(person.id, removed=True) for person in people],
        "trials": [journal.trials(person.id) for person in people],
        "n_of_ones": [journal.n_of_ones(person.id) for person in people],
        "progress": [journal.progress(sitting.id) for sitting in sittings],
        "files": files_in(journal.recordings),
    }


@pytest.fixture
def full(journal: Journal, p01: str) -> Journal:
    """A journal with two people; one of them sits just now."""
    sit(journal, "P01")
    journal.add_person("P02", display_name="Jürgen", added=MORNING)
    sit(journal, "P02", said="wave 2")
    sitting = journal.begin_sitting("P02", CONDITIONS, started=MORNING)
    journal.new_recording(sitting, ".bdf").write_bytes(b"as far as it has come")
    journal.keep_progress(sitting, {"reached": 2, "scores": [None, 0.1]})
    plan(journal, "P02")
    live(journal, "P02")
    return journal


@pytest.fixture
def other(tmp_path: Path) -> str:
    """Where another journal lies that is not there yet."""
    return str(tmp_path / "other" / "journal.sqlite")


@pytest.fixture
def backup(full: Journal, tmp_path: Path) -> Path:
    """A backup of the full journal."""
    file = tmp_path / "backup.zip"
    assert back_up(full, file).files == 5
    return file


def test_a_backup_brings_everything_back_after_all_was_lost(full, backup, other):
    with open_journal(other) as journal:
        assert restore(journal, backup) == 2
        assert everything(journal) == everything(full)


def test_a_backup_of_sqlite_is_restored_on_a_server_and_goes_on_there(tmp_path, other, postgresql):
    with open_journal(other) as mine, open_journal(postgresql) as clinic:
        mine.add_person("P01", added=MORNING)
        sit(mine, "P01")
        back_up(mine, tmp_path / "b.zip")
        restore(clinic, tmp_path / "b.zip")
        assert everything(clinic) == everything(mine)
        sit(clinic, "P01", said="the next")  # what the server counts up by itself goes on
        assert len(clinic.sittings("P01")) == 2
        assert len(clinic.calibrations("P01")) == 2


def test_a_journal_that_holds_something_is_not_overwritten_unless_that_is_said(full, backup, other):
    with open_journal(other) as journal:
        journal.add_person("P09", added=MORNING)
        sit(journal, "P09", said="theirs")
        before = everything(journal)
        with pytest.raises(JournalError, match=r"holds people already; .* say --replace"):
            restore(journal, backup)
        assert everything(journal) == before
        assert restore(journal, backup, replace=True) == 2
        assert everything(journal) == everything(full)


def test_a_restore_over_itself_undoes_what_was_done_since(full, backup):
    before = everything(full)
    recording = full.sittings("P01")[0].recordings[0].file
    (full.recordings / recording).write_bytes(b"damaged")
    (full.recordings / f"{recording}.edits.jsonl").write_bytes(b"later")
    sit(full, "P01", said="later")
    restore(full, backup, replace=True)
    assert everything(full) == before


def test_a_backup_tells_what_is_missing_and_what_has_changed(full, tmp_path):
    (sitting,) = full.sittings("P01")
    (other,) = [each for each in full.sittings("P02") if each.duration_s]
    gone, changed = sitting.recordings[0].file, other.recordings[0].file
    (full.recordings / gone).unlink()
    (full.recordings / changed).write_bytes(b"rotten")
    made = back_up(full, tmp_path / "b.zip")
    assert (made.missing, made.changed) == ((gone,), (changed,))


def test_a_backup_replaces_no_file_but_an_empty_one(full, backup, tmp_path):
    before = backup.read_bytes()
    with pytest.raises(JournalError, match=r"There is .*backup\.zip already; name another"):
        back_up(full, backup)
    assert backup.read_bytes() == before
    (tmp_path / "made").touch()
    back_up(full, tmp_path / "made")
    with pytest.raises(JournalError, match="cannot be written"):
        back_up(full, tmp_path / "nowhere" / "b.zip")
    assert zipfile.ZipFile(tmp_path / "made").testzip() is None


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights")
def test_nobody_else_may_read_a_backup_and_nothing_is_left_beside_it(backup, full):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    beside = {path.name for path in backup.parent.iterdir()}
    assert beside <= {backup.name, "mine", "clinic-recordings"}
    assert all(path.is_file() for path in full.recordings.iterdir())


def test_what_was_erased_is_in_no_later_backup(other, tmp_path):
    with open_journal(other) as journal:
        journal.add_person("P01", display_name="Unverkennbar", added=MORNING)
        journal.add_person("P02", added=MORNING)
        erase(journal, "P01")
        back_up(journal, tmp_path / "b.zip")
    archive = zipfile.ZipFile(tmp_path / "b.zip")
    assert b"Unverkennbar" not in archive.read("journal.sqlite")


def test_an_older_backup_is_brought_up_to_date_and_a_newer_one_refused(
    tmp_path, other, monkeypatch
):
    with open_journal(other) as journal:
        journal.add_person("P01", added=MORNING)
        sit(journal, "P01")
        back_up(journal, tmp_path / "b.zip")
        before = everything(journal)
    newer = tmp_path / "newer.zip"

    def pass_for_newer(files: dict[str, bytes]) -> None:
        path = tmp_path / "newer.sqlite"
        path.write_bytes(files["journal.sqlite"])
        with sqlite3.connect(path) as database:
            database.execute("UPDATE journal_version SET version_num = '9999'")
        database.close()
        files["journal.sqlite"] = path.read_bytes()

    changed(tmp_path / "b.zip", newer, pass_for_newer)
    with open_journal(str(tmp_path / "third" / "j.sqlite")) as journal:
        with pytest.raises(JournalError, match="was kept by a newer biofeedback"):
            restore(journal, newer)
        steps = tmp_path / "steps"
        monkeypatch.setattr(schema, "MIGRATIONS", with_one_step_more(steps))
        monkeypatch.setattr(schema, "HEAD", "0004")
        assert restore(journal, tmp_path / "b.zip") == 1
        assert everything(journal) == before


def with_one_step_more(folder: Path) -> Path:
    for path in schema.MIGRATIONS.rglob("*.py"):
        target = folder / path.relative_to(schema.MIGRATIONS)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (folder / "versions" / "r0005_more.py").write_text(
        '"""One table more."""\n'
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        'revision, down_revision = "0005", "0004"\n'
        "def upgrade():\n"
        '    op.create_table("more", sa.Column("id", sa.Integer, primary_key=True))\n'
    )
    return folder


def changed(backup: Path, target: Path, change: Change, *, digests: bool = True) -> None:
    """Write `backup` anew with its files changed, and with `digests` that fit them."""
    with zipfile.ZipFile(backup) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    about = json.loads(files.pop("manifest.json"))
    change(files)
    if digests:
        about["files"] = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in {"manifest.json": json.dumps(about).encode(), **files}.items():
            archive.writestr(name, data)


def put(name: str, data: bytes = b"x") -> Change:
    return lambda files: files.__setitem__(name, data)


def in_database(*statements: str) -> Change:
    def change(files: dict[str, bytes]) -> None:
        database = sqlite3.connect(":memory:")
        database.deserialize(files["journal.sqlite"].replace(b"\2\2", b"\1\1", 1))  # out of WAL
        for statement in statements:
            database.execute(statement)
        database.commit()
        files["journal.sqlite"] = database.serialize()

    return change


HOSTILE = {
    "a path upwards": put("recordings/../../evil.edf"),
    "a path upwards with backslashes": put("recordings\\..\\..\\evil.edf"),
    "an absolute path": put("/tmp/evil.edf"),  # noqa: S108
    "a path upwards behind a name": put(f"recordings/{uuid4()}/../../evil"),
    "another folder": put(f"elsewhere/{uuid4()}.edf"),
    "a name that is none of ours": put("recordings/evil.edf"),
    "a name with a NUL": put(f"recordings/{uuid4()}.e\0df"),
    "a name without end": put(f"recordings/{uuid4()}{'x' * 300}"),
    "no database": lambda files: files.__delitem__("journal.sqlite"),
    "a database that is none": put("journal.sqlite", b"Dear doctor"),
    "half a database": lambda files: put("journal.sqlite", files["journal.sqlite"][:9000])(files),
    "a database of others": in_database("DROP TABLE journal_version"),
    "a trigger": in_database(
        "CREATE TRIGGER evil AFTER UPDATE ON people BEGIN DELETE FROM people; END"
    ),
    "a view": in_database("ALTER TABLE annotations RENAME TO a", "CREATE VIEW annotations AS "
        "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id FROM n"),
    "a row whose file lies elsewhere": in_database("UPDATE recordings SET file = '../../' || id"),
    "a person who leads elsewhere": in_database(
        "INSERT INTO people SELECT '../' || id, display_name, note, added FROM people"
    ),
    "a row without its person": in_database("DELETE FROM people"),
    "a column that is not there": in_database("ALTER TABLE people DROP COLUMN note"),
    "a moment that is none": in_database("UPDATE people SET added = 'yesterday'"),
    "a sitting that has no UUID": in_database("UPDATE annotations SET sitting_id = 'me'"),
    "no JSON": in_database("UPDATE sittings SET summary = '{'"),
    "a band that is none": in_database("UPDATE sittings SET band_hz = 'wide'"),
}  # fmt: skip


def test_a_backup_that_was_made_to_do_harm_changes_nothing(full, backup, tmp_path):
    hostile = tmp_path / "hostile.zip"
    hostile.touch()
    before, places = everything(full), sorted(tmp_path.rglob("*"))
    for name, change in HOSTILE.items():
        changed(backup, hostile, change)
        try:
            restore(full, hostile, replace=True)
        except JournalError:
            assert everything(full) == before, name
            assert sorted(tmp_path.rglob("*")) == places, name
        else:
            pytest.fail(f"restored: {name}")


WRONG = {
    "a file that is not what it was": lambda files: put(max(files), b"other")(files),
    "a file too few": lambda files: files.pop(max(files)),
    "a file too many": put(f"recordings/{uuid4()}.edf"),
}


def test_a_backup_whose_files_are_not_those_it_lists_changes_nothing(backup, tmp_path, other):
    with open_journal(other) as journal:
        for name, change in WRONG.items():
            changed(backup, tmp_path / "wrong.zip", change, digests=False)
            with pytest.raises(JournalError, match="is no backup of a journal, or it is damaged"):
                restore(journal, tmp_path / "wrong.zip")
            assert everything(journal)["people"] == [], name
            assert files_in(journal.recordings) == {}, name


def test_a_damaged_backup_is_refused_or_read_right_wherever_it_is_damaged(tmp_path, other):
    with open_journal(other) as journal:
        journal.add_person("P01", added=MORNING)
        sit(journal, "P01", said="wave " * 100)
        back_up(journal, tmp_path / "b.zip")
        whole, before = (tmp_path / "b.zip").read_bytes(), everything(journal)
    chosen = random.Random(1)  # noqa: S311
    refused = 0
    with open_journal(str(tmp_path / "third" / "j.sqlite")) as journal:
        for _time in range(60):
            at = chosen.randrange(len(whole))
            bad = bytearray(whole[: at + 1] if chosen.random() < 0.3 else whole)
            bad[at] ^= 1 << chosen.randrange(8)
            (tmp_path / "bad.zip").write_bytes(bad)
            try:
                restore(journal, tmp_path / "bad.zip", replace=True)
            except JournalError:
                refused += 1
                continue
            assert everything(journal) == before
    assert refused > 40


@pytest.mark.parametrize("name", ["nothing.zip", "letter.zip", "."])
def test_what_is_no_backup_is_told(tmp_path, other, name):
    (tmp_path / "letter.zip").write_text("Dear doctor")
    with open_journal(other) as journal, pytest.raises(JournalError, match="backup"):
        restore(journal, tmp_path / name)


def test_a_backup_that_the_disk_has_no_room_for_is_refused_before_it_is_unpacked(
    backup, other, monkeypatch
):
    usage = shutil.disk_usage(backup)._replace(free=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)
    with (
        open_journal(other) as journal,
        pytest.raises(JournalError, match="which the disk has no room for"),
    ):
        restore(journal, backup)


def test_a_restore_that_breaks_off_leaves_rows_and_files_as_they_were(
    full, backup, other, monkeypatch
):
    with open_journal(other) as journal:
        journal.add_person("P09", added=MORNING)
        sit(journal, "P09", said="theirs")
        before = everything(journal)

        def disk_full(_folder: Path) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("biofeedback.journal.files.sync_folder", disk_full)
        with pytest.raises(JournalError, match="No space left on device"):
            restore(journal, backup, replace=True)
        assert everything(journal) == before


def test_a_backup_is_of_one_moment_and_holds_nobody_up(full, tmp_path, other, monkeypatch):
    (sitting,) = full.unfinished()
    before = everything(full)

    def meanwhile(source: Connection, target: Connection) -> None:
        assert source.execute(select(PersonRow.id)).all() == [("P01",), ("P02",)]
        full.annotate(sitting.id, Annotation(1.0, 0.0, "meanwhile"))
        copy_rows(source, target)

    monkeypatch.setattr("biofeedback.journal.backup.copy_rows", meanwhile)
    back_up(full, tmp_path / "b.zip")
    assert [note.text for note in full.annotations(sitting.id)] == ["meanwhile"]
    with open_journal(other) as journal:
        restore(journal, tmp_path / "b.zip")
        assert everything(journal) == before
