"""What a person types during a training: answers from 0 to 10, and Enter to go on."""

import queue
import sys
import threading
from collections import deque
from collections.abc import Callable
from functools import partial

from biofeedback.cli.output import say
from biofeedback.errors import BiofeedbackError
from biofeedback.text import _
from biofeedback.training.events import Event, What
from biofeedback.training.protocol import Ends, Kind
from biofeedback.training.trainer import Trainer

_RATED = {"tension": _("tension"), "pain": _("pain")}


class Answers:
    """Reads the terminal's lines on a thread of its own, so that the stream need not wait."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._asked: deque[tuple[str, Callable[[float], None]]] = deque()
        threading.Thread(target=self._read, name="answers", daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self._lines.put(line.strip())

    def ask(self, event: Event, trainer: Trainer) -> None:
        """Ask what `event` wants to know."""
        if event.what is What.GUESS_ASKED:
            self._asked.append((event.text, trainer.guess))
            self._ask_next()
        elif event.what is What.PHASE_BEGINS:
            self._ask_in(event.values["kind"], trainer)

    def _ask_in(self, kind: str, trainer: Trainer) -> None:
        """Ask what a phase that begins wants to know."""
        if kind in (Kind.TRIAL, Kind.RATINGS):
            self._asked.clear()  # a guess that nobody made
        if kind == Kind.RATINGS:
            for name in trainer.ratings:
                said = _("{what}, from 0 to 10?").format(what=_RATED.get(name, name))
                self._asked.append((said, partial(trainer.rate, name)))
            self._ask_next()
        elif _waits(trainer) and not self._asked:
            say(_("Enter goes on."))

    def heed(self, trainer: Trainer) -> None:
        """Pass on what was typed since; Enter alone leaves a question out, or goes on."""
        while not self._lines.empty():
            line = self._lines.get()
            if not self._asked:
                if _waits(trainer):
                    trainer.go_on()
                continue
            take = self._asked[0][1]
            try:
                if line:
                    take(_number(line))
            except BiofeedbackError as error:
                say(str(error))
                continue
            self._asked.popleft()
            self._ask_next()
            if not self._asked and _waits(trainer):
                trainer.go_on()

    def _ask_next(self) -> None:
        if self._asked:
            say(self._asked[0][0])


def _waits(trainer: Trainer) -> bool:
    return trainer.phase is not None and trainer.phase.ends is Ends.ANSWER


def _number(line: str) -> float:
    try:
        return float(line.replace(",", "."))
    except ValueError:
        return float("nan")
