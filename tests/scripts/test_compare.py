"""The table of agreement, from figures that are given; no test needs other people's programs."""

from pathlib import Path

import numpy as np
import pytest
from benchmarks import agreement
from benchmarks.agreement import RECORDINGS, Row

DATA = Path(__file__).parents[1] / "data"
TOOLS = {"biofeedback": "0.1.0", "scipy": "1.17.1", "mne": "1.13.2"}
REFERENCES = {f"{r.file} {r.label}": r for r in RECORDINGS}
BURSTS = REFERENCES["bsnb/emg_bursts.h5 PORT3_CHN1"]
GAME = REFERENCES["bsnb/game_0_1.txt CH2"]
SHOULDER = REFERENCES["pyomeca/analogs.csv EMG6"]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("| ").split("|")]


def test_a_value_stands_beside_its_distance_from_the_reference():
    rows = [
        Row("a.h5 CH1", "rest", {"biofeedback": 5.1, "scipy": 5.0, "mne": 4.9999999}),
        Row("a.h5 CH1", "contractions", {"biofeedback": 9, "scipy": float("nan")}),
    ]
    head, rule, rest, count = map(cells, agreement.table(rows, TOOLS).splitlines())
    assert head == ["recording", "measure", "biofeedback 0.1.0", "scipy 1.17.1", "mne 1.13.2"]
    assert rule == ["---"] * 5
    assert rest == ["a.h5 CH1", "RMS at rest, µV", "5.100 (+2.00 %)", "5.000", "5.000 (0.00 %)"]
    assert count == ["a.h5 CH1", "contractions", "9", "–", "–"]


def test_without_the_reference_a_value_stands_alone():
    row = Row("a.h5 CH1", "median_hz", {"biofeedback": 87.0})
    assert cells(agreement.table([row], {"biofeedback": "1"}).splitlines()[2])[-1] == "87.00"


@pytest.mark.parametrize(
    ("reference", "measures"),
    [
        (BURSTS, ["rest", "contraction", "median_hz", "contractions"]),
        (GAME, ["rest"]),
        (SHOULDER, ["rest", "contraction", "median_hz"]),
    ],
    ids=lambda value: value.label if isinstance(value, agreement.Reference) else None,
)
def test_a_recording_has_the_rows_of_its_windows(reference, measures):
    found = {"scipy": {"rest": 1.0, "contraction": 2.0, "median_hz": 80.0}}
    assert [row.measure for row in agreement.table_rows(reference, found)] == measures


def test_counts_by_other_methods_have_a_row_where_there_are_any():
    found = {"neurokit2": {"contractions": 12.0, "mixture": 12.0, "biosppy": 5.0}}
    (row,) = agreement.method_rows(BURSTS, found)
    assert row.by_tool == {"mixture": 12.0, "biosppy": 5.0}
    assert not [*agreement.method_rows(BURSTS, {"scipy": {}})]
    assert not [*agreement.method_rows(SHOULDER, found)]


def test_a_recording_that_is_not_there_or_not_whole_is_left_out(tmp_path):
    assert agreement.find(DATA, GAME) == DATA / "game_0_1.txt"
    assert agreement.find(tmp_path, BURSTS) is None
    lines = (DATA / "game_0_1.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "game_0_1.txt").write_text("".join(lines[:3000]), encoding="utf-8")
    assert agreement.find(tmp_path, GAME) is None


def test_all_tools_get_the_microvolts_of_the_file():
    samples, sfreq = agreement.microvolts(DATA / "game_0_1.txt", GAME)
    rows = np.loadtxt(DATA / "game_0_1.txt")
    counts = rows[:, -2]  # CH2, before the accelerometer
    np.testing.assert_allclose(samples, (counts / 2**16 - 0.5) * 3000, rtol=1e-12)
    assert sfreq == 1000.0
