"""Sound beside what a command prints."""

import argparse
import contextlib
from collections.abc import Iterator
from dataclasses import replace

from biofeedback.cli.output import Printer, say
from biofeedback.display.sitting.by_ear import ByEar
from biofeedback.errors import SettingsError
from biofeedback.readings import Reading
from biofeedback.session import Session
from biofeedback.settings import SoundSettings
from biofeedback.sound.heard import Mapping
from biofeedback.text import _

# For the last sentence of a training.
_LAST_WORDS_S = 10.0


def add_sound_word(parser: argparse.ArgumentParser) -> None:
    """Add how the tension is to be heard."""
    parser.add_argument(
        "--sound",
        choices=[mapping.value for mapping in Mapping],
        help="by ear: docs/sound.md",
    )


@contextlib.contextmanager
def sounding(
    args: argparse.Namespace, settings: SoundSettings, printer: Printer
) -> Iterator[Printer]:
    """Yield `printer` with the sound that is asked for beside it, until it is left."""
    if args.fast:
        if args.sound:
            raise SettingsError(_("--sound keeps to the clock, --fast does not: leave one out."))
        yield printer
        return
    with_sound = Sounding(
        printer, ByEar(replace(settings, mapping=args.sound) if args.sound else settings)
    )
    try:
        yield with_sound
    finally:
        with_sound.stop()


class Sounding:
    """A printer, and what is heard at the same time."""

    def __init__(self, printer: Printer, by_ear: ByEar) -> None:
        self._printer, self._by_ear = printer, by_ear

    def show(self, session: Session, readings: list[Reading]) -> None:
        """Let it be heard and printed."""
        self._by_ear.follow(session)
        self._tell_news()
        self._printer.show(session, readings)

    def end(self, session: Session) -> None:
        """Say and print the rest."""
        self._by_ear.follow(session)
        self._printer.end(session)

    def stop(self) -> None:
        """Fall silent, once the last sentence is said."""
        self._by_ear.stop(patience_s=_LAST_WORDS_S)
        self._tell_news()

    def _tell_news(self) -> None:
        for note in self._by_ear.news():
            say(note)
