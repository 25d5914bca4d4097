"""What a translation must have in common with its text."""

import re
import string
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message


def faults(catalogue: Catalog) -> Iterator[str]:
    """Yield a sentence for each text that has no translation, or one that does not fit it."""
    for message in catalogue:
        if message.id:
            name = message.id if isinstance(message.id, str) else message.id[0]
            yield from (f"{name!r}: {why}" for why in _faults(message, catalogue.num_plurals))
    yield from (f"{name!r}: is in the source no more" for name in catalogue.obsolete)


def _faults(message: Message, num_plurals: int) -> Iterator[str]:
    ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    said = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    if not said or not all(said):
        yield "is not translated"
        return
    if message.fuzzy:
        yield "is marked as fuzzy"
    if len(ids) > 1 and len(said) != num_plurals:
        yield f"has {len(said)} forms, not {num_plurals}"
    for text in said:
        if _fields(text) not in map(_fields, ids):  # "once a week" has none
            yield f"the placeholders are not those of {text!r}"
        if _mnemonics(text) != _mnemonics(ids[-1]):
            yield f"the letter after & is missing, or too much, in {text!r}"
        if _edges(text) != _edges(ids[-1]):
            yield f"the spaces around are not those of {text!r}"


def _fields(text: str) -> list[tuple[str, str, str]] | None:
    """Return the placeholders with their formats, in order of name; None where they are broken."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return None
    return sorted(
        (name, spec or "", as_ or "") for _said, name, spec, as_ in parts if name is not None
    )


def _mnemonics(text: str) -> int:
    return len(re.findall(r"&[^\W_]", text))


def _edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
