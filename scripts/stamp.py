"""Knows from a stamp inside a virtual environment whether it is whole."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KERNEL_FILES = ("_kernel.c", "frames.c", "frames.h", "steps.c", "steps.h", "cpu.h", "group.h")
KERNEL = tuple(f"biofeedback/kernel/{name}" for name in KERNEL_FILES)
BUILT_FROM = ("pyproject.toml", "setup.py", *KERNEL)


class Venv:
    """The `.venv` of one project folder.

    The stamp is a small JSON file: `made_of` (folder and Python), `project` (hash of the files
    that an install is made from), `extras`, `screens` (whose libraries were looked for); or
    `unfinished`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self._file = self.folder / "biofeedback-stamp.json"

    @property
    def stamp(self) -> Mapping[str, Any]:
        """What was written last; empty when there is none."""
        try:
            stamp = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    @stamp.setter
    def stamp(self, stamp: Mapping[str, Any]) -> None:
        new = self._file.with_suffix(".new")  # replaced whole: nobody reads half a stamp
        new.write_text(json.dumps(dict(stamp), indent=1), encoding="utf-8")
        os.replace(str(new), str(self._file))

    def made_of(self) -> str | None:
        """Return what a moved folder or an upgraded Python changes; None without a live Python."""
        try:
            settings = (self.folder / "pyvenv.cfg").read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None
        python = os.path.realpath(str(self.python))
        if os.name == "nt":  # there python.exe is no link, but starts the one in `home`
            lines = dict(line.split(" = ", 1) for line in settings.splitlines() if " = " in line)
            python = os.path.join(lines.get("home", ""), "python.exe")
        if not (os.path.isfile(python) and self.python.is_file()):
            return None
        return f"{self.folder}: {python}: {settings}"

    def project(self) -> str:
        """Return the hash of what is built or installed anew when it changes."""
        found = hashlib.sha256()
        for name in BUILT_FROM:
            file = self.root / name
            found.update(file.read_bytes() if file.is_file() else b"")
        return found.hexdigest()

    def is_current(self, extra: str) -> bool:
        """Say whether nothing is to do; runs no program, so that a start is quick."""
        stamp = self.stamp
        return (
            stamp.get("project") == self.project()
            and stamp.get("made_of") == self.made_of()
            and {extra} <= {"", *stamp.get("extras", ())}
        )

    def may_be_added_to(self) -> bool:
        """Say whether it is whole as far as the stamp knows; one made by hand has none."""
        made_of, stamp = self.made_of(), self.stamp
        same = made_of == stamp.get("made_of", made_of)
        return made_of is not None and same and "unfinished" not in stamp
