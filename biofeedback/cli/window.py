"""The window, where there is a display to open it on."""

import argparse
import os
import socket
import sys

from biofeedback.errors import BiofeedbackError
from biofeedback.text import _

_CONNECT_TIMEOUT_S = 2.0


def run(_args: argparse.Namespace) -> int:
    """Open the start page."""
    why_not = missing_window()
    if why_not:
        raise BiofeedbackError(
            _(
                "{why_not} Try: biofeedback demo, or biofeedback live SOURCE (biofeedback --help)."
            ).format(why_not=why_not)
        )
    return open_window()


def open_window(
    source: str = "", *, threshold_uv: float | None = None, seconds: float | None = None
) -> int:
    """Open the window, on a source where one is named; return when it is closed."""
    from biofeedback.display.run import run_window

    return run_window(source, threshold_uv=threshold_uv, seconds=seconds)


def missing_window() -> str:
    """Return why no window can open here, as a sentence; empty where it can.

    Qt ends the whole process where it finds no display, so that is looked at before.
    """
    if sys.platform.startswith("linux") and not _has_display():
        return _("There is no display here.")
    try:
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        return _(
            "The window cannot open ({error}): run python3 scripts/run.py, which says what to "
            "install."
        ).format(error=error)
    return ""


def _has_display() -> bool:
    if os.environ.get("QT_QPA_PLATFORM") or os.environ.get("WAYLAND_DISPLAY"):
        return True
    host, colon, number = os.environ.get("DISPLAY", "").rpartition(":")
    number = number.partition(".")[0]
    if not colon or not number.isdigit():
        return False
    if host and host != "unix":
        address: tuple[str, int] | str = (host, 6000 + int(number))
        family = socket.AF_INET
    else:
        address, family = f"/tmp/.X11-unix/X{number}", socket.AF_UNIX  # noqa: S108
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(_CONNECT_TIMEOUT_S)
        try:
            probe.connect(address)
        except OSError:
            # an abstract socket is all that some servers offer
            return family == socket.AF_UNIX and _connects(f"\0{address}")
    return True


def _connects(address: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(address) == 0
