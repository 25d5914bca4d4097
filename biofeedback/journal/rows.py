"""Rows of the journal found, made, and turned into plain values."""

import re
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload

from biofeedback import __version__
from biofeedback.errors import JournalError
from biofeedback.journal.day_nouns import Entry, KeptTrial, NOfOne, Treatment
from biofeedback.journal.model import AnnotationRow, PersonRow, RecordingRow, SittingRow
from biofeedback.journal.nouns import (
    Calibration,
    Conditions,
    Course,
    KeptRecording,
    Montage,
    Person,
    Sitting,
)
from biofeedback.stream import Annotation
from biofeedback.text import _

Noun = TypeVar(
    "Noun",
    Person,
    Sitting,
    Conditions,
    KeptRecording,
    Calibration,
    Annotation,
    Course,
    Montage,
    Entry,
    Treatment,
    KeptTrial,
    NOfOne,
)

_PSEUDONYM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


def is_pseudonym(person: str) -> bool:
    """Whether somebody may be called so: what leads nowhere as a part of a path."""
    return _PSEUDONYM.fullmatch(person) is not None


def find_person(session: Session, person: str) -> PersonRow:
    """Return a person's row; raise `JournalError` where nobody is called so."""
    row = session.get(PersonRow, person) if is_pseudonym(person) else None
    if row is None:
        raise JournalError(
            _(
                "The journal has nobody called {person!r}; `biofeedback journal people` tells who "
                "there is, `biofeedback journal add-person` adds somebody."
            ).format(person=person[:40])
        )
    return row


def find_sitting(session: Session, sitting: UUID) -> SittingRow:
    """Return a sitting's row; raise `JournalError` where there is none."""
    row = session.get(SittingRow, sitting)
    if row is None:
        raise JournalError(_("That sitting is no longer in the journal: it was erased meanwhile."))
    return row


class TakenBefore(JournalError):
    """The person has that very recording: it would count twice."""


def refuse_twice(session: Session, person: str, digest: str, file: Path) -> None:
    """Raise `TakenBefore` where the person has the recording of that SHA-256."""
    same = session.scalar(
        select(SittingRow)
        .join(SittingRow.recordings)
        .where(SittingRow.person_id == person, RecordingRow.sha256 == digest)
    )
    if same is not None:
        raise TakenBefore(
            _(
                "{file} is in the journal already, as the sitting of {started:%Y-%m-%d %H:%M}."
            ).format(file=file, started=same.started.astimezone())
        )


def begun(person: str, conditions: Conditions, started: datetime) -> SittingRow:
    """Return the row of a sitting that starts."""
    return SittingRow(person_id=person, started=started, version=__version__, **asdict(conditions))


def protocol_of(summary: dict[str, Any]) -> str:
    """Return the name of the protocol that a sitting's summary tells; empty where it tells none."""
    said = summary.get("protocol")
    return said if isinstance(said, str) else ""


def noted(sitting: UUID, annotation: Annotation) -> AnnotationRow:
    """Return the row of an annotation."""
    return AnnotationRow(sitting_id=sitting, **asdict(annotation))


def sittings_where(session: Session, which: ColumnElement[bool]) -> list[Sitting]:
    """Return the sittings for which `which` holds, oldest first, hidden ones too."""
    rows = session.scalars(
        select(SittingRow)
        .where(which)
        .options(selectinload(SittingRow.recordings))
        .order_by(SittingRow.started, SittingRow.id)
    )
    return [
        values_of(
            Sitting,
            row,
            conditions=values_of(Conditions, row),
            recordings=tuple(values_of(KeptRecording, each) for each in row.recordings),
        )
        for row in rows
    ]


def values_of(kind: type[Noun], row: Any, **made: Any) -> Noun:
    """Return what `row` holds as a plain value of `kind`, whose fields are called alike."""
    names = [field.name for field in fields(kind) if field.name not in made]
    return kind(**{name: getattr(row, name) for name in names}, **made)
