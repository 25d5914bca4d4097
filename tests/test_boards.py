import pytest

from biofeedback.boards import BOARDS, SENSORS, find_board, find_sensor, make_channel
from biofeedback.errors import SettingsError


@pytest.mark.parametrize(
    ("sensor", "board", "step_uv"),
    [
        ("myoware-2-raw", "uno", 24.4),
        ("myoware-2-raw", "uno-3v3", 16.1),
        ("myoware-2-raw", "esp32", 4.0),
        ("myoware-2-raw", "uno-r4", 1.5),
        ("cyton", None, 0.022352 * 2),
    ],
)
def test_one_step_of_the_converter_is_what_was_measured(sensor, board, step_uv):
    channel = make_channel("EMG", SENSORS[sensor], BOARDS[board] if board else None)
    assert channel.step == pytest.approx(step_uv, rel=0.02 if board else 1.0)


def test_the_cyton_reads_0_022_microvolts_a_count():
    # OpenBCI: 4.5 V / 24 / (2^23 - 1)
    assert make_channel("EMG", SENSORS["cyton"]).gain == pytest.approx(0.022352, rel=1e-4)


def test_plux_counts_follow_the_makers_formula():
    # EMG(V) = (ADC / 2^16 - 1/2) * 3 / 1000
    channel = make_channel("EMG", SENSORS["plux"])
    for count in (0, 32768, 40000, 65535):
        expected = (count / 2**16 - 0.5) * 3 / 1000 * 1e6
        assert count * channel.gain + channel.offset == pytest.approx(expected, abs=1e-9)


def test_the_floor_is_half_a_step_and_an_uno_says_12_microvolts():
    channel = make_channel("EMG", SENSORS["myoware-2-raw"], find_board("uno"))
    assert channel.resolution_floor == pytest.approx(12.2, abs=0.05)


def test_without_a_sensor_there_are_counts_and_no_floor_is_claimed():
    channel = make_channel("EMG", find_sensor("none"))
    assert (channel.unit, channel.gain, channel.resolution_floor) == ("counts", 1.0, None)


def test_an_envelope_is_counts_too():
    channel = make_channel("EMG", SENSORS["myoware-2-env"])
    assert channel.envelope
    assert channel.unit == "counts"


def test_a_name_that_is_not_there_is_said_with_those_that_are():
    with pytest.raises(SettingsError, match=r"'myoware'.*myoware-2-raw.*none"):
        find_sensor("myoware")
    with pytest.raises(SettingsError, match=r"'due'.*uno"):
        find_board("due")


@pytest.mark.parametrize("said", [{"bits": 7}, {"bits": 25}, {"reference_v": 0.1}])
def test_a_converter_that_cannot_be_is_refused(said):
    with pytest.raises(SettingsError):
        find_board("uno", **said)
