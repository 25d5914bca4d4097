"""What there is: serial ports, scenarios, versions and places."""

import argparse
import importlib.metadata
import platform
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biofeedback import __version__
from biofeedback.cli.output import print_json, say, tell
from biofeedback.journal.home import shown_place
from biofeedback.recording.repair import recordings_folder
from biofeedback.sources.scenario import builtin_scenarios, load_scenario
from biofeedback.text import _
from biofeedback.text.language import settings_path

if TYPE_CHECKING:
    from biofeedback.devices.survey import Found
    from biofeedback.sources.lsl import Listed

_PARTS = ("numpy", "scipy", "pyserial", "PySide6-Essentials", "SQLAlchemy", "alembic")
_EXTRAS = (
    "bleak",
    "h5py",
    "jinja2",
    "matplotlib",
    "miniaudio",
    "pyarrow",
    "psycopg",
    "pylsl",
    "python-osc",
    "weasyprint",
)


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of `devices`, `scenarios` and `info`."""
    for name, help_, run in (
        ("devices", "serial ports and LSL streams, and which board answers", devices),
        ("scenarios", "the simulated muscles", scenarios),
        ("info", "versions, and where data lies", info),
    ):
        parser = commands.add_parser(name, help=help_)
        parser.add_argument("--json", action="store_true", help="one object a line")
        if run is devices:
            parser.add_argument(
                "--ble", action="store_true", help="heart straps and cuffs too, by Bluetooth"
            )
        parser.set_defaults(run=run)


def _list(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Print rows, each with a `name`; for people, the name and what else is said of it."""
    width = max((len(str(row["name"])) for row in rows), default=0)
    for row in rows:
        if as_json:
            print_json(row, sys.stdout)
        else:
            rest = [str(value) for key, value in row.items() if key != "name" and value is not None]
            tell(f"{row['name']:<{width}}  {'  '.join(rest)}".rstrip())


def devices(args: argparse.Namespace) -> int:
    """List the serial ports, those on USB first, which board answers on each, and LSL streams."""
    from biofeedback.devices.survey import survey
    from biofeedback.sources.lsl import list_streams
    from biofeedback.sources.ports import list_ports

    ports = list_ports()
    if ports:
        say(_("Asking on every port who is there, six seconds at most …"))
    with ThreadPoolExecutor(1) as beside:
        streams = beside.submit(list_streams)
        found = {one.port: one for one in survey(ports)}
    rows = [_device_row(found[port], as_json=args.json) for port in ports]
    _list(rows, as_json=args.json)
    if not ports:
        say(_("There is no serial port: plug the board in, with a cable that carries data."))
    rows = [_stream_row(stream, as_json=args.json) for stream in streams.result()]
    _list(rows, as_json=args.json)
    if args.ble:
        _list(_straps_and_cuffs(), as_json=args.json)
    return 0


def _stream_row(stream: "Listed", *, as_json: bool) -> dict[str, Any]:
    row = {"name": f"lsl:{stream.name}", "kind": stream.kind}
    if as_json:
        return row | {"channels": stream.channels, "sfreq": stream.sfreq, "host": stream.host}
    rate = _("{n} × {sfreq:g} Hz").format(n=stream.channels, sfreq=stream.sfreq)
    return row | {"rate": rate if stream.sfreq else _("events"), "host": stream.host}


def _straps_and_cuffs() -> list[dict[str, Any]]:
    from biofeedback.heart.nearby import SCAN_S, service_word, straps_and_cuffs

    say(_("Listening for heart straps and cuffs, {seconds:g} s …").format(seconds=SCAN_S))
    found = straps_and_cuffs()
    if not found:
        say(
            _(
                "None is heard: a strap tells of itself once it is worn and no phone is connected "
                "to it, a cuff while it measures."
            )
        )
    return [
        {
            "name": seen.name,
            "address": seen.address,
            "kind": ", ".join(map(service_word, seen.services)),
        }
        for seen in found
    ]


def _device_row(found: "Found", *, as_json: bool) -> dict[str, Any]:
    port, info = found.port, found.info
    if not as_json:
        return {"name": port.name, "description": port.description or None, "words": found.words}
    return {
        "name": port.name,
        "description": port.description,
        "vid": port.vid,
        "pid": port.pid,
        "serial_number": port.serial_number,
        "answer": found.answer,
        "board": found.board,
        "firmware": info.version if info else None,
        "protocol": info.protocol if info else None,
        "bits": info.bits if info else None,
        "inputs": info.max_channels if info else None,
    }


def scenarios(args: argparse.Namespace) -> int:
    """List the built-in scenarios."""
    rows: list[dict[str, Any]] = []
    for name in builtin_scenarios():
        scenario = load_scenario(name)
        row: dict[str, Any] = {"name": name, "summary": scenario.summary}
        if args.json:
            channels = scenario.info.channels
            row |= {
                "sfreq": scenario.info.sfreq,
                "channels": [channel.label for channel in channels],
                "resolution_floor_uv": [channel.resolution_floor for channel in channels],
            }
        rows.append(row)
    _list(rows, as_json=args.json)
    return 0


def info(args: argparse.Namespace) -> int:
    """List versions and places."""
    rows: list[dict[str, Any]] = [
        {"name": "biofeedback", "version": __version__, "path": str(Path(__file__).parents[1])},
        {"name": "python", "version": platform.python_version(), "path": sys.executable},
        {"name": "system", "version": platform.platform()},
    ]
    for part in (*_PARTS, *_EXTRAS):
        try:
            rows.append({"name": part, "version": importlib.metadata.version(part)})
        except importlib.metadata.PackageNotFoundError:
            rows.append({"name": part, "version": "missing"})
    rows.append({"name": "settings", "path": str(settings_path())})
    rows.append({"name": "recordings", "path": str(recordings_folder())})
    rows.append({"name": "journal", "path": shown_place()})
    _list(rows, as_json=args.json)
    return 0
