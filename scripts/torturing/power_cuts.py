"""The power goes while recordings are written: a simulated disk keeps what it was told to flush."""

import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from torturing.broken import Log, Verdict, judge, read_log
from torturing.kills import end, start_victim
from torturing.mounts import mounted, mounted_fd, why_not
from torturing.power_disk import PowerDisk, after_cut
from torturing.row import Row

MOST_S = 1.1
AT_ONCE = 3  # on a quick disk; on a slow one they would make one another wait
CUTS = 10
"""How many moments of one run the power goes at: each is a disk of its own."""
DISK_BYTES = 24 * 2**20
SLOW_S = 0.08  # a flush of a poor memory card
_RUN_S = 5.0
TEST = "simulated power cut"
TARGET = "all open in MNE, pyEDFlib, edfio; 0 wrong samples; <= 1.1 s lost"


def run(count: int, seed: int, say: Callable[[str], None]) -> Row:
    """Cut the power `count` times, at moments left to chance; every second disk is a slow one."""
    reason = why_not()
    if reason:
        return Row(TEST, TARGET, skipped=reason)
    rng = np.random.default_rng(seed)
    quick, slow = Verdict(), Verdict()
    cuts = [min(CUTS, count - at) for at in range(0, count, CUTS)]
    if len(cuts) == 1 and count > 1:
        cuts = [count - count // 2, count // 2]  # both kinds of disk
    with (
        tempfile.TemporaryDirectory() as folder,
        mounted(Path(folder), "-t", "tmpfs", "-o", "size=512m", "torture"),
    ):
        for number, n in enumerate(cuts):
            flush_s = SLOW_S if number % 2 else 0.0
            at_once = 1 if flush_s else AT_ONCE
            seeds = [seed + AT_ONCE * number + at for at in range(at_once)]
            disk, logs, end_s = _record(Path(folder), seeds, flush_s)
            for _cut in range(n):
                _cut_once(slow if flush_s else quick, Path(folder), disk, logs, end_s, rng)
            say(f"power cuts: {sum(cuts[: number + 1])} of {count}")
    ms = 1000 * np.array(quick.lost_s + slow.lost_s)
    return Row(
        TEST,
        TARGET,
        count,
        (*quick.failures, *slow.failures),
        round(float(ms.max()), 1),
        "ms lost",
        1000 * MOST_S,
        {
            "recordings": len(ms),
            "opened as they lay": quick.as_it_lay + slow.as_it_lay,
            "changed by the repair": quick.repaired + slow.repaired,
            "cut before the first record": quick.empty + slow.empty,
            "notes looked for": quick.notes + slow.notes,
            "median ms": round(float(np.median(ms)), 1),
            "worst ms, quick disk": round(1000 * max(quick.lost_s), 1),
            "worst ms, flush of 80 ms": round(1000 * max(slow.lost_s, default=0.0), 1),
        },
    )


def _record(
    folder: Path, seeds: list[int], flush_s: float
) -> tuple[PowerDisk, dict[int, Log], float]:
    """Record for some seconds on a new disk; return it, the logs, and when it ended."""
    disk = PowerDisk(_fresh_image(folder), flush_s=flush_s)
    try:
        with mounted_fd(folder / "disk", disk.fd) as file:
            disk.start()
            with mounted(folder / "live", "-t", "ext4", "-o", "loop", str(file)) as live:
                victim = start_victim(live, folder, seeds)
                try:
                    time.sleep(_RUN_S)
                finally:
                    end_s = end(victim)
    finally:
        disk.close()
    logs = {seed: read_log(folder / f"{seed}.log") for seed in seeds}
    return disk, logs, end_s


def _fresh_image(folder: Path) -> bytes:
    file = folder / "fresh"
    file.write_bytes(b"")
    with file.open("r+b") as image:
        image.truncate(DISK_BYTES)
    words = ["-q", "-F", "-b", "4096", "-J", "size=4", "-E", "nodiscard,lazy_itable_init=0"]
    subprocess.run(["mkfs.ext4", *words, str(file)], check=True, stdin=subprocess.DEVNULL)
    return file.read_bytes()


def _cut_once(
    verdict: Verdict,
    folder: Path,
    disk: PowerDisk,
    logs: dict[int, Log],
    end_s: float,
    rng: np.random.Generator,
) -> None:
    """Cut the power at any moment, or at any event of the disk; judge what is left."""
    begin_s = max(log.start_s for log in logs.values())
    at_s = [event.at_s for event in disk.log if begin_s < event.at_s < end_s]
    cut_s = float(rng.choice(at_s) if rng.random() < 0.5 else rng.uniform(begin_s, end_s))
    kept = float(rng.choice([0.0, 1.0, rng.random()]))
    image = folder / "cut"
    image.write_bytes(after_cut(disk.first, disk.log, cut_s, kept, rng))
    with mounted(folder / "after", "-t", "ext4", "-o", "loop", str(image)) as after:
        judge(verdict, after, list(logs), logs, broke_s=cut_s, most_s=MOST_S)
