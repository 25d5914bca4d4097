"""What goes into a journal on a thread of its own, so that no window waits for a disk."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial

from biofeedback.display.sitting.keeping import Keeping
from biofeedback.errors import BiofeedbackError, JournalError
from biofeedback.session import Session
from biofeedback.text import _

_PATIENCE_S = 15.0  # longer than a database that another program holds is waited for


class Behind:
    """Does what `keeping` does, one thing after the other; its methods are for one thread."""

    def __init__(self, keeping: Keeping) -> None:
        self.keeping = keeping
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._under_way: list[Future[None]] = []

    def keep(self, session: Session) -> None:
        """Keep soon what is new of `session`; to be called often."""
        if self.keeping.has_more(session):
            self.do(partial(self.keeping.write, session))

    def do(self, write: Callable[[], None]) -> None:
        """Let `write` come after all that is under way."""
        self._under_way.append(self._thread.submit(write))

    def failures(self) -> list[str]:
        """Return why something done since could not be, each a sentence."""
        done = [each for each in self._under_way if each.done()]
        self._under_way = [each for each in self._under_way if each not in done]
        return [str(error) for each in done if (error := _error_of(each)) is not None]

    def finish(self) -> None:
        """Wait until all was tried; raise `JournalError` where that takes too long.

        What failed is tried again by who completes the sitting.
        """
        if wait(self._under_way, timeout=_PATIENCE_S).not_done:
            raise JournalError(
                _(
                    "The journal takes too long: what it has of this sitting is kept, and the next "
                    "start completes it from the recording."
                )
            )

    def close(self) -> None:
        """Let the thread end once it has done what is under way: nothing more will come."""
        self._thread.shutdown(wait=False)


def _error_of(done: "Future[None]") -> BiofeedbackError | None:
    """Return why it failed; a fault of ours is raised."""
    try:
        done.result()
    except BiofeedbackError as error:
        return error
    return None
