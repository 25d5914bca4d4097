"""Opening a journal: who may read it, what is refused, and what outlives a killed process."""

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from subprocess import PIPE
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from kept import CONDITIONS, MORNING, sit
from sqlalchemy import text

from biofeedback.errors import JournalError
from biofeedback.journal import schema
from biofeedback.journal.engine import find_place, let_others_read, make_engine
from biofeedback.journal.journal import open_journal
from biofeedback.journal.model import Base

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights")
NEWEST = schema.HEAD
# Every person gets a site, which everybody had before too. SQLite makes the table anew for it.
SECOND_STEP = '''
"""People have a site."""

import sqlalchemy as sa
from alembic import op

revision = "NEXT"
down_revision = "NEWEST"


def upgrade() -> None:
    with op.batch_alter_table("people", recreate="auto") as people:
        people.add_column(sa.Column("site", sa.Text, nullable=False, server_default="home"))
        people.alter_column("note", existing_type=sa.Text, nullable=True)
'''


def in_a_process(code: str, where: str, *words: str) -> "subprocess.Popen[str]":
    """Start Python with `journal` open at `where`; it says what `code` prints."""
    opened = f"""
        import sys
        from datetime import timedelta
        from kept import *
        from sqlalchemy import insert
        from biofeedback.journal.journal import open_journal
        from biofeedback.journal.model import AnnotationRow, PersonRow
        journal = open_journal({where!r})
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(opened) + textwrap.dedent(code), *words],
        stdin=PIPE,
        stdout=PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
    )


@POSIX
def test_nobody_else_may_read_the_journal(tmp_path):
    old = os.umask(0)
    try:
        with open_journal(str(tmp_path / "data" / "biofeedback" / "journal.sqlite")) as journal:
            journal.add_person("P01", added=MORNING)
            sit(journal, "P01")
            assert journal.place.file
            rights = {
                path.name: stat.S_IMODE(path.stat().st_mode)
                for path in journal.place.file.parent.iterdir()
            }
            assert stat.S_IMODE(journal.place.file.parent.stat().st_mode) == 0o700
            assert stat.S_IMODE(journal.place.file.parent.parent.stat().st_mode) == 0o700
    finally:
        os.umask(old)
    assert rights == {
        "journal.sqlite": 0o600,
        "journal.sqlite-wal": 0o600,
        "journal.sqlite-shm": 0o600,
        "journal-recordings": 0o700,
    }


@POSIX
def test_a_folder_of_the_users_own_keeps_its_rights(tmp_path):
    tmp_path.chmod(0o755)
    open_journal(str(tmp_path / "j.sqlite")).close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


@POSIX
def test_the_folder_for_our_data_is_closed_to_others_whoever_made_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("BIOFEEDBACK_JOURNAL")
    place = find_place()
    assert place.file
    place.file.parent.mkdir(mode=0o755, parents=True)
    open_journal().close()
    assert stat.S_IMODE(place.file.parent.stat().st_mode) == 0o700
    assert place.file.is_relative_to(tmp_path)


def test_the_variable_names_the_journal_and_words_do_so_before_it(tmp_path, monkeypatch):
    monkeypatch.setenv("BIOFEEDBACK_JOURNAL", str(tmp_path / "a.sqlite"))
    assert find_place().file == tmp_path / "a.sqlite"
    assert find_place(str(tmp_path / "b.sqlite")).file == tmp_path / "b.sqlite"


def test_a_url_names_a_server_and_where_recordings_go_and_its_password_is_not_shown():
    place = find_place(
        "postgresql://anna:secret@clinic:5433/emg?recordings=/srv/emg&sslmode=require"
    )
    assert place.file is None
    assert place.recordings == Path("/srv/emg").absolute()
    assert place.url.query == {"sslmode": "require"}
    assert place.name == "postgresql://anna:***@clinic:5433/emg?sslmode=require"


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("mysql://anna:secret@clinic/emg", "not in 'mysql'"),
        ("://anna:secret@clinic", "is no URL"),
        ("postgresql://anna:secret@clinic:port/emg", "is no URL"),
    ],
)
def test_a_url_of_anything_else_is_refused_without_telling_its_password(where, said):
    with pytest.raises(JournalError, match=said) as told:
        open_journal(where)
    assert "secret" not in str(told.value)


def test_a_server_that_is_not_there_is_told_in_a_sentence(tmp_path):
    with pytest.raises(
        JournalError, match=r"is not reached \(.*\); see that its server runs"
    ) as told:
        open_journal(f"postgresql://anna:secret@/emg?host={tmp_path}&recordings={tmp_path}")
    assert "secret" not in str(told.value)


def test_a_database_that_is_not_there_is_told_in_a_sentence(postgresql):
    with pytest.raises(JournalError, match=r"is not reached \(.*does not exist\)"):
        open_journal(postgresql.replace("/t", "/no", 1))


def test_without_its_driver_postgresql_is_refused_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(JournalError, match=r"pip install 'biofeedback\[postgresql\]'"):
        open_journal("postgresql://clinic/emg")


def test_a_file_that_is_no_database_is_refused_and_stays(tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear doctor, " * 100)
    with pytest.raises(JournalError, match="is no journal, or it is damaged"):
        open_journal(str(file))
    assert file.read_text() == "Dear doctor, " * 100


def test_a_database_of_another_program_is_refused_and_stays(tmp_path):
    file = tmp_path / "places.sqlite"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE people (id INTEGER)")
    database.close()
    before = file.read_bytes()
    with pytest.raises(JournalError, match="is a database of another program"):
        open_journal(str(file))
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", [".", "letter.txt/journal.sqlite"])
def test_a_place_where_no_file_can_be_is_told(tmp_path, name):
    (tmp_path / "letter.txt").touch()
    with pytest.raises(JournalError, match=r"The journal .* (may not be written|cannot be kept)"):
        open_journal(str(tmp_path / name))


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that another user may enter, as those of pytest's are not."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@POSIX
def test_a_journal_that_may_only_be_read_is_told(open_to_all, tmp_path):
    file = open_to_all / "j.sqlite"
    with open_journal(str(file)) as journal:
        journal.add_person("P01", added=MORNING)
    file.chmod(0o444)
    open_to_all.chmod(0o555)
    code = """
        import os
        from biofeedback.errors import JournalError
        journal.close()  # all is loaded that is needed
        if os.geteuid() == 0:
            os.seteuid(65534)
        try:
            open_journal(sys.argv[1]).add_person("P02", added=MORNING)
        except JournalError as error:
            print(error)
    """
    said = in_a_process(code, str(tmp_path / "other.sqlite"), str(file)).communicate()[0]
    open_to_all.chmod(0o755)
    assert f"The journal {file} may not be written; keep it in a folder of yours" in said
    with open_journal(str(file)) as journal:
        assert [person.id for person in journal.people()] == ["P01"]


def test_the_tables_are_what_the_model_says(where):
    with open_journal(where) as journal, journal.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": schema.VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_the_newest_step_is_the_one_that_is_looked_for():
    steps = sorted((schema.MIGRATIONS / "versions").glob("r*.py"))
    assert steps[-1].name.startswith(f"r{schema.HEAD}_")


def test_the_journal_of_a_newer_program_is_refused_and_stays(where):
    with open_journal(where) as journal:
        journal.add_person("P01", added=MORNING)
        with journal.writing() as session:
            session.execute(text("UPDATE journal_version SET version_num = '9999'"))
    with pytest.raises(JournalError, match="was kept by a newer biofeedback; update this one"):
        open_journal(where)


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program with one step more."""
    steps = tmp_path / "100 % more" / "versions"
    steps.mkdir(parents=True)
    for path in schema.MIGRATIONS.rglob("*.py"):
        (steps.parent / path.relative_to(schema.MIGRATIONS)).write_bytes(path.read_bytes())
    (steps / "r_site.py").write_text(SECOND_STEP.replace("NEWEST", schema.HEAD))
    monkeypatch.setattr(schema, "MIGRATIONS", steps.parent)
    monkeypatch.setattr(schema, "HEAD", "NEXT")


def test_an_older_journal_is_brought_up_to_date_with_all_that_it_holds(where, request):
    with open_journal(where) as journal:
        journal.add_person("P01", display_name="Anna", added=MORNING)
        sitting = sit(journal, "P01")
        before = journal.sittings("P01"), journal.calibrations("P01"), journal.people()
    request.getfixturevalue("next_version")
    with open_journal(where) as journal:
        assert (journal.sittings("P01"), journal.calibrations("P01"), journal.people()) == before
        assert len(journal.annotations(sitting)) == 2
        with journal.reading() as session:
            assert session.execute(text("SELECT id, site FROM people")).all() == [("P01", "home")]


def test_a_step_that_fails_leaves_the_journal_as_it_was(where, next_version, monkeypatch):
    step = schema.MIGRATIONS / "versions" / "r_site.py"
    with monkeypatch.context() as older:
        older.setattr(schema, "HEAD", NEWEST)
        step.rename(step.with_suffix(".later"))
        with open_journal(where) as journal:
            journal.add_person("P01", added=MORNING)
        step.with_suffix(".later").rename(step)
    works = step.read_text()
    step.write_text(works + "    op.drop_table('nothing')\n")
    with pytest.raises(JournalError, match="could not do that"):
        open_journal(where)
    step.write_text(works)
    with open_journal(where) as journal:
        assert [person.id for person in journal.people()] == ["P01"]


def test_two_windows_that_open_an_empty_journal_at_once_both_can(where):
    windows = [in_a_process("print(len(journal.people()), sys.stdin.read())", where) for _ in "ab"]
    assert [window.communicate("ok")[0] for window in windows] == ["0 ok\n", "0 ok\n"]


def test_a_window_waits_for_one_that_reads_what_it_prepares(tmp_path, monkeypatch):
    """SQLite refuses at once where two prepare a file for many; here, for want of patience."""
    place = find_place(str(tmp_path / "journal.sqlite"))
    reader = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
    reader.execute("CREATE TABLE of_old (x)")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM of_old").fetchall()
    waited = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        reader.execute("COMMIT")

    monkeypatch.setattr("biofeedback.journal.engine.time.sleep", sleep)
    with monkeypatch.context() as hurried:
        hurried.setattr("biofeedback.journal.engine.BUSY_S", 0.0)
        engine = make_engine(place)
    let_others_read(engine)
    assert len(waited) == 1
    reader.close()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()


def test_while_one_window_makes_the_tables_another_waits(where, monkeypatch):
    monkeypatch.setattr("biofeedback.journal.engine.BUSY_S", 0.05)
    upgrade, refused = schema._upgrade, []

    def meanwhile(*given: Any) -> None:
        with pytest.raises(JournalError, match="is held by another program") as told:
            open_journal(where)
        refused.append(told)
        upgrade(*given)

    monkeypatch.setattr(schema, "_upgrade", meanwhile)
    open_journal(where).close()
    assert len(refused) == 1


def test_two_windows_may_write_at_once_and_nothing_is_lost(where):
    with open_journal(where) as journal:
        journal.add_person("P01", added=MORNING)
        for _k in range(2):
            journal.begin_sitting("P01", CONDITIONS, started=MORNING)
    code = """
        from biofeedback.stream import Annotation
        sitting = journal.sittings("P01")[int(sys.stdin.readline())].id
        for k in range(25):
            journal.annotate(sitting, Annotation(float(k), 0.0, "x"))
        print("done")
    """
    windows = [in_a_process(code, where) for _ in range(2)]
    for k, window in enumerate(windows):
        assert window.stdin
        window.stdin.write(f"{k}\n")
        window.stdin.flush()
    assert [window.communicate()[0] for window in windows] == ["done\n", "done\n"]
    with open_journal(where) as journal:
        noted = [journal.annotations(each.id) for each in journal.sittings("P01")]
        assert [[note.onset_s for note in notes] for notes in noted] == [
            [*map(float, range(25))]
        ] * 2


def test_a_killed_window_loses_nothing_that_was_kept_and_keeps_nothing_half(where):
    code = """
        from biofeedback.stream import Annotation
        journal.add_person("P01", added=MORNING)
        sitting = journal.begin_sitting("P01", CONDITIONS, started=MORNING)
        journal.annotate(sitting, Annotation(1.0, 0.0, "kept"))
        with journal.writing() as session:
            session.execute(insert(PersonRow), [
                dict(id=f"H{k}", display_name="", note="", added=MORNING) for k in range(5000)
            ])
            print("half", flush=True)
            sys.stdin.read()
    """
    window = in_a_process(code, where)
    assert window.stdout
    assert window.stdout.readline() == "half\n"
    window.kill()
    window.communicate()
    with open_journal(where) as journal:
        assert [person.id for person in journal.people()] == ["P01"]
        (broken_off,) = journal.unfinished()
        assert [note.text for note in journal.annotations(broken_off.id)] == ["kept"]
        journal.finish_sitting(broken_off.id, duration_s=1.0, summary={}, interrupted=True)
        assert journal.unfinished() == []


def test_a_journal_that_another_program_holds_is_told_after_a_while(tmp_path, monkeypatch):
    monkeypatch.setattr("biofeedback.journal.engine.BUSY_S", 0.05)
    file = tmp_path / "j.sqlite"
    with open_journal(str(file)) as journal:
        holder = sqlite3.connect(file, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="is held by another program; close that one"):
            journal.add_person("P01", added=MORNING)
        assert journal.people() == []  # who only reads is not in the way
        holder.execute("ROLLBACK")
        holder.close()
        journal.add_person("P01", added=MORNING)


def test_a_server_whose_tables_another_program_holds_is_told_after_a_while(
    postgresql, postgresql_server, monkeypatch
):
    monkeypatch.setattr("biofeedback.journal.engine.BUSY_S", 0.05)
    with open_journal(postgresql) as journal:
        name = journal.place.url.database
        with psycopg.connect(host=postgresql_server, user="postgres", dbname=name) as holder:
            holder.execute("LOCK TABLE people")
            with pytest.raises(JournalError, match="is held by another program; close that one"):
                journal.add_person("P01", added=MORNING)
        journal.add_person("P01", added=MORNING)


def test_a_server_that_was_started_anew_is_reached_again(postgresql, postgresql_server):
    with open_journal(postgresql) as journal:
        journal.add_person("P01", added=MORNING)
        with psycopg.connect(host=postgresql_server, user="postgres", dbname="postgres") as admin:
            cut = admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [journal.place.url.database],
            )
            assert cut.fetchall() == [(True,)]
        assert [person.id for person in journal.people()] == ["P01"]


def test_what_was_kept_is_on_the_disk_and_links_are_kept(tmp_path):
    with open_journal(str(tmp_path / "j.sqlite")) as journal, journal.reading() as session:
        asked = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        found = [session.scalar(text(f"PRAGMA {name}")) for name in asked]
    assert found == ["wal", 2, 1, 1]  # 2: FULL


def test_nothing_but_the_journal_waits_for_a_database():
    code = (
        "import sys; from biofeedback.cli import main, make_parser; make_parser()\n"
        "main(['live', 'sim:rest', '--seconds', '1', '--fast', '--json'])\n"
        "sys.exit(bool({'sqlalchemy', 'alembic', 'psycopg'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_journals_that_are_made_at_once_do_not_mix(tmp_path: Path):
    places = [tmp_path / f"{number}.sqlite" for number in range(6)]
    with ThreadPoolExecutor(len(places)) as threads:
        for journal in threads.map(open_journal, map(str, places)):
            journal.close()
    for place in places:
        with closing(sqlite3.connect(place)) as database:
            assert database.execute("SELECT * FROM journal_version").fetchall() == [(NEWEST,)]
