"""bleak's own front, with scripted faults where it asks the system."""

import asyncio
import sys

import pytest
from bleak import BleakScanner, exc
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from biofeedback.errors import HeartError
from biofeedback.heart.bleak_radio import BleakRadio
from biofeedback.heart.nearby import straps_and_cuffs
from biofeedback.heart.radio import LinkLost, Seen, Service

WHY_NOT = exc.BleakBluetoothNotAvailableReason


def told(name: str, rssi: int, *services: Service) -> tuple[BLEDevice, AdvertisementData]:
    uuids = [service.uuid for service in services]
    device = BLEDevice(f"AA:{-rssi}", None, {})
    return device, AdvertisementData(name, {}, {}, uuids, None, rssi, ())


HEARD = [
    told("Far strap", -90, Service.HEART_RATE),
    told("Cuff", -60, Service.BLOOD_PRESSURE),
    told("Near strap", -50, Service.HEART_RATE),
]


@pytest.fixture
def air(monkeypatch):
    async def discover(_seconds, **_words):
        return {device.address: (device, said) for device, said in HEARD}

    async def find(suits, _seconds, **_words):
        return next((device for device, said in HEARD if suits(device, said)), None)

    monkeypatch.setattr(BleakScanner, "discover", discover)
    monkeypatch.setattr(BleakScanner, "find_device_by_filter", find)


def failing(monkeypatch, owner, name, error):
    async def fail(*_args, **_words):
        raise error

    monkeypatch.setattr(owner, name, fail)


def find(name: str = "") -> Seen | None:
    return asyncio.run(BleakRadio().find(Service.HEART_RATE, name, 1.0))


def test_what_is_heard_is_listed_with_the_nearest_first(air):
    assert [seen.name for seen in straps_and_cuffs()] == ["Near strap", "Cuff", "Far strap"]


@pytest.mark.parametrize(
    ("name", "found"),
    [("", "Far strap"), ("near", "Near strap"), ("aa:50", "Near strap"), ("cuff", None)],
)
def test_a_strap_is_found_by_part_of_its_name_or_by_its_address(air, name, found):
    seen = find(name)
    assert (seen and seen.name) == found


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (exc.BleakBluetoothNotAvailableError("", WHY_NOT.POWERED_OFF), "switch it on"),
        (exc.BleakBluetoothNotAvailableError("", WHY_NOT.NO_BLUETOOTH), "plug in an adapter"),
        (exc.BleakBluetoothNotAvailableError("", WHY_NOT.NO_BLE_CENTRAL_ROLE), "an adapter"),
        (exc.BleakBluetoothNotAvailableError("", WHY_NOT.DENIED_BY_USER), "privacy settings"),
        (exc.BleakBluetoothNotAvailableError("", WHY_NOT.DENIED_BY_SYSTEM), "privacy settings"),
        (exc.BleakError("no"), "does bluetoothd run"),
        (FileNotFoundError(2, "no bus"), "does bluetoothd run"),
        (EOFError(), "does bluetoothd run"),
    ],
)
def test_what_hinders_the_radio_is_one_sentence_with_its_remedy(monkeypatch, error, remedy):
    failing(monkeypatch, BleakScanner, "find_device_by_filter", error)
    with pytest.raises(HeartError, match=remedy) as raised:
        find()
    assert "by hand" in str(raised.value)


def test_without_bleak_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "bleak", None)
    with pytest.raises(HeartError, match=r"pip install 'biofeedback\[ble\]'.*by hand"):
        find()


STRAP = Seen("Near strap", "AA:50", (Service.HEART_RATE,), HEARD[2][0])


async def subscribed(calls=print):
    link = await BleakRadio().connect(STRAP, lambda: None)
    await link.subscribe(Service.HEART_RATE.characteristic, calls)
    return link


class Client:
    """What bleak's client does, on any system."""

    def __init__(self, device, **_words) -> None:
        assert device is STRAP.handle

    async def connect(self) -> None:
        pass

    async def disconnect(self) -> None:
        pass

    async def start_notify(self, _characteristic, take) -> None:
        take(None, bytearray(b"\x00\x48"))


@pytest.fixture
def linked(monkeypatch):
    client = type("Client", (Client,), {})
    monkeypatch.setattr("bleak.BleakClient", client)
    return client


def test_what_is_notified_comes_as_bytes(linked):
    came: list[bytes] = []
    asyncio.run(subscribed(came.append))
    assert came == [b"\x00\x48"]


@pytest.mark.parametrize("error", [exc.BleakError("gone"), TimeoutError(), OSError("gone")])
@pytest.mark.parametrize("step", ["connect", "start_notify"])
def test_a_device_that_has_gone_is_tried_again(linked, monkeypatch, step, error):
    failing(monkeypatch, linked, step, error)
    with pytest.raises(LinkLost):
        asyncio.run(subscribed())


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (exc.BleakCharacteristicNotFoundError("2a37"), "does not tell its values"),
        (exc.BleakError("ATT error: 0x05 (Insufficient Authentication)"), "pair it"),
    ],
)
def test_a_device_that_cannot_serve_says_why(linked, monkeypatch, error, remedy):
    failing(monkeypatch, linked, "start_notify", error)
    with pytest.raises(HeartError, match=remedy):
        asyncio.run(subscribed())


def test_hanging_up_never_fails(linked, monkeypatch):
    failing(monkeypatch, linked, "disconnect", exc.BleakError("gone already"))

    async def visit() -> None:
        await (await subscribed(lambda _data: None)).close()

    asyncio.run(visit())
