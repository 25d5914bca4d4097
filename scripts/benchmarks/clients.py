"""How soon a clinic's list of clients is there, and a client's trends, once a journal is opened."""

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
SUMMARY = {
    "protocol": PROTOCOL,
    "simulated": False,
    "channels": ["trapezius right"],
    "band_hz": [20, 450],
    "baseline_uv": 6.5,
    "post_baseline_uv": None,
    "success_percent": 70.0,
    "relative_rest_time_percent": 60.0,
    "valid_percent": 97.0,
    "phases": [
        {
            "name": f"trial {i}" if i else "baseline",
            "kind": "trial" if i else "baseline",
            "seconds": 120.0,
            "valid_percent": 97.0,
            "tension_uv": {"p10": 2.0, "p50": 2.5 + i, "p90": 4.0 + i},
        }
        for i in range(8)
    ],
}
ASK = """
import sys, time
from biofeedback.display.days.trends_model import read_kept, trend_told
from biofeedback.display.sitting.montages import read_clients
from biofeedback.journal.journal import open_journal
begun = time.perf_counter()
with open_journal(sys.argv[1]) as journal:
    if sys.argv[3] == "list":
        assert len(read_clients(journal)) == int(sys.argv[2])
    else:
        kept = read_kept(journal, "P000")
        assert any(len(each.line.points) == int(sys.argv[4]) for each in kept.trends)
        trend_told(kept.trends[0], kept.treatments)
    print(time.perf_counter() - begun)
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
                row.summary = SUMMARY
                session.add(row)


def opening_ms(where: str, what: str, seconds: float) -> float:
    """Return the least that a new process took for `what`, its driver's loading included."""
    best, until = math.inf, datetime.now(UTC) + timedelta(seconds=seconds)
    while math.isinf(best) or datetime.now(UTC) < until:
        words = [sys.executable, "-c", ASK, where, str(PEOPLE), what, str(SITTINGS)]
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
            told = {
                "list": f"{PEOPLE} people of {PEOPLE * SITTINGS} sittings listed",
                "trend": f"one person's {SITTINGS} sittings as trends",
            }
            for what, words in told.items():
                ours = opening_ms(where, what, seconds / (len(found) * len(told)))
                must, stretch = ours <= MUST_MS, ours <= STRETCH_MS
                limit = {"at most": MUST_MS}
                said = f"{name} opened, {words}"
                print(line("clients", said, ours, "ms", limit, must=must, stretch=stretch))


if __name__ == "__main__":
    main(float(sys.argv[1]))
