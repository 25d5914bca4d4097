"""What is said of a board that was found, which one is chosen, what it resolves; no Qt."""

from collections.abc import Iterator, Sequence

from biofeedback.boards import (
    BOARDS,
    FINER_BOARDS,
    FINER_FROM_UV,
    NO_SENSOR,
    SENSORS,
    Board,
    find_sensor,
    make_channel,
)
from biofeedback.devices.survey import Found
from biofeedback.devices.usb import Kind, find_kind
from biofeedback.settings import SourceSettings
from biofeedback.sources.ports import Port
from biofeedback.text import _

BY_HAND = ("not asked", "bytes", "nothing")
"""Answers with which a person may say what kind of board it is."""
KINDS_BY_HAND = {
    "text": _("a sketch that prints numbers"),
    "chords": _("Chords board (Upside Down Labs)"),
    "cyton": _("OpenBCI Cyton"),
    "spikershield": _("SpikerShield (Backyard Brains)"),
    "olimex": _("Olimex SHIELD-EKG-EMG"),
    "bitalino": _("BITalino"),
}
"""What `wire=` is called."""
SENSOR_ON = {
    "cyton": "cyton",
    "bitalino": "bitalino",
    "spikershield": NO_SENSOR,
    "olimex": NO_SENSOR,
}
"""The sensor that such a board has; its gain is not certain where there is none."""

MYOWARE = "myoware-2-raw"
RELAXED_UV = (1, 3)
"""What a muscle at rest makes, at the skin."""


def board_name(port: Port) -> str:
    """Return what a person calls the thing on `port`."""
    kind = find_kind(port)
    return kind.title if kind else port.description or port.name


def place_words(port: Port) -> str:
    """Return what is at which port; the port alone where nothing more is known of it."""
    name = board_name(port)
    if name in (port.name, port.name.rpartition("/")[2]):
        return port.name
    return _("{board} at {port}").format(board=name, port=port.name)


def row_text(found: Found) -> str:
    """Return two lines: what is on which port, and what it answers."""
    short = {"refused": _("cannot be opened"), "not asked": found.words or _("not asked")}
    if found.of_another_maker:
        short[found.answer] = _("answers")
    name = found.words if found.of_another_maker else board_name(found.port)
    where = name if name == found.port.name else f"{name} · {found.port.name}"
    return f"{where}\n{short.get(found.answer, found.words)}"


def advice(found: Found) -> str:
    """Return what is to be done next with it, in sentences."""
    if found.answer == "refused":
        return found.words
    said = {
        "asking": _("A moment, please: some boards take three seconds to answer."),
        "not asked": _("Connect will ask who is there."),
        "text": _(
            "This works. With this program's firmware on it, it also keeps exact time, and no "
            "sample is lost unnoticed."
        ),
    }
    if found.answer in said:
        return said[found.answer]
    if found.of_another_maker:
        return _(
            "This board is ready: press Connect. Its frames have no checksum worth the name, so "
            "what is damaged on the cable may go unnoticed."
        )
    if found.usable:
        return _("This board is ready: press Connect.")
    if takes_firmware(found):
        return _(
            "If it is an Arduino Uno or Nano, put this program's firmware on it; if it is another "
            "maker's board, choose its kind."
        )
    return _("It needs this program's firmware: see how it gets there.")


def channel_words(n: int, *, inputs: bool) -> str:
    """Return what is written beside a number of channels; `inputs`: they are an Arduino's."""
    if not inputs:
        return str(n)
    return _("{n} (A0 to A{last})").format(n=n, last=n - 1) if n > 1 else "1 (A0)"


def takes_firmware(found: Found) -> bool:
    """Say whether our firmware may be put on it from here; only what was asked is written to."""
    kind = find_kind(found.port)
    asked = found.answer in ("text", "bytes", "nothing", "native")
    ready = found.answer == "native" and found.usable
    return asked and not ready and (kind is None or kind.flash)


def kind_with_steps(found: Found) -> Kind | None:
    """Return the kind of a board that lacks our firmware, where its owner puts it there."""
    kind = find_kind(found.port)
    ready = found.usable and found.answer != "text"
    return None if kind is None or kind.flash or ready else kind


def pick(found: Sequence[Found], last: SourceSettings) -> Found | None:
    """Return what a person most likely means: the board of last time, or the only one there is."""
    known = _remembered(found, last)
    usable = [one for one in found if one.usable]
    if known and (known.usable or known.answer == "asking"):
        return known
    if len(usable) == 1:
        return usable[0]
    boards = [one for one in found if find_kind(one.port)]
    return known or next(iter([*usable, *boards, *found]), None)


def is_remembered(found: Found, last: SourceSettings) -> bool:
    """Say whether this is the board of last time."""
    return bool(last.port) and _remembered([found], last) is found


def _remembered(found: Sequence[Found], last: SourceSettings) -> Found | None:
    """Return the board of last time: by its serial number, else by the name of its port."""
    for one in found:
        if last.serial_number and one.port.serial_number == last.serial_number:
            return one
    for one in found:
        another = last.serial_number and one.port.serial_number
        if one.port.name == last.port and not another:
            return one
    return None


def needs_board(found: Found, sensor: str) -> bool:
    """Say whether the board must be named for microvolts: it prints numbers, or may."""
    known = find_sensor(sensor or NO_SENSOR)
    prints = found.answer in ("text", "not asked")
    return prints and known is not None and known.converter is None and not known.envelope


def converter(found: Found, sensor: str, board: str) -> Board | None:
    """Return what samples the signal; None while that is not known."""
    if found.answer == "native" and found.usable and found.info:
        return Board(found.info.name, found.info.bits, found.info.vref_mv / 1000)
    known = find_sensor(sensor or NO_SENSOR)
    if found.converter:
        return found.converter
    if known and known.converter:
        return known.converter
    return BOARDS[board] if needs_board(found, sensor) else None


def resolution_words(sensor: str, board: Board | None) -> str:
    """Return what `sensor`, a name, resolves on `board`; empty where no sensor was chosen."""
    if not sensor:
        return ""
    known = find_sensor(sensor)
    if known is None:
        return _(
            "Counts say more or less tension, but not how much: name the sensor to get microvolts."
        )
    if known.envelope:
        return _(
            "This output is smoothed by the sensor, its gain set by hand: it says more or less "
            "tension, in units of its own. The RAW pin gives microvolts."
        )
    if board is None:
        return _("What it resolves is known once the board has answered.")
    floor = make_channel("", known, board).resolution_floor or 0.0
    said = _("On this board it resolves {floor:.2g} µV: {sees}.").format(
        floor=floor, sees=sees_words(floor)
    )
    if floor <= FINER_FROM_UV:
        return said
    return _("{said} To see one, use {finer}.").format(said=said, finer=FINER_BOARDS)


def sees_words(floor_uv: float) -> str:
    """Return what can be seen from `floor_uv` up."""
    low, high = RELAXED_UV
    if floor_uv > FINER_FROM_UV:
        words = _("it sees tension, but cannot see a relaxed muscle ({low} to {high} µV)")
    elif floor_uv > low:
        words = _("it just sees a relaxed muscle ({low} to {high} µV)")
    else:
        words = _("it sees a relaxed muscle ({low} to {high} µV)")
    return words.format(low=low, high=high)


def resolution_table() -> Iterator[tuple[str, float]]:
    """Yield each board's name and what a MyoWare 2.0 on it resolves, in microvolts."""
    for board in BOARDS.values():
        channel = make_channel("", SENSORS[MYOWARE], board)
        yield board.title, channel.resolution_floor or 0.0
