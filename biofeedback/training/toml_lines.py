"""Where a key stands in a TOML file: tomllib tells values, not their lines."""

import re
import tomllib
from collections.abc import Iterator

Path = tuple[str | int, ...]
"""Keys from the root downwards; a number, from 0, counts the tables of an array."""

_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[\w"'-]+)*)\s*=""")


def line_of(text: str, path: Path) -> int:
    """Return the line, from 1, on which the key or table `path` of a valid TOML `text` begins.

    Of what stands inside a value (an inline table, an array) it is the line of that value.
    """
    lines = dict(_places(text))
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _places(text: str) -> Iterator[tuple[Path, int]]:
    """Yield each header and key with its line."""
    table: Path = ()
    counts: dict[Path, int] = {}
    waiting = ""  # a value that goes on for several lines
    for number, line in enumerate(text.splitlines(), start=1):
        if waiting:
            waiting = "" if _whole(waiting := f"{waiting}\n{line}") else waiting
        elif header := _HEADER.match(line):
            table = _table(_names(header[2]), counts, array=header[1] == "[[")
            yield table, number
        elif key := _KEY.match(line):
            yield table + _names(key[1]), number
            if not _whole(line):
                waiting = line


def _table(names: Path, counts: dict[Path, int], *, array: bool) -> Path:
    """Return the path of the table that a header of `names` opens."""
    path: Path = ()
    for i, name in enumerate(names):
        path += (name,)
        if array and i == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path += (counts[path],)
    return path


def _names(dotted: str) -> Path:
    """Return the keys in `a.b."c d"`."""
    return tuple(name.strip("\"'") for name in re.findall(r"""[\w-]+|"[^"]*"|'[^']*'""", dotted))


def _whole(line: str) -> bool:
    """Say whether the assignment `line` is complete."""
    try:
        tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return False
    return True
