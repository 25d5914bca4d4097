"""`live`: a source's tension in the terminal, as a bar or as JSON lines."""

import argparse
import sys
import threading
from dataclasses import replace

from biofeedback.cli.output import BarPrinter, JsonPrinter, LinePrinter, Printer, say
from biofeedback.errors import SettingsError
from biofeedback.pipeline import BANDS
from biofeedback.session import Session, State
from biofeedback.settings import Settings, load_settings
from biofeedback.sources import UNITS, SourceOptions, open_source
from biofeedback.training.threshold import check_threshold
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
    parser.add_argument("--sensor", default="", metavar="NAME", help="what is on the board")
    parser.add_argument("--board", default="", metavar="NAME", help="whose counts they are")
    parser.add_argument("--sfreq", type=float, metavar="HZ", help="samples a second")
    parser.add_argument("--unit", choices=UNITS, help="what the numbers of the source are")
    parser.add_argument("--band", choices=tuple(BANDS), help="20-450 Hz or 100-200 Hz")
    parser.add_argument("--threshold-uv", type=float, metavar="X", help="at or below is relaxed")
    parser.add_argument("--fast", action="store_true", help="not paced by the clock")
    parser.add_argument("--json", action="store_true", help="one object a line, ten a second")
    parser.set_defaults(run=run)


def checked_seconds(seconds: float | None) -> float | None:
    """Return `seconds`; raise `SettingsError` where no time can be that long."""
    if seconds is not None and not 0 < seconds < float("inf"):
        raise SettingsError(f"--seconds {seconds:g} is no duration; give a number above 0.")
    return seconds


def run(args: argparse.Namespace) -> int:
    """Print the tension of `args.source` until it ends."""
    settings = load_settings()
    seconds = checked_seconds(args.seconds)
    options = SourceOptions(
        sensor=args.sensor or settings.source.sensor,
        board=args.board or settings.source.board,
        sfreq=args.sfreq,
        unit=args.unit,
        fast=args.fast,
    )
    signal = replace(settings.signal, band=args.band) if args.band else settings.signal
    session = Session(
        open_source(args.source, options),
        signal=signal,
        threshold_uv=args.threshold_uv,
        seconds=seconds,
    )
    if args.json:
        return follow(session, JsonPrinter(sys.stdout), settings=settings)
    bar = sys.stdout.isatty() and not args.fast
    return follow(session, (BarPrinter if bar else LinePrinter)(sys.stdout), settings=settings)


def follow(session: Session, printer: Printer, *, settings: Settings) -> int:
    """Print a session as it runs, then its summary; Ctrl-C ends it cleanly."""
    threading.Thread(target=_tell_status, args=(session,), daemon=True).start()
    begun = False
    try:
        for readings in session.run():
            if not begun:
                _tell_source(session, settings)
                begun = True
            printer.show(session, readings)
    except KeyboardInterrupt:
        pass
    finally:
        if begun:
            printer.end(session)
    return 0


def _tell_status(session: Session) -> None:
    """Say what the source is busy with while it opens."""
    told = ""
    waiting = threading.Event()
    while session.state is State.OPENING:
        status = session.source.status
        if status and status != told:
            say(status + " …")
            told = status
        waiting.wait(0.1)


def _tell_source(session: Session, settings: Settings) -> None:
    """Say what is seen, in which band and how finely; and use the threshold of the settings."""
    info = session.info
    say(f"{info.source}: {len(info.channels)} × {info.sfreq:g} Hz, {band_word(session.band_hz)}")
    if info.simulated:
        say("SIMULATED: this is not a muscle.")
    for floor in dict.fromkeys(floor_word(channel) for channel in info.channels):
        if floor:
            say(f"{floor}: below that a reading says nothing.")
    for note in session.source.notes:
        say(note)
    usual = settings.signal.threshold_uv
    for i, channel in enumerate(info.channels):
        if usual and session.thresholds()[i] != session.thresholds()[i] and channel.unit == "uV":
            try:
                check_threshold(usual, channel)
                session.set_threshold(i, usual)
            except SettingsError as error:
                say(f"{error} The threshold of the settings is left out.")
