"""`live`: a source's tension in the terminal, as a bar or as JSON lines."""

import argparse
import contextlib
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from biofeedback.bands import BANDS
from biofeedback.cli.heart_words import add_heart_word, heart_beside, now_words, with_heart
from biofeedback.cli.outlet_words import add_outlet_words, outlets
from biofeedback.cli.output import BarPrinter, JsonPrinter, LinePrinter, Printer, say
from biofeedback.cli.sounding import add_sound_word, sounding
from biofeedback.cli.source_words import (
    add_settings_word,
    add_source_words,
    settings_in_force,
    source_options,
)
from biofeedback.errors import SettingsError
from biofeedback.recording.live import Recorder
from biofeedback.recording.repair import recordings_folder, repair_folder
from biofeedback.session import Session, State
from biofeedback.settings import Settings, SignalSettings
from biofeedback.sources import open_source
from biofeedback.text import _
from biofeedback.words import band_word, floor_word, plain

if TYPE_CHECKING:
    from biofeedback.journal.kept import KeptSitting


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `live`."""
    parser = commands.add_parser(
        "live",
        help="muscle tension in the terminal, as a bar or as JSON lines",
        description="Sources: sim:NAME, sim:FILE.toml, serial:PORT, lsl:NAME, or a recording.",
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
    add_settings_word(parser)
    parser.add_argument("--record", type=Path, metavar="FILE", help=".edf (16 bits) or .bdf (24)")
    parser.add_argument(
        "--person", metavar="ID", help="recorded into the journal of that pseudonym"
    )
    add_sound_word(parser)
    add_heart_word(parser)
    add_outlet_words(parser)
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
    settings = settings_in_force(args.settings, args.source)
    settings = replace(settings, signal=_signal_settings(args, settings.signal))
    if args.person is None:
        return _live(args, settings, None)
    from biofeedback.journal.kept import kept_sitting  # a database takes a while to load

    with kept_sitting(args.person, settings) as kept:
        return _live(args, settings, kept)


def _live(args: argparse.Namespace, settings: Settings, kept: "KeptSitting | None") -> int:
    bar = sys.stdout.isatty() and not args.fast and not args.json
    recorders = _recorders(args, settings, kept)
    heart = heart_beside(args, recorders)
    session = Session(
        open_source(args.source, source_options(args, settings, fast=args.fast)),
        signal=settings.signal,
        threshold_uv=args.threshold_uv,
        seconds=checked_seconds(args.seconds),
        keep_signal=bar,
        sinks=[*recorders, *heart, *outlets(args, settings)],
    )
    if args.json:
        printer: Printer = JsonPrinter(sys.stdout)
    else:
        printer = (
            BarPrinter(sys.stdout, beside=now_words(heart)) if bar else LinePrinter(sys.stdout)
        )
    printer = with_heart(printer, heart, as_json=args.json, quiet=bar)
    try:
        with sounding(args, settings.sound, printer) as printer:
            return follow(session, printer)
    finally:
        if kept and kept.sitting:
            told = session.outcome()
            if heart:
                told["heart"] = plain(heart[0].summary(session.duration_s))
            kept.finish(duration_s=session.duration_s, summary=told)


def _recorders(
    args: argparse.Namespace, settings: Settings, kept: "KeptSitting | None"
) -> list[Recorder]:
    """Return what records, to a file, into the journal; what broke off before is made whole."""
    paths = [*([args.record] if args.record else []), *([kept.new_recording] if kept else [])]
    if paths:
        for repaired in repair_folder(recordings_folder()):
            say(repaired.sentence)
    signal = settings.signal
    if args.threshold_uv is not None:
        signal = replace(signal, threshold_uv=args.threshold_uv)
    return [
        Recorder(
            path,
            signal=signal,
            bursts=settings.bursts,
            patient=args.fast,
            heart=args.heart is not None,
        )
        for path in paths
    ]


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
    over = threading.Event()
    status = threading.Thread(target=_tell_status, args=(session, over), daemon=True)
    status.start()
    begun, told = False, 0
    try:
        with contextlib.closing(session.run()) as run:
            for readings in run:
                if not begun:
                    _tell_source(session)
                    begun = True
                told = _tell_notes(session, told)
                printer.show(session, readings)
    except KeyboardInterrupt:
        pass
    finally:
        over.set()
        status.join()  # Python aborts where it ends while a thread is at standard error
        if begun:
            _tell_notes(session, told)
            printer.end(session)
    return 0


def _tell_notes(session: Session, told: int) -> int:
    """Say what the session has noted beyond the first `told`; return how many are told now."""
    notes = session.notes[told:]
    for note in notes:
        say(note)
    return told + len(notes)


def _end_cleanly_when_told() -> None:
    """Take being ended from outside as Ctrl-C; what is ignored (nohup) stays ignored."""
    for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        told = getattr(signal, name, None)
        if told is not None and signal.getsignal(told) is signal.SIG_DFL:
            signal.signal(told, signal.default_int_handler)


def _tell_status(session: Session, over: threading.Event) -> None:
    """Say what the source is busy with while it opens, or waits for a board that was lost."""
    told = ""
    while session.state in (State.OPENING, State.RUNNING) and not over.is_set():
        status = session.source.status
        if status and status != told:
            say(status if status.endswith((".", "?")) else status + " …")
        told = status
        over.wait(0.1)


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
