"""What other people called things reaches a terminal as text, never as a command to it."""

import ast
import json
from pathlib import Path

import pytest
from fuzzing.corpus import make_edf

import biofeedback
from biofeedback.cli import main
from biofeedback.text import harmless

ROOT = Path(biofeedback.__file__).parent
# Clears the screen, writes a line of its own, turns the order around, and the one-byte ESC [.
HOSTILE = "\x1b[2J\rok\u202egnp.\x9b31m\x07"
LABEL = HOSTILE.replace("\r", "")
KEPT = "Kaumuskel µ – 左 می\u200cخواهم"
# Where bars move in place.
MAY_PRINT = {
    "output.py": {"say", "tell", "print_json", "BarPrinter"},
    "flash.py": {"_Bar"},
    "train_output.py": {"TrainingBar"},
}


def is_shown(text):
    return all(line.isprintable() for line in text.replace("\u200c", "").split("\n"))


def test_what_people_write_stays_and_what_a_terminal_obeys_does_not():
    assert harmless(KEPT) == KEPT
    assert harmless("a\u00a0b") == "a\u00a0b"
    assert harmless("a\nb\x1b[2J\x9b\u202e\u2028\udc80") == (r"a\nb\x1b[2J\x9b\u202e\u2028\udc80")


@pytest.fixture
def recordings(tmp_path):
    """Return files of which each says something hostile somewhere that is printed."""
    rows = "".join(f"{k / 1000:.3f},{(k * 37) % 99},{k % 7}\n" for k in range(2000))
    csv = tmp_path / "x.csv"
    csv.write_text(f"time_s,{LABEL}_uv,{LABEL} count\n{rows}", encoding="utf-8")
    broken = tmp_path / "broken.csv"
    broken.write_text(f'time_s,EMG_uv\n0,1\n0.1,2\n0.2,"{HOSTILE}"\n', encoding="utf-8")
    edf = tmp_path / "x.edf"
    label = b"EMG \x1b[2J\x9b1m\x07 0"
    whole = make_edf(n=200, records=20).replace(b"0.1     2", b"0.2     2")
    whole = whole.replace(b"EMG 0".ljust(16), label.ljust(16)).replace(
        b"BAD_gap", b"\x1b[2J\xc2\x9b"
    )
    edf.write_bytes(whole)
    header = tmp_path / "x.hea"
    header.write_text(f"x 1 1000 20\nx.dat 16 1/mV 12 0 0 0 0 {HOSTILE}\n", encoding="utf-8")
    (tmp_path / "x.dat").write_bytes(bytes(6000))
    return csv, broken, edf, header, tmp_path / f"{HOSTILE.replace('/', '')}.csv"


@pytest.mark.parametrize(
    "words",
    ["analyze", "analyze --json", "check", "check --json", "live --fast", "live --fast --json"],
)
def test_no_label_note_or_error_is_obeyed(words, recordings, capsys):
    for path in recordings:
        command, *options = words.split()
        code = main([command, str(path), *options])
        out, err = capsys.readouterr()
        assert code in (0, 1, 3)
        assert is_shown(out)
        assert is_shown(err)
        assert bool(err.startswith("biofeedback: ")) or code != 1
        if "--json" in words:
            assert all(json.loads(line) for line in out.splitlines())


def test_json_says_what_the_file_says(recordings, capsys):
    assert main(["analyze", str(recordings[0]), "--json"]) == 0
    channels = json.loads(capsys.readouterr().out)["channels"]
    assert channels[0]["label"] == LABEL


def test_a_word_on_the_command_line_is_not_obeyed(capsys):
    for words in ([HOSTILE], ["analyze", "x.csv", HOSTILE], ["live", "x", "--unit", HOSTILE]):
        with pytest.raises(SystemExit) as end:
            main(words)
        assert end.value.code == 2
        assert is_shown(capsys.readouterr().err)


def test_an_error_is_one_line_of_no_more_than_a_screen(tmp_path, monkeypatch, capsys):
    path = tmp_path / "long.toml"
    path.write_text(f'signal = {{ band = "{"x" * 100_000}" }}\n', encoding="utf-8")
    monkeypatch.setenv("BIOFEEDBACK_SETTINGS", str(path))
    assert main(["live", "sim:", "--fast", "--seconds", "1"]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert len(err) < 2100


def test_commands_print_through_one_place():
    """`print` itself would hand a label on as it is."""
    wrong = []
    for path in sorted((ROOT / "cli").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for part in tree.body:
            if getattr(part, "name", "") in MAY_PRINT.get(path.name, ()):
                continue
            calls = [node for node in ast.walk(part) if isinstance(node, ast.Call)]
            wrong += [
                f"{path.name}:{call.lineno}"
                for call in calls
                if isinstance(call.func, ast.Name) and call.func.id == "print"
            ]
    assert not wrong, f"use output.tell or output.say: {wrong}"
