"""Who is there: what answers on a port, and on all ports at once."""

import contextlib
import math
import queue
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from biofeedback.errors import SourceError, SourceMismatch, SourceNotFound
from biofeedback.sources.line import BoardOptions, Line, Wire
from biofeedback.sources.native_board import NativeBoard
from biofeedback.sources.ports import STEP_S, Port, say_ports
from biofeedback.sources.text_board import TextBoard
from biofeedback.text import _
from biofeedback.wire.native import FAST_BAUD, SAFE_BAUD

WIRES: dict[str, Callable[[BoardOptions], Wire]] = {"native": NativeBoard, "text": TextBoard}
"""Kinds of board by the name that `wire=` gives them; those first are preferred."""

BAUDS = (SAFE_BAUD, 9600, 57600, 230400, 38400, 19200, FAST_BAUD, 250000, 1000000)
"""In the order in which they are tried: what sketches set most, first."""

LISTEN_S = 4.0  # opening resets an Uno: 1.5 to 2 s of silence, boot text, and then its numbers
BAUD_S = 1.5  # another speed does not reset it: it is sending already
GREET_S = 0.25
# After one board of ours has answered, others that were opened with it have as long: all reset as
# they are opened, and which of two is meant must be asked.
SECOND_ANSWER_S = 1.0
PRINTING_WAITS_S = 3.0  # a sketch is heard sooner than an Uno of ours can answer
# Whoever talks is not talked to: some boards stop at any byte. A pause is when one may ask.
PAUSE_S = 0.1


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
    baud_s: float = BAUD_S
    bauds: tuple[int, ...] = ()
    """The speeds to try, where not all."""

    def listen(self, port: str, made: dict[str, Wire] | None = None) -> Heard:
        """Open `port` and return what answers; raise `SourceError` where nothing does.

        `made`: the boards to listen for, where they are known already.
        """
        wires = made or {name: WIRES[name](self.options) for name in self.wires}
        bauds = self.bauds or self._bauds()
        self.say(_("opening {port}").format(port=port))
        line = Line(port, baud=bauds[0], clock=self.clock, stopped=self.stopped, say=self.say)
        try:
            return self._listen_at_each(line, wires, bauds)
        except BaseException:
            line.close()
            raise

    def _bauds(self) -> tuple[int, ...]:
        """A board of ours begins at the safe speed, whatever speed it is to work at."""
        baud = self.options.baud
        if "text" not in self.wires:
            return (SAFE_BAUD, baud or FAST_BAUD)
        if baud is None:
            return BAUDS
        return tuple(dict.fromkeys((baud, SAFE_BAUD))) if "native" in self.wires else (baud,)

    def _listen_at_each(self, line: Line, wires: dict[str, Wire], bauds: tuple[int, ...]) -> Heard:
        heard_anything = False
        for baud in bauds:
            first = baud == bauds[0]
            if not line.set_baud(baud):
                continue
            self.say(_("listening at {baud} baud").format(baud=baud))
            name, heard = self._listen_for(self.listen_s if first else self.baud_s, line, wires)
            if name:
                return Heard(line, wires[name], name)
            heard_anything = heard_anything or heard
            if not heard and self.options.baud is None and "text" in wires:
                break  # a sketch that prints is heard at any speed, if only as noise
        raise self._explain(line.name, heard_anything=heard_anything)

    def _listen_for(self, seconds: float, line: Line, wires: dict[str, Wire]) -> tuple[str, bool]:
        """Return the name of the kind that answered, else an empty one, and if any byte came."""
        for wire in wires.values():
            wire.forget()
        heard = False
        greeted = -GREET_S
        may_greet = line.baud in (SAFE_BAUD, FAST_BAUD, self.options.baud)
        begun = line.now
        deadline = begun + seconds
        line.heard = begun
        while line.now < deadline:
            line.raise_if_stopped()
            for wire in wires.values():
                quiet = line.now - line.heard >= PAUSE_S or wire.speaking()
                if wire.greeting and may_greet and quiet and line.now - greeted >= GREET_S:
                    line.write(wire.greeting)
                    greeted = line.now
            data = line.read(min(STEP_S, deadline - line.now))
            if data and not heard:
                heard = True
                deadline = max(deadline, line.now + self.baud_s)  # a slow starter
            for name, wire in wires.items():
                if data and wire.recognise(data):
                    return name, True
        return "", heard

    def _explain(self, port: str, *, heard_anything: bool) -> SourceError:
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
            answers.put(Answer(port, ear.listen(port.name), None))
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
    """Return the one board that answers on `ports`, ours before others; raise `SourceError`."""
    search = replace(ear, stopped=threading.Event())
    ours: list[Heard] = []
    others: list[Heard] = []
    failures: list[SourceError] = []
    begun = time.monotonic()
    enough_s = math.inf
    with contextlib.closing(listen_everywhere(ports, search)) as answers:
        for answer in answers:
            now_s = time.monotonic() - begun
            if answer and answer.heard:
                native = answer.heard.name == "native"
                (ours if native else others).append(answer.heard)
                wait_s = now_s + SECOND_ANSWER_S if native else max(now_s, PRINTING_WAITS_S)
                enough_s = min(enough_s, wait_s)
            elif answer and answer.error:
                failures.append(answer.error)
            if now_s >= enough_s or ear.stopped.is_set():
                break
    return _choose(ours, others, failures, ports, ear)


def _choose(
    ours: list[Heard],
    others: list[Heard],
    failures: list[SourceError],
    ports: list[Port],
    ear: Ear,
) -> Heard:
    chosen = (ours or others)[:1] if len(ours) < 2 and not ear.stopped.is_set() else []
    for heard in ours + others:
        if heard not in chosen:
            heard.line.close()
    if chosen:
        chosen[0].line.stopped = ear.stopped
        return chosen[0]
    if len(ours) > 1:
        names = [heard.line.name for heard in ours]
        raise SourceMismatch(
            _("Several boards answer: {names}. Name the one you mean, e.g. serial:{first}.").format(
                names=", ".join(names), first=names[0]
            )
        )
    if len(failures) == 1:
        raise failures[0]
    if failures:
        found = " ".join(map(str, failures))
        raise SourceNotFound(_("No board answers. {found}").format(found=found))
    raise SourceNotFound(_("No board was found. {ports}").format(ports=say_ports(ports)))
