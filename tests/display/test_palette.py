import pytest

from biofeedback.display.widgets.palette import DARK, LIGHT, STRONG_DARK, STRONG_LIGHT, Palette


def luminance(colour: str) -> float:
    """WCAG 2.1's relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    "palette",
    [DARK, LIGHT, STRONG_DARK, STRONG_LIGHT],
    ids=["dark", "light", "strong dark", "strong light"],
)
class TestContrast:
    @pytest.mark.parametrize("name", ["text", "quiet", "relaxed", "tense", "unknown", "warning"])
    @pytest.mark.parametrize("ground", ["ground", "card"])
    def test_words_are_readable(self, palette: Palette, name: str, ground: str):
        assert contrast(getattr(palette, name), getattr(palette, ground)) >= 4.5

    def test_the_main_button_is_readable(self, palette: Palette):
        assert contrast(palette.on_button, palette.button) >= 4.5

    def test_the_letters_on_electrodes_and_the_fibres_of_a_muscle_are_seen(self, palette: Palette):
        for electrode in (palette.trace, palette.envelope):
            assert contrast(palette.card, electrode) >= 4.5
        assert contrast(palette.relaxed, palette.target_band) >= 3

    def test_the_focus_and_the_lines_are_seen(self, palette: Palette):
        assert contrast(palette.focus, palette.card) >= 3
        assert contrast(palette.trace, palette.card) >= 3
        assert contrast(palette.text, palette.target_band) >= 4.5


@pytest.mark.parametrize("palette", [STRONG_DARK, STRONG_LIGHT], ids=["dark", "light"])
def test_words_of_high_contrast_have_seven_to_one(palette: Palette):
    """WCAG 2.1, 1.4.6."""
    for name in ("text", "quiet", "relaxed", "tense", "unknown", "warning"):
        assert contrast(getattr(palette, name), palette.card) >= 7
