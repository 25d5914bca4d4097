"""Streams through a cable that damages them: what is accepted was sent, what is missing counted."""

import sys
from collections.abc import Callable
from pathlib import Path

from torturing.row import Row

sys.path.append(str(Path(__file__).parents[2] / "tests" / "faults"))

import serial_runs  # type: ignore[import-not-found]


def run(count: int, seed: int, say: Callable[[str], None]) -> Row:
    """Send five seconds of a board through `count` cables."""
    outcomes = []
    for at in range(count):
        outcomes.append(serial_runs.run(seed + at))
        if at % 100 == 99:
            say(f"serial runs: {at + 1} of {count}")
    worst = [
        outcome
        for outcome in outcomes
        if outcome.damage.bit_error_rate == serial_runs.WORST_BIT_ERROR_RATE
    ]
    return Row(
        "serial fault runs, seeded",
        "0 corrupt samples accepted at a bit error rate of 1e-3, 0 twice, loss counted exactly",
        count,
        tuple(str(outcome) for outcome in outcomes if not outcome.passed),
        float(sum(outcome.wrong for outcome in outcomes)),
        "corrupt samples accepted",
        0.0,
        {
            "at 1e-3": len(worst),
            "samples twice": sum(outcome.twice for outcome in outcomes),
            "samples sent": sum(outcome.sent for outcome in outcomes),
            "samples lost, all counted": sum(outcome.lost for outcome in outcomes),
            "damaged frames": sum(outcome.corrupt_frames for outcome in outcomes),
        },
    )
