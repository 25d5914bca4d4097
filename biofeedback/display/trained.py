"""What a training came to, what it takes from a person's journal, and what that keeps of it."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from biofeedback.journal.nouns import Calibration, Kind
from biofeedback.recording.sidecar import source_kind
from biofeedback.session import Session
from biofeedback.stream import Channel
from biofeedback.training.protocol import Kind as PhaseKind
from biofeedback.training.score import baselines, load_of
from biofeedback.training.summary import summary
from biofeedback.training.trainer import Trainer
from biofeedback.words import plain

if TYPE_CHECKING:  # a database takes half a second to load
    from biofeedback.journal.kept import KeptSitting


def outcome(session: Session, kept: "KeptSitting | None" = None) -> dict[str, Any]:
    """Return what a training came to, NaN for unknown: no date, no name of a person, no path."""
    trainer, info = session.trainer, session.info
    assert trainer is not None  # noqa: S101
    reference = math.nan
    if kept:
        reference = _stored_reference(kept, session, trainer.measure.channels[0])
    return {
        "protocol": trainer.protocol.name,
        "source": source_kind(info),
        "simulated": info.simulated,
        "sfreq": info.sfreq,
        "duration_s": trainer.events[-1].t_s,  # not the session's, which ends with a chunk
        "band_hz": session.band_hz,
        **summary(trainer, reference=reference),
    }


def next_in_course(kept: "KeptSitting", protocol: str, *, simulated: bool) -> int:
    """Return which sitting with that protocol, from 1, the next one of this person is."""
    done = [
        sitting
        for sitting in kept.journal.sittings(kept.person)
        if sitting.summary.get("protocol") == protocol
        and sitting.conditions.simulated == simulated
        and not sitting.interrupted
    ]
    return len(done) + 1


def _stored_reference(kept: "KeptSitting", session: Session, channel: Channel) -> float:
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


def keep(kept: "KeptSitting", session: Session, told: dict[str, Any]) -> None:
    """Complete the sitting with its `outcome`, and keep what was measured of the muscles."""
    trainer = session.trainer
    assert trainer is not None  # noqa: S101
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
    complete(kept, session, told)


def complete(
    kept: "KeptSitting", session: Session, told: dict[str, Any], *, note: str = ""
) -> None:
    """Complete the sitting with its `outcome` and what was noted of it; the later call holds."""
    kept.finish(
        duration_s=session.duration_s,
        summary=plain(told),
        note=note,
        interrupted=not told["whole"],
    )


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
