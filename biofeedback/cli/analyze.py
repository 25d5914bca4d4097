"""`analyze`: the figures of a recording, for people or as JSON."""

import argparse
import math
import sys
from dataclasses import replace
from pathlib import Path

from biofeedback.bands import BANDS
from biofeedback.boards import COUNTS
from biofeedback.cli.output import print_json, say
from biofeedback.cli.source_words import (
    add_settings_word,
    add_source_words,
    file_options,
    settings_in_force,
)
from biofeedback.errors import SettingsError
from biofeedback.sources import read_file
from biofeedback.stream import Channel
from biofeedback.text import _, plural
from biofeedback.training.threshold import check_threshold

MAINS = ("off", "auto", "50", "60")
HEARTBEAT = ("auto", "keep", "remove")
TOLD_EVERY = 0.1  # of a long recording
LONG_S = 1800.0


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `analyze`."""
    parser = commands.add_parser("analyze", help="the figures of a recording")
    parser.add_argument("recording", metavar="RECORDING")
    parser.add_argument("--start", type=float, metavar="S", help="tell of what comes after S")
    parser.add_argument("--stop", type=float, metavar="S", help="tell of what comes before S")
    parser.add_argument("--band", choices=tuple(BANDS), help="20-450 Hz or 100-200 Hz")
    parser.add_argument("--mains", choices=MAINS, default="off", help="notches at its harmonics")
    parser.add_argument(
        "--heartbeat", choices=HEARTBEAT, default="auto", help="auto: removed where it is clear"
    )
    parser.add_argument("--rest-threshold-uv", type=float, metavar="X", help="below is rest")
    add_source_words(parser)
    add_settings_word(parser)
    parser.add_argument("--no-edits", action="store_true", help="the file as it was recorded")
    parser.add_argument("--json", action="store_true", help="one object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the figures of `args.recording`."""
    from biofeedback.analysis.figures import analyze  # what no other command needs
    from biofeedback.analysis.figures_json import figures_json
    from biofeedback.cli.figures import print_figures
    from biofeedback.recording.edit_log import read_edits
    from biofeedback.recording.edits import Edits

    settings = settings_in_force(args.settings, args.recording)
    recording = read_file(args.recording, file_options(args))
    edits = Edits() if args.no_edits else read_edits(Path(args.recording.removeprefix("file:")))
    astray = edits.apply(recording.annotations).notes
    for note in (*recording.notes, *edits.notes, *astray):
        say(note)
    signal = replace(settings.signal, band=args.band) if args.band else settings.signal
    found = analyze(
        recording,
        signal,
        bursts=settings.bursts,
        start_s=args.start,
        stop_s=args.stop,
        rest_threshold=_rest_threshold(recording.info.channels, args.rest_threshold_uv),
        mains=args.mains,
        heartbeat=args.heartbeat,
        edits=edits,
        progress=_Progress() if recording.duration_s > LONG_S else None,
    )
    _say_excluded(len(found.excluded), found.excluded_s)
    if args.json:
        print_json(figures_json(found), sys.stdout)
    else:
        print_figures(found)
    return 0


def _say_excluded(n: int, seconds: float) -> None:
    """Say what was left out by hand, where anything was."""
    if n:
        say(
            plural(
                "{n} interval ({seconds:.1f} s) was excluded by hand.",
                "{n} intervals ({seconds:.1f} s) were excluded by hand.",
                n,
            ).format(n=n, seconds=seconds)
        )


class _Progress:
    """Says now and then how far it is."""

    def __init__(self) -> None:
        self._told = 0.0

    def __call__(self, share: float) -> None:
        if share >= self._told + TOLD_EVERY:
            self._told = share
            say(_("{percent:.0f} % …").format(percent=100 * share))
        elif share < self._told:
            self._told = 0.0


def _rest_threshold(channels: tuple[Channel, ...], threshold_uv: float | None) -> float:
    """Return the rest threshold, NaN for none; raise `SettingsError` where it cannot be."""
    if threshold_uv is None:
        return math.nan
    for channel in channels:
        if channel.unit == COUNTS:
            raise SettingsError(
                _(
                    "A rest threshold in µV means nothing for {label}, which comes in counts: name "
                    "its sensor, so that counts become microvolts."
                ).format(label=channel.label)
            )
        check_threshold(threshold_uv, channel)
    return threshold_uv
