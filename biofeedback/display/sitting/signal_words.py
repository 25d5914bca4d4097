"""What is said of a signal that can be read though something is in it; no Qt."""

from biofeedback.stream import INVALID, Quality
from biofeedback.text import _
from biofeedback.words import quality_word, quality_words


def warning_words(quality: int, *, beats_removed: bool) -> str:
    """Return what is in a signal but leaves a reading, a sentence; empty where nothing is."""
    if not quality or quality & INVALID:
        return ""
    if beats_removed and not quality & Quality.MAINS:
        return _("Your heartbeat is taken out.")
    return quality_words(quality)[0]


def signal_word(quality: int, rate_bpm: float) -> str:
    """Return the gravest flag in a word or two; of a heartbeat its rate, NaN where not known."""
    if quality & (INVALID | Quality.MAINS | Quality.ECG) == Quality.ECG and rate_bpm > 0:
        return _("heart {rate:.0f}/min").format(rate=rate_bpm)
    return quality_word(quality)
