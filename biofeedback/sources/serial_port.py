"""A board on a serial port: found, read, and found again when the cable was out."""

import contextlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from biofeedback.errors import SettingsError, SourceError, SourceLost, SourceMismatch
from biofeedback.sources.line import (
    LISTEN_S,
    SILENCE_S,
    BoardOptions,
    BoardRestarted,
    Line,
    Wire,
)
from biofeedback.sources.listening import BAUD_S, WIRES, Ear, Heard, find_board
from biofeedback.sources.ports import Port, list_ports
from biofeedback.stream import BoardEvent, Chunk, Press, StreamInfo
from biofeedback.text import _

TRY_AGAIN_S = 0.1
STILL_S = 1.5  # no look at the port takes as long, but of a program that was stopped


class SerialSource:
    """Reads the board on `port`; where that is empty, the one that answers.

    `wire` names the kind of board, empty: whatever answers. A board that is lost (unplugged, reset,
    silent for `silence_s`) is waited for, `patience_s` long, on its port or another; the time that
    it was away is a gap. Times in seconds. A source that was closed stays closed.
    """

    ended = False

    def __init__(
        self,
        port: str,
        options: BoardOptions | None = None,
        *,
        wire: str = "",
        patience_s: float = 30.0,
        listen_s: float = LISTEN_S,
        baud_s: float = BAUD_S,
        silence_s: float = SILENCE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if wire and wire not in WIRES:
            raise SettingsError(
                _("wire={wire} is no wire format; choose one of: {wires}.").format(
                    wire=wire, wires=", ".join(WIRES)
                )
            )
        self.status = ""
        self.notes: tuple[str, ...] = ()
        self.presses: tuple[Press, ...] = ()
        self.events: tuple[BoardEvent, ...] = ()
        self._port = port
        self._options = options or BoardOptions()
        self._patience_s, self._silence_s = patience_s, silence_s
        self._clock = clock
        self._stopped = threading.Event()
        self._ear = Ear(
            wires=(wire,) if wire else tuple(WIRES),
            options=self._options,
            stopped=self._stopped,
            say=self._say,
            clock=clock,
            listen_s=listen_s,
            late_s=baud_s,
            baud_s=baud_s,
        )
        self._heard: Heard | None = None
        self._line: Line | None = None
        self._held: list[Chunk] = []
        self._looked = 0.0
        self._newest: Chunk | None = None  # and when it came
        self._newest_s = 0.0
        self._shift: int | None = 0  # from the board's index to ours; None: to be found anew
        self._lost: SourceError | None = None
        self._refused: set[str] = set()
        self._device: Port | None = None
        self._others: set[str] = set()

    def _say(self, status: str) -> None:
        self.status = status

    @property
    def corrupt_frames(self) -> int:
        """How many frames or lines arrived damaged."""
        return self._heard.wire.corrupt_frames if self._heard else 0

    def open(self) -> None:
        """Find the board and set it going; raise `SourceError`."""
        try:
            ports = list_ports()
            self._heard = self._find(ports)
            self._line = self._heard.line
            streamed = self._heard.wire.begin(self._line)
        except BaseException:
            self._release()
            raise
        finally:
            self.status = ""
        self._name = self._line.name
        self._device = next((port for port in ports if port.name == self._name), None)
        self._others = {port.name for port in ports if port.name != self._name}
        self._held = self._placed(streamed.held, self._line.now)
        self.notes = streamed.notes
        self.info = StreamInfo(
            channels=streamed.channels,
            sfreq=streamed.sfreq,
            source=f"serial:{self._line.name}",
            sfreq_estimated=streamed.estimated,
        )

    def _find(self, ports: list[Port]) -> Heard:
        """Return the board that was named, else the one that answers."""
        if not self._port:
            return find_board(ports, self._ear)
        usb = next((port.usb_id for port in ports if port.name == self._port), None)
        return self._ear.listen(self._port, usb=usb)

    def read(self, timeout: float) -> list[Chunk]:
        """Return what has arrived, waiting up to `timeout` seconds for the first of it.

        It may take longer where a lost board is set up again. Raises `SourceLost` where the board
        stayed away too long.
        """
        if self._held:
            held, self._held = self._held, []
            return held
        if self._lost:
            return self._try_again(timeout)
        heard, line = self._heard, self._line
        if heard is None or line is None:  # closed meanwhile
            return []
        wire = heard.wire
        now = self._gather(wire.gather_s, timeout) if wire.gather_s else line.now
        deadline = now + timeout
        try:
            while not self._stopped.is_set():
                data = self._look(line, max(0.0, deadline - now))
                now = line.now
                if data:
                    chunks = self._placed(wire.feed(data), now)
                    if wire.news or wire.presses or wire.events:
                        self._hear(wire)
                    if chunks:
                        self._looked = now
                        return chunks
                else:
                    line.raise_if_silent(self._silence_s)
                if now >= deadline:
                    self._looked = now
                    break
        except SourceLost as error:
            self._lose(error)
        return []

    def _gather(self, gather_s: float, timeout: float) -> float:
        """Wait until samples may be handed on again; return the time of before."""
        now = self._clock()
        self._stopped.wait(min(gather_s, timeout, max(0.0, self._looked + gather_s - now)))
        return now

    def _look(self, line: Line, wait_s: float) -> bytes:
        """Return what has come, and note it where the last look was long ago."""
        before = line.now
        data = line.read(wait_s)
        if line.now - before > STILL_S:
            self.notes += (
                _(
                    "The program stood still for {seconds:.1f} s, stopped or out of breath: what "
                    "the port could not hold meanwhile is missing."
                ).format(seconds=line.now - before),
            )
        return data

    def _hear(self, wire: Wire) -> None:
        """Take over what the board has told besides its samples."""
        self.notes += tuple(wire.news)
        wire.news.clear()
        if self._shift is not None:  # else it has just come back, and its time is not known yet
            shift = self._shift
            self.presses += tuple(Press(press.index + shift, press.down) for press in wire.presses)
            self.events += tuple(BoardEvent(e.index + shift, e.name) for e in wire.events)
        wire.presses.clear()
        wire.events.clear()

    def close(self) -> None:
        """Give the port back; an `open` or `read` under way ends within a tenth of a second."""
        if self._line and self._heard and not self._stopped.is_set():
            with contextlib.suppress(SourceError):  # it has gone already
                self._heard.wire.end(self._line)
        self._stopped.set()
        self._release()

    def _release(self) -> None:
        line, self._line = self._line, None
        if line:
            line.close()

    # placing samples in time

    def _placed(self, chunks: list[Chunk], now: float) -> list[Chunk]:
        """Return `chunks`, which came `now`, by our own index, which runs through losses.

        Where a board was set up again its index began anew: how long it was away the clock says.
        """
        if not chunks:
            return []
        if self._shift != 0:
            if self._shift is None:
                away = max(1, round((now - self._newest_s) * self.info.sfreq))
                first, last = chunks[0].start, chunks[-1].stop
                stop = self._newest.stop if self._newest else 0
                self._shift = stop + max(away - (last - first), 1) - first
            chunks = [Chunk(chunk.start + self._shift, chunk.samples) for chunk in chunks]
        self._newest, self._newest_s = chunks[-1], now
        return chunks

    # a board that was lost

    def _lose(self, error: SourceError) -> None:
        """Begin to wait for the board."""
        if self._lost is None:
            self._lost_s = self._clock()
        self._lost, self._shift = error, None
        if not isinstance(error, BoardRestarted):
            self._release()
        self.status = str(error)

    def _try_again(self, timeout: float) -> list[Chunk]:
        """Set the board up again where it is back; raise `SourceLost` where patience is over."""
        assert self._heard  # noqa: S101 - it was opened
        for port in self._candidates():
            try:
                self._begin_again(self._heard, port)
            except SourceError as error:
                self._release()
                if self._stopped.is_set():
                    return []
                if isinstance(error, SourceMismatch):
                    self._lost = error
                    self._refused.add(port)  # until it is unplugged it stays the wrong one
            else:
                return self.read(timeout)
        self.status = str(self._lost)
        if self._clock() - self._lost_s >= self._patience_s:
            raise SourceLost(
                _(
                    "{error} It was waited for, {seconds:g} s long; plug it in, and start again."
                ).format(error=self._lost, seconds=self._patience_s)
            )
        self._stopped.wait(min(TRY_AGAIN_S, timeout))
        return []

    def _candidates(self) -> list[str]:
        """Return the ports that the board may be on now, the likeliest first.

        USB tells one device from another; without its numbers, whatever came since is asked.
        """
        if self._line:
            return [self._name]
        ports = list_ports()
        listed = {port.name for port in ports}
        self._others &= listed
        found = [port for port in ports if port.name not in self._others]
        if self._device and self._device.usb:
            names = [port.name for port in found if port.same_device(self._device)]
        else:
            names = [self._name, *(port.name for port in found)]
        self._refused = {name for name in self._refused if name in listed or os.path.exists(name)}
        return [name for name in dict.fromkeys(names) if name not in self._refused]

    def _begin_again(self, heard: Heard, port: str) -> None:
        if self._line is None:
            ear = replace(self._ear, wires=(heard.name,), say=_hush)
            heard = ear.listen(port, {heard.name: heard.wire})
            self._heard, self._line = heard, heard.line
        streamed = heard.wire.begin(self._line)
        if (streamed.channels, streamed.sfreq) != (self.info.channels, self.info.sfreq):
            raise SourceMismatch(
                _(
                    "The board on {port} sends other channels than before: begin a new session "
                    "with it."
                ).format(port=port)
            )
        self._held = self._placed(streamed.held, self._line.now)
        away_s = self._clock() - self._lost_s
        self.notes += (_("The board was away for {seconds:.1f} s.").format(seconds=away_s),)
        if port != self._name:
            self.notes += (_("It goes on at {port}.").format(port=port),)
            self._name = port
        self._lost = None
        self.status = ""


def _hush(_status: str) -> None:
    """While a board is waited for, the reason is what is to be seen."""
