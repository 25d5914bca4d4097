import json
import os
import sys
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import scipy

from biofeedback.cli import main

DATA = Path(__file__).parents[1] / "data"
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")


def checked(capsys: pytest.CaptureFixture[str], *words: str, code: int) -> list[dict]:
    """Return the channels of the object that `check` prints."""
    assert main(["check", *words, "--json"]) == code
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    found = json.loads(out)
    assert set(found) == {"ok", "channels"}
    assert found["ok"] is (code == 0)
    for channel in found["channels"]:
        assert set(channel) >= {"label", "findings"}
        for finding in channel["findings"]:
            assert set(finding) >= {"flag", "advice"}
            assert finding["advice"].endswith(".")
    return found["channels"]


def flags(channel: dict) -> list[str]:
    return [finding["flag"] for finding in channel["findings"]]


@pytest.mark.parametrize(
    ("scenario", "code", "expected"),
    [
        ("rest", 0, []),
        ("tense", 0, []),
        ("bursts", 0, []),
        ("relaxing", 0, []),
        ("ecg", 0, ["ecg"]),
        ("hum", 3, ["mains"]),
        ("lead-off", 3, ["electrode_off", "saturated"]),
        ("motion", 3, ["motion"]),
        ("uno-10-bit", 0, []),
    ],
)
def test_each_scenario_is_told_for_what_it_is(capsys, scenario, code, expected):
    (channel,) = checked(capsys, f"sim:{scenario}", code=code)
    assert flags(channel) == expected


def test_the_hum_is_told_in_microvolts_with_what_to_do(capsys):
    (channel,) = checked(capsys, "sim:hum", code=3)
    (finding,) = channel["findings"]
    assert finding["uv"] == pytest.approx(np.hypot(20, 4), rel=0.05)
    assert "Unplug the charger" in finding["advice"]
    assert channel["rest_uv"] == pytest.approx(20.5, rel=0.05)


def test_two_channels_are_told_one_by_one(capsys):
    channels = checked(capsys, "sim:cervical-dystonia", code=0)
    labels = [channel["label"] for channel in channels]
    assert labels == ["splenius left", "sternocleidomastoid right"]


def test_ten_bits_that_are_blind_at_rest_are_told_and_pass(capsys, tmp_path):
    path = tmp_path / "uno.toml"
    converter = 'sensor = "myoware-2-raw"\nboard = "uno"\n[[channels]]\noffset_uv = 12.0\n'
    path.write_text(converter + "[[channels.segments]]\nemg_uv = 2\n")
    (channel,) = checked(capsys, f"sim:{path}", code=0)
    assert flags(channel) == ["resolution"]
    (finding,) = channel["findings"]
    assert finding["uv"] == pytest.approx(12.2, abs=0.05)
    assert "UNO R4" in finding["advice"]


def test_a_recording_is_looked_at_without_a_contraction(capsys):
    (channel,) = checked(capsys, str(DATA / "bbcontractions.csv"), "--sfreq", "1000",
                         "--unit", "mV", code=0)  # fmt: skip
    assert channel["contraction_uv"] is None
    humming = checked(capsys, str(DATA / "game_0_1.txt"), code=3)
    assert [flags(channel) for channel in humming] == [["mains"], ["mains"]]


def test_counts_are_called_counts(capsys, tmp_path):
    path = tmp_path / "x.csv"
    counts = np.random.default_rng(0).integers(400, 600, 5000)
    path.write_text("\n".join(["A0", *map(str, counts)]) + "\n")
    (channel,) = checked(capsys, str(path), "--sfreq", "1000", code=0)
    assert channel["rest_counts"] > 0
    assert not any(key.endswith("_uv") for key in channel)


@pytest.mark.parametrize("samples", [2, 700, 1500, 2000])
def test_a_source_that_ends_too_soon_does_not_pass(capsys, tmp_path, samples):
    path = tmp_path / "x.csv"
    uv = np.random.default_rng(0).standard_normal(samples)
    path.write_text("\n".join(["EMG_uv", *map(str, uv)]) + "\n")
    (channel,) = checked(capsys, str(path), "--sfreq", "1000", code=3)
    assert flags(channel) == ["too_short"]
    assert "Too little" in channel["findings"][0]["advice"]


def test_in_words_it_says_what_to_do_and_that_it_is_not_done(capsys):
    assert main(["check", "sim:hum"]) == 3
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("trapezius left: 20")
    assert "µV at rest" in out[0]
    assert "Mains pick-up 20.4 µV. Unplug the charger" in out[1]
    assert out[-1] == "Not yet: see above, then check again."
    assert main(["check", "sim:rest"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "The sensor sits well."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sim:nope",), "no scenario called 'nope'"),
        (("none.csv",), "none.csv"),
        (("nope:x",), "neither a file nor a source"),
        (("sim:rest", "--sensor", "lamp"), "no sensor called 'lamp'"),
        (("sim:rest", "--sfreq", "500"), "knows its own rate"),
        (("serial:/dev/ttyNONE",), "/dev/ttyNONE"),
    ],
)
def test_bad_words_are_one_sentence_and_exit_1(capsys, words, said):
    assert main(["check", *words, "--json"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert err.strip().splitlines()[-1].startswith("biofeedback: ")
    assert said in err


# --- at a board -----------------------------------------------------------------------------------


@contextmanager
def board(lines: list[str]) -> Iterator[str]:
    """Print `lines` into one end of a terminal pair; yield the other end's name."""
    master, slave = os.openpty()
    tty.setraw(slave)
    name, stopped = os.ttyname(slave), threading.Event()

    def print_lines() -> None:
        data = memoryview("".join(line + "\r\n" for line in ["", *lines]).encode())
        os.set_blocking(master, False)
        while data and not stopped.is_set():
            try:
                data = data[os.write(master, data[:512]) :]
            except BlockingIOError:
                stopped.wait(0.001)
            except OSError:
                return

    printer = threading.Thread(target=print_lines)
    printer.start()
    yield name
    stopped.set()
    printer.join()
    os.close(master)
    os.close(slave)


def printed(rest_uv: float, contraction_uv: float, *, hum_uv: float = 0.0) -> list[str]:
    """25 s of a muscle that is tensed 12 s after the start and let go 10 s later, in millivolts."""
    n, t = 25_000, np.arange(25_000) / 1000
    sos = scipy.signal.butter(2, (30, 300), "bandpass", fs=1000, output="sos")
    emg = scipy.signal.sosfilt(sos, np.random.default_rng(0).standard_normal(n))
    uv = np.where((t > 12.5) & (t < 22.5), contraction_uv, rest_uv) * emg / emg.std()
    uv += hum_uv * np.sqrt(2) * np.sin(2 * np.pi * 50 * t)
    return [f"{value / 1000:.6f}" for value in uv]


@posix_only
@pytest.mark.parametrize(
    ("contraction_uv", "code", "expected"),
    [(60.0, 0, []), (45.0, 0, []), (35.0, 3, ["weak_contraction"]), (4.0, 3, ["weak_contraction"])],
)
def test_at_a_board_a_contraction_is_asked_for_and_must_stand_ten_times_over_rest(
    capsys, contraction_uv, code, expected
):
    with board(printed(4.0, contraction_uv)) as port:
        assert main(["check", f"serial:{port}?sfreq=1000", "--unit", "mV", "--json"]) == code
    out, err = capsys.readouterr()
    (channel,) = json.loads(out)["channels"]
    assert flags(channel) == expected
    assert channel["rest_uv"] == pytest.approx(4.0, rel=0.05)
    assert channel["contraction_uv"] == pytest.approx(contraction_uv, rel=0.05)
    asked = [err.index(words) for words in ("Sit still", "Now tense", "let go.")]
    assert asked == sorted(asked)


@posix_only
def test_at_a_board_hum_is_told_beside_the_contraction(capsys):
    with board(printed(4.0, 100.0, hum_uv=6.0)) as port:
        words = ["check", f"serial:{port}?sfreq=1000", "--unit", "mV", "--json"]
        assert main(words) == 3
    (channel,) = json.loads(capsys.readouterr().out)["channels"]
    assert flags(channel) == ["mains"]
    assert channel["mains_uv"] == pytest.approx(6.0, rel=0.1)


@posix_only
def test_rest_only_asks_for_no_contraction(capsys):
    with board(printed(4.0, 4.0)) as port:
        words = ["check", f"serial:{port}?sfreq=1000", "--unit", "mV", "--rest-only", "--json"]
        assert main(words) == 0
    out, err = capsys.readouterr()
    (channel,) = json.loads(out)["channels"]
    assert channel["contraction_uv"] is None
    assert "Now tense" not in err
