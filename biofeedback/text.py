"""Every word that a person reads goes through here: one catalogue for screens and messages."""

import gettext
from pathlib import Path

_DOMAIN = "biofeedback"
_CATALOGUES = Path(__file__).parent / "locale"


def catalogue(folder: Path) -> gettext.NullTranslations:
    """Return the catalogue in `folder` for the user's languages, the source's English without one.

    Languages are looked up in LANGUAGE, LC_ALL, LC_MESSAGES and LANG, as gettext does.
    """
    return gettext.translation(_DOMAIN, folder, fallback=True)


_catalogue = catalogue(_CATALOGUES)


def _(message: str) -> str:
    """Return `message` in the user's language."""
    return _catalogue.gettext(message)


def plural(one: str, many: str, n: int) -> str:
    """Return `one` or `many` as the user's language counts `n`."""
    return _catalogue.ngettext(one, many, n)
