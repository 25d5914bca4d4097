"""How soon a clinic's list of clients is there: a journal opened and all of it asked for."""

import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg

from benchmarks.goal import line
from biofeedback.journal.journal import open_journal
from biofeedback.journal.nouns import Conditions, Course
from biofeedback.journal.rows import begun

sys.path.append(str(Path(__file__).parents[2] / "tests" / "journal"))

from real_postgresql import find_programs, running  # type: ignore[import-not-found]

PEOPLE, SITTINGS = 200, 100
MUST_MS, STRETCH_MS = 300.0, 150.0
NEWEST = datetime(2026, 11, 20, 12, tzinfo=UTC)
CONDITIONS = Conditions(
    source="serial",
    simulated=False,
    sfreq=1000.0,
    band_hz=(20.0, 450.0),
    sensor="MyoWare 2.0, RAW",
    settings={},
)
PROTOCOL = "home-relaxation"
PHASES = [{"kind": "trial", "seconds": 120.0, "p50_uv": 2.5 + i} for i in range(8)]
ASK = """
import sys, time
from biofeedback.display.sitting.montages import read_clients
from biofeedback.journal.journal import open_journal
begun = time.perf_counter()
with open_journal(sys.argv[1]) as journal:
    clients = read_clients(journal)
    print(time.perf_counter() - begun)
assert len(clients) == int(sys.argv[2])
"""


def fill(where: str) -> None:
    """Keep a year of a clinic: everybody has a course, and all their sittings belong to it."""
    people = [f"P{i:03}" for i in range(PEOPLE)]
    with open_journal(where) as journal:
        for person in people:
            journal.add_person(person, added=NEWEST)
            journal.set_course(person, Course(PROTOCOL, 3, 20, date(2025, 11, 1)))
        with journal.writing() as session:
            for i in range(PEOPLE * SITTINGS):
                started = NEWEST - timedelta(days=3 * (i // PEOPLE), minutes=i % PEOPLE)
                row = begun(people[i % PEOPLE], CONDITIONS, started)
                row.duration_s, row.protocol = 720.0, PROTOCOL
                row.summary = {"protocol": PROTOCOL, "phases": PHASES}
                session.add(row)


def opening_ms(where: str, seconds: float) -> float:
    """Return the least that a new process took, its driver's loading included."""
    best, until = math.inf, datetime.now(UTC) + timedelta(seconds=seconds)
    while math.isinf(best) or datetime.now(UTC) < until:
        words = [sys.executable, "-c", ASK, where, str(PEOPLE)]
        done = subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True)
        best = min(best, 1000 * float(done.stdout))
    return best


@contextmanager
def places() -> Iterator[dict[str, str]]:
    """Give where a journal may lie: in SQLite, and in PostgreSQL where that is installed."""
    with tempfile.TemporaryDirectory() as folder:
        found = {"SQLite": str(Path(folder) / "journal.sqlite")}
        programs = find_programs()
        if programs is None:
            yield found
            return
        with running(programs) as server:
            with psycopg.connect(
                host=server, user="postgres", dbname="postgres", autocommit=True
            ) as admin:
                admin.execute("CREATE DATABASE clinic")
            url = f"postgresql://postgres@/clinic?host={server}&recordings={folder}/recordings"
            yield {**found, "PostgreSQL": url}


def main(seconds: float) -> None:
    """Print a goal for each database as a JSON line."""
    with places() as found:
        for name, where in found.items():
            fill(where)
            ours = opening_ms(where, seconds / len(found))
            what = f"{name} opened, {PEOPLE} people of {PEOPLE * SITTINGS} sittings listed"
            must, stretch = ours <= MUST_MS, ours <= STRETCH_MS
            limit = {"at most": MUST_MS}
            print(line("clients", what, ours, "ms", limit, must=must, stretch=stretch))


if __name__ == "__main__":
    main(float(sys.argv[1]))
