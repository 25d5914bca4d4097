"""Which board is on which port: all are asked at once, and the window keeps itself informed."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from biofeedback.boards import Board
from biofeedback.devices.usb import find_kind
from biofeedback.errors import SourceMismatch, SourceNotFound
from biofeedback.sources.framed_board import FramedBoard
from biofeedback.sources.line import BoardOptions
from biofeedback.sources.listening import WIRES, Answer, Ear, Heard, listen_everywhere
from biofeedback.sources.native_board import NativeBoard
from biofeedback.sources.ports import Port, list_ports
from biofeedback.text import _, plural
from biofeedback.wire.native import PROTOCOL, SAFE_BAUD, Info

LISTEN_S = 2.4  # a Nano's old bootloader keeps the board for two seconds
LATE_S = 1.0  # after the first byte, for a sketch that prints seldom
GLANCE_S = 0.4  # at each other speed, where something talks: boards send all the time
BAUDS = (SAFE_BAUD, 57600, 230400, 500000, 222222)
ASKED = tuple(name for name in WIRES if name != "bitalino")  # which is met by Bluetooth alone


@dataclass(frozen=True, slots=True)
class Found:
    """A port, and what answered there.

    `answer`: "native" (our firmware, `info` says which), "text" (numbers), another name of `WIRES`,
    "bytes" (something else, or another speed), "nothing", "refused" (it could not be opened),
    "asking", "not asked".
    """

    port: Port
    answer: str
    words: str
    """The same for people."""
    info: Info | None = None
    converter: Board | None = None
    """What samples there, where a board of another maker told it."""

    @property
    def of_another_maker(self) -> bool:
        """Whether it is a board that has a wire format of its own."""
        return self.answer in WIRES and self.answer not in ("native", "text")

    @property
    def board(self) -> str | None:
        """What the board is called, None where nothing told it."""
        if self.of_another_maker:
            return self.words
        return self.info.name if self.info else None

    @property
    def usable(self) -> bool:
        """Whether a session can begin there as it is."""
        if self.answer == "native":
            return self.info is not None and self.info.protocol == PROTOCOL
        return self.answer in WIRES


def survey(ports: list[Port], *, stopped: threading.Event | None = None) -> Iterator[Found]:
    """Yield what answers on each of `ports`, as soon as it does; within a few seconds.

    A Bluetooth link is not asked, for that would call up the device.
    """
    ear = Ear(
        wires=ASKED,
        options=BoardOptions(),
        stopped=stopped or threading.Event(),
        say=lambda _status: None,
        listen_s=LISTEN_S,
        late_s=LATE_S,
        baud_s=GLANCE_S,
        bauds=BAUDS,
    )
    for port in ports:
        if port.bluetooth:
            yield Found(port, "not asked", _("a Bluetooth link, not asked"))
    with contextlib.closing(listen_everywhere(ports, ear)) as answers:
        for answer in answers:
            if answer:
                yield _found(answer)


def _found(answer: Answer) -> Found:
    heard, port = answer.heard, answer.port
    if heard:
        with contextlib.closing(heard.line):
            return _recognised(port, heard)
    if isinstance(answer.error, SourceMismatch):
        return Found(port, "bytes", _("sends bytes that this program does not know at this speed"))
    if isinstance(answer.error, SourceNotFound):
        return Found(port, "nothing", _("nothing answers"))
    return Found(port, "refused", str(answer.error))


def _recognised(port: Port, heard: Heard) -> Found:
    info = heard.wire.info if isinstance(heard.wire, NativeBoard) else None
    if heard.name == "text":
        return Found(port, "text", _("sends numbers"))
    if info is None:
        told = heard.wire.converter if isinstance(heard.wire, FramedBoard) else None
        return Found(port, heard.name, heard.wire.title, converter=told)
    if info.protocol != PROTOCOL:
        words = _("our firmware, but of another version: put this program's on it")
        return Found(port, "native", words, info)
    inputs = plural("{n} input", "{n} inputs", info.max_channels).format(n=info.max_channels)
    words = _("{name}, firmware {version}, {bits} bits, {inputs}").format(
        name=info.name, version=info.version, bits=info.bits, inputs=inputs
    )
    return Found(port, "native", words, info)


class Watch:
    """Keeps an eye on the ports; ask it with `look` now and then.

    A port that has come is asked once who is there, on a thread of its own, where its USB ids are
    those of a board: opening a port may reset what is behind it. `pause` lets go of all ports.
    """

    def __init__(self, ports: Callable[[], list[Port]] = list_ports) -> None:
        self._list_ports = ports
        self._known: dict[Port, Found] = {}
        self._asking: list[tuple[threading.Thread, threading.Event]] = []

    def look(self) -> list[Found]:
        """Return the ports that there are now and what is known of each; never waits."""
        ports = self._list_ports()
        for port in set(self._known) - set(ports):
            del self._known[port]
        new = [port for port in ports if port not in self._known]
        asked = [port for port in new if find_kind(port)]
        for port in new:
            self._known[port] = Found(port, "not asked", "")
        self._ask(asked)
        return [self._known[port] for port in ports]

    def ask(self, port: Port) -> None:
        """Ask again who is on `port`."""
        self._ask([port])

    def _ask(self, ports: list[Port]) -> None:
        self._asking = [(t, e) for t, e in self._asking if t.is_alive()]
        if not ports:
            return
        for port in ports:
            self._known[port] = Found(port, "asking", _("asking who is there"))
        stopped = threading.Event()
        thread = threading.Thread(target=self._hear, args=(ports, stopped), daemon=True)
        self._asking.append((thread, stopped))
        thread.start()

    def _hear(self, ports: list[Port], stopped: threading.Event) -> None:
        for found in survey(ports, stopped=stopped):
            if found.port in self._known and not stopped.is_set():
                self._known[found.port] = found

    def pause(self) -> None:
        """Let go of every port, within a tenth of a second; what was not heard is asked again."""
        for thread, stopped in self._asking:
            stopped.set()
            thread.join()
        self._asking = []
        for port, found in list(self._known.items()):
            if found.answer == "asking":
                del self._known[port]
