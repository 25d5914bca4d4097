"""A board with the Chords firmware of Upside Down Labs: asked who it is, and started."""

import re

from biofeedback.boards import Board
from biofeedback.errors import SourceMismatch, SourceNotFound
from biofeedback.sources.framed_board import FramedBoard, Setup, ask, await_silence
from biofeedback.sources.line import BoardOptions, Line
from biofeedback.text import _
from biofeedback.wire.chords import BAUDS, START, STOP, WHO, ChordsFraming

ANSWER_S = 1.15
"""It gathers a command until a second has passed without a byte, and then answers."""
_ALONE_S = 1.1  # what was sent to it within a second would become part of the question
_STREAM_ENDS_S = 3.0

# What the firmware of each says of itself (Chords-Arduino-Firmware, and the table of Chords-Web):
# Hz, channels, and the converter.
_TABLE = {
    "UNO-R3": (250, 6, Board("Arduino UNO R3", 10, 5.0)),
    "UNO-CLONE": (250, 6, Board("Arduino UNO, clone", 10, 5.0)),
    "GENUINO-UNO": (250, 6, Board("Genuino UNO", 10, 5.0)),
    "UNO-R4": (500, 6, Board("Arduino UNO R4", 14, 5.0)),
    "NANO-CLONE": (250, 8, Board("Arduino Nano, clone", 10, 5.0)),
    "NANO-CLASSIC": (250, 8, Board("Arduino Nano", 10, 5.0)),
    "MEGA-2560-R3": (250, 16, Board("Arduino Mega 2560", 10, 5.0)),
    "MEGA-2560-CLONE": (250, 16, Board("Arduino Mega 2560, clone", 10, 5.0)),
    "RPI-PICO-RP2040": (500, 3, Board("Raspberry Pi Pico", 12, 3.3)),
    "STM32F4-BLACK-PILL": (500, 8, Board("STM32F4 Black Pill", 12, 3.3)),
    "STM32G4-CORE-BOARD": (500, 16, Board("STM32G4 core board", 12, 3.3)),
    "GIGA-R1": (500, 6, Board("Arduino GIGA R1", 16, 3.3)),
    "NPG-LITE": (500, 3, Board("Neuro PlayGround Lite", 12, 3.3)),
    "NPG-LITE-3CH": (500, 3, Board("Neuro PlayGround Lite", 12, 3.3)),
    "NPG-LITE-6CH": (500, 6, Board("Neuro PlayGround Lite, 6 channels", 12, 3.3)),
}
_NAMED = re.compile(rb"(?:^|[^ -~])([A-Z][A-Z0-9-]{3,})\r?\n")


class ChordsBoard(FramedBoard):
    """Reads counts of a Chords board; a `Wire`."""

    title = _("Chords board")
    bauds: tuple[int, ...] = BAUDS
    boot_s = 2.2  # the bootloader of an Uno or Nano
    greeting = WHO
    answer_s = ANSWER_S

    def __init__(self, options: BoardOptions) -> None:
        sizes = sorted({n for _sfreq, n, _board in _TABLE.values()})
        super().__init__(options, [ChordsFraming(n) for n in sizes])

    def recognise(self, data: bytes) -> bool:
        """Take what was heard; say whether it has answered, or is streaming already."""
        recognised = super().recognise(data)
        if (name := _name_in(self._text)) in _TABLE:
            self.title = _("Chords board {name}").format(name=name)
            self.converter = _TABLE[name][-1]
        return recognised

    def _answered(self, text: bytes) -> bool:
        return _name_in(text) in _TABLE

    def _set_up(self, line: Line) -> Setup:
        name = _name_in(self._text)  # it has just told it, where it did not stream
        sfreq, most, board = _TABLE[name] if name in _TABLE else self._ask_who(line)
        self._check_rate(sfreq)
        notes = self._notes(
            _("A Chords board's frames have no checksum: damage within a sample is not noticed.")
        )
        said = self._options.board  # its reference may be another; its bits are its firmware's
        if said and said.bits != board.bits:
            notes += (
                _(
                    "The board tells its own converter, {bits} bits: what was said of it (board, "
                    "bits, vref) is left out."
                ).format(bits=board.bits),
            )
            said = None
        channels = self._channels(self._chosen(most), board=said or board)
        line.write(START)
        return Setup(ChordsFraming(most), float(sfreq), channels, notes)

    def _ask_who(self, line: Line) -> tuple[int, int, Board]:
        """Stop the board and ask it who it is; raise `SourceError` where it is none we know."""
        line.write(STOP)  # some stop at any byte
        await_silence(line, _ALONE_S, _STREAM_ENDS_S)
        answer = ask(line, WHO, _NAMED, 2 * ANSWER_S)
        if answer is None:
            raise SourceNotFound(
                _(
                    "{port}: a Chords board was asked who it is, and does not answer: press its "
                    "reset button, or put the Chords firmware on it again."
                ).format(port=line.name)
            )
        name = _name_in(answer)
        if name not in _TABLE:
            raise SourceMismatch(
                _(
                    "{port}: this program does not know the Chords board {name}: put the Chords "
                    "firmware of a board in docs/boards.md on it."
                ).format(port=line.name, name=name)
            )
        return _TABLE[name]

    def end(self, line: Line) -> None:
        """Let the board rest."""
        line.write(STOP)


def _name_in(text: bytes) -> str:
    """Return the last line in capitals, which is how a board names itself; else nothing."""
    names = _NAMED.findall(text)
    return names[-1].decode() if names else ""
