"""An Olimex SHIELD-EKG-EMG, or a ModularEEG: it streams as soon as it has power."""

from biofeedback.boards import BOARDS
from biofeedback.sources.framed_board import FramedBoard, Setup
from biofeedback.sources.line import BoardOptions, Line
from biofeedback.text import _
from biofeedback.wire.olimex import BAUD, N_CHANNELS, SFREQ, P2Framing


class OlimexBoard(FramedBoard):
    """Reads P2 packets; a `Wire`. Clones send at another rate: `sfreq` and `baud` say so.

    Its gain is a trimmer's, 10 * (6 to 101) * 3.56, and its filter ends at 40 Hz (Olimex's own
    description of SHIELD-EKG-EMG, as dealers and its forum, topic 1960, quote it; the manual itself
    was not read): there is no sensor to name by which its counts were microvolts.
    """

    title = "Olimex SHIELD-EKG-EMG"
    bauds: tuple[int, ...] = (BAUD, 115200)

    def __init__(self, options: BoardOptions) -> None:
        super().__init__(options, [P2Framing()])

    def _set_up(self, _line: Line) -> Setup:
        n = self._chosen(N_CHANNELS)
        notes = self._notes(
            _("This shield's packets have no checksum: damage within a sample is not noticed.")
        )
        channels = self._channels(n, board=self._options.board or BOARDS["uno"])
        return Setup(P2Framing(), self._options.sfreq or SFREQ, channels, notes)
