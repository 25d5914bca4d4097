"""What the fuzzing starts from: small files of every kind, of our tests or made on the spot."""

import hashlib
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tomli_w

from biofeedback.recording.sidecar import sidecar_path
from biofeedback.sources.scenario import builtin_scenarios
from biofeedback.wire.native import encode_frame
from fuzzing.targets import PARTING

DATA = Path(__file__).parents[2] / "tests" / "data"
SCENARIOS = Path(__file__).parents[2] / "biofeedback" / "scenarios"
TAB = "\t"
_HEAD = 6000  # bytes of a text: its header, and some rows


def _counts(n: int, channels: int) -> np.ndarray:
    return np.random.default_rng(1).integers(-300, 300, (n, channels))


def wire() -> Iterator[bytes]:
    """Yield streams of frames and of lines, behind two bytes that choose the decoder."""
    scans = _counts(40, 2) & 0x3FF
    frames = [
        struct.pack("<BBBI", 1, k, 0, 5 * k) + scans[5 * k :][:5].astype("<u2").tobytes()
        for k in range(8)
    ]
    stream = b"".join(map(encode_frame, frames))
    yield b"\x01\x00--" + stream
    yield b"\x01\x07--" + stream[30:]
    lost = b"".join(map(encode_frame, [*frames[:3], *frames[5:], *frames[6:]]))
    yield b"\x01\x05--" + lost
    for line in (DATA / "native_frames.txt").read_text("utf-8").splitlines():
        words = line.split()
        if words and not line.startswith("#"):
            yield b"\x00\x03--" + bytes.fromhex(words[1]) * 3
    yield b"\x80\x00--" + b"".join(b"%d\r\n" % a for a, _b in scans)
    yield b"\x80\x03--boot\n" + b"".join(b"EMG 1:%d,EMG 2:%d\n" % (a, b) for a, b in scans[:20])
    yield b"\x80\x05--a\tb\n" + b"".join(b"%d.5\t-%de-1\n" % (a, b) for a, b in scans[:20])


def make_edf(*, bdf: bool = False, n: int = 20, records: int = 3, labels: int = 1) -> bytes:
    """Return an EDF+C or BDF+C file of EMG at 200 Hz, with a note in each record."""
    size, text_bytes = (3, 60) if bdf else (2, 60)
    top = 2 ** (8 * size - 1)
    kind = "BDF" if bdf else "EDF"
    names = [f"EMG {k}" for k in range(labels)] + [f"{kind} Annotations"]
    fields: list[tuple[int, list[str]]] = [
        (16, names),
        (80, ["MyoWare"] * len(names)),
        (8, ["uV"] * labels + [""]),
        (8, ["-500"] * labels + ["-1"]),
        (8, ["500"] * labels + ["1"]),
        (8, [str(-top)] * len(names)),
        (8, [str(top - 1)] * len(names)),
        (80, ["raw"] * len(names)),
        (8, [str(n)] * labels + [str(text_bytes // size)]),
        (32, [""] * len(names)),
    ]
    head = [(80, "X X X X"), (80, "Startdate X X X X"), (8, "01.02.26"), (8, "10.11.12")]
    head += [(8, str(256 * (len(names) + 1))), (44, f"{kind}+C"), (8, str(records))]
    head += [(8, "0.1"), (4, str(len(names)))]
    text = "".join(word.ljust(width) for width, word in head)
    text += "".join(word.ljust(width) for width, words in fields for word in words)
    whole = (b"\xffBIOSEMI" if bdf else b"0       ") + text.encode("latin-1")
    counts = _counts(n * records, labels)
    for record in range(records):
        block = counts[n * record :][:n].T.ravel().tolist()
        whole += b"".join(struct.pack("<i", count)[:size] for count in block)
        onset = b"+%.1f" % (record / 10)
        note = b"\x14\x14\0" + onset + b"\x150.05\x14BAD_gap\x14\0"
        whole += (onset + note).ljust(text_bytes, b"\0")
    return whole


def edf() -> Iterator[bytes]:
    """Yield EDF and BDF files, and texts of a record."""
    for bdf in (False, True):
        whole = make_edf(bdf=bdf)
        yield whole
        yield whole.replace(b"F+C", b"F+D").replace(b"Startdate X", b"simulated X")
        yield make_edf(bdf=bdf, labels=3, records=1)
        yield whole.replace(b"3       0.1", b"-1      0.1")[:-10]
    yield b"+1.5\x150.25\x14text\x14other\x14\0-3\x14\x14\0"


def csv() -> Iterator[bytes]:
    """Yield tables, behind a byte that says how they are called and what is told of them."""
    rows = _counts(12, 2)
    timed = "".join(f"{k / 1000:.3f},{a},{b}\n" for k, (a, b) in enumerate(rows))
    plain = "".join(f"{a};{b}\n" for a, b in rows)
    texts = {
        0: f"time_s,left_uv,right_uv\n{timed}",
        1: f"# made\nTime (s)\tleft (mV)\tright [V]\n{timed.replace(',', TAB)}",
        8: f"time_s,EMG,note\n{timed[:60]}\n{timed[156:]}",
        4: plain.replace(";", ","),
        6: plain.replace(";", ",5;"),
        5: "EMG [V]\tnote\n" + plain.replace(";", "\ta"),
        7: plain.replace(";", "   "),
        12: 'sep=;\n"left";"=right"\n' + plain + "1;\n;\nnan;inf\n",
    }
    for kind, text in texts.items():
        yield bytes([kind]) + text.encode()
    yield b"\4" + (DATA / "bbcontractions.csv").read_bytes()[:800]
    yield b"\6" + (DATA / "uci_5Nsen.txt").read_bytes()[:1500]


def exports() -> Iterator[bytes]:
    """Yield what other programs write as text."""
    for name in (
        "game_0_1.txt",
        "openbci.txt",
        "trigno.csv",
        "pyomeca_analogs.csv",
        "uci_5Nsen.txt",
    ):
        head = (DATA / name).read_bytes()[:_HEAD]
        yield head[: head.rfind(b"\n") + 1]
    rows = "".join(f"{a}\t{b}\n" for a, b in _counts(8, 2)).encode()
    yield (
        b"# Simple Text Format\n# Sampling Rate (Hz):= 1000.0\n# Resolution:= 12\n"
        b"# Labels:= EMG\tACC\n" + rows
    )
    said: dict[str, object] = {
        "sensor": ["EMG"],
        "device name": "x",
        "column": ["nSeq", "DI", "CH1"],
        "device": "b",
    }
    said |= {"sampling rate": 1000, "resolution": [4, 1, 10], "label": ["CH1"]}
    head = b"# OpenSignals Text File Format. Version 1\n# " + json.dumps({"a": said}).encode()
    yield (
        head
        + b"\n# EndOfHeader\n"
        + b"".join(b"%d\t0\t%d\t\n" % (k % 16, 500 + k) for k in range(9))
    )
    yield (
        b"Devices\n1000\n,,Imagined EMG #1 - Voltage,\nFrame,Sub Frame,1,2\n,,V,V\n"
        + b"".join(b"%d,%d,%d.5,0\n" % (1 + k // 10, k % 10, k) for k in range(12))
        + b"\nTrajectories\n100\n"
    )


def hdf5() -> Iterator[bytes]:
    """Yield OpenSignals HDF5 files, one of them packed."""
    import h5py  # type: ignore[import-untyped]

    for compression in (None, "gzip"):
        memory = io.BytesIO()
        with h5py.File(memory, "w") as file:
            group = file.create_group("00:07:80:3B:46:61")
            said = {
                "channels": [1],
                "resolution": [16],
                "sampling rate": 1000,
                "device": "biosignalsplux",
            }
            group.attrs.update(said)
            rows = np.arange(60).reshape(-1, 1)
            options = {"chunks": (20, 1), "compression": compression}
            data = group.create_dataset("raw/channel_1", data=rows, dtype="<u2", **options)
            data.attrs.update({"sensor": "EMG", "label": "CH1"})
            group.create_dataset("raw/nSeq", data=rows, dtype="<u2", **options)
        yield memory.getvalue()


def xdf() -> Iterator[bytes]:
    """Yield XDF files: a stream of EMG with markers and a clock, and a tiny one of others."""

    def chunk(tag: int, body: bytes, stream: int | None = 1) -> bytes:
        number = b"" if stream is None else struct.pack("<I", stream)
        content = struct.pack("<H", tag) + number + body
        return b"\4" + struct.pack("<I", len(content)) + content

    def header(stream: int, form: str, kind: str, sfreq: float) -> bytes:
        xml = (
            f"<?xml version='1.0'?><info><name>A</name><type>{kind}</type><channel_count>1"
            f"</channel_count><nominal_srate>{sfreq}</nominal_srate><channel_format>{form}"
            "</channel_format><desc><channels><channel><label>L</label><unit>uV</unit></channel>"
            "</channels></desc></info>"
        )
        return chunk(2, xml.encode(), stream)

    for form, code in (("float32", "f"), ("int16", "h"), ("double64", "d"), ("int8", "b")):
        body = b"\1\x28" + b"".join(
            (b"\x08" + struct.pack("<d", 10.0) if k == 0 else b"\0") + struct.pack("<" + code, k)
            for k in range(40)
        )
        marker = b"\1\1\x08" + struct.pack("<d", 10.01) + b"\1\5trick"
        yield (
            b"XDF:"
            + chunk(1, b"<info><version>1.0</version></info>", None)
            + header(1, form, "EMG", 100)
            + header(2, "string", "Markers", 0)
            + chunk(3, body)
            + chunk(4, struct.pack("<dd", 10.0, 0.5))
            + chunk(3, marker, 2)
            + chunk(3, body.replace(struct.pack("<d", 10.0), struct.pack("<d", 10.6)))
        )
    yield (DATA / "minimal.xdf").read_bytes()


def wav() -> Iterator[bytes]:
    """Yield WAV files of several widths, one with markers."""
    for width, channels in ((1, 1), (2, 2), (3, 1), (4, 1)):
        memory = io.BytesIO()
        with wave.open(memory, "wb") as file:
            file.setparams((channels, width, 5000, 0, "NONE", ""))
            file.writeframes(bytes(range(240)))
        yield memory.getvalue()
    yield memory.getvalue() + PARTING + b"# markers\n1,\t0.5\nspike, 1.25\n"
    floats = struct.pack(
        "<4sI4s4sIHHIIHH", b"RF64", 0xFFFFFFFF, b"WAVE", b"fmt ", 16, 3, 1, 9, 36, 4, 32
    )
    yield floats + b"data" + struct.pack("<I", 0xFFFFFFFF) + struct.pack("<20f", *range(20))


def wfdb() -> Iterator[bytes]:
    """Yield WFDB records of every format that is read."""
    for form in ("16", "24", "32", "80", "212"):
        head = f"r 2 1000 20\nr.dat {form} 100(5)/mV 12 0 0 0 0 EMG\nr.dat {form} 0 0 0 0 0 0 ECG\n"
        yield head.encode() + b"# needle" + PARTING + bytes(range(160))


def bids() -> Iterator[bytes]:
    """Yield tables of channels, each with the recording that it describes."""
    table = (DATA / "sub-01_task-talking_channels.tsv").read_bytes()
    yield table + PARTING + make_edf(records=1)
    yield b"name\ttype\tunits\nEMG 0\tEMG\tmV\n" + PARTING + make_edf(records=1)


def ours() -> Iterator[bytes]:
    """Yield recordings of this program: what is told beside each, an edit, and the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.edf"
        words = ["live", "sim:rest", "--fast", "--seconds", "0.4", "--record", str(path)]
        subprocess.run(
            [sys.executable, "-m", "biofeedback", *words],
            env=os.environ | {"BIOFEEDBACK_SETTINGS": str(Path(folder) / "none.toml")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
        recording, told = path.read_bytes(), sidecar_path(path).read_bytes()
    digest = hashlib.sha256(recording).hexdigest()
    mark = {"start_s": 0.1, "stop_s": 0.2, "reason": "motion"}
    edit = {"n": 1, "utc": "2026-01-02T03:04:05+00:00", "before": None, "after": mark}
    head = {"biofeedback_edits": 1, "sha256": digest}
    edits = "".join(json.dumps(line) + "\n" for line in (head, edit)).encode()
    yield told + PARTING + edits + PARTING + recording
    yield told + PARTING + PARTING + recording[:-50]


def toml() -> Iterator[bytes]:
    """Yield settings and scenarios."""
    for name in builtin_scenarios():
        yield (SCENARIOS / f"{name}.toml").read_bytes()
    settings = {
        "signal": {"band": "narrow", "slow_window_s": 2.0, "hysteresis": 0.1, "mains_hz": 60},
        "display": {"palette": "dark", "font_scale": 1.5},
        "bursts": {"onset": 3.0},
        "source": {"sensor": "plux", "channels": 2},
    }
    yield tomli_w.dumps(settings).encode()
    channel = b"[[channels]]\nlabel = 'a'\n[[channels.segments]]\nseconds = 1e0\nemg_uv = [1, 2]"
    yield b"seed = 0x1f\n" + channel


def days() -> Iterator[bytes]:
    """Yield tables of entries: a row for each, and a column for each kind."""
    yield (
        b"at,kind,value,lower,unit,text,source\n"
        b"2024-05-02T21:30+02:00,blood_pressure,16.5,10.8,kPa,,cuff\n"
        b'2024-05-03,note,,,,"=two\nlines",\n2024-05-03,symptom,40,,0-100,pulling,\n'
    )
    yield (
        b"\xef\xbb\xbfDate;Time;Pain;Sleep;Systolic;Diastolic;Symptom: left;Note\r\n"
        b"02.05.2024;21:30;4;7,5;128;81;40;bad night\r\n;;;;\r\n2024-05-03;;nan;25;;;;\r\n"
    )


def heart() -> Iterator[bytes]:
    """Yield heart rates beside a recording: with intervals, without, and torn at the end."""
    head = b"time_s,rate_bpm,rr_s,artefact\n"
    yield PARTING + head + b"1.000,60,1.000000,0\n1.000,60,2.500000,1\n2.000,,,\n"
    yield b'{"first_sample": 5}' + PARTING + head + b"-1.5,240,0.25,1\n3.0,7"


SEEDS = {
    "wire": wire,
    "edf": edf,
    "csv": csv,
    "toml": toml,
    "exports": exports,
    "hdf5": hdf5,
    "xdf": xdf,
    "wav": wav,
    "wfdb": wfdb,
    "bids": bids,
    "ours": ours,
    "days": days,
    "heart": heart,
}
