"""A journal's database open: its sessions, for whoever reads it or writes to it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from biofeedback.journal.engine import Place, telling


class Opened:
    """The database at `place`. What a database says comes as `JournalError`."""

    def __init__(self, place: Place, engine: Engine) -> None:
        self.place, self.engine = place, engine
        self.recordings = place.recordings

    def close(self) -> None:
        """Let go of the database; may be called twice."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a database session that sees one moment throughout."""
        with telling(self.place), Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a database session whose changes are kept all together, or not at all."""
        engine = self.engine.execution_options(writing=True)
        with telling(self.place), Session(engine) as session, session.begin():
            yield session
