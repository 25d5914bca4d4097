"""Colours of the two palettes; every text on its ground has a contrast of 4.5 or more (WCAG AA)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """One look, as #rrggbb. Zones are Okabe and Ito's colours, told apart by the colour-blind."""

    ground: str
    card: str
    line: str
    text: str
    quiet: str
    """Labels and axes."""
    button: str
    """The ground of the main button, with `on_button` on it."""
    on_button: str
    focus: str
    relaxed: str
    tense: str
    unknown: str
    target_band: str
    trace: str
    envelope: str
    warning: str
    strong: bool = False
    """Of high contrast: black and white, with outlines instead of shades."""


DARK = Palette(
    ground="#0e161f",
    card="#182430",
    line="#3a4a58",
    text="#eef3f8",
    quiet="#a9bac9",
    button="#1fa88a",
    on_button="#06120f",
    focus="#ffd166",
    relaxed="#2fc4a0",
    tense="#f0a02c",
    unknown="#a9bac9",
    target_band="#1d3f43",
    trace="#56b4e9",
    envelope="#f0a02c",
    warning="#f6c445",
)
LIGHT = Palette(
    ground="#eef2f6",
    card="#ffffff",
    line="#c3ccd6",
    text="#14202c",
    quiet="#4b5b6b",
    button="#00704f",
    on_button="#ffffff",
    focus="#000000",
    relaxed="#00704f",
    tense="#a84300",
    unknown="#4b5b6b",
    target_band="#d5ede4",
    trace="#0072b2",
    envelope="#b34700",
    warning="#8a5a00",
)
STRONG_DARK = Palette(
    ground="#000000",
    card="#000000",
    line="#8f8f8f",
    text="#ffffff",
    quiet="#ffffff",
    button="#ffffff",
    on_button="#000000",
    focus="#ffe600",
    relaxed="#4dffd2",
    tense="#ffb84d",
    unknown="#ffffff",
    target_band="#00463a",
    trace="#7fd0ff",
    envelope="#ffb84d",
    warning="#ffe600",
    strong=True,
)
STRONG_LIGHT = Palette(
    ground="#ffffff",
    card="#ffffff",
    line="#6b6b6b",
    text="#000000",
    quiet="#000000",
    button="#000000",
    on_button="#ffffff",
    focus="#b00058",
    relaxed="#00513a",
    tense="#7a2e00",
    unknown="#000000",
    target_band="#bfeede",
    trace="#00447a",
    envelope="#7a2e00",
    warning="#6b3f00",
    strong=True,
)
