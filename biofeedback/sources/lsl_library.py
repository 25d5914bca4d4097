"""Lab Streaming Layer's library, where it is installed: the one place that loads it."""

import os
from pathlib import Path
from typing import Any

from biofeedback.text import _

# Where liblsl looks for what a lab has set (liblsl 1.18, api_config.cpp); whoever has such a file
# decides there how much it prints.
_CONFIGURATIONS = ("lsl_api.cfg", "~/lsl_api/lsl_api.cfg", "/etc/lsl_api/lsl_api.cfg")
_QUIET = "[log]\nlevel = -3\n"

_loaded: list[Any] = []


def missing_library() -> str:
    """Return what to install for Lab Streaming Layer, as a sentence; empty where it is there."""
    try:
        load_library()
    except (ImportError, OSError, RuntimeError):  # the package, or the library in it
        return _(
            "Lab Streaming Layer needs one more package. Install it: pip install "
            '"biofeedback[lsl]" (on Linux other than x86-64 the library liblsl too).'
        )
    return ""


def load_library() -> Any:
    """Return the package pylsl; raise as its import does.

    Its library prints to standard error what it does, between our own lines, unless it is told.
    """
    if not _loaded:
        import pylsl  # type: ignore[import-untyped]

        if not os.environ.get("LSLAPICFG") and not any(
            Path(place).expanduser().is_file() for place in _CONFIGURATIONS
        ):
            pylsl.set_config_content(_QUIET)
        _loaded.append(pylsl)
    return _loaded[0]
