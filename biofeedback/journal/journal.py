"""The journal opened: people, their sittings, and what was measured once and carries over."""

import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError

from biofeedback.errors import JournalError
from biofeedback.journal import files
from biofeedback.journal.days import Days
from biofeedback.journal.engine import (
    find_place,
    let_others_read,
    make_engine,
    telling,
)
from biofeedback.journal.home import data_folder
from biofeedback.journal.marks import Marks
from biofeedback.journal.model import (
    AnnotationRow,
    CalibrationRow,
    PersonRow,
    RecordingRow,
    SittingRow,
)
from biofeedback.journal.nouns import (
    Calibration,
    Conditions,
    Kind,
    Person,
    Sitting,
)
from biofeedback.journal.overview import Everybody
from biofeedback.journal.plans import Plans
from biofeedback.journal.rows import (
    begun,
    find_person,
    find_sitting,
    is_pseudonym,
    noted,
    protocol_of,
    refuse_twice,
    sittings_where,
    values_of,
)
from biofeedback.journal.schema import bring_up_to_date
from biofeedback.journal.tried import Tried
from biofeedback.stream import Annotation
from biofeedback.text import _


def open_journal(where: str | None = None) -> "Journal":
    """Open the journal at a path or a URL of PostgreSQL, made or brought up to date if need be.

    Without `where`: BIOFEEDBACK_JOURNAL, else the user's own. Raises `JournalError`.
    """
    place = find_place(where)
    journal = Journal(place, make_engine(place))
    try:
        with telling(place):
            if place.file is not None:
                files.make_private_folder(place.file.parent)
                if place.file.parent == data_folder():  # ours, whoever of us made it
                    place.file.parent.chmod(0o700)
                with suppress(FileExistsError):
                    files.make_private_file(place.file).close()
            files.make_private_folder(place.recordings)
            bring_up_to_date(journal.engine, place)
            let_others_read(journal.engine)
            files.remove_forgotten_drafts(place.recordings)
    except BaseException:
        journal.close()
        raise
    return journal


class Journal(Plans, Marks, Days, Tried, Everybody):
    """An open journal; close it, or use it in a `with`. Every method may raise `JournalError`.

    When a method has returned, what it was given is on the disk. Any thread may call it.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def people(self) -> list[Person]:
        """Return everybody, by pseudonym."""
        with self.reading() as session:
            rows = session.scalars(select(PersonRow).order_by(PersonRow.id))
            return [values_of(Person, row) for row in rows]

    def add_person(
        self, person: str, *, display_name: str = "", note: str = "", added: datetime
    ) -> Person:
        """Keep a new pseudonym: 1 to 32 letters, digits, dots, dashes or underscores."""
        if not is_pseudonym(person):
            raise JournalError(
                _(
                    "{person!r} is no pseudonym: use 1 to 32 letters, digits, dots, dashes or "
                    "underscores, such as P01."
                ).format(person=person[:40])
            )
        try:
            with self.writing() as session:
                row = PersonRow(id=person, display_name=display_name, note=note, added=added)
                session.add(row)
                session.flush()
                return values_of(Person, row)
        except JournalError as error:
            if isinstance(error.__cause__, IntegrityError):
                raise JournalError(
                    _("{person} is in the journal already; choose another pseudonym.").format(
                        person=person
                    )
                ) from error
            raise

    def sittings(self, person: str) -> list[Sitting]:
        """Return the sittings of a person, oldest first."""
        with self.reading() as session:
            find_person(session, person)
            return sittings_where(session, SittingRow.person_id == person)

    def unfinished(self) -> list[Sitting]:
        """Return the sittings that have not ended: they go on in some window, or were broken off.

        Of the latter, mend the recording and call `finish_sitting` with `interrupted`.
        """
        with self.reading() as session:
            return sittings_where(session, SittingRow.duration_s.is_(None))

    def begin_sitting(self, person: str, conditions: Conditions, *, started: datetime) -> UUID:
        """Keep that a sitting has begun, and return its id."""
        with self.writing() as session:
            find_person(session, person)
            row = begun(person, conditions, started)
            session.add(row)
            session.flush()
            return row.id

    def new_recording(self, sitting: UUID, suffix: str = ".edf") -> Path:
        """Return where a sitting's recording is to be written; what lies beside it is named so too.

        All that begins with the file's UUID belongs to it: sidecar, edits, runs after a gap.
        """
        identity = uuid4()
        with self.writing() as session:
            row = find_sitting(session, sitting)
            name = files.name_for(identity, suffix)
            row.recordings.append(RecordingRow(id=identity, file=name, format=suffix[1:]))
        return self.recordings / name

    def annotate(self, sitting: UUID, annotation: Annotation) -> None:
        """Keep an annotation of a sitting, also while it goes on."""
        with self.writing() as session:
            find_sitting(session, sitting)
            session.add(noted(sitting, annotation))

    def annotations(self, sitting: UUID) -> list[Annotation]:
        """Return the annotations of a sitting by their onset."""
        with self.reading() as session:
            find_sitting(session, sitting)
            rows = session.scalars(
                select(AnnotationRow)
                .where(AnnotationRow.sitting_id == sitting)
                .order_by(AnnotationRow.onset_s, AnnotationRow.id)
            )
            return [values_of(Annotation, row) for row in rows]

    def finish_sitting(
        self,
        sitting: UUID,
        *,
        duration_s: float,
        summary: dict[str, Any],
        note: str = "",
        interrupted: bool = False,
    ) -> None:
        """Complete a sitting once its recordings are closed; their SHA-256 are taken now.

        May be called again: the later call holds. One that is `interrupted` can be resumed.
        """
        with self.reading() as session:  # a long file takes a while: nobody waits for it
            known = [each.file for each in find_sitting(session, sitting).recordings]
            written = self._written(known)
        with self.writing() as session:
            row = find_sitting(session, sitting)
            row.duration_s, row.summary = duration_s, summary
            row.protocol = protocol_of(summary)
            row.note, row.interrupted = note, interrupted
            if not interrupted:
                row.progress = None
            kept = {each.file: each for each in row.recordings}
            for file, (digest, size) in written.items():
                if file not in kept:
                    kept[file] = RecordingRow(file=file, format=Path(file).suffix[1:])
                    row.recordings.append(kept[file])
                kept[file].sha256, kept[file].size = digest, size

    def _written(self, known: Iterable[str]) -> dict[str, tuple[str, int]]:
        """Return SHA-256 and size of the recordings `known`, and of the runs that follow them."""
        paths = {path for file in known for path in files.waveforms(self.recordings, file)}
        return {path.name: (files.sha256_of(path), path.stat().st_size) for path in paths}

    def refuse_twice(self, person: str, file: Path) -> None:
        """Raise `TakenBefore` where the person has the recording `file` already."""
        with telling(self.place):
            digest = files.sha256_of(file) if file.is_file() else ""
        with self.reading() as session:
            find_person(session, person)
            refuse_twice(session, person, digest, file)

    def import_sitting(
        self,
        person: str,
        conditions: Conditions,
        file: Path,
        *,
        started: datetime,
        duration_s: float,
        summary: dict[str, Any],
        annotations: Iterable[Annotation],
    ) -> UUID:
        """Copy a recording into the journal with the sitting it is of: both, or neither.

        Refused where the person has that very recording already.
        """
        identity = uuid4()
        name = files.name_for(identity, file.suffix.lower())
        with self.reading() as session:
            find_person(session, person)
        with (
            telling(self.place),
            files.copied(file, self.recordings, name) as digest,
            self.writing() as session,
        ):
            find_person(session, person)
            refuse_twice(session, person, digest, file)
            row = begun(person, conditions, started)
            row.duration_s, row.summary = duration_s, summary
            row.protocol = protocol_of(summary)
            row.recordings = [
                RecordingRow(
                    id=identity,
                    file=name,
                    format=Path(name).suffix[1:],
                    sha256=digest,
                    size=(self.recordings / name).stat().st_size,
                    original=file.name,
                )
            ]
            session.add(row)
            session.flush()
            session.add_all(noted(row.id, annotation) for annotation in annotations)
            return row.id

    def keep_calibration(
        self, person: str, calibration: Calibration, *, sitting: UUID | None = None
    ) -> None:
        """Keep a muscle's rest or reference, in µV above 0, and the sitting it was measured in.

        It takes the place of one of that sitting, muscle and kind.
        """
        values = calibration.value_uv, calibration.valid_percent
        if not (all(map(math.isfinite, values)) and calibration.value_uv > 0):
            raise JournalError(
                _("{channel}: {value:g} µV is no measure of a muscle; take it again.").format(
                    channel=calibration.channel, value=calibration.value_uv
                )
            )
        with self.writing() as session:
            find_person(session, person)
            if sitting is not None:
                session.execute(
                    delete(CalibrationRow)
                    .filter_by(person_id=person, sitting_id=sitting)
                    .filter_by(kind=calibration.kind, channel=calibration.channel)
                )
            session.add(CalibrationRow(person_id=person, sitting_id=sitting, **asdict(calibration)))

    def calibrations(self, person: str) -> list[Calibration]:
        """Return what was measured of a person's muscles, oldest first."""
        with self.reading() as session:
            find_person(session, person)
            rows = session.scalars(
                select(CalibrationRow)
                .where(CalibrationRow.person_id == person)
                .order_by(CalibrationRow.measured, CalibrationRow.id)
            )
            return [values_of(Calibration, row) for row in rows]

    def newest_calibration(
        self,
        person: str,
        kind: Kind,
        *,
        channel: str,
        band_hz: tuple[float, float] | None,
        sensor: str,
        simulated: bool,
    ) -> Calibration | None:
        """Return what carries over to a sitting of that band, sensor and muscle; None for none.

        What was measured in a hidden sitting does not.
        """
        with self.reading() as session:
            find_person(session, person)
            row = session.scalar(
                select(CalibrationRow)
                .filter_by(person_id=person, kind=kind, channel=channel, band_hz=band_hz)
                .filter_by(sensor=sensor, simulated=simulated)
                .outerjoin(SittingRow, SittingRow.id == CalibrationRow.sitting_id)
                .where(or_(CalibrationRow.sitting_id.is_(None), SittingRow.hidden == ""))
                .order_by(CalibrationRow.measured.desc(), CalibrationRow.id.desc())
                .limit(1)
            )
            return None if row is None else values_of(Calibration, row)
