import json

import numpy as np
import pytest

from biofeedback.boards import COUNTS_HINT
from biofeedback.errors import RecordingError
from biofeedback.recording.formats import read_recording
from biofeedback.stream import Channel

DEVICE = {
    "sensor": ["EMG", "XYZ", "EMG"],
    "column": ["nSeq", "DI", "CH1", "CH2", "CH3"],
    "label": ["CH1", "CH2", "CH3"],
    "resolution": [16, 16, 8],
    "sampling rate": 1000,
    "device": "biosignalsplux",
}


@pytest.fixture
def opensignals(tmp_path):
    def write(rows, *, header=None, **changes):
        device = {k: v for k, v in (DEVICE | changes).items() if v is not None}
        described = json.dumps({"00:07:80": device}) if header is None else header
        text = f"# OpenSignals Text File Format\n# {described}\n# EndOfHeader\n"
        text += "".join("\t".join(map(str, row)) + "\t\n" for row in rows)
        path = tmp_path / "x.txt"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def rows(numbers):
    return [(n, 0, 32768 + i, 0, 128 + i) for i, n in enumerate(numbers)]


def first(recording):
    return next(iter(recording.chunks))


def starts(recording):
    return [(chunk.start, len(chunk.samples)) for chunk in recording.chunks]


def test_emg_channels_have_the_transfer_of_their_own_resolution(opensignals):
    recording = read_recording(opensignals(rows(range(20))))
    assert [channel.label for channel in recording.info.channels] == ["CH1", "CH3"]
    assert recording.notes == ("CH2 (XYZ) is not EMG and is left out.",)
    fine, coarse = recording.info.channels
    counts = first(recording).samples
    assert counts.shape == (20, 2)
    microvolts = counts * [fine.gain, coarse.gain] + [fine.offset, coarse.offset]
    np.testing.assert_allclose(microvolts[:, 0], (counts[:, 0] / 2**16 - 0.5) * 3000)
    np.testing.assert_allclose(microvolts[:, 1], (counts[:, 1] / 2**8 - 0.5) * 3000)
    assert coarse.step == pytest.approx(11.72, abs=0.01)
    assert coarse.rails == (2, 253)


def test_a_bitalino_has_its_own_transfer(opensignals):
    path = opensignals(
        [(i % 16, 0, 512) for i in range(40)],
        sensor=["EMG"],
        column=["nSeq", "I1", "A1"],
        label=["A1"],
        resolution=[4, 1, 10],
        device="bitalino_rev",
    )
    (channel,) = read_recording(path).info.channels
    assert channel.gain == pytest.approx(3.3 / 1024 / 1009 * 1e6)


@pytest.mark.parametrize(
    "numbers",
    [
        range(3, 40),
        [n % 16 for n in range(3, 60)],
        [n % 65_536 for n in range(65_500, 65_600)],
        [0] * 40,
        [n % 2 for n in range(40)],
    ],
)
def test_frame_numbers_without_a_loss_make_one_run(opensignals, numbers):
    recording = read_recording(opensignals(rows(numbers)))
    assert starts(recording) == [(0, len(numbers))]
    assert len(recording.notes) == 1


@pytest.mark.parametrize("wrap", [16, 256, 65_536])
def test_a_jump_of_the_frame_number_is_a_gap(opensignals, wrap):
    at = [*range(20), *range(25, 60), *range(66, 600)]
    recording = read_recording(opensignals(rows(n % wrap for n in at)[:100]))
    assert starts(recording) == [(0, 20), (25, 35), (66, 45)]


def test_frame_numbers_out_of_order_are_told(opensignals):
    recording = read_recording(opensignals(rows([5, 6, 6, 9, 2000, 3, 3])))
    assert starts(recording) == [(0, 7)]
    assert "out of order" in recording.notes[-1]


def test_a_frame_number_that_is_missing_is_told(opensignals):
    numbers = [*range(16), "", *range(1, 16)]
    recording = read_recording(opensignals(rows(numbers)))
    assert starts(recording) == [(0, 32)]
    assert "out of order" in recording.notes[-1]


BITALINO = {
    "sensor": ["RAW"],
    "column": ["nSeq", "I1", "I2", "O1", "O2", "A1"],
    "label": ["A1"],
    "resolution": [4, 1, 1, 1, 1, 10],
    "device": "bitalino",
}
BITALINO_ROWS = [(i % 16, 1, 1, 1, 0, 505 + i % 3) for i in range(40)]


@pytest.mark.parametrize("sensor", ["EMG", "EMGBITREV"])
def test_the_emg_of_a_bitalino_goes_by_either_name(opensignals, sensor):
    recording = read_recording(opensignals(BITALINO_ROWS, **BITALINO | {"sensor": [sensor]}))
    (channel,) = recording.info.channels
    assert channel.gain == pytest.approx(3.3 / 1024 / 1009 * 1e6)
    assert starts(recording) == [(0, 40)]
    assert recording.notes == ()


def test_a_bitalino_channel_of_six_bits_has_its_own_step(opensignals):
    rows = [(i % 16, 1, 1, 1, 0, 30 + i % 3) for i in range(40)]
    changes = BITALINO | {"sensor": ["EMG"], "resolution": [4, 1, 1, 1, 1, 6]}
    (channel,) = read_recording(opensignals(rows, **changes)).info.channels
    assert channel.gain == pytest.approx(3.3 / 64 / 1009 * 1e6)
    assert channel.rails == (2, 61)


def test_a_channel_of_which_nothing_is_said_is_counts_until_its_sensor_is_named(opensignals):
    path = opensignals(BITALINO_ROWS, **BITALINO)
    recording = read_recording(path)
    assert recording.info.channels == (Channel("A1"),)
    assert recording.notes == (COUNTS_HINT,)
    (channel,) = read_recording(path, sensor="bitalino").info.channels
    assert channel.gain == pytest.approx(3.3 / 1024 / 1009 * 1e6)
    (channel,) = read_recording(path, sensor="myoware-2-raw").info.channels
    assert channel.gain == pytest.approx(3.3 / 1023 / 200 * 1e6)
    assert read_recording(path, sensor="none").info.channels == (Channel("A1"),)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"header": "{broken"}, "description in its header cannot be read"),
        ({"header": "{}"}, "holds 0 devices"),
        ({"header": '{"a": {}, "b": {}}'}, "holds 2 devices"),
        ({"header": '{"a": 1}'}, "describes no device"),
        ({"sensor": None}, "no 'sensor'"),
        ({"column": None}, "no 'column'"),
        ({"column": [1, 2]}, "no 'column'"),
        ({"resolution": None}, "no 'resolution'"),
        ({"resolution": [16]}, "unlike numbers"),
        ({"resolution": [16, 16, 99]}, "unlike numbers"),
        ({"sampling rate": None}, "sampling rate of None"),
        ({"sampling rate": -5}, "sampling rate of -5"),
        ({"sensor": ["ECG", "XYZ", "EDA"]}, "holds no EMG, only ECG, XYZ, EDA"),
        ({"convertedValues": 1}, "converted values"),
    ],
)
def test_a_bad_header_is_told_in_a_sentence(opensignals, changes, said):
    with pytest.raises(RecordingError, match=said):
        read_recording(opensignals(rows(range(20)), **changes))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ((7, 0, 0.25, 0, 128), r"line 11: 0\.25 in CH1 is no count of 16 bits"),
        ((7, 0, 32768, 0, 300), "line 11: 300 in CH3 is no count of 8 bits"),
        ((7, 0, -1, 0, 128), "line 11: -1 in CH1"),
        ((7, 0, 32768), "line 11: it has 3 cells and 5 were expected"),
        ((7, 0, "x", 0, 128), "line 11: 'x' is not a number"),
    ],
)
def test_a_row_that_is_no_count_is_named(opensignals, row, said):
    broken = rows(range(20))
    broken[7] = row
    with pytest.raises(RecordingError, match=said):
        read_recording(opensignals(broken))


def test_a_header_without_end_and_a_file_without_rows_are_told(opensignals, tmp_path):
    path = tmp_path / "y.txt"
    path.write_text("# OpenSignals Text File Format\n# {}\n1\t2\n", encoding="utf-8")
    with pytest.raises(RecordingError, match="EndOfHeader"):
        read_recording(path)
    with pytest.raises(RecordingError, match="holds no samples"):
        read_recording(opensignals([]))


def test_what_contradicts_the_header_is_refused(opensignals):
    path = opensignals(rows(range(20)))
    with pytest.raises(RecordingError, match="1000 Hz by its header and at 2000 Hz by --sfreq"):
        read_recording(path, sfreq=2000)
    with pytest.raises(RecordingError, match="counts by its header and mV by --unit"):
        read_recording(path, unit="mV")
    assert read_recording(path, sfreq=1000, unit="counts").info.sfreq == 1000
