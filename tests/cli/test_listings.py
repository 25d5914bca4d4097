import json

import pytest

from biofeedback import __version__
from biofeedback.cli import main, make_parser


def listed(capsys, *words: str) -> list[dict]:
    assert main(list(words)) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_scenarios_are_listed_one_object_a_line_with_their_floor(capsys):
    rows = {row["name"]: row for row in listed(capsys, "scenarios", "--json")}
    assert set(rows) >= {"rest", "relaxing", "bursts", "hum", "uno-10-bit", "lead-off"}
    assert rows["uno-10-bit"]["resolution_floor_uv"] == [pytest.approx(12.2, abs=0.1)]
    assert main(["scenarios"]) == 0
    assert "A muscle at rest" in capsys.readouterr().out


def test_ports_are_listed_even_where_there_is_none(capsys):
    for row in listed(capsys, "devices", "--json"):
        assert row["name"]


def test_info_names_versions_and_where_the_settings_lie(capsys, settings_of_its_own):
    rows = {row["name"]: row for row in listed(capsys, "info", "--json")}
    assert rows["biofeedback"]["version"] == __version__
    assert rows["settings"]["path"] == str(settings_of_its_own)
    assert "numpy" in rows


def test_every_command_has_a_help_page(capsys):
    for command in ("demo", "live", "devices", "simulate", "scenarios", "info"):
        with pytest.raises(SystemExit) as exit_:
            make_parser().parse_args([command, "--help"])
        assert exit_.value.code == 0
        assert command in capsys.readouterr().out
