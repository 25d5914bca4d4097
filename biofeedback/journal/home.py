"""Where the journal is looked for: told without loading a database, which takes half a second."""

import os
import re
from pathlib import Path

import platformdirs

VARIABLE = "BIOFEEDBACK_JOURNAL"
"""Names its file, or its URL."""
FILE = "journal.sqlite"


def data_folder() -> Path:
    """Return the user's own folder for our data."""
    return Path(platformdirs.user_data_dir("biofeedback"))


def named_place() -> str:
    """Return the path or the URL that the user has named, else the path of the user's own."""
    return os.environ.get(VARIABLE) or str(data_folder() / FILE)


def shown_place() -> str:
    """Return the same without the password that a URL may hold."""
    return re.sub(r"(?<=://)([^:@/]*):.*@", r"\1:***@", named_place())


def may_be_there() -> bool:
    """Say whether a journal was ever made here; of a server it is not known, and likely."""
    named = named_place()
    return "://" in named or Path(named).expanduser().exists()
