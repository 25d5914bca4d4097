from datetime import datetime

import pytest
from heart_peers import OUT_OF_REACH, ScriptedRadio, Visit

from biofeedback.errors import HeartError
from biofeedback.heart.cuff import (
    measure_pressure,
    pressure_words,
)
from biofeedback.heart.radio import Service


def reading(hex_: str) -> bytes:
    return bytes.fromhex(hex_)


FAILED = "10 ff07 ff07 ff07 {}"
OLD = reading("02 9600 6400 7500 ea07 0b 16 08 00 00")
NEW = reading("06 8400 5400 6400 ea07 0b 17 08 00 00 4800")


def measured(*says, found: bool = True, refused=None):
    radio = ScriptedRadio(
        Visit(list(says), refused) if found else None,
        name="Cuff 3",
        service=Service.BLOOD_PRESSURE,
    )
    try:
        return measure_pressure(radio=radio, patience_s=0.2, more_s=0.02)
    finally:
        assert radio.opened == radio.closed


def test_a_cuff_tells_its_reading():
    found = measured(NEW)
    assert (found.systolic_mmhg, found.diastolic_mmhg, found.pulse_bpm) == (132, 84, 72)
    assert pressure_words(found) == "132 / 84 mmHg, pulse 72"


@pytest.mark.parametrize("sent", [(OLD, NEW), (NEW, OLD), (b"\x00", OLD, NEW, "hangs up")])
def test_of_the_readings_that_a_cuff_kept_the_newest_counts(sent):
    assert measured(*sent).taken == datetime(2026, 11, 23, 8, 0, 0)


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        ("0000", "put it snugly on the bare arm"),
        ("0100", "the arm moved"),
        ("0200", "too loose"),
        ("0300", "too loose"),
        ("2000", "at the height of the heart"),
    ],
)
def test_a_reading_that_failed_is_told_in_one_sentence_with_what_helps(status, remedy):
    with pytest.raises(HeartError, match=remedy) as raised:
        measured(OLD[:0] + reading(FAILED.format(status)))
    assert str(raised.value).count(".") == 1


@pytest.mark.parametrize(
    ("radio", "said"),
    [
        ({"found": False}, "No cuff was heard"),
        ({"refused": OUT_OF_REACH}, "went away without a reading"),
    ],
)
def test_a_cuff_that_is_not_there_leaves_the_values_to_the_hand(radio, said):
    with pytest.raises(HeartError, match=f"{said}.* type the values in"):
        measured(**radio)


@pytest.mark.parametrize("sent", [(), ("hangs up",), (b"\x00",)])
def test_a_cuff_that_says_nothing_is_not_waited_for_endlessly(sent):
    with pytest.raises(HeartError, match="without a reading"):
        measured(*sent)


def test_an_irregular_pulse_is_passed_on_to_the_doctor():
    words = pressure_words(measured(reading("10 8400 5400 6400 0400")))
    assert words.startswith("132 / 84 mmHg. The cuff marked the pulse as irregular")
