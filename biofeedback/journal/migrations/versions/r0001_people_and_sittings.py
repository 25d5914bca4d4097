"""People, their sittings with recordings and annotations, and their calibrations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "people",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("added", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_table(
        "sittings",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_s", sa.Double),
        sa.Column("interrupted", sa.Boolean, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.Column("sfreq", sa.Double, nullable=False),
        sa.Column("band_hz", sa.String(40)),
        sa.Column("sensor", sa.Text, nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("summary", sa.JSON, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sittings"),
        _link("sittings", "person_id", "people.id"),
    )
    op.create_index("ix_sittings_person_id_started", "sittings", ["person_id", "started"])
    op.create_table(
        "recordings",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("sitting_id", sa.Uuid, nullable=False),
        sa.Column("file", sa.String(100), nullable=False),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("sha256", sa.String(64)),
        sa.Column("size", sa.BigInteger),
        sa.Column("original", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
        sa.UniqueConstraint("file", name="uq_recordings_file"),
        _link("recordings", "sitting_id", "sittings.id"),
    )
    op.create_index("ix_recordings_sitting_id", "recordings", ["sitting_id"])
    op.create_index("ix_recordings_sha256", "recordings", ["sha256"])
    op.create_table(
        "calibrations",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("sitting_id", sa.Uuid),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("value_uv", sa.Double, nullable=False),
        sa.Column("band_hz", sa.String(40)),
        sa.Column("sensor", sa.Text, nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.Column("measured", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_percent", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calibrations"),
        _link("calibrations", "person_id", "people.id"),
        sa.ForeignKeyConstraint(
            ["sitting_id"],
            ["sittings.id"],
            name="fk_calibrations_sitting_id",
            ondelete="SET NULL",
        ),
    )
    op.create_index(
        "ix_calibrations_person_id_kind_measured",
        "calibrations",
        ["person_id", "kind", "measured"],
    )
    op.create_table(
        "annotations",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("sitting_id", sa.Uuid, nullable=False),
        sa.Column("onset_s", sa.Double, nullable=False),
        sa.Column("duration_s", sa.Double, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_annotations"),
        _link("annotations", "sitting_id", "sittings.id"),
    )
    op.create_index("ix_annotations_sitting_id", "annotations", ["sitting_id"])


def _link(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    """Return a link that goes when what it leads to goes."""
    return sa.ForeignKeyConstraint(
        [column],
        [target],
        name=f"fk_{table}_{column}",
        ondelete="CASCADE",
        onupdate="CASCADE",
    )
