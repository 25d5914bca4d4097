"""One target in a process of its own: `python -m fuzzing.worker TARGET SECONDS SEED FOLDER`."""

import hashlib
import json
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path
from types import FrameType

import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]

with atheris.instrument_imports(include=["biofeedback"]):
    from fuzzing.corpus import SEEDS
    from fuzzing.targets import TARGETS

HANG_S = 2.0  # of CPU time, for inputs of a few kilobytes
LONGEST = 8192
LONGEST_STREAM = 1024  # which is fed several times, a few bytes at a time
MOST_MB = 1024  # of which atheris takes some for itself
_TOLD_EVERY_S = 1.0


class Hang(BaseException):
    """An input took too long."""


class Runs:
    """What was tried so far: it lies in `folder`, so that it is there however the process ends."""

    def __init__(self, target: str, folder: Path) -> None:
        self._target, self._folder = TARGETS[target], folder
        self._inputs = self._crashes = self._hangs = 0
        self._where: dict[str, str] = {}
        self._told_s = 0.0

    def __call__(self, data: bytes) -> None:
        """Try one input; what it breaks is kept, and the fuzzing goes on."""
        self._inputs += 1
        signal.setitimer(signal.ITIMER_VIRTUAL, HANG_S)
        try:
            self._target(data)
        except Hang:
            self._hangs += 1
            self._keep(data)
        except Exception:
            self._crashes += 1
            self._keep(data)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if time.monotonic() > self._told_s + _TOLD_EVERY_S:
            self.tell()

    def _keep(self, data: bytes) -> None:
        """Keep the first input that breaks at one place, and how."""
        frames = traceback.extract_tb(sys.exc_info()[2])
        where = next(
            (f"{f.filename}:{f.lineno}" for f in reversed(frames) if "fuzzing" not in f.filename),
            "?",
        )
        if where not in self._where:
            name = hashlib.sha256(data).hexdigest()[:16]
            self._where[where] = name
            (self._folder / name).write_bytes(data)
            (self._folder / f"{name}.txt").write_text(traceback.format_exc(), encoding="utf-8")
        self.tell()

    def tell(self) -> None:
        """Write what was counted."""
        self._told_s = time.monotonic()
        counted = {"inputs": self._inputs, "crashes": self._crashes, "hangs": self._hangs}
        (self._folder / "counted.json").write_text(json.dumps(counted), encoding="utf-8")


def _too_long(_number: int, _frame: FrameType | None) -> None:
    raise Hang


def main(target: str, seconds: str, seed: str, folder: str) -> None:
    """Fuzz `target`; libFuzzer ends the process."""
    warnings.simplefilter("error")
    found, corpus = Path(folder), Path(folder) / "corpus"
    corpus.mkdir()
    for number, start in enumerate(SEEDS[target]()):
        (corpus / f"{number:03d}").write_bytes(start)
    longest = LONGEST_STREAM if target == "wire" else LONGEST
    signal.signal(signal.SIGVTALRM, _too_long)
    words = [f"-seed={seed}", f"-max_total_time={seconds}", f"-max_len={longest}"]
    words += [f"-rss_limit_mb={MOST_MB}", "-timeout=20", "-print_final_stats=1"]
    words += [f"-artifact_prefix={found}/killed-", str(corpus)]
    runs = Runs(target, found)
    atheris.Setup([target, *words], runs)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
