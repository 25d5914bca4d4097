"""What Alembic runs the steps in: the connection and the transaction that `schema.py` has."""

from alembic import context

given = context.config.attributes
context.configure(connection=given["connection"], version_table=given["version_table"])
context.run_migrations()
