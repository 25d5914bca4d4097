"""WFDB records, packed here as PhysioNet's signal(5) describes the formats."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback.errors import RecordingError
from biofeedback.recording.formats import read_recording

BITS = {"16": 16, "24": 24, "32": 32, "80": 8, "212": 12}


def pack(counts, form):
    """Return the bytes of `counts` ``(n_samples, n_channels)``."""
    numbers = [int(count) for count in np.ravel(counts)]
    if form == "212":
        packed = bytearray()
        for first, second in zip(numbers[::2], [*numbers[1::2], 0], strict=False):
            a, b = first & 0xFFF, second & 0xFFF
            packed += bytes([a & 0xFF, (a >> 8) | (b >> 8) << 4, b & 0xFF])
        return bytes(packed[: -(-len(numbers) * 3 // 2)])
    if form == "80":
        return bytes(number + 128 for number in numbers)
    return b"".join(struct.pack("<i", number)[: BITS[form] // 8] for number in numbers)


@pytest.fixture
def record(tmp_path):
    def write(counts, form="16", *, header=None, remarks="", label="EMG", gain="100(5)/mV"):
        n_samples, n_channels = np.shape(counts)
        (tmp_path / "x.dat").write_bytes(pack(counts, form))
        lines = [f"x {n_channels} 1259.26 {n_samples} 12:00:00 01/01/2025"]
        lines += [f"x.dat {form} {gain} 0 0 0 0 0 {label} {k}" for k in range(n_channels)]
        text = "\n".join(lines) if header is None else header
        path = tmp_path / "x.hea"
        path.write_text(f"# made for a test\n{text}\n{remarks}\n", encoding="utf-8")
        return path

    return write


def counts_of(form, n_samples=101, n_channels=2, seed=0):
    top = 2 ** (BITS[form] - 1)
    counts = np.random.default_rng(seed).integers(-top + 1, top, (n_samples, n_channels))
    counts[0, 0], counts[-1, -1] = -top + 1, top - 1
    return counts


def all_of(recording):
    return np.concatenate([chunk.samples for chunk in recording.chunks])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(BITS)), st.integers(1, 60), st.integers(1, 4), st.integers(0, 99))
def test_whatever_is_written_is_read(tmp_path_factory, form, n_samples, n_channels, seed):
    counts = counts_of(form, n_samples, n_channels, seed)
    folder = tmp_path_factory.mktemp("wfdb")
    (folder / "x.dat").write_bytes(pack(counts, form))
    header = f"x {n_channels} 500\n" + f"x.dat {form} 200 12 0 0 0 0 EMG\n" * n_channels
    (folder / "x.hea").write_text(header, encoding="ascii")
    recording = read_recording(folder / "x.hea")
    np.testing.assert_array_equal(all_of(recording), counts)


@pytest.mark.parametrize("form", sorted(BITS))
def test_header_and_samples_may_both_be_named(record, form):
    counts = counts_of(form)
    path = record(counts, form)
    for name in (path, path.with_suffix(".dat")):
        recording = read_recording(name)
        np.testing.assert_array_equal(all_of(recording), counts)
        assert recording.info.sfreq == 1259.26
        assert [channel.label for channel in recording.info.channels] == ["EMG 0", "EMG 1"]


@pytest.mark.parametrize(
    ("gain", "unit", "gain_uv", "offset_uv"),
    [
        ("100(5)/mV", "uV", 10, -50),
        ("100", "uV", 10, 0),
        ("2.5e-1(-1)/uV", "uV", 4, 4),
        ("0", "counts", 1, 0),
        ("10/mmHg", "counts", 1, 0),
    ],
)
def test_the_gain_tells_microvolts(record, gain, unit, gain_uv, offset_uv):
    channel = read_recording(record(counts_of("16"), gain=gain)).info.channels[0]
    assert channel.unit == unit
    assert (channel.gain, channel.offset) == pytest.approx((gain_uv, offset_uv))


def test_a_sample_that_is_missing_is_a_gap(record):
    counts = counts_of("16")
    counts[40:43, 1] = -(2**15)
    recording = read_recording(record(counts))
    assert [(c.start, len(c.samples)) for c in recording.chunks] == [(0, 40), (43, 58)]


def test_the_bits_of_a_converter_are_its_rails(record):
    counts = counts_of("16") % 2048
    path = record(counts, header="x 2 360\n" + "x.dat 16 200 11 1024 0 0 0 EMG\n" * 2)
    recording = read_recording(path)
    assert recording.info.channels[0].rails == (2, 2045)
    assert recording.info.channels[0].offset == pytest.approx(-1024 / 200 * 1000)


def test_what_is_not_emg_is_left_out(record):
    counts = counts_of("16", n_channels=3)
    lines = [f"x.dat 16 200 16 0 0 0 0 {label}" for label in ("ECG", "EMG chin", "Resp")]
    recording = read_recording(record(counts, header="\n".join(["x 3 250", *lines])))
    np.testing.assert_array_equal(all_of(recording)[:, 0], counts[:, 1])
    assert "ECG (mV), Resp (mV) are not said to be EMG" in recording.notes[0]


def test_a_needle_is_told(record):
    path = record(counts_of("16"), remarks="# EMG from 25mm concentric needle electrode")
    assert "not to be compared with surface EMG" in read_recording(path).notes[0]


def test_a_file_that_holds_less_or_more_than_its_header_says_is_told(record):
    path = record(counts_of("16"))
    samples = path.with_suffix(".dat")
    samples.write_bytes(samples.read_bytes()[:-3])
    recording = read_recording(path)
    assert recording.stop == 100
    assert recording.notes == ("The header says 101 samples a channel, and the file holds 100.",)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("", "its first line cannot be read"),
        ("x", "its first line cannot be read"),
        ("x/3 2 250 1000", "a record of several segments"),
        ("x 2 250 1000\nx.dat 16 200", "its lines of signals"),
        ("x 0 250 1000", "its lines of signals"),
        ("x 1 0 1000\nx.dat 16 200", "its rate is 0 Hz"),
        ("x 1 -5 1000\nx.dat 16 200", "its first line cannot be read"),
        ("x 1 250\nx.dat 8 200", "in WFDB format 8; 16, 24, 32, 80, 212 are read"),
        ("x 1 250\nx.dat 16x4 200", "in WFDB format 16x4"),
        ("x 1 250\nx.dat 16:3 200", "in WFDB format 16:3"),
        ("x 1 250\n../x.dat 16 200", "lie in another folder"),
        ("x 1 250\ny.dat 16 200", "there is no y.dat beside it"),
        ("x 2 250\nx.dat 16 200\nx.dat 212 200", "several files or formats"),
        ("x 1 250\nx.dat 16+9999 200 16 0 0 0 0 EMG", "holds no samples"),
        ("x 1 250\nx.dat 16 200 16 0 0 0 0 ECG", r"holds no EMG, only ECG \(mV\)"),
    ],
)
def test_a_bad_header_is_told_in_a_sentence(record, header, said):
    with pytest.raises(RecordingError, match=said):
        read_recording(record(counts_of("16"), header=header))


def test_samples_without_a_header_are_told(record):
    path = record(counts_of("16"))
    path.unlink()
    with pytest.raises(RecordingError, match=r"x\.dat is not"):
        read_recording(path.with_suffix(".dat"))


def test_cut_at_any_byte_it_is_read_or_told(record):
    for form in BITS:
        path = record(counts_of(form, 7), form)
        samples = path.with_suffix(".dat")
        whole = samples.read_bytes()
        for length in range(len(whole)):
            samples.write_bytes(whole[:length])
            scans = length * 8 // BITS[form] // 2
            if scans:
                assert read_recording(path).stop == scans
            else:
                with pytest.raises(RecordingError):
                    read_recording(path)


def test_a_prologue_is_passed_over(record):
    counts = counts_of("24", n_channels=1)
    path = record(counts, "24", header="x 1 250\nx.dat 24+5 200 24 0 0 0 0 EMG")
    samples = path.with_suffix(".dat")
    samples.write_bytes(b"12345" + samples.read_bytes())
    np.testing.assert_array_equal(all_of(read_recording(path)), counts)
