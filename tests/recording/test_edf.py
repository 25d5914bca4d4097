"""EDF and BDF files, made here byte by byte as edfplus.info and biosemi.com describe them."""

import struct
import tracemalloc
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback.errors import RecordingError
from biofeedback.recording.edf.annotations import parse_tals
from biofeedback.recording.edf.reader import read_edf
from biofeedback.recording.formats import read_recording
from biofeedback.recording.recorded import Hints
from biofeedback.stream import Annotation

DATA = Path(__file__).parents[1] / "data"


@dataclass
class Signal:
    """One signal: `counts` ``(n_records, samples a record)``, or the TAL of each record."""

    counts: object
    label: str = "EMG trapezius"
    unit: str = "uV"
    physical: tuple = ("-3276.8", "3276.7")
    digital: tuple = ("-32768", "32767")
    length: str | None = None


def tals(*blocks, label="EDF Annotations", room=120):
    padded = [block.ljust(room, b"\0") for block in blocks]
    assert all(len(block) == room for block in padded)
    return Signal(padded, label, "", ("-1", "1"))


def make_edf(
    signals, *, bdf=False, duration="1", kind="", recording="X X X X", records=None, **changed
):
    size = 3 if bdf else 2
    n_records = len(signals[0].counts)
    head = {
        "version": "0",
        "patient": "X X X X",
        "recording": recording,
        "start": "01.01.2500.00.00",
        "bytes": 256 * (len(signals) + 1),
        "reserved": kind,
        "records": n_records if records is None else records,
        "duration": duration,
        "count": len(signals),
    } | changed
    widths = (8, 80, 80, 16, 8, 44, 8, 8, 4)
    text = "".join(str(v).ljust(w) for v, w in zip(head.values(), widths, strict=True))

    def per_record(s):
        return len(s.counts[0]) // size if isinstance(s.counts[0], bytes) else len(s.counts[0])

    fields = [
        (16, lambda s: s.label),
        (80, lambda _s: ""),
        (8, lambda s: s.unit),
        (8, lambda s: s.physical[0]),
        (8, lambda s: s.physical[1]),
        (8, lambda s: s.digital[0]),
        (8, lambda s: s.digital[1]),
        (80, lambda _s: ""),
        (8, lambda s: s.length or str(per_record(s))),
        (32, lambda _s: ""),
    ]
    text += "".join(get(s).ljust(width) for width, get in fields for s in signals)
    raw = bytearray(text.encode("latin-1"))
    if bdf:
        raw[:8] = b"\xffBIOSEMI"
    for record in range(n_records):
        for s in signals:
            block = s.counts[record]
            if isinstance(block, bytes):
                raw += block
            else:
                raw += b"".join(struct.pack("<i", int(c))[:size] for c in block)
    return bytes(raw)


@pytest.fixture
def edf(tmp_path):
    def write(signals, name="x.edf", **options):
        path = tmp_path / name
        path.write_bytes(make_edf(signals, **options))
        return path

    return write


def emg(n_records=3, n=100, seed=0, most=30_000, **changes):
    counts = np.random.default_rng(seed).integers(-most, most, (n_records, n))
    return Signal(counts, **changes)


def all_of(recording):
    return np.concatenate([chunk.samples for chunk in recording.chunks])


def starts(recording):
    return [(chunk.start, len(chunk.samples)) for chunk in recording.chunks]


def test_counts_pass_as_they_lie_in_the_file(edf):
    left, right = emg(), emg(seed=1, label="EMG right")
    recording = read_recording(edf([left, right]))
    counts = np.column_stack([left.counts.ravel(), right.counts.ravel()])
    np.testing.assert_array_equal(all_of(recording), counts)
    np.testing.assert_array_equal(all_of(recording), counts)  # and a second time
    assert starts(recording) == [(0, 300)]
    assert recording.info.sfreq == 100
    assert [channel.label for channel in recording.info.channels] == ["trapezius", "right"]
    assert recording.notes == ()
    assert not recording.info.simulated


@settings(max_examples=40, deadline=None)
@given(
    st.booleans(),
    st.integers(1, 3),
    st.integers(1, 7),
    st.integers(1, 9),
    st.integers(0, 2**32 - 1),
)
def test_whatever_is_written_is_read(tmp_path_factory, bdf, n_channels, n_records, n, seed):
    most = 2**23 if bdf else 2**15
    counts = np.random.default_rng(seed).integers(-most, most, (n_channels, n_records, n))
    counts[0, 0, 0], counts[-1, -1, -1] = -most, most - 1
    path = tmp_path_factory.mktemp("edf") / "x"
    signals = [Signal(c, digital=(str(-most), str(most - 1))) for c in counts]
    path.write_bytes(make_edf(signals, bdf=bdf))
    recording = read_edf(path, "x", Hints())
    np.testing.assert_array_equal(all_of(recording), counts.reshape(n_channels, -1).T)


@pytest.mark.parametrize(("unit", "factor"), [("uV", 1), ("mV", 1e3), ("V", 1e6), ("nV", 1e-3)])
def test_the_ranges_tell_microvolts(edf, unit, factor):
    signal = emg(unit=unit, physical=("-100", "300"), digital=("-2000", "2000"), most=2000)
    (channel,) = read_recording(edf([signal])).info.channels
    assert channel.unit == "uV"
    assert channel.gain == pytest.approx(0.1 * factor)
    assert channel.offset == pytest.approx(100 * factor)
    assert channel.step == channel.gain


def test_a_range_that_is_upside_down_turns_the_sign(edf):
    (channel,) = read_recording(edf([emg(physical=("100", "-100"))])).info.channels
    assert channel.gain < 0 < channel.step


@pytest.mark.parametrize("unit", ["µV", "uV"])
def test_a_micro_sign_is_read_as_such(edf, unit):
    recording = read_recording(edf([emg(unit=unit)]))
    assert recording.info.channels[0].unit == "uV"
    assert any("beyond ASCII" in note for note in recording.notes) == (unit == "µV")


@pytest.mark.parametrize(
    "changes", [{"unit": ""}, {"unit": "furlong"}, {"physical": ("0", "0")}, {"unit": "count"}]
)
def test_without_a_unit_there_are_counts(edf, changes):
    path = edf([emg(**changes)])
    recording = read_recording(path)
    assert recording.info.channels[0].unit == "counts"
    assert "Counts only" in recording.notes[-1]


def test_a_unit_or_a_sensor_may_be_told_where_the_file_has_none(edf):
    path = edf([emg(unit="", physical=("-1", "1"), digital=("0", "1023"), most=500)])
    (channel,) = read_recording(path, unit="mV").info.channels
    assert channel.gain == pytest.approx(2 / 1023 * 1000)
    with pytest.raises(RecordingError, match="sensor's converter sends 0 to 1023"):
        read_recording(path, sensor="myoware-2-raw")
    signal = emg(unit="", digital=("0", "1023"))
    signal.counts = np.abs(signal.counts) % 1024
    (channel,) = read_recording(edf([signal]), sensor="myoware-2-raw").info.channels
    assert channel.gain == pytest.approx(5 / 1023 / 200 * 1e6)


def test_what_contradicts_the_file_is_refused(edf):
    path = edf([emg()])
    with pytest.raises(RecordingError, match="100 Hz by its header and at 200 Hz by --sfreq"):
        read_recording(path, sfreq=200)
    for unit in ("mV", "counts"):
        with pytest.raises(RecordingError, match=f"in uV by the file and in {unit} by --unit"):
            read_recording(path, unit=unit)
    assert read_recording(path, sfreq=100, unit="uV").info.sfreq == 100


@pytest.mark.parametrize(
    ("digital", "rails"),
    [
        (("0", "1023"), (2, 1021)),
        (("0", "4095"), (2, 4093)),
        (("-2048", "2047"), (-2046, 2045)),
        (("-32768", "32767"), None),  # what any writer spreads a signal over
        (("0", "1000"), None),
    ],
)
def test_the_ends_of_a_converter_are_rails(edf, digital, rails):
    low, high = map(int, digital)
    counts = np.random.default_rng(0).integers(low + 9, high - 9, (3, 100))
    (channel,) = read_recording(edf([Signal(counts, digital=digital)])).info.channels
    assert channel.rails == rails


def test_a_signal_beyond_its_range_shows_its_rails_itself(edf):
    (channel,) = read_recording(edf([emg(digital=("0", "1023"), most=5000)])).info.channels
    assert channel.rails is None


def test_a_signal_that_is_cut_off_shows_where(edf):
    noise = np.clip(np.random.default_rng(0).normal(0, 200, (30, 1000)), -300, 9999).round()
    (channel,) = read_recording(edf([Signal(noise)])).info.channels
    assert channel.rails == (-297.5, np.inf)


def test_emg_is_read_and_what_is_not_is_left_out_with_a_note(edf):
    signals = [
        emg(label="EEG Fpz-Cz"),
        emg(label="EMG chin", seed=1),
        emg(label="Resp oro-nasal", unit=""),
        emg(label="Temp", unit="degC"),
        emg(label="sEMG-2", seed=2),
    ]
    recording = read_recording(edf(signals))
    assert [channel.label for channel in recording.info.channels] == ["chin", "sEMG-2"]
    np.testing.assert_array_equal(all_of(recording)[:, 1], signals[-1].counts.ravel())
    assert recording.notes == (
        "EEG Fpz-Cz (uV), Resp oro-nasal, Temp (degC) are not said to be EMG and are left out.",
    )


def test_where_nothing_is_called_emg_what_is_in_volts_is_read(edf):
    signals = [emg(label="trapezius"), emg(label="Status", unit="Boolean"), emg(label="y", unit="")]
    recording = read_recording(edf(signals))
    assert [channel.label for channel in recording.info.channels] == ["trapezius"]


def test_of_several_rates_the_highest_is_read(edf):
    fast, slow = emg(n=200), emg(n=50, label="EMG slow")
    recording = read_recording(edf([slow, fast, slow], duration="0.1"))
    assert recording.info.sfreq == 2000
    np.testing.assert_array_equal(all_of(recording)[:, 0], fast.counts.ravel())
    assert "EMG slow (500 Hz), EMG slow (500 Hz) are not sampled at 2000 Hz" in recording.notes[0]


def test_no_emg_is_told(edf):
    with pytest.raises(RecordingError, match=r"holds no EMG, only ECG \(uV\); choose another"):
        read_recording(edf([emg(label="ECG")]))
    with pytest.raises(RecordingError, match="holds no EMG, only no signal"):
        read_recording(edf([tals(b"+0\x14\x14\0")], duration="0", kind="EDF+C"))


def test_labels_stay_readable_and_are_told_apart(edf):
    labels = ["EMG 1", "EMG RAT", "EMG", "EMG", "EMG RAT", "EMG (2)"]
    recording = read_recording(edf([emg(label=label) for label in labels]))
    assert [channel.label for channel in recording.info.channels] == [
        *("EMG 1", "RAT", "EMG", "EMG (2)", "RAT (2)", "EMG (2) (2)"),
    ]


def test_a_fraction_of_a_second_gives_the_rate(edf):
    assert read_recording(edf([emg(n=12)], duration="0.046875")).info.sfreq == 256


def test_a_record_of_no_duration_needs_a_rate(edf):
    path = edf([emg(n=12)], duration="0")
    with pytest.raises(RecordingError, match="a record lasts 0 s and thereby no rate"):
        read_recording(path)
    assert read_recording(path, sfreq=500).info.sfreq == 500


def test_a_simulated_recording_says_so(edf):
    recording = read_recording(edf([emg()], recording="Startdate X X X SIMULATED_rest"))
    assert recording.info.simulated
    assert not read_recording(edf([emg()], recording="unsimulated")).info.simulated


@pytest.mark.parametrize("bdf", [False, True])
def test_annotations_count_from_the_first_sample(edf, bdf):
    texts = tals(
        b"+0.25\x14\x14\0+1.5\x150.5\x14trick on\x14\0",
        b"+1.25\x14\x14\0",
        "+2.25\x14\x14\0-1\x14früher\x14zwei\x14\0".encode(),
        label="BDF Annotations" if bdf else "EDF Annotations",
    )
    recording = read_recording(edf([emg(), texts], bdf=bdf, kind="BDF+C" if bdf else "EDF+C"))
    assert recording.annotations == (
        Annotation(1.25, 0.5, "trick on"),
        Annotation(-1.25, 0.0, "früher"),
        Annotation(-1.25, 0.0, "zwei"),
    )
    assert starts(recording) == [(0, 300)]
    assert len(recording.info.channels) == 1


def test_a_damaged_annotation_is_left_out_with_a_note(edf):
    texts = tals(b"+0\x14\x14\0+x\x14no\x14\0+1\x14yes\x14\0", b"\xff\xff", b"+2\x14\x14\0")
    recording = read_recording(edf([emg(), texts], kind="EDF+C"))
    assert recording.annotations == (Annotation(1.0, 0.0, "yes"),)
    assert recording.notes == ("The annotations of 2 records are damaged and are left out.",)


@given(st.binary(max_size=60))
def test_no_text_whatever_breaks_the_parser(block):
    found, whole = parse_tals(block)
    assert whole or len(found) < 60


def test_records_of_a_discontinuous_file_have_gaps_between_them(edf):
    texts = tals(b"+0\x14\x14\0", b"+1\x14\x14\0", b"+5.5\x14\x14\0+6\x14late\x14\0")
    recording = read_recording(edf([emg(), texts], kind="EDF+D"))
    assert starts(recording) == [(0, 200), (550, 100)]
    assert recording.stop == 650
    assert recording.annotations == (Annotation(6.0, 0.0, "late"),)


def test_onsets_that_are_rounded_make_no_gap(edf):
    texts = tals(*(b"+%.4f\x14\x14\0" % (k * 12 / 1259.26) for k in range(40)))
    signal = emg(40, 12)
    recording = read_recording(edf([signal, texts], kind="EDF+D", duration="0.009529"))
    assert starts(recording) == [(0, 480)]


def test_records_without_an_onset_are_told(edf):
    none = tals(b"", b"", b"")
    recording = read_recording(edf([emg(), none], kind="EDF+D"))
    assert starts(recording) == [(0, 300)]
    assert "none is seen" in recording.notes[0]
    backwards = tals(b"+0\x14\x14\0", b"+0.5\x14\x14\0", b"+3\x14\x14\0")
    recording = read_recording(edf([emg(), backwards], kind="EDF+D"))
    assert starts(recording) == [(0, 200), (350, 100)]
    assert "begin too early" in recording.notes[0]


def test_a_gap_of_years_is_damage(edf):
    texts = tals(b"+0\x14\x14\0", b"+999999999\x14\x14\0", b"+2\x14\x14\0")
    with pytest.raises(RecordingError, match="record 2 begins 11574 days after"):
        read_recording(edf([emg(), texts], kind="EDF+D"))


@pytest.mark.parametrize("word", ["BAD_gap", "BAD_ACQ_SKIP"])
def test_samples_that_are_annotated_as_lost_are_a_gap(edf, word):
    note = word.encode()
    texts = tals(
        b"+0\x14\x14\0+0.5\x150.25\x14" + note + b"\x14\0",
        b"+1\x14\x14\0",
        b"+2\x14\x14\0+2.9\x157\x14" + note + b"\x14\0",
    )
    recording = read_recording(edf([emg(), texts], kind="EDF+C"))
    assert starts(recording) == [(0, 50), (75, 215)]
    assert recording.stop == 290


def test_a_file_that_was_not_closed_is_read_as_far_as_it_goes(edf):
    path = edf([emg()], records=-1)
    path.write_bytes(path.read_bytes()[:-7])
    recording = read_recording(path)
    assert recording.stop == 200
    assert recording.notes == (
        "The file was not closed: the 2 whole records in it are read. A record of 1 s that was "
        "begun is lost: its channels lie one after the other.",
    )


def test_a_file_that_is_cut_off_says_what_is_lost(edf):
    path = edf([emg()])
    path.write_bytes(path.read_bytes()[:-200])
    recording = read_recording(path)
    assert recording.stop == 200
    assert recording.notes == (
        "The file is cut off: 2 of 3 records are in it, and the last 1 s are lost.",
    )


def test_bytes_after_the_last_record_are_told(edf):
    path = edf([emg()], records=2)
    recording = read_recording(path)
    assert recording.stop == 200
    assert recording.notes == (
        "The file holds 200 bytes more than the 2 records that its header says; they are not read.",
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"records": -2}, "says '-2' for the number of records"),
        ({"records": "many"}, "says 'many' for the number of records"),
        ({"duration": "-1"}, "says '-1' for the duration of a record"),
        ({"duration": "nan"}, "says 'nan' for the duration of a record"),
        ({"duration": "1e-99"}, "and thereby no rate"),
        ({"count": 0}, "says '0' for the number of signals"),
        ({"count": 2}, "says '512' for the length of the header"),
        ({"bytes": 300}, "says '300' for the length of the header"),
        ({"records": 0}, "holds no samples"),
        ({"version": "1"}, "is not what its name says"),
    ],
)
def test_a_bad_header_is_told_in_a_sentence(edf, options, said):
    with pytest.raises(RecordingError, match=said):
        read_recording(edf([emg()], **options))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"digital": ("5", "5")}, "'5...5' for the digital range of 'EMG tra"),
        ({"digital": ("9", "5")}, "'9...5' for the digital range"),
        ({"digital": ("x", "5")}, "'x' for the digital range"),
        ({"physical": ("inf", "5")}, "'inf' for the physical range"),
        ({"physical": ("0", "9e99")}, "'9e99' for the physical range"),
        ({"length": "0"}, "'0' for the number of samples"),
        ({"length": "-3"}, "'-3' for the number of samples"),
        ({"length": "1²"}, "'1²' for the number of samples"),
    ],
)
def test_a_bad_signal_is_told_in_a_sentence(edf, changes, said):
    with pytest.raises(RecordingError, match=said):
        read_recording(edf([emg(**changes)]))


def test_cut_at_any_byte_it_is_read_or_told(edf):
    texts = tals(b"+0\x14\x14\0", b"+1\x14\x14\0+1\x14x\x14\0", b"+5\x14\x14\0", room=30)
    path = edf([emg(n=20), texts], kind="EDF+D", duration="1")
    whole = path.read_bytes()
    header = 256 * 3
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        if length < header + 70:
            with pytest.raises(RecordingError):
                read_recording(path)
        else:
            recording = read_recording(path)
            assert sum(n for _start, n in starts(recording)) == 20 * ((length - header) // 70)
            assert "cut off" in recording.notes[0]


def test_a_large_record_is_read_in_parts(edf):
    signals = [emg(2, 400_000, seed=k) for k in range(2)]
    recording = read_recording(edf(signals, duration="200"))
    assert len(starts(recording)) > 2
    counts = np.column_stack([signal.counts.ravel() for signal in signals])
    np.testing.assert_array_equal(all_of(recording), counts)


def test_a_file_of_ten_gigabytes_takes_little_memory(edf):
    path = edf([emg(1, 1000, label=f"EMG {k}") for k in range(8)], records=625_000)
    with path.open("r+b") as file:
        file.truncate(256 * 9 + 625_000 * 16_000)
    tracemalloc.start()
    try:
        recording = read_recording(path)
        chunks = iter(recording.chunks)
        for _block in range(20):
            next(chunks)
        assert tracemalloc.get_traced_memory()[1] < 60e6
    finally:
        tracemalloc.stop()
    assert recording.duration_s == 625_000


def test_a_file_that_goes_away_is_told(edf):
    path = edf([emg()])
    recording = read_recording(path)
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(RecordingError, match="has become shorter"):
        all_of(recording)
    path.unlink()
    with pytest.raises(RecordingError, match="cannot be read any more"):
        all_of(recording)


def test_a_table_beside_it_that_says_other_units_is_told(tmp_path):
    for name in ("sub-01_task-talking_emg.edf", "sub-01_task-talking_channels.tsv"):
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    recording = read_recording(tmp_path / "sub-01_task-talking_emg.edf")
    assert recording.info.sfreq == 2000
    assert starts(recording) == [(0, 2000)]
    assert [channel.label for channel in recording.info.channels] == [
        f"EMG{n}" for n in range(1, 7)
    ]
    assert recording.notes == (
        "sub-01_task-talking_channels.tsv says V and the recording itself uV for EMG1, EMG2, EMG3, "
        "EMG4, EMG5, EMG6: uV is used; ask who made it which of them holds.",
    )
    # Read with pyEDFlib 0.1.42: the first and the last sample, in the file's own unit.
    samples = all_of(recording)
    gains = [(channel.gain, channel.offset) for channel in recording.info.channels]
    scaled = samples * [g for g, _o in gains] + [o for _g, o in gains]
    np.testing.assert_allclose(scaled[[0, -1], 0], TALKING, rtol=1e-12)


TALKING = (-0.009834361638818895, -0.0008475894254977702)


def test_muscles_are_not_taken_for_other_signals(edf):
    labels = ["temporalis", "adductor magnus", "accessorius", "Temp", "Acc X", "hd-EMG"]
    signals = [emg(label=label) for label in labels]
    recording = read_recording(edf(signals[:5]))
    assert [channel.label for channel in recording.info.channels] == labels[:3]
    (channel,) = read_recording(edf(signals)).info.channels
    assert channel.label == "hd-EMG"


def test_annotations_without_end_fill_no_memory(edf):
    block = b"+0\x14\x14\0" + b"".join(b"+1\x14%050d\x14\0" % k for k in range(1000))
    texts = tals(*[block] * 90, room=2 * ((len(block) + 1) // 2))
    recording = read_recording(edf([emg(90, 4), texts], kind="EDF+C"))
    assert 60_000 < len(recording.annotations) < 90_000
    assert "too many annotations" in recording.notes[0]


@pytest.mark.parametrize("counts", [[[5]], np.zeros((3, 100)), np.full((30, 1000), 32767)])
def test_one_sample_or_a_constant_is_read_as_it_is(edf, counts):
    recording = read_recording(edf([Signal(counts)]))
    np.testing.assert_array_equal(all_of(recording).ravel(), np.ravel(counts))
    assert recording.info.channels[0].rails is None


def test_an_empty_file_and_a_header_alone_are_told(tmp_path):
    path = tmp_path / "x.edf"
    path.write_bytes(b"")
    with pytest.raises(RecordingError, match="is empty"):
        read_recording(path)
    path.write_bytes(make_edf([emg()])[:512])
    with pytest.raises(RecordingError, match="holds no samples"):
        read_recording(path)


@pytest.mark.parametrize("suffix", [".wav", ".h5", ".xdf", ".csv", ".unknown"])
def test_what_a_file_holds_counts_for_more_than_its_name(edf, suffix):
    path = edf([emg()], name=f"x{suffix}")
    assert read_recording(path).stop == 300
