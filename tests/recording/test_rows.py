import errno
import itertools
import os
import tracemalloc

import numpy as np
import pytest

from biofeedback.errors import BiofeedbackError, RecordingError
from biofeedback.recording import spool as spool_module
from biofeedback.recording.formats import read_recording
from biofeedback.recording.spool import Spool
from biofeedback.recording.tables import rows as rows_module
from biofeedback.recording.tables.layout import find_layout
from biofeedback.recording.tables.rows import Rows

SOUND = "".join(f"{i / 1000:.3f},{i * i % 17},{i * i % 23}.5\n" for i in range(40))
TABLES = [
    "time_s,a_uv,b_mv\n" + SOUND,
    "\n\n# comment\n\ntime_s,a_uv,b_mv\n" + SOUND.replace("\n", "\n\n"),
    "time_s;a_uv;b_mv\r\n" + SOUND.replace(",", ";").replace(".", ",").replace("\n", "\r\n"),
    "time_s,a_uv,b_mv\n" + SOUND.replace(",1,", ",,").replace("0.007", ""),
    "time_s,a_uv,b_mv,\n" + SOUND.replace("\n", ",\n") + "\n\n  \n",
    "1\n2\n\n3\n\n\n4\n \n5\n\n\n",
    "1\n\n2\n\n3\n\n4\n",
    "1 2\n3 4\n\n5 6\n7",
    "time_s\ta_uv\n0\t1\n\t\n0.002\t3\n0.003\t4\n0.004\t",
    "time_s,a_uv\n" + SOUND,
    "time_s,a_uv,b_mv\n" + SOUND.replace("0.031", "0.011"),
    "time_s,a_uv,b_mv\n" + SOUND.replace("0.020", "0.O20"),
    "time_s,a_uv,b_mv\n" + SOUND + "0.040,1",
]


def outcome(path):
    try:
        recording = read_recording(path, sfreq=1000)
    except BiofeedbackError as error:
        return str(error)
    chunks = list(recording.chunks)
    index = [i for chunk in chunks for i in range(chunk.start, chunk.stop)]
    values = [chunk.samples.tolist() for chunk in chunks]
    info = (recording.info, recording.stop, recording.notes)
    return info, index, list(itertools.chain.from_iterable(values))


@pytest.mark.parametrize("text", TABLES)
def test_a_table_reads_the_same_however_it_is_cut_into_blocks(tmp_path, monkeypatch, text):
    path = tmp_path / "x.csv"
    path.write_text(text, newline="")
    whole = outcome(path)
    for block in (1, 2, 5, 17, 64, 300):
        monkeypatch.setattr(rows_module, "_BLOCK", block)
        monkeypatch.setattr(spool_module, "_BYTES_IN_MEMORY", 100)
        assert outcome(path) == whole


def test_a_row_knows_its_line_in_every_block(tmp_path, monkeypatch):
    monkeypatch.setattr(rows_module, "_BLOCK", 10)
    text = "# c\n\na,b\n\n" + "1,2\n\n \n3,4\n" * 20
    path = tmp_path / "x.csv"
    path.write_text(text)
    table = Rows(path, find_layout(text, where="x"), where="x")
    lines = text.split("\n")
    assert [lines[table.line_of(row) - 1] for row in range(40)] == ["1,2", "3,4"] * 20
    with pytest.raises(IndexError):
        table.line_of(40)


@pytest.fixture
def long_table(tmp_path):
    path = tmp_path / "x.csv"
    rows = (
        f"{i / 2000:.4f},{i * i % 997}.25,{i * 7 % 1009}.5,{i % 91}.125\n" for i in range(90_000)
    )
    path.write_text("time_s,a_uv,b_uv,c_uv\n" + "".join(rows))
    return path


def test_a_table_may_be_larger_than_the_memory(long_table, monkeypatch):
    monkeypatch.setattr(rows_module, "_BLOCK", 2**15)
    monkeypatch.setattr(spool_module, "_BYTES_IN_MEMORY", 2**18)
    monkeypatch.setattr("biofeedback.recording.tables.timing._TIMES_TO_TELL_BY", 10_000)
    monkeypatch.setattr("biofeedback.recording.rails._LOOKED_AT", 5_000)
    tracemalloc.start()
    try:
        recording = read_recording(long_table)
        count = sum(len(chunk.samples) for chunk in recording.chunks)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 90_000
    # The numbers alone are 2.9 MB, the text 2.4 MB.
    assert peak < 1_700_000


def test_chunks_can_be_gone_through_again_and_side_by_side(long_table, monkeypatch):
    monkeypatch.setattr(rows_module, "_BLOCK", 2**15)
    monkeypatch.setattr(spool_module, "_BYTES_IN_MEMORY", 2**16)
    chunks = read_recording(long_table).chunks
    for one, other in zip(chunks, chunks, strict=True):
        assert one.start == other.start
        assert (one.samples == other.samples).all()
        one.samples[:] = 0  # they are the reader's own
        assert other.samples.any()


def test_more_text_than_is_read_is_told_by_its_size(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("time_s,a_uv\n" + "".join(f"{i / 1000:.3f},{i % 7}\n" for i in range(10_000)))
    os.truncate(path, 10_000_000_000)  # takes no room on the disk
    with pytest.raises(RecordingError, match=r"is 10 GB of text, and 4 GB are read at the most"):
        read_recording(path)


@pytest.mark.parametrize("text", ["1" * 3000, "1,2\n" + "3" * 3000, "1,2\n" + "\n" * 3000 + "3,4"])
def test_what_has_no_lines_is_no_table(tmp_path, monkeypatch, text):
    monkeypatch.setattr(rows_module, "_BLOCK", 100)
    monkeypatch.setattr(rows_module, "_LONGEST_LINE", 1000)
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(RecordingError, match="1000 characters of it in a row hold no"):
        read_recording(path, sfreq=1000)


def test_a_byte_that_is_no_text_is_told_wherever_it_stands(long_table):
    with long_table.open("ab") as file:
        file.write(b"45.0000,1,2,\xb5\n")
    with pytest.raises(RecordingError, match="not UTF-8"):
        read_recording(long_table)


def test_a_disk_that_is_full_is_told(monkeypatch):
    spool = Spool(where="x.csv")

    def fail(_content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(spool._file, "write", fail)
    with pytest.raises(RecordingError, match=r"x\.csv .* no room to unpack it in .* TMPDIR\."):
        spool.append(np.ones((2, 2)))


def test_a_spool_gives_back_its_blocks_and_its_columns():
    spool = Spool(where="x.csv")
    blocks = [np.arange(6.0).reshape(3, 2), np.arange(8.0).reshape(4, 2)]
    for block in blocks:
        spool.append(block)
    assert [block.tolist() for block in spool] == [block.tolist() for block in blocks]
    column = spool.column(1)
    for _again in range(2):
        assert [part.tolist() for part in column] == [[1, 3, 5], [1, 3, 5, 7]]
