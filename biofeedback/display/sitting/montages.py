"""Clients with their montages as a therapist sees them, and a sitting by a montage; no Qt."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.course_model import number_words
from biofeedback.errors import JournalError
from biofeedback.journal.nouns import Montage, Overview
from biofeedback.settings import SignalSettings
from biofeedback.stream import StreamInfo
from biofeedback.text import _, plural

if TYPE_CHECKING:
    from biofeedback.journal.journal import Journal


@dataclass(frozen=True, slots=True)
class Client:
    """A person as the list has them. `last`: when they sat last; None where they never did.

    `course`: which sitting of a course comes next, in words; empty where none was agreed on.
    """

    person: str
    last: datetime | None
    sittings: int
    course: str
    montages: tuple[Montage, ...]

    def text(self) -> str:
        """Return them in a line."""
        if self.last is None:
            return _("{person} · no sitting yet").format(person=self.person)
        line = plural(
            "{person} · {n} sitting, on {day}",
            "{person} · {n} sittings, last on {day}",
            self.sittings,
        ).format(person=self.person, n=self.sittings, day=self.last.astimezone().date())
        return f"{line} · {self.course}" if self.course else line


def read_clients(journal: "Journal") -> list[Client]:
    """Return everybody with their montages, by pseudonym; raises `JournalError`."""
    return [_client(seen) for seen in journal.everybody()]


def _client(seen: Overview) -> Client:
    course = ""
    if seen.course is not None:
        course = number_words(seen.trained + 1, seen.course.sittings)
    return Client(seen.person.id, seen.last, seen.sittings, course, seen.montages)


def check_montage(montage: Montage) -> None:
    """Raise `JournalError` where the sensors of a montage are not all of one kind.

    A board of ours is told of one kind alone.
    """
    if len({channel.sensor for channel in montage.channels}) > 1:
        raise JournalError(
            _(
                "The montage {name} has sensors of several kinds, and one board takes one kind: "
                "change the montage so that all are alike."
            ).format(name=montage.name)
        )


def with_montage(choice: Choice, montage: Montage) -> Choice:
    """Return `choice` with what `montage` says, for this sitting alone."""
    options = replace(
        choice.options,
        labels=tuple(channel.label for channel in montage.channels),
        sensor=montage.channels[0].sensor or choice.options.sensor,
        channels=len(montage.channels),
    )
    return replace(choice, options=options, protocol=montage.protocol, montage=montage)


def signal_for(signal: SignalSettings, montage: Montage | None) -> SignalSettings:
    """Return how the signal is read in a sitting with `montage`; the settings stay as they are."""
    return replace(signal, band=montage.band) if montage else signal


def misfit(montage: Montage, info: StreamInfo) -> str:
    """Return why a board does not fit a montage, and what to do; empty where it does."""
    wanted, there = len(montage.channels), len(info.channels)
    if wanted == there:
        return ""
    return _(
        "The montage {name} has {wanted} muscles, and the board sends {there} channels: change the "
        "montage, or let the board send as many."
    ).format(name=montage.name, wanted=wanted, there=there)
