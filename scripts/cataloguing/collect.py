"""Every text that people read, from the source and from the TOML files that come with it."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog

from biofeedback.sources.scenario import TRANSLATED as OF_SCENARIOS
from biofeedback.training.protocol_file import translatable

KEYWORDS = {"_": 1, "plural": 2}
"""The functions of biofeedback.text, and how many forms of a text each is given."""


def collect(root: Path) -> Catalog:
    """Return all texts of the package in the folder `root`, each with the files that say it."""
    found = Catalog(project="biofeedback", charset="utf-8", fuzzy=False)
    for path in sorted(root.rglob("*.py")):
        where = path.relative_to(root.parent).as_posix()
        for message, line in _of_source(path.read_text("utf-8")):
            found.add(message, locations=[(where, line)])
    for path in sorted(root.rglob("*.toml")):
        where = path.relative_to(root.parent).as_posix()
        for message in _of_toml(path):
            found.add(message, locations=[(where, 1)])
    return found


def _of_source(text: str) -> Iterator[tuple[str | tuple[str, ...], int]]:
    """Yield what each call of `KEYWORDS` is given, with its line, as the catalogue looks it up."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Name(id=name), args=args) if name in KEYWORDS:
                forms = tuple(str(ast.literal_eval(form)) for form in args[: KEYWORDS[name]])
                yield forms if len(forms) > 1 else forms[0], node.lineno


def _of_toml(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    if path.parent.name == "protocols":
        yield from (message for _line, message in translatable(text))
    else:
        table: dict[str, Any] = tomllib.loads(text)
        yield from (table[key] for key in OF_SCENARIOS if table.get(key))
