"""The goals of speed, each measured in a process of its own."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

# name: (what is measured, the module that does it, its words)
GOALS = {
    "G7": ("decode",),
    "G8": ("live",),
    "G9-patient": ("display", "patient"),
    "G9-therapist": ("display", "therapist"),
    "latency": ("display", "latency"),
    "reconnect": ("reconnect",),
}


def main(argv: list[str]) -> int:
    """Print a line a goal; exit 3 where one that must be reached is not."""
    parser = argparse.ArgumentParser(prog="bench.py")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each measurement")
    parser.add_argument("goals", nargs="*", metavar="GOAL", help=", ".join(GOALS))
    args = parser.parse_args(argv)
    wanted = [g for g in GOALS if not args.goals or any(g.startswith(w) for w in args.goals)]
    if not wanted:
        parser.error(f"there are: {', '.join(GOALS)}")
    reached = True
    for goal in wanted:
        module, *words = GOALS[goal]
        command = [sys.executable, "-m", f"benchmarks.{module}", *words, str(args.seconds)]
        done = subprocess.run(
            command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, check=True, text=True
        )
        for line in done.stdout.splitlines():
            found = json.loads(line)
            reached = reached and found["must"]
            print(line if args.json else _in_words(found), flush=True)
    return 0 if reached else 3


def _in_words(found: dict[str, object]) -> str:
    against = found["against"]
    assert isinstance(against, dict)  # noqa: S101
    others = ", ".join(f"{name} {value:g}" for name, value in against.items())
    verdict = "stretch" if found["stretch"] else "must" if found["must"] else "NOT REACHED"
    return (
        f"{found['goal']:<8} {found['what']:<60} {found['ours']:>8.3g} {found['unit']:<10} "
        f"({others})  {verdict}"
    )
