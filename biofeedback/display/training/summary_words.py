"""What a training came to, in three sentences and a table; no Qt."""

import math
from typing import Any

from biofeedback.display.sitting.breathing_words import breathing_row, breathing_sentence
from biofeedback.text import _
from biofeedback.training.protocol import Mode
from biofeedback.words import band_word

# Less than this is no change: the slow RMS of steady EMG scatters by 4 to 5 %, of a baseline's
# median over two minutes by far less, but no muscle holds still from minute to minute.
_SAME = 0.10
_MOST_VALID = 90.0  # percent; with less of it that is what is to be known first
_NAN = math.nan


def level_key(told: dict[str, Any]) -> str:
    """Return how the keys of levels end in an outcome: uv or counts."""
    return "uv" if "baseline_uv" in told else "counts"


def level_unit(told: dict[str, Any]) -> str:
    """Return the unit of the levels, as it is printed."""
    return _("µV") if level_key(told) == "uv" else _("counts")


def sentences(told: dict[str, Any]) -> tuple[str, str, str]:
    """Return what came of it: of the muscle at rest, of the trials, and how much is known."""
    trials = " ".join(filter(None, [_trial_words(told), breathing_sentence(told)]))
    return _rest_words(told), trials, _valid_words(told)


def _rest_words(told: dict[str, Any]) -> str:
    before, after = (told[f"{name}_{level_key(told)}"] for name in ("baseline", "post_baseline"))
    level, then, unit = f"{before:.3g}", f"{after:.3g}", level_unit(told)
    if math.isnan(before):
        return _("How tense the muscle is by itself is not known: too little of it was measured.")
    if math.isnan(after):
        return _("By itself the muscle was at {level} {unit}.").format(level=level, unit=unit)
    if abs(after / before - 1) <= _SAME:
        return _("By itself the muscle stayed as it was: {level} {unit}, then {then}.").format(
            level=level, unit=unit, then=then
        )
    if after < before and told["mode"] in (Mode.BELOW, Mode.RELAX):
        return _("By itself the muscle came down, from {level} to {then} {unit}.").format(
            level=level, then=then, unit=unit
        )
    return _("By itself the muscle went from {level} to {then} {unit}.").format(
        level=level, then=then, unit=unit
    )


def _trial_words(told: dict[str, Any]) -> str:
    percent = told["success_percent"]
    if not told["trials"]:
        return _("There was no trial.")
    if math.isnan(percent):
        return _("Of the trials nothing could be judged.")
    return _("In the trials it was at the goal {percent:.0f} % of the time.").format(
        percent=percent
    )


def _valid_words(told: dict[str, Any]) -> str:
    valid, rested = told["valid_percent"], told["relative_rest_time_percent"]
    if math.isnan(valid):
        return _("Nothing was measured.")
    if valid < _MOST_VALID:
        return _(
            "Only {percent:.0f} % of the time had a valid signal; the rest counts nowhere."
        ).format(percent=valid)
    if math.isnan(rested):
        return _("{percent:.0f} % of the time had a valid signal.").format(percent=valid)
    if told["rest_threshold_from"] == "reference":
        return _("The muscle rested {percent:.0f} % of the time.").format(percent=rested)
    return _("{percent:.0f} % of the time it was no tenser than in the baseline.").format(
        percent=rested
    )


def table(told: dict[str, Any]) -> list[tuple[str, str]]:
    """Return names and values."""
    key, unit = level_key(told), level_unit(told)
    band = told["band_hz"]
    low_high = None if band is None else (float(band[0]), float(band[1]))
    rows = [
        (_("Baseline before"), _known(told[f"baseline_{key}"], "{value:.3g} {unit}", unit)),
        (_("Baseline after"), _known(told[f"post_baseline_{key}"], "{value:.3g} {unit}", unit)),
        (_("At the goal"), _known(told["success_percent"], "{value:.0f} %")),
        (_("Until the goal was held for 10 s"), _known(told["time_to_first_s"], "{value:.0f} s")),
        (_("Relative rest time"), _known(told["relative_rest_time_percent"], "{value:.0f} %")),
        (_("Valid signal"), _known(told["valid_percent"], "{value:.0f} %")),
        (_("Band"), band_word(low_high)),
        (
            _("The sensor resolves"),
            _known(told[f"sensor_floor_{key}"], "{value:.2g} {unit}", unit),
        ),
    ]
    if not math.isnan(half_s := told["recovery_half_time_s"]):
        rows.append((_("It let go halfway within"), _known(half_s, "{value:.1f} s")))
    if not math.isnan(index := told["transfer_index"]):
        rows.append((_("Of the fall remains without help"), _known(100 * index, "{value:.0f} %")))
    if heart := told.get("heart"):
        rate = _("{bpm:.0f} a minute").format(bpm=heart["rate_bpm"])
        rows.append((_("Heart rate"), _known(heart["rate_bpm"], rate)))
    if breathed := breathing_row(told):
        rows.append((_("Moved with the breath"), breathed))
    if told["guesses"]:
        error = _known(told["guess_error"], "{value:.1f}")
        rows.append((_("Guesses were off by, of 10"), error))
    names = {"tension": _("Tension, of 10"), "pain": _("Pain, of 10")}
    rows += [
        (names.get(name, name), _known(value, "{value:g}"))
        for name, value in told["ratings"].items()
    ]
    return rows


def _known(value: float, form: str, unit: str = "") -> str:
    return _("not known") if math.isnan(value) else form.format(value=value, unit=unit)
