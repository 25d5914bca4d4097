"""The goals of speed, each measured in a process of its own."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import peers

# name: the module that measures it, and its words
GOALS = {
    "G1": ("chunk", "8"),
    "G2": ("chunk", "1"),
    "G3": ("offline", "8"),
    "G4": ("offline", "1"),
    "G5": ("same_bits",),
    "G6": ("start_up",),
    "G7": ("decode",),
    "G8": ("live",),
    "G9-patient": ("display", "patient"),
    "G9-therapist": ("display", "therapist"),
    "G10": ("hour",),
    "latency": ("display", "latency"),
    "reconnect": ("reconnect",),
    "record": ("record",),
    "clients": ("clients",),
}
WITH_PEERS = {"chunk", "offline", "hour"}
# One core on either side: their own threads would measure how busy the machine is.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def main(argv: list[str]) -> int:
    """Print a line a goal; exit 3 where one that must be reached is not."""
    parser = argparse.ArgumentParser(prog="bench.py")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each measurement")
    parser.add_argument("goals", nargs="*", metavar="GOAL", help=", ".join(GOALS))
    args = parser.parse_args(argv)
    wanted = goals_named(args.goals)
    if not wanted:
        parser.error(f"there are: {', '.join(GOALS)}")
    if any(GOALS[goal][0] in WITH_PEERS for goal in wanted):
        peers.tell_missing(peers.ensure_peers()[1])
    reached = True
    for goal in wanted:
        module, *words = GOALS[goal]
        command = [sys.executable, "-m", f"benchmarks.{module}", *words, str(args.seconds)]
        done = subprocess.run(
            command,
            cwd=Path(__file__).parents[1],
            env=os.environ | ONE_THREAD,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        for line in done.stdout.splitlines():
            found = json.loads(line)
            reached = reached and found["must"]
            print(line if args.json else in_words(found), flush=True)
    return 0 if reached else 3


def goals_named(names: Sequence[str]) -> list[str]:
    """Return the goals of these names, `G9` being all that begin with `G9-`; all for none."""
    return [g for g in GOALS if not names or g in names or g.split("-")[0] in names]


def in_words(found: dict[str, object]) -> str:
    """Return a goal's line for people."""
    against = found["against"]
    assert isinstance(against, dict)  # noqa: S101
    others = ", ".join(f"{name} {value:g}" for name, value in against.items())
    verdict = "stretch" if found["stretch"] else "must" if found["must"] else "NOT REACHED"
    return (
        f"{found['goal']:<8} {found['what']:<60} {found['ours']:>8.3g} {found['unit']:<10} "
        f"({others})  {verdict}"
    )
