"""What is asked of a computer's Bluetooth radio, whoever works it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

_BASE = "0000{:04x}-0000-1000-8000-00805f9b34fb"  # Bluetooth Core Specification, Vol 3, Part B


class Service(Enum):
    """What is looked for: a service, and the characteristic of it that tells values.

    The numbers are those of the Bluetooth SIG's Assigned Numbers.
    """

    HEART_RATE = (_BASE.format(0x180D), _BASE.format(0x2A37))
    BLOOD_PRESSURE = (_BASE.format(0x1810), _BASE.format(0x2A35))

    @property
    def uuid(self) -> str:
        """Of the service, in lower case."""
        return self.value[0]

    @property
    def characteristic(self) -> str:
        """The UUID of what notifies (strap) or indicates (cuff)."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Seen:
    """A device that is heard: `handle` is what the radio itself calls it."""

    name: str
    address: str
    services: tuple[Service, ...]
    handle: object = field(repr=False, compare=False)

    def is_called(self, name: str) -> bool:
        """Whether `name` is its address, or part of its name; upper and lower case are one."""
        wanted = name.casefold()
        return wanted in self.name.casefold() or wanted == self.address.casefold()


class Link(Protocol):
    """A connection to one device."""

    async def subscribe(self, characteristic: str, take: Callable[[bytes], None]) -> None:
        """Have `take` called, in the loop, with each value; raise `HeartError` or `LinkLost`."""

    async def close(self) -> None:
        """Hang up; it may be lost already."""


class Radio(Protocol):
    """Finds devices and connects to them.

    Every call raises `HeartError`, with the remedy, where the radio cannot be used.
    """

    async def scan(self, services: Sequence[Service], seconds: float) -> list[Seen]:
        """Return what offers one of `services` within that time."""

    async def find(self, service: Service, name: str, seconds: float) -> Seen | None:
        """Return the first device with `service` that is called `name`; any, where it is empty."""

    async def connect(self, seen: Seen, lost: Callable[[], None]) -> Link:
        """Connect; `lost` is called in the loop once it breaks. Raise `LinkLost`."""


class LinkLost(Exception):
    """A device is out of reach, or hung up: it is tried again."""
