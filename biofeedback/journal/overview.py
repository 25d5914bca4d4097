"""A list of everybody in a few questions to the database, however many they are."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from biofeedback.journal.model import CourseRow, MontageRow, PersonRow, SittingRow
from biofeedback.journal.nouns import Course, Montage, Overview, Person
from biofeedback.journal.opened import Opened
from biofeedback.journal.plans import montage_of
from biofeedback.journal.rows import values_of


class Everybody(Opened):
    """The part of a journal that looks over all people at once."""

    def everybody(self) -> list[Overview]:
        """Return everybody by pseudonym, with what a list of them tells."""
        with self.reading() as session:
            people = [
                values_of(Person, row)
                for row in session.scalars(select(PersonRow).order_by(PersonRow.id))
            ]
            sat = {
                row.person_id: row
                for row in session.execute(
                    select(
                        SittingRow.person_id,
                        func.count().label("n"),
                        func.max(SittingRow.started).label("last"),
                    ).group_by(SittingRow.person_id)
                )
            }
            montages = defaultdict[str, list[Montage]](list)
            for montage in session.scalars(select(MontageRow)):
                montages[montage.person_id].append(montage_of(montage))
            courses = _courses(session)
            trained = defaultdict[str, list[datetime]](list)
            for row in session.execute(
                select(SittingRow.person_id, SittingRow.protocol, SittingRow.started)
                .where(~SittingRow.simulated, ~SittingRow.interrupted)
                .where(SittingRow.protocol.in_({course.protocol for course in courses.values()}))
                .order_by(SittingRow.started)
            ):
                course = courses.get(row.person_id)
                if course is not None and course.protocol == row.protocol:
                    trained[row.person_id].append(row.started)
        return [
            Overview(
                person=person,
                sittings=sat[person.id].n if person.id in sat else 0,
                last=sat[person.id].last if person.id in sat else None,
                course=courses.get(person.id),
                trained=tuple(trained[person.id]),
                montages=tuple(sorted(montages[person.id], key=lambda each: each.name)),
            )
            for person in people
        ]


def _courses(session: Session) -> dict[str, Course]:
    """Return the course that goes on of each person who has one, the latest of several."""
    rows = session.scalars(
        select(CourseRow).where(CourseRow.ended.is_(None)).order_by(CourseRow.began, CourseRow.id)
    )
    return {row.person_id: values_of(Course, row) for row in rows}
