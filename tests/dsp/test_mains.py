from pathlib import Path

import numpy as np
import pytest
import scipy

from biofeedback.dsp.mains import detect_mains, mains_bank
from biofeedback.dsp.spectrum import welch

DATA = Path(__file__).parents[1] / "data"


def emg(n: int, n_channels: int, *, sfreq: float = 1000.0, seed: int = 0) -> np.ndarray:
    """EMG of 1 uV RMS, shaped as Stegeman and Hermens (2007) have it."""
    f = np.fft.rfftfreq(n, 1 / sfreq)
    shape = f / (np.sqrt(f**2 + 60**2) * (f**2 + 120**2))
    noise = np.random.default_rng(seed).standard_normal((n, n_channels))
    signal = np.fft.irfft(np.fft.rfft(noise, axis=0) * shape[:, None], n, axis=0)
    return signal / signal.std(axis=0)


def hum(
    t: np.ndarray, mains_hz: float, harmonics_uv: dict[int, float], *, drift_hz: float = 0.0
) -> np.ndarray:
    """Mains whose frequency sways by `drift_hz` over twenty seconds; RMS of each harmonic in uV."""
    cycles = mains_hz * t - drift_hz * 20 / (2 * np.pi) * np.cos(2 * np.pi * t / 20)
    waves = [np.sqrt(2) * uv * np.sin(2 * np.pi * k * cycles) for k, uv in harmonics_uv.items()]
    return np.sum(waves, axis=0)[:, None]


def reading(
    signal: np.ndarray, sections: np.ndarray, *, start: int, stop: int | None = None
) -> np.ndarray:
    zi = scipy.signal.sosfilt_zi(sections)[:, :, None] * signal[0]
    out = scipy.signal.sosfilt(sections, signal, axis=0, zi=zi)[0]
    return np.sqrt(np.mean(out[start:stop] ** 2, axis=0))


def band_and_bank(
    mains_hz: float, corners: tuple[float, float] = (20, 450), *, sfreq: float = 1000
) -> tuple[np.ndarray, np.ndarray]:
    band = scipy.signal.butter(4, corners, "bandpass", fs=sfreq, output="sos")
    bank = mains_bank(mains_hz, high_hz=corners[1], sfreq=sfreq)
    return band, np.concatenate((band, bank))


def test_recorded_rest_reads_the_same_under_twenty_microvolts_of_hum():
    counts = np.load(DATA / "emg_bursts.npy").reshape(-1, 1)
    uv = (counts / 2**16 - 0.5) * 3000
    hummed = uv + hum(np.arange(len(uv)) / 1000, 50, {1: 20, 3: 4})
    band, both = band_and_bank(50)
    clean = reading(uv, band, start=3400, stop=4200)[0]
    assert clean == pytest.approx(5.42, rel=0.025)
    assert reading(hummed, band, start=3400, stop=4200)[0] > 20
    assert reading(hummed, both, start=3400, stop=4200)[0] == pytest.approx(clean, rel=0.1)


@pytest.mark.parametrize("corners", [(20, 450), (100, 200)])
@pytest.mark.parametrize("mains_hz", [50, 60])
@pytest.mark.parametrize("drift_hz", [0.0, 0.03, 0.2])
@pytest.mark.parametrize("sfreq", [1000.0, 2000.0])
def test_rest_reads_within_a_tenth_under_strong_harmonics_that_drift(
    corners: tuple[float, float], mains_hz: float, drift_hz: float, sfreq: float
):
    t = np.arange(int(10 * sfreq)) / sfreq
    clean = 5.4 * emg(len(t), 20, sfreq=sfreq)
    lines = {1: 20.0, 2: 2.0, 3: 6.0, 5: 3.0, 7: 1.5, 9: 1.0, 10: 0.5}
    hummed = clean + hum(
        t, mains_hz, {k: uv for k, uv in lines.items() if k * mains_hz < 490}, drift_hz=drift_hz
    )
    band, both = band_and_bank(mains_hz, corners, sfreq=sfreq)
    start = round(sfreq)
    off, on = (reading(hummed, part, start=start) for part in (band, both))
    ratio = on / reading(clean, band, start=start)
    assert np.median(off) > (3.5 if corners == (20, 450) else 1.2) * np.median(on)
    assert 0.9 <= np.median(ratio) <= 1.1
    assert ((ratio > 0.88) & (ratio < 1.12)).all()


def test_a_hum_that_doubles_is_gone_again_within_a_quarter_of_a_second():
    t = np.arange(5000) / 1000
    stepped = hum(t, 50, {1: 20, 3: 4}) * np.where(t < 2.5, 1.0, 2.0)[:, None]
    _, both = band_and_bank(50)
    assert reading(stepped, both, start=2750)[0] < 0.3


@pytest.mark.parametrize("mains_hz", [50, 60])
@pytest.mark.parametrize("corners", [(20, 450), (100, 200)])
def test_the_bank_takes_no_more_than_eight_percent_of_emg(
    mains_hz: float, corners: tuple[float, float]
):
    f = np.arange(1, 1000, 0.25)
    power = f**2 / ((f**2 + 60**2) * (f**2 + 120**2) ** 2)
    taken = [
        np.sum(power * np.abs(scipy.signal.sosfreqz(sections, f, fs=2000)[1]) ** 2)
        for sections in band_and_bank(mains_hz, corners, sfreq=2000)
    ]
    assert np.sqrt(taken[1] / taken[0]) == pytest.approx(0.92 if mains_hz == 50 else 0.93, abs=0.01)


@pytest.mark.parametrize("sfreq", [200.0, 500.0, 1259.259, 4000.0])
def test_each_notch_is_five_hertz_wide(sfreq: float):
    bank = mains_bank(50, high_hz=min(450, 0.45 * sfreq), sfreq=sfreq)
    for k, section in enumerate(bank, start=1):
        # of the bilinear transform's warped axis, where it is exact
        at = [k * 50, *_edges(k * 50, 5, sfreq)]
        response = np.abs(scipy.signal.sosfreqz(section[None], at, fs=sfreq)[1])
        assert response == pytest.approx([0, np.sqrt(0.5), np.sqrt(0.5)], abs=1e-6)
    assert len(bank) == {200.0: 1, 500.0: 4, 1259.259: 11, 4000.0: 11}[sfreq]


def _edges(hz: float, width_hz: float, sfreq: float) -> list[float]:
    """The corners f with tan(pi f / sfreq) solving x^2 +- b x - w^2 = 0, b and w warped."""
    w = np.tan(np.pi * hz / sfreq)
    b = np.tan(np.pi * width_hz / sfreq) * (1 + w**2)
    return [
        float(np.arctan(root) * sfreq / np.pi)
        for root in ((-b + np.sqrt(b**2 + 4 * w**2)) / 2, (b + np.sqrt(b**2 + 4 * w**2)) / 2)
    ]


@pytest.mark.parametrize("mains_hz", [50, 60])
@pytest.mark.parametrize("sfreq", [1000.0, 1259.259])
def test_fifty_and_sixty_hertz_are_told_apart_and_measured(mains_hz: float, sfreq: float):
    t = np.arange(int(10 * sfreq)) / sfreq
    rest = 5 * emg(len(t), 100, sfreq=sfreq)
    for level in (1.5, 5.0, 50.0):  # from 0.3 of the EMG
        lines = {1: 0.8 * level, 3: 0.6 * level}
        f, power = welch(rest + hum(t, mains_hz, lines, drift_hz=0.05) + 1000, sfreq=sfreq)
        found = detect_mains(f, power, windows=19)
        right = found.hz == mains_hz
        assert right.mean() >= 0.95
        assert np.median(found.level[right]) == pytest.approx(level, rel=0.1)
        assert np.median(found.ratio[right]) == pytest.approx(level / 5, rel=0.1)


def test_one_second_measures_a_hum_as_loud_as_the_emg():
    t = np.arange(1000) / 1000
    f, power = welch(5 * emg(1000, 100) + hum(t, 60, {1: 5.0}), sfreq=1000)
    found = detect_mains(f, power, windows=1)
    assert (found.hz == 60).mean() >= 0.95
    assert np.median(found.level) == pytest.approx(5, rel=0.1)


@pytest.mark.parametrize(("seconds", "most"), [(1, 0.02), (2, 0.01), (10, 0.0)])
def test_emg_without_hum_has_no_mains(seconds: int, most: float):
    f, power = welch(5 * emg(1000 * seconds, 500), sfreq=1000)
    found = detect_mains(f, power, windows=2 * seconds - 1)
    assert (found.level > 0).mean() <= most
    nothing = found.level == 0
    assert np.isnan(found.hz[nothing]).all()
    assert (found.ratio[nothing] == 0).all()


def test_an_unknown_spectrum_has_unknown_mains_and_silence_none():
    f = np.arange(501.0)
    power = np.zeros((501, 2))
    power[:, 0] = np.nan
    found = detect_mains(f, power, windows=1)
    assert np.isnan(found.level[0])
    assert found.level[1] == 0
    assert np.isnan(found.ratio).all()
    assert np.isnan(found.hz).all()


def test_the_hum_of_a_recording_is_what_a_fitted_sine_holds():
    # 50 Hz at 33 and 29 dB above the floor; CH2 has 1.3 uV of 100 Hz too
    uv = (np.loadtxt(DATA / "game_0_1.txt")[:, 2:4] / 2**16 - 0.5) * 3000
    fitted = np.zeros(2)
    for second in np.split(uv, 6):
        for hz in (50, 100):
            angle = 2 * np.pi * hz * np.arange(1000)[:, None] / 1000
            design = np.hstack((np.sin(angle), np.cos(angle), np.ones_like(angle)))
            fitted += np.sum(np.linalg.lstsq(design, second)[0][:2] ** 2, axis=0) / 2 / 6
    f, power = welch(uv, sfreq=1000)
    found = detect_mains(f, power, windows=11)
    assert (found.hz == 50).all()
    assert found.level == pytest.approx(np.sqrt(fitted), rel=0.05)
