"""The report of one training, from what it came to."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from biofeedback.reports.definitions import definition
from biofeedback.reports.drawing import GREY, INK, PALE
from biofeedback.reports.evidence import evidence, protocol_title
from biofeedback.reports.parts import Part, Picture, Report, Row, Statement
from biofeedback.text import _, of_file
from biofeedback.words import NO_NUMBER, band_word

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FORMS = {"%": "{:.0f}", "s": "{:.1f}"}


def training_report(told: Mapping[str, Any], *, on: date, notes: Sequence[str] = ()) -> Report:
    """Return the report of a training that came to `told` (as `training.summary` has it).

    `notes`: what the person noted of it, and what is to be known of it.
    """
    name = str(told["protocol"])
    return Report(
        title=_("Muscle tension: one training"),
        about=(
            Statement(
                _("{title}, {on}, {muscles}").format(
                    title=protocol_title(name), on=on, muscles=", ".join(told["channels"])
                ),
                of=(name,),
                values={"on": str(on)},
            ),
        ),
        parts=(
            Part(_("Notes and marks"), tuple(Statement(note, of=(name,)) for note in notes)),
            Part(_("The numbers"), rows=tuple(_rows(told)), picture=_phases_picture(told)),
            Part(_("The threshold"), tuple(_threshold(told, name))),
            evidence([name]),
        ),
        simulated=bool(told["simulated"]),
    )


def _key_and_unit(told: Mapping[str, Any]) -> tuple[str, str]:
    return ("uv", _("µV")) if "baseline_uv" in told else ("counts", _("counts"))


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _rows(told: Mapping[str, Any]) -> Iterator[Row]:
    key, unit = _key_and_unit(told)
    band = told["band_hz"]
    words = band_word(None if band is None else (float(band[0]), float(band[1])))
    valid = _number(told["valid_percent"])

    def row(name: str, value: Any, unit: str, what: str, *, banded: bool = True) -> Row:
        known = _number(value)
        said = NO_NUMBER if math.isnan(known) else _FORMS.get(unit, "{:.3g}").format(known)
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
    yield row(_("At the goal"), told["success_percent"], "%", "success")
    yield row(_("Time to the goal"), told["time_to_first_s"], "s", "time_to_first")
    yield row(_("Rests"), told["emg_gaps_per_min"], _("a minute"), "gaps")
    yield row(_("Longest activity"), told["longest_sustained_s"], "s", "longest")
    yield row(_("Recovery"), told["recovery_half_time_s"], "s", "recovery")
    yield row(_("Transfer"), told["transfer_index"], "", "transfer")
    yield row(_("The sensor resolves"), told[f"sensor_floor_{key}"], unit, "floor")
    if told["guesses"]:
        yield row(_("Guesses"), told["guess_error"], "", "guess_error", banded=False)
    names = {"tension": _("Tension, of 10"), "pain": _("Pain, of 10")}
    for name, value in told["ratings"].items():
        yield row(names.get(name, name), value, "", "rating", banded=False)


def _threshold(told: Mapping[str, Any], name: str) -> Iterator[Statement]:
    key, unit = _key_and_unit(told)
    for step in told["threshold_path"]:
        level = step.get(f"threshold_{key}")
        level, its_unit = (
            (level, unit) if level is not None else (step.get("threshold_percent"), "%")
        )
        if level is None:
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
