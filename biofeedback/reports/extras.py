"""The packages that reports are made with: loaded when they are needed, missed in a sentence."""

import importlib
import warnings
from types import ModuleType

from biofeedback.errors import BiofeedbackError
from biofeedback.text import _


class ReportError(BiofeedbackError):
    """A report cannot be made or written."""


def load(name: str) -> ModuleType:
    """Return the package or module `name`; raise `ReportError` where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ReportError(
            _(
                "Reports need the package {package}, which is not installed: install biofeedback "
                "with its extra [report]."
            ).format(package=name.partition(".")[0])
        ) from error


def load_weasyprint() -> ModuleType | None:
    """Return WeasyPrint, which sets the better PDF; None where it or its libraries are missing."""
    try:
        with warnings.catch_warnings():  # of a library that it can still do without
            warnings.simplefilter("ignore", DeprecationWarning)
            return importlib.import_module("weasyprint")
    except (ImportError, OSError):  # the latter where there is no Pango
        return None
