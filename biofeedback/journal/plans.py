"""What is planned for a person: the course that was agreed on, and how they are measured."""

import math
from dataclasses import asdict
from datetime import date

from sqlalchemy import ColumnElement, delete, select

from biofeedback.errors import JournalError
from biofeedback.journal.model import CourseRow, MontageRow
from biofeedback.journal.nouns import Course, Montage, MontageChannel
from biofeedback.journal.opened import Opened
from biofeedback.journal.rows import find_person, values_of
from biofeedback.text import _


class Plans(Opened):
    """The part of a journal that is about courses and montages."""

    def courses(self, person: str) -> list[Course]:
        """Return all courses of a person, the latest last."""
        with self.reading() as session:
            find_person(session, person)
            rows = session.scalars(
                select(CourseRow)
                .where(CourseRow.person_id == person)
                .order_by(CourseRow.began, CourseRow.id)
            )
            return [values_of(Course, row) for row in rows]

    def course(self, person: str) -> Course | None:
        """Return the course that goes on; None where none does."""
        going_on = [course for course in self.courses(person) if course.ended is None]
        return going_on[-1] if going_on else None

    def set_course(self, person: str, course: Course) -> None:
        """Begin a course; the one that went on ends with it."""
        if min(course.per_week, course.sittings) < 1:
            raise JournalError(
                _("A course has at least one sitting, and one a week; choose how many.")
            )
        with self.writing() as session:
            find_person(session, person)
            for row in session.scalars(select(CourseRow).where(*_going_on(person))):
                row.ended = course.began
            session.add(CourseRow(person_id=person, **asdict(course)))

    def end_course(self, person: str, on: date) -> None:
        """End the course that goes on, if one does."""
        with self.writing() as session:
            find_person(session, person)
            for row in session.scalars(select(CourseRow).where(*_going_on(person))):
                row.ended = on

    def montages(self, person: str) -> list[Montage]:
        """Return a person's montages by name."""
        with self.reading() as session:
            find_person(session, person)
            rows = session.scalars(
                select(MontageRow)
                .where(MontageRow.person_id == person)
                .order_by(MontageRow.name, MontageRow.id)
            ).all()
        return sorted(
            map(montage_of, rows), key=lambda montage: montage.name
        )  # alike on every database

    def keep_montage(self, person: str, montage: Montage) -> None:
        """Keep a montage, in place of one of that name."""
        if not montage.name.strip() or not montage.channels:
            raise JournalError(_("A montage needs a name and a muscle; give it both."))
        threshold_uv = montage.threshold_uv
        if threshold_uv is not None and not (math.isfinite(threshold_uv) and threshold_uv > 0):
            raise JournalError(
                _("A threshold of {value:g} µV means nothing; give one above 0, or none.").format(
                    value=threshold_uv
                )
            )
        with self.writing() as session:
            find_person(session, person)
            session.execute(delete(MontageRow).filter_by(person_id=person, name=montage.name))
            session.add(MontageRow(person_id=person, **asdict(montage)))

    def remove_montage(self, person: str, name: str) -> None:
        """Remove the montage of that name, if there is one."""
        with self.writing() as session:
            find_person(session, person)
            session.execute(delete(MontageRow).filter_by(person_id=person, name=name))


def montage_of(row: MontageRow) -> Montage:
    """Return the montage that a row holds."""
    return values_of(Montage, row, channels=tuple(MontageChannel(**each) for each in row.channels))


def _going_on(person: str) -> tuple[ColumnElement[bool], ...]:
    return CourseRow.person_id == person, CourseRow.ended.is_(None)
