"""The computer's own Bluetooth radio, through bleak, which is loaded when it is first asked for."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from biofeedback.errors import HeartError
from biofeedback.heart.radio import LinkLost, Seen, Service
from biofeedback.text import _

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

CONNECT_S = 20.0
"""A strap that does not answer for so long has gone."""


class BleakRadio:
    """The radio that the operating system offers (`radio.Radio` says what it does)."""

    async def scan(self, services: Sequence[Service], seconds: float) -> list[Seen]:
        """Return what offers one of `services`, the nearest first; raise `HeartError`."""
        with _telling():
            from bleak import BleakScanner

            uuids = [service.uuid for service in services]
            heard = await BleakScanner.discover(seconds, return_adv=True, service_uuids=uuids)
        nearest = sorted(heard.values(), key=lambda each: -each[1].rssi)
        return [_seen(device, told) for device, told in nearest]

    async def find(self, service: Service, name: str, seconds: float) -> Seen | None:
        """Return the first device with `service` that is called `name`; raise `HeartError`."""
        found: list[Seen] = []

        def suits(device: "BLEDevice", told: "AdvertisementData") -> bool:
            seen = _seen(device, told)
            if service in seen.services and seen.is_called(name):
                found.append(seen)
            return bool(found)

        with _telling():
            from bleak import BleakScanner

            await BleakScanner.find_device_by_filter(suits, seconds, service_uuids=[service.uuid])
        return found[0] if found else None

    async def connect(self, seen: Seen, lost: Callable[[], None]) -> "BleakLink":
        """Connect to what was seen; raise `LinkLost` or `HeartError`."""
        with _telling(of_device=True):
            from bleak import BleakClient

            client = BleakClient(
                seen.handle,  # type: ignore[arg-type]  # what bleak itself gave
                disconnected_callback=lambda _client: lost(),
                timeout=CONNECT_S,
            )
            await client.connect()
        return BleakLink(client)


class BleakLink:
    """A connection (`radio.Link` says what it does)."""

    def __init__(self, client: "BleakClient") -> None:
        self._client = client

    async def subscribe(self, characteristic: str, take: Callable[[bytes], None]) -> None:
        """Have `take` called with what is notified or indicated; raise `LinkLost`, `HeartError`."""
        with _telling(of_device=True):
            await self._client.start_notify(characteristic, lambda _from, data: take(bytes(data)))

    async def close(self) -> None:
        """Hang up."""
        with suppress(LinkLost, HeartError), _telling(of_device=True):
            await self._client.disconnect()


def _seen(device: "BLEDevice", told: "AdvertisementData") -> Seen:
    services = tuple(service for service in Service if service.uuid in told.service_uuids)
    name = told.local_name or device.name or device.address
    return Seen(name, device.address, services, device)


@contextmanager
def _telling(*, of_device: bool = False) -> Iterator[None]:
    """Raise `HeartError` for what hinders the radio; `LinkLost` for what hinders one device."""
    try:
        from bleak import exc
    except ImportError as error:
        raise HeartError(
            _(
                "For Bluetooth one more package is needed: pip install 'biofeedback[ble]'; "
                "without it, write heart rate and blood pressure down by hand."
            )
        ) from error
    try:
        yield
    except exc.BleakBluetoothNotAvailableError as error:
        raise HeartError(_why_not(error.reason.name)) from error
    except exc.BleakCharacteristicNotFoundError as error:
        raise HeartError(
            _(
                "The device is connected but does not tell its values in the usual way: "
                "use another one, or write them down by hand."
            )
        ) from error
    except (TimeoutError, exc.BleakError, OSError, EOFError) as error:
        if "insufficient" in str(error).lower():  # authentication or encryption, on each system
            raise HeartError(
                _(
                    "The device wants to be paired first: pair it in the Bluetooth settings of "
                    "this computer, and try again."
                )
            ) from error
        if of_device:
            raise LinkLost(str(error)) from error
        raise HeartError(
            _(
                "The Bluetooth of this computer does not answer ({why}): is it switched on, and "
                "on Linux does bluetoothd run? Or write the values down by hand."
            ).format(why=error)
        ) from error


def _why_not(reason: str) -> str:
    """Return the sentence for one of bleak's reasons."""
    if reason == "POWERED_OFF":
        return _("Bluetooth is switched off: switch it on, or write the values down by hand.")
    if reason.startswith("DENIED"):
        return _(
            "This program may not use Bluetooth: allow it in the privacy settings of this "
            "computer, or write the values down by hand."
        )
    return _(
        "This computer has no Bluetooth Low Energy: plug in an adapter, or write the values "
        "down by hand."
    )
