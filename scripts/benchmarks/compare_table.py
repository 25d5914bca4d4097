"""Which boards are read by whom, and the table of what came of it."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from child import say

from benchmarks import compare_peers
from benchmarks.compare_run import Client, ClientFailed, Found, measure
from biofeedback import kernel
from biofeedback.sources.framed_board import GATHER_S

WARM_UP_S, QUICK_WARM_UP_S, QUICK_S = 4.0, 0.5, 2.0
TRIES = 3
OFTEN_S = 0.004  # a sample of a Cyton
# Chords boards heed a command after a second; in that very moment chordspy asks anew, and where the
# two meet the board takes both questions for one that it does not know.
SOONER = {"heeds_s": 0.5}


@dataclass(frozen=True)
class Case:
    """A board as it is emulated, and who reads it besides us."""

    title: str
    kind: str
    burst_ms: float
    ours: str
    device: dict[str, float] = field(default_factory=dict)
    chordspy: bool = False
    brainflow: str = ""
    """Its name of the board."""
    session: bool = False
    """Our whole session is measured too."""

    @property
    def name(self) -> str:
        """What the command line calls it."""
        return f"{self.kind}-{self.burst_ms:g}ms"


def _cases() -> Iterator[Case]:
    for burst_ms in (1.0, 4.0, 16.0):
        session = burst_ms == 4.0
        yield Case(
            "Chords UNO-R4, 500 Hz x 6",
            *("chords-uno-r4", burst_ms, "wire=chords", SOONER),
            chordspy=True,
            session=session,
        )
        yield Case(
            "Chords MEGA-2560, 250 Hz x 16",
            *("chords-mega", burst_ms, "wire=chords", SOONER),
            chordspy=True,
            session=session,
        )
        yield Case(
            "Cyton, 250 Hz x 8",
            *("cyton", burst_ms, "wire=cyton"),
            brainflow="CYTON_BOARD",
            session=session,
        )
        yield Case(
            "Cyton with Daisy, 125 Hz x 16",
            *("cyton-daisy", burst_ms, "wire=cyton"),
            brainflow="CYTON_DAISY_BOARD",  # no session: 125 Hz is too slow for EMG
        )
        n = {1.0: 6, 4.0: 4, 16.0: 1}[burst_ms]
        yield Case(
            f"BITalino, 1000 Hz x {n}",
            *("bitalino", burst_ms, f"wire=bitalino&channels={n}"),
            {"channels": n},
            session=session,
        )


CASES = sorted(_cases(), key=lambda case: case.title, reverse=True)
QUICK = Case("Cyton, 250 Hz x 8", "cyton", 1.0, "wire=cyton")


def main(argv: list[str]) -> int:
    """Print a line for each client at each board; exit 3 where we lost, doubled or altered any."""
    parser = argparse.ArgumentParser(prog="compare_devices.py")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each measurement")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--quick", action="store_true", help="ours alone, one board, 2 seconds")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="all, or those that begin so")
    args = parser.parse_args(argv)
    cases = [QUICK] if args.quick else _named(args.cases)
    if not cases:
        parser.error(f"there are: {', '.join(case.name for case in CASES)}")
    seconds, warm_up_s = (QUICK_S, QUICK_WARM_UP_S) if args.quick else (args.seconds, WARM_UP_S)
    _say_where(seconds)
    if not args.json:
        print(HEAD)
    perfect = True
    for case in cases:
        for client in clients(case):
            found = _try(case, client, seconds=seconds, warm_up_s=warm_up_s)
            print(
                as_json(case, client, found) if args.json else row(case, client, found), flush=True
            )
            if client.ours:
                perfect &= found is not None and not found.lost + found.twice + found.altered
    return 0 if perfect else 3


def _named(names: list[str]) -> list[Case]:
    return [case for case in CASES if not names or any(case.name.startswith(n) for n in names)]


def clients(case: Case) -> Iterator[Client]:
    """Yield who reads the board of `case`; who could not be installed is said and left out."""
    ours = (sys.executable, "benchmarks.compare_ours")
    yield Client("biofeedback", *ours, (case.ours, "source"), ours=True)
    if case.session:
        yield Client("biofeedback, the whole session", *ours, (case.ours, "session"), ours=True)
    if case.chordspy and (peer := _peer("chordspy")):
        yield Client(f"chordspy {peer[1]}", peer[0], "benchmarks.compare_chordspy")
    if case.brainflow and (peer := _peer("brainflow")):
        for poll_s in (GATHER_S, OFTEN_S):
            yield Client(
                f"BrainFlow {peer[1]}, each {1000 * poll_s:g} ms",
                *(peer[0], "benchmarks.compare_brainflow", (case.brainflow, str(poll_s))),
            )


def _peer(name: str) -> tuple[str, str] | None:
    peer = compare_peers.ensure(name)
    if peer is None:
        say(f"Left out: {name}: it could not be installed.")
    return peer


def _try(case: Case, client: Client, *, seconds: float, warm_up_s: float) -> Found | None:
    """Measure; once more where a client does not get the board going, as chordspy at times."""
    for _ in range(TRIES):
        try:
            return measure(
                (case.kind, case.burst_ms, case.device),
                client,
                seconds=seconds,
                warm_up_s=warm_up_s,
            )
        except ClientFailed as error:
            say(f"{client.name}, {case.name}: {error}")
    return None


HEAD = (
    "| board | bursts | client | sent | received | lost | twice | altered | CPU | p50 | p99 |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|"
)


def row(case: Case, client: Client, found: Found | None) -> str:
    """Return a line of the table; a dash where nothing was found."""
    if found is None:
        figures = ["–"] * 8
    else:
        counts = (found.sent, found.received, found.lost, found.twice, found.altered)
        figures = [str(n) for n in counts]
        figures += [f"{found.percent:.2f} %", f"{found.p50_ms:.1f} ms", f"{found.p99_ms:.1f} ms"]
    cells = [case.title, f"{case.burst_ms:g} ms", client.name, *figures]
    return f"| {' | '.join(cells)} |"


def as_json(case: Case, client: Client, found: Found | None) -> str:
    head = {"case": case.name, "board": case.title, "burst_ms": case.burst_ms}
    return json.dumps({**head, "client": client.name, "found": found and asdict(found)})


def _say_where(seconds: float) -> None:
    how = "with the kernel" if kernel.compiled else "without the kernel"
    say(
        f"{seconds:g} s each, Python {platform.python_version()} {how}, {platform.system()} "
        f"{platform.release()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}."
    )
