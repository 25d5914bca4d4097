"""Scenarios: a simulated muscle as a TOML file of timed segments, read and checked."""

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from biofeedback.boards import find_board, find_sensor, make_channel
from biofeedback.errors import SettingsError, SourceNotFound
from biofeedback.stream import StreamInfo
from biofeedback.text import _

DEFAULT_SCENARIO = "rest"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one channel. RMS values in uV at the skin; `seconds` is infinite in the last."""

    seconds: float
    ramp_s: float
    emg_uv: tuple[float, float]
    mains_uv: dict[int, float]
    mains_hz: float
    lead_off: bool


@dataclass(frozen=True, slots=True)
class ChannelScript:
    """One channel's label, the constant voltage under its electrode, and its segments."""

    label: str
    offset_uv: float
    segments: tuple[Segment, ...]

    def timeline(self, until_s: float) -> Iterator[tuple[float, Segment]]:
        """Yield each segment that begins by `until_s`, with its start in seconds."""
        start_s = 0.0
        for segment in self.segments:
            if start_s > until_s:
                return
            yield start_s, segment
            start_s += segment.seconds


@dataclass(frozen=True, slots=True)
class Scenario:
    """A simulated muscle: what it is for, its seed, its stream and its channels' scripts."""

    name: str
    summary: str
    seed: int
    info: StreamInfo
    channels: tuple[ChannelScript, ...]

    def truth(self, seconds: float) -> dict[str, Any]:
        """Return what was played for `seconds`, as plain values for JSON."""
        return {
            "scenario": self.name,
            "simulated": True,
            "seed": self.seed,
            "sfreq": self.info.sfreq,
            "seconds": seconds,
            "channels": [
                {
                    "label": script.label,
                    "resolution_floor_uv": channel.resolution_floor,
                    "segments": [
                        {
                            "start_s": start_s,
                            "stop_s": min(start_s + segment.seconds, seconds),
                            "emg_uv": [
                                segment.emg_uv[0],
                                _ramp(segment, min(segment.seconds, seconds - start_s)),
                            ],
                            "mains_hz": segment.mains_hz,
                            "mains_uv": {str(k): v for k, v in segment.mains_uv.items()},
                            "lead": "off" if segment.lead_off else "on",
                        }
                        for start_s, segment in script.timeline(seconds)
                        if start_s < seconds
                    ],
                }
                for script, channel in zip(self.channels, self.info.channels, strict=True)
            ],
        }


def _ramp(segment: Segment, after_s: float) -> float:
    first_uv, last_uv = segment.emg_uv
    return first_uv + (last_uv - first_uv) * min(after_s / segment.ramp_s, 1.0)


def builtin_scenarios() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the program."""
    folder = resources.files("biofeedback") / "scenarios"
    return tuple(
        sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))
    )


def load_scenario(name: str, *, seed: int | None = None) -> Scenario:
    """Read the built-in scenario `name`, or a file that ends in .toml.

    Raises `SourceNotFound` where there is none, `SettingsError` where a key or value is wrong.
    """
    name = name or DEFAULT_SCENARIO
    if name.endswith(".toml"):
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SourceNotFound(
                _("The scenario {name} cannot be read ({why}); check the path.").format(
                    name=name, why=_reason(error)
                )
            ) from error
        return read_scenario(text, name=Path(name).stem, where=name, seed=seed)
    if name not in builtin_scenarios():
        raise SourceNotFound(
            _(
                "There is no scenario called '{name}'; choose one of: {names}, or give a file that "
                "ends in .toml."
            ).format(name=name, names=", ".join(builtin_scenarios()))
        )
    text = (resources.files("biofeedback") / "scenarios" / f"{name}.toml").read_text("utf-8")
    return read_scenario(text, name=name, where=_("scenario {name}").format(name=name), seed=seed)


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def read_scenario(text: str, *, name: str, where: str, seed: int | None = None) -> Scenario:
    """Parse the TOML `text` of a scenario; errors name `where`, the key and what it may be."""
    try:
        root = _Table(tomllib.loads(text), where)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            _("{where} is not TOML: {error}.").format(where=where, error=error)
        ) from error
    summary = root.text("summary", "")
    sfreq = root.number("sfreq", 1000.0, low=200.0, high=20_000.0)
    own_seed = root.whole("seed", 1, low=0, high=2**31 - 1)
    sensor = find_sensor(root.text("sensor", "plux"))
    board_name = root.text("board", "")
    board = find_board(board_name) if board_name else None
    scripts = tuple(
        _channel(table, number) for number, table in enumerate(root.tables("channels"), start=1)
    )
    root.done()
    channels = tuple(make_channel(script.label, sensor, board) for script in scripts)
    if sensor is None or sensor.envelope:
        raise SettingsError(_("{where}: sensor must be one with a known gain.").format(where=where))
    info = StreamInfo(channels, sfreq, f"sim:{name}", simulated=True)
    return Scenario(name, summary, own_seed if seed is None else seed, info, scripts)


def _channel(table: "_Table", number: int) -> ChannelScript:
    label = table.text("label", f"channel {number}")
    offset_uv = table.number("offset_uv", 0.0, low=-1e5, high=1e5)
    tables = table.tables("segments")
    table.done()
    segments = [_segment(part, last=part is tables[-1]) for part in tables]
    return ChannelScript(label, offset_uv, tuple(segments))


def _segment(table: "_Table", *, last: bool) -> Segment:
    seconds = table.number("seconds", 1.0, low=0.001, high=1e6)
    segment = Segment(
        seconds=math.inf if last else seconds,
        ramp_s=seconds,
        emg_uv=table.pair("emg_uv", (0.0, 0.0)),
        mains_uv=table.harmonics("mains_uv"),
        mains_hz=table.number("mains_hz", 50.0, low=45.0, high=65.0),
        lead_off=table.word("lead", "on", ("on", "off")) == "off",
    )
    table.done()
    return segment


class _Table:
    """A TOML table that knows where it stands and which of its keys were asked for."""

    def __init__(self, values: dict[str, Any], where: str) -> None:
        self._values, self._where = values, where
        self._known: list[str] = []

    def _get(self, key: str, default: Any) -> Any:
        self._known.append(key)
        return self._values.get(key, default)

    def _wrong(self, key: str, value: object, wanted: str) -> SettingsError:
        return SettingsError(
            _("{where}: {key} is {value!r}, it must be {wanted}.").format(
                where=self._where, key=key, value=value, wanted=wanted
            )
        )

    def done(self) -> None:
        """Raise for a key that nobody asked for."""
        for key in self._values:
            if key not in self._known:
                raise SettingsError(
                    _("{where}: there is no key '{key}'; there are: {keys}.").format(
                        where=self._where, key=key, keys=", ".join(self._known)
                    )
                )

    def text(self, key: str, default: str) -> str:
        value = self._get(key, default)
        if not isinstance(value, str):
            raise self._wrong(key, value, _("a text in quotes"))
        return value

    def word(self, key: str, default: str, words: tuple[str, ...]) -> str:
        value = self.text(key, default)
        if value not in words:
            wanted = _("one of {words}").format(words=", ".join(words))
            raise self._wrong(key, value, wanted)
        return value

    def number(self, key: str, default: float, *, low: float, high: float) -> float:
        return self._in_range(key, self._get(key, default), low, high)

    def whole(self, key: str, default: int, *, low: int, high: int) -> int:
        number = self.number(key, default, low=low, high=high)
        if number != int(number):
            raise self._wrong(key, number, _("a whole number"))
        return int(number)

    def _in_range(self, key: str, value: object, low: float, high: float) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        wanted = _("a number from {low:g} to {high:g}").format(low=low, high=high)
        raise self._wrong(key, value, wanted)

    def pair(self, key: str, default: tuple[float, float]) -> tuple[float, float]:
        """Return (from, to): one number stands for both."""
        value = self._get(key, default)
        ends = value if isinstance(value, list | tuple) else [value, value]
        if len(ends) != 2:
            raise self._wrong(key, value, _("a number or two, [from, to]"))
        first, last = (self._in_range(key, end, 0.0, 1e5) for end in ends)
        return first, last

    def harmonics(self, key: str) -> dict[int, float]:
        """Return RMS by harmonic: a number for the fundamental, or a list from it upwards."""
        value = self._get(key, 0.0)
        levels = value if isinstance(value, list) else [value]
        checked = [self._in_range(key, level, 0.0, 1e5) for level in levels]
        return {harmonic: level for harmonic, level in enumerate(checked, start=1) if level}

    def tables(self, key: str) -> "list[_Table]":
        """Return the tables of the array `key`, at least one."""
        value = self._get(key, None)
        if value is None:
            raise SettingsError(
                _(
                    "{where}: there are no {key}; give one or more tables headed [[...{key}]]."
                ).format(where=self._where, key=key)
            )
        if not isinstance(value, list) or not value or not all(isinstance(v, dict) for v in value):
            wanted = _("one or more tables, each headed [[...{key}]]").format(key=key)
            raise self._wrong(key, value, wanted)
        return [_Table(v, f"{self._where}, {key} {i}") for i, v in enumerate(value, start=1)]
