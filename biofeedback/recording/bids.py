"""What lies beside a recording in a BIDS folder, held against what the recording says itself."""

import csv
from collections.abc import Mapping
from pathlib import Path

from biofeedback.recording.beside import read_beside
from biofeedback.recording.signals import listed, microvolts_in
from biofeedback.text import _

_MOST_CHARACTERS = 2**20


def compare_units(path: Path, units: Mapping[str, str]) -> tuple[str, ...]:
    """Return a note where the `_channels.tsv` beside `path` says other `units`, by label."""
    table = path.with_name(path.stem.rpartition("_")[0] + "_channels.tsv")
    lines = (read_beside(table, _MOST_CHARACTERS) or "").splitlines()
    said = {
        row.get("name") or "": row.get("units") or ""
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    }
    unlike = [
        label
        for label, unit in units.items()
        if None not in (theirs := microvolts_in(said.get(label, "")), ours := microvolts_in(unit))
        and theirs != ours
    ]
    if not unlike:
        return ()
    return (
        _(
            "{table} says {theirs} and the recording itself {ours} for {labels}: {ours} is used; "
            "ask who made it which of them holds."
        ).format(
            table=table.name,
            theirs=said[unlike[0]],
            ours=units[unlike[0]],
            labels=listed(unlike),
        ),
    )
