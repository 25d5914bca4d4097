"""What is recorded, opened with three other programs and with our own reader."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import edfio
import mne
import numpy as np
import pyedflib
import pytest

from biofeedback.boards import BOARDS, SENSORS, make_channel
from biofeedback.errors import RecordingError
from biofeedback.recording.edf.encode import make_layout, short_labels
from biofeedback.recording.edf.header import read_edf_header
from biofeedback.recording.edf.writer import EdfWriter
from biofeedback.recording.formats import read_recording
from biofeedback.stream import Annotation, Channel, Chunk, StreamInfo

NOON = datetime(2026, 11, 23, 12, 0, 30, 250_000, tzinfo=UTC)
PLUX = make_channel("trapezius left", SENSORS["plux"])
CYTON = make_channel("frontalis", SENSORS["cyton"])
UNO = make_channel("masseter", SENSORS["myoware-2-raw"], BOARDS["uno"])
ENVELOPE = make_channel("envelope", SENSORS["myoware-2-env"], BOARDS["uno"])


def counts(n: int, *channels: Channel, seed: int = 0) -> np.ndarray:
    """Return whole counts over all that the channels' converters can send, ends included."""
    rng = np.random.default_rng(seed)
    columns = []
    for channel in channels:
        low, high = channel.digital
        column = rng.integers(low, high, n, endpoint=True)
        column[:2] = low, high
        columns.append(column)
    return np.column_stack(columns).astype(float)


def record(path: Path, chunks, *channels: Channel, sfreq=1000.0, notes=(), **options) -> EdfWriter:
    info = StreamInfo(channels, sfreq, options.pop("source", "serial:/dev/tty0"), **options)
    writer = EdfWriter(path, info, started=NOON, settings={"signal": {"band": "wide"}})
    for chunk in chunks:
        writer.write(chunk)
    for note in notes:
        writer.annotate(note)
    writer.close()
    return writer


def pieces(samples: np.ndarray, size: int, start: int = 0) -> list[Chunk]:
    return [Chunk(start + at, samples[at : at + size]) for at in range(0, len(samples), size)]


def replayed(path: Path) -> list[tuple[int, np.ndarray]]:
    """Return the unbroken runs of samples in the file."""
    runs: list[tuple[int, list[np.ndarray]]] = []
    stop = -1
    for chunk in read_recording(path).chunks:
        if chunk.start != stop:
            runs.append((chunk.start, []))
        runs[-1][1].append(chunk.samples)
        stop = chunk.stop
    return [(start, np.concatenate(parts)) for start, parts in runs]


def digital(path: Path) -> dict[str, np.ndarray]:
    """Return what three programs find in the file, as whole numbers."""
    with pyedflib.EdfReader(str(path)) as file:
        found = [file.readSignal(i, digital=True) for i in range(file.signals_in_file)]
    edf = path.suffix == ".edf"
    theirs = (edfio.read_edf if edf else edfio.read_bdf)(path)
    raw = (mne.io.read_raw_edf if edf else mne.io.read_raw_bdf)(path, verbose="error")
    microvolts = 1e6 * raw.get_data()
    scaled = []
    for signal, uv in zip(theirs.signals, microvolts, strict=True):
        span = signal.digital_max - signal.digital_min
        gain = (signal.physical_max - signal.physical_min) / span
        scaled.append((uv - signal.physical_min) / gain + signal.digital_min)
    return {
        "pyedflib": np.column_stack(found).astype(int),
        "edfio": np.column_stack([s.digital for s in theirs.signals]).astype(int),
        "mne": np.rint(np.column_stack(scaled)).astype(int),
    }


@pytest.mark.parametrize(
    ("suffix", "channels"),
    [
        (".edf", (PLUX,)),
        (".edf", (UNO, PLUX, UNO)),
        (".bdf", (CYTON,)),
        (".bdf", (PLUX, CYTON, UNO)),
    ],
)
def test_counts_of_any_converter_come_back_bit_for_bit_in_four_programs(tmp_path, suffix, channels):
    path = tmp_path / f"x{suffix}"
    samples = counts(1234, *channels)
    record(path, pieces(samples, 77), *channels)
    (run,) = replayed(path)
    assert run[0] == 0
    np.testing.assert_array_equal(run[1], samples)
    # EDF's sixteen bits have a sign: what a converter counts from 0 on is moved
    shift = [2**15 if c is PLUX and suffix == ".edf" else 0 for c in channels]
    for program, found in digital(path).items():
        np.testing.assert_array_equal(found[:1234] + shift, samples, err_msg=program)


def test_the_header_says_what_the_standard_asks_for(tmp_path):
    path = tmp_path / "x.edf"
    record(path, [Chunk(0, counts(250, PLUX))], PLUX, simulated=True, source="sim:rest")
    head = path.read_bytes()
    assert head[:8] == b"0       "
    assert head[8:88] == b"X X X X".ljust(80)
    day = NOON.astimezone()
    words = head[88:168].decode().split()
    assert words[:6] == ["Startdate", "23-NOV-2026", "X", "X", "biofeedback", "SIMULATED"]
    assert head[168:184].decode() == f"{day:%d.%m.%y%H.%M.%S}"
    assert head[192:236] == b"EDF+C".ljust(44)
    assert (head[236:244], head[244:252], head[252:256]) == (b"4       ", b"0.08    ", b"2   ")
    with path.open("rb") as file:
        header = read_edf_header(file, where="x")
    assert header.simulated
    signal, texts = header.signals
    assert (signal.label, signal.transducer, signal.unit) == ("EMG trapezius le", "PLUX EMG", "uV")
    assert (signal.filters, signal.digital, signal.n) == ("raw", (-32768, 32767), 80)
    assert texts.is_annotations
    assert len(head) == header.size + 4 * header.record_bytes


def test_a_simulated_stream_is_marked_and_another_is_not(tmp_path):
    record(tmp_path / "a.edf", [Chunk(0, counts(99, PLUX))], PLUX, simulated=True)
    record(tmp_path / "b.edf", [Chunk(0, counts(99, PLUX))], PLUX)
    for name, simulated in (("a", True), ("b", False)):
        (tmp_path / f"{name}.json").unlink()
        assert read_recording(tmp_path / f"{name}.edf").info.simulated is simulated


@pytest.mark.parametrize("sfreq", [1000, 256, 250, 2000, 1259.2592592592594, 312.5, 4000, 20])
def test_a_record_tells_the_rate_exactly_where_eight_characters_can(sfreq):
    layout = make_layout(sfreq, 1, 2)
    assert layout.n / layout.duration_us * 1e6 == pytest.approx(sfreq, rel=1e-12)
    assert 50_000 <= layout.duration_us <= 110_000


@pytest.mark.parametrize("sfreq", [1259.26, 499.7123, 1111.111, 333.3, 12_345.678])
def test_any_other_rate_is_told_to_a_sample_a_day(sfreq):
    layout = make_layout(sfreq, 1, 2)
    drift = layout.n / layout.duration_us * 1e6 / sfreq - 1
    assert abs(drift) * 86_400 * sfreq < 86_400 * 0.01
    assert abs(drift) < 1e-6
    assert 50_000 <= layout.duration_us <= 110_000


def test_a_slow_stream_has_a_sample_a_record():
    assert make_layout(1.0, 1, 2).duration_us == 1_000_000
    assert make_layout(0.3, 1, 2).duration_us == 3_333_333


@pytest.mark.parametrize("sfreq", [1000.0, 256.0, 1259.26, 499.7123, 20.0])
@pytest.mark.parametrize("seed", range(4))
def test_gaps_come_back_where_they_were_at_any_rate(tmp_path, sfreq, seed):
    rng = np.random.default_rng(seed)
    chunks, at = [], 0
    for size in rng.integers(1, 60, 80):
        at += int(rng.integers(0, 40)) * int(rng.random() < 0.5)
        chunks.append(Chunk(at, counts(int(size) + 1, UNO, seed=at)[1:]))
        at = chunks[-1].stop
    path = tmp_path / "x.edf"
    writer = record(path, chunks, UNO, sfreq=sfreq)
    assert writer.samples == sum(len(chunk.samples) for chunk in chunks)
    known = np.full(at, np.nan)
    for chunk in chunks:
        known[chunk.start : chunk.stop] = chunk.samples[:, 0]
    for file in (path, without_sidecar(path)):
        found = np.full(read_recording(file).stop, np.nan)
        for start, samples in replayed(file):
            found[start : start + len(samples)] = samples[:, 0]
        np.testing.assert_array_equal(found, known)


def without_sidecar(path: Path) -> Path:
    alone = path.with_name(f"alone{path.suffix}")
    alone.write_bytes(path.read_bytes())
    return alone


def test_lost_samples_are_held_and_marked_for_every_program(tmp_path):
    path = tmp_path / "x.edf"
    samples = counts(960, UNO)
    record(path, [Chunk(0, samples[:450]), Chunk(620, samples[620:])], UNO)
    found = digital(path)["pyedflib"][:, 0]
    assert (found[450:620] == samples[449, 0]).all()
    raw = mne.io.read_raw_edf(path, verbose="error")
    gaps = [(a["onset"], a["duration"]) for a in raw.annotations if a["description"] == "BAD_gap"]
    assert gaps == [(pytest.approx(0.45), pytest.approx(0.17))]
    assert replayed(path)[1][0] == 620


def test_more_losses_than_a_record_has_room_for_are_all_told(tmp_path):
    path = tmp_path / "x.edf"
    samples = counts(400, UNO)
    chunks = [Chunk(at, samples[at : at + 1]) for at in range(0, 400, 2)]
    record(path, chunks, UNO)
    assert [start for start, _samples in replayed(path)] == list(range(0, 400, 2))


def test_what_is_lost_before_the_first_sample_keeps_the_index(tmp_path):
    path = tmp_path / "x.edf"
    record(path, [Chunk(300, counts(200, UNO))], UNO)
    assert [(start, len(samples)) for start, samples in replayed(path)] == [(300, 200)]


def test_what_comes_twice_is_recorded_once(tmp_path):
    path, samples = tmp_path / "x.edf", counts(300, UNO)
    record(path, [Chunk(0, samples[:200]), Chunk(150, samples[150:]), Chunk(10, samples[:9])], UNO)
    np.testing.assert_array_equal(replayed(path)[0][1], samples)


def test_a_row_with_an_unknown_value_is_a_missing_sample(tmp_path):
    samples = counts(500, UNO, PLUX)
    samples[200:230, 0] = np.nan
    samples[300, 1] = np.inf
    path = tmp_path / "x.edf"
    writer = record(path, [Chunk(0, samples)], UNO, PLUX)
    assert [(start, len(run)) for start, run in replayed(path)] == [(0, 200), (230, 70), (301, 199)]
    assert writer.samples == 469


def test_a_long_gap_begins_a_new_file(tmp_path):
    path, samples = tmp_path / "x.edf", counts(20_000, UNO)
    notes = [Annotation(12.5, 0.0, "after it")]
    chunks = [
        Chunk(0, samples[:700]),
        Chunk(5700, samples[5700:6000]),
        Chunk(12_000, samples[:800]),
    ]
    writer = record(path, chunks, UNO, notes=notes)
    assert [file.name for file in writer.files] == ["x.edf", "x_run-02.edf"]
    assert [start for start, _run in replayed(path)] == [0, 5700]
    second = read_recording(tmp_path / "x_run-02.edf")
    assert second.stop == 800
    assert read_recording(path).notes == ("The recording goes on in x_run-02.edf.",)
    assert second.notes == ()
    assert Annotation(0.5, 0.0, "after it") in second.annotations
    told = json.loads((tmp_path / "x_run-02.json").read_text())
    assert told["first_sample"] == 12_000
    assert told["started_utc"] == "2026-11-23T12:00:42.250000+00:00"


# numbers that are no counts


def test_microvolts_are_kept_to_a_sixty_fourth(tmp_path):
    channel = Channel("EMG", "uV")
    samples = 200 * np.random.default_rng(0).standard_normal((1000, 1)) + 10_000
    path = tmp_path / "x.bdf"
    record(path, pieces(samples, 100), channel)
    np.testing.assert_allclose(replayed(path)[0][1], samples, rtol=0, atol=2**-7)
    whole = np.rint(samples)
    record(tmp_path / "y.bdf", pieces(whole, 100), channel)
    np.testing.assert_array_equal(replayed(tmp_path / "y.bdf")[0][1], whole)


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1.0, 1e6, 1e15])
def test_fractions_of_unknown_meaning_keep_sixteen_bits_of_their_size(tmp_path, scale):
    samples = scale * np.random.default_rng(0).standard_normal((500, 1))
    path = tmp_path / "x.bdf"
    record(path, pieces(samples, 100), Channel("EMG"))
    most = np.abs(samples).max()
    np.testing.assert_allclose(replayed(path)[0][1], samples, rtol=0, atol=most * 2**-16)


def test_whole_numbers_of_unknown_meaning_are_kept_as_they_are(tmp_path):
    samples = counts(500, CYTON)
    samples[0] = -(2**23) + 1
    path = tmp_path / "x.bdf"
    record(path, [Chunk(0, samples)], Channel("EMG"))
    np.testing.assert_array_equal(replayed(path)[0][1], samples)


def test_what_does_not_fit_begins_a_new_file_and_is_never_clipped(tmp_path):
    samples = np.random.default_rng(0).standard_normal((900, 2))
    samples[300:, 1] *= 1e8
    samples[600:, 0] *= 1e8
    path = tmp_path / "x.bdf"
    writer = record(path, pieces(samples, 100), Channel("a", "uV"), Channel("b", "uV"))
    assert [file.name for file in writer.files] == ["x.bdf", "x_run-02.bdf", "x_run-03.bdf"]
    found = np.concatenate([replayed(file)[0][1] for file in writer.files])
    np.testing.assert_allclose(found[:300], samples[:300], rtol=0, atol=2**-7)
    np.testing.assert_allclose(found[300:600, 0], samples[300:600, 0], rtol=0, atol=2**-7)
    np.testing.assert_allclose(found[300:, 1], samples[300:, 1], rtol=0, atol=128)
    np.testing.assert_allclose(found[600:, 0], samples[600:, 0], rtol=0, atol=128)


def test_counts_beyond_what_the_converter_is_said_to_send_are_kept_too(tmp_path):
    samples = counts(600, UNO)
    samples[300, 0] = 4095
    path = tmp_path / "x.edf"
    writer = record(path, pieces(samples, 100), UNO)
    found = np.concatenate([replayed(file)[0][1] for file in writer.files])
    np.testing.assert_array_equal(found, samples)
    assert len(writer.files) == 2


def test_fractions_from_a_source_of_counts_go_on_in_a_file_of_24_bits(tmp_path):
    samples = counts(600, UNO)
    samples[300:] += 0.5
    writer = record(tmp_path / "x.edf", pieces(samples, 100), UNO)
    assert [file.name for file in writer.files] == ["x.edf", "x_run-02.bdf"]
    np.testing.assert_array_equal(replayed(writer.files[1])[0][1], samples[300:])


@pytest.mark.parametrize("channel", [Channel("jaw", "uV"), Channel("jaw"), CYTON])
def test_edf_is_refused_for_what_16_bits_do_not_hold(tmp_path, channel):
    with pytest.raises(RecordingError, match="let the name end in"):
        record(tmp_path / "x.edf", [], channel)
    assert list(tmp_path.iterdir()) == []


# annotations


def test_notes_are_found_by_four_programs(tmp_path):
    path = tmp_path / "x.edf"
    notes = [Annotation(0.25, 0.5, "hand on the chin"), Annotation(1.125, 0.0, "Wärme – µV")]
    record(path, [Chunk(0, counts(1200, UNO))], UNO, notes=notes)
    assert read_recording(path).annotations == tuple(notes)
    with pyedflib.EdfReader(str(path)) as file:
        onsets, durations, texts = file.readAnnotations()
    found = zip(onsets.tolist(), durations.tolist(), texts.tolist(), strict=True)
    assert (0.25, 0.5, "hand on the chin") in found
    theirs = edfio.read_edf(path).annotations
    assert [(a.onset, a.text) for a in theirs if "gap" not in a.text] == [
        (0.25, "hand on the chin"),
        (1.125, "Wärme – µV"),
    ]
    raw = mne.io.read_raw_edf(path, verbose="error")
    assert list(raw.annotations.description)[:2] == ["hand on the chin", "Wärme – µV"]


@pytest.mark.parametrize("length", [100, 190, 215, 230, 500, 5000])
def test_a_note_of_any_length_is_cut_continued_and_read_in_one(tmp_path, length):
    text = "".join(chr(0x3B1 + k % 20) if k % 3 else str(k % 10) for k in range(length))
    notes = [Annotation(0.1, 0.0, text), Annotation(0.1, 0.0, "short"), Annotation(0.0, 1, text)]
    path = tmp_path / "x.edf"
    record(path, [Chunk(0, counts(150, UNO))], UNO, notes=notes)
    found = read_recording(path)
    assert found.annotations == tuple(sorted(notes, key=lambda note: note.onset_s))
    assert found.stop == 150
    np.testing.assert_array_equal(replayed(path)[0][1], counts(150, UNO))


def test_what_would_tear_the_texts_apart_is_taken_out(tmp_path):
    path = tmp_path / "x.edf"
    notes = [Annotation(0.1, 0.0, "a\x14b\x00c\x15d")]
    record(path, [Chunk(0, counts(150, UNO))], UNO, notes=notes)
    assert [note.text for note in read_recording(path).annotations] == ["a b c d"]


# the sidecar


def test_with_its_sidecar_a_recording_is_what_was_live(tmp_path):
    path = tmp_path / "x.bdf"
    channels = (
        Channel("musculus sternocleidomastoideus, links", "uV", 0.1 / 3, -17.0 / 7, 0.1 / 3),
        Channel("b", "uV", 1e-7, 3.0, None, (-np.inf, 7.5)),
        ENVELOPE,
    )
    samples = np.column_stack([counts(300, UNO), counts(300, UNO), counts(300, ENVELOPE)])
    record(path, [Chunk(0, samples)], *channels, sfreq=1000 / 3, sfreq_estimated=True)
    recording = read_recording(path)
    assert recording.info == StreamInfo(
        channels, 1000 / 3, str(path), simulated=False, sfreq_estimated=True
    )
    assert recording.notes == ()


def test_without_its_sidecar_the_header_tells_it_rounded(tmp_path):
    path = tmp_path / "x.edf"
    record(path, [Chunk(0, counts(300, UNO, ENVELOPE))], UNO, ENVELOPE)
    (tmp_path / "x.json").unlink()
    recording = read_recording(path)
    masseter, envelope = recording.info.channels
    assert masseter.gain == pytest.approx(UNO.gain, rel=1e-4)
    assert masseter.rails == UNO.rails
    assert envelope.envelope
    assert any("x.json" in note and "missing" in note for note in recording.notes)


def test_the_sidecar_of_another_recording_is_not_believed(tmp_path):
    for name in ("x", "y"):
        record(tmp_path / f"{name}.edf", [Chunk(0, counts(300, UNO))], UNO)
    (tmp_path / "x.json").write_bytes((tmp_path / "y.json").read_bytes())
    recording = read_recording(tmp_path / "x.edf")
    assert recording.info.channels[0] != UNO
    assert any("of another recording" in note for note in recording.notes)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"identity": 3}', "\0", "[" * 100_000])
def test_a_damaged_sidecar_is_told(tmp_path, text):
    record(tmp_path / "x.edf", [Chunk(0, counts(300, UNO))], UNO)
    (tmp_path / "x.json").write_text(text)
    recording = read_recording(tmp_path / "x.edf")
    assert recording.stop == 300
    assert any("x.json" in note for note in recording.notes)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("/home/anna/anna.csv", "file"),
        ("serial:/dev/ttyUSB0", "serial"),
        ("lsl:Anna", "lsl"),
        ("C:\\anna.csv", "file"),
        ("sim:anna.toml", "sim"),
    ],
)
def test_the_files_name_no_path_and_no_person(tmp_path, source, kind):
    record(tmp_path / "x.edf", [Chunk(0, counts(300, UNO))], UNO, source=source)
    told = (tmp_path / "x.json").read_text()
    assert json.loads(told)["source"] == kind
    for text in (told, (tmp_path / "x.edf").read_text("latin-1")):
        assert "anna" not in text.lower()
        assert "tty" not in text


def test_a_recording_that_another_program_has_written_anew_is_read_as_any_other(tmp_path):
    notes = [Annotation(0.25, 0.5, "hand on the chin")]
    record(tmp_path / "x.edf", [Chunk(0, counts(1000, UNO))], UNO, notes=notes)
    theirs = edfio.read_edf(tmp_path / "x.edf")
    theirs.write(tmp_path / "y.edf")
    (tmp_path / "y.json").write_bytes((tmp_path / "x.json").read_bytes())
    recording = read_recording(tmp_path / "y.edf")
    assert recording.stop == 1000
    assert notes[0] in recording.annotations
    np.testing.assert_array_equal(replayed(tmp_path / "y.edf")[0][1], counts(1000, UNO))


def test_labels_are_ascii_short_and_none_is_there_twice():
    labels = ["Nackenmuskel oben links", "Nackenmuskel oben rechts", "Kühl", "ß", "EMG 1", "EMG 1"]
    short = short_labels(labels)
    assert short == [
        "EMG Nackenmuskel", "EMG Nackenmusk 2", "EMG Kuhl", "EMG _", "EMG 1", "EMG 1 2",
    ]  # fmt: skip
    assert all(len(label) <= 16 for label in short)


# files and folders


def test_nothing_is_overwritten(tmp_path):
    for name in ("x.edf", "x.json"):
        (tmp_path / name).write_text("mine")
        with pytest.raises(RecordingError, match="there already"):
            record(tmp_path / "x.edf", [], UNO)
        assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]
        (tmp_path / name).unlink()
    for name in ("x_run-02.edf", "x_run-03.json"):
        (tmp_path / name).write_text("mine")
    samples = counts(100, UNO)
    writer = record(tmp_path / "x.edf", [Chunk(0, samples), Chunk(9000, samples)], UNO)
    assert writer.files[1].name == "x_run-04.edf"
    for name in ("x_run-02.edf", "x_run-03.json"):
        assert (tmp_path / name).read_text() == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_files_and_new_folders_are_private(tmp_path):
    path = tmp_path / "new" / "newer" / "x.edf"
    record(path, [Chunk(0, counts(300, UNO))], UNO)
    assert {os.stat(file).st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}
    assert {folder.stat().st_mode & 0o777 for folder in path.parents[:2]} == {0o700}


def test_without_a_sample_nothing_is_left(tmp_path):
    assert record(tmp_path / "x.edf", [], UNO).files == []
    assert record(tmp_path / "y.bdf", [Chunk(0, np.empty((0, 1)))], Channel("EMG")).files == []
    assert list(tmp_path.iterdir()) == []


def test_a_name_of_another_kind_is_refused(tmp_path):
    with pytest.raises(RecordingError, match=r"written as .edf or .bdf"):
        record(tmp_path / "x.csv", [], UNO)


def test_a_start_that_is_not_known_is_told_as_such(tmp_path):
    writer = EdfWriter(tmp_path / "x.edf", StreamInfo((UNO,), 1000.0, "x.csv"))
    writer.write(Chunk(0, counts(240, UNO)))
    writer.close()
    head = (tmp_path / "x.edf").read_bytes()
    assert head[88:].startswith(b"Startdate X X X biofeedback ")
    assert head[168:184] == b"01.01.8500.00.00"
    assert edfio.read_edf(tmp_path / "x.edf").num_data_records == 3
