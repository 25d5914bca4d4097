"""Whatever words a command is given, it ends with a sentence and one of four exit codes."""

import contextlib
import io
import signal
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback.cli import main

MOST_S = 5
HOSTILE = [
    "",
    "-",
    "--",
    "---",
    "--no",
    "-h",
    "--json",
    "--sfreq",
    "--unit",
    "--sensor",
    "--seconds",
]
HOSTILE += [
    "nan",
    "inf",
    "-1",
    "0",
    "1e400",
    "0x10",
    "1_000",
    "٣",
    "9" * 400,
    "1000",
    "uV",
    "myoware",
]
HOSTILE += ["\x1b[2J", "a\nb", "\u202ex", "\udc80", "a\0b", "{name}", "%s", "x" * 5000, "é"]
HOSTILE += [
    "sim:",
    "sim:rest",
    "sim:rest?seed=1e99",
    "sim:rest?x",
    "sim:../../etc/passwd",
    "sim:.toml",
]
HOSTILE += ["file:", "file:///", "file:x?y", "lsl:", "serial:/nowhere?baud=x", "serial:x?wire=?"]
HOSTILE += ["http://x/", "C:\\x", "/", ".", "..", "~", "/dev/null", "/dev/zero", "x.csv", "bad.csv"]
HOSTILE += ["bad.edf", "pipe.csv", "out.csv", "out.edf", "out/", "/nowhere/out.csv"]
# What each is given besides, so that a muscle that is simulated ends. Those that ask ports, or
# open a window, are left to their own tests.
COMMANDS = {
    "analyze": [],
    "check": [],
    "live": ["--fast", "--seconds", "0.3"],
    "simulate": ["--seconds", "0.3"],
    "convert": [],
    "repair": [],
    "scenarios": [],
    "info": [],
    "journal": [],
    "no such command": [],
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    import os

    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("time_s,EMG_uv\n" + "".join(f"{k},1\n" for k in range(9)))
    (tmp_path / "bad.csv").write_text("EMG\n\x1b[2J\n")
    (tmp_path / "bad.edf").write_bytes(b"0       " + b"\xff" * 600)
    os.mkfifo(tmp_path / "pipe.csv")
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="no alarm there, nor pipes in folders")
@pytest.mark.parametrize("command", COMMANDS)
def test_hostile_words_end_in_a_sentence(command, folder):
    @settings(max_examples=25, deadline=None, derandomize=True, database=None)
    @given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=4), max_size=4))
    def give(words):
        code, out, err = run([command, *COMMANDS[command], *words])
        assert code in (0, 1, 2, 3)
        assert "Traceback" not in err
        if code == 1:
            assert err.splitlines()[-1].startswith("biofeedback: ")
        assert all(line.isprintable() for line in err.splitlines())
        assert all(line.isprintable() for line in out.splitlines())

    give()


def run(argv):
    """Return what `main` returned or exited with, and what it printed; raise if it never ends."""
    out, err = io.StringIO(), io.StringIO()
    before = signal.signal(signal.SIGALRM, _never_ends)
    signal.alarm(MOST_S)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = main(argv)
            except SystemExit as end:
                code = end.code or 0
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return code, out.getvalue(), err.getvalue()


def _never_ends(_number, _frame):
    raise AssertionError("it does not end")
