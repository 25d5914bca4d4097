"""Many seeded runs through a faulty cable: what is accepted was sent, and what is missing is known.

A tenth of what is run before a release; `serial_runs.run` takes any other seed.
"""

import numpy as np
import pytest
from faulty_cable import Damage, FaultyCable
from serial_runs import WORST_BIT_ERROR_RATE, run, run_text

from biofeedback.session import Session
from biofeedback.settings import SignalSettings
from biofeedback.stream import Channel, Chunk, StreamInfo
from biofeedback.wire.text import TextDecoder

RUNS, TEXT_RUNS = 100, 40


def test_no_damage_to_our_frames_is_accepted_and_what_it_cost_is_counted_to_the_sample():
    outcomes = [run(seed) for seed in range(RUNS)]
    assert [outcome for outcome in outcomes if not outcome.passed] == []
    worst = [o for o in outcomes if o.damage.bit_error_rate == WORST_BIT_ERROR_RATE]
    assert len(worst) >= RUNS // 8
    assert sum(outcome.corrupt_frames for outcome in outcomes) > 100 * RUNS // 10
    assert {outcome.channels for outcome in outcomes} == set(range(1, 7))
    assert min(outcome.received for outcome in outcomes) > 0


def test_lines_that_are_no_sample_are_counted_and_the_others_are_what_they_say():
    outcomes = [run_text(seed) for seed in range(TEXT_RUNS)]
    assert [outcome for outcome in outcomes if not outcome.passed] == []
    assert sum(outcome.lost for outcome in outcomes) > 10 * TEXT_RUNS
    # a line has no checksum: what is damaged into another number cannot be told
    assert sum(outcome.unnoticed for outcome in outcomes) > 0


def test_of_single_flipped_bits_in_a_line_of_three_digits_three_in_eight_go_unnoticed():
    decoder = TextDecoder()
    decoder.feed(b"0\n" + b"500\n" * 5)
    unnoticed = 0
    for value in range(100, 1000):
        for bit in range(24):
            line = bytearray(b"%d" % value)
            line[bit // 8] ^= 1 << bit % 8
            chunks = decoder.feed(bytes(line) + b"\n")
            unnoticed += sum(bool((chunk.samples != value).any()) for chunk in chunks)
    # 0x30 + d is a digit still after 10, 8, 8 and 4 of 10 flips of its four low bits; and where a
    # 0 at an end becomes a space the number is shorter
    assert unnoticed / (900 * 24) == pytest.approx(30 / 80, abs=0.01)


def test_what_was_lost_before_the_first_sample_is_lost_too():
    class Late:
        info = StreamInfo((Channel("EMG"),), 1000.0, "late")
        status, notes, corrupt_frames, ended = "", (), 0, False

        def open(self) -> None:
            self.left = [Chunk(90, np.ones((500, 1))), Chunk(600, np.ones((400, 1)))]

        def read(self, _timeout: float) -> list[Chunk]:
            self.ended = len(self.left) == 1
            return [self.left.pop(0)]

        def close(self) -> None:
            pass

    session = Session(Late(), signal=SignalSettings())
    list(session.run())
    assert (session.lost, session.summary()["samples"]) == (100, 900)


def test_a_cable_is_the_same_for_the_same_seed_and_damages_as_often_as_asked():
    data = np.random.default_rng(0).bytes(200_000)
    whole = FaultyCable(Damage(), seed=1)(data)
    assert whole == data
    noisy = Damage(bit_error_rate=1e-3)
    once, again = (FaultyCable(noisy, seed=2)(data) for _ in range(2))
    assert once == again
    hit = np.frombuffer(once, np.uint8) ^ np.frombuffer(data, np.uint8)
    flipped = int(np.unpackbits(hit).sum())
    assert flipped == pytest.approx(1600, abs=200)
    for damage, change in (
        (Damage(drop_rate=1e-2), -2000),
        (Damage(double_rate=1e-2), 2000),
        (Damage(garbage_rate=1e-3), 200 * 32.5),
        (Damage(hole_rate=1e-4), -20 * 301),
        (Damage(repeat_rate=1e-4), 20 * 301),
    ):
        assert len(FaultyCable(damage, seed=3)(data)) - len(data) == pytest.approx(change, rel=0.5)
