"""`pressure`: a reading of a blood pressure cuff, printed and kept."""

import argparse
import sys
from datetime import datetime, timedelta

from biofeedback.cli.output import print_json, say, tell
from biofeedback.heart.cuff import measure_pressure, plain_pressure, pressure_words
from biofeedback.heart.measurements import BloodPressure
from biofeedback.journal.day_nouns import Entry
from biofeedback.text import _

_SOURCE = "cuff"
# The cuff's clock may be off so much; what is older was kept by the cuff.
_NOW = timedelta(minutes=10)


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `pressure`."""
    parser = commands.add_parser(
        "pressure",
        help="blood pressure from a Bluetooth cuff",
        description="By hand: biofeedback journal rate blood_pressure 132/84 --person ID.",
    )
    parser.add_argument("name", metavar="NAME", nargs="?", default="", help="of the cuff; else any")
    parser.add_argument("--person", metavar="ID", help="keep it in the journal of that pseudonym")
    parser.add_argument("--json", action="store_true", help="as one object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Wait for the cuff, print what it measured, and keep it."""
    reading = measure_pressure(args.name, say=say)
    now = datetime.now().astimezone()
    if args.json:
        print_json(plain_pressure(reading), sys.stdout)
    else:
        tell(pressure_words(reading))
    if reading.taken and abs(reading.taken - now.replace(tzinfo=None)) > _NOW:
        say(
            _("By its own clock the cuff took that on {day} at {time}.").format(
                day=reading.taken.date(), time=f"{reading.taken:%H:%M}"
            )
        )
    if args.person is not None:
        _keep(args.person, reading, now)
        say(_("Kept. `biofeedback journal remove` takes it out again."))
    return 0


def _keep(person: str, reading: BloodPressure, now: datetime) -> None:
    from biofeedback.journal.journal import open_journal  # a database takes a while to load

    upper, lower = reading.systolic_mmhg, reading.diastolic_mmhg
    found = [Entry(now, "blood_pressure", upper, "mmHg", "", _SOURCE, lower)]
    if reading.pulse_bpm > 0:
        found.append(Entry(now, "heart_rate", reading.pulse_bpm, "/min", "", _SOURCE))
    with open_journal() as journal:
        journal.add_entries(person, found)
