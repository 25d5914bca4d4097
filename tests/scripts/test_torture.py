"""The torture tests themselves: a small share of each is run, and what judges them can fail."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torturing
from torturing.broken import Log, Verdict, judge
from torturing.power_disk import Event, after_cut
from torturing.programs import check
from torturing.row import Row
from torturing.truth import Truth, scenario_of

from biofeedback.recording.edf.writer import EdfWriter
from biofeedback.stream import Annotation, Chunk

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it kills as POSIX systems do")

SCRIPTS = Path(torturing.__file__).parents[1]
COMMAND = [
    sys.executable,
    "-c",
    "import sys; from torturing import main; sys.exit(main(sys.argv[1:]))",
]
QUICK = [name for name, (_m, _f, _release, quick, _what) in torturing.TESTS.items() if quick]
_LATE = 2.0  # a machine that does other things besides is late itself: a release is judged on 1
SEED, SECONDS = 2, 2.3  # without losses


@pytest.fixture(scope="module")
def rows() -> list[dict]:
    """What the quick run of all tests says."""
    done = subprocess.run(
        [*COMMAND, "--quick", "--json"],
        cwd=SCRIPTS,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode in (0, 3), done.stderr
    return list(map(json.loads, done.stdout.splitlines()))


@pytest.mark.parametrize("at", range(len(QUICK)), ids=QUICK)
def test_in_a_quick_run_nothing_is_wrong_and_no_time_is_far_from_its_target(rows, at):
    row = rows[at]
    if row["skipped"]:
        if os.environ.get("CI") and sys.platform == "linux" and not os.geteuid():
            pytest.fail(row["skipped"])
        pytest.skip(row["skipped"])
    assert row["failures"] == []
    assert row["count"] > 0
    late = _LATE if row["unit"].startswith("ms") else 1.0
    assert row["worst"] <= late * row["limit"], row


@pytest.fixture
def recording(tmp_path: Path) -> tuple[Path, Truth, Log]:
    """A recording of what a scenario sends, with a note, as its log has it."""
    scenario = scenario_of(SEED)
    truth = Truth(scenario)
    path = tmp_path / "kept" / f"{SEED}.edf"
    writer = EdfWriter(path, scenario.info)
    writer.annotate(Annotation(1.0, 0.0, "note 1 µ"))
    writer.write(Chunk(0, truth.upto(round(SECONDS * truth.sfreq))))
    writer.close()
    return path, truth, Log(100.0, {"note 1 µ": 101.0})


def judged(path: Path, log: Log, broke_s: float) -> Verdict:
    verdict = Verdict()
    judge(verdict, path.parent, [SEED], {SEED: log}, broke_s=broke_s, most_s=0.15)
    return verdict


def test_a_whole_recording_is_without_fault_in_all_programs(recording):
    path, _truth, log = recording
    verdict = judged(path, log, 102.4)
    assert (verdict.failures, verdict.as_it_lay, verdict.notes) == ([], 1, 1)
    assert verdict.lost_s == [pytest.approx(0.1, abs=1e-6)]


def test_a_sample_that_was_not_sent_is_seen_by_each_program(recording):
    path, truth, _log = recording
    data = bytearray(path.read_bytes())
    at = int(data[184:192]) + 10  # the header says how long it is
    data[at] ^= 1
    path.write_bytes(data)
    sent = truth.upto(500)
    wrong = check(path, sent, frozenset(), truth.channels, stop=500)
    assert [words.split()[1] for words in wrong] == ["MNE", "pyEDFlib", "edfio"]
    assert all("reads 1 wrong samples" in words for words in wrong)


def test_a_note_that_is_gone_and_a_file_that_is_none_are_failures(recording):
    path, _truth, log = recording
    more = Log(log.start_s, log.notes | {"note 2 µ": 101.5})
    assert ["misses 1 notes" in words for words in judged(path, more, 102.4).failures] == [True] * 3
    assert judged(path, more, 101.6).failures == []  # it was too new to count on
    path.write_bytes(b"0" * 5000)
    assert "does not open it" in judged(path, log, 102.4).failures[0]


def test_what_a_torn_end_and_an_empty_file_lack_is_told(recording):
    path, _truth, log = recording
    path.write_bytes(path.read_bytes()[:-1])
    verdict = judged(path, log, 102.3)
    assert (verdict.repaired, verdict.failures) == (1, [])
    assert 0.05 < verdict.lost_s[0] < 0.12
    path.write_bytes(b"")
    verdict = judged(path, log, 102.3)
    assert (verdict.empty, verdict.lost_s) == (1, [pytest.approx(2.3, abs=0.003)])


def test_a_disk_that_lost_its_power_has_what_was_flushed_and_a_share_of_the_rest():
    first = bytes(8 * 512)
    log = [
        Event(1.0, 0, b"a" * 1024),
        Event(2.0, 0, b""),
        Event(3.0, 1024, b"b" * 2048),
        Event(4.0, 0, b"c" * 512),
    ]
    rng = np.random.default_rng(0)
    flushed = (b"a" * 1024).ljust(8 * 512, b"\0")
    assert after_cut(first, log, 0.5, 1.0, rng) == first
    assert after_cut(first, log, 1.5, 0.0, rng) == first
    assert after_cut(first, log, 1.5, 1.0, rng) == flushed
    assert after_cut(first, log, 9.0, 0.0, rng) == flushed
    assert after_cut(first, log, 9.0, 1.0, rng)[:512] == b"c" * 512
    parts = {after_cut(first, log, 9.0, 0.5, rng)[1024:3072] for _cut in range(200)}
    assert len(parts) == 16  # each of its four sectors, or not
    assert all(
        set(part[at : at + 512]) in ({0}, {98}) for part in parts for at in range(0, 2048, 512)
    )


def test_a_target_is_missed_by_one_failure_or_beyond_the_limit_or_without_a_trial():
    whole = Row("x", "y", 3, worst=1.0, limit=1.0)
    assert whole.passed
    assert not Row("x", "y", 3, ("one",), 1.0, limit=1.0).passed
    assert not Row("x", "y", 3, worst=1.1, limit=1.0).passed
    assert not Row("x", "y", worst=0.0, limit=1.0).passed


@pytest.mark.parametrize(
    ("row", "code", "said"),
    [
        (Row("x", "y", 2), 0, "yes"),
        (Row("x", "y", 2, ("it broke",)), 3, "it broke"),
        (Row("x", "y", skipped="only root may mount"), 0, "not run here: only root may mount"),
    ],
)
def test_the_exit_code_says_whether_a_target_was_missed(monkeypatch, capfd, row, code, said):
    monkeypatch.setattr(torturing, "_row", lambda *_words: (row, 0.0))
    assert torturing.main(["--tails", "2"]) == code
    assert said in capfd.readouterr().out


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount")
def test_ctrl_c_takes_away_what_was_mounted(tmp_path):
    def loops() -> list[str]:
        files = Path("/sys/block").glob("loop*/loop/backing_file")
        return [name for name in map(Path.read_text, files) if str(tmp_path) in name]

    def wait_until(there: bool, process: subprocess.Popen) -> None:
        for _look in range(600):
            if bool(loops()) == there or (there and process.poll() is not None):
                return
            threading.Event().wait(0.05)

    with subprocess.Popen(
        [*COMMAND, "--power-cuts", "50"],
        cwd=SCRIPTS,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_until(True, process)
        if process.poll() is not None:
            out, _err = process.communicate()
            assert "not run here" in out
            pytest.skip(out.splitlines()[-1])
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=60)
    assert "Traceback" not in err, err
    assert process.returncode == 130
    assert "what was mounted is gone" in err
    wait_until(False, process)
    assert loops() == []
    assert list(tmp_path.iterdir()) == []
