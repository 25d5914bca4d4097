"""Scenarios: a simulated muscle as a TOML file of timed segments, read and checked."""

import math
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np

from biofeedback.boards import (
    BOARDS,
    DEFAULT_BOARD,
    Board,
    Sensor,
    find_board,
    find_sensor,
    make_channel,
)
from biofeedback.errors import SettingsError, SourceNotFound
from biofeedback.settings import parse_toml, read_toml
from biofeedback.sources.muscle.emg import MDF_HZ, MDF_SFREQ
from biofeedback.sources.muscle.motion import KINDS, MOST_PER_MINUTE
from biofeedback.sources.muscle.response import Response
from biofeedback.sources.muscle.script import ChannelScript, Losses, Motion, Scenario, Segment
from biofeedback.sources.muscle.table import Table
from biofeedback.stream import StreamInfo
from biofeedback.text import _, of_file

DEFAULT_SCENARIO = "rest"
TRANSLATED = ("summary",)
"""The keys whose texts a person reads: what translators get."""
_MOST_UV = 1e5
_LONGEST_S = 1e6

# Botulinum toxin, by weeks since the injection: how much of its greatest effect it has. It sets in
# within 48 hours and is greatest at day 21, when rectified EMG has fallen like the muscle's answer
# to its nerve, from 8.3 to 3.0 mV (Hamjian and Walker, Muscle Nerve 1994); patients notice it
# within the first week (Jankovic and Schwartz, Neurology 1990), and it lasts 3 to 4 months
# (Jankovic, Mov Disord 2004). What lies between these is drawn by hand.
_TOXIN_WEEKS = (0.0, 2 / 7, 1.0, 2.0, 3.0, 6.0, 12.0, 16.0)
_TOXIN_EFFECT = (0.0, 0.0, 0.5, 0.9, 1.0, 1.0, 0.4, 0.0)
_TOXIN_LEAVES = 3.0 / 8.3


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
            text = read_toml(Path(name))
        except (OSError, ValueError) as error:
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
        root = Table(parse_toml(text), where)
    except ValueError as error:
        raise SettingsError(
            _("{where} is not TOML: {error}.").format(where=where, error=error)
        ) from error
    summary = of_file(root.text("summary", ""))
    sfreq = root.number("sfreq", 1000.0, low=200.0, high=20_000.0)
    own_seed = root.whole("seed", 1, low=0, high=2**31 - 1)
    sensor, board = _converter(root, where)
    heart_rate = root.number("heart_rate", 70.0, low=30.0, high=200.0)
    common_drive = root.number("common_drive", 0.0, low=0.0, high=0.8)
    injected = "weeks_since_injection" in root
    since = root.number("weeks_since_injection", 0.0, low=0.0, high=520.0)
    weeks = since if injected else None
    factor = toxin_factor(weeks)
    losses = _losses(root)
    scripts = tuple(
        _channel(table, number, sfreq=sfreq, factor=factor)
        for number, table in enumerate(root.tables("channels"), start=1)
    )
    root.done()
    channels = tuple(make_channel(script.label, sensor, board) for script in scripts)
    return Scenario(
        name=name,
        summary=summary,
        seed=own_seed if seed is None else seed,
        info=StreamInfo(channels, sfreq, f"sim:{name}", simulated=True),
        heart_rate=heart_rate,
        common_drive=common_drive,
        weeks_since_injection=weeks,
        toxin_factor=factor,
        losses=losses,
        channels=scripts,
    )


def toxin_factor(weeks: float | None) -> float:
    """Return what botulinum toxin leaves of the EMG so many weeks after it was injected."""
    if weeks is None:
        return 1.0
    return 1 - (1 - _TOXIN_LEAVES) * float(np.interp(weeks, _TOXIN_WEEKS, _TOXIN_EFFECT))


def _converter(root: Table, where: str) -> tuple[Sensor, Board]:
    sensor = find_sensor(root.text("sensor", "plux"))
    if sensor is None or sensor.envelope:
        raise SettingsError(_("{where}: sensor must be one with a known gain.").format(where=where))
    name = root.text("board", "")
    board = find_board(name) if name else sensor.converter or BOARDS[DEFAULT_BOARD]
    bits = root.whole("bits", board.bits, low=8, high=24)
    reference_v = root.number("vref", board.reference_v, low=0.5, high=10.0)
    return sensor, replace(board, bits=bits, reference_v=reference_v)


def _losses(root: Table) -> Losses:
    return Losses(
        frame_samples=root.whole("frame_samples", 16, low=1, high=1000),
        lost_percent=root.number("lost_percent", 0.0, low=0.0, high=45.0),
        corrupt_percent=root.number("corrupt_percent", 0.0, low=0.0, high=45.0),
        spans_s=root.spans("lost_s", low=0.001, high=_LONGEST_S),
    )


def _channel(table: Table, number: int, *, sfreq: float, factor: float) -> ChannelScript:
    label = table.text("label", f"channel {number}")
    offset_uv = table.number("offset_uv", 0.0, low=-_MOST_UV, high=_MOST_UV)
    response = Response(
        on_cue=table.number("on_cue", 1.0, low=0.0, high=10.0),
        sham_on_cue=table.number("sham_on_cue", 1.0, low=0.0, high=10.0),
        half_s=table.number("on_cue_half_s", 0.5, low=0.01, high=600.0),
        carry_over_s=table.number("carry_over_s", 1.0, low=0.01, high=600.0),
    )
    tables = table.tables("segments")
    table.done()
    segments = [
        _segment(part, last=part is tables[-1], sfreq=sfreq, factor=factor) for part in tables
    ]
    return ChannelScript(label, offset_uv, tuple(segments), response)


def _segment(table: Table, *, last: bool, sfreq: float, factor: float) -> Segment:
    seconds = table.number("seconds", 1.0, low=0.001, high=_LONGEST_S)
    from_uv, to_uv = table.pair("emg_uv", (0.0, 0.0), low=0.0, high=_MOST_UV)
    trick = table.number("trick", 1.0, low=0.0, high=1.0)
    segment = Segment(
        seconds=math.inf if last else seconds,
        ramp_s=seconds,
        emg_uv=(from_uv * trick * factor, to_uv * trick * factor),
        mdf_hz=_mdf_hz(table, sfreq),
        tremor_hz=table.number("tremor_hz", 5.0, low=1.0, high=20.0),
        tremor_depth=table.number("tremor_depth", 0.0, low=0.0, high=1.0),
        breath_share=table.number("breath_share", 0.0, low=0.0, high=1.0),
        breath_per_min=table.pair("breath_per_min", (12.0, 12.0), low=3.0, high=40.0),
        breath_peak=table.number("breath_peak", 0.2, low=0.0, high=1.0),
        trick=trick,
        ecg_uv=table.number("ecg_uv", 0.0, low=0.0, high=_MOST_UV),
        motion=_motion(table, _LONGEST_S if last else seconds),
        mains_uv=_harmonics(table),
        mains_hz=table.number("mains_hz", 50.0, low=45.0, high=65.0),
        mains_wander_hz=table.number("mains_wander_hz", 0.03, low=0.0, high=1.0),
        lead_off=table.word("lead", "on", ("on", "off")) == "off",
    )
    table.done()
    return segment


def _mdf_hz(table: Table, sfreq: float) -> tuple[float, float] | None:
    low, high = MDF_HZ
    given = "mdf_hz" in table
    mdf_hz = table.pair("mdf_hz", (low, low), low=low, high=high)
    if given and sfreq < MDF_SFREQ:
        wanted = _("left out where sfreq is below {sfreq:g}").format(sfreq=MDF_SFREQ)
        raise table.wrong("mdf_hz", list(mdf_hz), wanted)
    return mdf_hz if given else None


def _motion(table: Table, latest_s: float) -> Motion | None:
    peak_uv = table.number("motion_uv", 0.0, low=0.0, high=_MOST_UV)
    kind = table.word("motion", "both", (*KINDS, "both"))
    at_s = table.numbers("motion_at_s", low=0.0, high=latest_s)
    often = 0.0 if at_s else 6.0
    per_minute = table.number("motion_per_minute", often, low=0.0, high=MOST_PER_MINUTE)
    return Motion(peak_uv, kind, per_minute, at_s) if peak_uv else None


def _harmonics(table: Table) -> dict[int, float]:
    """Return the RMS of the mains by harmonic, from the fundamental upwards."""
    levels = table.numbers("mains_uv", low=0.0, high=_MOST_UV)
    return {harmonic: level for harmonic, level in enumerate(levels, start=1) if level}
