"""What is said of all that the journal holds of somebody, once it lies in a folder; no Qt."""

from collections.abc import Iterable
from pathlib import Path

from biofeedback.journal.nouns import Holdings
from biofeedback.text import _, plural


def holds_words(held: Holdings) -> str:
    """Return in a sentence what there is of a person."""
    counted = [
        plural("{n} sitting", "{n} sittings", held.sittings).format(n=held.sittings),
        plural("{n} entry", "{n} entries", held.entries).format(n=held.entries),
        plural("{n} treatment", "{n} treatments", held.treatments).format(n=held.treatments),
        plural("{n} trial", "{n} trials", held.trials).format(n=held.trials),
        plural("{n} file with recordings", "{n} files with recordings", len(held.files)).format(
            n=len(held.files)
        ),
    ]
    return _("It holds: {counted} ({size:.1f} MB).").format(
        counted=", ".join(counted), size=held.size / 1e6
    )


def done_words(person: str, folder: Path, held: Holdings) -> list[str]:
    """Return where all of a person lies now, what it holds, and who sees it."""
    return [
        _("All that the journal holds of {person} is in {folder} now.").format(
            person=person, folder=folder
        ),
        holds_words(held),
        _("Nothing was sent: nobody else sees it unless you pass it on. The journal keeps it too."),
    ]


def astray_words(missing: Iterable[str], changed: Iterable[str]) -> list[str]:
    """Return a sentence for each recording that is not there, or not as it was."""
    gone = _("{name} is not in the folder of recordings, so it is not in here.")
    other = _("{name} is not what it was when it was made; it is in here as it is.")
    return [
        *(gone.format(name=name) for name in missing),
        *(other.format(name=name) for name in changed),
    ]
