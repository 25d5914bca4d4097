"""The journal's tables made, or brought up to date, by Alembic's revisions."""

import threading
from pathlib import Path

from sqlalchemy import ColumnClause, Connection, Engine, column, inspect, select, table, text

from biofeedback.errors import JournalError
from biofeedback.journal.engine import Place, make_engine
from biofeedback.text import _

HEAD = "0004"
"""The newest revision: what the model is."""
VERSION_TABLE = "journal_version"
MIGRATIONS = Path(__file__).parent / "migrations"

_ONE_AT_A_TIME = 0x62696F66  # any number that no other program's lock has
_alembic = threading.Lock()  # which keeps what it works on in globals: two would mix their journals


def bring_up_to_date(engine: Engine, place: Place) -> None:
    """Make the tables, or change those of an older program, all in one transaction.

    Raises `JournalError` for those of a newer one, and for a database of another program.
    """
    with engine.connect() as connection:
        if _revision(connection) == HEAD:  # Alembic takes a while to load: not at every start
            return
    # SQLite changes a table by making it anew: with links on, letting the old one go would take
    # the rows along that lead to it.
    unlinked = make_engine(place, links=False)
    try:
        with unlinked.execution_options(writing=True).begin() as connection:
            _bring(connection, place)
    finally:
        unlinked.dispose()


def _bring(connection: Connection, place: Place) -> None:
    if place.file is None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _ONE_AT_A_TIME})
    found = _revision(connection)
    if found == HEAD:  # another window was faster
        return
    if found is None and inspect(connection).get_table_names():
        raise JournalError(
            _("{name} is a database of another program; name an empty one.").format(name=place.name)
        )
    _upgrade(connection, found, place)
    if place.file is not None and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise JournalError(
            _("{name} is no journal, or it is damaged; restore a backup of yours.").format(
                name=place.name
            )
        )


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version: ColumnClause[str] = column("version_num")
    return connection.scalars(select(version).select_from(table(VERSION_TABLE))).one()


def _upgrade(connection: Connection, found: str | None, place: Place) -> None:
    from alembic.command import upgrade
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise JournalError(
            _("The journal {name} was kept by a newer biofeedback; update this one.").format(
                name=place.name
            )
        )
    with _alembic:
        upgrade(config, "head")
