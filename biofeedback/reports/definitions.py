"""What each number of a report is: docs/figures.md in half a sentence."""

from biofeedback.text import _


def definition(name: str) -> str:
    """Return what a number is, by its name in `analyze --json` or in a training's summary."""
    return {
        "rms": _("Root mean square of the band-passed signal, over all valid time."),
        "arv": _("Mean size of the band-passed signal, over all valid time."),
        "static": _("The RMS over 1 s was not above this for 10 % of the time (static load)."),
        "median": _("The RMS over 1 s was not above this for 50 % of the time (median load)."),
        "peak": _("The RMS over 1 s was not above this for 90 % of the time (peak load)."),
        "rest": _("10th percentile of the RMS over 125 ms."),
        "bursts": _("Contractions: begun above 5 times the rest, ended below 2.5 times."),
        "relative_rest_time": _(
            "Share of the valid time with the RMS over 125 ms below the rest threshold."
        ),
        "rest_threshold": _("Below this a muscle counts as resting."),
        "gaps": _("Rests of 0.2 s or longer, for each minute."),
        "longest": _("The longest time without a rest."),
        "median_frequency": _("Half of the signal's power is below this; it falls with fatigue."),
        "mean_frequency": _("Centre of the spectrum; it falls with fatigue."),
        "mains": _("Mains pick-up and its harmonics, in the signal as it came."),
        "floor": _("Half a step of the converter: below it a number means nothing."),
        "heart_rate": _("From the heartbeats in the signal."),
        "strap_rate": _("Beats a minute, on average, as the heart strap told them."),
        "asymmetry": _("(first − second) / (first + second): 0 is even."),
        "overflow": _(
            "The other muscle's level over that of the muscle at the task, each as a share of its "
            "reference: 0 is none."
        ),
        "co_contraction": _("Twice the shared area over both: 1 is in step."),
        "baseline": _("Median of the RMS over 1 s, sitting still before the trials."),
        "post_baseline": _("Median of the RMS over 1 s, sitting still after the trials."),
        "success": _("Share of the judged time of all trials that was at the goal."),
        "recovery": _("From the end of a load to halfway back to the baseline, held 3 s."),
        "transfer": _("How much of the fall in the trials remains without help."),
        "rating": _("As the person rated it afterwards, 0 to 10."),
        "time_to_first": _("Until the goal was first held for 10 s."),
        "guess_error": _("How far the guesses were off, of 10."),
    }[name]
