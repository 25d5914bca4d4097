"""What lies beside a recording under a name that follows from its own."""

from pathlib import Path


def read_beside(path: Path, most: int) -> str | None:
    """Return the first `most` characters of the text file at `path`, None where there is none.

    A pipe or a device of that name is none: it would be waited for, or never end.
    """
    try:
        if not path.is_file():
            return None
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            return file.read(most)
    except OSError:
        return None
