"""Numbers, moments and days as people type them."""

from datetime import UTC, date, datetime, time

from biofeedback.errors import JournalError
from biofeedback.text import _

_NOON = time(12)  # of a day whose hour is not told
_DOTTED = "%d.%m.%Y"


def read_number(typed: str) -> float:
    """Return a number; a comma may stand for the point. Raises `JournalError`."""
    try:
        return float(typed if "." in typed else typed.replace(",", "."))
    except ValueError as error:
        raise JournalError(_("'{typed}' is no number.").format(typed=typed[:40])) from error


def read_moment(typed: str) -> datetime:
    """Return the moment that is typed; where it tells none, this computer's zone, and noon.

    As ISO 8601 has it, or 1.3.2026 09:30. Raises `JournalError`.
    """
    for form in (None, f"{_DOTTED} %H:%M", _DOTTED):
        try:
            at = datetime.strptime(typed, form) if form else datetime.fromisoformat(typed)
            if ":" not in typed:
                at = datetime.combine(at.date(), _NOON)
            return at.astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            continue
    raise JournalError(
        _("'{typed}' is no time; write it like 2026-03-01T09:30.").format(typed=typed[:40])
    )


def read_day(typed: str) -> date:
    """Return the day that is typed, as 2026-03-01 or 1.3.2026. Raises `JournalError`."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        pass
    try:
        return datetime.strptime(typed, _DOTTED).date()
    except ValueError as error:
        raise JournalError(
            _("'{typed}' is no date; write it like 2026-03-01.").format(typed=typed[:40])
        ) from error
