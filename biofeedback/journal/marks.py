"""What is said of a sitting beside what was measured: that it was no good, that it can go on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from biofeedback.errors import JournalError
from biofeedback.journal.model import SittingRow
from biofeedback.journal.nouns import Conditions, Sitting
from biofeedback.journal.opened import Opened
from biofeedback.journal.rows import find_person, find_sitting, sittings_where, values_of
from biofeedback.text import _
from biofeedback.words import band_word


class Marks(Opened):
    """The part of a journal that hides sittings, and keeps what they can be resumed from."""

    def hide_sitting(self, sitting: UUID, reason: str) -> None:
        """Leave a sitting out of trends, and what was measured in it out of later sittings.

        It stays in lists and exports, and can be shown again.
        """
        if not reason.strip():
            raise JournalError(
                _("Say why the sitting does not count, such as: electrode fell off.")
            )
        with self.writing() as session:
            find_sitting(session, sitting).hidden = reason.strip()

    def show_sitting(self, sitting: UUID) -> None:
        """Let a hidden sitting count again."""
        with self.writing() as session:
            find_sitting(session, sitting).hidden = ""

    def leave_out(self, sitting: UUID, reason: str) -> None:
        """Hide a sitting for `reason`; show it where that is empty."""
        if reason:
            self.hide_sitting(sitting, reason)
        else:
            self.show_sitting(sitting)

    def keep_progress(self, sitting: UUID, progress: dict[str, Any]) -> None:
        """Keep how far a sitting that goes on has come."""
        with self.writing() as session:
            find_sitting(session, sitting).progress = progress

    def progress(self, sitting: UUID) -> dict[str, Any] | None:
        """Return how far a sitting has come; None where it cannot be resumed."""
        with self.reading() as session:
            return find_sitting(session, sitting).progress

    def broken_off(self, person: str) -> Sitting | None:
        """Return the newest sitting of a person that ended early and can be resumed."""
        with self.reading() as session:
            find_person(session, person)
            newest = session.scalar(
                select(SittingRow.id)
                .where(SittingRow.person_id == person, SittingRow.interrupted)
                .where(SittingRow.progress.is_not(None))
                .order_by(SittingRow.started.desc(), SittingRow.id)
                .limit(1)
            )
            return sittings_where(session, SittingRow.id == newest)[0] if newest else None

    def resume_sitting(self, sitting: UUID, conditions: Conditions) -> None:
        """Let a sitting that ended early go on, measured as it was.

        Refused where it is not, and where it goes on already or was set aside.
        """
        with self.writing() as session:
            row = find_sitting(session, sitting)
            if not row.interrupted or row.progress is None:
                raise JournalError(
                    _("That training goes on in another window already, or was set aside there.")
                )
            before = values_of(Conditions, row)
            if _measured(before) != _measured(conditions):
                raise JournalError(
                    _(
                        "That training was begun with other settings of the signal, or at another "
                        "rate: choose those again ({band}, {sfreq:g} Hz), or set it aside."
                    ).format(band=band_word(before.band_hz), sfreq=before.sfreq)
                )
            row.interrupted, row.duration_s = False, None

    def set_aside(self, sitting: UUID) -> None:
        """Keep a sitting that ended early as it is: it is not resumed any more."""
        with self.writing() as session:
            find_sitting(session, sitting).progress = None

    def forget_progress(self, *, before: datetime) -> None:
        """Set aside what ended early and was begun `before`: nobody resumes it any more."""
        with self.writing() as session:
            session.execute(
                update(SittingRow)
                .where(SittingRow.interrupted, SittingRow.started < before)
                .values(progress=None)
            )


def _measured(conditions: Conditions) -> tuple[object, ...]:
    """Return what figures of a sitting hang on, as far as it is not told by its channels."""
    return conditions.simulated, conditions.sfreq, conditions.band_hz
