"""WAV files, written by the standard library and by scipy, and by hand where they are broken."""

import struct
import wave

import numpy as np
import pytest
import scipy

from biofeedback.errors import RecordingError
from biofeedback.recording.formats import read_recording
from biofeedback.stream import Annotation


@pytest.fixture
def wav(tmp_path):
    def write(samples, sfreq=10_000):
        path = tmp_path / "BYB_Recording.wav"
        scipy.io.wavfile.write(path, sfreq, samples)
        return path

    return write


def noise(n=5000, n_channels=1, kind=np.int16, seed=0):
    return np.random.default_rng(seed).normal(0, 50, (n, n_channels)).astype(kind)


def all_of(recording):
    return np.concatenate([chunk.samples for chunk in recording.chunks])


def starts(recording):
    return [(chunk.start, len(chunk.samples)) for chunk in recording.chunks]


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("n_channels", [1, 3])
def test_samples_pass_as_they_lie_in_the_file(wav, kind, n_channels):
    samples = noise(200_000, n_channels, kind)
    recording = read_recording(wav(samples))
    np.testing.assert_array_equal(all_of(recording), samples)
    assert recording.info.sfreq == 10_000
    labels = [channel.label for channel in recording.info.channels]
    assert labels == (["EMG"] if n_channels == 1 else ["EMG 1", "EMG 2", "EMG 3"])
    assert {channel.unit for channel in recording.info.channels} == {"counts"}
    assert "Counts only" in recording.notes[0]


def test_eight_and_twenty_four_bits_are_read(tmp_path):
    path = tmp_path / "x.wav"
    for width, low, high in ((1, 0, 255), (3, -(2**23), 2**23 - 1)):
        counts = np.random.default_rng(0).integers(low, high, 999)
        counts[:2] = low, high
        with wave.open(str(path), "wb") as file:
            file.setparams((1, width, 5000, 0, "NONE", ""))
            file.writeframes(b"".join(struct.pack("<i", c)[:width] for c in counts))
        np.testing.assert_array_equal(all_of(read_recording(path))[:, 0], counts)


def test_a_unit_or_a_sensor_makes_microvolts(wav):
    path = wav(noise(kind=np.float32))
    (channel,) = read_recording(path, unit="mV").info.channels
    assert (channel.unit, channel.gain) == ("uV", 1000)
    path = wav(noise() + np.int16(500))
    (channel,) = read_recording(path, sensor="myoware-2-raw").info.channels
    assert channel.gain == pytest.approx(5 / 1023 / 200 * 1e6)
    with pytest.raises(RecordingError, match="sensor's converter sends 0 to 1023"):
        read_recording(wav(noise()), sensor="myoware-2-raw")


def test_a_signal_that_is_cut_off_shows_its_rails(wav):
    clipped = np.clip(noise(), -80, 80)
    (channel,) = read_recording(wav(clipped)).info.channels
    assert channel.rails == (-77.5, 77.5)


def test_what_is_no_number_is_a_gap(wav):
    samples = noise(kind=np.float32)
    samples[100:103] = np.nan
    samples[2000] = np.inf
    assert starts(read_recording(wav(samples))) == [(0, 100), (103, 1897), (2001, 2999)]


def test_markers_of_spike_recorder_are_annotations(wav, tmp_path):
    path = wav(noise())
    events = tmp_path / "BYB_Recording-events.txt"
    events.write_text(
        "# Marker IDs can be arbitrary strings.\n# Marker ID,\tTime (in s)\n"
        "1,\t0.0664\n_neuron0,\t0.4112\nbroken\n",
        encoding="utf-8",
    )
    recording = read_recording(path)
    assert recording.annotations == (
        Annotation(0.0664, 0.0, "1"),
        Annotation(0.4112, 0.0, "_neuron0"),
    )
    assert "1 line of BYB_Recording-events.txt is no marker" in recording.notes[-1]


def test_a_file_that_was_not_closed_is_read_to_its_end(wav):
    path = wav(noise())
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + struct.pack("<I", 20_000) + whole[44:-1])
    recording = read_recording(path)
    assert recording.stop == 4999
    assert "by its header 0.50005 s are missing" in recording.notes[1]
    path.write_bytes(whole[:40] + b"\xff\xff\xff\xff" + whole[44:])
    assert read_recording(path).stop == 5000


def test_chunks_that_it_does_not_know_are_passed_over(wav):
    path = wav(noise())
    whole = path.read_bytes()
    path.write_bytes(whole[:12] + b"LIST\x03\0\0\0abc\0" + whole[12:])
    np.testing.assert_array_equal(all_of(read_recording(path)), noise())


@pytest.mark.parametrize(
    ("at", "new", "said"),
    [
        (20, b"\x11\0", r"compressed or of an unusual kind \(format 17, 16 bits\)"),
        (34, b"\x0c\0", "format 1, 12 bits"),
        (24, b"\0\0\0\0", "0 Hz"),
        (22, b"\0\0", "0 channels"),
        (32, b"\x07\0", "7 bytes for a sample"),
        (8, b"AVI ", "is no WAV file"),
        (16, b"\x02", "ends before its samples|does not say how"),
        (0, b"JUNK", "is not what its name says"),
    ],
)
def test_a_bad_header_is_told_in_a_sentence(wav, at, new, said):
    path = wav(noise())
    whole = bytearray(path.read_bytes())
    whole[at : at + len(new)] = new
    path.write_bytes(whole)
    with pytest.raises(RecordingError, match=said):
        read_recording(path)


def test_cut_at_any_byte_it_is_read_or_told(wav):
    path = wav(noise(20))
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        if length < 46:
            with pytest.raises(RecordingError):
                read_recording(path)
        else:
            assert read_recording(path).stop == (length - 44) // 2


def test_another_rate_is_refused(wav):
    with pytest.raises(RecordingError, match="10000 Hz by its header and at 500 Hz by --sfreq"):
        read_recording(wav(noise()), sfreq=500)
