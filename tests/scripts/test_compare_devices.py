"""What a client is told to have lost, doubled or altered; and the comparison, for us alone."""

import json
import sys

import numpy as np
import pytest
from benchmarks import compare_table
from benchmarks.compare_counting import counted, indices
from benchmarks.compare_run import ClientFailed, Found, Stretch, judge

STRETCH = Stretch(begun=10.0, ended=12.0, busy_s=0.1)


def logs(k, times, *, n_channels=8, bits=10, zero=0):
    """Return the logs of a board of 100 Hz and of a client that got samples `k` at `times`."""
    reached = np.arange(1, 1401)
    board = {"writes": np.column_stack((reached / 100, reached)), "bits": bits, "zero": zero}
    rows = counted(np.asarray(k), n_channels, bits) - zero
    return board, {"times": np.asarray(times), "counts": np.ones(len(k), int), "rows": rows}


@pytest.mark.parametrize("bits", [10, 14, 24])
@pytest.mark.parametrize("n_channels", [1, 2, 16])
def test_samples_tell_their_own_index(n_channels, bits):
    k = np.concatenate((np.arange(700), np.arange(900, 3000)))
    rows = counted(k, n_channels, bits)
    assert rows.shape == (len(k), n_channels)
    assert 0 <= rows.min() <= rows.max() < 2**bits
    np.testing.assert_array_equal(indices(rows, bits), k)


def test_who_gets_everything_lost_nothing_and_is_as_late_as_it_was():
    k = np.arange(1400)
    found = judge(*logs(k, (k + 1) / 100 + 0.005, zero=2**9), STRETCH)
    assert found == Found(200, 200, 0, 0, 0, pytest.approx(5.0), *[pytest.approx(5.0)] * 2)


def test_each_sample_that_is_missing_or_comes_twice_is_counted():
    k = np.sort(np.append(np.delete(np.arange(1400), [1050, 1051, 1100]), [1150, 1150]))
    found = judge(*logs(k, (k + 1) / 100), STRETCH)
    assert (found.sent, found.received, found.lost, found.twice) == (200, 197, 3, 2)


def test_a_sample_with_another_number_in_it_is_altered_and_lost():
    k = np.arange(1400)
    board, client = logs(k, (k + 1) / 100)
    client["rows"][1100, 5] ^= 1
    found = judge(board, client, STRETCH)
    assert (found.received, found.lost, found.altered) == (199, 1, 1)


def test_who_gets_nothing_lost_all_and_has_no_latency():
    found = judge(*logs(np.empty(0, int), []), STRETCH)
    assert (found.sent, found.received, found.lost) == (200, 0, 200)
    assert np.isnan(found.p99_ms)


def test_a_board_that_was_not_started_is_the_clients_failure():
    with pytest.raises(ClientFailed):
        judge(*logs([0], [1.0]), Stretch(begun=20.0, ended=22.0, busy_s=0.0))


def test_a_row_has_a_cell_for_each_head_and_a_dash_where_nothing_was_found():
    case = compare_table.QUICK
    client = next(compare_table.clients(case))
    cells = compare_table.row(case, client, None).split("|")
    assert len(cells) == len(compare_table.HEAD.splitlines()[0].split("|"))
    assert cells.count(" – ") == 8
    assert json.loads(compare_table.as_json(case, client, None))["found"] is None


def test_every_case_has_a_name_of_its_own():
    names = [case.name for case in compare_table.CASES]
    assert len(set(names)) == len(names)


def test_a_case_that_is_none_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as ended:
        compare_table.main(["cython"])
    assert ended.value.code == 2
    assert "there are: " in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="the emulated boards need Linux")
def test_we_lose_and_double_nothing_of_a_board_that_is_read_for_two_seconds(capsys):
    assert compare_table.main(["--quick", "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    found = line["found"]
    assert line["client"] == "biofeedback"
    assert found["sent"] == found["received"] > 400
    assert found["lost"] == found["twice"] == found["altered"] == 0
    assert 0 < found["p50_ms"] <= found["p99_ms"]
    assert found["percent"] > 0
