"""The heart beside what a command prints: `--heart`, and what comes of it."""

import argparse
import math
import sys
from collections.abc import Callable, Sequence

from biofeedback.cli.output import Printer, print_json, tell
from biofeedback.display.sitting.view_model import clock_word
from biofeedback.errors import SettingsError
from biofeedback.heart.beside import Heartbeat, HeartBeside
from biofeedback.readings import Reading
from biofeedback.recording.live import Recorder
from biofeedback.session import Session
from biofeedback.text import _


def add_heart_word(parser: argparse.ArgumentParser) -> None:
    """Add whether a heart strap is to be heard."""
    parser.add_argument(
        "--heart",
        nargs="?",
        const="",
        metavar="NAME",
        help="heart rate, by Bluetooth: docs/heart.md",
    )


def heart_beside(args: argparse.Namespace, recorders: Sequence[Recorder]) -> list[HeartBeside]:
    """Return the sink that hears the strap, where one was asked for."""
    if args.heart is None:
        return []
    if args.fast:
        raise SettingsError(_("--heart keeps to the clock, --fast does not: leave one out."))
    return [HeartBeside(args.heart, recorders=recorders)]


def with_heart(
    printer: Printer, heart: Sequence[HeartBeside], *, as_json: bool, quiet: bool
) -> Printer:
    """Return `printer` with the heart beside it, where there is one."""
    return WithHeart(printer, heart[0], as_json=as_json, quiet=quiet) if heart else printer


def now_words(heart: Sequence[HeartBeside]) -> Callable[[], str] | None:
    """Return what says the heart rate of now, where one was asked for."""
    return (lambda: heart_word(heart[0].strap.rate_bpm)) if heart else None


class WithHeart:
    """A printer, and what the strap tells, as it comes: a JSON object or a line each.

    Where something moves in place (`quiet`) no line comes between.
    """

    def __init__(self, printer: Printer, heart: HeartBeside, *, as_json: bool, quiet: bool) -> None:
        self._printer, self._heart = printer, heart
        self._as_json, self._quiet = as_json, quiet
        self._told = 0

    def show(self, session: Session, readings: list[Reading]) -> None:
        """Print new readings, and what the strap has told since."""
        self._printer.show(session, readings)
        new = self._heart.came[self._told :]
        self._told += len(new)
        for heard in new:
            if self._as_json:
                self._print(heard)
            elif not self._quiet:
                tell(f"{clock_word(heard.t_s)}  {heart_word(heard.beats.told.rate_bpm)}")

    def _print(self, heard: Heartbeat) -> None:
        told = heard.beats.told
        line = {
            "t_s": heard.t_s,
            "heart_rate_bpm": told.rate_bpm,
            "rr_s": list(told.rr_s),
            "rr_artefacts": list(heard.beats.artefacts),
            "contact": told.contact,
        }
        print_json(line, sys.stdout)

    def end(self, session: Session) -> None:
        """Print what the heart and the session were; JSON ends with the session."""
        summary = self._heart.summary(session.duration_s)
        if self._as_json:
            print_json({"heart": summary}, sys.stdout)
        self._printer.end(session)
        if not self._as_json:
            tell(_mean_word(summary["rate_bpm"]))


def heart_word(rate_bpm: float) -> str:
    """Return a heart rate in words, and where it is from."""
    if math.isnan(rate_bpm):
        return _("heart: no reading from the strap")
    return _("heart {rate:.0f} /min, from the strap").format(rate=rate_bpm)


def _mean_word(rate_bpm: float) -> str:
    """Return the mean heart rate of a sitting in a sentence."""
    if math.isnan(rate_bpm):
        return _("The strap told no heart rate.")
    return _("The heart beat {rate:.0f} times a minute on average, by the strap.").format(
        rate=rate_bpm
    )
