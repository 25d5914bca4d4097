"""A scripted radio: devices that are there or not, say what they are told to, and hang up."""

import asyncio
from dataclasses import dataclass, field

from biofeedback.heart.radio import LinkLost, Seen, Service


def rate(bpm: int, *rr_s: float, contact: int = 0) -> bytes:
    """Return what a strap sends."""
    rr = b"".join(round(each * 1024).to_bytes(2, "little") for each in rr_s)
    return bytes([(0x10 if rr else 0) | contact, bpm]) + rr


@dataclass
class Visit:
    """What happens once a device is connected to, in order: bytes it sends, or "hangs up".

    After the last it stays and is silent. `refused`: what connecting raises instead.
    """

    says: list[bytes | str] = field(default_factory=list)
    refused: Exception | None = None


class ScriptedRadio:
    """Each search takes the next of `script`: a `Visit`, None for nothing found, or an error."""

    def __init__(self, *script, name="Strap 7", service=Service.HEART_RATE) -> None:
        self._script, self._name, self._service = list(script), name, service
        self.searched: list[str] = []
        self.opened = self.closed = 0

    async def scan(self, _services, _seconds):
        return [Seen(self._name, "AA:BB", (self._service,), None)]

    async def find(self, service, name, _seconds):
        self.searched.append(name)
        assert service is self._service
        await asyncio.sleep(0)
        if not self._script:
            await asyncio.Event().wait()
        visit = self._script.pop(0)
        if isinstance(visit, Exception):
            raise visit
        return visit and Seen(self._name, "AA:BB", (service,), visit)

    async def connect(self, seen, lost):
        if seen.handle.refused:
            raise seen.handle.refused
        self.opened += 1
        return ScriptedLink(self, seen.handle, lost)


class ScriptedLink:
    def __init__(self, radio, visit, lost) -> None:
        self._radio, self._visit, self._lost = radio, visit, lost

    async def subscribe(self, characteristic, take):
        assert characteristic == self._radio._service.characteristic
        loop = asyncio.get_running_loop()
        for each in self._visit.says:
            loop.call_soon(self._lost) if each == "hangs up" else loop.call_soon(take, each)

    async def close(self):
        self._radio.closed += 1


OUT_OF_REACH = LinkLost("gone")
