"""Bytes as the GATT Specification Supplement lays them out, written by hand from its tables."""

import math
from datetime import datetime
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biofeedback.heart.measurements import (
    Cuff,
    Truncated,
    parse_blood_pressure,
    parse_heart_rate,
    sfloat,
)

ANYTHING = st.binary(max_size=40)


def same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


# bits of the flags: 0 rate in 16 bits, 1 contact, 2 contact is told, 3 energy, 4 RR intervals
@pytest.mark.parametrize(
    ("sent", "rate_bpm", "contact", "energy_kj", "rr_s"),
    [
        ("00 48", 72, None, None, ()),
        ("01 2c 01", 300, None, None, ()),
        ("02 48", 72, None, None, ()),  # bit 1 says nothing where contact is not told
        ("06 48", 72, True, None, ()),
        ("04 48", math.nan, False, None, ()),
        ("06 00", math.nan, True, None, ()),
        ("08 48 ff ff", 72, None, 65535, ()),
        ("10 3c 00 04", 60, None, None, (1.0,)),
        ("10 4b 34 03 33 03", 75, None, None, (820 / 1024, 819 / 1024)),
        ("10 48", 72, None, None, ()),  # told to come, and none did
        ("1f 3c 00 10 27 00 02 ff ff", 60, True, 10000, (0.5, 65535 / 1024)),
        ("e0 48", 72, None, None, ()),  # reserved bits are passed over
    ],
)
def test_what_a_strap_sends_is_read_as_the_supplement_says(
    sent, rate_bpm, contact, energy_kj, rr_s
):
    told = parse_heart_rate(bytes.fromhex(sent))
    assert same(told.rate_bpm, rate_bpm)
    assert (told.contact, told.energy_kj, told.rr_s) == (contact, energy_kj, rr_s)


@pytest.mark.parametrize("sent", ["", "00", "01 2c", "08 48 ff", "10 3c 00", "10 3c 00 04 01"])
def test_a_rate_that_is_cut_short_is_refused(sent):
    with pytest.raises(Truncated):
        parse_heart_rate(bytes.fromhex(sent))


@given(ANYTHING)
def test_no_bytes_of_a_strap_make_a_number_that_is_none(data):
    try:
        told = parse_heart_rate(data)
    except Truncated:
        return
    assert math.isnan(told.rate_bpm) or 0 < told.rate_bpm <= 65535
    assert all(0 <= rr_s < 64 for rr_s in told.rr_s)


@given(
    rate=st.integers(0, 65535),
    energy=st.none() | st.integers(0, 65535),
    rr=st.lists(st.integers(0, 65535), max_size=9),
    contact=st.sampled_from([0, 4, 6]),
)
def test_what_was_packed_is_what_is_read_and_nothing_shorter_is(rate, energy, rr, contact):
    wide = rate > 255
    flags = wide | contact | (0 if energy is None else 8) | (16 if rr else 0)
    data = pack("<BH" if wide else "<BB", flags, rate)
    data += b"" if energy is None else pack("<H", energy)
    fixed = len(data)
    data += pack(f"<{len(rr)}H", *rr)
    told = parse_heart_rate(data)
    assert told.energy_kj == energy
    assert [each * 1024 for each in told.rr_s] == rr
    assert same(told.rate_bpm, rate if rate and contact != 4 else math.nan)
    for cut in range(fixed):
        with pytest.raises(Truncated):
            parse_heart_rate(data[:cut])


# IEEE 11073-20601: exponent in the upper 4 bits, mantissa in the lower 12, both two's complement
@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (0x0000, 0.0),
        (0x0078, 120.0),
        (0x0FFF, -1.0),
        (0x07FD, 2045.0),
        (0x0803, -2045.0),
        (0xF4B5, 120.5),
        (0xE65D, 16.29),
        (0x100C, 120.0),
        (0xF014, 2.0),  # this one and the next two: HL7's guide to personal health devices
        (0xE0C8, 2.0),
        (0x1002, 20.0),
        (0x8001, 1e-8),
        (0x7001, 1e7),
        (0xF7FF, 204.7),  # a mantissa that is special at exponent 0 alone
        (0x07FF, math.nan),  # NaN
        (0x0800, math.nan),  # not at this resolution
        (0x07FE, math.nan),  # +infinity
        (0x0802, math.nan),  # -infinity
        (0x0801, math.nan),  # reserved
    ],
)
def test_an_sfloat_is_a_number_or_none(raw, value):
    assert same(sfloat(raw), value)


# bits of the flags: 0 kPa, 1 time stamp, 2 pulse, 3 user, 4 status
def test_a_reading_with_all_there_may_be():
    told = parse_blood_pressure(bytes.fromhex("1e 7800 5000 5d00 ea07 0b 17 0b 03 14 4800 01 0400"))
    assert (told.systolic_mmhg, told.diastolic_mmhg, told.mean_mmhg) == (120, 80, 93)
    assert told.taken == datetime(2026, 11, 23, 11, 3, 20)
    assert (told.pulse_bpm, told.user, told.status) == (72, 1, Cuff.IRREGULAR_PULSE)
    assert not told.failed


def test_kilopascals_become_millimetres_of_mercury():
    told = parse_blood_pressure(bytes.fromhex("01 a0f0 6bf0 7cf0"))  # 16.0, 10.7, 12.4 kPa
    assert told.systolic_mmhg == pytest.approx(16.0 * 7.50062)
    assert told.diastolic_mmhg == pytest.approx(10.7 * 7.50062)
    assert told.mean_mmhg == pytest.approx(12.4 * 7.50062)
    assert (told.taken, told.user, told.status) == (None, None, 0)
    assert math.isnan(told.pulse_bpm)


@pytest.mark.parametrize("special", ["ff07", "0008", "fe07", "0208", "0108", "0000"])
def test_a_cuff_that_could_not_measure_has_no_pressure(special):
    told = parse_blood_pressure(bytes.fromhex(f"10 {special} {special} {special} 0300"))
    assert told.failed
    assert told.status == Cuff.MOVED | Cuff.LOOSE
    assert all(map(math.isnan, (told.systolic_mmhg, told.diastolic_mmhg, told.mean_mmhg)))


def test_a_mean_that_is_missing_does_not_fail_a_reading():
    told = parse_blood_pressure(bytes.fromhex("00 7800 5000 ff07"))
    assert not told.failed
    assert math.isnan(told.mean_mmhg)


@pytest.mark.parametrize(
    "stamp", ["0000 00 00 00 00 00", "ea07 0d 01 00 00 00", "ea07 02 1e 0b3b3b"]
)
def test_a_clock_that_was_never_set_tells_no_time(stamp):
    told = parse_blood_pressure(bytes.fromhex(f"02 7800 5000 5d00 {stamp}"))
    assert told.taken is None
    assert told.systolic_mmhg == 120


def test_the_user_255_is_nobody():
    assert parse_blood_pressure(bytes.fromhex("08 7800 5000 5d00 ff")).user is None


def test_a_reading_that_is_cut_short_is_refused_wherever_it_is_cut():
    whole = bytes.fromhex("1e 7800 5000 5d00 ea07 0b 17 0b 03 14 4800 01 0400")
    for cut in range(len(whole)):
        with pytest.raises(Truncated):
            parse_blood_pressure(whole[:cut])


@given(ANYTHING)
def test_no_bytes_of_a_cuff_make_a_pressure_that_is_none(data):
    try:
        told = parse_blood_pressure(data)
    except Truncated:
        return
    for value in (told.systolic_mmhg, told.diastolic_mmhg, told.mean_mmhg, told.pulse_bpm):
        assert math.isnan(value) or 0 < value < math.inf
