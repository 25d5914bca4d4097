"""A SpikerShield of Backyard Brains: it streams as soon as it has power, and tells its events."""

from biofeedback.boards import BOARDS
from biofeedback.sources.framed_board import FramedBoard, Setup, pass_over
from biofeedback.sources.line import BoardOptions, Line
from biofeedback.stream import BoardEvent
from biofeedback.text import _
from biofeedback.wire.spikershield import (
    BAUDS,
    MOST_CHANNELS,
    Messages,
    SpikerFraming,
    configure,
    sfreq_of,
)

_EVENT = "EVNT:"
_BEFORE_S = 0.1  # what it sent before it heard of its channels is past by then


class SpikerShieldBoard(FramedBoard):
    """Reads a SpikerShield's channels, one where no number is asked for; a `Wire`."""

    title = "SpikerShield"
    bauds: tuple[int, ...] = BAUDS
    sure_frames = 200  # two bytes may look like a frame of one channel, and so may some in a row

    def __init__(self, options: BoardOptions) -> None:
        super().__init__(options, [SpikerFraming(n) for n in range(1, MOST_CHANNELS + 1)])
        self._messages = Messages()

    def forget(self) -> None:
        """Forget what was heard."""
        super().forget()
        self._messages = Messages()

    def _set_up(self, line: Line) -> Setup:
        n = min(self._options.channels or 1, self._chosen(MOST_CHANNELS))
        self._check_rate(round(sfreq_of(n), 2))
        line.write(configure(n))
        pass_over(line, _BEFORE_S)
        self._messages = Messages()
        notes = self._notes(
            _(
                "A SpikerShield's stream has neither counter nor checksum: what is lost or damaged "
                "on the way is not noticed."
            )
        )
        return Setup(
            SpikerFraming(n),
            sfreq_of(n),
            self._channels(n, board=self._options.board or BOARDS["uno"]),
            notes,
        )

    def _without_messages(self, data: bytes) -> bytes:
        left, decoder = self._messages.strip(data), self._decoder
        for behind, text in self._messages.said:
            if decoder and text.startswith(_EVENT):
                index = decoder.position + decoder.owed + behind / decoder.framing.length
                self.events.append(BoardEvent(round(index), _name_in(text)))
        self._messages.said.clear()
        return left


def _name_in(text: str) -> str:
    """Return what an event is called, without what no recording may hold."""
    name = "".join(letter for letter in text.removeprefix(_EVENT) if letter.isprintable())
    return name.strip("; ")
