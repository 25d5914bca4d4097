"""A real PostgreSQL for the tests: a cluster of its own for this run, gone with it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

UNPRIVILEGED = "postgres"  # the server refuses to run as root; Debian's package makes this user
# Nothing is worth a disk's delay here. The time zone is far from UTC, to see that none gets lost.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "40",
    "shared_buffers": "16MB",
    "synchronous_commit": "off",
    "timezone": "Asia/Tokyo",
}
PATIENCE_S = 60.0


def find_programs() -> Path | None:
    """Return the folder of initdb and postgres: Debian's newest, else that of the PATH."""
    debians = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3])
    )
    on_path = shutil.which("initdb")
    found = [*debians[-1:], *([Path(on_path)] if on_path else [])]
    return found[0].parent if found else None


def unprivileged() -> list[str]:
    """Return the words before a command: another user for root, and an end when ours comes."""
    if not shutil.which("setpriv"):  # all Linux has it
        return []
    words = ["setpriv", "--pdeathsig", "QUIT"]
    if os.geteuid() == 0:
        import pwd  # Windows has none

        user = pwd.getpwnam(UNPRIVILEGED)
        words += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return words


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Give the folder of a server's socket."""
    programs = find_programs()
    if programs is None:
        why = "no PostgreSQL is installed (Debian's package: postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    with running(programs) as folder:
        yield folder


@contextmanager
def running(programs: Path) -> Iterator[str]:
    """Start a server that answers on a socket in its own folder alone; give that folder."""
    # not in pytest's own folder, which another user may not enter; a socket's path is short
    folder = Path(tempfile.mkdtemp(prefix="biofeedback-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
    data, log = folder / "data", folder / "log"
    try:
        subprocess.run(
            [
                *(*unprivileged(), str(programs / "initdb"), "--no-sync", "--auth=trust"),
                *("--username=postgres", "--encoding=UTF8", "--locale=C", f"--pgdata={data}"),
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=True,
        )
        chosen = [word for key, value in SETTINGS.items() for word in ("-c", f"{key}={value}")]
        with (
            log.open("wb") as said,
            subprocess.Popen(
                [*unprivileged(), str(programs / "postgres"), "-D", data, "-k", folder, *chosen],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            ) as server,
        ):
            try:
                _wait_for(folder, server, log)
                yield str(folder)
            finally:
                server.send_signal(signal.SIGINT)  # "fast": it waits for no client
                with suppress(subprocess.TimeoutExpired):
                    server.wait(PATIENCE_S)
                server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(folder: Path, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with suppress(psycopg.OperationalError):
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
            return
        with suppress(subprocess.TimeoutExpired):  # the wait between two tries
            server.wait(0.05)
            break
    pytest.fail(f"PostgreSQL does not start: {log.read_text(errors='replace')}")


@pytest.fixture
def postgresql(postgresql_server: str, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database, with a folder of its own for recordings."""
    name = f"t{uuid4().hex}"
    with psycopg.connect(
        host=postgresql_server, user="postgres", dbname="postgres", autocommit=True
    ) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        folder = tmp_path / "clinic-recordings"
        yield f"postgresql://postgres@/{name}?host={postgresql_server}&recordings={folder}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Say where a journal lies that is not there yet: on both databases, one after the other."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql"))
    return str(tmp_path / "mine" / "journal.sqlite")
