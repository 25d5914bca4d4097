"""What the tests put into a journal."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from biofeedback.journal.journal import Journal
from biofeedback.journal.nouns import Calibration, Conditions
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


def files_in(folder: Path) -> dict[str, bytes]:
    """Return what lies in a folder, by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
