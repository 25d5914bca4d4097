from pathlib import Path

import numpy as np
import pytest
import scipy.signal

from biofeedback.boards import COUNTS_HINT
from biofeedback.errors import RecordingError
from biofeedback.recording.formats import read_recording

DATA = Path(__file__).parent.parent / "data"


def labels(recording):
    return [channel.label for channel in recording.info.channels]


def starts(recording):
    return [(chunk.start, len(chunk.samples)) for chunk in recording.chunks]


def microvolts(recording, label):
    place = labels(recording).index(label)
    channel = recording.info.channels[place]
    assert channel.unit == "uV"
    counts = np.concatenate([chunk.samples[:, place] for chunk in recording.chunks])
    return counts * channel.gain + channel.offset


def rms(recording, label, start_s, stop_s):
    """Filter as the shared figures were: 20-450 Hz, order 4, both ways, the mean removed."""
    sfreq = recording.info.sfreq
    signal = microvolts(recording, label)
    band = scipy.signal.butter(4, [20, 450], "bandpass", fs=sfreq, output="sos")
    filtered = scipy.signal.sosfiltfilt(band, signal - signal.mean())
    return np.sqrt(np.mean(filtered[round(start_s * sfreq) : round(stop_s * sfreq)] ** 2))


@pytest.fixture
def changed(tmp_path):
    """Write a file of the test data with pieces of its text replaced."""

    def write(name, *changes, suffix=None):
        text = (DATA / name).read_bytes().decode()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path = (tmp_path / name).with_suffix(suffix or Path(name).suffix)
        path.write_bytes(text.encode())
        return path

    return write


def test_a_datalog_reads_the_microvolts_that_others_found():
    recording = read_recording(DATA / "uci_5Nsen.txt")
    assert labels(recording) == ["RF", "BF", "VM", "ST"]
    assert recording.info.sfreq == 1000
    assert recording.notes == ("FX (deg) is not said to be EMG and is left out.",)
    assert starts(recording) == [(0, 3000)]
    assert rms(recording, "RF", 1.3, 2.2) == pytest.approx(55.90, rel=2e-3)


def test_a_datalog_without_a_slower_channel_needs_a_rate(changed):
    path = changed("uci_5Nsen.txt", (", extrapolated from 50 to 1000 samples per second", ""))
    with pytest.raises(RecordingError, match=r"does not tell how fast .* --sfreq 1000"):
        read_recording(path)
    assert read_recording(path, sfreq=1000).info.sfreq == 1000


def test_a_motion_capture_reads_the_microvolts_that_others_found():
    recording = read_recording(DATA / "pyomeca_analogs.csv")
    assert labels(recording) == ["Imported Analog EMG - Voltage 1", "EMG6", "IM EMG12"]
    assert recording.info.sfreq == 2000
    assert recording.notes == ("EMG12 is 0 throughout, as if not plugged in, and is left out.",)
    assert rms(recording, "EMG6", 0.4, 1.0) == pytest.approx(301.3, rel=2e-3)


def test_a_section_after_the_devices_is_not_read(tmp_path):
    text = (DATA / "pyomeca_analogs.csv").read_bytes()
    for after in (b"\r\nTrajectories\r\n100\r\n,x\r\n", b",,,,,\r\nModel Outputs\r\n1,2,3\r\n"):
        path = tmp_path / "x.csv"
        path.write_bytes(text + after)
        assert read_recording(path).stop == 2800


def test_channels_of_two_devices_with_one_name_bear_that_of_the_device(changed):
    recording = read_recording(changed("pyomeca_analogs.csv", ("IM EMG12", "EMG6")))
    assert labels(recording)[1:] == [
        "Imported Delsys Trigno EMG 2.0 - Sensor 6 EMG6",
        "Imported Delsys Trigno IMU EMG 2.0 - Sensor 12 EMG6",
    ]


def test_what_is_not_in_volts_is_left_out(changed):
    moved = ("IM EMG12", "IM ACC12")
    recording = read_recording(changed("pyomeca_analogs.csv", moved, ("V,V,V,V", "V,V,V,g")))
    assert labels(recording) == ["Imported Analog EMG - Voltage 1", "EMG6"]
    assert recording.notes[0] == "IM ACC12 (g) is not said to be EMG and is left out."
    others = [("EMG6,EMG12,IM EMG12", "Fx,Fy,Fz"), ("Analog EMG", "Plate"), ("V,V,V,V", "N,N,N,N")]
    with pytest.raises(RecordingError, match="holds no EMG, only "):
        read_recording(changed("pyomeca_analogs.csv", *others))


def test_of_channels_with_rates_of_their_own_the_emg_is_read_at_its_own():
    recording = read_recording(DATA / "trigno.csv")
    assert labels(recording) == ["Mini sensor 10: EMG 10", "Mini sensor 11: EMG 11"]
    assert recording.info.sfreq == 1259.259
    assert starts(recording) == [(0, 1000)]
    rows = (DATA / "trigno.csv").read_text("utf-8").split("\n")[-1001:-1]
    volts = [float(row.split(",")[1]) for row in rows]
    np.testing.assert_allclose(
        microvolts(recording, "Mini sensor 10: EMG 10"), np.array(volts) * 1e6
    )
    (note,) = recording.notes
    assert note.startswith("Mini sensor 10: ACC.X 10 (g), ")
    assert note.endswith(" are not said to be EMG and are left out.")


def test_emg_at_two_rates_is_told(changed):
    second = "EMG 11 Sampling frequency: 1.259259e+003"
    path = changed("trigno.csv", (second, second.replace("1.259259", "1.111111")))
    recording = read_recording(path)
    assert labels(recording) == ["Mini sensor 10: EMG 10"]
    assert recording.notes[1] == (
        "Mini sensor 11: EMG 11 (1111.11 Hz) is not sampled at 1259.26 Hz as the others are and is "
        "left out."
    )


def test_times_that_contradict_the_header_are_told(changed):
    path = changed("trigno.csv", *[("1.259259e+003", "2.000000e+003")] * 2)
    with pytest.raises(RecordingError, match=r"it says 2000 Hz and the times 1259\.26 Hz"):
        read_recording(path)


def test_what_the_openbci_gui_wrote_is_read_and_lost_frames_are_gaps():
    recording = read_recording(DATA / "openbci.txt")
    assert labels(recording) == [f"EXG Channel {n}" for n in range(8)]
    assert recording.info.sfreq == 250
    assert not recording.info.simulated
    assert starts(recording) == [(0, 200), (205, 135)]
    (note,) = recording.notes
    assert note.startswith("Accel Channel 0 (g), ")
    row = (DATA / "openbci.txt").read_text("utf-8").split("\n")[5]
    first = next(iter(recording.chunks)).samples[0]
    assert first.tolist() == [float(cell) for cell in row.split(",")[1:9]]
    assert {channel.gain for channel in recording.info.channels} == {1.0}


def test_the_synthetic_board_of_the_openbci_gui_is_marked_as_simulated(changed):
    path = changed("openbci.txt", ("BoardCytonSerial", "BoardBrainFlowSynthetic"))
    assert read_recording(path).info.simulated


def openbci(tmp_path, numbers):
    text = "%OpenBCI Raw EEG Data\n%Number of channels = 2\n%Sample Rate = 250.0 Hz\n%\n"
    rows = (f"{n}, {i % 7}.5, {i % 5}.25, 0.0, 0.0, 0.0, 15:31:23\n" for i, n in enumerate(numbers))
    path = tmp_path / "x.txt"
    path.write_text(text + "".join(rows))
    return path


@pytest.mark.parametrize(("wrap", "step"), [(256, 1), (255, 1), (256, 2)])
def test_frames_are_counted_as_the_board_does(tmp_path, wrap, step):
    at = np.delete(np.arange(1500), [100, 101, 900])
    recording = read_recording(openbci(tmp_path, at * step % wrap))
    assert starts(recording) == [(0, 100), (102, 798), (901, 599)]
    assert labels(recording) == ["EXG Channel 0", "EXG Channel 1"]


def test_frames_that_are_out_of_order_are_told(tmp_path):
    recording = read_recording(openbci(tmp_path, [n // 2 for n in range(300)]))
    assert starts(recording) == [(0, 300)]
    assert recording.notes == (
        "The frame numbers (Sample Index) are out of order: lost samples are not seen.",
    )


def simple_text(tmp_path, header, rows="2055.0\n2056.0\n2054.0\n"):
    path = tmp_path / "emg.txt"
    path.write_text(f"# Simple Text Format\n{header}{rows}")
    return path


def test_counts_of_unknown_gain_stay_counts(tmp_path):
    header = "# Sampling Rate (Hz):= 1000.00\n# Resolution:= 12\n# Labels:= EMG\n"
    recording = read_recording(simple_text(tmp_path, header))
    (channel,) = recording.info.channels
    assert (channel.label, channel.unit, channel.gain) == ("EMG", "counts", 1.0)
    assert recording.info.sfreq == 1000
    assert recording.notes == (COUNTS_HINT,)


def test_simple_text_of_two_channels_has_their_labels(tmp_path):
    header = "# Sampling Rate (Hz):= 500\n# Labels:= jaw\tneck\n"
    recording = read_recording(simple_text(tmp_path, header, "1\t2\n3\t4\n"), unit="mV")
    assert labels(recording) == ["jaw", "neck"]
    assert microvolts(recording, "neck").tolist() == [2000, 4000]
    assert recording.notes == ()


def test_labels_that_are_not_as_many_as_the_columns_are_told(tmp_path):
    header = "# Sampling Rate (Hz):= 500\n# Labels:= jaw\tneck\n"
    with pytest.raises(RecordingError, match="line 4: it has 1 cell and 2 were expected"):
        read_recording(simple_text(tmp_path, header))


HEADERS = {
    "uci_5Nsen.txt": "to 1000 samples",
    "pyomeca_analogs.csv": "\r\n2000,",
    "trigno.csv": "1.259259e+003",
    "openbci.txt": "= 250 Hz",
}


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("rate", ["0", "-1000", "nan", "1e999", "fast"])
def test_a_rate_that_cannot_be_is_told(changed, name, rate):
    told = HEADERS[name]
    number = next(word for word in ("1.259259e+003", "1000", "2000", "250") if word in told)
    path = changed(name, (told, told.replace(number, rate)))
    with pytest.raises(RecordingError, match=f"it says a sampling rate of '{rate}'"):
        read_recording(path)


@pytest.mark.parametrize("name", HEADERS)
def test_a_rate_or_a_unit_of_the_user_that_contradicts_the_header_is_refused(name):
    with pytest.raises(RecordingError, match="Hz by its header and at 777 Hz by --sfreq"):
        read_recording(DATA / name, sfreq=777)
    with pytest.raises(RecordingError, match=r"in [umV]+ by the file and in counts by --unit"):
        read_recording(DATA / name, unit="counts")


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("suffix", [".csv", ".txt", ".dat", ".log", ".edf"])
def test_an_export_is_told_by_what_it_opens_with(changed, name, suffix):
    recording = read_recording(changed(name, suffix=suffix))
    assert labels(recording) == labels(read_recording(DATA / name))


@pytest.mark.parametrize("name", HEADERS)
def test_a_last_line_that_is_cut_off_is_left_out(tmp_path, name):
    lines = (DATA / name).read_bytes().rstrip().split(b"\n")[:-1]
    path = tmp_path / name
    path.write_bytes(b"\n".join(lines)[:-1])
    whole = read_recording(path)
    last = lines[-1][: len(lines[-1]) // 12]
    path.write_bytes(b"\n".join([*lines[:-1], last]))
    recording = read_recording(path)
    assert recording.notes == ("The last line is cut off and is left out.", *whole.notes)
    assert recording.stop == whole.stop - 1


BROKEN = [
    ("uci_5Nsen.txt", ("Channel 1", "Kanal 1"), "it names no channel"),
    ("pyomeca_analogs.csv", ("Frame,", "Bild,"), "do not begin with Frame and Sub Frame"),
    ("trigno.csv", ("\nX[s]", "\nY[s]"), "its channels or their columns are not named"),
    ("trigno.csv", ('X[s],"Mini sensor 10: EMG 10",', "X[s]\n"), "more channels than there are"),
    ("openbci.txt", ("Sample Index", "Index"), "line 5: "),
]


@pytest.mark.parametrize(("name", "change", "said"), BROKEN)
def test_a_broken_header_is_told_in_a_sentence(changed, name, change, said):
    path = changed(name, change)
    with pytest.raises(RecordingError, match=said) as caught:
        read_recording(path)
    assert str(path) in str(caught.value)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
