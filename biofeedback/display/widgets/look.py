"""Colours and text size of the whole window, as steps from one setting to the next."""

from dataclasses import replace

from PySide6.QtWidgets import QApplication

from biofeedback.display.widgets.palette import Palette
from biofeedback.display.widgets.style import apply_style, choose_palette
from biofeedback.settings import DisplaySettings

_FONT_STEPS = (1.0, 1.25, 1.5, 2.0)


def dress(display: DisplaySettings) -> Palette:
    """Give the program its colours and text size; return the palette."""
    palette = choose_palette(display.palette, strong=display.contrast == "high")
    app = QApplication.instance()
    assert isinstance(app, QApplication)  # noqa: S101
    apply_style(app, palette, font_scale=display.font_scale)
    return palette


def other_palette(display: DisplaySettings) -> DisplaySettings:
    """Return light for dark, and dark for light."""
    dark = choose_palette(display.palette) is choose_palette("dark")
    return replace(display, palette="light" if dark else "dark")


def other_contrast(display: DisplaySettings) -> DisplaySettings:
    """Return high contrast for the usual one, and the other way round."""
    return replace(display, contrast="usual" if display.contrast == "high" else "high")


def larger(display: DisplaySettings) -> DisplaySettings:
    """Return the next larger text, up to double."""
    now = display.font_scale
    return replace(display, font_scale=min((s for s in _FONT_STEPS if s > now), default=now))


def smaller(display: DisplaySettings) -> DisplaySettings:
    """Return the next smaller text."""
    now = display.font_scale
    return replace(display, font_scale=max((s for s in _FONT_STEPS if s < now), default=now))


def turned(display: DisplaySettings) -> DisplaySettings:
    """Return the next larger text; after the largest the smallest."""
    now = display.font_scale
    largest = now >= _FONT_STEPS[-1]
    return replace(display, font_scale=_FONT_STEPS[0]) if largest else larger(display)
