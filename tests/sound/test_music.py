import struct
from pathlib import Path

import numpy as np
import pytest
from null_sink import wait_until, write_wav
from numpy.typing import NDArray

from biofeedback.sound.music import Music
from biofeedback.sound.synth import CHANNELS, SFREQ

pytest.importorskip("miniaudio")


def played(folder: Path, n: int) -> tuple[NDArray[np.float64], list[str]]:
    """Return the first `n` samples of the music in `folder`, and what was noted meanwhile."""
    notes: list[str] = []
    music = Music(folder, note=notes.append)
    music.start()
    parts: list[NDArray[np.float64]] = []

    def take() -> bool:
        while music._ahead and sum(map(len, parts)) < n:
            parts.append(music.take(min(480, len(music._ahead[0]), n - sum(map(len, parts)))))
        return sum(map(len, parts)) == n

    wait_until(take)
    music.stop()
    return np.concatenate(parts), notes


def noted(folder: Path) -> list[str]:
    """Return what is noted of a folder without music."""
    notes: list[str] = []
    music = Music(folder, note=notes.append)
    music.start()
    music._thread.join(20)
    assert not music.take(100).any()
    return notes


def test_files_follow_one_another_without_a_gap_and_begin_anew(tmp_path: Path):
    tune = np.random.default_rng(0).integers(-(2**15), 2**15, (30_000, CHANNELS)) / 2**15
    (tmp_path / "b").mkdir()
    write_wav(tmp_path / "01.wav", tune[:7001])
    write_wav(tmp_path / "02.WAV", tune[7001:9000])
    write_wav(tmp_path / "b" / "00.wav", tune[9000:])
    (tmp_path / "cover.jpg").write_bytes(b"no music")
    samples, notes = played(tmp_path, 40_000)
    np.testing.assert_array_equal(samples, np.concatenate([tune, tune[:10_000]]))
    assert not notes


def test_other_rates_and_mono_come_as_they_should(tmp_path: Path):
    sfreq = 22_050
    tone = 0.5 * np.sin(2 * np.pi * 441.0 * np.arange(sfreq) / sfreq)
    write_wav(tmp_path / "tone.wav", tone[:, None], sfreq)
    samples, _notes = played(tmp_path, SFREQ // 2)
    expected = 0.5 * np.sin(2 * np.pi * 441.0 * np.arange(SFREQ // 2) / SFREQ)
    np.testing.assert_array_equal(samples[:, 0], samples[:, 1])
    spectra = [
        np.abs(np.fft.rfft(each * np.hanning(len(each)))) for each in (samples.T[0], expected)
    ]
    assert np.argmax(spectra[0]) == np.argmax(spectra[1])
    assert spectra[0].max() == pytest.approx(spectra[1].max(), rel=0.02)


def test_a_file_that_cannot_be_decoded_is_left_out_and_said_once(tmp_path: Path):
    (tmp_path / "00 broken.mp3").write_bytes(b"\x00" * 5000)
    (tmp_path / "01 empty.ogg").write_bytes(b"")
    write_wav(tmp_path / "02.wav", np.full((1000, CHANNELS), 0.25))
    samples, notes = played(tmp_path, 5000)
    assert (samples == 0.25).all()
    assert [note.partition(" cannot")[0] for note in notes] == ["00 broken.mp3", "01 empty.ogg"]


def test_a_file_of_numbers_that_are_none_is_silence(tmp_path: Path):
    values = np.array([np.nan, np.inf, -np.inf, 7.0, -7.0, 0.5] * 200, dtype="<f4")
    form = struct.pack("<HHIIHH", 3, 1, SFREQ, SFREQ * 4, 4, 32)
    parts = b"fmt " + struct.pack("<I", len(form)) + form
    parts += b"data" + struct.pack("<I", values.nbytes) + values.tobytes()
    path = tmp_path / "odd.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(parts)) + b"WAVE" + parts)
    samples, _notes = played(tmp_path, 1200)
    np.testing.assert_array_equal(samples[:6, 0], [0, 0, 0, 1, -1, 0.5])


def test_a_folder_without_music_says_so_once(tmp_path: Path):
    (tmp_path / "notes.txt").write_text("la la la")
    assert len(noted(tmp_path)) == 1
    assert "There is no music in" in noted(tmp_path)[0]
    assert "There is no music in" in noted(tmp_path / "nowhere")[0]


def test_it_ends_while_much_is_left(tmp_path: Path):
    write_wav(tmp_path / "long.wav", np.zeros((20 * SFREQ, CHANNELS)))
    music = Music(tmp_path, note=print)
    music.start()
    wait_until(lambda: music._ahead)
    music.stop()
    assert not music._thread.is_alive()
