"""Over a course of sittings feedback fades, so that what was learned does not need it."""

from dataclasses import replace

from biofeedback.training.protocol import Feedback, Kind, Phase, Protocol


def stage_of(fading: tuple[int, ...], sitting: int) -> int:
    """Return how far feedback has faded in a course's `sitting` (from 1).

    0: in every trial, 1: in every other, 2: at the end of each, 3: none.
    """
    for stage, sittings in enumerate(fading):
        if sitting <= sittings:
            return stage
        sitting -= sittings
    return len(fading) - 1 if fading else 0


def faded(protocol: Protocol, *, sitting: int) -> Protocol:
    """Return `protocol` as it is in a course's `sitting`, counted from 1."""
    stage = stage_of(protocol.fading, sitting)
    phases: list[Phase] = []
    trials = 0
    for phase in protocol.phases:
        if phase.kind is Kind.TRIAL and phase.feedback is not Feedback.OFF:
            trials += 1
            if stage == 3 or (stage == 1 and trials % 2 == 0):
                phase = replace(phase, feedback=Feedback.OFF)
            elif stage == 2:
                phase = replace(phase, feedback=Feedback.SUMMARY)
        phases.append(phase)
    return replace(protocol, phases=tuple(phases))
