"""The tension, zone and goal by OSC, so that lamps, games and haptics can follow."""

import contextlib
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biofeedback.errors import SettingsError
from biofeedback.stream import Annotation, Chunk, StreamInfo, Tension, Zone
from biofeedback.text import _
from biofeedback.training.goal import Goal
from biofeedback.training.trainer import Trainer

# At most 30 a second of each address are wished; an eye takes this many for a movement.
PER_SECOND = 25
# A tension that is older is none: the board is silent, or the program was stopped.
STALE_S = 0.5
_HERE = "127.0.0.1"

Message = tuple[str, list[float | int | str]]


class Newest(NamedTuple):
    """What came last, at `at_s`: one value a channel each, NaN and 0 for nothing."""

    at_s: float
    slow: NDArray[np.float64]
    fast: NDArray[np.float64]
    zones: NDArray[np.int8]
    goal: Goal = Goal.UNKNOWN
    measured: float = math.nan
    threshold: float = math.nan
    trained: bool = False


def messages(newest: Newest, *, simulated: bool) -> Iterator[Message]:
    """Yield an address and its arguments for all there is to say; no number where there is none."""
    if simulated:
        yield "/biofeedback/simulated", [1]
    for number, (slow, fast, zone) in enumerate(
        zip(newest.slow.tolist(), newest.fast.tolist(), newest.zones.tolist(), strict=True), start=1
    ):
        at = f"/biofeedback/ch{number}"
        yield f"{at}/reading", [int(not math.isnan(slow))]
        if not math.isnan(slow):
            yield f"{at}/tension", [slow]
        if not math.isnan(fast):
            yield f"{at}/fast", [fast]
        yield f"{at}/zone", [zone, Zone(zone).name.lower()]
    if newest.trained:
        yield "/biofeedback/goal", [int(newest.goal), newest.goal.name.lower().replace("_", "-")]
        if not math.isnan(newest.measured):
            yield "/biofeedback/goal/measured", [newest.measured]
        if not math.isnan(newest.threshold):
            yield "/biofeedback/goal/threshold", [newest.threshold]


class OscOutlet:
    """A sink that tells `address` ("HOST:PORT", or a port of this computer) how tension stands.

    A thread of its own sends what is newest 25 times a second, by UDP, and says that there is no
    reading where none came for half a second. Nobody waits for it. In a training nothing is told
    that the person is not to see. Raises `SettingsError` for an address that is none, and where the
    package is missing.
    """

    def __init__(self, address: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        try:
            from pythonosc.udp_client import SimpleUDPClient
        except ImportError:
            raise SettingsError(
                _('OSC needs one more package. Install it: pip install "biofeedback[osc]".')
            ) from None
        self.notes: tuple[str, ...] = ()
        self._make_client: Callable[[str, int], Any] = SimpleUDPClient
        self._address, self._place = address, find_place(address)
        self._clock = clock
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self, info: StreamInfo, start: int = 0) -> None:  # noqa: ARG002
        """Begin to tell what `info` describes; there is no reading yet."""
        n = len(info.channels)
        nan, unknown = np.full(n, np.nan), np.full(n, Zone.UNKNOWN, dtype=np.int8)
        self._nothing = self._newest = Newest(-math.inf, nan, nan, unknown)
        self._simulated = info.simulated
        self._closing.clear()
        self._thread = threading.Thread(target=self._work, name="osc", daemon=True)
        self._thread.start()

    def write(self, chunk: Chunk) -> None:
        """Nothing is said of single samples."""

    def annotate(self, annotation: Annotation) -> None:
        """Notes may be private, and go nowhere."""

    def follow(self, tension: Tension, zones: NDArray[np.int8], trainer: Trainer | None) -> None:
        """Take the newest tension; what a training hides is hidden here."""
        if not len(zones):
            return
        newest = Newest(self._clock(), tension.slow[-1], tension.fast[-1], zones[-1])
        if trainer:
            measured, goal, _place = trainer.shown
            hidden = goal is Goal.UNKNOWN
            shown = self._nothing._replace(at_s=newest.at_s) if hidden else newest
            threshold = math.nan if hidden else trainer.threshold
            newest = shown._replace(goal=goal, measured=measured, threshold=threshold, trained=True)
        self._newest = newest

    def close(self) -> None:
        """Say that there is no reading any more, and end."""
        if self._thread:
            self._closing.set()
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        with contextlib.closing(self._make_client(*self._place)) as client:
            while not self._closing.wait(1 / PER_SECOND):
                newest = self._newest
                stale = self._clock() - newest.at_s > STALE_S
                self._send(client, self._nothing_of(newest) if stale else newest)
            self._send(client, self._nothing_of(self._newest))

    def _nothing_of(self, newest: Newest) -> Newest:
        return self._nothing._replace(trained=newest.trained)

    def _send(self, client: Any, newest: Newest) -> None:
        try:
            for address, arguments in messages(newest, simulated=self._simulated):
                client.send_message(address, arguments)
        except OSError as error:
            if not self.notes:
                self.notes = (
                    _("OSC to {address} does not go out ({why}); it is tried again.").format(
                        address=self._address, why=error.strerror or error
                    ),
                )


def find_place(address: str) -> tuple[str, int]:
    """Return the numeric host and the port that `address` names; raise `SettingsError`."""
    host, _colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or _HERE
    try:
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
            raise OSError(_("the port is a number from 1 to 65535"))
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise SettingsError(
            _(
                "OSC cannot be sent to '{address}' ({why}); give HOST:PORT, such as 127.0.0.1:9000."
            ).format(address=address, why=getattr(error, "strerror", None) or error)
        ) from None
    return str(found[0][4][0]), int(port)
