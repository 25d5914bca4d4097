"""Entries and treatments between sittings, trials, and a sitting's protocol to count by."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables, and fill the new column from the summaries."""
    op.create_table(
        "entries",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("lower", sa.Double),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("removed", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
        _of_person("entries"),
    )
    op.create_index("ix_entries_person_id_at", "entries", ["person_id", "at"])
    op.create_table(
        "treatments",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("dose", sa.Text, nullable=False),
        sa.Column("muscles", sa.JSON, nullable=False),
        sa.Column("until", sa.Date),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("removed", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_treatments"),
        _of_person("treatments"),
    )
    op.create_index("ix_treatments_person_id", "treatments", ["person_id"])
    op.create_table(
        "trials",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("plan", sa.JSON, nullable=False),
        sa.Column("result", sa.JSON, nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trials"),
        _of_person("trials"),
    )
    op.create_index("ix_trials_person_id", "trials", ["person_id"])
    op.create_table(
        "n_of_ones",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("began", sa.Date, nullable=False),
        sa.Column("plan", sa.JSON, nullable=False),
        sa.Column("ended", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_n_of_ones"),
        _of_person("n_of_ones"),
    )
    op.create_index("ix_n_of_ones_person_id", "n_of_ones", ["person_id"])
    _add_protocol()


def _add_protocol() -> None:
    """Let a list of everybody count sittings by their protocol without reading the summaries."""
    op.add_column("sittings", sa.Column("protocol", sa.Text, nullable=False, server_default=""))
    sittings = sa.table("sittings", sa.column("protocol"), sa.column("summary", sa.JSON))
    said = sittings.c.summary["protocol"].as_string()
    op.execute(sittings.update().values(protocol=said).where(said.is_not(None)))
    op.drop_index("ix_sittings_person_id_started", "sittings")
    counted = ["person_id", "started", "protocol", "simulated", "interrupted"]
    op.create_index("ix_sittings_counted", "sittings", counted)
    op.create_index(
        "ix_sittings_unfinished",
        "sittings",
        ["started"],
        sqlite_where=sa.text("duration_s IS NULL"),
        postgresql_where=sa.text("duration_s IS NULL"),
    )


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    """Return a link to a person that goes when the person goes."""
    return sa.ForeignKeyConstraint(
        ["person_id"],
        ["people.id"],
        name=f"fk_{table}_person_id",
        ondelete="CASCADE",
        onupdate="CASCADE",
    )
