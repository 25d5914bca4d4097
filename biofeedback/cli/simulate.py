"""`simulate`: a scenario written as a recording, with the truth beside it."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from biofeedback.cli.live import checked_seconds
from biofeedback.cli.output import say
from biofeedback.errors import RecordingError, SettingsError
from biofeedback.recording.tables.csv_writer import write_csv
from biofeedback.sources.muscle.script import Scenario
from biofeedback.sources.scenario import load_scenario
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.stream import Chunk
from biofeedback.text import _

DEFAULT_SECONDS = 60.0
TOLD_EVERY_S = 600


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `simulate`."""
    parser = commands.add_parser("simulate", help="write a synthetic recording, and its truth")
    parser.add_argument("scenario", metavar="SCENARIO", help="a name, or a file that ends in .toml")
    parser.add_argument("out", metavar="OUT", type=Path, help="a file that ends in .csv")
    parser.add_argument("--seconds", type=float, default=DEFAULT_SECONDS, metavar="N")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the recording, then OUT.truth.json."""
    out: Path = args.out
    seconds = checked_seconds(args.seconds) or DEFAULT_SECONDS
    if out.suffix.lower() != ".csv":
        raise SettingsError(_("{out}: a recording is written as .csv; name it so.").format(out=out))
    scenario = load_scenario(args.scenario.removeprefix("sim:"))
    write_csv(out, scenario.info, _play(scenario, seconds))
    truth = out.with_name(out.name + ".truth.json")
    text = json.dumps(scenario.truth(seconds), indent=2, ensure_ascii=False, allow_nan=False)
    try:
        truth.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise RecordingError(
            _("{truth} cannot be written ({why}).").format(truth=truth, why=error.strerror)
        ) from error
    say(
        _("{out}: {seconds:g} s of sim:{name}, SIMULATED. The truth: {truth}").format(
            out=out, seconds=seconds, name=scenario.name, truth=truth
        )
    )
    return 0


def _play(scenario: Scenario, seconds: float) -> Iterator[Chunk]:
    """Yield the scenario's counts, and say now and then how far it is."""
    source = SimulatedSource(scenario, fast=True)
    source.open()
    total = round(seconds * scenario.info.sfreq)
    step = round(TOLD_EVERY_S * scenario.info.sfreq)
    done = told = 0
    while done < total:
        for chunk in source.read(0.0):
            done = chunk.stop
            if chunk.start < total:  # else: what was asked for ends in a gap
                yield Chunk(chunk.start, chunk.samples[: total - chunk.start])
            if done // step > told and done < total:
                told = done // step
                say(_("{percent:.0f} %").format(percent=100 * done / total))
