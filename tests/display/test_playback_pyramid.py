"""Every level of the pyramid holds what the pipeline says, nothing less, wherever it is cut."""

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback.display.playback.image import missing
from biofeedback.display.playback.pyramid import (
    MOST_VALUES,
    UNCOUNTED,
    Cancelled,
    Pyramid,
    make_pyramid,
)
from biofeedback.held_back import counted
from biofeedback.pipeline import make_pipeline
from biofeedback.recording.recorded import Recording
from biofeedback.settings import SignalSettings
from biofeedback.stream import Channel, Chunk, Quality, StreamInfo

SFREQ = 1000.0
NO_SPANS = np.zeros((0, 2), dtype=np.int64)


def recording(samples: np.ndarray, pieces: list[tuple[int, int]] | None = None) -> Recording:
    pieces = pieces or [(0, len(samples))]
    channels = tuple(Channel(f"EMG {i}", "uV") for i in range(samples.shape[1]))
    chunks = tuple(Chunk(a, samples[a:b]) for a, b in pieces)
    return Recording(StreamInfo(channels, SFREQ, "made"), chunks, len(samples))


def noise(seconds: float, channels: int = 2) -> np.ndarray:
    shape = round(seconds * SFREQ), channels
    return 5.0 * np.random.default_rng(3).standard_normal(shape)


def made(of: Recording, most_values: int = MOST_VALUES, **signal: str) -> Pyramid:
    return make_pyramid(
        of,
        SignalSettings(**signal),
        progress=lambda _share: None,
        cancelled=threading.Event(),
        most_values=most_values,
    )


def direct(of: Recording) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return filtered, slow, what counts, and flags, sample by sample from the pipeline."""
    pipeline = make_pipeline(of.info, SignalSettings())
    tensions = [pipeline.process(chunk) for chunk in of.chunks]
    shape = of.stop, len(of.info.channels)
    found = [np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, bool)]
    flags = np.zeros(shape, np.uint8)
    good = counted(tensions, round(SFREQ))
    at = 0
    for tension in tensions:
        rows = slice(tension.start, tension.stop)
        found[0][rows], found[1][rows] = tension.filtered, tension.slow
        found[2][rows] = good[at : at + len(tension.slow)]
        flags[rows] = tension.quality | np.where(found[2][rows], 0, UNCOUNTED).astype(np.uint8)
        at += len(tension.slow)
    return found[0], found[1], found[2], flags


SHAKEN = noise(12)
SHAKEN[5000:5600, 1] = 0.0
PIECES = [(0, 3000), (3000, 7000), (8500, 12_000)]
HOLED = recording(SHAKEN, PIECES)
COARSE = made(HOLED, 2 * 12_000 // 8)  # bins of 8 samples
EXACT = made(HOLED)
DIRECT = direct(HOLED)


def test_a_short_recording_keeps_every_sample_and_a_long_one_bounded_memory():
    assert EXACT.step == 1
    assert COARSE.step == 8
    hour = Pyramid(8, 3600 * 2000, MOST_VALUES)
    assert 8 * -(-hour.n_samples // hour.step) <= MOST_VALUES
    assert hour.step == 16
    finest = sum(array.nbytes for array in vars(hour).values() if isinstance(array, np.ndarray))
    hour.finish()
    coarser = sum(
        getattr(level, name).nbytes
        for level in hour.levels[1:]
        for name in ("low", "high", "line_low", "line_high", "flags")
    )
    assert finest + coarser < 110e6


@pytest.mark.parametrize("pyramid", [EXACT, COARSE], ids=["exact", "coarse"])
@pytest.mark.parametrize("per_column", [8, 32, 96, 1000, 6000])
def test_each_column_holds_the_extremes_of_its_samples_at_every_level(pyramid, per_column):
    n = 12_000 // per_column
    columns = pyramid.columns(0, n * per_column, n)
    filtered, slow, good, flags = DIRECT
    # a column holds whole bins of the level it was taken from
    for column in range(n):
        first = column * per_column // columns.step * columns.step
        last = -(-(column + 1) * per_column // columns.step) * columns.step
        if (column * per_column) % columns.step or ((column + 1) * per_column) % columns.step:
            continue
        rows = slice(first, last)
        known = ~np.isnan(filtered[rows])
        for i in range(2):
            if known[:, i].any():
                assert columns.low[i, column] == np.float32(np.nanmin(filtered[rows, i]))
                assert columns.high[i, column] == np.float32(np.nanmax(filtered[rows, i]))
            else:
                assert np.isnan(columns.low[i, column])
            assert columns.flags[i, column] == np.bitwise_or.reduce(flags[rows, i])
            counts = good[rows, i]
            if counts.any():
                lines = slow[rows, i][counts]
                assert columns.line_low[i, column] <= lines.max() * (1 + 1e-6)
                assert columns.line_high[i, column] >= lines.min() * (1 - 1e-6)
            else:
                assert np.isnan(columns.line_low[i, column])


@settings(max_examples=200, deadline=None)
@given(
    ends=st.lists(st.floats(0, 12_000), min_size=2, max_size=2).map(sorted),
    n=st.integers(1, 1500),
    coarse=st.booleans(),
)
def test_no_sample_that_is_in_view_is_missed_however_it_is_zoomed(ends, n, coarse):
    start, stop = ends[0], max(ends[1], ends[0] + 1)
    columns = (COARSE if coarse else EXACT).columns(start, stop, n)
    first, last = int(np.ceil(start)), min(int(stop), 12_000)
    seen = DIRECT[0][first:last]
    for i in range(2):
        known = seen[~np.isnan(seen[:, i]), i]
        if len(known):
            assert np.nanmax(columns.high[i]) >= np.float32(known.max())
            assert np.nanmin(columns.low[i]) <= np.float32(known.min())


def test_the_same_however_the_chunks_lie():
    whole = recording(noise(8))
    cut = recording(noise(8), [(0, 1), (1, 777), (777, 3000), (3000, 8000)])
    for one, other in zip(made(whole, 4000).levels, made(cut, 4000).levels, strict=True):
        for name in ("low", "high", "flags"):
            assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
        assert np.allclose(one.line_low, other.line_low, rtol=1e-5, equal_nan=True)


@pytest.mark.parametrize("pyramid", [EXACT, COARSE], ids=["exact", "coarse"])
def test_where_no_sample_came_nothing_is_shown(pyramid):
    empty = missing(pyramid.columns(0, 12_000, 1200))
    at = np.arange(1200) * 10
    inside = (at >= 7010) & (at < 8480)
    assert empty[:, inside].all()
    assert not empty[:, (at < 6990) | (at > 8510)].any()


@pytest.mark.parametrize("pyramid", [EXACT, COARSE], ids=["exact", "coarse"])
def test_mean_and_valid_share_of_a_selection_are_those_of_its_samples(pyramid):
    _filtered, slow, good, _flags = DIRECT
    for start, stop in ((0, 12_000), (2000, 6000), (1600, 1608), (4800, 9600), (5000, 5600)):
        mean, percent = pyramid.counted(start, stop, NO_SPANS)
        for i in range(2):
            counts = good[start:stop, i]
            assert percent[i] == pytest.approx(100 * counts.mean(), abs=1e-9)
            if counts.any():
                assert mean[i] == pytest.approx(slow[start:stop, i][counts].mean(), rel=1e-4)
            else:
                assert np.isnan(mean[i])


def test_what_is_left_out_of_a_selection_is_in_neither_mean_nor_share():
    _filtered, slow, good, _flags = DIRECT
    spans = np.array([[1000, 2000], [3200, 4000], [11_000, 20_000]])
    counts = good.copy()
    for first, last in spans:
        counts[first:last] = False
    for start, stop in ((0, 12_000), (1200, 3600), (1200, 1600)):
        mean, percent = COARSE.counted(start, stop, spans)
        inside = counts[start:stop, 0]
        assert percent[0] == pytest.approx(100 * inside.mean(), abs=1e-9)
        if inside.any():
            expected = slow[start:stop, 0][inside].mean()
            assert mean[0] == pytest.approx(expected, rel=1e-4)


def test_a_signal_that_comes_late_is_shown_when_it_was():
    samples = noise(10, 1)
    samples[6000, 0] += 5000.0  # a click
    for heartbeat in ("keep", "remove"):
        pyramid = made(recording(samples), heartbeat=heartbeat)
        assert abs(int(np.nanargmax(pyramid.levels[0].high[0])) - 6000) <= 12, heartbeat
        assert pyramid.levels[0].flags[0, -1] & ~UNCOUNTED == 0, "the last of it is there"
        assert not np.isnan(pyramid.levels[0].low[0, -1])


def test_it_tells_how_far_it_is_and_is_called_off_in_between():
    told: list[float] = []
    cancelled = threading.Event()

    def tell(share: float) -> None:
        told.append(share)
        if len(told) == 3:
            cancelled.set()

    pieces = [(at, at + 1000) for at in range(0, 10_000, 1000)]
    with pytest.raises(Cancelled):
        make_pyramid(
            recording(noise(10), pieces), SignalSettings(), progress=tell, cancelled=cancelled
        )
    assert told == pytest.approx([0.0, 0.1, 0.2])


def test_mains_are_flagged_in_the_pyramid_of_a_real_file():
    from biofeedback.recording.formats import read_recording

    path = Path(__file__).parents[1] / "data" / "game_0_1.txt"
    pyramid = made(read_recording(path))
    flags = np.bitwise_or.reduce(pyramid.levels[-1].flags, axis=1)
    assert (flags & Quality.UNSETTLED).all()
    assert np.nanmax(pyramid.levels[-1].high) > 0
