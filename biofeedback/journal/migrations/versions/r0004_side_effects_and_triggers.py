"""By which name a side effect or a trigger is known, whatever language it was entered in."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; entries of before are told by their text, as they were."""
    op.add_column("entries", sa.Column("what", sa.String(32), nullable=False, server_default=""))
