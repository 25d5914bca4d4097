"""`repair`: a recording that broke off is made whole."""

import argparse
from pathlib import Path

from biofeedback.cli.output import tell
from biofeedback.recording.repair import repair


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `repair`."""
    parser = commands.add_parser(
        "repair", help="make a recording whole after a crash; says what was saved and lost"
    )
    parser.add_argument("recording", metavar="RECORDING", type=Path)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Repair `args.recording`."""
    tell(repair(args.recording).sentence)
    return 0
