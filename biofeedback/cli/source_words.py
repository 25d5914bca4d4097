"""The words about a source that several commands share."""

import argparse
from dataclasses import replace
from pathlib import Path

from biofeedback.boards import UNITS
from biofeedback.cli.output import say
from biofeedback.errors import SettingsError
from biofeedback.recording.edf.ours import recorded_settings
from biofeedback.settings import Settings, load_settings, read_settings
from biofeedback.sources import SourceOptions
from biofeedback.text import _


def add_source_words(parser: argparse.ArgumentParser) -> None:
    """Add what may be said of a source or a recording that does not tell it itself."""
    parser.add_argument("--sensor", default="", metavar="NAME", help="what is on the board")
    parser.add_argument("--board", default="", metavar="NAME", help="whose counts they are")
    parser.add_argument("--sfreq", type=float, metavar="HZ", help="samples a second")
    parser.add_argument("--unit", choices=UNITS, help="what the numbers of the source are")


def file_options(args: argparse.Namespace) -> SourceOptions:
    """Return what was said of a recording, and nothing else: the settings are of what is live."""
    return SourceOptions(args.sensor, args.board, args.sfreq, args.unit)


def add_settings_word(parser: argparse.ArgumentParser) -> None:
    """Add which settings hold."""
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="settings (TOML), not a recording's"
    )


def settings_in_force(path: Path | None, words: str) -> Settings:
    """Return the settings in the file at `path`; without one those for the source `words`.

    Of a recording of ours they are those that it was made with, for the same numbers as then; the
    user's own for all else. Raises `SettingsError`.
    """
    if path is not None and not path.is_file():
        raise SettingsError(_("There are no settings at {path}; check it.").format(path=path))
    settings = load_settings(path)
    table = None if path else recorded_settings(Path(words.removeprefix("file:")))
    if not table:
        return settings
    try:
        then = read_settings(table, words)
    except SettingsError as error:
        say(_("{error} The settings of now are used.").format(error=error))
        return settings
    if (then.signal, then.bursts) != (settings.signal, settings.bursts):
        say(_("As it was recorded: with the settings of then, which are not those of now."))
    return replace(settings, signal=then.signal, bursts=then.bursts)


def source_options(args: argparse.Namespace, settings: Settings, *, fast: bool) -> SourceOptions:
    """Return what was said; for sensor, board and muscles what the settings say stands in."""
    return SourceOptions(
        sensor=args.sensor or settings.source.sensor,
        board=args.board or settings.source.board,
        sfreq=args.sfreq,
        unit=args.unit,
        labels=settings.source.labels,
        fast=fast,
    )
