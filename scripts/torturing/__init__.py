"""Kills, power cuts, full disks, torn ends, bad cables, unplugs and long runs, by the number."""

import argparse
import ctypes
import datetime
import json
import os
import platform
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from types import FrameType
from typing import NoReturn, TextIO

import child

from torturing.row import Row

# option: the module and its function, the number for a release, that of a quick run, what it counts
TESTS: dict[str, tuple[str, str, float, float, str]] = {
    "kills": ("kills", "run", 1000, 30, "recorders killed"),
    "power-cuts": ("power_cuts", "run", 200, 5, "moments at which the power goes (root, Linux)"),
    "full-disks": ("full_disk", "run", 20, 2, "disks filled (root, Linux)"),
    "tails": ("tails", "run", 10_000, 1000, "torn ends repaired"),
    "serial": ("serial_line", "run", 1000, 100, "streams through a faulty cable"),
    "replugs": ("replugs", "run", 500, 10, "unplugs of an emulated board"),
    "hostile": ("hostile", "run", 1_000_000, 0, "hostile inputs, by fuzz.py"),
    "soak-fast": ("soak", "run_fast", 0, 7200, "seconds of signal, recorded faster than real"),
    "soak": ("soak", "run", 86_400, 0, "seconds recorded in real time"),
}
_MOST_TOLD = 10
_ROW = "{:<28} {:>8} {:>8} {:>10} {:<24} {:<7} {}"


def main(argv: list[str]) -> int:
    """Print a row a test; exit 3 where a target is missed."""
    # where mkfs and losetup are, which not every root has on its path
    os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    parser = argparse.ArgumentParser(
        prog="torture.py", description="Without a number: all tests, as often as for a release."
    )
    for name, (_module, _function, release, quick, what) in TESTS.items():
        said = f"{what} (release: {release:g}, quick: {quick:g})"
        parser.add_argument(f"--{name}", type=float, metavar="N", help=said)
    parser.add_argument("--quick", action="store_true", help="what CI runs, about a minute")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one object a line")
    args = parser.parse_args(argv)
    if os.name != "posix":
        parser.error("it kills and mounts as POSIX systems do; run it on one")
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # what is ignored (nohup) stays ignored
            signal.signal(number, _end)
    met = True
    try:
        with _own_stdout() as out:
            if not args.json:
                print(
                    _ROW.format("test", "count", "failures", "worst", "", "passed", "target"),
                    file=out,
                )
            for row, seconds in _rows(numbers(args), args.seed):
                met = met and (row.passed or bool(row.skipped))
                told = _as_json(row, args.seed, seconds) if args.json else in_words(row)
                print(told, file=out, flush=True)
    except KeyboardInterrupt:
        child.say("Stopped; what was mounted is gone.")
        return 130
    return 0 if met else 3


@contextmanager
def _own_stdout() -> Iterator[TextIO]:
    """Yield stdout; what else is said there, as EDFlib says of a broken file, goes to stderr."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        try:
            yield out
        finally:
            ctypes.CDLL(None).fflush(None)  # what C holds back would go out after that
            os.dup2(out.fileno(), 1)


def numbers(args: argparse.Namespace) -> dict[str, float]:
    """Return how often each test is run: those that were named, else all of them."""
    named = {name: getattr(args, name.replace("-", "_")) for name in TESTS}
    if any(number is not None for number in named.values()):
        return {name: number for name, number in named.items() if number}
    usual = {name: test[3] if args.quick else test[2] for name, test in TESTS.items()}
    return {name: number for name, number in usual.items() if number}


def _rows(wanted: dict[str, float], seed: int) -> Iterator[tuple[Row, float]]:
    """Yield each row and the seconds that it took; the fast soak goes on beside the others."""
    beside = wanted.pop("soak-fast", 0) if len(wanted) > 1 else 0
    if not beside:
        yield from (_row(name, number, seed) for name, number in wanted.items())
        return
    stopped = import_module("torturing.soak").STOPPED
    stopped.clear()
    with ThreadPoolExecutor(1) as pool:
        soak = pool.submit(_row, "soak-fast", beside, seed)
        try:
            yield from (_row(name, number, seed) for name, number in wanted.items())
            yield soak.result()
        finally:
            stopped.set()


def _row(name: str, number: float, seed: int) -> tuple[Row, float]:
    module, function, _release, _quick, _what = TESTS[name]
    begun_s = time.monotonic()
    run = getattr(import_module(f"torturing.{module}"), function)
    row: Row = run(number if name.startswith("soak") else int(number), seed, child.say)
    return row, time.monotonic() - begun_s


def _as_json(row: Row, seed: int, seconds: float) -> str:
    found = asdict(row) | {"passed": row.passed, "seed": seed, "seconds": round(seconds, 1)}
    found["limit"] = row.limit if row.unit else None
    found["date"] = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    found["machine"] = (
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )
    return json.dumps(found, ensure_ascii=False)


def in_words(row: Row) -> str:
    """Return a row for people, and below it what else was seen and what failed."""
    if row.skipped:
        return f"{row.test}: not run here: {row.skipped}"
    verdict = "yes" if row.passed else "NO"
    counts = (row.count, len(row.failures), f"{row.worst:g}", row.unit, verdict, row.target)
    also = ", ".join(f"{name}: {value}" for name, value in row.also.items())
    return "\n  ".join([_ROW.format(row.test, *counts), also, *row.failures[:_MOST_TOLD]])


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
