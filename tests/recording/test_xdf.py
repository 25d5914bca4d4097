"""XDF files, made here chunk by chunk as the specification of the format describes them."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback.errors import RecordingError
from biofeedback.recording.binary.xdf_chunks import parse_numbers, parse_texts
from biofeedback.recording.formats import read_recording

DATA = Path(__file__).parents[1] / "data"
FORMATS = {"int16": "<i2", "int32": "<i4", "int64": "<i8", "float32": "<f4", "double64": "<f8"}


def length_of(n):
    return b"\1" + bytes([n]) if n < 256 else b"\4" + struct.pack("<I", n)


def chunk(tag, content, stream=None):
    content = b"" if content is None else content
    body = struct.pack("<H", tag) + (b"" if stream is None else struct.pack("<I", stream)) + content
    return length_of(len(body)) + body


def header(stream, *, name="Amp", kind="EMG", n=2, sfreq=1000, form="float32", desc=""):
    xml = (
        f"<?xml version='1.0'?><info><name>{name}</name><type>{kind}</type>"
        f"<channel_count>{n}</channel_count><nominal_srate>{sfreq}</nominal_srate>"
        f"<channel_format>{form}</channel_format><desc>{desc}</desc></info>"
    )
    return chunk(2, xml.encode(), stream)


def samples(stream, values, times, form="float32"):
    """Return a chunk of samples; a time of None is left to be told from the one before."""
    body = length_of(len(values))
    for row, time_s in zip(values, times, strict=True):
        body += b"\0" if time_s is None else b"\x08" + struct.pack("<d", time_s)
        body += np.asarray(row, FORMATS[form]).tobytes()
    return chunk(3, body, stream)


def markers(stream, texts):
    body = length_of(len(texts))
    for time_s, text in texts:
        body += b"\0" if time_s is None else b"\x08" + struct.pack("<d", time_s)
        body += length_of(len(text.encode())) + text.encode()
    return chunk(3, body, stream)


def clock(stream, time_s, offset_s):
    return chunk(4, struct.pack("<dd", time_s, offset_s), stream)


def in_chunks(stream, values, times, size=50, form="float32"):
    return b"".join(
        samples(stream, values[at : at + size], times[at : at + size], form)
        for at in range(0, len(values), size)
    )


@pytest.fixture
def xdf(tmp_path):
    def write(*chunks):
        path = tmp_path / "x.xdf"
        path.write_bytes(
            b"XDF:" + chunk(1, b"<info><version>1.0</version></info>") + b"".join(chunks)
        )
        return path

    return write


def noise(n=3000, n_channels=2, seed=0):
    return np.random.default_rng(seed).normal(0, 50, (n, n_channels)).round()


def all_of(recording):
    return np.concatenate([chunk.samples for chunk in recording.chunks])


def starts(recording):
    """Return where runs start, and how long they are, however many chunks they come in."""
    runs = []
    for part in recording.chunks:
        if runs and sum(runs[-1]) == part.start:
            runs[-1] = (runs[-1][0], runs[-1][1] + len(part.samples))
        else:
            runs.append((part.start, len(part.samples)))
    return runs


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("stamps", ["all", "first", "some", "none"])
def test_samples_pass_as_they_lie_in_the_file(xdf, form, stamps):
    values = noise(300_000 if (form, stamps) == ("int16", "first") else 3000)
    kept = {"all": 1, "first": 50, "some": 7, "none": 10**9}[stamps]
    times = [7 + k / 1000 if k % kept == 0 else None for k in range(len(values))]
    if stamps == "none":
        times[0] = None
    recording = read_recording(xdf(header(1, form=form), in_chunks(1, values, times, form=form)))
    np.testing.assert_array_equal(all_of(recording), values)
    assert starts(recording) == [(0, len(values))]
    assert recording.info.sfreq == 1000
    assert [channel.label for channel in recording.info.channels] == ["Amp 1", "Amp 2"]


def test_labels_and_units_are_those_of_the_channels(xdf):
    desc = "<channels>" + "".join(
        f"<channel><label>{label}</label><unit>{unit}</unit><type>{kind}</type></channel>"
        for label, unit, kind in [
            ("trapezius", "microvolts", "EMG"),
            ("x", "g", "ACC"),
            ("masseter", "mV", "EMG"),
        ]
    )
    desc += "</channels>"
    values = noise(n_channels=3)
    times = np.arange(len(values)) / 1000
    recording = read_recording(
        xdf(header(1, kind="ExG", n=3, desc=desc), in_chunks(1, values, times))
    )
    assert [(c.label, c.unit, c.gain) for c in recording.info.channels] == [
        ("trapezius", "uV", 1),
        ("masseter", "uV", 1000),
    ]
    np.testing.assert_array_equal(all_of(recording), values[:, [0, 2]])
    assert recording.notes == ("x (ACC, g) is not said to be EMG and is left out.",)


def test_of_two_emg_streams_the_faster_is_read_and_the_other_told(xdf):
    slow, fast = noise(100, 1), noise(2000, 1, seed=1)
    recording = read_recording(
        xdf(
            header(1, name="Slow", n=1, sfreq=100),
            header(2, name="Fast", n=1, sfreq=2000),
            header(3, name="Empty", n=1, sfreq=9000),
            header(4, name="Twin", n=1, sfreq=2000),
            in_chunks(1, slow, np.arange(100) / 100),
            in_chunks(2, fast, np.arange(2000) / 2000),
            in_chunks(4, fast, np.arange(2000) / 2000),
        )
    )
    np.testing.assert_array_equal(all_of(recording), fast)
    assert "Slow 1 (100 Hz) is not sampled at 2000 Hz" in recording.notes[0]
    assert "Twin is EMG too, and one stream is read: Fast" in recording.notes[1]


def test_texts_become_annotations_by_both_clocks(xdf):
    values = noise()
    path = xdf(
        header(1),
        header(2, name="Keys", kind="Markers", n=1, sfreq=0, form="string"),
        header(3, name="Pedal", kind="Markers", n=1, sfreq=0, form="int32"),
        in_chunks(1, values, 100 + np.arange(len(values)) / 1000),
        clock(1, 99, 0.5),
        clock(1, 101, 0.5),
        markers(2, [(50.0, "trick on"), (51.25, "öff"), (None, "same")]),
        clock(2, 50, 51.0),
        clock(2, 52, 53.0),
        samples(3, [[7]], [101.0], "int32"),
    )
    annotations = read_recording(path).annotations
    # The first sample is at 100.5 s; the clock of the keys runs off by one second a second.
    assert [(a.onset_s, a.text) for a in annotations] == [
        (pytest.approx(0.5), "7"),
        (pytest.approx(0.5), "trick on"),
        (pytest.approx(3.0), "same"),
        (pytest.approx(3.0), "öff"),
    ]


def test_a_clock_that_was_set_is_told(xdf):
    times = np.arange(3000) / 1000
    path = xdf(header(1), in_chunks(1, noise(), times), clock(1, 0, 0), clock(1, 5, 90))
    assert "A clock was set" in read_recording(path).notes[-1]


def lossy(lost, *, jitter_s, sfreq=1000.0, nominal=1000.0, n=20_000, late=0.0, seed=0):
    """Return stamps of `n` samples without those `lost`, a late burst now and then."""
    rng = np.random.default_rng(seed)
    at = np.setdiff1d(np.arange(n), lost)
    times = 1000 + at / sfreq + rng.exponential(jitter_s, n)[: len(at)] * (jitter_s > 0)
    bursts = rng.random(len(at)) < late
    return times + bursts * 0.08


def test_lost_samples_are_found_to_the_sample_by_exact_stamps(xdf):
    lost = [500, *range(4000, 4300), *range(4350, 4352), *range(19_990, 20_000)]
    times = lossy(lost, jitter_s=0)
    recording = read_recording(xdf(header(1, n=1), in_chunks(1, noise(len(times), 1), times)))
    assert starts(recording) == [(0, 500), (501, 3499), (4300, 50), (4352, 15_638)]


@pytest.mark.parametrize("sfreq", [1000.0, 1001.0, 999.5])
@pytest.mark.parametrize("seed", range(3))
def test_late_stamps_are_no_gap_and_a_loss_among_them_is_one(xdf, sfreq, seed):
    lost = range(8000, 8400)
    times = lossy(lost, jitter_s=0.0005, late=0.001, sfreq=sfreq, seed=seed)
    recording = read_recording(xdf(header(1, n=1), in_chunks(1, noise(len(times), 1), times)))
    (first, before), (second, after) = starts(recording)
    assert (first, before, after) == (0, 8000, 11_600)
    assert second == pytest.approx(8400, abs=5)


def test_stamps_in_bursts_are_no_gap_and_a_loss_among_them_is_one(xdf):
    times = np.ceil(lossy(range(8000, 8400), jitter_s=0, sfreq=1001) / 0.016) * 0.016
    recording = read_recording(xdf(header(1, n=1), in_chunks(1, noise(len(times), 1), times)))
    (_first, before), (second, after) = starts(recording)
    assert before == pytest.approx(8000, abs=100)
    assert second - before == pytest.approx(400, abs=16)
    assert before + after == 19_600


def test_a_rate_that_is_off_is_told(xdf):
    times = lossy([], jitter_s=0, sfreq=950)
    recording = read_recording(xdf(header(1, n=1), in_chunks(1, noise(len(times), 1), times)))
    assert starts(recording) == [(0, 20_000)]
    assert "says 1000 Hz and its time stamps 950 Hz" in recording.notes[0]


def test_a_gap_of_years_is_damage(xdf):
    times = np.arange(3000) / 1000 + 1e9 * (np.arange(3000) > 2000)
    with pytest.raises(RecordingError, match="jump by 11574 days"):
        read_recording(xdf(header(1), in_chunks(1, noise(), times)))


def test_what_is_no_number_is_a_gap(xdf):
    values = noise()
    values[100:110, 1] = np.nan
    recording = read_recording(xdf(header(1), in_chunks(1, values, np.arange(3000) / 1000)))
    assert starts(recording) == [(0, 100), (110, 2890)]


def test_the_example_of_the_format_holds_no_emg():
    with pytest.raises(RecordingError, match=r"no EMG, only SendDataC 1 \(EEG\), SendDataC 2"):
        read_recording(DATA / "minimal.xdf")


def test_the_example_of_the_format_is_read_once_it_is_called_emg(tmp_path):
    path = tmp_path / "x.xdf"
    path.write_bytes((DATA / "minimal.xdf").read_bytes().replace(b">EEG<", b">EMG<"))
    recording = read_recording(path)
    # As pyxdf 1.17.5 reads it.
    rows = [[12, 22, 32], [13, 23, 33], [14, 24, 34], [15, 25, 35]]
    np.testing.assert_array_equal(all_of(recording), [[192, 255, 238], *rows, *rows])
    assert [(round(a.onset_s, 9), a.text) for a in recording.annotations[1:]] == list(
        zip(
            np.round(np.arange(2, 10) / 10, 9),
            ["Hello", "World", "from", "LSL"] * 2,
            strict=True,
        )
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "EEG"}, r"holds no EMG, only Amp 1 \(EEG\), Amp 2 \(EEG\)"),
        ({"sfreq": 0}, "holds no samples at an even rate; its streams are: Amp"),
        ({"sfreq": "x"}, "its streams are: none"),
        ({"n": 0}, "its streams are: none"),
        ({"n": 10**9}, "its streams are: none"),
        ({"form": "int128"}, "its streams are: none"),
        ({"n": 3}, "holds no samples"),
        ({"desc": "<oops>"}, "its streams are: none"),
        ({"desc": "<!ENTITY a 'b'>"}, "its streams are: none"),
    ],
)
def test_a_stream_that_cannot_be_read_is_told(xdf, changes, said):
    values = in_chunks(1, noise(), np.arange(3000) / 1000)
    with pytest.raises(RecordingError, match=said):
        read_recording(xdf(header(1, **changes), values))


def test_what_is_damaged_is_left_out_with_a_note(xdf):
    values = noise()
    times = np.arange(3000) / 1000
    path = xdf(header(1), header(2, n=0), in_chunks(1, values, times), samples(1, [[1]], [9]))
    recording = read_recording(path)
    assert "1 stream whose description cannot be read" in recording.notes[0]
    assert "1 block of samples is damaged" in recording.notes[1]
    np.testing.assert_array_equal(all_of(recording), values)


def test_cut_at_any_byte_it_is_read_or_told(xdf):
    path = xdf(header(1), in_chunks(1, noise(40), np.arange(40) / 1000, size=10))
    whole = path.read_bytes()
    read = told = 0
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        try:
            recording = read_recording(path)
        except RecordingError:
            continue
        n = len(all_of(recording))
        assert n % 10 == 0
        read += 1
        told += "cut off or damaged" in recording.notes[0]
    assert read > 400
    assert told == read - 3  # but where it was cut between two chunks


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.sampled_from(sorted(FORMATS)), st.integers(1, 3))
def test_no_content_whatever_breaks_the_parsers(content, form, n_channels):
    stamps, values = parse_numbers(content, form, n_channels)
    assert len(stamps) == len(values) <= len(content)
    assert len(parse_texts(content, n_channels)) <= 80 * 3


def test_another_rate_is_refused(xdf):
    path = xdf(header(1), in_chunks(1, noise(), np.arange(3000) / 1000))
    with pytest.raises(RecordingError, match="1000 Hz by its header and at 500 Hz by --sfreq"):
        read_recording(path, sfreq=500)
