"""Which language is spoken, that programs see none of it, and that a window holds no other."""

import json
import os
import plistlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import biofeedback
from biofeedback import text
from biofeedback.cli import main
from biofeedback.settings import DisplaySettings, Settings, load_settings, save_settings
from biofeedback.text import language

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
ROOT = Path(biofeedback.__file__).parent


@pytest.fixture
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Neither a variable nor the system says a language."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(language, "_of_system", list)
    monkeypatch.setattr(sys, "argv", ["biofeedback"])
    return monkeypatch


def test_english_is_spoken_where_nothing_is_known(nothing_said):
    assert language.languages() == []


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"LANG": "de_DE.UTF-8"}, ["de_DE.UTF-8"]),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "de_AT"}, ["de_AT"]),
        ({"LANG": "de_DE", "LANGUAGE": "fr:de"}, ["fr", "de"]),
        ({"LANG": "de_DE", "LANGUAGE": "en_GB:de"}, []),
        ({"LANG": "de_DE", "LC_MESSAGES": "C.UTF-8"}, []),
        ({"LANG": "C"}, []),
        ({"LANG": "", "LANGUAGE": ""}, []),
    ],
    ids=str,
)
def test_the_variables_say_it_as_they_do_to_every_program(nothing_said, said, wanted):
    for name, value in said.items():
        nothing_said.setenv(name, value)
    assert language.languages() == wanted


def test_the_system_is_asked_where_no_variable_says_one(nothing_said):
    nothing_said.setattr(language, "_of_system", lambda: ["de_CH", "en"])
    assert language.languages() == ["de_CH"]


def test_a_mac_is_asked_for_the_languages_of_its_settings(tmp_path: Path):
    file = tmp_path / "settings.plist"
    assert language._of_mac(file) == []
    file.write_bytes(plistlib.dumps({"AppleLanguages": ["de-DE", "en-US"]}))
    assert language._of_mac(file) == ["de_DE", "en_US"]
    file.write_bytes(b"bplist00 torn")
    assert language._of_mac(file) == []


@pytest.mark.parametrize(("chosen", "wanted"), [("de", ["de"]), ("en", []), ("system", ["fr_FR"])])
def test_the_settings_come_first(nothing_said, settings_of_its_own: Path, chosen, wanted):
    settings_of_its_own.write_text(f'[display]\nlanguage = "{chosen}"\n', "utf-8")
    nothing_said.setenv("LANG", "fr_FR")
    assert language.languages() == wanted
    assert load_settings().display.language == chosen


def test_settings_that_have_grown_long_choose_the_language_still(
    nothing_said, settings_of_its_own: Path
):
    save_settings(Settings(display=DisplaySettings(language="de")))
    with settings_of_its_own.open("a", encoding="utf-8") as file:
        file.write("[later]\n" + 'rules = "ÄÖÜ"\n' * 10_000)
    assert language.languages() == ["de"]


@pytest.mark.parametrize(
    "broken",
    [
        "[display",
        "display = 3",
        "[display]",
        "language = 'de'",
        "\0",
        "a" + ".a" * 10**6 + "=1",
        "a = " + "[" * 10**5,
        "a = " + "9" * 10**5,
    ],
    ids=lambda text: text[:12],
)
def test_settings_that_cannot_be_read_choose_no_language(
    nothing_said, settings_of_its_own: Path, broken
):
    settings_of_its_own.write_text(broken, "utf-8")
    nothing_said.setenv("LANG", "de_DE")
    assert language.languages() == ["de_DE"]


@pytest.mark.parametrize("word", ["--json", "--js"])
def test_what_a_program_reads_is_in_no_language(nothing_said, word):
    nothing_said.setenv("LANG", "de_DE")
    nothing_said.setattr(sys, "argv", ["biofeedback", "live", "sim:rest", word])
    assert language.languages() == []


def test_there_is_german():
    assert "de" in text.translated()


def run(words: list[str], spoken: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "biofeedback", *words],
        env=os.environ | {"LANGUAGE": spoken, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two contractions, simulated."""
    path = tmp_path_factory.mktemp("simulated") / "bursts.csv"
    assert main(["simulate", "bursts", str(path), "--seconds", "15"]) == 0
    return str(path)


@pytest.mark.parametrize(
    ("words", "german"),
    [
        (["live", "sim:hum", "--seconds", "5", "--fast"], "SIMULIERT"),
        (["train", "baseline-only", "sim:lead-off", "--fast"], "Grundspannung, 02:00"),
        (["analyze", "RECORDING"], "2 Anspannungen"),
        (["check", "sim:hum"], "Netzbrummen"),
        (["protocols"], "in Ruhe"),
        (["scenarios"], "Ein Muskel in Ruhe"),
    ],
    ids=lambda words: words[0] if isinstance(words, list) else "",
)
def test_people_read_german_and_programs_the_same_bytes_in_every_language(
    words: list[str], german: str, recording: str
):
    words = [recording if word == "RECORDING" else word for word in words]
    for_people = run(words, "de")
    assert for_people.returncode in (0, 3), for_people.stderr
    assert german in for_people.stdout.decode("utf-8")
    there, here = run([*words, "--json"], "de"), run([*words, "--json"], "en")
    assert there.returncode == here.returncode
    assert there.stdout == here.stdout
    for line in there.stdout.splitlines():
        json.loads(line)


@pytest.mark.parametrize(("spoken", "voice"), [("de", "de"), ("en", "en"), ("fr", "en")])
def test_a_voice_of_the_language_speaks(spoken: str, voice: str):
    code = (
        "from biofeedback.sound.speech import VOICES\n"
        "print([each.words[each.words.index('-v') + 1] for each in VOICES['linux'][1:]])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"LANGUAGE": spoken},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.stdout.strip() == str([voice, voice]), run.stderr


def german_texts() -> dict[str, str]:
    """Return each text of the source that German says in other words, and how it says it."""
    with (ROOT / "locale" / "de" / "LC_MESSAGES" / "biofeedback.po").open("rb") as file:
        messages = [message for message in read_po(file, locale="de") if message.id]
    found = {}
    for message in messages:
        ids = [message.id] if isinstance(message.id, str) else message.id
        said = [message.string] if isinstance(message.string, str) else message.string
        found |= {e: g for e, g in zip(ids, said, strict=True) if g and g != e}
    return found


def matching(english: str) -> re.Pattern[str] | None:
    """Return what matches `english` when it is filled in; None for one that fits anything."""
    parts = re.split(r"\{[^{}]*\}", english.replace("&", ""))
    words = re.findall(r"[^\W\d_]{2,}", "".join(parts))
    telling = len(words) >= (3 if len(parts) > 1 else 1)
    return re.compile(".+".join(map(re.escape, parts)), re.S) if telling else None


NAMES = """
    start-nobody start-year safety-unknown connect-several flash-steps
    wiring placement-trapezius protocols entry treatment trends trends-new compare course
    clients montage recordings playback-keys playback-note trial trial-screen trial-found
    patient patient-four patient-no-reading contact-tense contact-ecg therapist client markers
    training-adaptation training-ring training-lake training-contraction training-paused
    summary-early start-broken-off
"""
"""One of each kind of page, in the order of `benchmarks.every_page`."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[str]]]:
    """Of pages of the German window: words, letters that lead to something, what has no room."""
    own = tmp_path_factory.mktemp("own")  # this comes before `settings_of_its_own`
    program = ROOT.parent / "tests" / "display" / "every_page.py"
    done = subprocess.run(
        [sys.executable, str(program), str(own), *NAMES.split()],
        env=os.environ
        | {
            "LANGUAGE": "de",
            "QT_QPA_PLATFORM": "offscreen",
            "BIOFEEDBACK_SETTINGS": str(own / "settings.toml"),
        },
        capture_output=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, dict[str, list[str]]] = json.loads(done.stdout)
    return found


def test_no_page_of_the_german_window_holds_a_text_in_english(pages):
    texts = german_texts()
    assert len(texts) > 1000
    german = {said.replace("&", "") for said in texts.values()}
    english = [pattern for pattern in map(matching, texts) if pattern]
    assert len(pages["question"]["words"]) >= 2
    for name, page in pages.items():
        assert name == "question" or len(page["words"]) > 5, name
        for words in {words.replace("&", "") for words in page["words"]} - german:
            assert not any(each.fullmatch(words) for each in english), f"{name}: {words}"


def test_the_buttons_that_qt_names_are_named_in_german(pages):
    assert {"Abbrechen", "&Ja"} <= {*pages["question"]["words"]}


def test_no_two_things_on_a_german_page_have_the_same_letter(pages):
    assert pages["start-nobody"]["letters"]
    for name, page in pages.items():
        assert len(page["letters"]) == len(set(page["letters"])), f"{name}: {page['letters']}"


@pytest.mark.parametrize("flaw", ["cut", "scrolled", "unseen"])
def test_in_german_at_double_size_all_has_room_in_the_smallest_window(pages, flaw):
    assert {*NAMES.split()} < {*pages}
    assert not {name: page[flaw] for name, page in pages.items() if page[flaw]}
