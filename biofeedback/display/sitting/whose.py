"""The journal that the window writes into: opened when it is first needed."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from biofeedback.journal.home import may_be_there
from biofeedback.recording.repair import recordings_folder
from biofeedback.settings import Settings
from biofeedback.text import _

if TYPE_CHECKING:  # a database takes half a second to load, which no window waits for
    from biofeedback.journal.journal import Journal
    from biofeedback.journal.kept import KeptSitting
    from biofeedback.journal.nouns import Sitting


class Whose:
    """Whose sittings are kept: `person` is a pseudonym, empty where it is nobody's.

    Its methods may be called by any thread, take their time, and may raise `JournalError`.
    """

    def __init__(self, person: str = "") -> None:
        self.person = person
        self._journal: Journal | None = None
        self._alone = threading.Lock()

    def journal(self) -> "Journal":
        """Return the journal, opened if it is not yet."""
        from biofeedback.journal.journal import open_journal

        with self._alone:
            if self._journal is None:
                self._journal = open_journal()
            return self._journal

    def people(self) -> list[str]:
        """Return everybody's pseudonym; nobody's where no journal was made yet."""
        if not (self.person or may_be_there()):
            return []
        return [person.id for person in self.journal().people()]

    def add(self, person: str) -> None:
        """Keep a new pseudonym, and sit for it from now on."""
        self.journal().add_person(person, added=datetime.now(UTC))
        self.person = person

    def sitting(self, settings: Settings) -> "KeptSitting | None":
        """Return what keeps a sitting with `settings`; None where it is nobody's."""
        if not self.person:
            return None
        from biofeedback.journal.kept import KeptSitting

        return KeptSitting(self.journal(), self.person, settings)

    def set_right(self) -> str:
        """Complete the sittings that broke off; return what is to be said of that."""
        from biofeedback.journal.kept import finish_broken_off

        done = finish_broken_off(self.journal()) if self.person else []
        return " ".join(
            _("The sitting of {person} that broke off is kept, as far as it was recorded.").format(
                person=sitting.person_id
            )
            for sitting in done
        )

    def sittings(self) -> dict[str, "Sitting"]:
        """Return the person's sittings by the names of their recordings; of a journal in use."""
        journal = self._journal
        found = journal.sittings(self.person) if journal and self.person else []
        return {each.file: sitting for sitting in found for each in sitting.recordings}

    def folders(self) -> list[Path]:
        """Return where recordings lie: the user's folder, and that of a journal in use."""
        journal = self._journal
        return [recordings_folder(), *([journal.recordings] if journal else [])]

    def close(self) -> None:
        """Let go of the journal."""
        with self._alone:
            if self._journal is not None:
                self._journal.close()
                self._journal = None
