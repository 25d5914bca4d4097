import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback import kernel
from biofeedback.bands import band_for
from biofeedback.boards import SENSORS, find_board, make_channel
from biofeedback.errors import SettingsError
from biofeedback.pipeline import Pipeline, make_pipeline
from biofeedback.settings import SignalSettings
from biofeedback.sources.scenario import load_scenario
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.stream import INVALID, Channel, Chunk, Quality, StreamInfo, Tension

SFREQ = 1000.0


def microvolts(n: int = 1) -> StreamInfo:
    return StreamInfo(tuple(Channel(f"EMG {i}", "uV") for i in range(n)), SFREQ, "test")


def pipeline_for(info: StreamInfo, **settings: object) -> Pipeline:
    return make_pipeline(info, SignalSettings(**settings))


def noise(seconds: float, rms_uv: float = 10.0, channels: int = 1, seed: int = 0) -> np.ndarray:
    shape = (int(seconds * SFREQ), channels)
    return rms_uv * np.random.default_rng(seed).standard_normal(shape)


def played(scenario: str, seconds: int) -> tuple[StreamInfo, np.ndarray]:
    source = SimulatedSource(load_scenario(scenario), fast=True)
    source.open()
    chunks = [source.read(0)[0].samples for _second in range(seconds)]
    return source.info, np.concatenate(chunks)


def joined(parts: list[Tension]) -> Tension:
    columns = zip(*((p.filtered, p.fast, p.slow, p.quality) for p in parts), strict=True)
    return Tension(parts[0].start, *map(np.concatenate, columns))


def same_bits(a: Tension, b: Tension) -> bool:
    pairs = ((a.filtered, b.filtered), (a.fast, b.fast), (a.slow, b.slow))
    return all(np.array_equal(x, y, equal_nan=True) for x, y in pairs) and np.array_equal(
        a.quality, b.quality
    )


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_tension_is_the_same_bits_however_the_stream_is_cut_gaps_and_faults_included(data):
    info, counts = played("lead-off", 14)
    missing = [(3000, 3120), (5000, 6000), (12_000, 12_001)]
    edges = sorted({0, len(counts), *(e for gap in missing for e in gap)})
    runs = [(a, b) for a, b in itertools.pairwise(edges) if (a, b) not in missing]
    whole = pipeline_for(info)
    expected = joined([whole.process(Chunk(a, counts[a:b])) for a, b in runs])
    cuts = data.draw(st.lists(st.integers(0, len(counts)), max_size=30))
    cut = pipeline_for(info)
    parts = []
    for a, b in runs:
        inner = [a, *sorted(c for c in cuts if a < c < b), b]
        parts += [cut.process(Chunk(i, counts[i:j])) for i, j in itertools.pairwise(inner)]
    assert same_bits(joined(parts), expected)
    assert cut.lost == whole.lost == 120 + 1000 + 1


def test_every_single_sample_as_a_chunk_of_its_own_gives_the_same_bits():
    samples = noise(2.0, channels=3)
    whole = pipeline_for(microvolts(3)).process(Chunk(0, samples))
    single = pipeline_for(microvolts(3))
    parts = [single.process(Chunk(i, samples[i : i + 1])) for i in range(len(samples))]
    assert same_bits(joined(parts), whole)


def test_the_first_three_quarters_of_a_second_are_unknown_and_what_follows_is_known():
    tension = pipeline_for(microvolts()).process(Chunk(0, noise(2.0)))
    assert (tension.quality[:750] & Quality.UNSETTLED).all()
    assert np.isnan(tension.slow[:750]).all()
    assert np.isnan(tension.fast[:750]).all()
    assert not tension.quality[750:].any()
    assert np.isfinite(tension.slow[750:]).all()
    assert np.isfinite(tension.fast[750:]).all()


def test_ten_millivolts_of_offset_leave_nothing_in_the_first_known_reading():
    tension = pipeline_for(microvolts()).process(Chunk(0, noise(2.0, 2.0) + 10_000))
    without = pipeline_for(microvolts()).process(Chunk(0, noise(2.0, 2.0)))
    np.testing.assert_allclose(tension.slow[750:], without.slow[750:], rtol=1e-4)


def test_a_sine_reads_its_own_rms_and_sums_of_powers_add():
    t = np.arange(5000)[:, None] / SFREQ
    signal = 3 * np.sqrt(2) * np.sin(2 * np.pi * 80 * t)
    signal += 4 * np.sqrt(2) * np.sin(2 * np.pi * 130 * t)
    tension = pipeline_for(microvolts()).process(Chunk(0, signal))
    assert tension.slow[-1, 0] == pytest.approx(5.0, rel=0.01)


def test_a_short_gap_is_unknown_for_itself_and_one_window_and_does_not_ring():
    mains = 200 * np.sin(2 * np.pi * 50 * np.arange(6000)[:, None] / SFREQ) + 10_000
    clean = pipeline_for(microvolts()).process(Chunk(0, mains))
    broken = pipeline_for(microvolts())
    broken.process(Chunk(0, mains[:3000]))
    after = broken.process(Chunk(3137, mains[3137:]))
    assert (after.quality[:1000] & Quality.GAP).all()
    assert np.isnan(after.slow[:1000]).all()
    assert not (after.quality[1000:] & INVALID).any()
    assert broken.lost == 137
    first_known = after.slow[1000, 0]
    assert first_known == pytest.approx(clean.slow[4137, 0], rel=0.1)


def test_a_long_gap_starts_afresh():
    pipeline = pipeline_for(microvolts())
    pipeline.process(Chunk(0, noise(2.0)))
    after = pipeline.process(Chunk(10_000, noise(2.0)))
    assert (after.quality[:750] & Quality.UNSETTLED).all()
    assert np.isfinite(after.slow[750:]).all()
    assert pipeline.lost == 8000


def test_a_gap_never_reads_as_rest():
    pipeline = pipeline_for(microvolts())
    pipeline.process(Chunk(0, noise(2.0, 50.0)))
    after = pipeline.process(Chunk(2100, noise(2.0, 50.0, seed=1)))
    assert np.nanmin(after.slow) > 40


def test_an_electrode_that_falls_off_is_unknown_within_a_second_and_settles_when_it_is_back():
    info, counts = played("lead-off", 30)
    tension = pipeline_for(info).process(Chunk(0, counts))
    slow, off = tension.slow[:, 0], tension.quality[:, 0] & Quality.ELECTRODE_OFF != 0
    assert np.isfinite(slow[750:10_000]).all()
    assert np.isnan(slow[10_600:25_749]).all()
    assert off[10_700:25_000].all()
    known_again = 25_000 + int(np.argmax(np.isfinite(slow[25_000:])))
    assert 25_750 <= known_again <= 26_000
    assert np.nanmax(slow[known_again:]) < 12
    # while the fault is not yet told, the reading rises: nothing ever says "relaxed"
    between = slow[10_000:10_700]
    assert np.nanmin(between) > 6


def test_a_flat_line_in_microvolts_pauses_and_on_a_ten_bit_uno_it_does_not():
    flat = np.full((2000, 1), 512.0)
    uno = StreamInfo(
        (make_channel("EMG", SENSORS["myoware-2-raw"], find_board("uno")),), SFREQ, "test"
    )
    assert pipeline_for(microvolts()).process(Chunk(0, flat)).quality[-1, 0] & INVALID
    assert not pipeline_for(uno).process(Chunk(0, flat)).quality[-1, 0] & INVALID


def test_one_dead_channel_leaves_the_others_alone():
    samples = noise(3.0, channels=2)
    samples[:, 1] = 7.0
    tension = pipeline_for(microvolts(2)).process(Chunk(0, samples))
    assert np.isfinite(tension.slow[750:, 0]).all()
    assert np.isnan(tension.slow[750:, 1]).all()


def test_an_envelope_channel_is_averaged_and_neither_filtered_nor_squared():
    info = StreamInfo((make_channel("ENV", SENSORS["myoware-2-env"]),), 50.0, "test")
    counts = np.tile([[100.0], [300.0]], (100, 1))
    tension = pipeline_for(info).process(Chunk(0, counts))
    assert tension.slow[-1, 0] == pytest.approx(200.0)


def test_raw_and_envelope_channels_go_together():
    raw, env = (make_channel(name, SENSORS[name]) for name in ("myoware-2-raw", "myoware-2-env"))
    counts = np.column_stack((512 + noise(3.0, 4.0)[:, 0], np.full(3000, 300.0)))
    counts[::2, 1] += 1
    both = pipeline_for(StreamInfo((raw, env), SFREQ, "x")).process(Chunk(0, counts))
    alone = pipeline_for(StreamInfo((raw,), SFREQ, "x")).process(Chunk(0, counts[:, :1]))
    np.testing.assert_array_equal(both.slow[:, 0], alone.slow[:, 0])
    assert both.slow[-1, 1] == pytest.approx(300.5)


def test_chunks_that_overlap_are_a_mistake_of_the_source():
    pipeline = pipeline_for(microvolts())
    pipeline.process(Chunk(0, noise(1.0)))
    with pytest.raises(ValueError, match="overlap"):
        pipeline.process(Chunk(999, noise(1.0)))


@pytest.mark.parametrize(
    ("name", "sfreq", "band"),
    [
        ("wide", 2000, (20, 450)),
        ("wide", 1000, (20, 450)),
        ("wide", 500, (20, 225)),
        ("wide", 250, (20, 112.5)),
        ("narrow", 1000, (100, 200)),
        ("narrow", 445, (100, 200)),
    ],
)
def test_the_band_comes_down_with_the_rate(name: str, sfreq: float, band: tuple[float, float]):
    assert band_for(name, sfreq=sfreq) == band


def test_what_is_too_slow_for_emg_is_refused_with_the_reason():
    with pytest.raises(SettingsError, match=r"100 Hz, too slow for EMG.*200 Hz or faster"):
        band_for("wide", sfreq=100)
    with pytest.raises(SettingsError, match=r"narrow band .* needs 444 Hz"):
        band_for("narrow", sfreq=400)
    with pytest.raises(SettingsError, match="no band called 'broad'"):
        band_for("broad", sfreq=1000)


TROUBLES = [
    ("ecg", {"heartbeat": "remove"}),
    ("motion", {"mains_filter": "on", "mains_hz": 60.0}),
    ("hum", {"mains_filter": "on", "heartbeat": "remove", "band": "narrow"}),
]


@pytest.mark.parametrize(("scenario", "chosen"), TROUBLES)
def test_the_same_bits_with_notches_and_with_heartbeats_removed(scenario, chosen):
    info, counts = played(scenario, 16)
    runs = [(0, 9000), (9040, 11_500), (12_000, 16_000)]
    whole = pipeline_for(info, **chosen)
    expected = joined([whole.process(Chunk(a, counts[a:b])) for a, b in runs])
    rng = np.random.default_rng(0)
    for most in (3, 70, 3000):
        cut = pipeline_for(info, **chosen)
        parts = []
        for a, b in runs:
            at = a
            while at < b:
                stop = min(b, at + int(rng.integers(1, most + 1)))
                parts.append(cut.process(Chunk(at, counts[at:stop])))
                at = stop
        assert same_bits(joined(parts), expected)


@pytest.mark.parametrize(("scenario", "chosen"), [*TROUBLES, ("lead-off", {}), ("uno-10-bit", {})])
def test_without_the_kernel_tension_is_the_same_but_for_rounding(scenario, chosen, monkeypatch):
    if kernel.compiled is None:
        pytest.skip("there is no kernel here")
    info, counts = played(scenario, 16)
    runs = [(0, 9000), (9040, 11_500), (12_000, 16_000)]

    def run() -> Tension:
        pipeline = pipeline_for(info, **chosen)
        return joined([pipeline.process(Chunk(a, counts[a:b])) for a, b in runs])

    with_kernel = run()
    monkeypatch.setattr(kernel, "compiled", None)
    without = run()
    for name in ("filtered", "fast", "slow"):
        one, other = getattr(with_kernel, name), getattr(without, name)
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9, equal_nan=True)
    np.testing.assert_array_equal(with_kernel.quality, without.quality)


def test_a_pipeline_that_begins_again_gives_the_same_bits_again():
    info, counts = played("motion", 12)
    pipeline = pipeline_for(info)
    first = pipeline.process(Chunk(0, counts))
    pipeline.process(Chunk(20_000, counts))
    assert pipeline.lost == 8000
    pipeline.restart()
    assert same_bits(pipeline.process(Chunk(0, counts)), first)
    assert pipeline.lost == 0


def test_where_there_is_no_heartbeat_removing_it_makes_the_tension_late_and_nothing_else():
    samples = noise(8.0)
    keep = pipeline_for(microvolts()).process(Chunk(0, samples))
    remover = pipeline_for(microvolts(), heartbeat="remove")
    late = remover.process(Chunk(0, samples))
    assert 0.2 * SFREQ <= remover.delay <= 0.3 * SFREQ
    np.testing.assert_array_equal(late.filtered[remover.delay :], keep.filtered[: -remover.delay])
    np.testing.assert_allclose(late.slow[3000:], keep.slow[3000 - remover.delay : -remover.delay])


def test_hum_warns_and_counts_and_motion_does_not_count():
    info, counts = played("hum", 12)
    tension = pipeline_for(info).process(Chunk(0, counts))
    assert (tension.quality[3000:] & Quality.MAINS).all()
    assert np.isfinite(tension.slow[750:]).all()
    info, counts = played("motion", 25)
    tension = pipeline_for(info).process(Chunk(0, counts))
    moved = tension.quality & Quality.MOTION != 0
    assert moved.any()
    assert np.isnan(tension.slow[moved]).all()
    assert np.isnan(tension.fast[moved]).all()
    assert np.isfinite(tension.slow[1000:3900]).all()


def test_notches_take_the_hum_out_of_the_reading():
    info, counts = played("hum", 20)
    off = pipeline_for(info).process(Chunk(0, counts)).slow[3000:]
    on = pipeline_for(info, mains_filter="on").process(Chunk(0, counts)).slow[3000:]
    assert off.mean() == pytest.approx(np.sqrt(2**2 + 20**2 + 4**2), rel=0.02)
    assert on.mean() == pytest.approx(2.0, rel=0.1)


def test_what_is_seen_on_one_channel_is_said_of_that_channel():
    quiet, swinging = noise(10.0, 5.0, seed=1), noise(10.0, 5.0, seed=2)
    swinging[6000:7000] += 800 * np.sin(2 * np.pi * 3 * np.arange(1000)[:, None] / SFREQ)
    samples = np.hstack((quiet, swinging))
    tension = pipeline_for(microvolts(2)).process(Chunk(0, samples))
    assert (tension.quality & Quality.MOTION != 0).any(axis=0).tolist() == [False, True]
    assert np.isfinite(tension.slow[750:, 0]).all()
