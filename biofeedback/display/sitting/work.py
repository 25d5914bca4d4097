"""What is done beside the window: a question, or something long that tells how far it is."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from biofeedback.errors import BiofeedbackError
from biofeedback.text import _

Tell = Callable[[int, int], None]
Answer = TypeVar("Answer")


class Question(Generic[Answer]):
    """Calls `ask` on a thread of its own; the `answer` is there once it is known, else None.

    `error` says why there will be none. Neither `ask` nor what it is given may know a widget: who
    lets go of one last destroys it, and that may be this thread, where no widget may be touched.
    """

    def __init__(self, ask: Callable[[], Answer], *, name: str) -> None:
        self.answer: Answer | None = None
        self.error = ""
        self._ask = ask
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        try:
            self.answer = self._ask()
        except BiofeedbackError as error:
            self.error = str(error)


class Stopped(Exception):
    """It was asked to stop, and is between two steps."""


class Work:
    """Calls `do` on a thread of its own, with what it tells how many of how many steps are done by.

    At its end `stopped` is set where it was stopped, else `error` says why it failed; both are
    empty where it is done.
    """

    def __init__(self, do: Callable[[Tell], object]) -> None:
        self.done, self.all = 0, 0
        self.stopping = self.stopped = False
        self.error = ""
        self._do = do
        # what is kept is kept whole or not at all: the program may end meanwhile
        self._thread = threading.Thread(target=self._run, name="work", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether it goes on."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Let it end after the step that it is at."""
        self.stopping = True

    def _tell(self, done: int, of: int) -> None:
        self.done, self.all = done, of
        if self.stopping and done < of:
            raise Stopped

    def _run(self) -> None:
        try:
            self._do(self._tell)
        except Stopped:
            self.stopped = True
        except BiofeedbackError as error:
            self.error = str(error)
        except Exception as fault:  # a bug of ours: the page must not wait for ever
            self.error = _("It could not be done by a fault of the program ({fault}).").format(
                fault=fault
            )
            raise
