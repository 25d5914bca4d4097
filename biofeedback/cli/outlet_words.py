"""What goes out to other programs beside what a command prints."""

import argparse
from dataclasses import replace

from biofeedback.errors import SettingsError
from biofeedback.outlets import make_outlets
from biofeedback.settings import LslSettings, OscSettings, Settings
from biofeedback.stream import Sink
from biofeedback.text import _

_NAME = "biofeedback"


def add_outlet_words(parser: argparse.ArgumentParser) -> None:
    """Add where the stream and its tension are to go."""
    parser.add_argument(
        "--lsl",
        nargs="?",
        const=_NAME,
        metavar="NAME",
        help="by LSL: docs/lsl.md",
    )
    parser.add_argument("--osc", metavar="HOST:PORT", help="by OSC: docs/control.md")


def outlets(args: argparse.Namespace, settings: Settings) -> list[Sink]:
    """Return what was asked for; what is not said the settings say, for what keeps to the clock."""
    if args.fast:
        if args.lsl or args.osc:
            raise SettingsError(
                _("--lsl and --osc keep to the clock, --fast does not: leave --fast out.")
            )
        return []
    if args.lsl is not None:
        settings = replace(settings, lsl=LslSettings(args.lsl))
    if args.osc is not None:
        settings = replace(settings, osc=OscSettings(args.osc))
    return [*make_outlets(settings)]
