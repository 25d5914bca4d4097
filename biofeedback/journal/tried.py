"""What was tried: A-B-A trials as they come, and weeks off and on."""

from dataclasses import asdict
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from biofeedback.errors import JournalError
from biofeedback.journal.day_checks import check_plan
from biofeedback.journal.day_nouns import KeptTrial, NOfOne
from biofeedback.journal.model import NOfOneRow, TrialRow
from biofeedback.journal.opened import Opened
from biofeedback.journal.rows import find_person, values_of
from biofeedback.text import _

_Row = TypeVar("_Row", TrialRow, NOfOneRow)


class Tried(Opened):
    """The part of a journal that is about what helps."""

    def keep_trial(self, trial: KeptTrial) -> None:
        """Keep a trial, in place of what was kept under its id before."""
        values = asdict(trial)
        with self.writing() as session:
            _put(session, TrialRow, {"person_id": values.pop("person"), **values})

    def trials(self, person: str) -> list[KeptTrial]:
        """Return the trials of a person, oldest first."""
        with self.reading() as session:
            find_person(session, person)
            rows = session.scalars(
                select(TrialRow)
                .where(TrialRow.person_id == person)
                .order_by(TrialRow.started, TrialRow.id)
            )
            return [values_of(KeptTrial, row, person=row.person_id) for row in rows]

    def keep_n_of_one(self, person: str, plan: NOfOne) -> UUID:
        """Keep weeks off and on, in place of what was kept under their id; return that."""
        check_plan(plan)
        identity = plan.id or uuid4()
        with self.writing() as session:
            _put(session, NOfOneRow, {**asdict(plan), "id": identity, "person_id": person})
        return identity

    def n_of_ones(self, person: str) -> list[NOfOne]:
        """Return the weeks off and on of a person, the latest last."""
        with self.reading() as session:
            find_person(session, person)
            rows = session.scalars(
                select(NOfOneRow)
                .where(NOfOneRow.person_id == person)
                .order_by(NOfOneRow.began, NOfOneRow.id)
            )
            return [values_of(NOfOne, row) for row in rows]


def _put(session: Session, kind: type[_Row], values: dict[str, Any]) -> None:
    """Keep a row under its id; refuse one that is another person's."""
    find_person(session, values["person_id"])
    row = session.get(kind, values["id"])
    if row is None:
        session.add(kind(**values))
        return
    if row.person_id != values["person_id"]:
        raise JournalError(_("That is another person's; keep it under an id of its own."))
    for name, value in values.items():
        setattr(row, name, value)
