"""What is said of files that were brought in: a sentence, and what there is to know beside it."""

from collections.abc import Sequence

from biofeedback.taking_in import Outcome, Table
from biofeedback.text import _, plural

_REFUSED_NAMED = 20


def outcome_words(outcome: Outcome, person: str, *, stopped: bool) -> tuple[str, list[str]]:
    """Return what is in the journal now, and lines of what was passed over and why."""
    parts = [
        plural("{n} recording", "{n} recordings", outcome.recordings).format(n=outcome.recordings),
        plural("{n} entry", "{n} entries", outcome.entries).format(n=outcome.entries),
    ]
    came = _("New in the journal of {person}: {recordings}, {entries}.").format(
        person=person, recordings=parts[0], entries=parts[1]
    )
    said = came
    if stopped:
        said = came + " " + _("Stopped: choose the same again, and it goes on.")
    told = []
    if outcome.known:
        told.append(
            plural(
                "{n} was there already and is not taken twice.",
                "{n} were there already and are not taken twice.",
                outcome.known,
            ).format(n=outcome.known)
        )
    if outcome.dated:
        told.append(
            plural(
                "{n} recording does not say when it was made: the date of its file tells.",
                "{n} recordings do not say when they were made: the dates of their files tell.",
                outcome.dated,
            ).format(n=outcome.dated)
        )
    if not (outcome.recordings or outcome.entries or outcome.known or stopped):
        told += [] if outcome.refused or outcome.held_back else [_("There was nothing to take.")]
    return said, [*told, *_refused(outcome.refused), *_broken(outcome.held_back)]


def _refused(lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    first = plural("{n} file was not taken:", "{n} files were not taken:", len(lines))
    told = [first.format(n=len(lines)), *lines[:_REFUSED_NAMED]]
    more = len(lines) - _REFUSED_NAMED
    return [*told, _("… and {n} more.").format(n=more)] if more > 0 else told


def _broken(tables: Sequence[Table]) -> list[str]:
    lines = [line for table in tables for line in table.told()]
    if not lines:
        return []
    names = ", ".join(table.file.name for table in tables)
    return [_("Nothing was taken from {names}, since rows are broken:").format(names=names), *lines]


def sound_words(tables: Sequence[Table]) -> tuple[str, str]:
    """Return what the button that takes the rest is called, and what it does."""
    n = sum(len(table.entries) for table in tables)
    text = plural("Take the {n} entry that is &sound", "Take the {n} entries that are &sound", n)
    return text.format(n=n), _("The broken rows are left out")
