"""The command line: parse words, build objects, print."""

import argparse
import contextlib
import io
import os
import sys
from typing import NoReturn

from biofeedback import __version__
from biofeedback.cli import (
    analyze,
    check,
    convert,
    demo,
    flash,
    journal,
    listings,
    live,
    pressure,
    protocols,
    repair,
    report,
    simulate,
    train,
    trial,
    window,
)
from biofeedback.cli.output import say
from biofeedback.errors import BiofeedbackError
from biofeedback.text import _, harmless


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        super().error(harmless(message))  # a file's name, which a shell filled in


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each sets `run`, which returns an exit code."""
    parser = _Parser(
        prog="biofeedback",
        description="An open monitor of muscle tension. Without a command: the window.",
        epilog="For awareness and relaxation training. Not a medical device.",
    )
    parser.add_argument("--version", action="version", version=f"biofeedback {__version__}")
    parser.set_defaults(run=window.run)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    for room in (
        demo,
        live,
        check,
        train,
        trial,
        protocols,
        analyze,
        convert,
        repair,
        report,
        simulate,
        journal,
        pressure,
        flash,
        listings,
    ):
        room.add(commands)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the command in `argv`; return 0, or 1 with a sentence on stderr (2: wrong usage)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # µ and – on a terminal that is set to ASCII
            stream.reconfigure(errors="replace")
    args = make_parser().parse_args(argv)
    try:
        if sys.stdout is None:
            raise BiofeedbackError(_("There is no output to print to: standard output is closed."))
        code: int = args.run(args)
        sys.stdout.flush()
    except BiofeedbackError as error:
        say(f"biofeedback: {error}")
        return 1
    except BrokenPipeError:  # the reader of our output has gone (`| head`); nobody is left to tell
        _give_up_output()
        return 0
    except OSError as error:
        _give_up_output()
        say(_("biofeedback: the output cannot be written ({why}).").format(why=error.strerror))
        return 1
    except MemoryError:
        say(_("biofeedback: there is not enough memory for that; make it smaller."))
        return 1
    except KeyboardInterrupt:
        return 0
    return code


def _give_up_output() -> None:
    """Send what is left of the output nowhere, so that Python does not fail on it at its end."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
