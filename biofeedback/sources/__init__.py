"""Where samples come from: a registry by scheme, and the one way to open any of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from biofeedback.boards import DEFAULT_BOARD, NO_SENSOR, UNITS, Board, find_board, find_sensor
from biofeedback.errors import SettingsError, SourceNotFound
from biofeedback.muscles import why_not
from biofeedback.sources.scenario import load_scenario
from biofeedback.sources.simulated import SimulatedSource
from biofeedback.stream import Source
from biofeedback.text import _

if TYPE_CHECKING:
    from biofeedback.recording.recorded import Recording


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What may be said of any source besides its words; None or empty: the source knows itself.

    `sensor` and `board` are names of profiles, `sfreq` is in Hz, `unit` one of `UNITS`: what the
    numbers are. `channels`: how many a board of ours is to send. `labels`: what a board's channels
    are called, in their order, such as the muscles they are on; empty: as it calls them. `fast`:
    not paced by the clock. `patience_s`: how long a board that was unplugged is waited for.
    """

    sensor: str = ""
    board: str = ""
    sfreq: float | None = None
    unit: str | None = None
    channels: int | None = None
    labels: tuple[str, ...] = ()
    fast: bool = False
    patience_s: float = 30.0


def open_source(words: str, options: SourceOptions | None = None) -> Source:
    """Return the source that `words` name (`sim:rest`, `serial:COM5?baud=9600`, a path).

    It is made, not yet opened. Raises `SourceNotFound` or `SettingsError`.
    """
    options = options or SourceOptions()
    if options.sfreq is not None and not 0 < options.sfreq < 1e6:
        raise SettingsError(
            _("A rate of {sfreq:g} Hz is none; give one above 0.").format(sfreq=options.sfreq)
        )
    if options.unit is not None and options.unit not in UNITS:
        raise SettingsError(
            _("'{unit}' is no unit; choose one of: {units}.").format(
                unit=options.unit, units=", ".join(UNITS)
            )
        )
    find_sensor(options.sensor or NO_SENSOR)
    find_board(options.board or DEFAULT_BOARD)
    if not words:
        raise SourceNotFound(_("No source was named; try sim:rest, serial: or a recording's path."))
    scheme, colon, rest = words.partition(":")
    if not colon or len(scheme) == 1:  # no scheme, or a drive letter: a path
        return _open_recording(words, {}, options)
    make = SOURCES.get(scheme) or _plugged_in(scheme)
    if make is None:
        raise SourceNotFound(
            _("'{words}' is neither a file nor a source; sources begin with {schemes}.").format(
                words=words, schemes=", ".join(name + ":" for name in SOURCES)
            )
        )
    if scheme in ("file", "lsl"):  # a path or a name may hold a question mark
        return make(rest, {}, options)
    rest, _mark, query = rest.partition("?")
    return make(rest, dict(parse_qsl(query, keep_blank_values=True)), options)


def read_file(path: str, options: SourceOptions) -> "Recording":
    """Return the recording at `path`, read as the options say; raises as `read_recording`."""
    from biofeedback.recording.formats import read_recording  # what a live source need not load

    return read_recording(
        path,
        sfreq=options.sfreq,
        unit=options.unit,
        sensor=options.sensor or None,
        board=find_board(options.board) if options.board else None,
    )


def is_live(words: str) -> bool:
    """Say whether somebody sits at the source that `words` name: it is no file, nor simulated."""
    scheme, colon, _rest = words.partition(":")
    return bool(colon) and len(scheme) > 1 and scheme not in ("sim", "file")


def _plugged_in(scheme: str) -> "MakeSource | None":
    for entry_point in entry_points(group="biofeedback.sources", name=scheme):
        make: MakeSource = entry_point.load()
        return make
    return None


def _only(query: Mapping[str, str], scheme: str, allowed: tuple[str, ...]) -> None:
    for key in query:
        if key not in allowed:
            raise SettingsError(
                _("{scheme}: knows no '{key}='; it knows: {keys}.").format(
                    scheme=scheme, key=key, keys=", ".join(allowed) or _("none")
                )
            )


def _number(query: Mapping[str, str], key: str, low: float, high: float) -> float | None:
    """Return the number `key` of a query, None where it is not there."""
    if key not in query:
        return None
    try:
        number = float(query[key])
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise SettingsError(
            _("{key}={value} must be a number from {low:g} to {high:g}.").format(
                key=key, value=query[key], low=low, high=high
            )
        )
    return number


def _whole(query: Mapping[str, str], key: str, low: int, high: int) -> int | None:
    number = _number(query, key, low, high)
    if number is not None and number != int(number):
        raise SettingsError(
            _("{key}={value} must be a whole number.").format(key=key, value=query[key])
        )
    return None if number is None else int(number)


def _open_simulated(name: str, query: Mapping[str, str], options: SourceOptions) -> Source:
    _only(query, "sim", ("seed",))
    if options.sfreq is not None or options.unit is not None:
        raise SettingsError(
            _("A simulated muscle knows its own rate and unit: leave --sfreq and --unit out.")
        )
    seed = _number(query, "seed", 0, 2**31 - 1)
    scenario = load_scenario(name, seed=None if seed is None else int(seed))
    return SimulatedSource(scenario, fast=options.fast)


def _open_recording(path: str, query: Mapping[str, str], options: SourceOptions) -> Source:
    from biofeedback.sources.replay import ReplaySource

    _only(query, "file", ())
    return ReplaySource(lambda: read_file(path, options), fast=options.fast)


def _open_serial(port: str, query: Mapping[str, str], options: SourceOptions) -> Source:
    from biofeedback.sources.line import BoardOptions
    from biofeedback.sources.serial_port import SerialSource

    known = ("wire", "baud", "sfreq", "channels", "sensor", "board", "bits", "vref")
    _only(query, "serial", known)
    if trouble := why_not(options.labels):
        raise SettingsError(trouble)
    board = BoardOptions(
        sfreq=_number(query, "sfreq", 1, 100_000) or options.sfreq,
        sensor=find_sensor(query.get("sensor") or options.sensor or NO_SENSOR),
        board=_board(query, options),
        unit=options.unit,
        channels=_whole(query, "channels", 1, 16) or options.channels,
        labels=options.labels,
        baud=_whole(query, "baud", 300, 10_000_000),
    )
    return SerialSource(port, board, wire=query.get("wire", ""), patience_s=options.patience_s)


def _open_lsl(name: str, query: Mapping[str, str], options: SourceOptions) -> Source:
    from biofeedback.recording.recorded import Hints
    from biofeedback.sources.lsl import LslSource  # brings what files are read with

    _only(query, "lsl", ())
    hints = Hints(
        sfreq=options.sfreq,
        unit=options.unit,
        sensor=options.sensor or None,
        board=find_board(options.board) if options.board else None,
    )
    return LslSource(name, hints, patience_s=options.patience_s)


def _board(query: Mapping[str, str], options: SourceOptions) -> Board | None:
    name = query.get("board") or options.board
    bits, reference_v = _whole(query, "bits", 8, 24), _number(query, "vref", 0.5, 10)
    if not name and bits is None and reference_v is None:
        return None
    return find_board(name or DEFAULT_BOARD, bits=bits, reference_v=reference_v)


MakeSource = Callable[[str, Mapping[str, str], SourceOptions], Source]
"""What stands behind a scheme: the words after it, its query, the options."""

SOURCES: dict[str, MakeSource] = {
    "sim": _open_simulated,
    "serial": _open_serial,
    "file": _open_recording,
    "lsl": _open_lsl,
}
