"""What streams out of the sketch, on a mock of a board that paces itself by its clock."""

import pytest

OVERRUN, MISSED, CLIPPED, SOFT_TIMING, FIRST = 1, 2, 4, 8, 16
A0, A1, A2 = 4, 5, 6  # of the mock


def kinds(messages):
    return [type(message).__name__ for message in messages]


def test_scans_come_at_their_period_with_nothing_between(board):
    assert board.code("S") == 0
    frames = board.data(1000)
    board.assert_seamless(frames)
    assert all(len(frame.counts) == 10 for frame in frames)
    assert sum(len(frame.counts) for frame in frames) == pytest.approx(2000, abs=20)
    assert {frame.flags & ~CLIPPED for frame in frames} == {SOFT_TIMING}


def test_the_first_frame_says_so_and_begins_at_zero(board):
    board.set("analog", A0, 300)
    for _ in range(2):
        board.send_command("S")
        first, second, *_rest = (m for m in board.run(100) if type(m).__name__ == "Data")
        assert (first.seq, first.index, first.flags) == (0, 0, SOFT_TIMING | FIRST)
        assert (second.seq, second.index, second.flags) == (1, 10, SOFT_TIMING)
        assert board.code("P") == 0


def test_the_counts_stand_scan_by_scan_in_the_order_of_the_mask(board):
    for pin, count in (A0, 100), (A1, 200), (A2, 300):
        board.set("analog", pin, count)
    board.code("C", 0b101)
    board.send_command("S")
    frames = [m for m in board.run(100) if type(m).__name__ == "Data"]
    board.assert_seamless(frames, 2)
    assert all(frame.counts == (100, 300) * 10 for frame in frames)


def test_oversampling_sums(board):
    board.set("analog", A0, 1000)
    board.code("R", 10_000)
    board.code("O", 64)
    board.send_command("S")
    (frame, *_) = (m for m in board.run(200) if type(m).__name__ == "Data")
    assert set(frame.counts) == {64_000}


@pytest.mark.parametrize(("count", "flag"), [(0, CLIPPED), (1023, CLIPPED), (1, 0), (1022, 0)])
def test_an_end_of_the_range_is_flagged(board, count, flag):
    board.set("analog", A0, count)
    board.code("S")
    assert {frame.flags & CLIPPED for frame in board.data(100)} == {flag}


def test_one_clipped_conversion_flags_its_frame_alone(board):
    board.set("analog", A0, 500)
    board.code("S")
    board.data(100)
    board.set("analog", A0, 1023)
    board.data(0.5)
    board.set("analog", A0, 500)
    assert [frame.flags & CLIPPED for frame in board.data(100)].count(CLIPPED) == 1


def test_stop_sends_what_is_left_and_then_its_answer(board):
    board.code("B", 100)
    board.send_command("S")
    board.run(20)
    board.send_command("P")
    messages = board.run(100)
    assert kinds(messages) == ["Data", "Answer"]
    assert messages[0].index == 0
    assert 30 < len(messages[0].counts) < 50
    assert messages[1][:2] == ("P", 0)
    assert board.run(1000) == []


def test_stop_sends_a_full_frame_that_waits_too(board):
    board.set("hold", 1)
    board.send_command("S")
    board.run(18)  # frame 0 is in the line's buffer, 1 on its way there, 2 full, 3 begun
    board.send_command("P")
    board.set("hold", 0)
    messages = board.run(200)
    assert kinds(messages)[-1] == "Answer"
    frames = [m for m in messages if type(m).__name__ == "Data"]
    assert [len(frame.counts) for frame in frames[:-1]] == [10, 10, 10]
    assert 0 < len(frames[-1].counts) < 10
    board.assert_seamless(frames)


def test_start_while_it_streams_leaves_the_stream_as_it_is(board):
    board.code("S")
    before = board.data(100)
    board.send_command("S")
    messages = board.run(100)
    assert [m[:2] for m in messages if type(m).__name__ == "Answer"] == [("S", 0)]
    after = [m for m in messages if type(m).__name__ == "Data"]
    board.assert_seamless(before[-1:] + after)
    assert not any(frame.flags & (FIRST | MISSED | OVERRUN) for frame in after)


def test_questions_cost_the_stream_nothing(board):
    board.set("analog", A0, 500)
    board.code("S")
    board.data(50)
    frames = []
    for _ in range(20):
        nonce = board.send_command("I")
        messages = board.run(20)
        (info,) = (m for m in messages if type(m).__name__ == "Info")
        assert (info.nonce, info.running) == (nonce, True)
        frames += [m for m in messages if type(m).__name__ == "Data"]
    board.assert_seamless(frames)
    assert {frame.flags for frame in frames} == {SOFT_TIMING}


def test_missed_triggers_end_the_frame_and_leave_a_gap_in_the_index(board):
    board.set("analog", A0, 500)
    board.code("S")
    board.data(52)
    board.set("stall", 5000)
    frames = board.data(100)
    (place,) = (i for i, frame in enumerate(frames) if frame.flags & MISSED)
    gap = frames[place].index - frames[place - 1].index - len(frames[place - 1].counts)
    assert gap in (9, 10)
    assert len(frames[place - 1].counts) < 10
    board.assert_seamless(frames[:place])
    board.assert_seamless(frames[place:])
    assert not any(frame.flags & OVERRUN for frame in frames)


def test_a_line_that_stalls_costs_scans_and_says_so(board):
    board.set("analog", A0, 500)
    board.code("S")
    board.data(50)
    board.set("hold", 1)
    board.run(100)
    board.set("hold", 0)
    frames = board.data(200)
    (place,) = (i for i, frame in enumerate(frames) if frame.flags & OVERRUN)
    gap = frames[place].index - frames[place - 1].index - len(frames[place - 1].counts)
    assert 100 < gap < 200
    assert gap % 10 == 0
    assert [frame.seq for frame in frames] == [
        (frames[0].seq + i) % 256 for i in range(len(frames))
    ]


def test_what_is_dropped_with_a_frame_is_still_told(board):
    board.code("S")
    board.data(50)
    board.set("hold", 1)
    board.run(50)
    board.set("stall", 5000)
    board.run(50)
    board.set("hold", 0)
    (frame,) = (frame for frame in board.data(200) if frame.flags & OVERRUN)
    assert frame.flags & MISSED


def test_the_pace_does_not_stumble_where_the_boards_clock_wraps(board):
    board.set("analog", A0, 500)
    board.set("stall", 2**32 - 300_000)
    board.code("S")
    frames = board.data(1000)
    board.assert_seamless(frames)
    assert {frame.flags for frame in frames} == {SOFT_TIMING}
    assert sum(len(frame.counts) for frame in frames) == pytest.approx(2000, abs=20)


def test_time_goes_on_where_the_index_wraps(board):
    board.code("S")
    board.data(50)
    board.set("index", 2**32 - 15)
    indexes = [frame.index for frame in board.data(100)]
    wrapped = indexes[indexes.index(max(indexes)) :]
    assert wrapped[0] > 2**32 - 15
    assert len(wrapped) > 10
    assert wrapped == [(wrapped[0] + 10 * i) % 2**32 for i in range(len(wrapped))]


def test_seq_wraps(board):
    board.code("B", 1)
    board.code("R", 2000)
    board.code("S")
    frames = board.data(1000)
    assert {frame.seq for frame in frames} == set(range(256))
    board.assert_seamless(frames)


def test_a_stream_survives_a_change_of_speed(board):
    board.set("analog", A0, 500)
    board.code("S")
    board.data(30)
    board.set("baud", 0)
    board.send_command("U", 500_000)
    frames = board.data(100)
    board.send_command("I")
    frames += board.data(3000)
    board.assert_seamless(frames)
    assert {frame.flags for frame in frames} == {SOFT_TIMING}
    assert board.state()[1] == 500_000
