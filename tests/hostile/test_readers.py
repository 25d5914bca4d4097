"""Whatever the bytes are: every decoder and reader takes them, or ends in a sentence."""

import json

import numpy as np
import pytest
from fuzzing import NAMES
from fuzzing.corpus import SEEDS
from fuzzing.targets import PARTING, TARGETS, check_sentence, csv, toml, wire
from hypothesis import given, settings
from hypothesis import strategies as st

from biofeedback.errors import RecordingError, SettingsError
from biofeedback.recording.binary.xdf_times import StampedTimes
from biofeedback.recording.formats import read_recording
from biofeedback.settings import load_settings
from biofeedback.sources.scenario import read_scenario
from biofeedback.wire.native import NativeDecoder, encode_frame
from biofeedback.wire.text import TextDecoder

# Words that mean something to one reader or another.
WORDS = [b"\0", b"\n", b"\r\n", b",", b";", b"\t", b'"', b"-1", b"nan", b"1e400", b"9" * 20]
WORDS += [b"\xff\xfe", b"\xef\xbb\xbf", b"#", b"=", b"[[", b"{", b"\x14", b"\x15", b"\xff" * 8]
WORDS += [b"\x7f\xff\xff\xff", b"\0" * 8, PARTING]


def test_every_target_has_something_to_start_from():
    assert tuple(TARGETS) == tuple(SEEDS)
    assert set(TARGETS) == set(NAMES)


@st.composite
def damaged(draw, seeds):
    """Draw a file of `seeds` that was cut, joined, overwritten or flipped in a few places."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _change in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.integers(0, 4)):
            case 0:
                data[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case 1:
                del data[at : at + draw(st.integers(1, 64))]
            case 2:
                data[at:at] = draw(st.sampled_from(WORDS))
            case 3:
                word = draw(st.sampled_from(WORDS))
                data[at : at + len(word)] = word
            case 4:
                del data[at:]
    return bytes(data)


# libhdf5 loops and crashes where it runs: it has a process of its own, in tests/recording.
@pytest.mark.parametrize("name", [name for name in TARGETS if name != "hdf5"])
def test_damage_ends_in_a_sentence(name):
    target = TARGETS[name]

    @settings(max_examples=80, deadline=None, derandomize=True, database=None)
    @given(damaged(list(SEEDS[name]())))
    def take(data):
        target(data)

    take()


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=600))
def test_noise_is_taken(data):
    wire(data)
    csv(data)
    toml(data)


@pytest.mark.parametrize(
    ("name", "least"),
    {
        "edf": 8,
        "csv": 9,
        "exports": 8,
        "xdf": 4,
        "wav": 6,
        "wfdb": 5,
        "bids": 2,
        "toml": 13,
        "days": 2,
        "heart": 2,
    }.items(),
)
def test_what_the_damage_is_done_to_is_whole(name, least):
    assert sum(TARGETS[name](seed) for seed in SEEDS[name]()) >= least


# What the fuzzing found, each once.


def test_a_time_that_is_a_word_is_told_with_its_line(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("time_s,EMG_uv\n0.0.009,2\n0.1,3\n", encoding="utf-8")
    with pytest.raises(RecordingError, match=r"line 2: '0\.0\.009' is not a number"):
        read_recording(path)


def test_stamps_that_stand_still_or_go_back_are_told():
    for step_s in (0.0, -0.01):
        times = StampedTimes(100.0)
        for k in range(100):
            times.feed(_stamps(k, step_s))
        with pytest.raises(RecordingError, match="time stamps do not move on"):
            times.runs("x.xdf")


def _stamps(chunk, step_s):
    return 5.0 + step_s * (10 * chunk + np.arange(10))


def test_garbage_without_a_mark_is_one_corrupt_frame_however_it_is_cut():
    frame = encode_frame(bytes([1, 0, 0, 0, 0, 0, 0, 9, 0]))
    stream = frame + b"\x07" * 3000 + frame
    for size in (1, 100, len(stream)):
        decoder = NativeDecoder()
        for at in range(0, len(stream), size):
            decoder.feed(stream[at : at + size])
        assert decoder.corrupt_frames == 2  # and the frame that came twice


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_tab_before_a_colon_is_no_label_however_it_is_cut(size):
    lines = b"\n" + b"a:1,b:2\n" * 5 + b"a:3,b\t:4\n" * 2 + b"a:5,b:6\n"
    decoder = TextDecoder()
    chunks = [c for at in range(0, len(lines), size) for c in decoder.feed(lines[at : at + size])]
    assert sum(len(chunk.samples) for chunk in chunks) == 6
    assert decoder.corrupt_frames == 2


def test_a_number_of_thousands_of_digits_is_told(tmp_path):
    path = tmp_path / "x.txt"
    said = json.dumps({"a": {"sampling rate": "?"}}).replace('"?"', "9" * 6000)
    path.write_text(
        f"# OpenSignals Text File Format\n# {said}\n# EndOfHeader\n1\t2\n", encoding="utf-8"
    )
    with pytest.raises(RecordingError, match="description in its header cannot be read"):
        read_recording(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed = " + "9" * 10_000, "thousands of digits"),
        ("a = " + "[" * 20_000, "nested too deeply"),
        ("a" + ".a" * 50_000 + " = 1", "too many parts"),
        ("x = {a" + ".'b c'" * 5000 + " = 1}", "too many parts"),
    ],
    ids=["digits", "brackets", "dots", "inline"],
)
def test_toml_that_would_fill_the_memory_is_told(tmp_path, text, said):
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=said) as settings_error:
        load_settings(path)
    with pytest.raises(SettingsError, match=said) as scenario_error:
        read_scenario(text, name="x", where="x.toml")
    check_sentence(settings_error.value)
    check_sentence(scenario_error.value)
