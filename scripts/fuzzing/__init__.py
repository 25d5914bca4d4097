"""Hostile input by the million, for every reader: guided by which of its lines each one reaches."""

import argparse
import datetime
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import child

SCRIPTS = Path(__file__).parents[1]
ENGINE = SCRIPTS.parent / ".fuzzing"
"""Where atheris lies if the environment has none: it is no dependency of anything."""
NAMES = (
    "wire", "edf", "csv", "toml", "exports", "hdf5", "xdf", "wav", "wfdb", "bids", "ours", "days",
    "heart",
)  # fmt: skip
_RUN = re.compile(r"^stat::(\w+): +(\d+)", re.M)
_GRACE_S = 120.0
_ROW = "{:8} {:>9} {:>8} {:>6} {:>5} {:>6} {:>5}  {}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of `inputs` hostile inputs: `crashes` are errors that no user should see.

    `most_mb`: the most memory that the process took, atheris and all. `findings`: what broke, each
    the end of a traceback and the file that holds the input.
    """

    target: str
    seed: int
    date: str
    seconds: float
    inputs: int
    crashes: int
    hangs: int
    most_mb: int
    findings: tuple[str, ...]


def main(argv: list[str]) -> int:
    """Print what became of each target; exit 3 where anything broke."""
    parser = argparse.ArgumentParser(prog="fuzz.py")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(NAMES))
    args = parser.parse_args(argv)
    if set(args.targets) - set(NAMES):
        parser.error(f"there are: {', '.join(NAMES)}")
    sound = True
    if not args.json:
        print(_ROW.format("target", "inputs", "crashes", "hangs", "MB", "s", "seed", "date"))
    for name in args.targets or NAMES:
        found = run(name, args.seconds, args.seed)
        sound = sound and not found.findings
        if args.json:
            print(json.dumps(asdict(found)), flush=True)
            continue
        counts = (found.inputs, found.crashes, found.hangs, found.most_mb, round(found.seconds))
        print(_ROW.format(name, *counts, found.seed, found.date), *found.findings, sep="\n  ")
    return 0 if sound else 3


def ensure_engine() -> None:
    """See that atheris can be imported by a child; end with a sentence where it cannot."""
    if importlib.util.find_spec("atheris") or (ENGINE / "atheris").exists():
        return
    ENGINE.mkdir(exist_ok=True)
    (ENGINE / ".gitignore").write_text("*\n", encoding="utf-8")  # it hides itself
    child.say("Installing atheris, which guides the fuzzing (first time only).")
    how = ["--no-input", "--disable-pip-version-check", "--only-binary", ":all:"]
    words = ["-I", "-m", "pip", "install", *how, "--target", str(ENGINE), "atheris>=3"]
    code, tail = child.run([sys.executable, *words])
    if code:
        sys.exit(
            f"{tail}\natheris could not be installed (pip's last lines are above): it has wheels "
            "for Linux and some versions of Python only. The tests in tests/hostile do without it."
        )


def run(target: str, seconds: float, seed: int, *, keep: Path | None = None) -> Outcome:
    """Fuzz `target`, one of `NAMES`, for so long; inputs that broke something stay in `keep`."""
    ensure_engine()
    keep = keep or Path(tempfile.gettempdir())
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{target}-{seed}-", dir=keep))
    words = [target, str(max(1, round(seconds))), str(seed), str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "fuzzing.worker", *words],
        cwd=SCRIPTS,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ENGINE)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=seconds + _GRACE_S,
        text=True,
        errors="replace",
    )
    told = {name: int(number) for name, number in _RUN.findall(done.stderr)}
    try:
        counted = json.loads((folder / "counted.json").read_text("utf-8"))
    except OSError:
        counted = {"inputs": 0, "crashes": 0, "hangs": 0}
    findings = [_last_line(file) for file in sorted(folder.glob("*.txt"))]
    killed = sorted(folder.glob("killed-*"))
    stuck = any("timeout" in file.name for file in killed)  # in C, where no alarm is heard
    if killed or done.returncode:
        findings.append(f"{done.stderr[-2000:]} ({', '.join(map(str, killed))})")
    if not findings:
        shutil.rmtree(folder)
    return Outcome(
        target,
        seed,
        datetime.datetime.now(datetime.UTC).date().isoformat(),
        seconds,
        told.get("number_of_executed_units", counted["inputs"]),
        counted["crashes"] + (bool(done.returncode) and not stuck),
        counted["hangs"] + stuck,
        told.get("peak_rss_mb", 0),
        tuple(findings),
    )


def _last_line(file: Path) -> str:
    lines = file.read_text("utf-8").strip().splitlines()
    place = next((line.strip() for line in reversed(lines) if line.startswith("  File")), "")
    return f"{lines[-1]} ({place}; {file.with_suffix('')})"
