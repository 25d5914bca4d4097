"""The report of one training, from what it came to."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from biofeedback.muscles import shown_label
from biofeedback.reports.definitions import definition
from biofeedback.reports.drawing import GREY, INK, PALE
from biofeedback.reports.evidence import evidence
from biofeedback.reports.parts import Part, Picture, Report, Row, Statement
from biofeedback.text import _, of_file
from biofeedback.training.progress import Pause
from biofeedback.training.protocol_file import protocol_title
from biofeedback.words import NO_NUMBER, Signed, band_word

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FORMS = {"%": "{:.0f}", "s": "{:.1f}"}


def training_report(told: Mapping[str, Any], *, on: date, notes: Sequence[str] = ()) -> Report:
    """Return the report of a training that came to `told` (as `training.summary` has it).

    `notes`: what the person noted of it, and what is to be known of it.
    """
    name = str(told["protocol"])
    rows = list(_rows(told))
    return Report(
        title=_("Muscle tension: one training"),
        about=(
            Statement(
                _("{title}, {on}, {muscles}").format(
                    title=protocol_title(name),
                    on=on,
                    muscles=", ".join(map(shown_label, told["channels"])),
                ),
                of=(name,),
                values={"on": str(on)},
            ),
            *_first_muscle(told, name),
        ),
        parts=(
            Part(
                _("Notes and marks"),
                (*(Statement(note, of=(name,)) for note in notes), *_pauses(told, name)),
            ),
            Part(
                _("The numbers"),
                _not_known(rows, name),
                tuple(row for row in rows if row.value != NO_NUMBER),
                _phases_picture(told),
            ),
            Part(_("Trial by trial"), rows=tuple(_trials(told))),
            Part(_("The threshold"), tuple(_threshold(told, name))),
            evidence([name]),
        ),
        simulated=bool(told["simulated"]),
        of=protocol_title(name),
        made=on,
    )


def _key_and_unit(told: Mapping[str, Any]) -> tuple[str, str]:
    return ("uv", _("µV")) if "baseline_uv" in told else ("counts", _("counts"))


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _first_muscle(told: Mapping[str, Any], name: str) -> Iterator[Statement]:
    """Yield of which muscle the levels are, where there are several."""
    first, *others = told["channels"]
    if others:
        said = _("Levels and rest are those of {muscle}.").format(muscle=shown_label(first))
        yield Statement(said, of=(name,), values={"muscle": shown_label(first)})


def _pauses(told: Mapping[str, Any], name: str) -> Iterator[Statement]:
    """Yield where the training broke off, and for how long."""
    for pause in told.get("pauses", ()):
        said = _("It broke off after {minutes:.0f} min. {resumed}").format(
            minutes=pause["t_s"] / 60, resumed=Pause(**pause).words
        )
        yield Statement(said, of=(name,), values=dict(pause))


def _not_known(rows: Sequence[Row], name: str) -> tuple[Statement, ...]:
    """Return which numbers this training did not tell, in one sentence."""
    names = "; ".join(row.name for row in rows if row.value == NO_NUMBER)
    if not names:
        return ()
    said = _(
        "Not known of this training, as there was no such phase, no valid signal or no answer: "
        "{names}."
    )
    return (Statement(said.format(names=names), of=(name,), values={"names": names}),)


def _trials(told: Mapping[str, Any]) -> Iterator[Row]:
    """Yield how much of each trial was at the goal, with its threshold."""
    key, unit = _key_and_unit(told)
    words = _band(told)
    for trial in told["trials"]:
        threshold, its_unit = _level(trial, key, unit)
        at_goal = _number(trial["success_percent"])
        what = _("Share of the judged time at the goal; threshold {level}, {seconds:.0f} s.")
        if not trial["whole"]:
            what = _(
                "Share of the judged time at the goal; threshold {level}, ended after "
                "{seconds:.0f} s."
            )
        level = NO_NUMBER if math.isnan(threshold) else f"{threshold:.3g} {its_unit}"
        known = not math.isnan(at_goal)
        yield Row(
            _("Trial {n}").format(n=trial["trial"]),
            f"{at_goal:.0f}" if known else NO_NUMBER,
            "%" if known else "",
            words,
            trial["valid_percent"],
            what.format(level=level, seconds=trial["seconds"]),
        )


def _band(told: Mapping[str, Any]) -> str:
    band = told["band_hz"]
    return band_word(None if band is None else (float(band[0]), float(band[1])))


def _level(of: Mapping[str, Any], key: str, unit: str) -> tuple[float, str]:
    """Return a threshold and its unit: of a share it is in percent."""
    if of.get(f"threshold_{key}") is not None:
        return float(of[f"threshold_{key}"]), unit
    return _number(of.get("threshold_percent")), "%"


def _rows(told: Mapping[str, Any]) -> Iterator[Row]:
    key, unit = _key_and_unit(told)
    words = _band(told)
    valid = _number(told["valid_percent"])

    def row(name: str, value: Any, unit: str, what: str, *, banded: bool = True) -> Row:
        known = _number(value)
        said = NO_NUMBER if math.isnan(known) else _FORMS.get(unit, "{:.3g}").format(Signed(known))
        return Row(
            name,
            said,
            "" if math.isnan(known) else unit,
            words if banded else "",
            None if math.isnan(valid) or not banded else valid,
            definition(what),
        )

    rested = told["relative_rest_time_percent"]
    yield row(_("Relative rest time"), rested, "%", "relative_rest_time")
    level = told[f"rest_threshold_{key}"]
    yield row(_("Rest threshold"), level, unit, "rest_threshold")
    yield row(_("Baseline before"), told[f"baseline_{key}"], unit, "baseline")
    yield row(_("Baseline after"), told[f"post_baseline_{key}"], unit, "post_baseline")
    if "asymmetry" in told:
        yield row(_("Asymmetry"), told["asymmetry"], "", "asymmetry")
    if "overflow" in told:
        yield row(_("Overflow"), told["overflow"], "", "overflow")
    yield row(_("At the goal"), told["success_percent"], "%", "success")
    yield row(_("Time to the goal"), told["time_to_first_s"], "s", "time_to_first")
    yield row(_("Rests"), told["emg_gaps_per_min"], _("a minute"), "gaps")
    yield row(_("Longest activity"), told["longest_sustained_s"], "s", "longest")
    yield row(_("Recovery"), told["recovery_half_time_s"], "s", "recovery")
    yield row(_("Transfer"), told["transfer_index"], "", "transfer")
    yield row(_("The sensor resolves"), told[f"sensor_floor_{key}"], unit, "floor")
    if heart := told.get("heart"):
        yield row(_("Heart rate"), heart["rate_bpm"], _("/min"), "strap_rate", banded=False)
    if told["guesses"]:
        yield row(_("Guesses"), told["guess_error"], "", "guess_error", banded=False)
    names = {"tension": _("Tension, of 10"), "pain": _("Pain, of 10")}
    for name, value in told["ratings"].items():
        yield row(names.get(name, name), value, "", "rating", banded=False)


def _threshold(told: Mapping[str, Any], name: str) -> Iterator[Statement]:
    key, unit = _key_and_unit(told)
    for step in told["threshold_path"]:
        level, its_unit = _level(step, key, unit)
        if math.isnan(level):
            continue
        said = _("{t_s:.0f} s: {level} {unit} ({why})")
        if step["by_hand"]:
            said = _("{t_s:.0f} s: {level} {unit}, by hand ({why})")
        yield Statement(
            said.format(t_s=step["t_s"], level=f"{level:.3g}", unit=its_unit, why=step["why"]),
            of=(name,),
            values={"t_s": step["t_s"], "level": level, "why": step["why"]},
        )


def _phases_picture(told: Mapping[str, Any]) -> Picture | None:
    """Return the tension phase by phase: the median, and from the 10th to the 90th percentile."""
    key, unit = _key_and_unit(told)
    measured = []
    for phase in told["phases"]:
        load = {name: _number(value) for name, value in phase[f"tension_{key}"].items()}
        if not math.isnan(load["p50"]):
            measured.append((phase, load))
    if not measured:
        return None

    def draw(axes: "Axes") -> None:
        for phase, load in measured:
            start, width = phase["start_s"] / 60, phase["seconds"] / 60
            shade = PALE if phase["kind"] == "trial" else "white"
            axes.bar(
                start,
                load["p90"] - load["p10"],
                width,
                bottom=load["p10"],
                align="edge",
                color=shade,
                edgecolor=GREY,
                linewidth=0.5,
            )
            axes.plot((start, start + width), (load["p50"], load["p50"]), color=INK, linewidth=1.4)
        axes.set_ylim(bottom=0)
        axes.set_xlabel(_("Time (min)"))
        axes.set_ylabel(unit)

    said = "; ".join(
        f"{of_file(phase['name'])} {load['p50']:.3g} {unit}" for phase, load in measured
    )
    return Picture(
        draw,
        _("The median of each phase, in a box from 10 to 90 %; trials are grey. {said}.").format(
            said=said
        ),
    )
