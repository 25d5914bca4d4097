"""What it takes to turn the frames of one channel into samples, against plain C: G7."""

import ctypes
import json
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from biofeedback import kernel
from biofeedback.wire.bitalino import BitalinoFraming, checksum
from biofeedback.wire.chords import ChordsFraming
from biofeedback.wire.cyton import CytonFraming, DaisyFraming
from biofeedback.wire.fixed_frames import FixedDecoder, Framing
from biofeedback.wire.native import NativeDecoder, encode_frame
from biofeedback.wire.olimex import P2Framing
from biofeedback.wire.spikershield import SpikerFraming

SCANS, FRAMES = 16, 8000
READ_BYTES = 4096  # what a port is asked for; it has so much when the computer was busy
FEW = 4  # frames a read: what has come after a sixteenth of a second
MUST, STRETCH = 2.5, 1.0  # times what C takes
OTHERS_NS = 2000  # a value: 500,000 a second from any other maker's board
# As one writes it without a second thought: a table for the CRC, and a byte after the other.
PLAIN_C = """
#include <stddef.h>
#include <stdint.h>

static uint16_t table[256];

void prepare(void)
{
    for (int byte = 0; byte < 256; byte++) {
        uint16_t crc = (uint16_t)(byte << 8);
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
        table[byte] = crc;
    }
}

size_t decode(const uint8_t *data, size_t length, double *samples)
{
    uint8_t body[256];
    size_t n = 0, held = 0, left = 0;
    for (size_t i = 0; i < length; i++) {
        if (data[i]) {
            if (held == sizeof body)
                held = 0;
            if (left == 0) {
                left = data[i];
                body[held++] = 0;
            } else
                body[held++] = data[i];
            left--;
            continue;
        }
        if (held >= 10 && left == 0) {
            uint16_t crc = 0xFFFF;
            for (size_t k = 1; k < held - 2; k++)
                crc = (uint16_t)(crc << 8 ^ table[crc >> 8 ^ body[k]]);
            if (crc == (body[held - 2] | body[held - 1] << 8))
                for (size_t k = 8; k < held - 2; k += 2)
                    samples[n++] = body[k] | body[k + 1] << 8;
        }
        held = left = 0;
    }
    return n;
}
"""


def _stream() -> list[bytes]:
    """Return `FRAMES` frames of 10 bits, as a board sends them."""
    counts = np.random.default_rng(0).integers(0, 1024, (FRAMES, SCANS)).astype("<u2")
    return [
        encode_frame(struct.pack("<BBBI", 1, k % 256, 0, k * SCANS) + row.tobytes())
        for k, row in enumerate(counts)
    ]


def _cyton(k: int) -> bytes:
    return bytes([0xA0, k % 256, *bytes(30), 0xC0])


def _bitalino(k: int) -> bytes:
    frame = bytes([*bytes(7), k % 16 << 4])
    return frame[:-1] + bytes([frame[-1] | checksum(frame)])


OTHERS: dict[str, tuple[Framing, Callable[[int], bytes]]] = {
    "chords": (ChordsFraming(6), lambda k: bytes([0xC7, 0x7C, k % 256, *bytes(12), 1])),
    "cyton": (CytonFraming(), _cyton),
    "cyton with daisy": (DaisyFraming(), lambda k: _cyton(2 * k) + _cyton(2 * k + 1)),
    "olimex": (P2Framing(), lambda k: bytes([0xA5, 0x5A, 2, k % 256, *bytes(13)])),
    "spikershield": (SpikerFraming(1), lambda _k: b"\x80\0"),
    "bitalino": (BitalinoFraming(6), _bitalino),
}
"""How the frames of other boards look, and one that is all zeros."""


def _time_other(name: str) -> float:
    """Return what it takes to decode a value of another maker's board, in ns; best of five."""
    framing, frame = OTHERS[name]
    data = b"".join(map(frame, range(FRAMES)))
    reads = [data[k : k + READ_BYTES] for k in range(0, len(data), READ_BYTES)]
    best = float("inf")
    for _try in range(5):
        decoder = FixedDecoder(framing)
        begun = time.perf_counter()
        n = sum(chunk.samples.size for read in reads for chunk in decoder.feed(read))
        best = min(best, 1e9 * (time.perf_counter() - begun) / n)
        assert decoder.position == FRAMES, name  # noqa: S101
    return best


def _decode(reads: list[bytes]) -> int:
    decoder = NativeDecoder()
    return sum(len(chunk.samples) for data in reads for chunk in decoder.feed(data))


def _plain_c(folder: Path) -> Callable[[bytes], int]:
    """Return the same in C: of all the bytes in one call."""
    source, library = folder / "decode.c", folder / "decode.so"
    source.write_text(PLAIN_C)
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, source], check=True)
    compiled = ctypes.CDLL(str(library))
    compiled.prepare()
    samples = np.empty(FRAMES * SCANS)
    compiled.decode.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]
    compiled.decode.restype = ctypes.c_size_t
    return lambda data: int(compiled.decode(data, len(data), samples.ctypes.data))


def main(seconds: float) -> None:
    """Print the goal as one JSON line."""
    frames = _stream()
    whole = b"".join(frames)
    reads = [whole[k : k + READ_BYTES] for k in range(0, len(whole), READ_BYTES)]
    few = [b"".join(frames[k : k + FEW]) for k in range(0, FRAMES, FEW)]
    best = {"ours": float("inf"), "few": float("inf"), "c": float("inf")}
    with tempfile.TemporaryDirectory() as folder:
        decode_c = _plain_c(Path(folder))
        ways: dict[str, Callable[[], int]] = {
            "ours": lambda: _decode(reads),
            "few": lambda: _decode(few),
            "c": lambda: decode_c(whole),
        }
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            for name, decode in ways.items():
                begun = time.perf_counter()
                n = decode()
                took = time.perf_counter() - begun
                assert n == FRAMES * SCANS, name  # noqa: S101
                best[name] = min(best[name], 1e9 * took / n)
    ours, c = best["ours"], best["c"]
    others = {name: _time_other(name) for name in OTHERS}
    slowest = max(others, key=others.__getitem__)
    line = {
        "goal": "G7",
        "what": f"decode frames of 16 samples (4 frames a read: {best['few']:.3g} ns); of other "
        f"makers' boards {others[slowest]:.3g} ns at most ({slowest})"
        + ("" if kernel.compiled else ", no kernel"),
        "ours": round(ours, 2),
        "unit": "ns a sample",
        "against": {"c": round(c, 2)},
        "must": ours <= MUST * c and others[slowest] <= OTHERS_NS,
        "stretch": ours <= STRETCH * c,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main(float(sys.argv[1]))
