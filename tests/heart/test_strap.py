import math
import threading

from heart_peers import OUT_OF_REACH, ScriptedRadio, Visit, rate

from biofeedback.errors import HeartError
from biofeedback.heart.strap import STALE_S, At, Strap


class Ran:
    """A strap that ran against `script` until it had told `n` measurements."""

    def __init__(self, *script, n: int, silent_s: float = 10.0, name: str = "") -> None:
        self.beats, self.now_s = [], 0.0
        self.radio, came = ScriptedRadio(*script), threading.Event()

        def take(beats) -> None:
            self.beats.append(beats)
            if len(self.beats) == n:
                came.set()

        self.strap = Strap(
            name,
            take,
            radio=self.radio,
            clock=lambda: self.now_s,
            again_s=0.001,
            silent_s=silent_s,
        )
        self.strap.start()
        assert came.wait(10)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.strap.stop()

    @property
    def rates(self):
        return [each.told.rate_bpm for each in self.beats]


def test_what_a_strap_says_is_handed_on_with_its_artefacts_flagged():
    with Ran(Visit([rate(60, 1.0), rate(61, 1.0, 1.98), rate(60, 0.98)]), n=3) as ran:
        assert ran.rates == [60, 61, 60]
        assert [each.artefacts for each in ran.beats] == [(False,), (False, True), (False,)]
        assert ran.strap.at is At.CONNECTED
        assert ran.strap.notes == ("Heart strap Strap 7 is connected.",)
    assert ran.strap.at is At.STOPPED
    assert ran.radio.closed == 1


def test_a_strap_without_intervals_tells_its_rate_alone():
    with Ran(Visit([rate(60), rate(62)]), n=2) as ran:
        assert ran.rates == [60, 62]
        assert ran.strap.rate_bpm == 62


def test_a_rate_that_nothing_followed_is_none_any_more():
    with Ran(Visit([rate(60)]), n=1) as ran:
        ran.now_s = STALE_S
        assert ran.strap.rate_bpm == 60
        ran.now_s = STALE_S + 0.1
        assert math.isnan(ran.strap.rate_bpm)


def test_a_strap_that_went_out_of_reach_is_connected_again():
    away = Visit([rate(60, 1.0), "hangs up"])
    back = Visit([rate(80, 0.75, 0.75)])  # not held against what was before the break
    with Ran(away, None, Visit(refused=OUT_OF_REACH), back, n=2) as ran:
        assert ran.rates == [60, 80]
        assert ran.beats[1].artefacts == (False, False)
        assert ran.strap.losses == 1
        assert ran.strap.notes == (
            "Heart strap Strap 7 is connected.",
            "Heart strap Strap 7 is out of reach: it is looked for, and the session goes on.",
            "Heart strap Strap 7 is connected again.",
        )
    assert (ran.radio.opened, ran.radio.closed) == (2, 2)


def test_a_strap_at_the_edge_of_its_reach_is_not_told_of_over_and_over():
    visits = [Visit([rate(60), "hangs up"])] * 20
    with Ran(*visits, n=20) as ran:
        assert len(ran.strap.notes) == 3


def test_a_strap_that_falls_silent_while_the_radio_thinks_it_is_there_is_looked_for():
    with Ran(Visit([rate(60)]), Visit([rate(61)]), n=2, silent_s=0.02) as ran:
        assert ran.rates == [60, 61]


def test_a_strap_that_is_not_worn_yet_is_waited_for_and_that_is_said():
    with Ran(None, None, Visit([rate(60)]), n=1) as ran:
        assert [note.partition(":")[0] for note in ran.strap.notes] == [
            "No heart strap is heard yet",
            "Heart strap Strap 7 is connected.",
        ]


def test_bluetooth_that_is_switched_on_later_serves_then():
    off = HeartError("Bluetooth is switched off: switch it on.")
    with Ran(off, off, Visit([rate(60)]), n=1) as ran:
        assert ran.strap.notes == (str(off), "Heart strap Strap 7 is connected.")


def test_a_fault_of_the_systems_bluetooth_ends_neither_the_strap_nor_the_session():
    with Ran(AssertionError("dbus"), Visit([rate(60)]), n=1) as ran:
        assert "Bluetooth failed (dbus)" in ran.strap.notes[0]


def test_a_strap_off_the_skin_has_no_rate_and_says_what_helps():
    with Ran(Visit([rate(60, contact=4)]), n=1) as ran:
        assert math.isnan(ran.rates[0])
        assert "does not touch the skin" in ran.strap.notes[1]


def test_a_notification_that_is_cut_short_is_counted_and_passed_over():
    with Ran(Visit([b"", b"\x10\x3c\x00", rate(60)]), n=1) as ran:
        assert ran.strap.corrupt == 2


def test_it_is_the_strap_of_that_name_that_is_looked_for():
    with Ran(Visit([rate(60)]), n=1, name="polar") as ran:
        assert ran.radio.searched[0] == "polar"


def test_a_strap_that_was_never_found_is_let_go_at_once():
    strap = Strap("", lambda _beats: None, radio=ScriptedRadio())
    strap.start()
    strap.stop()
    strap.stop()
    assert strap.at is At.STOPPED
