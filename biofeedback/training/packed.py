"""The progress of a training as plain values for JSON, and back."""

import base64
import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biofeedback.errors import SettingsError
from biofeedback.text import _
from biofeedback.training.goal import Measure
from biofeedback.training.progress import Pause, Progress
from biofeedback.training.protocol import Feedback, Phase, Protocol
from biofeedback.training.score import TrialScore
from biofeedback.training.staircase import Step
from biofeedback.training.stretch import Stretch

_QUICK = 1  # of zlib's levels: envelopes shrink little, and somebody waits


class Packer:
    """Turns the progress of one training into plain values, each phase once."""

    def __init__(self, protocol: Protocol, measure: Measure) -> None:
        self._protocol, self._measure = protocol, measure
        self._phases: list[dict[str, Any]] = []

    def __call__(self, progress: Progress) -> dict[str, Any]:
        """Return `progress`, of which only more becomes known, as plain values."""
        for stretch in progress.stretches[len(self._phases) :]:
            self._phases.append(_packed(stretch, self._protocol.phases))
        return {
            "protocol": self._protocol.name,
            "title": self._protocol.title,
            "plan": _plan(self._protocol.phases),
            "muscles": _muscles(self._measure),
            "reached": progress.reached,
            "t_s": progress.t_s,
            "stretches": list(self._phases),
            "scores": [asdict(score) for score in progress.scores],
            "path": [asdict(step) for step in progress.path],
            "eased_to": progress.eased_to,
            "running": progress.running,
            "lowest": progress.lowest,
            "baseline": progress.baseline,
            "centre": progress.centre,
            "references": progress.references,
            "guesses": list(progress.guesses),
            "ratings": progress.ratings,
            "changes": list(progress.changes),
            "pauses": [asdict(pause) for pause in progress.pauses],
        }


def unpacked(plain: dict[str, Any], protocol: Protocol, measure: Measure) -> Progress:
    """Return what `Packer` packed.

    Raises `SettingsError` where the protocol has changed since, or other muscles or another sensor
    are measured than were.
    """
    if plain["plan"] != _plan(protocol.phases):
        raise SettingsError(
            _("The protocol {name} has changed since: this training cannot go on with it.").format(
                name=protocol.name
            )
        )
    if plain["muscles"] != _muscles(measure):
        raise SettingsError(
            _(
                "This training was begun with {before}, and now there is {now}: connect what it "
                "was begun with, or set it aside."
            ).format(before=_said(plain["muscles"]), now=_said(_muscles(measure)))
        )
    return Progress(
        reached=plain["reached"],
        t_s=plain["t_s"],
        stretches=tuple(
            _stretch(each, protocol.phases, muscles=len(measure.channels))
            for each in plain["stretches"]
        ),
        scores=tuple(TrialScore(**_known(each)) for each in plain["scores"]),
        path=tuple(Step(**each) for each in plain["path"]),
        eased_to=_number(plain["eased_to"]),
        running=plain["running"],
        lowest=plain["lowest"],
        baseline=_number(plain["baseline"]),
        centre=_number(plain["centre"]),
        references=_known(plain["references"]),
        guesses=tuple(_known(each) for each in plain["guesses"]),
        ratings=_known(plain["ratings"]),
        changes=tuple(plain["changes"]),
        pauses=tuple(Pause(**each) for each in plain["pauses"]),
    )


def _plan(phases: Iterable[Phase]) -> list[list[Any]]:
    return [[phase.name, phase.kind.value, phase.seconds] for phase in phases]


def _muscles(measure: Measure) -> list[dict[str, str]]:
    return [
        {"label": channel.label, "sensor": channel.sensor, "unit": channel.unit}
        for channel in measure.channels
    ]


def _said(muscles: Sequence[dict[str, str]]) -> str:
    """Return the muscles and their sensors in words."""
    return ", ".join(f"{each['label']} ({each['sensor'] or each['unit']})" for each in muscles)


def _number(value: float | None) -> float:
    """Return a number that JSON kept: it has no NaN."""
    return math.nan if value is None else value


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {key: _number(value) for key, value in values.items()}


def _packed(stretch: Stretch, phases: Sequence[Phase]) -> dict[str, Any]:
    """Return a phase, which may have been changed by hand; its envelopes to seven digits."""
    phase, breaths = stretch.phase, stretch.breaths
    same = [(each.name, each.kind, each.round) for each in phases]
    changes = np.flatnonzero(_differs(stretch.threshold))
    return {
        "phase": same.index((phase.name, phase.kind, phase.round)),
        "phase_seconds": phase.seconds,
        "feedback": phase.feedback.value,
        "start_s": stretch.start_s,
        "seconds": stretch.seconds,
        "samples": stretch.samples,
        "valid_samples": stretch.valid_samples,
        "whole": stretch.whole,
        "rate_hz": stretch.rate_hz,
        "rows": len(stretch.valid),
        "fast": _text(stretch.fast.astype("<f4")),
        "slow": _text(stretch.slow.astype("<f4")),
        "valid": _text(np.packbits(stretch.valid)),
        "breaths": None if np.isnan(breaths).all() else _text(breaths.astype("<f4")),
        "thresholds": [[int(at), float(stretch.threshold[at])] for at in changes],
    }


def _differs(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which of `values` differ from the one before; NaN does not from NaN."""
    before, now = values[:-1], values[1:]
    other = (before != now) & ~(np.isnan(before) & np.isnan(now))
    return np.concatenate((np.ones(min(1, len(values)), dtype=bool), other))


def _text(values: NDArray[Any]) -> str:
    return base64.b64encode(zlib.compress(values.tobytes(), _QUICK)).decode("ascii")


def _bytes(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))


def _numbers(text: str) -> NDArray[np.float64]:
    return np.frombuffer(_bytes(text), "<f4").astype(np.float64)


def _stretch(plain: dict[str, Any], phases: Sequence[Phase], *, muscles: int) -> Stretch:
    rows = plain["rows"]
    threshold = np.empty(rows)
    for at, value in plain["thresholds"]:
        threshold[at:] = _number(value)
    packed = np.frombuffer(_bytes(plain["valid"]), np.uint8)
    breaths = plain["breaths"]
    return Stretch(
        phase=replace(
            phases[plain["phase"]],
            seconds=plain["phase_seconds"],
            feedback=Feedback(plain["feedback"]),
        ),
        start_s=plain["start_s"],
        seconds=plain["seconds"],
        samples=plain["samples"],
        valid_samples=plain["valid_samples"],
        whole=plain["whole"],
        rate_hz=plain["rate_hz"],
        fast=_numbers(plain["fast"]).reshape(rows, muscles),
        slow=_numbers(plain["slow"]).reshape(rows, muscles),
        valid=np.unpackbits(packed, count=rows).astype(bool),
        threshold=threshold,
        breaths=np.full(rows, np.nan) if breaths is None else _numbers(breaths),
    )
