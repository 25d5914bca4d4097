import json
import math
import threading

import numpy as np
import pytest
from heart_peers import ScriptedRadio, Visit, rate

from biofeedback.cli import main
from biofeedback.heart import beside, strap
from biofeedback.heart.beside import Heartbeat, HeartBeside
from biofeedback.heart.measurements import HeartRate
from biofeedback.heart.radio import Seen, Service
from biofeedback.heart.strap import Beats
from biofeedback.heart.told import told_with_heart
from biofeedback.journal.files import belonging_to
from biofeedback.recording.library import remove
from biofeedback.recording.live import Recorder
from biofeedback.recording.sidecar import read_sidecar
from biofeedback.session import Session
from biofeedback.settings import BurstSettings, SignalSettings
from biofeedback.stream import Channel, Chunk, StreamInfo
from biofeedback.words import plain

SIGNAL = SignalSettings()


class Beaten:
    """A source that hands on a second at a time, each once the strap has told of one."""

    status, notes, corrupt_frames, ended = "", (), 0, False
    info = StreamInfo((Channel("EMG", digital=(0, 1023)),), 1000.0, "scripted")

    def __init__(self, seconds: int) -> None:
        self._seconds, self._second = seconds, 0
        self.told, self.taken = threading.Semaphore(0), threading.Semaphore(0)

    def open(self) -> None:
        pass

    def read(self, _timeout: float) -> list[Chunk]:
        if self._second == self._seconds:
            self.ended = True
            return []
        if self._second:
            self.taken.release()
            assert self.told.acquire(timeout=10)
        counts = np.random.default_rng(self._second).integers(0, 1023, (1000, 1)).astype(float)
        self._second += 1
        return [Chunk((self._second - 1) * 1000, counts)]

    def close(self) -> None:
        pass


class PacedRadio(ScriptedRadio):
    """A strap that tells its rates one by one, each when the source has handed on a second."""

    def __init__(self, source: Beaten, *sent: bytes) -> None:
        super().__init__(Visit([]))
        self._source, self._sent = source, sent

    async def connect(self, seen, lost):
        link = await super().connect(seen, lost)
        link.subscribe = self._subscribe
        return link

    async def _subscribe(self, _characteristic, take):
        import asyncio

        async def tell() -> None:
            for data in self._sent:
                await asyncio.to_thread(self._source.taken.acquire, timeout=10)
                take(data)
                self._source.told.release()

        self.telling = asyncio.ensure_future(tell())


def recorded(tmp_path, *sent: bytes):
    source = Beaten(len(sent) + 1)
    recorder = Recorder(
        tmp_path / "x.edf", signal=SIGNAL, bursts=BurstSettings(), patient=True, heart=True
    )
    heart = HeartBeside("", recorders=[recorder], radio=PacedRadio(source, *sent))
    session = Session(source, signal=SIGNAL, sinks=[recorder, heart])
    for _readings in session.run():
        pass
    return session, heart


def test_what_the_strap_tells_lies_beside_the_recording_in_its_time(tmp_path):
    session, heart = recorded(tmp_path, rate(60, 1.0), rate(61), rate(62, 0.5, 2.5), rate(0))
    rows = (tmp_path / "x.heart.csv").read_text().splitlines()
    assert rows == [
        "time_s,rate_bpm,rr_s,artefact",
        "1.000,60,1.000000,0",
        "2.000,61,,",
        "3.000,62,0.500000,1",
        "3.000,62,2.500000,1",
        "4.000,,,",
    ]
    assert read_sidecar(tmp_path / "x.edf").heart == "x.heart.csv"
    assert "Heart strap Strap 7 is connected." in session.notes
    summary = heart.summary(session.duration_s)
    assert summary == {
        "from": "strap",
        "rate_bpm": 61.0,
        "percent_of_time": 60.0,
        "rr_intervals": 3,
        "rr_artefacts": 2,
        "losses": 0,
        "corrupt": 0,
    }


def test_a_recording_is_removed_with_its_heart_rate(tmp_path):
    recorded(tmp_path, rate(60))
    remove(tmp_path / "x.edf")
    assert list(tmp_path.iterdir()) == []


def test_a_journal_counts_it_among_what_belongs_to_a_recording(tmp_path):
    name = "0b0c5c0e-0000-4000-8000-000000000000"
    for suffix in (".edf", ".json", ".heart.csv"):
        (tmp_path / (name + suffix)).touch()
    assert len(belonging_to(tmp_path, name + ".edf")) == 3


def test_a_table_that_is_there_already_is_not_written_over(tmp_path):
    (tmp_path / "x.heart.csv").write_text("mine")
    session, heart = recorded(tmp_path, rate(60), rate(61))
    assert (tmp_path / "x.heart.csv").read_text() == "mine"
    assert any("x.heart.csv cannot be written" in note for note in session.notes)
    assert len(heart.came) == 2


def test_without_a_strap_a_recording_says_nothing_of_one(tmp_path):
    recorder = Recorder(tmp_path / "x.edf", signal=SIGNAL, bursts=BurstSettings(), patient=True)
    for _readings in Session(Beaten(1), signal=SIGNAL, sinks=[recorder]).run():
        pass
    assert "heart" not in json.loads((tmp_path / "x.json").read_text())
    assert read_sidecar(tmp_path / "x.edf").heart is None


def heard(*at: tuple[float, float]) -> HeartBeside:
    heart = HeartBeside("", radio=ScriptedRadio())
    heart.came += [Heartbeat(t_s, Beats(HeartRate(bpm, None, None, ()), ())) for t_s, bpm in at]
    return heart


def test_each_phase_of_a_training_has_its_mean_rate_and_how_much_of_it_was_heard():
    heart = heard((0.5, 80), (1.5, 82), (2.0, 60), (2.9, 62), (3.5, math.nan))
    phases = [
        {"name": "before it broke off", "start_s": 5.0, "seconds": 4.0},
        {"name": "baseline", "start_s": 100.0, "seconds": 2.0},
        {"name": "trial", "start_s": 102.0, "seconds": 4.0},
    ]
    told = told_with_heart({"phases": phases, "duration_s": 106.0}, heart, since_s=100.0)
    earlier, baseline, trial = told["phases"]
    assert (baseline["heart_rate_bpm"], baseline["heart_percent_of_time"]) == (81, 100)
    assert (trial["heart_rate_bpm"], trial["heart_percent_of_time"]) == (61, 25)
    assert "heart_rate_bpm" not in earlier
    assert told["heart"]["rate_bpm"] == 71


def test_a_training_that_was_gone_on_with_has_the_heart_of_both_its_parts():
    first = heard(*((t + 0.5, 90) for t in range(60)))  # all of the first 60 s
    phases = [{"name": "baseline", "start_s": 10.0, "seconds": 50.0}]
    before = told_with_heart({"phases": phases, "duration_s": 60.0}, first)
    before = json.loads(json.dumps(plain(before)))  # as the journal keeps it
    second = heard(*((t + 0.5, 60) for t in range(20)))  # a third of the last 60 s
    phases = [*phases, {"name": "trial", "start_s": 60.0, "seconds": 60.0}]
    told = told_with_heart(
        {"phases": phases, "duration_s": 120.0}, second, since_s=60.0, before=before
    )
    assert [phase["heart_rate_bpm"] for phase in told["phases"]] == [90, 60]
    assert told["heart"]["percent_of_time"] == pytest.approx(100 * 80 / 120, rel=1e-4)
    assert told["heart"]["rate_bpm"] == pytest.approx((60 * 90 + 20 * 60) / 80, rel=1e-4)


def test_where_no_strap_is_heard_any_more_what_was_heard_before_stays():
    phases = [{"name": "baseline", "start_s": 0.0, "seconds": 5.0}]
    before = plain(
        told_with_heart({"phases": phases, "duration_s": 5.0}, heard((0.5, 70), (1.5, math.nan)))
    )
    phases = [*phases, {"name": "trial", "start_s": 5.0, "seconds": 5.0}]
    told = told_with_heart({"phases": phases, "duration_s": 10.0}, None, since_s=5.0, before=before)
    assert told["phases"][0]["heart_rate_bpm"] == 70
    assert "heart_rate_bpm" not in told["phases"][1]
    assert (told["heart"]["rate_bpm"], told["heart"]["percent_of_time"]) == (70, 10)


def test_a_training_without_a_strap_tells_of_none():
    told = {"phases": [], "duration_s": 1.0}
    assert told_with_heart(told, None) == told


# the command line


@pytest.fixture
def radio(monkeypatch):
    found = ScriptedRadio(Visit([rate(64, 0.9)]))
    for room in (strap, beside):
        monkeypatch.setattr(room, "BleakRadio", lambda: found, raising=False)
    return found


def lines_of(out: str) -> list[dict]:
    return [json.loads(line) for line in out.splitlines()]


def test_live_tells_the_heart_where_it_is_asked_for(radio, capsys):
    assert main(["live", "sim:rest", "--seconds", "1", "--heart", "--json"]) == 0
    found = lines_of(capsys.readouterr().out)
    heart = next(line for line in found if "heart_rate_bpm" in line)
    assert (heart["heart_rate_bpm"], heart["rr_artefacts"]) == (64, [False])
    assert found[-2]["heart"]["rate_bpm"] == 64
    assert "summary" in found[-1]


def test_live_tells_nothing_new_where_it_is_not(capsys):
    assert main(["live", "sim:rest", "--seconds", "1", "--fast", "--json"]) == 0
    assert "heart" not in capsys.readouterr().out


def test_live_says_in_words_where_the_rate_is_from(radio, capsys):
    assert main(["live", "sim:rest", "--seconds", "1", "--heart", "strap"]) == 0
    out = capsys.readouterr().out
    assert "heart 64 /min, from the strap" in out
    assert "The heart beat 64 times a minute on average, by the strap." in out
    assert radio.searched == ["strap"]


def test_a_strap_keeps_to_the_clock(capsys):
    assert main(["live", "sim:rest", "--fast", "--heart"]) == 1
    assert "--heart keeps to the clock" in capsys.readouterr().err


PROTOCOL = """
title = "Short"
mode = "below"
[[phases]]
name = "baseline"
kind = "baseline"
seconds = 1
instruction = "Sit quietly."
"""


def test_a_training_has_the_rate_of_each_phase_in_its_summary(radio, tmp_path, capsys):
    path = tmp_path / "short.toml"
    path.write_text(PROTOCOL)
    code = main(["train", str(path), "sim:rest", "--heart", "--json"])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    told = lines_of(captured.out)[-1]["summary"]
    assert told["heart"]["rate_bpm"] == 64
    assert "heart_rate_bpm" in told["phases"][0]


def test_devices_lists_straps_and_cuffs_only_where_asked(monkeypatch, capsys):
    class Near:
        async def scan(self, services, seconds):
            assert (set(services), seconds) == (set(Service), 5.0)
            return [Seen("Cuff 3", "AA:01", (Service.BLOOD_PRESSURE,), None)]

    monkeypatch.setattr("biofeedback.sources.ports.list_ports", list)
    monkeypatch.setattr("biofeedback.heart.nearby.BleakRadio", Near)
    assert main(["devices", "--json"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["devices", "--ble", "--json"]) == 0
    assert lines_of(capsys.readouterr().out) == [
        {"name": "Cuff 3", "address": "AA:01", "kind": "blood pressure cuff"}
    ]


def test_a_cuffs_reading_is_kept_in_the_journal(monkeypatch, capsys):
    sent = bytes.fromhex("06 8400 5400 6400 e407 0b 17 08 00 00 4800")

    def cuff() -> ScriptedRadio:
        return ScriptedRadio(Visit([sent, "hangs up"]), service=Service.BLOOD_PRESSURE)

    monkeypatch.setattr("biofeedback.heart.cuff.BleakRadio", cuff)
    assert main(["journal", "add-person", "P01"]) == 0
    assert main(["pressure", "--person", "P01"]) == 0
    captured = capsys.readouterr()
    assert "132 / 84 mmHg, pulse 72" in captured.out
    assert "By its own clock the cuff took that on 2020-11-23 at 08:00." in captured.err
    assert main(["journal", "entries", "--person", "P01", "--json"]) == 0
    kept = lines_of(capsys.readouterr().out)
    assert {each["kind"]: each["value"] for each in kept} == {
        "blood_pressure": 132,
        "heart_rate": 72,
    }
    assert main(["pressure", "--json"]) == 0
    assert lines_of(capsys.readouterr().out)[0]["systolic_mmhg"] == 132
