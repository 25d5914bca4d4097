"""What the sketch does when it is told to, on a mock of a board."""

import random

import pytest

SOFT_TIMING, FIRST = 8, 16
A0 = 4  # of the mock


def kinds(messages):
    return [type(message).__name__ for message in messages]


def test_a_board_says_hello_and_does_not_stream(fresh_board):
    boot, info = fresh_board.run(2000)
    assert boot == (1, 0, 0)
    assert (info.protocol, info.version, info.nonce, info.running) == (1, (1, 0, 0), 0, False)
    assert (info.tick_hz, info.period, info.mask, info.scans) == (1_000_000, 500, 1, 10)
    assert (info.bits, info.oversample, info.vref_mv) == (10, 1, 5000)
    assert (info.channels, info.board, info.build, info.name) == (6, 0, 0, "Arduino")


def test_info_repeats_the_nonce_and_the_settings(board):
    for name, argument in ("R", 1234), ("C", 0b101), ("B", 7), ("O", 3):
        assert board.code(name, argument) == 0
    info = board.info()
    assert (info.period, info.mask, info.scans, info.oversample) == (1234, 0b101, 7, 3)
    assert info.skew_us == 3 * 120


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("R", 0),
        ("C", 0),
        ("C", 0x40),
        ("B", 0),
        ("B", 123),
        ("O", 0),
        ("O", 65),
        ("U", 0),
        ("U", 1199),
        ("U", 4_000_000_000),
        ("R", b"\1"),
        ("I", b"\1"),
    ],
)
def test_what_is_out_of_range_changes_nothing(board, name, argument):
    before = board.info()
    assert board.code(name, argument) == 2
    assert board.info()._replace(nonce=0) == before._replace(nonce=0)


@pytest.mark.parametrize("name", ["x", "\0", "i", "\x01"])
def test_an_unknown_command_is_named_in_the_answer(board, name):
    assert board.code(name) == 1


def test_stop_is_answered_by_a_board_at_rest(board):
    board.send_command("P")
    assert kinds(board.run()) == ["Answer"]


def test_settings_wait_for_a_stop(board):
    before = board.info()
    board.code("S")
    for name, argument in (
        ("R", 1000),
        ("C", 2),
        ("B", 1),
        ("O", 2),
        ("V", b""),
    ):
        assert board.code(name, argument) == 3
    assert board.code("P") == 0
    assert board.info()[:12] == before[:12]


def test_several_commands_at_once_are_answered_in_their_order(board):
    board.send_command("S")
    board.run(22)
    nonces = [board.send_command(name) for name in "LxPCP"]
    answers = [m for m in board.run(200) if type(m).__name__ == "Answer"]
    expected = zip("LxPCP", (0, 1, 0, 2, 0), nonces, strict=True)
    assert [tuple(answer) for answer in answers] == list(expected)


def test_a_period_too_short_for_the_conversions_is_refused(board):
    board.code("B", 122)
    board.code("R", 119)
    assert board.code("S") == 4
    board.code("R", 240)
    assert board.code("S") == 0
    assert board.code("P") == 0
    board.code("O", 3)
    assert board.code("S") == 4


def test_a_line_too_slow_for_the_frames_is_refused(board):
    board.code("C", 0x3F)
    board.code("R", 1000)  # 132 bytes each 10 ms: 132,000 baud
    assert board.code("S") == 5
    assert board.code("U", 250_000) == 0
    board.set("baud", 250_000)
    assert board.code("S") == 0
    assert board.code("U", 115_200) == 5


def test_more_counts_than_a_frame_holds_are_refused(board):
    board.code("B", 122)
    board.code("C", 3)
    assert board.code("S") == 2
    board.code("B", 61)
    assert board.code("S") == 0


def test_the_speed_changes_behind_its_answer(board):
    assert board.code("U", 500_000) == 0
    board.set("baud", 500_000)
    assert board.info().nonce
    board.run(3000)
    assert board.state()[1] == 500_000


def test_without_a_word_at_the_new_speed_the_board_goes_back(board):
    assert board.code("U", 500_000) == 0
    board.run_raw(900)
    assert board.state()[1] == 500_000
    board.run_raw(200)
    assert board.state()[1] == 115_200
    board.run_raw(50)
    assert board.info().nonce


def test_garbage_is_no_word_at_the_new_speed(board):
    assert board.code("U", 500_000) == 0
    board.send_command("I")  # still at 115200: it arrives as garbage
    board.run_raw(1200)
    assert board.state()[1] == 115_200


def test_a_damaged_command_does_nothing_and_is_reported(board):
    board.set("rx", "0002530300000100")
    (event,) = board.run()
    assert event == (3, 1, 0)


def test_lost_bytes_do_not_cost_the_next_command(board):
    board.set("rx", "0005520102")
    assert board.code("L") == 0


def test_no_noise_from_the_host_harms_the_board(board):
    noise = random.Random(2)  # noqa: S311
    for _ in range(300):
        payload = noise.choice(b"ISPRCBOLVU?").to_bytes() + noise.randbytes(noise.randrange(7))
        if payload[:1] != b"U":  # else the two may part for a second
            board.send(payload)
        board.set("rx", noise.randbytes(noise.randrange(1, 40)).hex())
        board.run(noise.randrange(1, 30))
    board.run(500)
    assert board.code("P") == 0
    assert board.info().running is False


def test_the_button_is_reported_once_it_is_steady(board):
    board.set("level", 2, 0)
    board.run_raw(5)
    board.set("level", 2, 1)
    assert board.run(100) == []
    board.set("level", 2, 0)
    assert board.run(100) == [(2, 1, 0)]
    board.set("level", 2, 1)
    assert board.run(100) == [(2, 0, 0)]


def test_the_button_carries_the_index_of_its_scan(board):
    board.code("S")
    frames = board.data(450)
    board.set("level", 2, 0)
    messages = board.run(100)
    (event,) = (m for m in messages if type(m).__name__ == "Event")
    assert event[:2] == (2, 1)
    assert event.index - frames[-1].index == pytest.approx(50, abs=15)


def test_the_led_is_on_while_it_streams_and_blinks_when_asked(board):
    assert board.state()[0] is False
    board.code("S")
    assert board.state()[0] is True
    board.code("P")
    assert board.state()[0] is False
    board.send_command("L")
    seen = []
    for _ in range(19):
        board.run(100)
        seen.append(board.state()[0])
    assert set(seen) == {True, False}
    board.run(300)
    assert board.state()[0] is False


def test_a_blink_does_not_hold_up_the_stream(board):
    board.set("analog", A0, 500)
    board.code("S")
    board.send_command("L")
    frames = board.data(2500)
    board.assert_seamless(frames)
    assert {frame.flags & ~FIRST for frame in frames} == {SOFT_TIMING}


def test_the_supply_is_answered_with_info(board):
    info = board.info("V")
    assert info.vref_mv == 5000
    assert info.running is False


@pytest.mark.parametrize(
    ("macro", "number", "name", "bits", "vref_mv", "n_channels"),
    [
        ("ARDUINO_UNOR4_MINIMA", 4, "UNO R4", 14, 5000, 6),
        ("ARDUINO_UNOR4_WIFI", 4, "UNO R4", 14, 5000, 6),
        ("CONFIG_IDF_TARGET_ESP32", 5, "ESP32", 12, 3300, 6),
        ("ARDUINO_ARCH_RP2040", 6, "RP2040", 12, 3300, 3),
        ("TEENSYDUINO", 7, "Teensy", 12, 3300, 6),
    ],
)
def test_a_board_knows_what_it_is(board_of_kind, macro, number, name, bits, vref_mv, n_channels):
    board = board_of_kind(macro)
    _boot, info = board.run()
    assert (info.board, info.name, info.bits) == (number, name, bits)
    assert (info.vref_mv, info.channels) == (vref_mv, n_channels)
    assert board.state()[2] == bits
    most = 65535 // (2**bits - 1)
    assert board.code("O", most) == 0
    assert board.code("O", most + 1) == 2
    assert board.code("C", 1 << n_channels - 1) == 0
    assert board.code("C", 1 << n_channels) == 2
