"""`convert`: a recording written for another program."""

import argparse
import sys
import time

from biofeedback.cli.output import say
from biofeedback.cli.source_words import add_source_words, file_options
from biofeedback.sources import read_file
from biofeedback.text import _, plural

MAINS = ("50", "60")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `convert`."""
    parser = commands.add_parser("convert", help="write a recording for another program")
    parser.add_argument("recording", metavar="RECORDING")
    parser.add_argument(
        "out",
        metavar="OUT",
        help="its name ends in .edf, .bdf, .csv or .parquet; or in /, for a folder of EMG-BIDS",
    )
    parser.add_argument("--overwrite", action="store_true", help="OUT may be there already")
    parser.add_argument("--subject", default="01", metavar="ID", help="BIDS: letters and digits")
    parser.add_argument("--task", default="recording", metavar="NAME", help="BIDS: likewise")
    parser.add_argument("--mains", choices=MAINS, help="BIDS: of the grid where it was recorded")
    add_source_words(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write `args.recording` to `args.out`."""
    from biofeedback.recording import writers
    from biofeedback.recording.bids_writer import BidsLabels  # what no other command needs

    mains_hz = float(args.mains) if args.mains else None
    labels = BidsLabels(args.subject, args.task, mains_hz)
    writers.check_out(args.out, args.recording, overwrite=args.overwrite)
    recording = read_file(args.recording, file_options(args))
    for note in recording.notes:
        say(note)
    info, seconds = recording.info, recording.duration_s
    try:
        notes = writers.write_recording(
            recording,
            args.out,
            overwrite=args.overwrite,
            labels=labels,
            progress=_Progress() if sys.stderr.isatty() else None,
        )
    except KeyboardInterrupt:
        say(_("Stopped: nothing was written."))
        return 0
    for note in notes:
        say(note)
    n = len(info.channels)
    told = plural(
        "{out}: {seconds:g} s, {n} channel at {sfreq:g} Hz.",
        "{out}: {seconds:g} s, {n} channels at {sfreq:g} Hz.",
        n,
    )
    if info.simulated:
        told = plural(
            "{out}: {seconds:g} s, {n} channel at {sfreq:g} Hz, SIMULATED.",
            "{out}: {seconds:g} s, {n} channels at {sfreq:g} Hz, SIMULATED.",
            n,
        )
    say(told.format(out=args.out, seconds=seconds, n=n, sfreq=info.sfreq))
    return 0


class _Progress:
    """Says once a second how far it is."""

    def __init__(self) -> None:
        self._told_s = time.monotonic()

    def __call__(self, share: float) -> None:
        now_s = time.monotonic()
        if now_s >= self._told_s + 1:
            self._told_s = now_s
            say(_("{percent:.0f} % …").format(percent=100 * share))
