"""Where the journal lies, and how its database is opened: a SQLite file, or a PostgreSQL URL."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from biofeedback.errors import JournalError
from biofeedback.journal.home import data_folder, named_place
from biofeedback.text import _

BUSY_S = 10.0
"""How long another program may hold the database before we say so."""
ANSWER_S = 10
"""How long a server may take to answer."""
_TRY_AGAIN_S = 0.02
LOCK_NOT_AVAILABLE = "55P03"  # postgresql.org/docs/current/errcodes-appendix.html
_SQLITE, _POSTGRESQL = "sqlite+pysqlite", "postgresql+psycopg"

# What is true of every connection to SQLite (sqlite.org/pragma.html). FULL: what was committed is
# on the disk. secure_delete: what is erased is overwritten.
_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA trusted_schema=OFF",
)


@dataclass(frozen=True, slots=True)
class Place:
    """The database's `url`, the folder of its `recordings`, and its `name` without a password."""

    url: URL
    recordings: Path
    name: str

    @property
    def file(self) -> Path | None:
        """The file of SQLite; None on a server."""
        return Path(self.url.database or "") if self.url.drivername == _SQLITE else None


def find_place(where: str | None = None) -> Place:
    """Return the place that `where` names: a path, or a URL of PostgreSQL.

    Without it, the one that BIOFEEDBACK_JOURNAL names, else the user's own folder for data. A URL
    may end in `?recordings=FOLDER`. Raises `JournalError` for what is neither.
    """
    where = where or named_place()
    if "://" not in where:
        file = Path(where).expanduser().absolute()
        recordings = file.with_name(f"{file.stem}-recordings")
        return Place(URL.create(_SQLITE, database=str(file)), recordings, str(file))
    try:
        url = make_url(where)
    except (ArgumentError, ValueError):  # a password may be in it
        raise JournalError(
            _("The journal's address is no URL; write postgresql://user@host/database.")
        ) from None
    if url.get_backend_name() != "postgresql":
        raise JournalError(
            _(
                "The journal lies in a SQLite file or in PostgreSQL, not in '{kind}'; give a path, "
                "or postgresql://user@host/database."
            ).format(kind=url.get_backend_name())
        )
    folder = url.query.get("recordings", str(data_folder() / "clinic-recordings"))
    url = url.difference_update_query(["recordings"]).set(drivername=_POSTGRESQL)
    shown = url.set(drivername="postgresql").render_as_string(hide_password=True)
    return Place(url, Path(str(folder)).expanduser().absolute(), shown)


def make_engine(place: Place, *, links: bool = True) -> Engine:
    """Return the engine for `place`; nothing is opened yet. Transactions read unless `writing`.

    Without `links` SQLite lets a table go that others lead to, and takes nothing along. Raises
    `JournalError` where PostgreSQL's driver is not installed.
    """
    server = place.file is None
    patience = {"connect_timeout": ANSWER_S} if server else {"timeout": BUSY_S}
    try:
        # A name or a note of a person is in no message. A server may have been started anew since.
        engine = create_engine(
            place.url, connect_args=patience, hide_parameters=True, pool_pre_ping=server
        )
    except ImportError as error:
        if not server:
            raise
        raise JournalError(
            _(
                "For a journal in PostgreSQL a driver is missing; install it with: "
                "pip install 'biofeedback[postgresql]'"
            )
        ) from error
    if server:
        event.listen(engine, "connect", _prepare_server)
        event.listen(engine, "begin", _begin_on_server)
    else:
        event.listen(engine, "connect", partial(_prepare_file, links=links))
        event.listen(engine, "begin", _begin_in_file)
    return engine


def outside_transactions(engine: Engine) -> Engine:
    """Return the engine for statements that may not be in a transaction."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="AUTOCOMMIT")
    return engine.execution_options(outside=True)


def let_others_read(engine: Engine) -> None:
    """Let a SQLite file be read by some while it is written by another: WAL, kept in the file."""
    patience_s = time.monotonic() + BUSY_S
    while engine.dialect.name == "sqlite":
        try:
            with outside_transactions(engine).connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                return
        except OperationalError as error:  # SQLite does not wait where two do this at once
            if not _is_busy(error.orig) or time.monotonic() >= patience_s:
                raise
        time.sleep(_TRY_AGAIN_S)


def _is_busy(error: BaseException | None) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _prepare_file(connection: Any, _entry: ConnectionPoolEntry, *, links: bool) -> None:
    connection.isolation_level = None  # the driver begins no transactions by itself: we do
    cursor = connection.cursor()
    for pragma in (*_PRAGMAS, f"PRAGMA foreign_keys={'ON' if links else 'OFF'}"):
        cursor.execute(pragma)
    cursor.close()


def _prepare_server(connection: Any, _entry: ConnectionPoolEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{round(1000 * BUSY_S)}ms'")
    connection.commit()


def _begin_in_file(connection: Connection) -> None:
    """Take the right to write at once: one that reads first might be refused it later."""
    options = connection.get_execution_options()
    if not options.get("outside"):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing") else "BEGIN")


def _begin_on_server(connection: Connection) -> None:
    """Let one that reads see the same moment throughout, as SQLite does."""
    options = connection.get_execution_options()
    if not (options.get("outside") or options.get("writing")):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


@contextmanager
def telling(place: Place) -> Iterator[None]:
    """Turn what a database says into a sentence."""
    try:
        yield
    except SQLAlchemyError as error:
        raise JournalError(_sentence(place, error)) from error
    except OSError as error:
        raise JournalError(
            _("The journal {name} or its recordings cannot be kept there ({why}).").format(
                name=place.name, why=error.strerror or error
            )
        ) from error


def _sentence(place: Place, error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else None
    why = (str(cause or error).splitlines() or [type(error).__name__])[0]
    said = ""
    if isinstance(cause, sqlite3.Error):
        # the lower byte of the code; the rest says where in SQLite
        said = _of_sqlite(getattr(cause, "sqlite_errorcode", 0) & 0xFF, place.name)
    elif cause is not None:
        said = _of_server(getattr(cause, "sqlstate", None), place.name, why)
    return said or _("The journal {name} could not do that ({why}).").format(
        name=place.name, why=why
    )


def _held(name: str) -> str:
    return _("The journal {name} is held by another program; close that one and try again.").format(
        name=name
    )


def _of_sqlite(code: int, name: str) -> str:
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return _held(name)
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return _("{name} is no journal, or it is damaged; restore a backup of yours.").format(
                name=name
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN:
            return _(
                "The journal {name} may not be written; keep it in a folder of yours (the variable "
                "BIOFEEDBACK_JOURNAL names it)."
            ).format(name=name)
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return _(
                "The disk is full or failing: the journal {name} keeps what it had; make room."
            ).format(name=name)
    return ""


def _of_server(state: str | None, name: str, why: str) -> str:
    """Say what an SQLSTATE means; there is none where there is no connection."""
    if state is None:
        return _(
            "The journal {name} is not reached ({why}); see that its server runs and lets you in."
        ).format(name=name, why=why)
    return _held(name) if state == LOCK_NOT_AVAILABLE else ""
