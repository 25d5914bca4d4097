"""`flash`: our firmware onto an Uno or Nano."""

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from biofeedback.cli.output import say, tell
from biofeedback.devices.flash import FlashCancelled, Flashed, Progress, flash
from biofeedback.devices.usb import OtherBoard, choose_port
from biofeedback.text import _

_BAR = 30
_ERASE_LINE = "\r\x1b[K"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `flash`."""
    parser = commands.add_parser("flash", help="put the firmware on an Arduino Uno or Nano")
    parser.add_argument("port", metavar="PORT", nargs="?", help="such as /dev/ttyACM0 or COM5")
    parser.add_argument("--hex", type=Path, metavar="FILE", help="another program than ours")
    parser.add_argument("--force", action="store_true", help="even if the board has it already")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Flash, and say in one line what is on the board now; 1 where it is to be done by hand."""
    try:
        port = choose_port(args.port)
    except OtherBoard as error:
        say(f"biofeedback: {error}")
        for number, step in enumerate(error.steps, 1):
            say(f"  {number}. {step}")
        return 1
    bar = _Bar()
    try:
        with _calling_off() as cancelled:
            done = flash(port, args.hex, tell=bar.show, cancelled=cancelled, force=args.force)
    except FlashCancelled as error:
        bar.end()
        say(str(error))
        return 0
    finally:
        bar.end()
    tell(_sentence(done))
    return 0


@contextlib.contextmanager
def _calling_off() -> Iterator[threading.Event]:
    """Let Ctrl-C, or a terminal that is closed, set an event: half a program is of no use."""
    cancelled = threading.Event()
    names = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, lambda *_: cancelled.set()) for number in numbers}
    try:
        yield cancelled
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _sentence(done: Flashed) -> str:
    if done.written:
        what = _("{port}: written and verified, {size} bytes.")
    else:
        what = _("{port}: this very program, {size} bytes, was on the board already.")
    if done.info:
        who = _("The board runs {name} {version}, build {build}.").format(
            name=done.info.name, version=done.info.version, build=f"{done.info.build:08x}"
        )
    else:
        who = _("It does not speak as our firmware does.")
    return f"{what.format(port=done.port, size=done.size)} {who}"


class _Bar:
    """Shows how far it is on stderr: a bar that moves, or a line a step where none can."""

    def __init__(self) -> None:
        self._moves = sys.stderr is not None and sys.stderr.isatty()
        self._step = ""

    def show(self, progress: Progress) -> None:
        """Show `progress`."""
        if self._moves:
            done = round(progress.share * _BAR)
            bar = "█" * done + "░" * (_BAR - done)
            print(f"{_ERASE_LINE}{bar} {progress.step}", end="", file=sys.stderr, flush=True)
        elif progress.step != self._step:
            say(progress.step)
        self._step = progress.step

    def end(self) -> None:
        """Leave the line to what comes next."""
        if self._moves and self._step:
            print(_ERASE_LINE, end="", file=sys.stderr, flush=True)
            self._step = ""
