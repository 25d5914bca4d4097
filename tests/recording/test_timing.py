import numpy as np
import pytest

from biofeedback.errors import RecordingError
from biofeedback.recording.tables.timing import index_frames, index_times


def indexed(times):
    times = np.asarray(times)
    # Parts of uneven length: no part may know more than another.
    parts = np.split(times, [len(times) // 7, len(times) // 3])
    sfreq, runs = index_times(parts, where="x.csv", line_of=lambda row: row + 2)
    return sfreq, runs.index(0, len(times))


@pytest.mark.parametrize("sfreq", [200.0, 500.0, 999.0, 1000.0, 1024.0, 1259.259, 2000.0, 4000.0])
@pytest.mark.parametrize("decimals", [3, 4, 6, 9])
def test_times_may_be_rounded(sfreq, decimals):
    at = np.arange(20_000)
    rate, index = indexed(np.round(at / sfreq, decimals))
    assert rate == pytest.approx(sfreq, rel=1e-4 if decimals == 3 else 1e-6)
    if sfreq == round(sfreq):
        assert rate == sfreq
    assert (index == at).all()


def test_times_of_six_significant_digits_are_read():
    times = [float(f"{i / 1000:g}") for i in range(1_200_000)]
    rate, index = indexed(times)
    assert rate == 1000
    assert (index == np.arange(1_200_000)).all()


def test_the_noise_of_floats_is_no_rate():
    step = 0.001 * (1 + 1e-7)  # 999.9999 Hz
    assert indexed(np.cumsum(np.full(5000, step)))[0] == 1000
    assert indexed(1.7e9 + np.arange(5000) / 2000)[0] == 2000


@pytest.mark.parametrize(("sfreq", "decimals"), [(1000, 3), (1024, 3), (1000, 6), (2000, 4)])
def test_gaps_become_jumps(sfreq, decimals):
    at = np.concatenate((np.arange(3000), np.arange(3005, 7000), np.arange(9000, 12000)))
    rate, index = indexed(np.round(at / sfreq, decimals))
    assert rate == pytest.approx(sfreq, rel=1e-5)
    assert (index == at).all()


def test_one_lost_sample_is_seen():
    at = np.delete(np.arange(5000), [100, 1700, 1702])
    assert (indexed(np.round(at / 1000, 3))[1] == at).all()


def test_a_few_losses_at_even_distances_are_no_other_rate():
    at = np.concatenate([np.arange(21 * i, 21 * i + 20) for i in range(5)])
    rate, index = indexed(at / 1000)
    assert rate == 1000
    assert (index == at).all()


def test_a_single_sample_between_gaps_keeps_its_place():
    at = np.array([0, 1, 2, 3, 4, 10, 20, 21, 22])
    rate, index = indexed(at / 1000)
    assert rate == 1000
    assert (index == at).all()


@pytest.mark.parametrize("decimals", [3, 6])
def test_a_repeated_time_is_named_by_its_line(decimals):
    times = np.round(np.insert(np.arange(1000), 700, 699) / 1000, decimals)
    with pytest.raises(RecordingError, match=r"x\.csv, line 702: time_s is 0\.699, too soon"):
        indexed(times)


def test_jitter_of_a_hosts_clock_is_refused():
    rng = np.random.default_rng(1)
    times = np.sort(np.arange(2000) / 1000 + 0.002 * rng.random(2000))
    with pytest.raises(RecordingError, match="line "):
        indexed(times)


def test_a_rate_that_drifts_is_refused():
    at = np.arange(20_000) / 1000
    with pytest.raises(RecordingError, match="off the even"):
        indexed(at + 1e-5 * at**2)


@pytest.mark.parametrize(("wrap", "step"), [(256, 1), (255, 1), (256, 2), (65_536, 1), (16, 1)])
def test_frames_are_counted_whatever_part_they_come_in(wrap, step):
    at = np.delete(np.arange(3, 100_000), [100, 101, 70_000])
    numbers = (at * step % wrap).astype(float)
    runs = index_frames(np.array_split(numbers, 11), (16, 255, 256, 65_536))
    assert (runs.index(0, len(at)) == at - 3).all()
    assert (runs.index(60_000, 80_000) == at[60_000:80_000] - 3).all()
