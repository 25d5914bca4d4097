"""Which languages the user reads, best first: from the settings, the environment or the system."""

import os
import re
import sys
import tomllib
from pathlib import Path

import platformdirs

SOURCE = "en"
"""What the texts in the source are written in."""
SYSTEM = "system"
"""The setting for whatever the system speaks."""
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")  # as gettext asks them
_MAC_SETTINGS = "Library/Preferences/.GlobalPreferences.plist"
# In ours this table stands before those that grow with people. More is not read: the parser takes
# the square of a dotted key's length, for these a quarter of a second.
_MOST_BYTES = 2**13


def settings_path() -> Path:
    """Return where the settings lie: BIOFEEDBACK_SETTINGS, else the user's own folder for such."""
    named = os.environ.get("BIOFEEDBACK_SETTINGS")
    if named:
        return Path(named)
    return Path(platformdirs.user_config_dir("biofeedback")) / "settings.toml"


def languages() -> list[str]:
    """Return the languages to be spoken, best first; empty for the source's own.

    JSON is for programs, and the same in every language: a run that prints it speaks the source's.
    """
    if _is_for_programs(sys.argv[1:]):
        return []
    chosen = _chosen(settings_path())
    wanted = (_of_environment() or _of_system()) if chosen == SYSTEM else [chosen]
    return _before_the_source(wanted)


def _is_for_programs(words: list[str]) -> bool:
    return any(len(word) > 2 and "--json".startswith(word) for word in words)  # --js will do


def _chosen(path: Path) -> str:
    """Return what the settings say; `settings.py`, which stands above, tells what is wrong there.

    It is needed before anything else is: texts are looked up where modules are imported.
    """
    try:
        if not path.is_file():
            return SYSTEM
        with path.open("rb") as file:
            begin = file.read(_MOST_BYTES)
        if len(begin) == _MOST_BYTES:
            begin = begin.rpartition(b"\n[")[0]  # the tables that are whole
        table = tomllib.loads(begin.decode("utf-8"))
        return str(table["display"]["language"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return SYSTEM


def _of_environment() -> list[str]:
    for name in _VARIABLES:
        if value := os.environ.get(name):
            return value.split(":")
    return []


def _of_system() -> list[str]:
    """Return the languages of the user's screens where no variable says one."""
    if sys.platform == "darwin":
        return _of_mac(Path.home() / _MAC_SETTINGS)
    if sys.platform == "win32":
        import ctypes
        import locale

        number = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        return [locale.windows_locale[number]] if number in locale.windows_locale else []
    return []


def _of_mac(settings: Path) -> list[str]:
    """Return the languages in the order in which System Settings has them."""
    import plistlib

    try:
        names = plistlib.loads(settings.read_bytes()).get("AppleLanguages", [])
    except (OSError, ValueError, AttributeError):
        return []
    return [str(name).replace("-", "_") for name in names]


def _before_the_source(wanted: list[str]) -> list[str]:
    """Return the languages that are liked better than the source's, which has no catalogue."""
    for i, name in enumerate(wanted):
        if re.split("[-_.@]", name)[0] in (SOURCE, "C", "POSIX"):
            return wanted[:i]
    return wanted
