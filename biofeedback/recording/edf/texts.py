"""EDF+ and BDF+ as bytes: the texts with which each record ends, and its checksum among them."""

import zlib

TICKS_PER_S = 10_000_000
"""Finer times EDFlib does not tell apart."""
# A divisor of both two and three bytes, with room for six lost stretches a record.
TEXT_BYTES = 240
"""What the texts of a record take."""
_CUT = "…"
# A record's own onset has its checksum behind it, far below any time that matters: a picosecond.
_APART, _CHECKSUM = b"000000", b"%010d"
_NO_CHECKSUM = _CHECKSUM % 0


def seconds_text(ticks: int) -> str:
    """Return a time in s with a sign, as EDF+ has it, from ten-millionths of a second."""
    whole, part = divmod(abs(ticks), TICKS_PER_S)
    sign = "-" if ticks < 0 else "+"
    return f"{sign}{whole}.{part:07d}".rstrip("0").rstrip(".")


class TextBlock:
    """The texts of one record, beginning with its own onset.

    They are written last: the checksum in them is of the whole record, so that one of which the
    disk has only parts does not pass for another.
    """

    def __init__(self, ticks: int) -> None:
        self._onset = _own_onset(ticks)
        self._texts = b"\x14\x14\0"
        self._room = TEXT_BYTES - len(self._onset + _NO_CHECKSUM + self._texts)

    def add(self, onset: int, duration: int, text: str) -> str:
        """Take as much of `text` as there is room for; return the rest. Times are in ticks."""
        head = seconds_text(onset)
        if duration > 0:
            head += "\x15" + seconds_text(duration)[1:]
        room = self._room - len(head) - len("\x14\x14\0")
        part, rest = text, ""
        if len(text.encode()) > room:
            part = text.encode()[: max(0, room - len(_CUT.encode()))].decode("utf-8", "ignore")
            if len(part) <= len(_CUT):
                return text
            part, rest = part + _CUT, _CUT + text[len(part) :]
        tal = f"{head}\x14{part}\x14\0".encode()
        self._texts += tal
        self._room -= len(tal)
        return rest

    def seal(self, samples: bytes) -> bytes:
        """Return the record that has `samples` and these texts."""
        size = len(samples) + TEXT_BYTES
        unsealed = samples + self._onset + _NO_CHECKSUM + self._texts
        checksum = zlib.crc32(unsealed.ljust(size, b"\0"))
        return (samples + self._onset + _CHECKSUM % checksum + self._texts).ljust(size, b"\0")


def _own_onset(ticks: int) -> bytes:
    whole, part = divmod(ticks, TICKS_PER_S)
    return f"+{whole}.{part:07d}".encode() + _APART


def is_sealed(block: bytes, ticks: int) -> bool:
    """Say whether `block` begins as that of a `TextBlock` of that onset does."""
    return block.startswith(_own_onset(ticks)) and len(block) == TEXT_BYTES


def is_whole_record(record: bytes, ticks: int) -> bool:
    """Say whether `record` is all that a `TextBlock` of that onset has sealed."""
    onset = _own_onset(ticks)
    at = len(record) - TEXT_BYTES
    digits = at + len(onset), at + len(onset + _NO_CHECKSUM)
    if at < 0 or record[at : digits[0]] != onset:
        return False
    unsealed = record[: digits[0]] + _NO_CHECKSUM + record[digits[1] :]
    return record[slice(*digits)] == _CHECKSUM % zlib.crc32(unsealed)


def join_parts(first: str, second: str) -> str | None:
    """Return the text that was cut into `first` and `second`; None where they are two texts."""
    if first.endswith(_CUT) and second.startswith(_CUT):
        return first.removesuffix(_CUT) + second.removeprefix(_CUT)
    return None


def clean(text: str) -> str:
    """Return `text` on one line, without the characters by which EDF+ tells texts apart.

    EDF+ allows line breaks, but MNE and edfio drop such a text without a word.
    """
    return "".join(c if c >= " " else " " for c in text)
