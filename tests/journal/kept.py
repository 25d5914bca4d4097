"""What the tests put into a journal."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID, uuid4

from biofeedback.journal.day_nouns import Entry, KeptTrial, NOfOne, Treatment
from biofeedback.journal.journal import Journal
from biofeedback.journal.nouns import Calibration, Conditions, Course, Montage, MontageChannel
from biofeedback.stream import Annotation

MORNING = datetime(2026, 3, 1, 7, 30, 15, 250_000, tzinfo=UTC)
CONDITIONS = Conditions(
    source="serial",
    simulated=False,
    sfreq=1000.0,
    band_hz=(20.0, 450.0),
    sensor="MyoWare 2.0, RAW",
    settings={"signal": {"band": "wide", "hysteresis": 0.05}},
)
REST = Calibration(
    kind="baseline",
    channel="trapezius left",
    value_uv=2.5,
    band_hz=(20.0, 450.0),
    sensor="MyoWare 2.0, RAW",
    simulated=False,
    measured=MORNING,
    valid_percent=98.5,
)


def sit(journal: Journal, person: str, *, said: str = "wave 1") -> UUID:
    """Keep a whole sitting: a recording with a sidecar, two annotations, and a rest."""
    sitting = journal.begin_sitting(person, CONDITIONS, started=MORNING)
    recording = journal.new_recording(sitting)
    recording.write_bytes(said.encode())
    recording.with_suffix(".json").write_text(f'{{"of": "{said}"}}')
    journal.annotate(sitting, Annotation(61.5, 0.0, "sensory trick on"))
    journal.annotate(sitting, Annotation(3.0, 1.5, "@swallow"))
    journal.keep_calibration(person, REST, sitting=sitting)
    journal.finish_sitting(
        sitting, duration_s=720.0, summary={"valid_percent": 99.0, "floor": float("nan")}
    )
    return sitting


def plan(journal: Journal, person: str) -> None:
    """Keep what is planned for somebody: a course and a montage."""
    journal.set_course(person, Course("home-relaxation", 3, 20, date(2026, 3, 2)))
    muscles = (MontageChannel("trapezius left", "myoware-2-raw"), MontageChannel("=jaw", ""))
    journal.keep_montage(person, Montage("=Neck", "symmetry", "wide", muscles, 4.5))


def files_in(folder: Path) -> dict[str, bytes]:
    """Return what lies in a folder, by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


EVENING = datetime(2024, 5, 2, 19, 0, tzinfo=timezone(timedelta(hours=2)))
PAIN = Entry(EVENING, "pain", 4.0, "0-10", "", "window")
PRESSURE = Entry(EVENING + timedelta(days=1), "blood_pressure", 128, "mmHg", "", "hand", 81)
INJECTION = Treatment(
    on=date(2024, 3, 4),
    kind="injection",
    name="botulinum toxin A",
    dose="150 U in all, or so",
    muscles=("splenius capitis left", "=sternocleidomastoid right"),
    until=None,
    note="<b>sore</b> for two days",
)


def live(journal: Journal, person: str) -> KeptTrial:
    """Keep what goes on between sittings: entries, one of them taken out, and what was tried."""
    journal.add_entries(person, [PAIN, PRESSURE])
    note = Entry(EVENING, "note", None, "", "=slept badly", "window")
    journal.remove_entry(journal.add_entry(person, note))
    journal.add_treatment(person, INJECTION)
    trial = KeptTrial(uuid4(), person, "heat", EVENING, {"repeats": 4}, {"percent": -30.5}, False)
    journal.keep_trial(trial)
    journal.keep_n_of_one(person, NOfOne("heat", date(2024, 6, 3), {"weeks": ["off", "on"]}))
    return trial
