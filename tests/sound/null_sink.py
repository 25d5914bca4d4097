"""A sound server of the tests' own that plays to nothing, and a recorder of what it would play."""

import os
import shutil
import subprocess
import threading
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

SFREQ = 48_000
PATIENCE_S = 20.0
SINK = ("module-null-sink", "sink_name=heard", "format=float32le", f"rate={SFREQ}", "channels=2")
PROGRAMS = ("espeak-ng", "pactl", "parec", "pulseaudio")


def wait_until(true: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """Wait until something is so, and fail where that takes too long."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.005)


def write_wav(path: Path, samples: NDArray[np.float64], sfreq: int = SFREQ) -> None:
    """Write ``(n, channels)`` as 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(sfreq)
        file.writeframes(np.round(samples * 2**15).astype("<i2").tobytes())


class Server:
    """A PulseAudio without any device, on a socket in `folder`."""

    def __init__(self, folder: Path) -> None:
        socket = folder / "native"
        self.environ = {
            "HOME": str(folder),
            "PULSE_COOKIE": str(folder / "cookie"),
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_SERVER": f"unix:{socket}",
            "PULSE_STATE_PATH": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
        }
        own = {**os.environ, **self.environ}
        own.pop("PULSE_SERVER")
        protocol = f"module-native-protocol-unix socket={socket} auth-anonymous=1"
        quiet = ("--realtime=no", "--high-priority=no", "--log-level=error", "--use-pid-file=no")
        self._process = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", *quiet, "-L", protocol],
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(socket.exists)

    def control(self, *words: str) -> str:
        """Tell the server something; return what it answers."""
        return subprocess.run(
            ["pactl", *words],
            env={**os.environ, **self.environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            text=True,
            timeout=PATIENCE_S,
        ).stdout.strip()

    @contextmanager
    def device(self) -> Iterator[None]:
        """Give it a device for a while."""
        module = self.control("load-module", *SINK)
        try:
            yield
        finally:
            self.control("unload-module", module)

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(PATIENCE_S)


class Recorder:
    """Hears what the device of `server` plays, until it is closed."""

    def __init__(self, server: Server) -> None:
        self._blocks: list[bytes] = []
        self._arrived: list[tuple[float, int]] = [(-np.inf, 0)]
        form = ("--raw", "--format=float32le", f"--rate={SFREQ}", "--channels=1")
        self._process = subprocess.Popen(
            ["parec", "--device=heard.monitor", "--latency-msec=5", *form],
            env={**os.environ, **server.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        wait_until(lambda: len(self))

    def _read(self) -> None:
        pipe = self._process.stdout
        assert pipe
        while block := os.read(pipe.fileno(), 2**16):
            self._blocks.append(block)
            self._arrived.append((time.monotonic(), len(self) + len(block) // 4))

    def __len__(self) -> int:
        return self._arrived[-1][1]

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._thread.join()
        self._process.communicate(timeout=PATIENCE_S)

    @property
    def samples(self) -> NDArray[np.float64]:
        """What was heard so far."""
        return np.frombuffer(b"".join(self._blocks), dtype=np.float32).astype(float)

    def arrival_s(self, index: int) -> float:
        """Return when a sample arrived, by the clock that never jumps."""
        times, counts = np.array(self._arrived).T
        return float(times[np.searchsorted(counts, index, side="right")])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a sound server, and let all that plays play there."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        why = f"no {', '.join(missing)} is installed (Debian's packages: pulseaudio, espeak-ng)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    if os.environ.get("CI") != "true":
        pytest.importorskip("miniaudio")
    running = Server(tmp_path_factory.mktemp("pulse"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in running.environ.items():
            patch.setenv(name, value)
        yield running
    running.close()
