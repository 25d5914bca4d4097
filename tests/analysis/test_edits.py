"""Figures of a recording of which intervals were excluded and annotations edited by hand."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from biofeedback.analysis.figures import Analysis, analyze
from biofeedback.analysis.left_out import samples_in, without
from biofeedback.cli import main
from biofeedback.held_back import TAKEN_BACK_S
from biofeedback.recording.edit_log import EditLog
from biofeedback.recording.edits import Edit, Edits, Entry, Exclusion
from biofeedback.recording.recorded import Recording
from biofeedback.settings import SignalSettings
from biofeedback.stream import Annotation, Channel, Chunk, Quality, StreamInfo

SFREQ = 1000.0
SETTLING_S = SignalSettings().unsettled_s
RMS_UV = 5.0


def noise(seconds: float) -> np.ndarray:
    """White noise whose part from 20 to 450 Hz has an RMS of about 0.93 times `RMS_UV`."""
    return RMS_UV * np.random.default_rng(1).standard_normal((round(seconds * SFREQ), 1))


def recording(samples: np.ndarray, pieces: list[tuple[int, int]] | None = None) -> Recording:
    pieces = pieces or [(0, len(samples))]
    chunks = tuple(Chunk(a, samples[a:b]) for a, b in pieces)
    info = StreamInfo((Channel("EMG", "uV"),), SFREQ, "made")
    return Recording(info, chunks, len(samples))


def excluding(*intervals: tuple[float, float]) -> Edits:
    edits = [Edit(None, Exclusion(*interval, "coughed")) for interval in intervals]
    return Edits(tuple(Entry(n, "", edit) for n, edit in enumerate(edits, start=1)))


def figures(made: Recording, edits: Edits | None = None, **words: float) -> Analysis:
    return analyze(made, SignalSettings(), edits=edits, **words)


def shaken(seconds: float = 60.0) -> np.ndarray:
    """Noise with a burst of a thousand times its size from 20 to 22 s."""
    samples = noise(seconds)
    samples[20_000:22_000] *= 1000
    return samples


def test_what_is_excluded_is_in_no_figure_however_large_it_is():
    quiet, loud = figures(recording(noise(60))), figures(recording(shaken()))
    left = figures(recording(shaken()), excluding((19.9, 22.1)))
    (as_quiet,), (as_loud,), (found,) = quiet.channels, loud.channels, left.channels
    assert as_loud.rms > 100 * as_quiet.rms
    for name in ("rms", "arv", "median_frequency_hz", "mean_frequency_hz"):
        assert getattr(found, name) == pytest.approx(getattr(as_quiet, name), rel=0.02), name
    assert found.activity.load.peak == pytest.approx(as_quiet.activity.load.peak, rel=0.02)
    assert found.activity.bursts is not None
    assert len(found.activity.bursts) == 0
    assert found.quality[Quality.MOTION] == 0


def test_the_valid_time_is_what_it_would_be_if_the_interval_had_been_lost():
    found = figures(recording(noise(60)), excluding((10.0, 12.0), (30.0, 40.0)))
    lost = figures(recording(noise(60), [(0, 10_000), (12_000, 30_000), (40_000, 60_000)]))
    percent = found.channels[0].valid_percent
    assert percent == lost.channels[0].valid_percent
    most_s = 60 - 2 - 10 - 3 * SETTLING_S
    assert 100 * (most_s - 2 * TAKEN_BACK_S) / 60 <= percent + 1e-9
    assert percent <= 100 * most_s / 60 + 1e-9
    assert found.excluded_s == 12.0
    assert [one.start_s for one in found.excluded] == [10.0, 30.0]


def test_what_is_excluded_is_not_said_to_be_lost_but_what_was_lost_is():
    gone = [(0, 20_000), (35_000, 60_000)]  # 15 s never came
    made = recording(noise(60), gone)
    assert figures(made).channels[0].quality[Quality.GAP] == pytest.approx(25.0)
    found = figures(made, excluding((10.0, 15.0), (30.0, 45.0)))  # 5 of the 15 s among them
    assert found.channels[0].quality[Quality.GAP] == pytest.approx(100 * 10 / 60)
    assert found.excluded_s == 20.0


def test_only_what_lies_in_the_window_is_told_of():
    edits = excluding((10.0, 20.0), (50.0, 55.0))
    found = figures(recording(noise(60)), edits, start_s=15.0, stop_s=40.0)
    assert [one.start_s for one in found.excluded] == [10.0]
    assert found.excluded_s == 5.0
    expected_s = 25 - 5 - SETTLING_S
    assert found.channels[0].valid_percent == pytest.approx(100 * expected_s / 25, abs=1e-9)


@pytest.mark.parametrize("heartbeat", ["keep", "remove"])
def test_with_all_of_it_excluded_nothing_is_known(heartbeat):
    found = analyze(
        recording(noise(20)), SignalSettings(), edits=excluding((0, 20)), heartbeat=heartbeat
    )
    (channel,) = found.channels
    assert channel.valid_percent == 0
    assert math.isnan(channel.rms)
    assert channel.activity.bursts is None
    assert channel.quality[Quality.GAP] == 0
    assert found.excluded_s == 20


def test_without_cuts_the_same_however_the_chunks_lie():
    samples = noise(3)
    spans = np.array([[0, 5], [990, 1010], [1500, 1500 + 7], [2999, 3000]])
    for pieces in ([(0, 3000)], [(0, 1000), (1000, 1503), (1503, 3000)]):
        left = without(recording(samples, pieces), spans)
        for _time in range(2):  # it is gone through more than once
            index = np.concatenate([np.arange(c.start, c.stop) for c in left.chunks])
            values = np.concatenate([c.samples for c in left.chunks])
            expected = np.setdiff1d(np.arange(3000), np.r_[0:5, 990:1010, 1500:1507, 2999])
            assert np.array_equal(index, expected)
            assert np.array_equal(values, samples[expected])
    assert samples_in(spans, 0, 3000) == 5 + 20 + 7 + 1
    assert samples_in(spans, 1000, 1502) == 10 + 2


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sitting.csv"
    rows = [f"{i / SFREQ:.3f},{value:.6g}" for i, value in enumerate(shaken(30)[:, 0])]
    path.write_text("time_s,EMG_uv\n" + "\n".join(rows) + "\n")
    return path


def analyzed(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[dict, str]:
    assert main(["analyze", *map(str, words), "--json"]) == 0
    out, err = capsys.readouterr()
    return json.loads(out), err


def test_analyze_honours_the_edits_and_says_so_and_no_edits_gives_the_file_as_it_is(file, capsys):
    as_it_is, said = analyzed(capsys, file)
    assert "excluded" not in said
    assert (as_it_is["excluded"], as_it_is["excluded_s"]) == ([], 0)
    log = EditLog(file)
    log.add(Edit(None, Exclusion(19.9, 22.1, "coughed")))
    log.add(Edit(None, Exclusion(5.0, 6.0, "talked")))
    log.add(Edit(None, Annotation(3.0, 0.0, "begins")))
    found, said = analyzed(capsys, f"file:{file}")
    assert "2 intervals (3.2 s) were excluded by hand." in said
    assert found["excluded"][1] == {"start_s": 19.9, "stop_s": 22.1, "reason": "coughed"}
    assert found["annotations"] == [{"onset_s": 3.0, "duration_s": 0.0, "text": "begins"}]
    assert found["channels"][0]["rms_uv"] < 1.1 * RMS_UV < as_it_is["channels"][0]["rms_uv"]
    log.undo()
    log.undo()
    assert "1 interval (2.2 s) was excluded by hand." in analyzed(capsys, file)[1]
    unedited, said = analyzed(capsys, file, "--no-edits")
    assert unedited == as_it_is
    assert "excluded" not in said


def test_analyze_says_when_the_edits_are_of_another_recording(file, capsys):
    EditLog(file).add(Edit(None, Exclusion(1.0, 2.0, "coughed")))
    file.write_text(file.read_text() + "30.000,1\n")
    found, said = analyzed(capsys, file)
    assert found["excluded"] == []
    assert "are of another recording" in said
