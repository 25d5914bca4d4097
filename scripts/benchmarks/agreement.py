"""What `analyze` and other people's programs say of the same recordings, side by side."""

import argparse
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from child import say
from numpy.typing import NDArray
from peers import tell_missing

from benchmarks import ONE_THREAD
from benchmarks.others import Others, PeerError
from biofeedback import __version__
from biofeedback.recording.formats import read_recording
from biofeedback.stream import Samples

TOOLS = ("scipy", "mne", "neurokit2", "biosppy", "pyemgpipeline")
REFERENCE = "scipy"  # the others' differences are told from it
OURS = "biofeedback"
METHODS = {"mixture": "", "biosppy": ""}  # of NeuroKit2, none with a version of its own
UNITS = {"rest": "µV", "contraction": "µV", "median_hz": "Hz", "contractions": ""}
NAMES = {
    "rest": "RMS at rest",
    "contraction": "RMS, contraction",
    "median_hz": "median frequency",
    "contractions": "contractions",
}
Found = dict[str, float]


@dataclass(frozen=True)
class Reference:
    """A recording, its channel, the windows that are looked at, and what the file does not tell."""

    file: str
    label: str
    duration_s: float
    windows_s: dict[str, tuple[float, float]]
    sfreq: float | None = None
    unit: str | None = None
    counted: bool = True

    def words(self) -> list[str]:
        """Return the options of `analyze`."""
        sfreq = ["--sfreq", f"{self.sfreq:g}"] if self.sfreq else []
        return [*sfreq, *(["--unit", self.unit] if self.unit else [])]


RECORDINGS = (
    Reference(
        "bsnb/emg_bursts.h5",
        "PORT3_CHN1",
        28.519,
        {"rest": (3.4, 4.2), "contraction": (23.5, 24.5)},
    ),
    Reference(
        "bsnb/emg_fatigue.h5", "CH2", 126.9, {"rest": (123.5, 126.5), "contraction": (2.0, 4.0)}
    ),
    Reference("bsnb/game_0_1.txt", "CH1", 6.0, {"rest": (1.0, 5.0)}),
    Reference("bsnb/game_0_1.txt", "CH2", 6.0, {"rest": (1.0, 5.0)}),
    Reference(
        "tugraz/bbcontractions.csv",
        "EMG",
        40.4,
        {"rest": (1.0, 8.0), "contraction": (11.0, 18.0)},
        sfreq=1000.0,
        unit="mV",
    ),
    Reference("uci/5Nsen.txt", "RF", 13.48, {"rest": (11.8, 13.3), "contraction": (1.3, 2.2)}),
    Reference(
        "pyomeca/analogs.csv",
        "EMG6",
        5.8,
        {"rest": (5.0, 5.7), "contraction": (3.0, 3.6)},
        counted=False,
    ),
)


@dataclass(frozen=True)
class Row:
    """One measure of one channel, by tool; NaN where a tool does not do it."""

    recording: str
    measure: str
    by_tool: dict[str, float]


def main(argv: list[str]) -> int:
    """Print the table of the recordings in a folder."""
    parser = argparse.ArgumentParser(prog="compare.py", description=__doc__)
    here = Path(__file__).parents[2] / "tests" / "data"
    parser.add_argument("folder", nargs="?", type=Path, default=here, help="default: tests/data")
    folder = parser.parse_args(argv).folder
    os.environ.update(ONE_THREAD)
    rows: list[Row] = []
    by_method: list[Row] = []
    with Others() as others:
        tell_missing(others.missing)
        for reference in RECORDINGS:
            path = find(folder, reference)
            if path is None:
                say(f"Left out: {reference.file}: it is not in {folder}, or not all of it.")
                continue
            found = compare(path, reference, others)
            rows += table_rows(reference, found)
            by_method += method_rows(reference, found)
        tools = {OURS: __version__} | {
            name: others.versions[name] for name in TOOLS if name in others.versions
        }
    print(table(rows, tools))
    if by_method:
        print("\nContractions by NeuroKit2's other methods:\n")
        print(table(by_method, METHODS))
    return 0 if rows else 1


def find(folder: Path, reference: Reference) -> Path | None:
    """Return the recording, in its folder or in `folder` itself; None where it is not all there."""
    for path in (folder / reference.file, folder / Path(reference.file).name):
        if path.is_file():
            recording = read_recording(str(path), sfreq=reference.sfreq, unit=reference.unit)
            if math.isclose(recording.duration_s, reference.duration_s, abs_tol=0.1):
                return path
    return None


def compare(path: Path, reference: Reference, others: Others) -> dict[str, Found]:
    """Return what each tool finds in one channel."""
    samples, sfreq = microvolts(path, reference)
    by_tool: dict[str, Found] = {OURS: ours(path, reference)}
    for tool in TOOLS:
        if tool in others.versions:
            try:
                by_tool[tool] = others.measured(
                    tool, samples, sfreq=sfreq, windows_s=reference.windows_s
                )
            except PeerError as error:
                say(f"Left out: {tool} on {reference.file}: {error}.")
    return by_tool


def table_rows(reference: Reference, by_tool: Mapping[str, Found]) -> Iterator[Row]:
    """Yield a row for each measure that `reference` has."""
    measures = [*reference.windows_s]
    if "contraction" in measures:
        measures += ["median_hz", *(["contractions"] if reference.counted else [])]
    for measure in measures:
        row = {tool: found.get(measure, math.nan) for tool, found in by_tool.items()}
        yield Row(f"{reference.file} {reference.label}", measure, row)


def method_rows(reference: Reference, by_tool: Mapping[str, Found]) -> Iterator[Row]:
    """Yield a row for what NeuroKit2 counts by other methods, where it does."""
    counts = {name: by_tool.get("neurokit2", {}).get(name, math.nan) for name in METHODS}
    if reference.counted and not all(map(math.isnan, counts.values())):
        yield Row(f"{reference.file} {reference.label}", "contractions", counts)


def microvolts(path: Path, reference: Reference) -> tuple[NDArray[np.float64], float]:
    """Return the channel ``(n,)`` in µV, which every tool gets, and its rate."""
    recording = read_recording(str(path), sfreq=reference.sfreq, unit=reference.unit)
    labels = [channel.label for channel in recording.info.channels]
    at = labels.index(reference.label)
    counts: Samples = np.concatenate([chunk.samples for chunk in recording.chunks])
    channel = recording.info.channels[at]
    return counts[:, at] * channel.gain + channel.offset, recording.info.sfreq


def ours(path: Path, reference: Reference) -> Found:
    """Return what `analyze` says: of each window, and of the whole for the contractions."""
    found: Found = {}
    for name, (start, stop) in reference.windows_s.items():
        figures = _analyzed(path, reference, ["--start", str(start), "--stop", str(stop)])
        found[name] = figures["rms_uv"]
        if name == "contraction":
            found["median_hz"] = figures["median_frequency_hz"]
            found["contractions"] = _analyzed(path, reference, [])["bursts"]
    return {name: math.nan if value is None else value for name, value in found.items()}


def _analyzed(path: Path, reference: Reference, words: list[str]) -> dict[str, float]:
    command = [sys.executable, "-m", "biofeedback", "analyze", str(path), "--json"]
    done = subprocess.run(
        [*command, *reference.words(), *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    channels = {figures["label"]: figures for figures in json.loads(done.stdout)["channels"]}
    found: dict[str, float] = channels[reference.label]
    return found


def table(rows: Iterable[Row], tools: Mapping[str, str]) -> str:
    """Return the table in Markdown: a row a measure, a column a tool of `tools` (name: version).

    Beside a value stands how far it is from the reference's, in percent.
    """
    heads = ["recording", "measure", *(f"{name} {tools[name]}".strip() for name in tools)]
    lines = [heads, ["---"] * len(heads)]
    for row in rows:
        unit = UNITS[row.measure]
        name = f"{NAMES[row.measure]}, {unit}" if unit else NAMES[row.measure]
        cells = [_cell(row, tool) for tool in tools]
        lines.append([row.recording, name, *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(row: Row, tool: str) -> str:
    value = row.by_tool.get(tool, math.nan)
    if math.isnan(value):
        return "–"
    if row.measure == "contractions":
        return f"{value:g}"
    reference = row.by_tool.get(REFERENCE, math.nan)
    if tool == REFERENCE or math.isnan(reference):
        return f"{value:#.4g}"
    percent = f"{100 * (value / reference - 1):+z.2f}".replace("+0.00", "0.00")
    return f"{value:#.4g} ({percent} %)"
