"""Every word that a person reads goes through here: one catalogue for screens and messages."""

import gettext
import unicodedata
from pathlib import Path

from biofeedback.text.language import SOURCE, languages

_DOMAIN = "biofeedback"
_CATALOGUES = Path(__file__).parents[1] / "locale"
# They join letters or keep them apart, in Persian and in the scripts of India.
_JOINERS = "\u200c\u200d"


def catalogue(folder: Path) -> gettext.NullTranslations:
    """Return the catalogue in `folder` for the user's languages, the source's English without one.

    Texts are looked up where modules are imported, too: another language holds from the next start.
    """
    return gettext.translation(_DOMAIN, folder, languages(), fallback=True)


def translated() -> tuple[str, ...]:
    """Return the languages that there is a catalogue for, by their codes."""
    found = _CATALOGUES.glob(f"*/LC_MESSAGES/{_DOMAIN}.mo")
    return tuple(sorted(file.parents[1].name for file in found))


_catalogue = catalogue(_CATALOGUES)


def _(message: str) -> str:
    """Return `message` in the user's language."""
    return _catalogue.gettext(message)


def plural(one: str, many: str, n: int) -> str:
    """Return `one` or `many` as the user's language counts `n`."""
    return _catalogue.ngettext(one, many, n)


def of_file(message: str) -> str:
    """Return a text that stands in a file of the program, in the user's language.

    What the catalogue does not have, as in a user's own file, is returned as it is.
    """
    return _catalogue.gettext(message) if message else ""  # gettext keeps its header under ""


def spoken() -> str:
    """Return the code of the language that the program speaks, such as "de"."""
    return _catalogue.info().get("language", SOURCE)


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
