"""A board on a serial port that prints its samples."""

import threading
import time
from collections.abc import Callable

import numpy as np

from biofeedback.boards import (
    BOARDS,
    COUNTS_HINT,
    DEFAULT_BOARD,
    MICROVOLTS,
    Board,
    Sensor,
    make_channel,
)
from biofeedback.errors import (
    SettingsError,
    SourceError,
    SourceLost,
    SourceMismatch,
    SourceNotFound,
)
from biofeedback.sources.count_limits import CountLimits
from biofeedback.sources.ports import STEP_S, SerialLink, list_ports, say_ports
from biofeedback.stream import Channel, Chunk, StreamInfo
from biofeedback.text import _
from biofeedback.wire.text import TextDecoder

BAUDS = (115200, 9600, 57600, 230400, 38400, 19200, 500000, 250000, 1000000)
"""In the order in which they are tried: what sketches set most, first."""

WIRES = {"text": TextDecoder}
"""Wire formats by the name that `wire=` gives them."""

LISTEN_S = 4.0  # opening resets an Uno: 1.5 to 2 s of silence, boot text, and then its numbers
BAUD_S = 1.5  # another speed does not reset it: it is sending already
SILENCE_S = 2.0
# Samples are handed on in portions: each costs a pass through the pipeline, and a board that sends
# every sample by itself would take half a core.
GATHER_S = 0.016
MEASURE_S = 10.0  # bursts of 16 ms (FTDI) then leave less than 0.01 % of error


def fit_sfreq(arrivals: list[tuple[float, int]]) -> float:
    """Return the rate in Hz of a line through `(arrival time in s, samples so far)`, by 0.1 Hz.

    An adapter hands samples on in bursts, so each read is one point, at its newest sample: the
    delay of that one is nearly the same every time, and falls out of the slope.
    """
    times, counts = np.array(arrivals).T
    times, counts = times - times.mean(), counts - counts.mean()
    return round(float(counts @ counts / (counts @ times)), 1)


class SerialSource:
    """Reads the board on `port`; on the first port that sends numbers where that is empty.

    `baud` None: found out by listening. `sfreq` None: measured for `measure_s` as the source
    opens, and what arrives meanwhile is kept. `unit` says what the numbers are ("uV", "mV", "V"
    at the skin, or "counts"); without it `sensor` on `board` gives the gain. Every time is in
    seconds. A source that was closed stays closed.
    """

    ended = False

    def __init__(
        self,
        port: str,
        *,
        baud: int | None = None,
        sfreq: float | None = None,
        sensor: Sensor | None = None,
        board: Board | None = None,
        unit: str | None = None,
        wire: str = "text",
        measure_s: float = MEASURE_S,
        listen_s: float = LISTEN_S,
        baud_s: float = BAUD_S,
        silence_s: float = SILENCE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if wire not in WIRES:
            raise SettingsError(
                _("wire={wire} is no wire format; choose one of: {wires}.").format(
                    wire=wire, wires=", ".join(WIRES)
                )
            )
        self.status = ""
        self.notes: tuple[str, ...] = ()
        self._port, self._name = port, port
        self._baud, self._sfreq, self._unit = baud, sfreq, unit
        self._sensor = None if unit else sensor
        self._board = board or (sensor and sensor.converter) or BOARDS[DEFAULT_BOARD]
        self._measure_s, self._silence_s = measure_s, silence_s
        self._listen_s, self._baud_s = listen_s, baud_s
        self._clock = clock
        self._decoder = WIRES[wire]()
        self._limits: CountLimits | None = None
        self._link: SerialLink | None = None
        self._held: list[Chunk] = []
        self._closed = False
        self._stopped = threading.Event()
        self._looked = 0.0

    @property
    def corrupt_frames(self) -> int:
        """How many lines arrived damaged, or with counts that the converter cannot send."""
        return self._decoder.corrupt_frames + (self._limits.refused if self._limits else 0)

    def open(self) -> None:
        """Open the port, find its speed, its columns and its rate; raise `SourceError`."""
        try:
            chunks = self._find()
            self._limits = self._make_limits()
            self._held = self._within_limits(chunks)
            sfreq = self._sfreq or self._measure()
        except BaseException:
            self._release()
            raise
        finally:
            self.status = ""
        self.info = StreamInfo(
            channels=tuple(self._channel(label) for label in self._decoder.labels),
            sfreq=sfreq,
            source=f"serial:{self._name}",
            sfreq_estimated=self._sfreq is None,
        )
        self.notes = self._make_notes()

    def read(self, timeout: float) -> list[Chunk]:
        """Return what has arrived, waiting up to `timeout` seconds for the first of it.

        Raises `SourceLost` when the board was unplugged or has fallen silent.
        """
        if self._held:
            held, self._held = self._held, []
            return held
        now = self._clock()
        deadline = now + timeout
        self._stopped.wait(min(GATHER_S, timeout, max(0.0, self._looked + GATHER_S - now)))
        while True:
            chunks, now = self._pull(deadline - now)
            if chunks or self._link is None or now >= deadline:
                self._looked = now
                return chunks

    def close(self) -> None:
        """Give the port back; an `open` or `read` under way ends within a tenth of a second."""
        self._closed = True
        self._stopped.set()
        self._release()

    def _release(self) -> None:
        link, self._link = self._link, None
        if link:
            link.close()

    def _find(self) -> list[Chunk]:
        """Open the port that sends numbers; return the first of them."""
        if self._port:
            return self._listen(self._port)
        ports = list_ports()
        failures: list[SourceError] = []
        for port in ports:
            if port.bluetooth:
                continue
            try:
                return self._listen(port.name)
            except SourceError as error:
                self._release()
                self._raise_if_closed()
                failures.append(error)
        if len(failures) == 1:
            raise failures[0]
        if failures:
            found = " ".join(map(str, failures))
            raise SourceNotFound(_("No port sends numbers. {found}").format(found=found))
        raise SourceNotFound(_("No board was found. {ports}").format(ports=say_ports(ports)))

    def _listen(self, port: str) -> list[Chunk]:
        """Open `port`, and try one speed after another until lines of numbers come."""
        self._name = port
        bauds = (self._baud,) if self._baud else BAUDS
        self.status = _("opening {port}").format(port=port)
        self._link = link = SerialLink(port, baud=bauds[0])
        for baud in bauds:
            first = baud == bauds[0]
            if not (first or link.set_baud(baud)):
                continue
            self.status = _("listening at {baud} baud").format(baud=baud)
            chunks, heard = self._listen_for(self._listen_s if first else self._baud_s, link)
            if chunks:
                return chunks
            if first and not heard:
                raise SourceNotFound(
                    _(
                        "{port} is open but sends nothing: is it the board's port, and does its "
                        "sketch run and print? Pressing the board's reset button may help."
                    ).format(port=port)
                )
        raise SourceMismatch(self._explain_no_numbers(port))

    def _listen_for(self, seconds: float, link: SerialLink) -> tuple[list[Chunk], bool]:
        """Return the first samples, none where there are none, and whether any byte came."""
        self._decoder.reset()
        heard = False
        now = self._clock()
        deadline = now + seconds
        while now < deadline:
            self._raise_if_closed()
            data = link.read(deadline - now)
            now = self._clock()
            if data and not heard:
                heard = True
                deadline = max(deadline, now + self._baud_s)  # a slow starter
            chunks = self._decoder.feed(data)
            if chunks:
                self._heard = now
                return chunks, True
        return [], heard

    def _explain_no_numbers(self, port: str) -> str:
        if self._baud:
            return _(
                "{port} sends bytes, but no lines of numbers at {baud} baud: give the speed of the "
                "sketch's Serial.begin, or none to have it found, and print numbers with "
                "Serial.println. A board with a protocol of its own needs its wire= name."
            ).format(port=port, baud=self._baud)
        return _(
            "{port} sends bytes, but no lines of numbers at any usual speed: give the speed of the "
            "sketch's Serial.begin, e.g. serial:{port}?baud=74880, and print numbers with "
            "Serial.println. A board with a protocol of its own needs its wire= name."
        ).format(port=port)

    def _raise_if_closed(self) -> None:
        if self._closed:
            raise SourceError(_("{port} was closed before it had opened.").format(port=self._name))

    def _make_limits(self) -> CountLimits | None:
        if self._sensor is None:
            return None
        return CountLimits(self._board, signed=self._sensor.signed, port=self._name)

    def _channel(self, label: str) -> Channel:
        if self._unit in MICROVOLTS:
            return Channel(label, "uV", MICROVOLTS[self._unit])
        return make_channel(label, self._sensor, self._board)

    def _make_notes(self) -> tuple[str, ...]:
        notes = []
        if self.info.sfreq_estimated:
            notes.append(_("rate estimated: {sfreq:g} Hz").format(sfreq=self.info.sfreq))
        if not (self._sensor or self._unit):
            notes.append(COUNTS_HINT)
        notes.append(_("Text lines carry no counter, so loss on the cable cannot be counted."))
        return tuple(notes)

    def _measure(self) -> float:
        """Return the rate in Hz, fitted to arrivals; what arrives is held for `read`."""
        self.status = _("measuring rate")
        start = now = self._heard
        arrivals = [(now, self._decoder.position)]
        while now - start < self._measure_s or len(arrivals) < 3:
            self._raise_if_closed()
            chunks, now = self._pull(STEP_S)
            self._held += chunks
            if self._decoder.position > arrivals[-1][1]:
                arrivals.append((now, self._decoder.position))
        return fit_sfreq(arrivals)

    def _pull(self, wait_s: float) -> tuple[list[Chunk], float]:
        """Return what one look at the port gives, and the time of it."""
        link = self._link
        data = link.read(wait_s) if link else b""
        now = self._clock()
        if data:
            self._heard = now
            return self._within_limits(self._decoder.feed(data)), now
        if link and not self._closed and now - self._heard >= self._silence_s:
            raise SourceLost(
                _(
                    "{port} has sent nothing for {seconds:g} s: is the board still plugged in, "
                    "and does its sketch still run?"
                ).format(port=self._name, seconds=self._silence_s)
            )
        return [], now

    def _within_limits(self, chunks: list[Chunk]) -> list[Chunk]:
        if self._limits is None:
            return chunks
        return [part for chunk in chunks for part in self._limits(chunk)]
