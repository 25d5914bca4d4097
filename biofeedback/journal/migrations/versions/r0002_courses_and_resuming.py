"""Courses, montages, hidden sittings, what a training is resumed from, and how rest varies."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables, and add the columns."""
    op.create_table(
        "courses",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("protocol", sa.Text, nullable=False),
        sa.Column("per_week", sa.Integer, nullable=False),
        sa.Column("sittings", sa.Integer, nullable=False),
        sa.Column("began", sa.Date, nullable=False),
        sa.Column("ended", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_courses"),
        _of_person("courses"),
    )
    op.create_index("ix_courses_person_id", "courses", ["person_id"])
    op.create_table(
        "montages",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("protocol", sa.Text, nullable=False),
        sa.Column("band", sa.Text, nullable=False),
        sa.Column("channels", sa.JSON, nullable=False),
        sa.Column("threshold_uv", sa.Double),
        sa.PrimaryKeyConstraint("id", name="pk_montages"),
        sa.UniqueConstraint("person_id", "name", name="uq_montages_person_id_name"),
        _of_person("montages"),
    )
    op.add_column("sittings", sa.Column("hidden", sa.Text, nullable=False, server_default=""))
    op.add_column("sittings", sa.Column("progress", sa.JSON))
    op.add_column("calibrations", sa.Column("sd_uv", sa.Double))
    op.add_column("calibrations", sa.Column("p75_uv", sa.Double))


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    """Return a link to a person that goes when the person goes."""
    return sa.ForeignKeyConstraint(
        ["person_id"],
        ["people.id"],
        name=f"fk_{table}_person_id",
        ondelete="CASCADE",
        onupdate="CASCADE",
    )
