"""Every word that a person reads goes through here: one catalogue for screens and messages."""

import gettext
import unicodedata
from pathlib import Path

_DOMAIN = "biofeedback"
_CATALOGUES = Path(__file__).parent / "locale"
# They join letters or keep them apart, in Persian and in the scripts of India.
_JOINERS = "\u200c\u200d"


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


def harmless(text: str) -> str:
    """Return `text` as one line that a terminal shows and does not obey.

    Labels, notes and names of files are other people's, and may hold escape sequences, ends of
    lines, or marks that turn the order of what follows around: those are written as "\\x1b".
    """
    if text.isprintable():
        return text
    return "".join(c if _is_shown(c) else c.encode("unicode_escape").decode() for c in text)


def _is_shown(character: str) -> bool:
    blank = unicodedata.category(character) == "Zs"
    return character.isprintable() or character in _JOINERS or blank
