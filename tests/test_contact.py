import numpy as np
import pytest
import scipy

from biofeedback.boards import SENSORS, find_board, make_channel
from biofeedback.contact import Contact, check_contact, span
from biofeedback.readings import Reading
from biofeedback.stream import Channel, Quality

SFREQ = 1000.0
EMG = Channel("trapezius", "uV")
UNO = make_channel("trapezius", SENSORS["myoware-2-raw"], find_board("uno"))
FINE = make_channel("trapezius", SENSORS["plux"])


def muscle(rms_uv: float, seconds: float = 10.0, *, seed: int = 0) -> np.ndarray:
    """EMG between 20 and 450 Hz, as the pipeline's `filtered`."""
    n = round(seconds * SFREQ)
    sos = scipy.signal.butter(2, (25, 400), "bandpass", fs=SFREQ, output="sos")
    noise = scipy.signal.sosfilt(sos, np.random.default_rng(seed).standard_normal((n, 1)), axis=0)
    return noise * rms_uv / np.sqrt(np.mean(noise**2))


def hum(rms_uv: float, seconds: float = 10.0, hz: float = 50.0) -> np.ndarray:
    t = np.arange(round(seconds * SFREQ))[:, None] / SFREQ
    return rms_uv * np.sqrt(2) * np.sin(2 * np.pi * hz * t)


def readings(flags: list[int]) -> list[Reading]:
    nan = np.full(1, np.nan)
    zone = np.zeros(1, dtype=np.int8)
    return [
        Reading(i, nan, nan, np.array([flag], dtype=np.uint8), zone) for i, flag in enumerate(flags)
    ]


def checked(
    rest: np.ndarray,
    contraction: np.ndarray | None = None,
    *,
    channel: Channel = EMG,
    flags: list[int] | None = None,
) -> Contact:
    seen = readings([0] * 100 if flags is None else flags)
    (contact,) = check_contact((channel,), seen, rest, contraction, sfreq=SFREQ)
    return contact


def found(contact: Contact) -> list[str]:
    return [finding.flag for finding in contact.findings]


def test_a_quiet_rest_and_a_clear_contraction_pass():
    contact = checked(muscle(2), muscle(40, 8))
    assert contact.ok
    assert contact.findings == ()
    assert contact.rest == pytest.approx(2)
    assert contact.contraction == pytest.approx(40)


@pytest.mark.parametrize(("times", "passes"), [(10.5, True), (9.5, False), (1.0, False)])
def test_a_contraction_must_stand_ten_times_over_rest(times, passes):
    contact = checked(muscle(3), muscle(3 * times, 8))
    assert contact.ok is passes
    assert found(contact) == ([] if passes else ["weak_contraction"])
    for finding in contact.findings:
        assert finding.level == pytest.approx(3 * times)
        assert "along its fibres" in finding.advice


def test_over_a_rest_that_the_converter_shows_as_nothing_any_contraction_stands_out():
    contact = checked(np.zeros((10_000, 1)), muscle(60, 8), channel=UNO)
    assert contact.ok


def test_without_a_contraction_nothing_is_said_of_one():
    contact = checked(muscle(3))
    assert contact.ok
    assert np.isnan(contact.contraction)


@pytest.mark.parametrize(("share", "passes"), [(0.2, True), (0.45, False), (10.0, False)])
@pytest.mark.parametrize("hz", [50.0, 60.0])
def test_mains_of_a_third_of_the_emg_fail_with_their_level_and_what_to_do(share, passes, hz):
    contact = checked(muscle(5) + hum(5 * share, hz=hz))
    assert contact.ok is passes
    assert contact.mains == pytest.approx(5 * share, rel=0.15)
    for finding in contact.findings:
        assert finding.flag == "mains"
        assert finding.level == pytest.approx(5 * share, rel=0.1)
        assert "Unplug the charger" in finding.advice
        assert "µV" in finding.advice


@pytest.mark.parametrize("flag", ["ELECTRODE_OFF", "SATURATED", "MOTION", "GAP"])
def test_a_fault_of_a_twentieth_of_the_time_fails_and_a_single_jerk_does_not(flag):
    bad = int(Quality[flag])
    jerk, often = ([bad] * n + [0] * (100 - n) for n in (4, 5))
    assert checked(muscle(2), flags=jerk).ok
    contact = checked(muscle(2), flags=often)
    assert not contact.ok
    assert found(contact) == [flag.lower()]
    assert contact.findings[0].advice.count(".") >= 2  # what it is, and what to do


def test_the_gravest_fault_comes_first():
    flags = [int(Quality.MOTION | Quality.ELECTRODE_OFF | Quality.SATURATED)] * 50
    order = ["electrode_off", "saturated", "motion"]
    assert found(checked(muscle(2), flags=flags)) == order


def test_a_heartbeat_is_told_and_passes():
    contact = checked(muscle(2), flags=[int(Quality.ECG)] * 100)
    assert contact.ok
    assert found(contact) == ["ecg"]


@pytest.mark.parametrize("channel", [UNO, FINE])
def test_a_rest_below_what_the_converter_sees_is_told_where_another_sees_more(channel):
    contact = checked(muscle(0.01), channel=channel)
    assert contact.ok
    assert found(contact) == (["resolution"] if channel is UNO else [])
    for finding in contact.findings:
        assert finding.level == pytest.approx(12.2, abs=0.05)
        assert "UNO R4" in finding.advice


def test_of_a_rest_that_is_not_known_it_is_not_said_that_it_is_low():
    unknown = np.full((10_000, 1), np.nan)
    contact = checked(unknown, channel=UNO, flags=[int(Quality.ELECTRODE_OFF)] * 100)
    assert found(contact) == ["electrode_off"]


@pytest.mark.parametrize("seconds", [0.001, 0.5, 0.9])
def test_too_little_to_tell_does_not_pass(seconds):
    flags = [0] * round(10 * seconds)
    contact = checked(muscle(2, seconds), flags=flags)
    assert not contact.ok
    assert found(contact) == ["too_short"]


def test_nothing_at_all_does_not_pass():
    contact = checked(np.empty((0, 1)), np.empty((0, 1)), flags=[])
    assert not contact.ok
    assert "too_short" in found(contact)


def test_time_that_is_not_settled_tells_nothing():
    contact = checked(muscle(2), flags=[int(Quality.UNSETTLED)] * 100)
    assert found(contact) == ["too_short"]


def test_counts_are_told_as_counts():
    contact = checked(muscle(5) + hum(50), channel=Channel("A0"))
    assert not contact.ok
    assert "counts" in contact.findings[0].advice


def test_an_envelope_is_judged_by_its_faults_alone():
    envelope = make_channel("ENV", SENSORS["myoware-2-env"])
    assert checked(300 + hum(50), channel=envelope).ok
    faulty = checked(300 + hum(50), channel=envelope, flags=[int(Quality.SATURATED)] * 100)
    assert found(faulty) == ["saturated"]


@pytest.mark.parametrize("sfreq", [1.0, 10.0, 50.0])
def test_an_envelope_may_come_slowly(sfreq):
    envelope = make_channel("ENV", SENSORS["myoware-2-env"])
    rest = np.full((round(10 * sfreq), 1), 300.0)
    (contact,) = check_contact((envelope,), readings([0] * 100), rest, sfreq=sfreq)
    assert contact.ok
    assert contact.rest == 300
    assert np.isnan(contact.mains)


def test_channels_are_judged_one_by_one():
    rest = np.column_stack((muscle(2)[:, 0], (muscle(2, seed=1) + hum(20))[:, 0]))
    quality = np.zeros(2, dtype=np.uint8)
    seen = [Reading(i, quality, quality, quality, quality) for i in range(100)]
    both = check_contact((EMG, Channel("jaw", "uV")), seen, rest, sfreq=SFREQ)
    assert [contact.ok for contact in both] == [True, False]


def test_a_span_takes_the_readings_of_its_times_both_ends_included():
    taken = span(readings([0] * 300), (1.5, 11.5))
    assert (taken[0].t_s, taken[-1].t_s, len(taken)) == (1.5, 11.5, 101)
    assert span([], (0, 1)) == []
