import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from biofeedback.buffer import RingBuffer


def numbered(start: int, n: int) -> np.ndarray:
    return np.arange(start, start + n, dtype=float)[:, None]


def test_what_was_written_is_read_back_at_its_index():
    ring = RingBuffer(10, 1)
    ring.write(0, numbered(0, 4))
    ring.write(4, numbered(4, 4))
    assert ring.stop == 8
    assert ring.read(2, 7)[:, 0].tolist() == [2, 3, 4, 5, 6]


def test_rows_that_never_came_are_nan_and_not_zero():
    ring = RingBuffer(10, 1)
    ring.write(0, numbered(0, 2))
    ring.write(5, numbered(5, 2))
    assert np.isnan(ring.read(2, 5)).all()
    assert ring.latest(7)[[0, 1, 5, 6], 0].tolist() == [0, 1, 5, 6]


def test_before_the_first_and_after_the_last_row_there_is_nothing():
    ring = RingBuffer(4, 2)
    assert np.isnan(ring.latest(3)).all()
    ring.write(0, np.ones((2, 2)))
    assert np.isnan(ring.latest(4)[:2]).all()
    assert np.isnan(ring.read(1, 5)[1:]).all()


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 40)), min_size=1, max_size=20))
def test_the_ring_holds_the_newest_rows_whatever_was_written(writes: list[tuple[int, int]]):
    ring, truth, index = RingBuffer(17, 1), {}, 0
    for gap, n in writes:
        index += gap
        ring.write(index, numbered(index, n))
        truth |= {i: float(i) for i in range(index, index + n)}
        index += n
    expected = [truth.get(i, np.nan) for i in range(index - 17, index)]
    np.testing.assert_array_equal(ring.latest(17)[:, 0], expected)
    assert np.isnan(ring.read(index - 40, index - 17)).all()


def test_a_reader_on_another_thread_never_sees_a_row_that_is_not_its_own():
    ring, wrong, done = RingBuffer(1000, 1), [], threading.Event()

    def read() -> None:
        while not done.is_set():
            stop = ring.stop
            rows = ring.read(stop - 900, stop)[:, 0]
            expected = np.arange(stop - 900, stop)
            known = ~np.isnan(rows)
            wrong.extend(rows[known & (rows != expected)])

    reader = threading.Thread(target=read)
    reader.start()
    for start in range(0, 400_000, 40):
        ring.write(start, numbered(start, 40))
    done.set()
    reader.join()
    assert not wrong
