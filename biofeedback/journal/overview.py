"""A list of everybody in a few questions to the database, however many they are."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, time

from sqlalchemy import case, func, literal, select
from sqlalchemy.orm import Session

from biofeedback.journal.model import CourseRow, MontageRow, PersonRow, SittingRow, Utc
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
            trained = _trained(session, courses.values())
        return [
            Overview(
                person=person,
                sittings=sat[person.id].n if person.id in sat else 0,
                last=sat[person.id].last if person.id in sat else None,
                course=values_of(Course, courses[person.id]) if person.id in courses else None,
                trained=trained.get(person.id, 0),
                montages=tuple(sorted(montages[person.id], key=lambda each: each.name)),
            )
            for person in people
        ]


def _courses(session: Session) -> dict[str, CourseRow]:
    """Return the course that goes on of each person who has one, the latest of several."""
    rows = session.scalars(
        select(CourseRow).where(CourseRow.ended.is_(None)).order_by(CourseRow.began, CourseRow.id)
    )
    return {row.person_id: row for row in rows}


def _trained(session: Session, courses: Collection[CourseRow]) -> dict[str, int]:
    """Return how many sittings of `courses` each person has, since its first day began here.

    The database counts them: of a clinic's twenty thousand not one is fetched.
    """
    if not courses:
        return {}
    midnights = {
        day: literal(datetime.combine(day, time()).astimezone(), Utc())
        for day in {course.began for course in courses}
    }
    begun = (
        select(
            CourseRow.person_id,
            CourseRow.protocol,
            case(midnights, value=CourseRow.began).label("since"),
        )
        .where(CourseRow.id.in_([course.id for course in courses]))
        .cte()
        .prefix_with("MATERIALIZED", dialect="postgresql")  # found once, not for each sitting
    )
    counted = session.execute(
        select(SittingRow.person_id, func.count())
        .join(begun, begun.c.person_id == SittingRow.person_id)
        .where(~SittingRow.simulated, ~SittingRow.interrupted)
        .where(SittingRow.protocol == begun.c.protocol, SittingRow.started >= begun.c.since)
        .group_by(SittingRow.person_id)
    )
    return dict(counted.all())
