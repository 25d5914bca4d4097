"""Recordings written as CSV, Parquet, EDF and BDF, opened by other programs and by ourselves."""

import csv
import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import edfio
import mne
import numpy as np
import pyarrow.parquet as pq
import pyedflib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback.errors import RecordingError
from biofeedback.recording.edf.ours import recorded_settings
from biofeedback.recording.edf.writer import EdfWriter
from biofeedback.recording.formats import read_recording
from biofeedback.recording.recorded import Recording
from biofeedback.recording.tables.columns import read_name
from biofeedback.recording.writers import WRITERS, write_recording
from biofeedback.stream import Annotation, Channel, Chunk, StreamInfo

DATA = Path(__file__).parents[1] / "data"
NOTES = (
    Annotation(0.25, 0.0, "sensory trick on"),
    Annotation(1.5, 0.125, '=SUM(A1), "quoted"\nsecond line'),
    Annotation(2.0, 0.0, "'-µ"),
)


def recorded(
    chunks: Iterable[Chunk], *channels: Channel, sfreq: float = 1000.0, **told: object
) -> Recording:
    chunks = list(chunks)
    info = StreamInfo(channels, sfreq, "somewhere", simulated=bool(told.pop("simulated", False)))
    return Recording(info, chunks, chunks[-1].stop, **told)


def counts(n: int = 2500, channels: int = 2, *, low: int = 0, high: int = 4095, seed: int = 0):
    drawn = np.random.default_rng(seed).integers(low, high, (n, channels), endpoint=True)
    return drawn.astype(float)


JAW = Channel("left_jaw", "uV", 0.5, -1023.5, 0.5, digital=(0, 4095))
NECK = Channel("neck", digital=(0, 4095))


def with_a_gap(**told: object) -> Recording:
    samples = counts()
    chunks = [Chunk(0, samples[:1000]), Chunk(1300, samples[1000:])]
    return recorded(chunks, JAW, NECK, annotations=NOTES, **told)


def samples_of(recording: Recording) -> np.ndarray:
    return np.concatenate([chunk.samples for chunk in recording.chunks])


def physical(recording: Recording) -> np.ndarray:
    channels = recording.info.channels
    return samples_of(recording) * [c.gain for c in channels] + [c.offset for c in channels]


def index_of(recording: Recording) -> np.ndarray:
    return np.concatenate([np.arange(chunk.start, chunk.stop) for chunk in recording.chunks])


def held(recording: Recording) -> np.ndarray:
    """Return physical values with the last one held over each gap."""
    index = index_of(recording)
    row = np.searchsorted(index, np.arange(recording.stop), side="right") - 1
    return physical(recording)[row]


# CSV


def test_the_numbers_of_a_csv_are_the_same_doubles_in_other_programs(tmp_path):
    recording = with_a_gap()
    write_recording(recording, str(tmp_path / "x.csv"))
    with (tmp_path / "x.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["time_s", "left_jaw_uv", "neck_counts"]
    expected = np.column_stack([index_of(recording) / 1000.0, physical(recording)])
    np.testing.assert_array_equal(np.array(rows, dtype=float), expected)
    loaded = np.loadtxt(tmp_path / "x.csv", delimiter=",", skiprows=1)
    np.testing.assert_array_equal(loaded, expected)


@pytest.mark.parametrize("sfreq", [250.0, 1000.0, 1259.259259, 2048.0])
def test_a_csv_reads_back_as_what_it_was(tmp_path, sfreq):
    recording = with_a_gap()
    recording = replace(recording, info=replace(recording.info, sfreq=sfreq))
    write_recording(recording, str(tmp_path / "x.csv"))
    back = read_recording(tmp_path / "x.csv")
    assert back.info.sfreq == sfreq
    assert [(c.label, c.unit) for c in back.info.channels] == [
        ("left_jaw", "uV"),
        ("neck", "counts"),
    ]
    assert back.annotations == NOTES
    np.testing.assert_array_equal(index_of(back), index_of(recording))
    np.testing.assert_array_equal(physical(back), physical(recording))


def test_annotations_stay_beside_their_samples_where_the_first_ones_were_lost(tmp_path):
    recording = recorded([Chunk(500, counts())], JAW, NECK, annotations=NOTES)
    write_recording(recording, str(tmp_path / "x.csv"))
    back = read_recording(tmp_path / "x.csv")
    assert index_of(back)[0] == 0
    assert [note.onset_s for note in back.annotations] == [-0.25, 1.0, 1.5]


@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
            lambda text: "\0" not in text
        ),
        max_size=5,
    )
)
@settings(max_examples=60, deadline=None)
def test_any_note_comes_back_and_no_cell_is_a_formula(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    notes = tuple(Annotation(float(i), 0.5, text) for i, text in enumerate(texts))
    write_recording(recorded([Chunk(0, counts(20))], JAW, NECK, annotations=notes), str(path))
    assert read_recording(path).annotations == notes
    if notes:
        with path.with_name("x.csv.annotations.csv").open(newline="", encoding="utf-8") as file:
            cells = [row[2] for row in csv.reader(file)]
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


def test_lines_beside_a_csv_that_are_no_annotation_are_told(tmp_path):
    write_recording(with_a_gap(), str(tmp_path / "x.csv"))
    beside = tmp_path / "x.csv.annotations.csv"
    beside.write_text("onset_s,duration_s,text\n1,0,good\noops,0,x\n2,-1,x\nnan,0,x\n3\n")
    back = read_recording(tmp_path / "x.csv")
    assert back.annotations == (Annotation(1.0, 0.0, "good"),)
    assert "4 lines of x.csv.annotations.csv are no annotations and are left out." in back.notes
    beside.write_text("name,value\n1,2\n")
    assert read_recording(tmp_path / "x.csv").annotations == ()


def test_the_notes_of_an_overwritten_csv_are_not_those_of_the_new_one(tmp_path):
    write_recording(with_a_gap(), str(tmp_path / "x.csv"))
    write_recording(
        recorded([Chunk(0, counts())], JAW, NECK), str(tmp_path / "x.csv"), overwrite=True
    )
    assert read_recording(tmp_path / "x.csv").annotations == ()
    assert [path.name for path in tmp_path.glob("x.csv*")] == ["x.csv"]


@pytest.mark.parametrize(
    ("name", "label", "unit"),
    [
        ("left_jaw_uv", "left_jaw", "uV"),
        ("m_masseter_left_mv", "m_masseter_left", "mV"),
        ("EMG_v_counts", "EMG_v", "counts"),
        ("left_jaw (mV)", "left_jaw", "mV"),
        ("left_jaw", "left_jaw", None),
    ],
)
def test_a_label_with_underscores_keeps_its_unit(name, label, unit):
    assert (read_name(1, name).label, read_name(1, name).unit) == (label, unit)


# Parquet


def test_parquet_holds_what_the_csv_holds_and_what_it_cannot(tmp_path):
    recording = with_a_gap(simulated=True)
    write_recording(recording, str(tmp_path / "x.parquet"))
    table = pq.read_table(tmp_path / "x.parquet")
    assert table.column_names == [
        "time_s",
        "left_jaw (simulated)_uv",
        "neck (simulated)_counts",
    ]
    columns = np.column_stack([column.to_numpy() for column in table.columns])
    expected = np.column_stack([index_of(recording) / 1000.0, physical(recording)])
    np.testing.assert_array_equal(columns, expected)
    said = json.loads(table.schema.metadata[b"biofeedback"])
    assert (said["sfreq"], said["simulated"], said["band"]) == (1000.0, True, "raw")
    assert [(c["label"], c["unit"], c["gain"]) for c in said["channels"]] == [
        ("left_jaw", "uV", 0.5),
        ("neck", "counts", 1.0),
    ]
    assert tuple(Annotation(**note) for note in said["annotations"]) == NOTES
    assert table.schema.field(1).metadata == {b"unit": b"uV"}


def test_parquet_is_written_in_groups_of_rows_however_the_chunks_are_cut(tmp_path):
    samples = counts(200_000, 1)
    cuts = [0, 10, 11, 70_000, 70_001, 199_000, 200_000]
    chunks = [Chunk(a, samples[a:b]) for a, b in pairwise(cuts)]
    write_recording(recorded(chunks, JAW), str(tmp_path / "x.parquet"))
    file = pq.ParquetFile(tmp_path / "x.parquet")
    rows = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    assert max(rows) <= 65_536
    np.testing.assert_array_equal(
        file.read()["left_jaw_uv"].to_numpy(), samples[:, 0] * 0.5 - 1023.5
    )


def test_without_pyarrow_a_sentence_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(RecordingError, match=r"pip install biofeedback\[parquet\]"):
        write_recording(with_a_gap(), str(tmp_path / "x.parquet"))
    assert not list(tmp_path.iterdir())


# EDF and BDF

_MICROVOLTS = {"uV": 1.0, "mV": 1e3, "V": 1e6, "": 1.0}


def seen_by_others(path: Path, recording: Recording) -> dict[str, np.ndarray]:
    """Return what three other programs read of the file at `path`, ``(n_samples, n_channels)``."""
    bdf = path.suffix == ".bdf"
    raw = (mne.io.read_raw_bdf if bdf else mne.io.read_raw_edf)(path, preload=True, verbose="ERROR")
    volts = [1e6 if channel.unit == "uV" else 1.0 for channel in recording.info.channels]
    file = (edfio.read_bdf if bdf else edfio.read_edf)(path)
    with pyedflib.EdfReader(str(path)) as reader:
        theirs = [
            reader.readSignal(i) * _MICROVOLTS[reader.getPhysicalDimension(i).strip()]
            for i in range(len(volts))
        ]
    return {
        "mne": raw.get_data().T * volts,
        "edfio": np.column_stack(
            [signal.data * _MICROVOLTS[signal.physical_dimension] for signal in file.signals]
        ),
        "pyedflib": np.column_stack(theirs),
    }


PLUX = Channel("EMG", "uV", 3000 / 2**16, -1500.0, 3000 / 2**16, (2.0, 65533.0))
CYTON = Channel("EMG", "uV", 4.5e6 / 24 / (2**23 - 1), 0.0, 4.5e6 / 24 / (2**23 - 1))


@pytest.mark.parametrize("suffix", [".edf", ".bdf"])
@pytest.mark.parametrize(
    ("channel", "low", "high"),
    [(JAW, 0, 4095), (PLUX, 0, 65_535), (replace(PLUX, rails=None), 100, 65_000), (NECK, 0, 1023)],
)
def test_counts_are_in_other_programs_what_they_were(tmp_path, suffix, channel, low, high):
    recording = recorded([Chunk(0, counts(channels=1, low=low, high=high))], channel)
    path = tmp_path / f"x{suffix}"
    assert write_recording(recording, str(path)) == ()
    for program, values in seen_by_others(path, recording).items():
        off = np.abs(values[: recording.stop] - physical(recording)).max()
        assert off < 0.01 * channel.gain, program


def test_counts_of_24_bits_are_told_apart_by_other_programs(tmp_path):
    recording = recorded([Chunk(0, counts(channels=1, low=-(2**23), high=2**23 - 1))], CYTON)
    path = tmp_path / "x.bdf"
    assert write_recording(recording, str(path)) == ()
    for program, values in seen_by_others(path, recording).items():
        off = np.abs(values[: recording.stop] - physical(recording)).max()
        assert off < 0.01 * CYTON.gain, program


@pytest.mark.parametrize("offset_uv", [0.0, -10_800.4, 90_000.0])
@pytest.mark.parametrize("gain", [1.0, 1e3, -0.1])
def test_other_numbers_come_back_within_half_a_step_and_it_is_said(tmp_path, gain, offset_uv):
    signal = np.random.default_rng(1).normal(0, 40 / abs(gain), (2600, 1)) + offset_uv / gain
    recording = recorded([Chunk(0, signal)], Channel("EMG", "uV", gain))
    step = 2.0**-6
    for name in ("a.edf", "b.bdf"):
        path = tmp_path / name
        (note,) = write_recording(recording, str(path))
        assert note.startswith("Values are rounded to whole steps, of 0.0156 µV at the most.")
        for program, values in seen_by_others(path, recording).items():
            off = np.abs(values[: recording.stop] - physical(recording)).max()
            assert off <= 0.5 * step * (1 + 1e-6), program


def test_a_range_that_16_bits_do_not_hold_is_rounded_as_is_told(tmp_path):
    recording = recorded([Chunk(0, counts(channels=1, low=-(2**20), high=2**20))], CYTON)
    (note,) = write_recording(recording, str(tmp_path / "x.edf"))
    assert "of 1 µV at the most. BDF (.bdf) has finer ones" in note
    for program, values in seen_by_others(tmp_path / "x.edf", recording).items():
        off = np.abs(values[: recording.stop] - physical(recording)).max()
        assert 0.25 < off <= 0.5 * (1 + 1e-6), program


def test_text_of_few_digits_keeps_its_steps_in_16_bits(tmp_path):
    microvolts = counts(channels=1, low=-3000, high=3000) * 0.05 + 12.34
    lines = [f"{i / 1000:.3f},{value:.2f}" for i, value in enumerate(microvolts[:, 0].tolist())]
    (tmp_path / "x.csv").write_text("\n".join(["time_s,jaw_uv", *lines]) + "\n")
    recording = read_recording(tmp_path / "x.csv")
    assert write_recording(recording, str(tmp_path / "x.edf")) == ()
    for values in seen_by_others(tmp_path / "x.edf", recording).values():
        np.testing.assert_allclose(values[: recording.stop], microvolts, rtol=0, atol=1e-3)


def test_a_gap_is_held_and_annotated_and_read_back_as_a_gap(tmp_path):
    recording = with_a_gap()
    path = tmp_path / "x.edf"
    write_recording(recording, str(path))
    for program, values in seen_by_others(path, recording).items():
        np.testing.assert_allclose(values, held(recording), atol=1e-9, err_msg=program)
    expected = [
        (0.25, 0.0, "sensory trick on"),
        (1.0, 0.3, "BAD_gap"),
        (1.5, 0.125, '=SUM(A1), "quoted" second line'),
        (2.0, 0.0, "'-µ"),
    ]
    raw = mne.io.read_raw_edf(path, verbose="ERROR")
    found = zip(raw.annotations.onset, raw.annotations.duration, raw.annotations.description)  # noqa: B905
    assert [(float(o), float(d), str(text)) for o, d, text in found] == expected
    theirs = edfio.read_edf(path).annotations
    assert [(a.onset, a.duration or 0.0, a.text) for a in theirs] == expected
    with pyedflib.EdfReader(str(path)) as reader:
        onsets, durations, texts = reader.readAnnotations()
    assert [*zip(onsets, np.maximum(durations, 0.0), texts, strict=True)] == expected
    back = read_recording(path)
    np.testing.assert_array_equal(index_of(back), index_of(recording))
    np.testing.assert_array_equal(physical(back), physical(recording))


@pytest.mark.parametrize("suffix", [".edf", ".bdf"])
def test_samples_that_were_lost_at_the_start_stay_lost(tmp_path, suffix):
    recording = recorded([Chunk(250, counts())], JAW, NECK, annotations=NOTES)
    write_recording(recording, str(tmp_path / f"x{suffix}"))
    back = read_recording(tmp_path / f"x{suffix}")
    np.testing.assert_array_equal(index_of(back), index_of(recording))
    np.testing.assert_array_equal(physical(back), physical(recording))
    assert [(a.onset_s, a.text) for a in back.annotations][:2] == [
        (0.0, "BAD_gap"),
        (0.25, "sensory trick on"),
    ]


@pytest.mark.parametrize("size", [1e-4, 0.3, 7e5])
def test_numbers_of_no_known_unit_are_rounded_to_steps_of_their_own_size(tmp_path, size):
    signal = size * np.random.default_rng(2).uniform(-1, 1, (2600, 1))
    recording = recorded([Chunk(0, signal)], Channel("EMG"))
    write_recording(recording, str(tmp_path / "x.bdf"))
    step = 10.0 ** np.ceil(np.log10(size)) / 8e6
    programs = seen_by_others(tmp_path / "x.bdf", recording)
    programs["ours"] = physical(read_recording(tmp_path / "x.bdf"))
    for program, values in programs.items():
        off = np.abs(values[: recording.stop] - signal).max()
        assert off <= 0.5 * step * (1 + 1e-6), program


def test_an_annotation_without_words_is_not_taken_for_the_time_of_a_record(tmp_path):
    notes = (Annotation(1.0, 0.0, " \n"), Annotation(1.2, 0.0, "on"))
    recording = recorded([Chunk(0, counts())], JAW, NECK, annotations=notes)
    write_recording(recording, str(tmp_path / "x.edf"))
    back = read_recording(tmp_path / "x.edf")
    assert back.annotations == notes[1:]
    assert index_of(back)[-1] == 2499


def test_written_twice_over_a_gap_is_annotated_once(tmp_path):
    write_recording(with_a_gap(), str(tmp_path / "x.edf"))
    write_recording(read_recording(tmp_path / "x.edf"), str(tmp_path / "y.bdf"))
    texts = [note.text for note in read_recording(tmp_path / "y.bdf").annotations]
    assert texts.count("BAD_gap") == 1
    assert len(texts) == 4


def test_what_was_rounded_once_is_not_rounded_again(tmp_path):
    text = [f"{value:.2f}" for value in np.random.default_rng(3).normal(0, 40, 2600)]
    text[7] = "0.0123456"
    lines = [f"{i / 1000:.3f},{value}" for i, value in enumerate(text)]
    (tmp_path / "x.csv").write_text("\n".join(["time_s,jaw_uv", *lines]) + "\n")
    assert write_recording(read_recording(tmp_path / "x.csv"), str(tmp_path / "once.bdf"))
    once = read_recording(tmp_path / "once.bdf")
    assert write_recording(once, str(tmp_path / "twice.bdf")) == ()
    np.testing.assert_array_equal(physical(read_recording(tmp_path / "twice.bdf")), physical(once))


def test_a_gap_of_hours_is_not_filled(tmp_path):
    samples = counts()
    chunks = [Chunk(0, samples), Chunk(4_000_000, samples)]
    with pytest.raises(RecordingError, match=r"a gap of 1\.1 hours.*write \.csv"):
        write_recording(recorded(chunks, JAW, NECK), str(tmp_path / "x.edf"))
    write_recording(recorded(chunks, JAW, NECK), str(tmp_path / "x.csv"))


def test_what_no_sensor_sends_is_refused_where_there_is_no_room_for_it(tmp_path):
    for value in (1.7e308, -1e13):
        recording = recorded([Chunk(0, np.array([[0.5], [value]]))], Channel("EMG", "uV"))
        for out in ("x.edf", "x.bdf", "bids/"):
            with pytest.raises(RecordingError, match=r"'EMG' holds .*, which no sensor sends"):
                write_recording(recording, f"{tmp_path}/{out}")
        write_recording(recording, str(tmp_path / "x.csv"), overwrite=True)
        assert physical(read_recording(tmp_path / "x.csv"))[1, 0] == value


@pytest.mark.parametrize("suffix", WRITERS)
def test_simulated_is_stamped_in_every_file(tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    write_recording(with_a_gap(simulated=True), str(path))
    assert b"simulated" in path.read_bytes().lower()
    if suffix != ".parquet":  # which we do not read
        assert read_recording(path).info.simulated


def test_the_settings_it_was_recorded_with_go_along(tmp_path):
    settings = {"signal": {"band": "narrow"}}
    live = EdfWriter(
        tmp_path / "live.edf", StreamInfo((JAW, NECK), 1000.0, "serial:x"), settings=settings
    )
    live.write(Chunk(0, counts()))
    live.close()
    recording = read_recording(tmp_path / "live.edf")
    for name in ("x.edf", "y.bdf", "bids/"):
        write_recording(recording, f"{tmp_path}/{name}")
        (path,) = tmp_path.glob(f"{name}**/*df") if name == "bids/" else [tmp_path / name]
        assert recorded_settings(path) == settings
    write_recording(recording, str(tmp_path / "x.parquet"))
    metadata = pq.read_schema(tmp_path / "x.parquet").metadata
    assert json.loads(metadata[b"biofeedback"])["settings"] == settings


def drawn(seed: int) -> Recording:
    """Return a recording of channels of all kinds, with gaps, at some rate."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 1500, rng.integers(1, 5))
    starts = np.cumsum(np.concatenate(([0], sizes[:-1] + rng.integers(0, 3000, len(sizes) - 1))))
    total, gain = int(sizes.sum()), float(rng.choice([0.5, 3000 / 2**16, -0.1, 1e3]))
    kinds = {
        Channel("10 bits", "uV", gain, 12.34, abs(gain), digital=(0, 1023)): (0, 1023),
        Channel("16_bits", "uV", gain, -1500.0, abs(gain)): (0, 2**16 - 1),
        Channel("24 bits, (µV)", "uV", gain, 0.0, abs(gain)): (-(2**23), 2**23 - 1),
        Channel("'=counts_v"): (-500, 500),
        Channel("microvolts of M. sternocleidomastoideus", "uV"): (-0.5, 0.5),
        Channel("unknown"): (-0.5, 0.5),
    }
    columns = [
        rng.integers(low, high, total, endpoint=True)
        if isinstance(low, int)
        else rng.normal(high, 50.0, total)
        for low, high in kinds.values()
    ]
    samples = np.column_stack(columns).astype(float)
    stops = np.cumsum(sizes)
    chunks = [
        Chunk(int(start), samples[stop - size : stop])
        for start, size, stop in zip(starts, sizes, stops, strict=True)
    ]
    sfreq = float(rng.choice([100.0, 256.0, 999.7, 1000.0, 1259.259259, 2000.0, 4000.0]))
    return recorded(chunks, *kinds, sfreq=sfreq, annotations=NOTES, simulated=seed % 2 == 0)


@pytest.mark.parametrize("out", ["x.csv", "x.edf", "x.bdf", "bids/"])
@pytest.mark.parametrize("seed", range(12))
def test_whatever_was_recorded_comes_back(tmp_path, seed, out):
    recording = drawn(seed)
    write_recording(recording, f"{tmp_path}/{out}")
    (path,) = tmp_path.glob("bids/**/*df") if out == "bids/" else [tmp_path / out]
    back = read_recording(path)
    labels = [channel.label for channel in recording.info.channels]
    assert [channel.label for channel in back.info.channels] == labels
    assert back.info.simulated == recording.info.simulated
    assert back.info.sfreq == pytest.approx(recording.info.sfreq, rel=1e-9)
    np.testing.assert_array_equal(index_of(back), index_of(recording))
    step = np.array([abs(channel.gain) for channel in back.info.channels])
    told = 1e-9 * np.abs(physical(recording)).max(axis=0)
    most = 0.0 if out == "x.csv" else 0.5 * step * (1 + 1e-6) + told
    assert (np.abs(physical(back) - physical(recording)) <= most).all()
    kept = [(note.onset_s, note.text) for note in back.annotations if note.text != "BAD_gap"]
    blanks = {"x.csv": lambda text: text}.get(out, lambda text: " ".join(text.split()))
    assert kept == [(note.onset_s, blanks(note.text)) for note in NOTES]


# Files


@pytest.mark.parametrize("suffix", WRITERS)
def test_what_is_there_stays_unless_it_may_be_overwritten(tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    path.write_text("precious")
    with pytest.raises(RecordingError, match="is there already; say --overwrite"):
        write_recording(with_a_gap(), str(path))
    assert [each.read_text() for each in tmp_path.iterdir()] == ["precious"]
    write_recording(with_a_gap(), str(path), overwrite=True)
    assert path.stat().st_size > 1000


def test_the_notes_of_another_table_stay_as_well(tmp_path):
    (tmp_path / "x.csv.annotations.csv").write_text("precious")
    with pytest.raises(RecordingError, match=r"x\.csv\.annotations\.csv is there already"):
        write_recording(with_a_gap(), str(tmp_path / "x.csv"))
    assert [each.read_text() for each in tmp_path.iterdir()] == ["precious"]


def test_a_sidecar_of_another_file_stays_and_it_is_said(tmp_path):
    (tmp_path / "x.json").write_text("precious")
    (note,) = write_recording(with_a_gap(), str(tmp_path / "x.edf"), overwrite=True)
    assert "x.json is another's and stays" in note
    assert (tmp_path / "x.json").read_text() == "precious"
    assert write_recording(with_a_gap(), str(tmp_path / "y.edf")) == ()
    before = (tmp_path / "y.json").read_bytes()
    (note,) = write_recording(with_a_gap(), str(tmp_path / "y.bdf"))
    assert "y.json is another's and stays" in note
    assert (tmp_path / "y.json").read_bytes() == before
    assert write_recording(with_a_gap(), str(tmp_path / "y.edf"), overwrite=True) == ()
    assert (tmp_path / "y.json").read_bytes() != before


def test_a_recording_is_never_written_over_itself(tmp_path):
    path = tmp_path / "x.csv"
    write_recording(with_a_gap(), str(path))
    before = path.read_bytes()
    recording = read_recording(f"file:{path}")
    (tmp_path / "link.csv").symlink_to(path)
    for name in ("x.csv", "link.csv"):
        with pytest.raises(RecordingError, match="is the recording itself"):
            write_recording(recording, str(tmp_path / name), overwrite=True)
    assert path.read_bytes() == before


class Failing:
    """Chunks that are gone through once, and then break off."""

    def __init__(self, error: BaseException) -> None:
        self._error, self._times = error, 0

    def __iter__(self) -> Iterator[Chunk]:
        self._times += 1
        yield Chunk(0, counts())
        if self._times > 1:
            raise self._error
        yield Chunk(2500, counts())


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
@pytest.mark.parametrize("suffix", [*WRITERS, "/"])
def test_nothing_half_written_stays_and_the_old_file_does(tmp_path, suffix, error):
    chunks = Failing(error)
    if suffix in {".csv", ".parquet"}:
        list(chunks)  # these are written without a look before
    recording = Recording(StreamInfo((JAW, NECK), 1000.0, "x"), chunks, 5000, annotations=NOTES)
    old = tmp_path / f"x{suffix}"
    if suffix != "/":
        old.write_text("old")
    with pytest.raises((RecordingError, KeyboardInterrupt)) as raised:
        write_recording(recording, str(tmp_path / "x") + suffix, overwrite=True)
    if isinstance(error, OSError):
        assert str(raised.value).endswith("(No space left on device); choose another place.")
    left = [path.name for path in tmp_path.iterdir()]
    assert left == ([] if suffix == "/" else [old.name])
    assert suffix == "/" or old.read_text() == "old"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit of a file's size")
@pytest.mark.parametrize("suffix", [*WRITERS, "/"])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, suffix):
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    recording = recorded([Chunk(0, counts(60_000))], JAW, NECK)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(RecordingError, match=r"cannot be written \(.*\); choose another place"):
            write_recording(recording, str(tmp_path / "x") + suffix)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("suffix", WRITERS)
def test_only_its_user_may_read_a_recording(tmp_path, suffix):
    write_recording(with_a_gap(), str(tmp_path / f"x{suffix}"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_names_that_cannot_be_are_told_with_those_that_can(tmp_path):
    for name in ("x.mat", "x"):
        with pytest.raises(
            RecordingError, match=r"\.bdf, \.csv, \.edf, \.parquet, or in / for a folder"
        ):
            write_recording(with_a_gap(), str(tmp_path / name))
    for name in ("none/x.csv", "none/x/"):
        with pytest.raises(RecordingError, match=r"There is no folder .*none; make it"):
            write_recording(with_a_gap(), str(tmp_path / name))
