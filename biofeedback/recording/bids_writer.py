"""Recordings written as EMG-BIDS 1.11.0: a folder that says what is known, and "n/a" for the rest.

https://bids-specification.readthedocs.io/en/v1.11.0/modality-specific-files/electromyography.html
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biofeedback import __version__
from biofeedback.errors import RecordingError, SettingsError
from biofeedback.recording.beside import read_beside
from biofeedback.recording.drafts import check_free, draft_folder, sync
from biofeedback.recording.edf.header import read_edf_header
from biofeedback.recording.edf.whole import EdfPlan, plan_edf, write_edf
from biofeedback.recording.recorded import Recording
from biofeedback.recording.sidecar import sidecar_path
from biofeedback.recording.tables.csv_annotations import not_a_formula
from biofeedback.stream import Chunk
from biofeedback.text import _

UNKNOWN = "n/a"
_VERSION = "1.11.0"
_MOST_CHARACTERS = 2**20
_LABEL = re.compile(r"[0-9A-Za-z]{1,40}")
_DESCRIPTION = "dataset_description.json"
_SIMULATED = "Simulated"
# What the specification recommends and no recording tells: slots for whoever knows.
_NOT_TOLD = (
    *("TaskDescription", "Instructions", "InstitutionName", "InstitutionAddress"),
    *("InstitutionalDepartmentName", "Manufacturer", "ManufacturersModelName", "SoftwareVersions"),
    *("DeviceSerialNumber", "ElectrodeManufacturer", "ElectrodeManufacturersModelName"),
    *("HardwareFilters", "SoftwareFilters", "EMGReference", "EMGPlacementSchemeDescription"),
)
# Of each channel, likewise.
_OF_A_CHANNEL = (
    *("signal_electrode", "reference", "group", "target_muscle"),
    *("placement_scheme", "placement_description", "interelectrode_distance"),
)
_EVENTS = {
    "trial_type": {"Description": _("What was noted, in the words of who noted it.")},
    "StimulusPresentation": {"SoftwareName": UNKNOWN},
}
Table = Sequence[Sequence[str]]
"""Rows of cells, the header first."""


@dataclass(frozen=True, slots=True)
class BidsLabels:
    """What only the user knows: who (a pseudonym), what was done, the mains in Hz (50, 60, None).

    Raises `SettingsError` for a label that is not of letters and digits.
    """

    subject: str = "01"
    task: str = "recording"
    mains_hz: float | None = None

    def __post_init__(self) -> None:
        for key, label in (("subject", self.subject), ("task", self.task)):
            if not _LABEL.fullmatch(label):
                raise SettingsError(
                    _("--{key} is {label!r}; it may be 1 to 40 letters and digits.").format(
                        key=key, label=label
                    )
                )

    @property
    def stem(self) -> str:
        """What the names of a recording's files begin with."""
        return f"sub-{self.subject}_task-{self.task}"


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """Raise `RecordingError` where no recording may go to `folder`.

    With `overwrite` one may join a BIDS folder; nobody's other files are mixed with it.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    _read_description(folder)
    if not overwrite:
        raise RecordingError(
            _(
                "{folder}/ is there already; say --overwrite to add to it (what it holds of the "
                "same subject and task is replaced), or name a new folder."
            ).format(folder=folder)
        )


def _read_description(folder: Path) -> dict[str, object]:
    text = read_beside(folder / _DESCRIPTION, _MOST_CHARACTERS) or ""
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict) or "BIDSVersion" not in said:
        raise RecordingError(
            _("{folder} is there already and holds no BIDS data; name a new folder.").format(
                folder=folder
            )
        )
    return said


def write_bids(
    folder: Path,
    recording: Recording,
    chunks: Iterable[Chunk],
    labels: BidsLabels,
    *,
    settings: dict[str, Any],
) -> tuple[str, ...]:
    """Write `chunks`, those of `recording`, whole or not at all; return notes for the user.

    `folder` was checked by `check_folder`; files of the same subject and task in it are replaced,
    all others kept. `settings`: those in force when it was recorded, as plain values by section.
    Raises `RecordingError`, also where recordings of people would be mixed with simulated ones.
    """
    joins = folder.exists() and any(folder.iterdir())
    if joins and bool(_read_description(folder).get(_SIMULATED)) != recording.info.simulated:
        raise RecordingError(
            _(
                "{folder}/ would mix simulated recordings with those of people; name a new folder."
            ).format(folder=folder)
        )
    for old in _files_of(folder, labels):
        check_free(old, recording.info.source, overwrite=joins)
    plan = plan_edf(recording)
    with draft_folder(folder) as draft:
        emg = draft / f"sub-{labels.subject}" / "emg"
        for new in (emg.parent, emg):
            new.mkdir(mode=0o700)
        for name, text in _texts_of_dataset(recording, labels).items():
            _write_new(draft / name, text)
        signal = emg / f"{labels.stem}_emg{plan.suffix}"
        _write_new(signal, "")
        write_edf(signal, plan, chunks, described=signal, settings=settings)
        sync(signal)
        for name, text in _tables(signal, recording, plan, labels).items():
            _write_new(emg / name, text)
        _join_sidecar(sidecar_path(signal), recording, labels)
        if folder.exists():
            _join(draft, folder, labels)
        else:
            draft.rename(folder)
    return plan.notes


def _join(draft: Path, folder: Path, labels: BidsLabels) -> None:
    """Move what lies in `draft` to `folder`: tables get new rows, this recording's files go."""
    for old in _files_of(folder, labels):
        old.unlink()
    for new in sorted(draft.rglob("*")):
        there = folder / new.relative_to(draft)
        if new.is_dir():
            there.mkdir(mode=0o700, exist_ok=True)
        elif there.exists() and there.suffix == ".tsv":
            _write_new(new, _table(_united(_read_table(there), _read_table(new))))
            new.replace(there)
        elif not there.exists():
            new.replace(there)


def _files_of(folder: Path, labels: BidsLabels) -> list[Path]:
    return sorted(folder.glob(f"sub-{labels.subject}/emg/{labels.stem}_*"))


def _united(table: Table, more: Table) -> Table:
    """Return `table` with those rows of `more` whose first cell is not in it."""
    known = {row[0] for row in table if row}
    header = table[0] if table else more[0]
    rows = [dict(zip(more[0], row, strict=True)) for row in more[1:] if row[0] not in known]
    return [*table, *([row.get(name, UNKNOWN) for name in header] for row in rows)]


def _texts_of_dataset(recording: Recording, labels: BidsLabels) -> dict[str, str]:
    """Return the files of the folder itself, by name."""
    simulated = recording.info.simulated
    name = _("SIMULATED surface EMG, of no person") if simulated else _("Surface EMG")
    generator = {"Name": "biofeedback", "Version": __version__}
    description = {
        "Name": name,
        "BIDSVersion": _VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [generator],
        _SIMULATED: simulated,
    }
    about = [
        f"# {name}",
        _("This signal was SIMULATED by a program: it is no muscle and no person.")
        if simulated
        else _("Surface EMG, as the sensor sent it: no filter of ours was applied."),
        _(
            "Times that are called BAD_gap are lost samples, in whose place the last value is "
            'held. What nobody told the program is "n/a": where the electrodes lay, their '
            "reference, the devices, the task. Fill it in, and add authors and a licence, before "
            "you share this folder."
        ),
    ]
    return {
        _DESCRIPTION: _json(description),
        "README.md": "\n\n".join(about) + "\n",
        "participants.tsv": _table([["participant_id"], [f"sub-{labels.subject}"]]),
    }


def _join_sidecar(path: Path, recording: Recording, labels: BidsLabels) -> None:
    """Put what BIDS asks of a recording into the file that says what the header has no room for."""
    of_bids = {
        "TaskName": labels.task,
        "SamplingFrequency": recording.info.sfreq,
        "RecordingDuration": round(recording.duration_s, 6),
        "RecordingType": "continuous",  # lost samples are filled and annotated
        "PowerLineFrequency": labels.mains_hz or UNKNOWN,
        "EMGChannelCount": len(recording.info.channels),
        "EMGPlacementScheme": "Other",
        **dict.fromkeys(_NOT_TOLD, UNKNOWN),
    }
    ours = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(_json({**of_bids, **ours}), encoding="utf-8", newline="\n")
    sync(path)


def _tables(
    signal: Path, recording: Recording, plan: EdfPlan, labels: BidsLabels
) -> dict[str, str]:
    """Return the tables beside the file `signal`, by name, and what explains them."""
    with signal.open("rb") as file:
        written = read_edf_header(file, where=signal.name).signals
    channels = [["name", "type", "units", "description", *_OF_A_CHANNEL]]
    electrodes = [["name", "x", "y"]]
    for its, channel in zip(written, recording.info.channels, strict=False):  # the last are texts
        told = [its.label, "EMG", its.unit or UNKNOWN, _cell(channel.label)]
        channels.append([*told, *[UNKNOWN] * len(_OF_A_CHANNEL)])
        electrodes.append([its.label, UNKNOWN, UNKNOWN])
    noted = sorted(plan.annotations + plan.gaps, key=lambda note: note.onset_s)
    events = [["onset", "duration", "trial_type"]]
    events += [[repr(note.onset_s), repr(note.duration_s), _cell(note.text)] for note in noted]
    return {
        f"{labels.stem}_channels.tsv": _table(channels),
        f"sub-{labels.subject}_electrodes.tsv": _table(electrodes),
        f"{labels.stem}_events.tsv": _table(events),
        f"{labels.stem}_events.json": _json(_EVENTS),
    }


def _cell(text: str) -> str:
    """Return `text` for a table, in which tabs part cells and no cell is empty."""
    return not_a_formula(" ".join(text.split())) or UNKNOWN


def _table(rows: Table) -> str:
    return "".join("\t".join(row) + "\n" for row in rows)


def _read_table(path: Path) -> Table:
    return [line.split("\t") for line in path.read_text(encoding="utf-8-sig").splitlines()]


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _write_new(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8", newline="\n")
    sync(path)
