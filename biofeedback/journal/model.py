"""The tables of the journal: one model for SQLite and PostgreSQL."""

import math
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Utc(TypeDecorator[datetime]):
    """A moment with its time zone: SQLite would drop it, and PostgreSQL answers in its server's."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Return `value` in UTC; raise `ValueError` for a time that says no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(value)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Return what was kept, in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Words(TypeDecorator[str]):
    """Any text, also a damaged file's: PostgreSQL takes no NUL, and neither takes half a pair."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Return `value` with what no database takes replaced."""
        return None if value is None else storable(value)


class Corners(TypeDecorator[tuple[float, float]]):
    """A band's corners in Hz as one text, such as 20-450: bands are alike or they are not."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(
        self, value: tuple[float, float] | None, _dialect: Dialect
    ) -> str | None:
        """Return the corners as text."""
        return None if value is None else f"{value[0]:g}-{value[1]:g}"

    def process_result_value(
        self, value: str | None, _dialect: Dialect
    ) -> tuple[float, float] | None:
        """Return the corners in Hz."""
        if value is None:
            return None
        low, _dash, high = value.partition("-")
        return float(low), float(high)


class Facts(TypeDecorator[dict[str, Any]]):
    """Plain values as JSON, which has no NaN: null."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> Any:
        """Return `value` as JSON can hold it."""
        return _plain(value)


def storable(text: str) -> str:
    """Return `text` with NUL and lone surrogates replaced by a question mark."""
    return text.replace("\0", "?").encode("utf-8", "replace").decode("utf-8")


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {storable(str(key)): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case float():
            return value if math.isfinite(value) else None
        case str():
            return storable(value)
    return value


class Base(DeclarativeBase):
    """Every constraint has a name, by which a later revision can drop it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - as SQLAlchemy wants it
        datetime: Utc,
        dict[str, Any]: Facts,
        float: Double,
        str: Words,
        tuple[float, float]: Corners,
    }


def _of(column: str) -> ForeignKey:
    """Return a link to `column` that goes when what it leads to goes."""
    return ForeignKey(column, ondelete="CASCADE", onupdate="CASCADE")


class PersonRow(Base):
    """A pseudonym, and what only the journal knows of who it is."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    display_name: Mapped[str]
    note: Mapped[str]
    added: Mapped[datetime]


class SittingRow(Base):
    """Begun when it starts, completed when it ends: see `nouns.Sitting`."""

    __tablename__ = "sittings"
    __table_args__ = (
        # all that a list of everybody counts by: their summaries stay unread
        Index(
            "ix_sittings_counted", "person_id", "started", "protocol", "simulated", "interrupted"
        ),
        Index(
            "ix_sittings_unfinished",
            "started",
            sqlite_where=text("duration_s IS NULL"),
            postgresql_where=text("duration_s IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[str] = mapped_column(String(32), _of("people.id"))
    started: Mapped[datetime]
    duration_s: Mapped[float | None]
    interrupted: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str]
    simulated: Mapped[bool]
    sfreq: Mapped[float]
    band_hz: Mapped[tuple[float, float] | None]
    sensor: Mapped[str]
    settings: Mapped[dict[str, Any]]
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    hidden: Mapped[str] = mapped_column(default="")
    protocol: Mapped[str] = mapped_column(default="")
    """The summary's; empty where it has none."""
    progress: Mapped[dict[str, Any] | None] = mapped_column(Facts(none_as_null=True), deferred=True)
    """What a training that broke off is resumed from; a megabyte, so not loaded with the rest."""

    recordings: Mapped[list["RecordingRow"]] = relationship(
        order_by="RecordingRow.file", passive_deletes=True
    )


class RecordingRow(Base):
    """A file in the folder of recordings: see `nouns.KeptRecording`."""

    __tablename__ = "recordings"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    sitting_id: Mapped[UUID] = mapped_column(_of("sittings.id"), index=True)
    file: Mapped[str] = mapped_column(String(100), unique=True)
    format: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    size: Mapped[int | None] = mapped_column(BigInteger)
    original: Mapped[str] = mapped_column(default="")


class CalibrationRow(Base):
    """See `nouns.Calibration`. It outlives its sitting: what it says of the muscle still holds."""

    __tablename__ = "calibrations"
    __table_args__ = (Index(None, "person_id", "kind", "measured"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(String(32), _of("people.id"))
    sitting_id: Mapped[UUID | None] = mapped_column(ForeignKey("sittings.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str]
    value_uv: Mapped[float]
    band_hz: Mapped[tuple[float, float] | None]
    sensor: Mapped[str]
    simulated: Mapped[bool]
    measured: Mapped[datetime]
    valid_percent: Mapped[float]
    sd_uv: Mapped[float | None]
    p75_uv: Mapped[float | None]


class AnnotationRow(Base):
    """A timed note in a sitting, committed while it goes on: see `stream.Annotation`."""

    __tablename__ = "annotations"

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[UUID] = mapped_column(_of("sittings.id"), index=True)
    onset_s: Mapped[float]
    duration_s: Mapped[float]
    text: Mapped[str]


class CourseRow(Base):
    """See `nouns.Course`."""

    __tablename__ = "courses"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(String(32), _of("people.id"), index=True)
    protocol: Mapped[str]
    per_week: Mapped[int]
    sittings: Mapped[int]
    began: Mapped[date]
    ended: Mapped[date | None]


class MontageRow(Base):
    """See `nouns.Montage`; `channels` as plain values."""

    __tablename__ = "montages"
    __table_args__ = (UniqueConstraint("person_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(String(32), _of("people.id"))
    name: Mapped[str]
    protocol: Mapped[str]
    band: Mapped[str]
    channels: Mapped[list[dict[str, str]]] = mapped_column(Facts)
    threshold_uv: Mapped[float | None]


class EntryRow(Base):
    """See `day_nouns.Entry`. `removed`: when it was taken out; the row stays, to be put back."""

    __tablename__ = "entries"
    __table_args__ = (Index(None, "person_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[str] = mapped_column(String(32), _of("people.id"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(32))
    value: Mapped[float | None]
    lower: Mapped[float | None]
    unit: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    source: Mapped[str]
    what: Mapped[str] = mapped_column(String(32), default="")
    removed: Mapped[datetime | None]


class TreatmentRow(Base):
    """See `day_nouns.Treatment`; `removed` as with entries."""

    __tablename__ = "treatments"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[str] = mapped_column(String(32), _of("people.id"), index=True)
    on: Mapped[date]
    kind: Mapped[str] = mapped_column(String(32))
    name: Mapped[str]
    dose: Mapped[str]
    muscles: Mapped[list[str]] = mapped_column(Facts)
    until: Mapped[date | None]
    note: Mapped[str]
    removed: Mapped[datetime | None]


class TrialRow(Base):
    """See `day_nouns.KeptTrial`."""

    __tablename__ = "trials"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(String(32), _of("people.id"), index=True)
    what: Mapped[str]
    started: Mapped[datetime]
    plan: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    simulated: Mapped[bool]


class NOfOneRow(Base):
    """See `day_nouns.NOfOne`."""

    __tablename__ = "n_of_ones"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[str] = mapped_column(String(32), _of("people.id"), index=True)
    what: Mapped[str]
    began: Mapped[date]
    plan: Mapped[dict[str, Any]]
    ended: Mapped[date | None]
