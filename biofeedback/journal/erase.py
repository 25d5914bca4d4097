"""What the journal holds of a person, and its removal."""

from sqlalchemy import ColumnElement, Engine, delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from biofeedback.errors import JournalError
from biofeedback.journal import files
from biofeedback.journal.engine import outside_transactions
from biofeedback.journal.journal import Journal
from biofeedback.journal.model import (
    AnnotationRow,
    Base,
    CalibrationRow,
    CourseRow,
    EntryRow,
    MontageRow,
    NOfOneRow,
    PersonRow,
    RecordingRow,
    SittingRow,
    TreatmentRow,
    TrialRow,
)
from biofeedback.journal.nouns import Erased, Holdings
from biofeedback.journal.rows import find_person
from biofeedback.text import _


def holdings(journal: Journal, person: str) -> Holdings:
    """Return what the journal holds of `person`; raise `JournalError` for nobody."""
    with journal.reading() as session:
        return _holdings(session, journal, person)


def erase(journal: Journal, person: str) -> Erased:
    """Remove all that the journal holds of `person`, files first: what fails can be done again.

    Backups and exports made before are not reached. Raises `JournalError`.
    """
    with journal.writing() as session:
        held = _holdings(session, journal, person)
        session.execute(delete(PersonRow).where(PersonRow.id == person))  # takes the rest along
        for name in held.files:
            try:
                (journal.recordings / name).unlink(missing_ok=True)
            except OSError as error:
                raise JournalError(
                    _(
                        "{name} cannot be removed ({why}), so {person} is still in the journal; "
                        "close what has it open, and erase again."
                    ).format(name=name, why=error.strerror or error, person=person)
                ) from error
        if held.files:
            files.sync_folder(journal.recordings)
    return Erased(held, scrubbed=_scrub(journal.engine))


def _holdings(session: Session, journal: Journal, person: str) -> Holdings:
    find_person(session, person)
    sittings = select(SittingRow.id).where(SittingRow.person_id == person)
    recordings = session.scalars(
        select(RecordingRow.file).where(RecordingRow.sitting_id.in_(sittings))
    )
    paths = {path for file in recordings for path in files.belonging_to(journal.recordings, file)}

    def count(row: type[Base], which: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(row).where(which)) or 0

    return Holdings(
        sittings=count(SittingRow, SittingRow.person_id == person),
        annotations=count(AnnotationRow, AnnotationRow.sitting_id.in_(sittings)),
        calibrations=count(CalibrationRow, CalibrationRow.person_id == person),
        courses=count(CourseRow, CourseRow.person_id == person),
        montages=count(MontageRow, MontageRow.person_id == person),
        entries=count(EntryRow, EntryRow.person_id == person),
        treatments=count(TreatmentRow, TreatmentRow.person_id == person),
        trials=count(TrialRow, TrialRow.person_id == person)
        + count(NOfOneRow, NOfOneRow.person_id == person),
        files=tuple(sorted(path.name for path in paths)),
        size=sum(path.stat().st_size for path in paths),
    )


def _scrub(engine: Engine) -> bool:
    """Write the database anew without what was deleted; return whether nobody was in the way."""
    try:
        with outside_transactions(engine).connect() as connection:
            if engine.dialect.name == "postgresql":
                for table in Base.metadata.sorted_tables:
                    connection.exec_driver_sql(f"VACUUM FULL {table.name}")
                return True
            connection.exec_driver_sql("VACUUM")
            # the log holds what was deleted until it is cut, which whoever reads just now prevents
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
            return not busy
    except SQLAlchemyError:
        return False
