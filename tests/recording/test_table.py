import os
import re
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from biofeedback.boards import COUNTS_HINT, SENSORS, find_board, make_channel
from biofeedback.errors import RecordingError, SettingsError, SourceNotFound
from biofeedback.recording.formats import read_recording
from biofeedback.recording.tables.csv_writer import write_csv
from biofeedback.stream import Channel, Chunk, StreamInfo


@pytest.fixture
def table(tmp_path):
    def write(content, name="x.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def values(recording):
    return np.concatenate([chunk.samples for chunk in recording.chunks]).tolist()


def first(recording):
    return next(iter(recording.chunks))


def starts(recording):
    return [(chunk.start, len(chunk.samples)) for chunk in recording.chunks]


def labels(recording):
    return [channel.label for channel in recording.info.channels]


@pytest.mark.parametrize(
    ("name", "gain"),
    [
        ("trapezius left_uv", 1.0),
        ("trapezius left_MV", 1e3),
        ("trapezius left_v", 1e6),
        ("trapezius left (µV)", 1.0),
        ("trapezius left (μV)", 1.0),
        ("trapezius left (uV)", 1.0),
        ("trapezius left(mV)", 1e3),
        ("trapezius left [V]", 1e6),
    ],
)
def test_a_column_says_its_unit(table, name, gain):
    recording = read_recording(table(f"time_s,{name}\n0,1.5\n0.001,2\n"))
    channel = Channel("trapezius left", "uV", gain=gain, step=0.5 * gain)
    assert recording.info.channels == (channel,)
    assert recording.info.sfreq == 1000
    assert values(recording) == [[1.5], [2.0]]
    assert not recording.info.simulated
    assert recording.notes == ()


def test_a_column_without_a_unit_is_counts(table):
    recording = read_recording(table("time_s,jaw\n0,512\n0.001,513\n"))
    assert recording.info.channels == (Channel("jaw"),)


def test_a_unit_is_for_columns_that_say_none(table):
    recording = read_recording(table("time_s,jaw,neck_mv\n0,1,2\n0.001,3,2\n"), unit="mV")
    assert [channel.gain for channel in recording.info.channels] == [1e3, 1e3]
    recording = read_recording(table("time_s,jaw\n0,1\n0.001,3\n"), unit="counts")
    assert recording.info.channels == (Channel("jaw"),)


def test_a_unit_that_contradicts_the_header_is_refused(table):
    with pytest.raises(RecordingError, match="'jaw' says mV and --unit says uV"):
        read_recording(table("time_s,jaw_mv\n0,1\n0.001,3\n"), unit="uV")


def test_a_sensor_is_for_columns_of_counts(table):
    path = table("time_s,jaw,neck_uv\n0,512,1\n0.001,513,2\n")
    jaw, neck = read_recording(path, sensor="myoware-2-raw").info.channels
    assert jaw == make_channel("jaw", SENSORS["myoware-2-raw"])
    assert neck == Channel("neck", "uV", step=neck.step)
    assert read_recording(path, sensor="none").info.channels[0] == Channel("jaw")


def test_counts_beyond_the_converter_of_the_sensor_are_refused(table):
    path = table("time_s,jaw\n0,512\n0.001,2048\n")
    with pytest.raises(RecordingError, match=r"512 to 2048.* 0 to 1023"):
        read_recording(path, sensor="myoware-2-raw")
    esp32 = find_board("esp32")
    channel = read_recording(path, sensor="myoware-2-raw", board=esp32).info.channels[0]
    assert channel == make_channel("jaw", SENSORS["myoware-2-raw"], esp32)


def test_the_mark_of_a_simulated_recording_is_read_and_taken_off(table):
    recording = read_recording(table("time_s,trapezius left (simulated)_uv\n0.0,1.25\n0.001,2.5\n"))
    assert recording.info.simulated
    assert labels(recording) == ["trapezius left"]


def test_the_source_is_called_as_the_user_called_it(table):
    path = table("time_s,a_uv\n0,1\n0.001,2\n")
    assert read_recording(path).info.source == str(path)
    assert read_recording(f"file:{path}").info.source == f"file:{path}"


def test_a_plain_column_needs_a_rate(table):
    path = table("1.5\n2.5\n-3\n", "x.dat")
    with pytest.raises(RecordingError, match=r"has no time_s column: say how fast .* --sfreq 1000"):
        read_recording(path)
    recording = read_recording(path, sfreq=500, unit="mV")
    (channel,) = recording.info.channels
    assert channel == Channel("EMG", "uV", gain=1e3, step=channel.step)
    assert recording.info.sfreq == 500
    assert values(recording) == [[1.5], [2.5], [-3.0]]


@pytest.mark.parametrize("between", [",", ";", "\t", " ", "  "])
def test_plain_columns_are_numbered(table, between):
    path = table(f"1.5{between}4\n2.5{between}5\n", "x.txt")
    recording = read_recording(path, sfreq=1000)
    assert labels(recording) == ["EMG 1", "EMG 2"]
    assert values(recording) == [[1.5, 4.0], [2.5, 5.0]]


def test_a_european_table_reads_right(table):
    text = "sep=;\r\ntime_s;Kaumuskel (mV);Nacken_uv\r\n0,000;-0,5;1,25\r\n0,001;1e-1;2\r\n"
    recording = read_recording(table("\ufeff" + text))
    assert labels(recording) == ["Kaumuskel", "Nacken"]
    assert values(recording) == [[-0.5, 1.25], [0.1, 2.0]]
    assert recording.info.sfreq == 1000


def test_one_column_of_decimal_commas_is_told_from_two_columns(table):
    commas = "-0,30\n0,25\n1,07\n-2,50\n"
    assert values(read_recording(table(commas), sfreq=1000))[0] == [-0.3]
    assert values(read_recording(table("a_mv\n" + commas), sfreq=1000))[0] == [-0.3]
    assert values(read_recording(table("512,498\n510,499\n"), sfreq=1000))[0] == [512, 498]


@pytest.mark.parametrize(
    "text",
    [
        "# made by hand\n# twice\ntime_s,a_uv\n0,1\n0.001,2\n",
        "\ufefftime_s,a_uv\r\n0,1\r\n0.001,2\r\n\r\n",
        "time_s,a_uv,\n0,1,\n0.001,2,\n",
        "time_s,a_uv\n0,1,\n0.001,2,",
        '"time_s","a_uv"\n"0","1"\n"0.001","2"\n',
        "time_s\ta_uv\n0\t1\n0.001\t2\n\n\n",
        "time_s,a_uv\r\r\n0,1\r\r\n0.001,2\r\r\n",
        " time_s , a_uv\n 0 , 1\n 0.001 , 2\n",
    ],
)
def test_what_other_programs_write_around_the_numbers_is_fine(table, text):
    recording = read_recording(table(text))
    assert values(recording) == [[1.0], [2.0]]
    assert recording.info.channels == (Channel("a", "uV", step=1.0),)
    assert recording.notes == ()


def test_a_single_column_with_doubled_line_ends_has_no_gap(table):
    assert starts(read_recording(table("1\n\n2\n\n3\n"), sfreq=1000)) == [(0, 3)]


def test_columns_that_count_or_tell_the_time_are_left_out(table):
    rows = "".join(f"{i},{7 + i},{i / 10},{i * i % 7}\n" for i in range(20))
    recording = read_recording(table("sample,tick,Time (ms),jaw\n" + rows), sfreq=1000)
    assert labels(recording) == ["jaw"]
    assert recording.notes == (
        "The column 'sample' counts samples and is left out.",
        "The column 'tick' only counts up and is left out.",
        "The column 'Time (ms)' is a time, which is read from a column called time_s only and is "
        "left out.",
        COUNTS_HINT,
    )


def test_a_frame_number_that_starts_over_is_left_out(table):
    rows = "".join(f"{i % 16},{i * i % 7}\n" for i in range(40))
    recording = read_recording(table(rows), sfreq=1000)
    assert labels(recording) == ["EMG"]
    assert recording.notes[0] == "The column 'column 1' only counts up and is left out."


def test_columns_of_words_and_of_remarks_are_left_out(table):
    rows = "".join(
        f"{i / 1000},12:00:{i:02d},{i * i % 7},{'' if i else 'start'},{i % 2}\n" for i in range(20)
    )
    recording = read_recording(table("time_s,clock,jaw_uv,said,Marker\n" + rows))
    assert labels(recording) == ["jaw"]
    assert starts(recording) == [(0, 20)]
    assert recording.notes == (
        "The column 'clock' holds words and is left out.",
        "The column 'said' holds words and is left out.",
        "The column 'Marker' holds words and is left out.",
    )


def test_nothing_but_words_is_no_emg(table):
    with pytest.raises(RecordingError, match="no column of EMG"):
        read_recording(table("a,b\nx,y\nz,x\n"), sfreq=1000)


def test_a_last_line_that_is_cut_off_is_left_out(table):
    recording = read_recording(table("time_s,a_uv,b_uv\n0,1,1\n0.001,2,2\n0.002,3"))
    assert values(recording) == [[1, 1], [2, 2]]
    assert recording.notes == ("The last line is cut off and is left out.",)


def test_rows_that_are_empty_at_the_end_are_no_loss(table):
    recording = read_recording(table("a_uv\tb_uv\n1\t2\n3\t4\n\t\n\t\n"), sfreq=1000)
    assert starts(recording) == [(0, 2)]
    assert recording.notes == ()
    recording = read_recording(table("a_uv\tb_uv\n1\t2\n3\t4\n5\t\n\t\n"), sfreq=1000)
    assert recording.notes == ("1 sample is missing (a cell is empty); it counts as a gap.",)


def test_an_empty_column_is_left_out(table):
    recording = read_recording(table("time_s,a_uv,b_uv\n0,1,\n0.001,2,\n"))
    assert labels(recording) == ["a"]
    assert recording.notes == ("The column 'b_uv' is empty and is left out.",)


def test_a_name_that_was_kept_from_being_a_formula_is_read_back(tmp_path):
    info = StreamInfo((Channel("=jaw", "uV"),), 1000.0, "sim:x", simulated=True)
    write_csv(tmp_path / "x.csv", info, [Chunk(0, np.ones((2, 1)))])
    recording = read_recording(tmp_path / "x.csv")
    assert labels(recording) == ["=jaw"]
    assert recording.info.simulated


@pytest.mark.parametrize("missing", ["", " ", "nan", "NaN"])
def test_an_empty_cell_is_a_missing_sample_of_all_channels(table, missing):
    recording = read_recording(
        table(f"time_s,a_uv,b_uv\n0,1,1\n0.001,{missing},2\n0.002,3,{missing}\n0.003,4,4\n")
    )
    assert starts(recording) == [(0, 1), (3, 1)]
    assert values(recording) == [[1, 1], [4, 4]]
    assert recording.notes == ("2 samples are missing (a cell is empty); they count as gaps.",)


def test_a_blank_line_of_a_single_column_is_a_missing_sample(table):
    assert starts(read_recording(table("1\n2\n\n3\n4\n"), sfreq=1000)) == [(0, 2), (3, 2)]


def test_a_row_without_a_time_is_a_missing_sample(table):
    recording = read_recording(table("time_s,a_uv\n0,1\n0.001,1\n,1\n0.003,1\n0.004,1\n"))
    assert starts(recording) == [(0, 2), (3, 2)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time_s,a_uv\n0,1\n0.001\n", "line 3: it has 1 cell and 2 were expected"),
        ("# c\ntime_s,a_uv\n0,1\n0.001,2,3\n", "line 4: it has 3 cells and 2 were expected"),
        ("time_s,a_uv\n0,1,2\n0.001,2,3\n", "line 2: it has 3 cells and 2 were expected"),
        ("time_s,a_uv\n0,1\n\n0.001,oops\n", "line 4: 'oops' is not a number"),
        ("time_s,a_uv\n0,1_0\n0.001,2\n", "line 2: '1_0' is not a number"),
        ("time_s;a_uv\n0;1.234,5\n0,001;2\n", "line 2: '1.234.5' is not a number"),
        ('time_s,a_uv\n0,1\n0.001,"\n0.002,3\n0.003,4\n', "line 3: '0.001,\"' is not a number"),
        ('1\n2\n"\n3\n4\n', "line 3: '\"' is not a number"),
        ("time_s,a_uv\n0,1\n0.002,2\n0.001,3\n", "line 4: time_s is 0.001, before"),
        ("time_s,a_uv\n0,1\n0,1\n0,1\n", "does not move on"),
        ("", "is empty"),
        ("\n\n# nothing\n", "holds no samples"),
        ("time_s,a_uv\n", "has a header and no samples"),
        ("time_s,a_uv\n0,1\n", "fewer than two samples"),
        ("time_s,a_uv,b_uv\n0,,1\n0.001,1,\n", "fewer than two samples"),
        ("time_s\n0\n0.001\n", "no column of EMG"),
        ("time_s,a_uv,a_mv\n0,1,1\n0.001,1,1\n", "2 columns called 'a'"),
        (b"\x00\x01\x02rubbish", "is not text"),
        (bytes(range(128, 256)), "not UTF-8"),
        ("time_s,a (µV)\n0,1\n0.001,2\n".encode("latin-1"), "not UTF-8 text; save it as"),
        ("time_s,a_uv\n0,1\n0.001,2\n".encode("utf-16"), "UTF-16 text; save it as"),
    ],
)
def test_a_bad_table_is_told_in_a_sentence(table, text, said):
    path = table(text)
    with pytest.raises(RecordingError, match=said) as caught:
        read_recording(path, sfreq=None if "time_s" in str(text) else 1000)
    assert str(path) in str(caught.value)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(SourceNotFound, match=r"There is no file nowhere\.csv"):
        read_recording("file:nowhere.csv")


def test_a_folder_and_an_unknown_kind_are_told(tmp_path, table):
    with pytest.raises(RecordingError, match="is a folder"):
        read_recording(tmp_path)
    with pytest.raises(RecordingError, match=r"kind that is not read.*\.csv, .*\.txt"):
        read_recording(table("1\n2\n", "x.mp3"))


@pytest.mark.parametrize("suffix", [".edf", ".h5", ".wav"])
def test_a_table_by_the_name_of_another_kind_is_told(table, suffix):
    with pytest.raises(RecordingError, match=r"not what its name says; .* end in \.csv\."):
        read_recording(table("time_s,a_uv\n0,1\n0.001,2\n", f"x{suffix}"))


@pytest.fixture
def nobody():
    """Be a user who may not read everything, where the tests run as root."""
    if os.geteuid() == 0:
        os.seteuid(65534)
        yield
        os.seteuid(0)
    else:
        yield


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX permissions")
def test_a_file_that_may_not_be_read_is_told(table, request):
    path = table("1\n2\n")
    path.chmod(0)
    request.getfixturevalue("nobody")
    with pytest.raises(RecordingError, match="cannot be read"):
        read_recording(path, sfreq=1000)


@pytest.mark.parametrize("sfreq", [0.0, -1000.0, float("nan"), float("inf")])
def test_a_rate_that_cannot_be_is_refused(table, sfreq):
    with pytest.raises(SettingsError, match=re.escape(f"sfreq is {sfreq:g}")):
        read_recording(table("1\n2\n"), sfreq=sfreq)


def test_unknown_units_and_sensors_are_refused(table):
    with pytest.raises(SettingsError, match="uV, mV, V, counts"):
        read_recording(table("1\n2\n"), unit="kV")
    with pytest.raises(SettingsError, match="no sensor called 'x'"):
        read_recording(table("1\n2\n"), sensor="x")


def test_a_rate_that_contradicts_the_times_is_refused(table):
    path = table("time_s,a_uv\n0,1\n0.001,2\n")
    with pytest.raises(RecordingError, match=r"1000 Hz by its time_s and at 2000 Hz by --sfreq"):
        read_recording(path, sfreq=2000)
    assert read_recording(path, sfreq=1000).info.sfreq == 1000


def test_a_huge_file_of_rubbish_is_refused_by_its_head(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(2**40)  # takes no room on the disk
    before = time.process_time()
    with pytest.raises(RecordingError, match="is not text"):
        read_recording(path)
    assert time.process_time() - before < 1


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(
    rows=st.lists(st.tuples(finite, finite), min_size=2, max_size=60),
    sfreq=st.sampled_from([250.0, 1000.0, 1024.0, 1259.259, 2000.0, 2048.0, 4000.0]),
)
@example(rows=[(1.7e308, -1.7e308), (-1.7e308, 1.7e308)], sfreq=1000.0)
def test_numbers_written_as_python_shows_them_are_read_bit_for_bit(tmp_path_factory, rows, sfreq):
    path = Path(tmp_path_factory.mktemp("csv")) / "x.csv"
    samples = np.array(rows)
    info = StreamInfo((Channel("a", "uV"), Channel("b", "uV")), sfreq, "sim:x")
    write_csv(path, info, [Chunk(0, samples)])
    recording = read_recording(path)
    assert recording.info.sfreq == sfreq
    assert starts(recording) == [(0, len(samples))]
    assert np.array_equal(first(recording).samples, samples)


@given(
    runs=st.lists(st.tuples(st.integers(1, 9), st.integers(20, 400)), min_size=1, max_size=5),
    sfreq=st.sampled_from([500.0, 1000.0, 1259.259, 2000.0]),
)
def test_gaps_are_read_back_where_they_were(tmp_path_factory, runs, sfreq):
    path = Path(tmp_path_factory.mktemp("csv")) / "x.csv"
    chunks, at = [], 0
    for gap, length in runs:
        at += gap if chunks else 0
        chunks.append(Chunk(at, np.arange(at, at + length, dtype=float)[:, None] ** 2))
        at += length
    write_csv(path, StreamInfo((Channel("a", "uV"),), sfreq, "x"), chunks)
    recording = read_recording(path)
    assert starts(recording) == [(chunk.start, len(chunk.samples)) for chunk in chunks]
    assert recording.info.sfreq == sfreq
