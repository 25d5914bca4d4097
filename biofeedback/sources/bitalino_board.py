"""A BITalino, by Bluetooth's serial port or a cable: asked for its version, and started."""

import re
from dataclasses import replace

from biofeedback.boards import SENSORS
from biofeedback.errors import SourceMismatch, SourceNotFound
from biofeedback.sources.framed_board import FramedBoard, Setup, ask, await_silence
from biofeedback.sources.line import BoardOptions, Line
from biofeedback.stream import Channel
from biofeedback.text import _
from biofeedback.wire.bitalino import (
    BAUD,
    MOST_CHANNELS,
    RATES,
    STOP,
    VERSION,
    BitalinoFraming,
    set_rate,
    start,
)

ANSWER_S = 2.0
_QUIET_S, _PAUSE_S = 0.3, 0.1  # its maker's own program pauses before each command
_VERSION = re.compile(rb"BITalino[ -~]*[\r\n]")
_FINE, _COARSE_BITS = 4, 6  # so many have ten bits, the others six


class BitalinoBoard(FramedBoard):
    """Reads a BITalino's first channels, one where no number is asked for; a `Wire`."""

    title = "BITalino"
    bauds: tuple[int, ...] = (BAUD,)
    boot_s = 0.5
    greeting = VERSION
    answer_s = 0.5

    def __init__(self, options: BoardOptions) -> None:
        super().__init__(options, [BitalinoFraming(n) for n in (1, 2, 3, 4, 6)])

    def _answered(self, text: bytes) -> bool:
        return _VERSION.search(text) is not None

    def _set_up(self, line: Line) -> Setup:
        sfreq = self._options.sfreq or max(RATES)
        if sfreq not in RATES:
            raise SourceMismatch(
                _("A BITalino samples at {rates} Hz, not at {sfreq:g}.").format(
                    rates=", ".join(map(str, RATES)), sfreq=sfreq
                )
            )
        n = min(self._options.channels or 1, self._chosen(MOST_CHANNELS))
        if not self._answered(self._text):
            self._stop(line)
        line.write(set_rate(int(sfreq)))
        await_silence(line, _PAUSE_S, ANSWER_S)
        line.write(start(n))
        notes = self._notes(
            _(
                "A BITalino's checksum and counter have four bits each: one damaged frame in 16 is "
                "not noticed, and a loss of just 16 samples, or a multiple of that, only by the "
                "clock, within a minute."
            ),
            sensor=SENSORS["bitalino"],
        )
        return Setup(BitalinoFraming(n), float(sfreq), self._with_bits(n), notes)

    def _stop(self, line: Line) -> None:
        """Stop the stream that it was left with; raise `SourceNotFound` where it goes on.

        Only a stream is stopped so: to a BITalino that rests the same byte sets its battery light.
        """
        line.write(STOP)
        await_silence(line, _QUIET_S, ANSWER_S)
        if ask(line, VERSION, _VERSION, ANSWER_S) is None:
            raise SourceNotFound(
                _(
                    "{port}: the BITalino does not answer: switch it off and on, and try again."
                ).format(port=line.name)
            )

    def _with_bits(self, n: int) -> tuple[Channel, ...]:
        """Return the channels, the fifth and sixth with the six bits that they have."""
        sensor = SENSORS["bitalino"]
        fine = self._channels(n, board=sensor.converter, sensor=sensor)
        if n <= _FINE or sensor.converter is None:
            return fine
        few = replace(sensor.converter, bits=_COARSE_BITS)
        return (*fine[:_FINE], *self._channels(n, board=few, sensor=sensor)[_FINE:])

    def end(self, line: Line) -> None:
        """Let the board rest."""
        line.write(STOP)
