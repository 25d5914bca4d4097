"""OpenSignals HDF5 files, laid out as the ones that PLUX publishes."""

import importlib.util
import io
import json
from pathlib import Path

import numpy as np
import pytest
import scipy

from biofeedback.errors import RecordingError
from biofeedback.recording.binary import hdf5_unpack
from biofeedback.recording.formats import read_recording

h5py = pytest.importorskip("h5py")

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def opensignals(tmp_path):
    def write(signals, *, address="00:07:80:3B:46:61", mode="w", numbers=None, **changes):
        """Write a device; `signals`: by number, sensor, resolution and counts."""
        path = tmp_path / "x.h5"
        with h5py.File(path, mode) as file:
            group = file.create_group(address)
            said = {
                "channels": list(signals),
                "device": "channeller",
                "resolution": [bits for _sensor, bits, _counts in signals.values()],
                "sampling rate": 1000,
            }
            for key, value in (said | changes).items():
                if value is not None:
                    group.attrs[key] = value
            for number, (sensor, bits, counts) in signals.items():
                kind = "<u2" if bits <= 16 else "<u4"
                rows = np.asarray(counts).reshape(-1, 1)
                data = group.create_dataset(
                    f"raw/channel_{number}",
                    data=rows,
                    dtype=kind,
                    chunks=(1024, 1),
                    maxshape=(None, 1),
                )
                data.attrs["sensor"] = sensor
                data.attrs["label"] = np.bytes_(f"CH{number}")
            if numbers is not None:
                rows = np.asarray(numbers).reshape(-1, 1)
                group.create_dataset("raw/nSeq", data=rows, dtype="<u2")
        return path

    return write


def counts(n=2000, bits=16, seed=0):
    return np.random.default_rng(seed).integers(0, 2**bits, n)


def unpacked(data, path):
    """Return what the process that unpacks `data` would tell, without starting one."""
    path.write_bytes(data)
    out = io.BytesIO()
    assert hdf5_unpack.unpack(path, "x.h5", out) == 0
    return json.loads(out.getvalue().partition(b"\n")[0])


def all_of(recording):
    return np.concatenate([chunk.samples for chunk in recording.chunks])


def starts(recording):
    return [(chunk.start, len(chunk.samples)) for chunk in recording.chunks]


def test_a_biceps_has_the_microvolts_that_others_found(opensignals):
    recorded = np.load(DATA / "emg_bursts.npy").ravel()
    recording = read_recording(opensignals({3: ("EMG", 16, recorded)}))
    samples = all_of(recording)
    np.testing.assert_array_equal(samples[:, 0], recorded)
    (channel,) = recording.info.channels
    assert (channel.label, channel.unit, channel.rails) == ("CH3", "uV", (2, 65_533))
    signal = samples[:, 0] * channel.gain + channel.offset
    band = scipy.signal.butter(4, [20, 450], "bandpass", fs=recording.info.sfreq, output="sos")
    filtered = scipy.signal.sosfiltfilt(band, signal - signal.mean())
    for start_s, stop_s, rms_uv in ((3.4, 4.2, 5.420), (23.5, 24.5, 156.4)):
        window = filtered[round(start_s * 1000) : round(stop_s * 1000)]
        assert np.sqrt(np.mean(window**2)) == pytest.approx(rms_uv, rel=0.002)


def test_each_channel_has_the_transfer_of_its_resolution(opensignals):
    path = opensignals({2: ("EMG", 12, counts(bits=12)), 5: ("EMG", 8, counts(bits=8))})
    fine, coarse = read_recording(path).info.channels
    assert fine.gain == 3000 / 2**12
    assert fine.rails == (2, 4093)
    assert coarse.gain == 3000 / 2**8
    assert coarse.offset == -1500


def test_a_bitalino_has_its_own_transfer(opensignals):
    path = opensignals({1: ("EMG", 10, counts(bits=10))}, device="bitalino_rev")
    assert read_recording(path).info.channels[0].gain == pytest.approx(3.3 / 1024 / 1009 * 1e6)


def test_what_is_not_emg_is_left_out_or_told(opensignals):
    path = opensignals({1: ("ECG", 16, counts()), 2: ("EMG", 16, counts(seed=1))})
    recording = read_recording(path)
    assert recording.notes == ("CH1 (ECG) is not EMG and is left out.",)
    np.testing.assert_array_equal(all_of(recording)[:, 0], counts(seed=1))
    with pytest.raises(RecordingError, match="holds no EMG, only ECG, EDA; choose another"):
        read_recording(opensignals({1: ("ECG", 16, counts()), 2: ("EDA", 16, counts())}))


def test_devices_that_recorded_together_are_read_together(opensignals):
    opensignals({6: ("EMG", 16, counts())}, numbers=range(2000))
    path = opensignals({6: ("EMG", 8, counts(bits=8))}, mode="a", address="00:07:80:D8:A8:82")
    recording = read_recording(path)
    first, second = recording.info.channels
    assert (first.label, second.label) == ("CH6 00:07:80:3B:46:61", "CH6 00:07:80:D8:A8:82")
    assert (first.step, second.step) == (3000 / 2**16, 3000 / 2**8)
    assert all_of(recording).shape == (2000, 2)


@pytest.mark.parametrize(
    ("n", "changes"),
    [
        (2000, {"sampling rate": 500}),
        (1999, {}),
        (2000, {"numbers": [*range(9), *range(10, 2001)]}),
    ],
)
def test_a_device_that_is_out_of_step_is_left_out_with_a_note(opensignals, n, changes):
    opensignals({6: ("EMG", 16, counts())})
    path = opensignals({5: ("EMG", 16, counts(n))}, mode="a", address="11:11", **changes)
    recording = read_recording(path)
    assert [channel.label for channel in recording.info.channels] == ["CH6"]
    assert "device 11:11 did not record in step" in recording.notes[0]


@pytest.mark.parametrize("wrap", [16, 256, 65_536])
def test_a_jump_of_the_frame_number_is_a_gap(opensignals, wrap):
    at = np.array([*range(20), *range(25, 60), *range(66, 70_000)])
    path = opensignals({1: ("EMG", 16, counts(len(at)))}, numbers=at % wrap)
    recording = read_recording(path)
    runs = starts(recording)
    assert runs[:3] == [(0, 20), (25, 35), (66, 65_536)]
    assert recording.stop == 70_000
    np.testing.assert_array_equal(all_of(recording)[:, 0], counts(len(at)))


@pytest.mark.parametrize(
    "numbers", [np.zeros(2000), np.arange(2000) % 2, np.minimum(np.arange(64_000, 66_000), 65_535)]
)
def test_frame_numbers_that_tell_nothing_make_one_run(opensignals, numbers):
    recording = read_recording(opensignals({1: ("EMG", 16, counts())}, numbers=numbers))
    assert starts(recording) == [(0, 2000)]
    assert recording.notes == ()


def test_frame_numbers_out_of_order_are_told(opensignals):
    path = opensignals({1: ("EMG", 16, counts())}, numbers=[7, 7, *range(9, 2007)])
    recording = read_recording(path)
    assert starts(recording) == [(0, 2000)]
    assert "out of order" in recording.notes[0]


def test_what_is_no_count_of_its_resolution_is_named(opensignals):
    wrong = counts(bits=12)
    wrong[7] = 4096
    with pytest.raises(RecordingError, match="4096 in CH1 is no count of 12 bits"):
        read_recording(opensignals({1: ("EMG", 12, wrong)}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sampling rate": 0}, "says a sampling rate of 0 Hz"),
        ({"sampling rate": float("nan")}, "says a sampling rate of nan Hz"),
        ({"sampling rate": None}, "not from OpenSignals"),
        ({"channels": [1, 2]}, "unlike numbers"),
        ({"channels": [4]}, "is damaged or not from"),
        ({"resolution": [99]}, "unlike numbers"),
        ({"resolution": ["x"]}, "is damaged or not from"),
    ],
)
def test_a_bad_description_is_told_in_a_sentence(opensignals, changes, said):
    with pytest.raises(RecordingError, match=said):
        read_recording(opensignals({1: ("EMG", 16, counts())}, **changes))


def test_a_device_without_samples_is_told(opensignals):
    with pytest.raises(RecordingError, match="channels without samples"):
        read_recording(opensignals({1: ("EMG", 16, [])}))


def test_another_hdf5_file_is_told(tmp_path):
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        file["a"] = [1, 2, 3]
    with pytest.raises(RecordingError, match="is HDF5 and not from OpenSignals"):
        read_recording(path)


def test_cut_anywhere_it_is_told(opensignals):
    path = opensignals({1: ("EMG", 16, counts(3000))}, numbers=range(3000))
    whole = path.read_bytes()
    path.write_bytes(whole[:5000])
    with pytest.raises(RecordingError):
        read_recording(path)
    for length in range(1, len(whole), 97):
        told = unpacked(whole[:length], path)
        assert set(told) == {"error"}


def test_what_contradicts_the_file_is_refused(opensignals):
    path = opensignals({1: ("EMG", 16, counts())})
    with pytest.raises(RecordingError, match="1000 Hz by its header and at 2000 Hz by --sfreq"):
        read_recording(path, sfreq=2000)
    with pytest.raises(RecordingError, match="counts by its header and mV by --unit"):
        read_recording(path, unit="mV")


def test_without_h5py_it_says_what_to_install(opensignals, monkeypatch):
    path = opensignals({1: ("EMG", 16, counts())})
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(RecordingError, match=r"pip install biofeedback\[formats\]"):
        read_recording(path)
