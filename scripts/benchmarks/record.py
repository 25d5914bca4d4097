"""What recording costs, and whether a slow disk holds anybody up: eight channels of 2 kHz."""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from biofeedback.recording.disk_sync import sync_data
from biofeedback.recording.live import Recorder
from biofeedback.settings import Settings
from biofeedback.stream import Channel, Chunk, StreamInfo

CHANNELS, SFREQ, CHUNK = 8, 2000, 32  # 16 ms, as an adapter hands them on
MUST_PERCENT, STRETCH_PERCENT = 1.0, 0.5  # of a core
SLOW_S, MUST_MS = 0.2, 5.0
WARM_UP_S = 1.0


def run(seconds: float, *, slow_s: float) -> tuple[float, float, bool]:
    """Record for `seconds` in real time, on a disk that takes `slow_s` longer each time.

    Return the percent of a core that recording takes, all its threads; the p99 of how long the
    caller is held up, in ms; whether every sample was recorded.
    """
    channel = Channel("EMG", "uV", gain=0.1, digital=(0, 65535))
    info = StreamInfo((channel,) * CHANNELS, float(SFREQ), "sim:bench", simulated=True)
    rng = np.random.default_rng(0)
    samples = np.rint(rng.normal(32768, 500, (CHUNK, CHANNELS)))

    def sync(fd: int) -> None:
        time.sleep(slow_s)
        sync_data(fd)

    defaults = Settings()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        recorder = Recorder(
            Path(folder) / "x.edf", signal=defaults.signal, bursts=defaults.bursts, sync=sync
        )
        recorder.open(info)
        held_ms: list[float] = []
        paid_s = all_s = own_s = 0.0
        begun = time.monotonic()
        for i in range(round((WARM_UP_S + seconds) * SFREQ / CHUNK)):
            time.sleep(max(0.0, begun + i * CHUNK / SFREQ - time.monotonic()))
            if i == round(WARM_UP_S * SFREQ / CHUNK):
                held_ms, paid_s = [], 0.0
                all_s, own_s = time.process_time(), time.thread_time()
            called, in_call_s = time.perf_counter(), time.thread_time()
            recorder.write(Chunk(i * CHUNK, samples))
            paid_s += time.thread_time() - in_call_s
            held_ms.append(1000 * (time.perf_counter() - called))
        cpu_s = time.process_time() - all_s - (time.thread_time() - own_s) + paid_s
        recorder.close()
        summary = recorder.summary()
    whole = summary is not None and bool(summary["complete"])
    return 100 * cpu_s / seconds, float(np.percentile(held_ms, 99)), whole


if __name__ == "__main__":
    seconds = float(sys.argv[1])
    percent, _held_ms, whole = run(seconds, slow_s=0.0)
    print(
        json.dumps(
            {
                "goal": "record",
                "what": f"{CHANNELS} ch x {SFREQ} Hz to disk" + ("" if whole else ", NOT WHOLE"),
                "ours": round(percent, 3),
                "unit": "% of core",
                "against": {"limit": MUST_PERCENT},
                "must": whole and percent < MUST_PERCENT,
                "stretch": whole and percent < STRETCH_PERCENT,
            }
        )
    )
    _percent, held_ms, whole = run(seconds, slow_s=SLOW_S)
    print(
        json.dumps(
            {
                "goal": "record",
                "what": f"the stream held up, p99, by a disk {1000 * SLOW_S:g} ms slow"
                + ("" if whole else ", NOT WHOLE"),
                "ours": round(held_ms, 4),
                "unit": "ms",
                "against": {"limit": MUST_MS},
                "must": whole and held_ms < MUST_MS,
                "stretch": whole and held_ms < MUST_MS / 10,
            }
        )
    )
