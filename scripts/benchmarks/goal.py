"""A goal's line: what was measured, against what, and whether it is reached."""

import json
import re
from collections.abc import Mapping


def line(
    goal: str,
    what: str,
    ours: float,
    unit: str,
    against: Mapping[str, float],
    *,
    must: bool,
    stretch: bool,
) -> str:
    """Return the goal as JSON, with four significant digits."""
    found = {
        "goal": goal,
        "what": what,
        "ours": _rounded(ours),
        "unit": unit,
        "against": {name: _rounded(cost) for name, cost in against.items()},
        "must": must,
        "stretch": must and stretch,
    }
    return json.dumps(found)


def reached(ours: float, against: Mapping[str, float], times: Mapping[str, float]) -> bool:
    """Say whether `ours` is at most so many `times` what others take; both are costs.

    `times` goes by the names of `against` without their versions. Nobody is judged against who
    could not be measured; where nobody could, the goal is not reached.
    """
    costs = {re.sub(r" \d\S*$", "", name): cost for name, cost in against.items()}
    judged = [name for name in times if name in costs]
    return bool(judged) and all(ours <= times[name] * costs[name] for name in judged)


def _rounded(cost: float) -> float:
    return float(f"{cost:.4g}")
