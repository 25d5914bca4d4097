"""What is done to a recording by hand, and what it comes to: the file itself stays as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from biofeedback.stream import Annotation
from biofeedback.text import plural

LONGEST_TEXT = 500
"""Characters of a note or a reason: what a log and a screen bear."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An interval that is in no figure, in seconds from the first sample, and why."""

    start_s: float
    stop_s: float
    reason: str


Mark: TypeAlias = Annotation | Exclusion


def tidy(text: str) -> str:
    """Return typed words on one line, not longer than `LONGEST_TEXT`."""
    return " ".join(text.split())[:LONGEST_TEXT]


@dataclass(frozen=True, slots=True)
class Edit:
    """`before` became `after`: None before is something new, None after something removed."""

    before: Mark | None
    after: Mark | None

    @property
    def what(self) -> str:
        """What was done, as the log says it."""
        of = "annotation" if isinstance(self.after or self.before, Annotation) else "exclusion"
        done = "added" if self.before is None else "removed" if self.after is None else "changed"
        return f"{of} {done}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log: number `n` from 1, when (UTC, ISO 8601), and an edit or what it undoes.

    To undo an entry that undoes another is to redo that one.
    """

    n: int
    utc: str
    edit: Edit | None
    undoes: int = 0


@dataclass(frozen=True, slots=True)
class Edited:
    """What a recording comes to by its edits; each in the order of time."""

    annotations: tuple[Annotation, ...]
    excluded: tuple[Exclusion, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edits:
    """The log as it was read, and what is to be said of it, each a sentence.

    `foreign`: it is of another recording, and nothing of it holds.
    """

    entries: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()
    foreign: bool = False

    def in_force(self) -> list[Edit]:
        """Return the edits that are not undone, oldest first."""
        undone: set[int] = set()
        kept: list[Edit] = []
        for entry in reversed(self.entries):
            if entry.n in undone:
                continue
            if entry.edit is None:
                undone.add(entry.undoes)
            else:
                kept.append(entry.edit)
        return kept[::-1]

    def apply(self, annotations: Sequence[Annotation]) -> Edited:
        """Return what the edits make of a recording with `annotations`."""
        marks: list[Mark] = list(annotations)
        astray = 0
        for edit in self.in_force():
            if edit.before is not None:
                if edit.before not in marks:
                    astray += 1
                    continue
                marks.remove(edit.before)
            if edit.after is not None:
                marks.append(edit.after)
        notes = []
        if astray:
            notes.append(
                plural(
                    "{n} of the edits fits no annotation of the recording; it is left out.",
                    "{n} of the edits fit no annotation of the recording; they are left out.",
                    astray,
                ).format(n=astray)
            )
        return Edited(
            tuple(sorted((m for m in marks if isinstance(m, Annotation)), key=_when)),
            tuple(sorted((m for m in marks if isinstance(m, Exclusion)), key=_when)),
            tuple(notes),
        )

    def next_undo(self) -> int:
        """Return the number of the entry whose undoing is the next undo; 0: there is none."""
        return self._stacks()[0]

    def next_redo(self) -> int:
        """Return the number of the entry whose undoing is the next redo; 0: there is none."""
        return self._stacks()[1]

    def _stacks(self) -> tuple[int, int]:
        done: list[int] = []
        undone: list[tuple[int, int]] = []  # the edit, and the entry that undoes it
        for entry in self.entries:
            if entry.edit is not None:
                done.append(entry.n)
                undone.clear()  # something new was done: what lay ahead is past
            elif entry.undoes in done:
                done.remove(entry.undoes)
                undone.append((entry.undoes, entry.n))
            else:
                again = [pair for pair in undone if pair[1] == entry.undoes]
                undone = [pair for pair in undone if pair not in again]
                done += [edit for edit, _undo in again]
        return done[-1] if done else 0, undone[-1][1] if undone else 0


def _when(mark: Mark) -> float:
    return mark.onset_s if isinstance(mark, Annotation) else mark.start_s


def excluded_spans(
    excluded: Sequence[Exclusion], *, sfreq: float, n_samples: int
) -> NDArray[np.int64]:
    """Return the samples that are excluded: start and stop of each run, ``(n, 2)``, in order."""
    spans: list[list[int]] = []
    last = n_samples / sfreq
    for one in sorted(excluded, key=_when):
        start, stop = (round(min(max(t, 0.0), last) * sfreq) for t in (one.start_s, one.stop_s))
        if spans and start <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], stop)
        elif start < stop:
            spans.append([start, stop])
    return np.array(spans, dtype=np.int64).reshape(-1, 2)
