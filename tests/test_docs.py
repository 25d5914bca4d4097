"""What README and docs say is there, is there."""

import re
import shlex
from pathlib import Path

import pytest

from biofeedback.cli import main, make_parser
from biofeedback.sources.scenario import read_scenario

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = re.findall(r"^python3 scripts/run\.py (.*?)(?:\s+#.*)?$", README, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_of_the_readme_is_one(words: str):
    assert make_parser().parse_args(shlex.split(words)).run


def test_the_commands_that_need_nothing_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    ran = [c for c in COMMANDS if c.startswith(("live sim:", "simulate", "scenarios"))]
    assert len(ran) >= 3
    for words in ran:
        assert main(shlex.split(words)) == 0


def test_the_index_leads_to_every_page_of_the_docs():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in index, page.name


def test_every_script_that_the_readme_names_is_there():
    for name in re.findall(r"scripts/(\w+\.py)", README):
        assert (ROOT / "scripts" / name).exists()


def test_the_scenario_of_the_docs_plays():
    text = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example
    scenario = read_scenario(example[1], name="docs", where="docs/scenarios.md")
    assert scenario.truth(60.0)["channels"][0]["segments"][-1]["lead"] == "off"


def test_every_command_stands_in_the_changelog():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for command in ("demo", "live", "devices", "simulate", "scenarios", "info"):
        assert f"`{command}`" in changelog
