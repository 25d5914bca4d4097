"""A heart strap on a thread of its own: found, connected, and found again when it went away."""

import asyncio
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from typing import NamedTuple

from biofeedback.errors import HeartError
from biofeedback.heart.bleak_radio import BleakRadio
from biofeedback.heart.measurements import HeartRate, Truncated, parse_heart_rate
from biofeedback.heart.radio import LinkLost, Radio, Seen, Service
from biofeedback.heart.rr import ArtefactFinder
from biofeedback.text import _

SEARCH_S = 10.0
"""A strap that is worn tells of itself once a second or more often."""
SILENT_S = 10.0
"""A strap tells its rate each second; one that fell silent has gone, whatever the radio thinks."""
STALE_S = 5.0
"""A rate that is older is none any more."""
# Before it is looked for again, and each time after twice as long.
_AGAIN_S, _AGAIN_MOST_S = 1.0, 30.0
STOP_S = 3.0
"""To hang up may take long, and no session waits longer for it."""


class At(Enum):
    """Where a strap stands."""

    SEARCHING = auto()
    CONNECTED = auto()
    LOST = auto()
    STOPPED = auto()


class Beats(NamedTuple):
    """What came in one notification; `artefacts`: whether each of its RR intervals is one."""

    told: HeartRate
    artefacts: tuple[bool, ...]


class Strap:
    """Keeps up a connection to the strap called `name`; empty: to the first that is heard.

    `take` gets each measurement, on the strap's own thread. What becomes of it is told by `notes`:
    nothing is raised, nobody waits for it, and it is looked for until `stop`, also where Bluetooth
    is switched on only later.
    """

    def __init__(
        self,
        name: str,
        take: Callable[[Beats], None],
        *,
        radio: Radio | None = None,
        clock: Callable[[], float] = time.monotonic,
        again_s: float = _AGAIN_S,
        silent_s: float = SILENT_S,
    ) -> None:
        self.name = name
        self._take, self._radio, self._clock = take, radio or BleakRadio(), clock
        self._again_s, self._silent_s = again_s, silent_s
        self.at = At.SEARCHING
        self.losses = 0
        """How often it went out of reach."""
        self.corrupt = 0
        """How many notifications were cut short."""
        self._heard = 0
        self._notes: list[str] = []
        self._rate = math.nan, -math.inf
        self._is_artefact = ArtefactFinder()
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._work, name="heart", daemon=True)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of it, each a sentence; more may come at any time."""
        return tuple(self._notes)

    @property
    def rate_bpm(self) -> float:
        """Beats a minute, as told last; NaN where nothing was for five seconds."""
        rate, told_s = self._rate
        return rate if self._clock() - told_s <= STALE_S else math.nan

    def start(self) -> None:
        """Begin to look for it."""
        self._thread.start()

    def stop(self, wait_s: float = STOP_S) -> None:
        """Hang up, and wait for that as long at the most. May be called twice."""
        self._stopping = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended just now
                self._loop.call_soon_threadsafe(self._task.cancel)
        if self._thread.is_alive():
            self._thread.join(wait_s)

    # the strap's own thread

    def _work(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._keep_up())
        self._rate, self.at = (math.nan, -math.inf), At.STOPPED

    async def _keep_up(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101
        self._task, self._loop = task, asyncio.get_running_loop()
        pause_s = self._again_s
        while not self._stopping:
            heard = self._heard
            try:
                await self._look()
            except LinkLost:
                pass
            except HeartError as error:
                self._note(str(error))
            except Exception as fault:  # of the system's Bluetooth, whose faults are many
                self._note(
                    _(
                        "Bluetooth failed ({fault}); it is tried again, and the session goes on."
                    ).format(fault=fault)
                )
            pause_s = self._again_s if self._heard > heard else min(2 * pause_s, _AGAIN_MOST_S)
            await asyncio.sleep(pause_s)

    async def _look(self) -> None:
        """Look for the strap, and stay with it until it has gone."""
        seen = await self._radio.find(Service.HEART_RATE, self.name, SEARCH_S)
        if seen is not None:
            await self._stay_with(seen)
        elif not self._heard:
            self._note(
                _(
                    "No heart strap is heard yet: it tells of itself once it is worn, with wet "
                    "electrodes, and while no phone or watch is connected to it."
                )
            )

    async def _stay_with(self, seen: Seen) -> None:
        lost = asyncio.Event()
        link = await self._radio.connect(seen, lost.set)
        try:
            await link.subscribe(Service.HEART_RATE.characteristic, self._hear)
            self._is_artefact.reset()
            self.at = At.CONNECTED
            again = _("Heart strap {name} is connected again.")
            first = _("Heart strap {name} is connected.")
            self._note((again if self.losses else first).format(name=seen.name))
            silent = False
            while not (lost.is_set() or silent):
                heard = self._heard
                with suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), self._silent_s)
                silent = self._heard == heard
            self.losses += 1
            self._rate, self.at = (math.nan, -math.inf), At.LOST
            self._note(
                _(
                    "Heart strap {name} is out of reach: it is looked for, and the session goes on."
                ).format(name=seen.name)
            )
        finally:
            with suppress(TimeoutError):  # where the system's Bluetooth itself has gone
                await asyncio.wait_for(link.close(), STOP_S)

    def _hear(self, data: bytes) -> None:
        self._heard += 1
        try:
            told = parse_heart_rate(data)
        except Truncated:
            self.corrupt += 1
            return
        self._rate = told.rate_bpm, self._clock()
        if told.contact is False:
            self._note(
                _("The heart strap does not touch the skin: wet its electrodes and tighten it.")
            )
        self._take(Beats(told, tuple(self._is_artefact(rr_s) for rr_s in told.rr_s)))

    def _note(self, sentence: str) -> None:
        """Tell that once: a strap at the edge of its reach comes and goes all the time."""
        if sentence not in self._notes:
            self._notes.append(sentence)
