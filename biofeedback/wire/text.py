"""Lines of numbers, as any Arduino sketch prints them, become samples.

One number a line, or several parted by comma, semicolon, tab or spaces, each with a label as the
Serial Plotter has it (`EMG 1:512,EMG 2:498`) or without. A line is one sample of every channel.
"""

import math
import re
from collections import Counter, deque

import numpy as np

from biofeedback.stream import Chunk, Samples

LONGEST_LINE = 1024
"""Bytes: more than any board prints in a line; what runs on without an end is thrown away."""

_VOTERS = 5
_AGREED = 3

_NUMBER = rb"[+-]?+(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?+\d++)?+"
_PARTING = rb"(?:[ \t]*+[,;][ \t]*+|[ \t]++)"
_LAST_PARTING = rb"[ \t]*+[,;]?+[ \t]*+"  # sketches that print in a loop leave one at the end
_FIELD = re.compile(rb"(?:([^:,;\t]++):[ \t]*+)??(" + _NUMBER + rb")(?=[ \t,;]|\Z)" + _LAST_PARTING)
_INTEGER_LETTERS = b"0123456789+-"
_NUMBER_LETTERS = _INTEGER_LETTERS + b".eE"
_TO_SPACES = bytes.maketrans(b",;\t", b"   ")


def _parse_line(line: bytes) -> tuple[tuple[bytes, ...], list[float]] | None:
    """Return the labels (empty where there is none) and the values; None if it is not numbers."""
    labels, values = [], []
    position = 0
    while position < len(line):
        field = _FIELD.match(line, position)
        if not field:
            return None
        labels.append((field[1] or b"").strip(b" \t"))
        values.append(float(field[2]))
        position = field.end()
    return (tuple(labels), values) if all(map(math.isfinite, values)) else None


def _header_names(line: bytes, n: int) -> list[str] | None:
    """Return the `n` names of a line such as `EMG1,EMG2`; None if it is no such line.

    One name alone is not told from a greeting ("Ready"), so it takes two.
    """
    names = [name.strip() for name in re.split(r"[,;\t]", line.decode("utf-8", "replace"))]
    good = n > 1 and len(names) == n and all(name and name.isprintable() for name in names)
    return names if good else None


class TextDecoder:
    """Turns bytes, cut anywhere, into chunks.

    What stands before the first line end was joined in its middle, and is dropped. Boot text is
    passed over until most of five lines agree on columns and labels. From then on a line that is
    anything else is a corrupt frame: it takes one sample index, so that a gap shows, and columns
    never shift. `corrupt_frames` counts them; `position` is the index of the next sample.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the past: the port was opened anew, or listens at another speed."""
        self.labels: tuple[str, ...] = ()
        self.position = 0
        self.corrupt_frames = 0
        self._shape: tuple[bytes, ...] = ()
        self._voters: deque[bytes] = deque(maxlen=_VOTERS)
        self._rest = b""
        self._joined = False

    def feed(self, data: bytes) -> list[Chunk]:
        """Return the samples that `data` completes; never raises, whatever the bytes are."""
        data = self._rest + data.replace(b"\r", b"\n")  # blank lines are nothing: CR LF is one end
        chunks: list[Chunk] = []
        start = 0
        while True:
            if not self._joined:
                start = data.find(b"\n", start) + 1
                self._joined = start > 0
                if not self._joined:
                    self._rest = b""
                    return chunks
            stop = data.rfind(b"\n", start, start + LONGEST_LINE + 1) + 1
            if stop:
                chunks += self._decode(data[start:stop])
                start = stop
            elif len(data) - start > LONGEST_LINE:
                self._joined = False
                chunks += self._take([b"?"])
            else:
                self._rest = data[start:]
                return chunks

    def _decode(self, lines: bytes) -> list[Chunk]:
        """Return the samples of whole lines, each at most `LONGEST_LINE` bytes."""
        samples = self._parse_clean(lines) if self._shape else None
        if samples is None:
            return self._take(lines.split(b"\n"))
        if not len(samples):
            return []
        chunk = Chunk(self.position, samples)
        self.position = chunk.stop
        return [chunk]

    def _parse_clean(self, lines: bytes) -> Samples | None:
        """Return the samples in one go where every line is as agreed, else None.

        Says yes only to what `_parse_line` would say yes to, many times as fast.
        """
        if self._shape == (b"",) and not lines.translate(None, _NUMBER_LETTERS + b"\n"):
            pass  # nothing that parts fields: every word is a line
        elif self._clean.fullmatch(lines):
            if any(self._shape):
                lines = self._label.sub(b" ", lines)
            lines = lines.translate(_TO_SPACES)
        else:
            return None
        integers = not lines.translate(None, _INTEGER_LETTERS + b" \n")
        try:  # int() takes half of float()'s time
            values = list(map(int if integers else float, lines.split()))
            samples = np.array(values, np.float64).reshape(-1, len(self._shape))
        except (ValueError, OverflowError):  # "1-2", or 400 digits
            return None
        return samples if integers or np.isfinite(samples).all() else None  # "1e999"

    def _take(self, lines: list[bytes]) -> list[Chunk]:
        """Return the samples of lines of which some are damaged, or boot text."""
        chunks: list[Chunk] = []
        rows: list[list[float]] = []
        for line in lines:
            line = line.strip(b" \t")
            if not line:
                continue
            for counted in [line] if self._shape else self._vote(line):
                parsed = _parse_line(counted)
                if parsed and parsed[0] == self._shape:
                    rows.append(parsed[1])
                    continue
                self._hand_on(rows, chunks)
                rows = []
                self.position += 1
                self.corrupt_frames += 1
        self._hand_on(rows, chunks)
        return chunks

    def _hand_on(self, rows: list[list[float]], chunks: list[Chunk]) -> None:
        if rows:
            chunks.append(Chunk(self.position, np.array(rows)))
            self.position += len(rows)

    def _vote(self, line: bytes) -> list[bytes]:
        """Return the lines from the first sample on, once enough agree on columns and labels."""
        self._voters.append(line)
        if len(self._voters) < _VOTERS:
            return []
        lines = list(self._voters)
        shapes = [parsed[0] if (parsed := _parse_line(one)) else None for one in lines]
        shape, votes = Counter(shapes).most_common(1)[0]
        if not shape or votes < _AGREED:
            return []
        first = shapes.index(shape)
        self._settle(shape, header=lines[first - 1] if first else b"")
        self._voters.clear()
        return lines[first:]

    def _settle(self, shape: tuple[bytes, ...], *, header: bytes) -> None:
        n = len(shape)
        default = ["EMG"] if n == 1 else [f"EMG {i + 1}" for i in range(n)]
        names = _header_names(header, n) or default
        own = [label.decode("utf-8", "replace") for label in shape]
        self.labels = tuple(mine or name for mine, name in zip(own, names, strict=True))
        self._shape = shape
        marks: list[bytes] = [label and re.escape(label) + rb" *+:[ \t]*+" for label in shape]
        row = _PARTING.join(mark + _NUMBER for mark in marks) + _LAST_PARTING
        self._clean = re.compile(rb"(?:[ \t\n]*+" + row + rb"\n)*+[ \t\n]*+")
        longest_first = sorted(filter(None, marks), key=len, reverse=True)
        self._label = re.compile(b"|".join(longest_first))
