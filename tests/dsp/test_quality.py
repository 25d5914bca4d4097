import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biofeedback.dsp.quality import ContactQuality, RunLength
from biofeedback.stream import Quality


def contact(*, flat_means_off: bool = True) -> ContactQuality:
    return ContactQuality(
        rails=np.array([[2.0, 1021.0]]), flat_means_off=np.array([flat_means_off]), sfreq=1000
    )


def live(n: int) -> np.ndarray:
    return np.random.default_rng(0).integers(400, 600, (n, 1)).astype(float)


@given(st.lists(st.booleans(), min_size=1, max_size=200), st.integers(0, 200))
def test_a_run_is_counted_across_any_cut(held: list[bool], cut: int):
    expected, run = [], 0
    for value in held:
        run = run + 1 if value else 0
        expected.append(run)
    counter, column = RunLength(), np.array(held)[:, None]
    cut %= len(held)
    parts = [counter(part) for part in (column[:cut], column[cut:]) if len(part)]
    assert np.concatenate(parts)[:, 0].tolist() == expected


def test_a_live_signal_has_no_flag():
    assert not contact()(live(3000)).any()


def test_one_clipped_sample_a_second_passes_and_two_are_saturation():
    counts = live(3000)
    counts[500] = 1023
    assert not contact()(counts).any()
    counts[501] = 1023
    flags = contact()(counts)[:, 0]
    assert not flags[:501].any()
    assert (flags[501:1500] == Quality.SATURATED).all()
    assert not flags[1500:].any()


@pytest.mark.parametrize("rail", [0.0, 1.0, 1022.0, 1023.0])
def test_half_a_second_at_a_rail_even_a_jittering_one_is_an_electrode_off(rail: float):
    counts = live(2000)
    counts[1000:] = rail
    counts[1000::2] = np.clip(rail + 1, 0, 1023)
    flags = contact()(counts)[:, 0]
    assert not (flags[:1499] & Quality.ELECTRODE_OFF).any()
    assert (flags[1499:] & Quality.ELECTRODE_OFF).all()


def test_a_line_that_is_flat_for_half_a_second_is_an_electrode_off():
    counts = live(2000)
    counts[1000:] = 512
    flags = contact()(counts)[:, 0]
    assert not flags[:1499].any()
    assert (flags[1500:] == Quality.ELECTRODE_OFF).all()


def test_on_a_coarse_converter_a_flat_line_means_nothing():
    assert not contact(flat_means_off=False)(np.full((3000, 1), 512.0)).any()


def test_without_known_rails_only_flatness_counts():
    part = ContactQuality(
        rails=np.full((1, 2), np.nan), flat_means_off=np.array([True]), sfreq=1000
    )
    assert not part(live(2000) * 1e6).any()
