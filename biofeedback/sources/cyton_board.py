"""An OpenBCI Cyton, by its dongle: reset, asked whether it carries a Daisy, and started."""

import re

from biofeedback.boards import COUNTS, SENSORS, make_channel
from biofeedback.errors import SourceMismatch, SourceNotFound
from biofeedback.sources.framed_board import FramedBoard, Setup, ask, await_silence
from biofeedback.sources.line import BoardOptions, Line
from biofeedback.stream import Channel
from biofeedback.text import _
from biofeedback.wire.cyton import (
    BAUD,
    DEFAULTS,
    N_CHANNELS,
    RESET,
    SFREQ,
    START,
    STOP,
    CytonFraming,
    DaisyFraming,
)

ANSWER_S = 3.0  # by radio, and asked again where a packet was lost
_QUIET_S = 0.3
_READY = re.compile(rb"(?s).*\$\$\$")  # with which every answer ends
_THERE, _DAISY = b"ADS1299", b"On Daisy ADS1299"


class CytonBoard(FramedBoard):
    """Reads a Cyton's eight channels, or sixteen with a Daisy; a `Wire`.

    Its gain is set here, to 24, so that microvolts are known.
    """

    title = "OpenBCI Cyton"
    bauds: tuple[int, ...] = (BAUD,)
    boot_s = 0.5  # opening the dongle's port resets nothing
    greeting = RESET
    answer_s = 1.1

    def __init__(self, options: BoardOptions) -> None:
        super().__init__(options, [CytonFraming()])

    def recognise(self, data: bytes) -> bool:
        """Take what was heard; say whether the dongle has answered, or the board is streaming."""
        recognised = super().recognise(data)
        off = recognised and not self.speaking() and _THERE not in self._text
        self.title = _("OpenBCI Cyton, switched off or out of reach") if off else type(self).title
        return recognised

    def _answered(self, text: bytes) -> bool:
        return _READY.search(text) is not None

    def _set_up(self, line: Line) -> Setup:
        daisy = _DAISY in self._reset(line)
        framing, sfreq = (DaisyFraming(), SFREQ / 2) if daisy else (CytonFraming(), SFREQ)
        self._check_rate(sfreq)
        if self._options.unit not in (None, COUNTS):
            raise SourceMismatch(
                _("A Cyton's numbers are counts, and their gain is known: leave the unit out.")
            )
        n = self._chosen(2 * N_CHANNELS if daisy else N_CHANNELS)
        if ask(line, DEFAULTS, _READY, ANSWER_S) is None:
            raise self._unreachable(line)
        notes = self._notes(
            _("A Cyton's frames have no checksum: damage within a sample is not noticed."),
            sensor=SENSORS["cyton"],
        )
        line.write(START)
        return Setup(framing, sfreq, self._microvolts(n), notes)

    def _microvolts(self, n: int) -> tuple[Channel, ...]:
        """Return `n` channels: what amplifies is the Cyton itself, whatever sensor was named."""
        sensor = None if self._options.unit else SENSORS["cyton"]
        return tuple(
            make_channel(label, sensor, SENSORS["cyton"].converter) for label in self._labels(n)
        )

    def _reset(self, line: Line) -> bytes:
        """Return what the board says as it is reset; raise `SourceNotFound` where it does not."""
        told = _READY.search(self._text)  # it has just been, where it did not stream
        if told and _THERE in told[0]:
            return told[0]
        line.write(STOP)
        await_silence(line, _QUIET_S, ANSWER_S)
        for _try in range(2):
            answer = ask(line, RESET, _READY, ANSWER_S)
            if answer and _THERE in answer:
                return answer
        raise self._unreachable(line)

    def _unreachable(self, line: Line) -> SourceNotFound:
        return SourceNotFound(
            _(
                "{port}: the Cyton does not answer its dongle: is it switched to PC, near, its "
                "battery full, and paired on the dongle's channel?"
            ).format(port=line.name)
        )

    def end(self, line: Line) -> None:
        """Let the board rest."""
        line.write(STOP)
