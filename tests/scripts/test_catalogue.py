"""No text is left out of a catalogue, and each translation fits its text."""

import gettext
import tomllib
from pathlib import Path

import cataloguing
import pytest
from babel.messages.catalog import Catalog
from cataloguing.check import faults

LANGUAGES = sorted(folder.name for folder in cataloguing.LOCALE.iterdir() if folder.is_dir())
SOURCE = '''"""A module."""
_("Good day, {name}")
_("A sentence that goes on " "here")
plural("{n} line", "{n} lines", n)
'''
PROTOCOL = """
title = "Rest"
[[phases]]
name = "first"
kind = "baseline"
seconds = 10
instruction = "Sit still."
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of one module and one protocol, whose catalogues are kept."""
    root = tmp_path / "package"
    (root / "protocols").mkdir(parents=True)
    (root / "scenarios").mkdir()
    (root / "module.py").write_text(SOURCE, "utf-8")
    (root / "protocols" / "rest.toml").write_text(PROTOCOL, "utf-8")
    (root / "scenarios" / "calm.toml").write_text('summary = "Calm."\nseed = 3\n', "utf-8")
    monkeypatch.setattr(cataloguing, "ROOT", root)
    monkeypatch.setattr(cataloguing, "LOCALE", root / "locale")
    return root


def entry(id_: str | tuple[str, ...], said: str | tuple[str, ...]) -> Catalog:
    made = Catalog(locale="de", fuzzy=False)
    made.add(id_, said)
    return made


def test_there_is_german():
    assert "de" in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_a_translation_that_fits(language: str):
    found = list(faults(cataloguing.updated(language)))
    assert found == [], "see docs/translating.md: scripts/catalogue.py missing"
    kept = cataloguing.read(cataloguing.po_file(language), language)
    assert not kept.obsolete
    assert {m.id for m in kept} == {m.id for m in cataloguing.updated(language)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shipped_is_compiled_from_the_translations(language: str):
    po = cataloguing.po_file(language)
    with po.with_suffix(".mo").open("rb") as file:
        shipped = gettext.GNUTranslations(file)
    assert shipped.info()["language"] == language
    for message in cataloguing.read(po, language):
        if isinstance(message.id, str):
            assert message.id == "" or shipped.gettext(message.id) == message.string
        else:
            said = {shipped.ngettext(*message.id, n) for n in range(200)}
            assert said == set(message.string)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_goes_into_every_install(language: str):
    project = tomllib.loads((cataloguing.ROOT.parent / "pyproject.toml").read_text("utf-8"))
    packed = project["tool"]["setuptools"]["package-data"]["biofeedback"]
    compiled = cataloguing.po_file(language).with_suffix(".mo").relative_to(cataloguing.ROOT)
    assert any(compiled.match(pattern) for pattern in packed)


@pytest.mark.parametrize(
    ("id_", "said"),
    [
        ("Good day", ""),
        ("{n} of {all}", "{n} von {alle}"),
        ("{x:.1f} µV", "{x} µV"),
        ("{x!r} is wrong", "{x} ist falsch"),
        ("{x}", "{x"),
        ("S&top", "Anhalten"),
        ("Stop", "A&nhalten"),
        ("  rest", "Ruhe"),
        ("Stop.\n", "Halt."),
        (("{n} line", "{n} lines"), ("{n} Zeile", "")),
        (("{n} line", "{n} lines"), ("{n} Zeile", "Zeilen")),
        (("{n} line", "{n} lines"), ("{n} Zeilen",)),
    ],
)
def test_a_translation_that_does_not_fit_is_found(id_, said):
    assert list(faults(entry(id_, said)))


@pytest.mark.parametrize(
    ("id_", "said"),
    [
        ("{n} of {all}", "von {all} ist es {n}"),
        ("S&top", "&Anhalten"),
        ("Research & care", "Forschung & Pflege"),
        ("  rest", "  Ruhe"),
        (("once a week", "{n} times a week"), ("einmal pro Woche", "{n}-mal pro Woche")),
    ],
)
def test_a_translation_that_fits_passes(id_, said):
    assert list(faults(entry(id_, said))) == []


def test_a_fuzzy_and_an_obsolete_text_are_found():
    fuzzy = entry("Stop", "Halt")
    fuzzy["Stop"].flags.add("fuzzy")
    assert len(list(faults(fuzzy))) == 1
    gone = Catalog(locale="de", fuzzy=False)
    gone.obsolete["Stop"] = entry("Stop", "Halt")["Stop"]
    assert len(list(faults(gone))) == 1


def test_every_call_and_every_shown_key_is_collected(package: Path):
    found = {m.id: [where for where, _line in m.locations] for m in cataloguing.template() if m.id}
    assert found == {
        "Good day, {name}": ["package/module.py"],
        "A sentence that goes on here": ["package/module.py"],
        ("{n} line", "{n} lines"): ["package/module.py"],
        "Rest": ["package/protocols/rest.toml"],
        "first": ["package/protocols/rest.toml"],
        "Sit still.": ["package/protocols/rest.toml"],
        "Calm.": ["package/scenarios/calm.toml"],
    }


GERMAN = {
    "Good day, {name}": "Guten Tag, {name}",
    "A sentence that goes on here": "Ein Satz, der weitergeht",
    "Rest": "Ruhe",
    "first": "zuerst",
    "Sit still.": "Sitzen Sie still.",
    "Calm.": "Ruhig.",
}


def test_what_is_missing_is_printed_filled_in_and_taken(package: Path, tmp_path: Path, capfdbinary):
    assert cataloguing.main(["update"]) == 3  # nothing is translated yet
    capfdbinary.readouterr()
    assert cataloguing.main(["missing"]) == 0
    filled = capfdbinary.readouterr().out.decode("utf-8")
    for id_, said in GERMAN.items():  # as somebody fills it in, in an editor
        empty = f'msgid "{id_}"\nmsgstr ""\n'
        assert empty in filled
        filled = filled.replace(empty, f'msgid "{id_}"\nmsgstr "{said}"\n')
    filled = filled.replace('msgstr[0] ""', 'msgstr[0] "{n} Zeile"')
    filled = filled.replace('msgstr[1] ""', 'msgstr[1] "{n} Zeilen"')
    (tmp_path / "filled.po").write_text(filled, "utf-8")
    assert cataloguing.main(["add", str(tmp_path / "filled.po")]) == 0
    with cataloguing.po_file("de").with_suffix(".mo").open("rb") as file:
        spoken = gettext.GNUTranslations(file)
    assert {id_: spoken.gettext(id_) for id_ in GERMAN} == GERMAN
    assert spoken.ngettext("{n} line", "{n} lines", 2) == "{n} Zeilen"


def test_an_update_changes_nothing_where_nothing_changed_and_drops_what_is_gone(package: Path):
    catalogue = cataloguing.updated("de")
    for id_, said in GERMAN.items():
        catalogue[id_].string = said
    cataloguing.keep(catalogue, cataloguing.po_file("de"))
    files = [cataloguing.po_file("de"), cataloguing.po_file("de").with_suffix(".mo")]
    before = [file.read_bytes() for file in files]
    cataloguing.main(["update"])
    assert [file.read_bytes() for file in files] == before
    (package / "module.py").write_text('_("Good day")\n', "utf-8")
    cataloguing.main(["update"])
    kept = cataloguing.read(files[0], "de")
    assert "Good day" in kept
    assert "Good day, {name}" not in kept
    assert kept["Sit still."].string == "Sitzen Sie still."
