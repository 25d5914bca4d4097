"""What is said of a board, and which one is taken for the one that is meant."""

import pytest

from biofeedback.boards import BOARDS, SENSORS, Board, make_channel
from biofeedback.devices.survey import Found
from biofeedback.display.preparing.board_words import (
    KINDS_BY_HAND,
    SENSOR_ON,
    advice,
    converter,
    kind_with_steps,
    needs_board,
    pick,
    resolution_table,
    resolution_words,
    row_text,
    takes_firmware,
)
from biofeedback.settings import SourceSettings
from biofeedback.sources.listening import WIRES
from biofeedback.sources.ports import Port
from biofeedback.wire.native import PROTOCOL, Info

UNO = Port("/dev/ttyACM0", "ttyACM0", 0x2341, 0x0043, "7523")
NANO = Port("/dev/ttyUSB0", "USB Serial", 0x1A86, 0x7523)
PICO = Port("/dev/ttyACM1", "Pico", 0x2E8A, 0x000A, "E661")
UNKNOWN = Port("/dev/ttyAMA0", "")
INFO = Info(PROTOCOL, (1, 0, 0), bits=10, vref_mv=5000, max_channels=6, name="Uno/Nano")
READY = Found(UNO, "native", "Uno/Nano, firmware 1.0.0, 10 bits, 6 inputs", INFO)
OLD = Found(UNO, "native", "our firmware, but of another version", Info(PROTOCOL + 1))
PRINTS = Found(NANO, "text", "sends numbers")
SILENT = Found(NANO, "nothing", "nothing answers")
BARE = Found(PICO, "nothing", "nothing answers")
NOT_ASKED = Found(UNKNOWN, "not asked", "")
CYTON = Found(NANO, "cyton", "OpenBCI Cyton")
CHORDS = Found(PICO, "chords", "Chords board", converter=Board("Raspberry Pi Pico", 12, 3.3))
NEW = SourceSettings()


@pytest.mark.parametrize(
    ("found", "last", "meant"),
    [
        ([], NEW, None),
        ([NOT_ASKED], NEW, NOT_ASKED),
        ([NOT_ASKED, SILENT], NEW, SILENT),
        ([SILENT, CYTON], NEW, CYTON),
        ([SILENT, READY], NEW, READY),
        ([READY, PRINTS], SourceSettings(port=NANO.name), PRINTS),
        ([PRINTS, READY], SourceSettings(port="/dev/ttyACM7", serial_number="7523"), READY),
        ([READY, NOT_ASKED], SourceSettings(port=UNKNOWN.name), READY),
        ([SILENT, BARE], SourceSettings(port=PICO.name, serial_number="E661"), BARE),
        # another board where the one of last time was
        ([SILENT, READY], SourceSettings(port=UNO.name, serial_number="1111"), READY),
        ([PRINTS, Found(UNO, "asking", "")], SourceSettings(serial_number="7523"), "asking"),
    ],
)
def test_the_board_of_last_time_or_the_only_one_is_taken(found, last, meant):
    picked = pick(found, last)
    assert picked is not None if meant == "asking" else picked is meant
    if meant == "asking":
        assert picked.port is UNO


def test_a_row_says_what_it_is_where_it_is_and_what_it_answers():
    assert row_text(READY) == (
        "Arduino Uno · /dev/ttyACM0\nUno/Nano, firmware 1.0.0, 10 bits, 6 inputs"
    )
    assert row_text(NOT_ASKED) == "/dev/ttyAMA0\nnot asked"
    bluetooth = Found(Port("/dev/rfcomm0", ""), "not asked", "a Bluetooth link, not asked")
    assert row_text(bluetooth).endswith("\na Bluetooth link, not asked")


def test_a_refusal_is_told_in_full_as_advice_with_its_remedy():
    denied = Found(UNO, "refused", "You may not open it: run this.")
    assert row_text(denied).endswith("\ncannot be opened")
    assert advice(denied) == "You may not open it: run this."


@pytest.mark.parametrize(
    ("found", "takes", "steps"),
    [
        (READY, False, False),
        (OLD, True, False),
        (PRINTS, True, False),
        (SILENT, True, False),
        (BARE, False, True),
        (CYTON, False, False),
        (CHORDS, False, False),
        (NOT_ASKED, False, False),  # what nobody has asked is not written to
        (Found(UNKNOWN, "nothing", ""), True, False),
        (Found(UNO, "refused", "no"), False, False),
        (Found(UNO, "asking", ""), False, False),
    ],
)
def test_firmware_is_offered_where_it_is_lacking(found, takes, steps):
    assert takes_firmware(found) is takes
    assert (kind_with_steps(found) is not None) is steps
    assert advice(found)


def test_the_board_is_only_asked_for_where_numbers_are_printed_and_it_matters():
    assert needs_board(PRINTS, "myoware-2-raw")
    assert needs_board(NOT_ASKED, "myoware-2-raw")
    assert not needs_board(READY, "myoware-2-raw")
    for sensor in ("", "none", "myoware-2-env", "bitalino"):
        assert not needs_board(PRINTS, sensor)


def test_what_a_sensor_resolves_is_that_of_the_boards_table():
    told = converter(READY, "myoware-2-raw", "uno-r4")
    assert told is not None
    assert (told.bits, told.reference_v) == (10, 5.0), "the board's word counts, not the chooser's"
    assert "resolves 12 µV" in resolution_words("myoware-2-raw", told)
    assert "cannot see a relaxed muscle" in resolution_words("myoware-2-raw", told)
    assert "UNO R4" in resolution_words("myoware-2-raw", told)
    fine = resolution_words("myoware-2-raw", converter(PRINTS, "myoware-2-raw", "uno-r4"))
    assert fine == "On this board it resolves 0.76 µV: it sees a relaxed muscle (1 to 3 µV)."
    assert "12-bit" not in resolution_words("myoware-2-raw", BOARDS["esp32"])


def test_another_makers_board_resolves_what_its_own_converter_does():
    assert CYTON.usable
    cyton = converter(CYTON, SENSOR_ON["cyton"], "uno")
    assert "resolves 0.011 µV" in resolution_words("cyton", cyton)
    pico = converter(CHORDS, "bioamp-candy", "uno")
    assert (pico.bits, pico.reference_v) == (12, 3.3)
    assert not needs_board(CHORDS, "bioamp-candy")
    assert set(KINDS_BY_HAND) == set(WIRES) - {"native"}
    assert set(SENSOR_ON) < set(WIRES)


def test_what_cannot_be_said_yet_is_not_said():
    assert resolution_words("", BOARDS["uno"]) == ""
    assert "not how much" in resolution_words("none", None)
    assert "gain set by hand" in resolution_words("myoware-2-env", BOARDS["uno"])
    assert "known once" in resolution_words("myoware-2-raw", converter(SILENT, "myoware-2-raw", ""))


def test_the_table_has_every_board_with_half_a_step_of_its_converter():
    table = dict(resolution_table())
    assert len(table) == len(BOARDS)
    for board in BOARDS.values():
        step = make_channel("", SENSORS["myoware-2-raw"], board).step
        assert table[board.title] == pytest.approx(step / 2)
    assert table["Arduino Uno or Nano, 5 V"] == pytest.approx(12.2, abs=0.05)
