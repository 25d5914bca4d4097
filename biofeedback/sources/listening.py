"""Who is there: what answers on a port, and on all ports at once."""

import contextlib
import math
import queue
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from biofeedback.errors import SourceError, SourceMismatch, SourceNotFound
from biofeedback.sources.bitalino_board import BitalinoBoard
from biofeedback.sources.chords_board import ChordsBoard
from biofeedback.sources.cyton_board import CytonBoard
from biofeedback.sources.line import LISTEN_S, BoardOptions, Line, Wire
from biofeedback.sources.native_board import NativeBoard
from biofeedback.sources.olimex_board import OlimexBoard
from biofeedback.sources.ports import STEP_S, Port, say_ports
from biofeedback.sources.spikershield_board import SpikerShieldBoard
from biofeedback.sources.text_board import TextBoard
from biofeedback.text import _
from biofeedback.wire.native import FAST_BAUD, SAFE_BAUD

WIRES: dict[str, Callable[[BoardOptions], Wire]] = {
    "native": NativeBoard,
    "text": TextBoard,
    "chords": ChordsBoard,
    "cyton": CytonBoard,
    "spikershield": SpikerShieldBoard,
    "olimex": OlimexBoard,
    "bitalino": BitalinoBoard,
}
"""Kinds of board by the name that `wire=` gives them."""

BAUDS = (SAFE_BAUD, 9600, 57600, 230400, 38400, 19200, FAST_BAUD, 250000, 1000000, 222222)
"""In the order in which they are tried: what sketches set most, first."""

BAUD_S = 1.5  # another speed does not reset it: it is sending already
GREET_S = 0.25
# After one board has answered, others that were opened with it have as long: all reset as they are
# opened, and which of two is meant must be asked.
SECOND_ANSWER_S = 1.0
PRINTING_WAITS_S = 3.0  # a sketch is heard sooner than an Uno of ours can answer
# Whoever talks is not talked to: some boards stop at any byte. A pause is when one may ask.
PAUSE_S = 0.1
REST_OF_ANSWER_S = 0.5  # after its first byte; by radio it comes in pieces
# The chip of a Cyton's dongle (FTDI's FT231X). Its answer comes by radio and may be late, and what
# other boards are asked would be commands to it.
DONGLE, DONGLE_S = (0x0403, 0x6015), 2.3


@dataclass(frozen=True, slots=True)
class Heard:
    """A board that answered: the open line to it, and its kind."""

    line: Line
    wire: Wire
    name: str
    """Of the kind, as in `WIRES`."""


@dataclass(frozen=True, slots=True)
class Ear:
    """How to listen: for which kinds of board, at which speed (None: all), for how long, in s."""

    wires: tuple[str, ...]
    options: BoardOptions
    stopped: threading.Event
    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    listen_s: float = LISTEN_S
    late_s: float = BAUD_S
    """How long the first byte makes it listen on."""
    baud_s: float = BAUD_S
    """How long to listen at each other speed."""
    bauds: tuple[int, ...] = ()
    """The speeds to try, where not all."""

    def listen(
        self, port: str, made: dict[str, Wire] | None = None, *, usb: tuple[int, int] | None = None
    ) -> Heard:
        """Open `port` and return what answers; raise `SourceError` where nothing does.

        `made`: the boards to listen for, where they are known already. `usb`: the port's ids.
        """
        wires = made or {name: WIRES[name](self.options) for name in self.wires}
        bauds = self.bauds or self._bauds(wires)
        self.say(_("opening {port}").format(port=port))
        line = Line(port, baud=bauds[0], clock=self.clock, stopped=self.stopped, say=self.say)
        try:
            return self._listen_at_each(line, wires, bauds, usb)
        except BaseException:
            line.close()
            raise

    def _bauds(self, wires: dict[str, Wire]) -> tuple[int, ...]:
        """A board of ours begins at the safe speed, whatever speed it is to work at."""
        baud = self.options.baud
        own = tuple(baud for wire in wires.values() for baud in wire.bauds)
        if "text" not in wires and "native" not in wires:
            return (baud,) if baud else tuple(dict.fromkeys(own))
        if "text" not in wires:
            return (SAFE_BAUD, baud or FAST_BAUD)
        if baud is None:
            return BAUDS
        return tuple(dict.fromkeys((baud, SAFE_BAUD))) if "native" in wires else (baud,)

    def _listen_at_each(
        self,
        line: Line,
        wires: dict[str, Wire],
        bauds: tuple[int, ...],
        usb: tuple[int, int] | None,
    ) -> Heard:
        first_s = min(self.listen_s, max(wire.boot_s for wire in wires.values()))
        heard_anything = False
        for baud in bauds:
            first = baud == bauds[0]
            if not line.set_baud(baud):
                continue
            self.say(_("listening at {baud} baud").format(baud=baud))
            name, heard = self._listen_for(first_s if first else self.baud_s, line, wires)
            if name:
                return Heard(line, wires[name], name)
            heard_anything = heard_anything or heard
            if not heard and self.options.baud is None and set(wires) != {"native"}:
                break  # what talks is heard at any speed, if only as noise
        if not heard_anything:
            name, heard_anything = self._ask_each(line, wires, usb)
            if name:
                return Heard(line, wires[name], name)
        raise self._explain(line.name, wires, heard_anything=heard_anything)

    def _listen_for(self, seconds: float, line: Line, wires: dict[str, Wire]) -> tuple[str, bool]:
        """Return the name of the kind that answered, else an empty one, and if any byte came."""
        for wire in wires.values():
            wire.forget()
        heard = False
        greeted = -GREET_S
        may_greet = line.baud in (SAFE_BAUD, FAST_BAUD, self.options.baud)
        greeting = [wire for wire in wires.values() if wire.greeting and not wire.answer_s]
        begun = line.now
        deadline = begun + seconds
        line.heard = begun
        while line.now < deadline:
            line.raise_if_stopped()
            for wire in greeting:
                quiet = line.now - line.heard >= PAUSE_S or wire.speaking()
                if may_greet and quiet and line.now - greeted >= GREET_S:
                    line.write(wire.greeting)
                    greeted = line.now
            data = line.read(min(STEP_S, deadline - line.now))
            if data and not heard:
                heard = True
                deadline = max(deadline, line.now + self.late_s)  # a slow starter
            if data and (name := self._recognised(data, line, wires)):
                return name, True
        return "", heard

    def _ask_each(
        self, line: Line, wires: dict[str, Wire], usb: tuple[int, int] | None
    ) -> tuple[str, bool]:
        """Ask a silent port, one kind after the other; return as `_listen_for` does.

        The quickest to answer first, and none within what another gathers for its command. What
        answers otherwise is no board that we know, and is not asked any further.
        """
        asked = sorted(
            (wire for wire in wires.values() if wire.answer_s), key=lambda wire: wire.answer_s
        )
        dongle = usb == DONGLE and "cyton" in wires
        for wire in wires.values():
            if wire.greeting and not wire.answer_s:
                line.write(wire.greeting)  # once more, for a slow starter
        for wire in [wires["cyton"]] if dongle else asked:
            for baud in (self.options.baud,) if self.options.baud else sorted(wire.bauds):
                if not line.set_baud(baud):
                    continue
                self.say(_("asking at {baud} baud").format(baud=baud))
                answer_s = DONGLE_S if dongle else wire.answer_s
                name, heard = self._ask(wire.greeting, answer_s, line, wires)
                if heard:
                    return name, True
        return "", False

    def _ask(
        self, question: bytes, answer_s: float, line: Line, wires: dict[str, Wire]
    ) -> tuple[str, bool]:
        for wire in wires.values():
            wire.forget()
        line.write(question)
        heard, deadline = False, line.now + answer_s
        while line.now < deadline:
            line.raise_if_stopped()
            data = line.read(min(STEP_S, deadline - line.now))
            if data and not heard:
                heard = True
                deadline = max(deadline, line.now + REST_OF_ANSWER_S)
            if data and (name := self._recognised(data, line, wires)):
                return name, True
        return "", heard

    def _recognised(self, data: bytes, line: Line, wires: dict[str, Wire]) -> str:
        """Return the name of the kind that `data` shows to be there, else an empty one."""
        for name, wire in wires.items():
            its_speed = not wire.bauds or line.baud in (*wire.bauds, self.options.baud)
            if its_speed and wire.recognise(data):
                return name
        return ""

    def _explain(self, port: str, wires: dict[str, Wire], *, heard_anything: bool) -> SourceError:
        if len(wires) == 1 and not {"native", "text"} & set(wires):
            (wire,) = wires.values()
            return _explain_one(port, wire.title, heard_anything=heard_anything)
        if not heard_anything:
            return SourceNotFound(
                _(
                    "{port} is open but sends nothing: is it the board's port, and does its "
                    "sketch run and print? Pressing the board's reset button may help; onto an "
                    "Uno or Nano, biofeedback flash {port} puts this program's firmware."
                ).format(port=port)
            )
        if "text" not in self.wires:
            return SourceMismatch(
                _(
                    "{port} sends bytes, but not those of this program's firmware: put it on the "
                    "board with biofeedback flash {port}, or name the format that it sends, "
                    "e.g. wire=text."
                ).format(port=port)
            )
        if "native" in self.wires:
            return SourceMismatch(
                _(
                    "{port} sends bytes, but neither those of this program's firmware nor lines "
                    "of numbers: onto an Uno or Nano put the firmware with biofeedback flash "
                    "{port}; for a sketch that prints with Serial.println give the speed of its "
                    "Serial.begin, e.g. serial:{port}?baud=74880."
                ).format(port=port)
            )
        if self.options.baud:
            return SourceMismatch(
                _(
                    "{port} sends bytes, but no lines of numbers at {baud} baud: give the speed of "
                    "the sketch's Serial.begin, or none to have it found, and print numbers with "
                    "Serial.println. A board with a protocol of its own needs its wire= name."
                ).format(port=port, baud=self.options.baud)
            )
        return SourceMismatch(
            _(
                "{port} sends bytes, but no lines of numbers at any usual speed: give the speed of "
                "the sketch's Serial.begin, e.g. serial:{port}?baud=74880, and print numbers with "
                "Serial.println. A board with a protocol of its own needs its wire= name."
            ).format(port=port)
        )


def _explain_one(port: str, title: str, *, heard_anything: bool) -> SourceError:
    if heard_anything:
        return SourceMismatch(
            _(
                "{port} sends bytes, but not as such a board does ({board}): choose the kind of "
                "board that it is with wire=, or leave wire= out to have it found."
            ).format(port=port, board=title)
        )
    return SourceNotFound(
        _(
            "{port} is open but no {board} answers: is it switched on, and is it the board's port? "
            "Unplug it, plug it in again, and try once more."
        ).format(port=port, board=title)
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a port gave: a board, or the reason why there is none."""

    port: Port
    heard: Heard | None
    error: SourceError | None


def listen_everywhere(ports: list[Port], ear: Ear) -> Generator[Answer | None, None, None]:
    """Listen on all `ports` at once; yield each answer as it comes, None ten times a second.

    Bluetooth links are left out: opening one calls up the device, for many seconds. The line in an
    answer is the caller's to close. Closing the generator sets `ear.stopped`, and ends the rest.
    """
    answers: queue.Queue[Answer] = queue.Queue()

    def listen(port: Port) -> None:
        try:
            answers.put(Answer(port, ear.listen(port.name, usb=port.usb_id), None))
        except SourceError as error:
            answers.put(Answer(port, None, error))

    threads = [
        threading.Thread(target=listen, args=(port,), daemon=True)
        for port in ports
        if not port.bluetooth
    ]
    for thread in threads:
        thread.start()
    left = len(threads)
    try:
        while left:
            try:
                answer = answers.get(timeout=STEP_S)
            except queue.Empty:
                yield None
            else:
                left -= 1
                yield answer
    finally:
        ear.stopped.set()
        for thread in threads:
            thread.join()
        while not answers.empty():
            late = answers.get()
            if late.heard:
                late.heard.line.close()


def find_board(ports: list[Port], ear: Ear) -> Heard:
    """Return the one board that answers on `ports`; raise `SourceError`.

    Ours before those of other makers, and these before what prints numbers.
    """
    search = replace(ear, stopped=threading.Event())
    found: list[Heard] = []
    failures: list[SourceError] = []
    begun = time.monotonic()
    enough_s = math.inf
    with contextlib.closing(listen_everywhere(ports, search)) as answers:
        for answer in answers:
            now_s = time.monotonic() - begun
            if answer and answer.heard:
                found.append(answer.heard)
                enough_s = min(enough_s, _enough_s(answer.heard, now_s))
            elif answer and answer.error:
                failures.append(answer.error)
            if now_s >= enough_s or ear.stopped.is_set():
                break
    return _choose(found, failures, ports, ear)


def _enough_s(heard: Heard, now_s: float) -> float:
    """Return until when others are waited for once this one was heard, s after the beginning."""
    if heard.name == "native":
        return now_s + SECOND_ANSWER_S
    second_s = 0.0 if heard.name == "text" else SECOND_ANSWER_S
    return max(now_s + second_s, PRINTING_WAITS_S)


_SKETCH, _OTHERS, _OURS = 1, 2, 3


def _choose(found: list[Heard], failures: list[SourceError], ports: list[Port], ear: Ear) -> Heard:
    best = max((_rank(heard) for heard in found), default=0)
    meant = [heard for heard in found if _rank(heard) == best]
    sure = len(meant) == 1 or best == _SKETCH  # of sketches the first is taken
    chosen = meant[:1] if sure and not ear.stopped.is_set() else []
    for heard in found:
        if heard not in chosen:
            heard.line.close()
    if chosen:
        chosen[0].line.stopped = ear.stopped
        return chosen[0]
    if len(meant) > 1:
        names = [heard.line.name for heard in meant]
        raise SourceMismatch(
            _("Several boards answer: {names}. Name the one you mean, e.g. serial:{first}.").format(
                names=", ".join(names), first=names[0]
            )
        )
    if len(failures) == 1:
        raise failures[0]
    if failures:
        said = " ".join(map(str, failures))
        raise SourceNotFound(_("No board answers. {found}").format(found=said))
    raise SourceNotFound(_("No board was found. {ports}").format(ports=say_ports(ports)))


def _rank(heard: Heard) -> int:
    return {"native": _OURS, "text": _SKETCH}.get(heard.name, _OTHERS)
