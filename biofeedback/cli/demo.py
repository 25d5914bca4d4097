"""`demo`: a simulated muscle, in the window or, without a display, as a bar in the terminal."""

import argparse
import sys

from biofeedback.cli.live import checked_seconds, follow
from biofeedback.cli.output import BarPrinter, LinePrinter, say
from biofeedback.cli.window import missing_window, open_window
from biofeedback.session import Session
from biofeedback.settings import SignalSettings
from biofeedback.sources import open_source
from biofeedback.text import _

DEMO_SOURCE = "sim:relaxing"
DEMO_THRESHOLD_UV = 5.0


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `demo`."""
    parser = commands.add_parser("demo", help="a simulated muscle: the main job, without a board")
    parser.add_argument("--seconds", type=float, metavar="N", help="end after N seconds")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show the simulated muscle wherever it can be shown."""
    seconds = checked_seconds(args.seconds)
    why_not = missing_window()
    if not why_not:
        return open_window(DEMO_SOURCE, threshold_uv=DEMO_THRESHOLD_UV, seconds=seconds)
    say(_("{why_not} Here is the tension as a bar:").format(why_not=why_not))
    # the demo is the same for everyone, whatever was set for one's own muscle
    session = Session(
        open_source(DEMO_SOURCE),
        signal=SignalSettings(),
        threshold_uv=DEMO_THRESHOLD_UV,
        seconds=seconds,
    )
    printer = BarPrinter if sys.stdout.isatty() else LinePrinter
    return follow(session, printer(sys.stdout))
