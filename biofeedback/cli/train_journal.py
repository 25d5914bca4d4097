"""What a training takes from a person's journal, and what of it carries over to the next ones."""

import math
from collections.abc import Iterator
from typing import Any

from biofeedback.cli.output import plain
from biofeedback.journal.kept import KeptSitting
from biofeedback.journal.nouns import Calibration, Kind
from biofeedback.session import Session
from biofeedback.stream import Channel
from biofeedback.training.protocol import Kind as PhaseKind
from biofeedback.training.score import baselines, load_of
from biofeedback.training.trainer import Trainer


def next_in_course(kept: KeptSitting, protocol: str, *, simulated: bool) -> int:
    """Return which sitting with that protocol, from 1, the next one of this person is."""
    done = [
        sitting
        for sitting in kept.journal.sittings(kept.person)
        if sitting.summary.get("protocol") == protocol
        and sitting.conditions.simulated == simulated
        and not sitting.interrupted
    ]
    return len(done) + 1


def stored_reference(kept: KeptSitting, session: Session, channel: Channel) -> float:
    """Return the newest reference contraction that holds for `channel`, in µV, or NaN."""
    found = kept.journal.newest_calibration(
        kept.person,
        "reference",
        channel=channel.label,
        band_hz=session.band_hz,
        sensor=channel.sensor,
        simulated=session.info.simulated,
    )
    return found.value_uv if found else math.nan


def keep(kept: KeptSitting, session: Session, trainer: Trainer, told: dict[str, Any]) -> None:
    """Complete the sitting with its phases, its summary, and what was measured of the muscles."""
    for annotation in session.annotations:
        kept.annotate(annotation)
    for kind, channel, value_uv, valid_percent in _measured(trainer):
        calibration = Calibration(
            kind=kind,
            channel=channel.label,
            value_uv=value_uv,
            band_hz=session.band_hz,
            sensor=channel.sensor,
            simulated=session.info.simulated,
            measured=kept.started,
            valid_percent=valid_percent,
        )
        kept.journal.keep_calibration(kept.person, calibration, sitting=kept.sitting)
    kept.finish(duration_s=session.duration_s, summary=plain(told), interrupted=not trainer.whole)


def _measured(trainer: Trainer) -> Iterator[tuple[Kind, Channel, float, float]]:
    """Yield what carries over to other sittings: rest and references, in µV."""
    measure, stretches = trainer.measure, trainer.results.stretches
    if measure.level_unit != "uv":
        return
    before, _after = baselines(stretches)
    if before and before.phase.kind is PhaseKind.BASELINE:
        level = load_of(before, measure).median
        if not math.isnan(level):
            yield "baseline", measure.channels[0], level, before.valid_percent
    for stretch in stretches:
        if stretch.phase.kind is PhaseKind.REFERENCE:
            level = measure.references[stretch.phase.muscle]
            if not math.isnan(level):
                channel = measure.channels[measure.aim.muscles.index(stretch.phase.muscle)]
                yield "reference", channel, level, stretch.valid_percent
