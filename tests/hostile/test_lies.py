"""Descriptions that are well formed and cannot be: each value in turn is another one."""

import copy
import json
import tomllib

import pytest
import tomli_w
from fuzzing.corpus import DATA, SCENARIOS, SEEDS
from fuzzing.targets import PARTING, exports, ours, toml

LIES = [0, -1, 10**30, -0.5, 1e-300, 1e308, True, "", "\x1b[2J\n", [], [0], {}]
JSON_LIES = [None, float("nan"), 10**400]


def lies_in(value, lies):
    """Yield `value` with one of its parts replaced by each of `lies`, or left out."""
    for path in list(paths(value)):
        for lie in lies:
            changed = copy.deepcopy(value)
            place = changed
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = lie
            yield changed
        changed = copy.deepcopy(value)
        place = changed
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]
        yield changed


def paths(value, above=()):
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in items:
        yield (*above, key)
        if isinstance(part, dict | list):
            yield from paths(part, (*above, key))


def test_no_lie_in_what_lies_beside_a_recording_of_ours_is_believed_to_the_end():
    told, edits, recording = next(iter(SEEDS["ours"]())).split(PARTING)
    for lie in lies_in(json.loads(told), LIES + JSON_LIES):
        ours(json.dumps(lie).encode() + PARTING + edits + PARTING + recording)
    lines = edits.splitlines()
    for number, line in enumerate(lines):
        for lie in lies_in(json.loads(line), LIES + JSON_LIES):
            changed = [*lines[:number], json.dumps(lie).encode(), *lines[number + 1 :], b""]
            ours(told + PARTING + b"\n".join(changed) + PARTING + recording)


def test_no_lie_in_a_header_of_opensignals_is_believed_to_the_end():
    head = (DATA / "game_0_1.txt").read_bytes()[:3000].split(b"\n")[:-1]
    at = next(i for i, line in enumerate(head) if line.startswith(b"# {"))
    for lie in lies_in(json.loads(head[at][2:]), LIES + JSON_LIES):
        exports(b"\n".join([*head[:at], b"# " + json.dumps(lie).encode(), *head[at + 1 :], b""]))


@pytest.mark.parametrize("name", ["everyday", "uno-10-bit", "lead-off"])
def test_no_lie_in_a_scenario_is_played(name):
    said = tomllib.loads((SCENARIOS / f"{name}.toml").read_text("utf-8"))
    lies = list(lies_in(said, LIES))
    for lie in lies[:: max(1, len(lies) // 150)]:
        toml(tomli_w.dumps(lie).encode())
