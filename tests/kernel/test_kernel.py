"""The compiled kernel against the numpy and scipy code beside it: the same bits."""

import itertools
import math
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback import kernel
from biofeedback.boards import SENSORS, find_board, make_channel
from biofeedback.dsp.quality import ContactQuality
from biofeedback.dsp.watch import Watch
from biofeedback.pipeline import Pipeline, make_pipeline
from biofeedback.readings import Readings, Tally
from biofeedback.recording.edf.counts import Encoder, Scale, decode
from biofeedback.settings import SignalSettings
from biofeedback.stream import Channel, Chunk, StreamInfo
from biofeedback.training.threshold import ZoneTracker

needs_kernel = pytest.mark.skipif(
    kernel.compiled is None and not os.environ.get("CI"),
    reason="the kernel was not built: there is no compiler here, or no headers of Python",
)
SFREQ = 1000.0
RAW = make_channel("EMG", SENSORS["plux"], find_board("uno-r4"))
ENVELOPE = make_channel("ENV", SENSORS["myoware-2-env"])
BARE = Channel("counts")
# scipy's own build contracts a product and a sum into one where the processor has that at hand
TO_THE_BIT = platform.machine().lower() in {"x86_64", "amd64"}

Outcome = list[np.ndarray]


@contextmanager
def without_kernel() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "compiled", None)
        yield


def signal(n: int, n_channels: int, seed: int) -> np.ndarray:
    """Counts of 14 bits with what befalls them: rails, a flat stretch, NaN, an electrode off."""
    rng = np.random.default_rng(seed)
    counts = np.clip(np.round(8192 + 300 * rng.standard_normal((n, n_channels))), 0, 16383)
    for fault in (0.0, 16383.0, 8000.0):
        at, length = int(rng.integers(n)), int(rng.choice([1, 3, 700]))
        counts[at : at + length, rng.integers(n_channels)] = fault
    if seed % 3 == 0:
        counts[int(rng.integers(n)) :, 0] = np.nan  # a filter never gets rid of one
    return counts


def run(info: StreamInfo, chunks: list[Chunk]) -> Outcome:
    """Take `chunks` all the way, and return everything that is known of them in the end."""
    n = len(info.channels)
    pipeline, zone_of = make_pipeline(info, SignalSettings()), ZoneTracker(n, hysteresis=0.1)
    zone_of.thresholds[: n - n // 4] = 6.0
    readings, tally = Readings(n, sfreq=info.sfreq), Tally(n, sfreq=info.sfreq)
    found = []
    for chunk in chunks:
        tension = pipeline.process(chunk)
        zones = zone_of(tension.slow)
        tally.add(tension, zones)
        rows = [r.slow for r in readings(tension, zones)]
        found.append((tension.filtered, tension.fast, tension.slow, tension.quality, zones))
        found[-1] = (*found[-1], np.array(rows).reshape(-1, n))
    tally.finish()
    counters = [tally.valid, tally.judged, tally.relaxed, np.array([pipeline.lost])]
    return [*map(np.concatenate, zip(*found, strict=True)), *counters]


def cut(counts: np.ndarray, lengths: list[int], gaps: list[tuple[int, int]]) -> list[Chunk]:
    """Return the chunks of `lengths`, over and over, of all that lies outside the `gaps`."""
    inside = {edge for gap in gaps for edge in gap}
    edges = sorted({0, len(counts), *inside})
    chunks = []
    for a, b in itertools.pairwise(edges):
        if not any(start <= a < stop for start, stop in gaps):
            while a < b:
                stop = min(b, a + lengths[len(chunks) % len(lengths)])
                chunks.append(Chunk(a, counts[a:stop]))
                a = stop
    return chunks


def assert_same(ours: Outcome, theirs: Outcome) -> None:
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == b.dtype
        if TO_THE_BIT:
            np.testing.assert_array_equal(a, b)
        else:
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


@needs_kernel
@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([(RAW,), (ENVELOPE,), (BARE,), (RAW,) * 8, (RAW, ENVELOPE, BARE) * 2]),
    st.integers(0, 1000),
    st.lists(st.integers(1, 300), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 2600), st.sampled_from([1, 40, 137, 300])), max_size=3),
)
def test_a_recording_gives_the_same_bits_with_and_without_the_kernel_however_it_is_cut(
    channels: tuple[Channel, ...], seed: int, lengths: list[int], gaps: list[tuple[int, int]]
):
    counts = signal(3000, len(channels), seed)
    info = StreamInfo(channels, SFREQ, "test")
    lost = [(start, start + n) for start, n in gaps]
    compiled = run(info, cut(counts, lengths, lost))
    with without_kernel():
        plain = run(info, cut(counts, [3000], lost))
    assert_same(compiled, plain)


SCALES = [
    Scale(1.0, 0, -32768, 32767, exact=True),
    Scale(1.0, 32768, -32768, 32767, exact=True),
    Scale(2.0**-6, 0, -(2**23) + 1, 2**23 - 1, exact=False),
]


@needs_kernel
@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(SCALES), min_size=1, max_size=4),
    st.integers(0, 1000),
    st.sampled_from([0.5, 40.0, 20000.0]),
    st.sampled_from([None, 0.5, 32767.5, 65536.0, -1.0, 1e300, math.nan, math.inf, -math.inf]),
)
def test_what_a_file_holds_of_samples_is_the_same_with_and_without_the_kernel(
    scales: list[Scale], seed: int, sd: float, odd: float | None
):
    rng = np.random.default_rng(seed)
    samples = np.rint(rng.normal(16384.0, sd, (50, len(scales))))
    if odd is not None:
        samples[rng.integers(50), rng.integers(len(scales))] = odd
    encoder = Encoder(scales)
    compiled, strided = encoder(samples), encoder(np.asfortranarray(samples))
    with without_kernel():
        plain = encoder(samples)
    if plain is None:
        assert compiled is strided is None
        return
    assert compiled is not None
    assert strided is not None
    assert compiled.dtype == plain.dtype == np.int32
    np.testing.assert_array_equal(compiled, plain)
    np.testing.assert_array_equal(strided, plain)
    most_off = [0.0 if scale.exact else scale.step / 2 for scale in scales]
    assert (abs(decode(compiled, scales) - samples) <= most_off).all()


def taken_at_once(pipeline: Pipeline, chunks: list[Chunk]) -> list[bool]:
    """Say of each chunk whether the kernel took all of its steps at once."""
    assert kernel.compiled
    calls: list[bool] = []

    def run_chain(*arguments: object) -> object:
        done = kernel._kernel.run_chain(*arguments)
        calls.append(done)
        return done

    spy = SimpleNamespace(**vars(kernel.compiled) | {"run_chain": run_chain})
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "compiled", spy)
        for chunk in chunks:
            calls.clear()
            pipeline.process(chunk)
            found.append(bool(calls) and all(calls))
    return found


def stretches(found: list[bool]) -> list[int]:
    """Return at which chunk it begins to be so, ends, begins again, and so on."""
    return [i for i, (a, b) in enumerate(itertools.pairwise([False, *found])) if a != b]


@needs_kernel
@pytest.mark.parametrize(
    ("fault", "faulty", "lost", "expected"),
    [
        (16383.0, 1, 0, [8, 20, 31]),  # saturation counts the rails of a second
        (8000.0, 700, 0, [8, 25, 35]),  # off after half a second, then it settles
        (0.0, 0, 40, [8, 20, 30]),  # a short gap lasts for a slow window
        (0.0, 0, 300, [8, 20, 28]),  # behind a long one all settles
    ],
)
def test_steps_are_taken_at_once_except_where_a_sample_is_flagged(
    fault: float, faulty: int, lost: int, expected: list[int]
):
    counts = 8192 + np.round(300 * np.random.default_rng(0).standard_normal((6000, 2)))
    counts[2000 : 2000 + faulty, 1] = fault
    pipeline = make_pipeline(StreamInfo((RAW, RAW), SFREQ, "test"), SignalSettings())
    chunks = cut(counts, [100], [(2000, 2000 + lost)] if lost else [])
    assert stretches(taken_at_once(pipeline, chunks)) == expected


@needs_kernel
def test_what_no_chunk_may_change_is_shared_by_those_of_one_length():
    pipeline = make_pipeline(StreamInfo((RAW,), SFREQ, "test"), SignalSettings())
    counts = np.arange(1200.0)[:, None] % 90 + 8000
    for chunk in cut(counts, [100], []):
        quality = pipeline.process(chunk).quality
    assert not quality.any()
    assert not quality.flags.writeable


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(1, 300), min_size=1, max_size=8))
def test_without_a_kernel_a_recording_gives_the_same_bits_however_it_is_cut(
    seed: int, lengths: list[int]
):
    counts, info = signal(3000, 3, seed), StreamInfo((RAW, ENVELOPE, BARE), SFREQ, "test")
    with without_kernel():
        pieces, whole = (run(info, cut(counts, by, [(1200, 1337)])) for by in (lengths, [3000]))
    for a, b in zip(pieces, whole, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("with_kernel", [False, pytest.param(True, marks=needs_kernel)])
def test_contact_says_whether_anything_was_flagged(with_kernel: bool):
    def flagged() -> list[bool]:
        rails = np.array([[2.0, 1021.0]])
        contact = ContactQuality(rails=rails, flat_means_off=np.array([True]), sfreq=SFREQ)
        live = np.random.default_rng(0).integers(400, 600, (300, 1)).astype(float)
        chunks = (live, np.full((500, 1), 1023.0), live)
        return [bool(contact(chunk).any()) == contact.flagged for chunk in chunks]

    if with_kernel:
        assert flagged() == [True] * 3
        return
    with without_kernel():
        assert flagged() == [True] * 3


def f8(*shape: int) -> np.ndarray:
    return np.zeros(shape)


def i8(*shape: int) -> np.ndarray:
    return np.zeros(shape, dtype=np.int8)


def bools(*shape: int) -> np.ndarray:
    return np.zeros(shape, dtype=np.bool_)


def counters(*shape: int) -> np.ndarray:
    return np.zeros(shape, dtype=np.int64)


def at(position: int) -> np.ndarray:
    return np.full(1, position, dtype=np.int64)


def flags(*shape: int) -> np.ndarray:
    return np.zeros(shape, dtype=np.uint8)


def live(n: int, n_channels: int) -> np.ndarray:
    return 1.0 + np.arange(float(n * n_channels)).reshape(n, n_channels)


def a_chain() -> object:
    """Steps of 2 channels, their rails at 0 and 12, their windows 7; None without a kernel."""
    arguments = CALLS["chain"]()
    arguments[3] = np.full(2, 12.0)
    return kernel.compiled and kernel.compiled.chain(*arguments)


CALLS: dict[str, Callable[[], list[object]]] = {
    "scale": lambda: [f8(5, 2), f8(2), f8(2), f8(5, 2)],
    "sosfilt": lambda: [f8(4, 6), f8(4, 2, 2), f8(5, 2), f8(5, 2)],
    "moving_rms": lambda: [f8(5, 2), bools(2), f8(3, 8, 4), at(3), f8(5, 2), 7],
    "contact": lambda: [*(f8(5, 2), f8(2), f8(2), bools(2), f8(2), counters(4), flags(5, 2), 9, 2)],
    "chain": lambda: [
        *(f8(2), f8(2), f8(2), f8(2), bools(2), f8(2), counters(4), f8(4, 6), f8(4, 2, 2)),
        *(bools(2), f8(3, 8, 4), at(3), bools(2), f8(3, 8, 4), at(6)),
        *(f8(20, 2), at(10), 9, 7, 7),
    ],
    "run_chain": lambda: [a_chain(), live(5, 2), f8(5, 2), f8(5, 2), f8(5, 2)],
    "zones": lambda: [f8(5, 2), f8(2), i8(2), i8(5, 2), 0.9, 1, 2],
    "survey": lambda: [*(f8(90, 2), f8(2), f8(90), f8(7), f8(16), f8(2, 90), f8(2), f8(2), 10)],
    "hum": lambda: [*(f8(5, 3), f8(2, 3), f8(2, 3), bools(3), bools(3), f8(3), f8(3), f8(6), 1)],
    "comb": lambda: [f8(2, 40), counters(2, 3), counters(2, 12), f8(5, 2), 3, 20],
    "frames": lambda: [flags(40), f8(5, 2), 255, 0, 0],
}
ANY_LENGTH = {("frames", 0), ("frames", 1)}
ARRAYS = [
    (name, i)
    for name, make in CALLS.items()
    for i, argument in enumerate(make())
    if isinstance(argument, np.ndarray)
]


@needs_kernel
@pytest.mark.parametrize("name", CALLS)
def test_arrays_that_fit_are_taken_and_a_number_too_few_is_not(name: str):
    function = getattr(kernel.compiled, name)
    function(*CALLS[name]())
    with pytest.raises(TypeError, match="arguments"):
        function(*CALLS[name]()[:-1])


@needs_kernel
@pytest.mark.parametrize(("name", "i"), ARRAYS)
def test_an_array_of_another_shape_or_type_is_refused_before_it_is_touched(name: str, i: int):
    function, good = getattr(kernel.compiled, name), CALLS[name]()[i]
    assert isinstance(good, np.ndarray)
    wide = np.zeros((*good.shape[:-1], good.shape[-1] + 1), good.dtype)
    backwards = good.astype(good.dtype.newbyteorder()) if good.itemsize > 1 else good.view("S1")
    unaligned = np.zeros(good.nbytes + 1, np.uint8)[1:].view(good.dtype).reshape(good.shape)
    bad = [good[None], good.astype(np.complex128), backwards, "words", 3.0]
    if (name, i) not in ANY_LENGTH:
        bad.append(wide)
    if good.itemsize > 1:
        bad.append(unaligned)
    for wrong in bad:
        arguments = CALLS[name]()
        arguments[i] = wrong
        with pytest.raises(ValueError, match=r"argument|dimension"):
            function(*arguments)


@needs_kernel
@pytest.mark.parametrize(("name", "i"), [("scale", 3), ("moving_rms", 2), ("frames", 1)])
def test_what_is_written_to_must_be_writable_and_lie_in_one_piece(name: str, i: int):
    locked = CALLS[name]()[i]
    assert isinstance(locked, np.ndarray)
    strided = np.repeat(locked, 2, axis=-1)[..., ::2]
    locked.setflags(write=False)
    for wrong in (locked, strided):
        arguments = CALLS[name]()
        arguments[i] = wrong
        with pytest.raises(ValueError, match="writable"):
            getattr(kernel.compiled, name)(*arguments)


@needs_kernel
@pytest.mark.parametrize("position", [-1, 7, 2**40])
@pytest.mark.parametrize(("name", "i"), [("moving_rms", 3), ("chain", 11), ("chain", 14)])
def test_a_position_outside_the_window_is_refused(name: str, i: int, position: int):
    arguments = CALLS[name]()
    arguments[i] = at(position)
    with pytest.raises(ValueError, match="position"):
        getattr(kernel.compiled, name)(*arguments)


@needs_kernel
@pytest.mark.parametrize("position", [-1, 16, 2**40])
@pytest.mark.parametrize("i", [11, 14, 16])
def test_a_chain_whose_state_was_moved_out_of_bounds_is_not_run(i: int, position: int):
    arguments = CALLS["chain"]()
    chain = kernel.compiled.chain(*arguments)
    arguments[i][0] = position
    with pytest.raises(ValueError, match=r"position|room"):
        kernel.compiled.run_chain(chain, *CALLS["run_chain"]()[1:])


@needs_kernel
def test_only_a_chain_is_run():
    for wrong in (None, f8(5, 2), 3):
        with pytest.raises(ValueError, match="PyCapsule"):
            kernel.compiled.run_chain(wrong, *CALLS["run_chain"]()[1:])


@needs_kernel
def test_a_chain_keeps_its_arrays_and_changes_none_of_them_where_a_sample_is_flagged():
    arguments, written = CALLS["chain"](), CALLS["run_chain"]()[2:5]
    arguments[0][:] = 1.0  # the gain
    arguments[3][:] = 12.0  # the upper rail
    arguments[7][:, 0] = 1.0  # sections that let everything through
    before = [np.copy(a) for a in arguments]
    chain = kernel.compiled.chain(*arguments)
    railed = live(5, 2) + 2
    assert not kernel.compiled.run_chain(chain, railed, *written)
    for a, b in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(a, b)
    state = [arguments[i] for i in (5, 10, 13, 15)]
    positions = [arguments[i] for i in (11, 14, 16)]
    del arguments
    assert kernel.compiled.run_chain(chain, live(5, 2), *written)
    assert state[0].tolist() == [9.0, 10.0]
    assert all(array.any() for array in state[1:])
    assert [int(position[0]) for position in positions] == [1, 4, 15]
    np.testing.assert_array_equal(state[3][10:15], live(5, 2))
    np.testing.assert_array_equal(written[0], live(5, 2))


@needs_kernel
def test_blocks_that_are_longer_than_the_window_are_refused():
    for length in (12, 1, -1):
        with pytest.raises(ValueError, match="dimension"):
            kernel.compiled.survey(*CALLS["survey"]()[:-1], length)


@needs_kernel
@pytest.mark.parametrize(("i", "bin_"), [(1, 20), (1, -1), (2, 20), (4, -1), (5, 21)])
def test_a_bin_outside_the_spectrum_is_refused(i: int, bin_: int):
    arguments = CALLS["comb"]()
    if isinstance(arguments[i], np.ndarray):
        arguments[i][-1, -1] = bin_
    else:
        arguments[i] = bin_
    with pytest.raises(ValueError, match="bin"):
        kernel.compiled.comb(*arguments)


@needs_kernel
def test_a_window_is_surveyed_as_without_the_kernel():
    counts = 32768 + 300 * np.random.default_rng(0).standard_normal((1259, 5))
    made = []
    for survey in (nullcontext, without_kernel):
        with survey():
            watch = Watch(sfreq=1259.26, gain=np.linspace(0.01, 2, 5), step=np.zeros(5))
            watch._survey(counts)
            spectra = np.fft.rfft(watch._tapered, watch._n_fft)
            sums = watch._comb(spectra)
            off = [watch._mains(scale * sums).copy() for scale in (1.0, 1.2, 0.7)]
            made.append((watch._tapered, watch._emg, watch._swing, sums))
            made[-1] += (watch._share, watch._chance, watch._hums, np.array(off))
    for ours, plain in zip(*made, strict=True):
        np.testing.assert_allclose(ours, plain, rtol=1e-9, atol=1e-9)


@needs_kernel
def test_samples_that_are_strided_are_read_where_they_lie():
    samples = np.random.default_rng(0).standard_normal((10, 4))
    for strided in (samples[::2, 1::2], samples.T[:2].T[:5], samples[4::-1, :2]):
        out = np.empty((5, 2))
        kernel.compiled.scale(strided, np.full(2, 2.0), np.ones(2), out)
        np.testing.assert_array_equal(out, strided * 2 + 1)


@needs_kernel
@pytest.mark.skipif(os.name == "nt", reason="Windows has no poll(): pyserial reads there")
def test_a_port_is_read_when_something_came_and_not_waited_for_longer_than_asked():
    reader, writer = os.pipe()
    try:
        assert kernel.compiled.read_port(reader, 0) is None
        os.write(writer, b"\0abc\0")
        assert kernel.compiled.read_port(reader, 1000) == b"\0abc\0"
        os.write(writer, bytes(5000))
        assert len(kernel.compiled.read_port(reader, 0)) == 4096
    finally:
        os.close(writer)
    assert len(kernel.compiled.read_port(reader, 0)) == 904
    assert kernel.compiled.read_port(reader, 0) == b""
    os.close(reader)
    with pytest.raises(OSError, match="Bad file"):
        kernel.compiled.read_port(reader, 0)
