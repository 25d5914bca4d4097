"""Hostile input for the readers, as `scripts/fuzz.py` makes it, until there was enough of it."""

import math
from collections.abc import Callable

import fuzzing

from torturing.row import Row

TARGETS = ("wire", "edf", "csv", "toml")
ROUND_S = 30.0


def run(count: int, seed: int, say: Callable[[str], None]) -> Row:
    """Hand at least `count` inputs in all to the readers of the wire, EDF and BDF, CSV and TOML."""
    inputs = dict.fromkeys(TARGETS, 0)
    findings, crashes, hangs = list[str](), 0, 0
    enough = math.ceil(count / len(TARGETS))
    for target in TARGETS:
        while inputs[target] < enough:
            found = fuzzing.run(target, ROUND_S, seed)
            inputs[target] += found.inputs
            crashes, hangs = crashes + found.crashes, hangs + found.hangs
            findings += found.findings
            say(f"hostile input: {target} {inputs[target]} of {enough}")
            if findings or not found.inputs:
                break
            seed += 1
    return Row(
        "hostile input: wire, EDF and BDF, CSV, TOML",
        "0 crashes, 0 hangs",
        sum(inputs.values()),
        tuple(findings),
        float(crashes + hangs),
        "crashes and hangs",
        0.0,
        {**inputs},
    )
