"""The CPU from start to the first tension value, without a window: G6."""

import json
import os
import subprocess
import sys
from collections.abc import Callable

from benchmarks.goal import line, reached
from benchmarks.job import best_of

LIVE = ("-m", "biofeedback", "live", "sim:rest", "--fast", "--seconds", "2", "--json")
IMPORT = ("-c", "import numpy, scipy.signal; print()")
NAME = "import"
MUST, STRETCH = 1.5, 1.2


def cpu_s(words: tuple[str, ...], told: Callable[[str], bool]) -> float:
    """Return the CPU that a new Python takes until a line of its output is `told`."""
    with subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout  # noqa: S101
        if not any(told(row) for row in process.stdout):
            raise RuntimeError(f"{words} ended before it said what was waited for")
        process.kill()
        used = os.wait4(process.pid, 0)[2]
        process.returncode = 0  # it has been waited for
    return used.ru_utime + used.ru_stime


def has_tension(row: str) -> bool:
    """Say whether a line of `live --json` holds a reading that is known."""
    return json.loads(row).get("rms_uv") is not None


def main(seconds: float) -> None:
    """Print the goal as one JSON line."""
    best = best_of(
        {
            "ours": lambda: cpu_s(LIVE, has_tension),
            NAME: lambda: cpu_s(IMPORT, lambda _row: True),
        },
        seconds,
    )
    ours = best.pop("ours")
    what = f"CPU from start to the first tension, {ours / best[NAME]:.2f} x the import"
    must, stretch = (reached(ours, best, {NAME: times}) for times in (MUST, STRETCH))
    print(line("G6", what, ours, "s", best, must=must, stretch=stretch))


if __name__ == "__main__":
    main(float(sys.argv[1]))
