"""`live`: a source's tension in the terminal, as a bar or as JSON lines."""

import argparse
import contextlib
import signal
import sys
import threading
from dataclasses import replace

from biofeedback.bands import BANDS
from biofeedback.cli.output import BarPrinter, JsonPrinter, LinePrinter, Printer, say
from biofeedback.cli.source_words import add_source_words, source_options
from biofeedback.errors import SettingsError
from biofeedback.session import Session, State
from biofeedback.settings import SignalSettings, load_settings
from biofeedback.sources import open_source
from biofeedback.text import _
from biofeedback.words import band_word, floor_word


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `live`."""
    parser = commands.add_parser(
        "live",
        help="muscle tension in the terminal, as a bar or as JSON lines",
        description="Sources: sim:NAME, sim:FILE.toml, serial:, serial:PORT, or a recording.",
    )
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("--seconds", type=float, metavar="N", help="stop after N seconds of signal")
    add_source_words(parser)
    parser.add_argument("--band", choices=tuple(BANDS), help="20-450 Hz or 100-200 Hz")
    parser.add_argument("--mains", choices=("off", "50", "60"), help="notches at its harmonics")
    parser.add_argument(
        "--heartbeat", choices=("keep", "remove"), help="remove: a quarter of a second later"
    )
    parser.add_argument("--threshold-uv", type=float, metavar="X", help="at or below is relaxed")
    parser.add_argument("--fast", action="store_true", help="not paced by the clock")
    parser.add_argument("--json", action="store_true", help="one object a line, ten a second")
    parser.set_defaults(run=run)


def checked_seconds(seconds: float | None) -> float | None:
    """Return `seconds`; raise `SettingsError` where no time can be that long."""
    if seconds is not None and not 0 < seconds < float("inf"):
        raise SettingsError(
            _("--seconds {seconds:g} is no duration; give a number above 0.").format(
                seconds=seconds
            )
        )
    return seconds


def run(args: argparse.Namespace) -> int:
    """Print the tension of `args.source` until it ends."""
    settings = load_settings()
    seconds = checked_seconds(args.seconds)
    options = source_options(args, settings, fast=args.fast)
    bar = sys.stdout.isatty() and not args.fast and not args.json
    session = Session(
        open_source(args.source, options),
        signal=_signal_settings(args, settings.signal),
        threshold_uv=args.threshold_uv,
        seconds=seconds,
        keep_signal=bar,
    )
    if args.json:
        return follow(session, JsonPrinter(sys.stdout))
    return follow(session, (BarPrinter if bar else LinePrinter)(sys.stdout))


def _signal_settings(args: argparse.Namespace, signal: SignalSettings) -> SignalSettings:
    """Return the settings with what the words say instead."""
    if args.band:
        signal = replace(signal, band=args.band)
    if args.heartbeat:
        signal = replace(signal, heartbeat=args.heartbeat)
    if args.mains == "off":
        signal = replace(signal, mains_filter="off")
    elif args.mains:
        signal = replace(signal, mains_filter="on", mains_hz=float(args.mains))
    return signal


def follow(session: Session, printer: Printer) -> int:
    """Print a session as it runs, then its summary; Ctrl-C ends it cleanly."""
    _end_cleanly_when_told()
    threading.Thread(target=_tell_status, args=(session,), daemon=True).start()
    begun, told = False, 0
    try:
        with contextlib.closing(session.run()) as run:
            for readings in run:
                if not begun:
                    _tell_source(session)
                    begun = True
                for note in session.notes[told:]:
                    say(note)
                told = len(session.notes)
                printer.show(session, readings)
    except KeyboardInterrupt:
        pass
    finally:
        if begun:
            printer.end(session)
    return 0


def _end_cleanly_when_told() -> None:
    """Take being ended from outside as Ctrl-C; what is ignored (nohup) stays ignored."""
    for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        told = getattr(signal, name, None)
        if told is not None and signal.getsignal(told) is signal.SIG_DFL:
            signal.signal(told, signal.default_int_handler)


def _tell_status(session: Session) -> None:
    """Say what the source is busy with while it opens, or waits for a board that was lost."""
    told = ""
    waiting = threading.Event()
    while session.state in (State.OPENING, State.RUNNING):
        status = session.source.status
        if status and status != told:
            say(status if status.endswith((".", "?")) else status + " …")
        told = status
        waiting.wait(0.1)


def _tell_source(session: Session) -> None:
    """Say what is seen, in which band and how finely."""
    info = session.info
    say(
        _("{source}: {n} × {sfreq:g} Hz, {band}").format(
            source=info.source,
            n=len(info.channels),
            sfreq=info.sfreq,
            band=band_word(session.band_hz),
        )
    )
    if info.simulated:
        say(_("SIMULATED: this is not a muscle."))
    for floor in dict.fromkeys(floor_word(channel) for channel in info.channels):
        if floor:
            say(_("{floor}: below that a reading says nothing.").format(floor=floor))
