"""What goes on between sittings: entries and treatments, which can be changed and taken out."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from biofeedback.errors import JournalError
from biofeedback.journal.day_checks import check_entry, check_treatment
from biofeedback.journal.day_nouns import Entry, Treatment
from biofeedback.journal.model import EntryRow, TreatmentRow
from biofeedback.journal.opened import Opened
from biofeedback.journal.rows import find_person, values_of
from biofeedback.text import _

_Row = TypeVar("_Row", EntryRow, TreatmentRow)


class Days(Opened):
    """The part of a journal that keeps what people say of their days."""

    def add_entry(self, person: str, entry: Entry) -> UUID:
        """Keep an entry, and return its id; raises `JournalError` for one that cannot be true."""
        return self.add_entries(person, [entry])[0]

    def add_entries(self, person: str, entries: Collection[Entry]) -> list[UUID]:
        """Keep entries, all or none, and return their ids."""
        for entry in entries:
            check_entry(entry)
        ids = [uuid4() for _each in entries]
        with self.writing() as session:
            find_person(session, person)
            session.add_all(
                EntryRow(person_id=person, **_but_id(entry), id=identity)
                for entry, identity in zip(entries, ids, strict=True)
            )
        return ids

    def entries(
        self,
        person: str,
        kinds: Collection[str] = (),
        since: datetime | None = None,
        *,
        removed: bool = False,
    ) -> list[Entry]:
        """Return the entries of a person, oldest first: of `kinds`, where any are named.

        With `removed` those that were taken out, instead.
        """
        with self.reading() as session:
            find_person(session, person)
            which = select(EntryRow).where(EntryRow.person_id == person)
            which = which.where(EntryRow.removed.is_not(None) == removed)
            if kinds:
                which = which.where(EntryRow.kind.in_(kinds))
            if since is not None:
                which = which.where(EntryRow.at >= since)
            rows = session.scalars(which.order_by(EntryRow.at, EntryRow.id))
            return [values_of(Entry, row) for row in rows]

    def change_entry(self, identity: UUID, entry: Entry) -> None:
        """Put `entry` in the place of the one with that id."""
        check_entry(entry)
        with self.writing() as session:
            _change(_find(session, EntryRow, identity), _but_id(entry))

    def remove_entry(self, identity: UUID) -> None:
        """Take an entry out; `restore_entry` puts it back, and erasing its person ends that."""
        with self.writing() as session:
            _find(session, EntryRow, identity).removed = datetime.now(UTC)

    def restore_entry(self, identity: UUID) -> None:
        """Put back an entry that was taken out."""
        with self.writing() as session:
            _find(session, EntryRow, identity).removed = None

    def add_treatment(self, person: str, treatment: Treatment) -> UUID:
        """Keep a treatment, and return its id; raises `JournalError` for one that cannot be."""
        check_treatment(treatment)
        with self.writing() as session:
            find_person(session, person)
            row = TreatmentRow(person_id=person, **_but_id(treatment))
            session.add(row)
            session.flush()
            return row.id

    def treatments(self, person: str, *, removed: bool = False) -> list[Treatment]:
        """Return the treatments of a person, oldest first; with `removed` those taken out."""
        with self.reading() as session:
            find_person(session, person)
            rows = session.scalars(
                select(TreatmentRow)
                .where(TreatmentRow.person_id == person)
                .where(TreatmentRow.removed.is_not(None) == removed)
                .order_by(TreatmentRow.on, TreatmentRow.id)
            )
            return [values_of(Treatment, row, muscles=tuple(row.muscles)) for row in rows]

    def change_treatment(self, identity: UUID, treatment: Treatment) -> None:
        """Put `treatment` in the place of the one with that id."""
        check_treatment(treatment)
        with self.writing() as session:
            _change(_find(session, TreatmentRow, identity), _but_id(treatment))

    def remove_treatment(self, identity: UUID) -> None:
        """Take a treatment out; `restore_treatment` puts it back."""
        with self.writing() as session:
            _find(session, TreatmentRow, identity).removed = datetime.now(UTC)

    def restore_treatment(self, identity: UUID) -> None:
        """Put back a treatment that was taken out."""
        with self.writing() as session:
            _find(session, TreatmentRow, identity).removed = None


def _find(session: Session, kind: type[_Row], identity: UUID) -> _Row:
    row = session.get(kind, identity)
    if row is None:
        raise JournalError(_("That is no longer in the journal: it was erased meanwhile."))
    return row


def _but_id(noun: Entry | Treatment) -> dict[str, Any]:
    values = asdict(noun)
    del values["id"]
    return values


def _change(row: EntryRow | TreatmentRow, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
