"""What a training came to, what it takes from a person's journal, and what that keeps of it."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from biofeedback.display.sitting.course_model import course_days
from biofeedback.journal.nouns import Calibration, Kind
from biofeedback.recording.sidecar import source_kind
from biofeedback.session import Session
from biofeedback.stream import Channel
from biofeedback.training.protocol import Kind as PhaseKind
from biofeedback.training.results import StoredRest
from biofeedback.training.score import baselines, load_of, percentile
from biofeedback.training.summary import summary
from biofeedback.training.trainer import Trainer
from biofeedback.words import plain

if TYPE_CHECKING:  # a database takes half a second to load
    from biofeedback.journal.kept import KeptSitting


def outcome(
    session: Session, kept: "KeptSitting | None" = None, trainer: Trainer | None = None
) -> dict[str, Any]:
    """Return what a training came to, NaN for unknown: no date, no name of a person, no path.

    `trainer`: the session's where it is left out.
    """
    trainer, info = trainer or session.trainer, session.info
    assert trainer is not None  # noqa: S101
    ended_s = trainer.events[-1].t_s if trainer.events else 0.0
    reference = math.nan
    if kept:
        reference = _stored_reference(kept, session, trainer.measure.channels[0])
    return {
        "protocol": trainer.protocol.name,
        "source": source_kind(info),
        "simulated": info.simulated,
        "sfreq": info.sfreq,
        "duration_s": trainer.since_s + ended_s,  # not the session's, which ends with a chunk
        "band_hz": session.band_hz,
        **summary(trainer, reference=reference),
    }


def next_in_course(kept: "KeptSitting", protocol: str, *, simulated: bool) -> int:
    """Return which sitting with that protocol, from 1, the next one of this person is.

    Counted since their course of it was begun, if there is one, else from the first on.
    """
    sittings, course = kept.journal.sittings(kept.person), kept.journal.course(kept.person)
    if course is not None and course.protocol == protocol and not simulated:
        return len(course_days(course, sittings)) + 1
    done = [
        sitting
        for sitting in sittings
        if sitting.summary.get("protocol") == protocol
        and sitting.conditions.simulated == simulated
        and not sitting.interrupted
    ]
    return len(done) + 1


def _stored_reference(kept: "KeptSitting", session: Session, channel: Channel) -> float:
    """Return the newest reference contraction that holds for `channel`, in µV, or NaN."""
    found = _stored(kept, session, channel, "reference")
    return found.value_uv if found else math.nan


def stored_rest(kept: "KeptSitting", session: Session, channel: Channel) -> StoredRest | None:
    """Return the newest rest that holds for `channel`, as far as it was kept whole."""
    found = _stored(kept, session, channel, "baseline")
    if found is None or found.sd_uv is None or found.p75_uv is None:
        return None
    return StoredRest(found.sd_uv, found.p75_uv)


def _stored(
    kept: "KeptSitting", session: Session, channel: Channel, kind: Kind
) -> Calibration | None:
    return kept.journal.newest_calibration(
        kept.person,
        kind,
        channel=channel.label,
        band_hz=session.band_hz,
        sensor=channel.sensor,
        simulated=session.info.simulated,
    )


def keep(kept: "KeptSitting", session: Session, told: dict[str, Any]) -> None:
    """Complete the sitting with its `outcome`, and keep what was measured of the muscles."""
    trainer = session.trainer
    assert trainer is not None  # noqa: S101
    for kind, channel, measured in _measured(trainer):
        calibration = Calibration(
            kind=kind,
            channel=channel.label,
            band_hz=session.band_hz,
            sensor=channel.sensor,
            simulated=session.info.simulated,
            measured=kept.started,
            **measured,
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


def _measured(trainer: Trainer) -> Iterator[tuple[Kind, Channel, dict[str, float]]]:
    """Yield what carries over to other sittings: rest and references, in µV."""
    measure, stretches = trainer.measure, trainer.results.stretches
    if measure.level_unit != "uv":
        return
    before, _after = baselines(stretches)
    if before and before.phase.kind is PhaseKind.BASELINE:
        level, slow = load_of(before, measure).median, before.slow[:, 0]
        if not math.isnan(level):
            rest = {
                "value_uv": level,
                "valid_percent": before.valid_percent,
                "sd_uv": float(np.nanstd(slow[before.valid])),
                "p75_uv": percentile(slow, before.valid, 75),
            }
            yield "baseline", measure.channels[0], rest
    for stretch in stretches:
        if stretch.phase.kind is PhaseKind.REFERENCE:
            level = measure.references[stretch.phase.muscle]
            if not math.isnan(level):
                channel = measure.channels[measure.aim.muscles.index(stretch.phase.muscle)]
                values = {"value_uv": level, "valid_percent": stretch.valid_percent}
                yield "reference", channel, values
