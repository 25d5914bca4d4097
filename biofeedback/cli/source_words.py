"""The words about a source that several commands share."""

import argparse

from biofeedback.boards import UNITS
from biofeedback.settings import Settings
from biofeedback.sources import SourceOptions


def add_source_words(parser: argparse.ArgumentParser) -> None:
    """Add what may be said of a source or a recording that does not tell it itself."""
    parser.add_argument("--sensor", default="", metavar="NAME", help="what is on the board")
    parser.add_argument("--board", default="", metavar="NAME", help="whose counts they are")
    parser.add_argument("--sfreq", type=float, metavar="HZ", help="samples a second")
    parser.add_argument("--unit", choices=UNITS, help="what the numbers of the source are")


def source_options(args: argparse.Namespace, settings: Settings, *, fast: bool) -> SourceOptions:
    """Return what was said; for sensor and board what the settings say stands in."""
    return SourceOptions(
        sensor=args.sensor or settings.source.sensor,
        board=args.board or settings.source.board,
        sfreq=args.sfreq,
        unit=args.unit,
        fast=fast,
    )
