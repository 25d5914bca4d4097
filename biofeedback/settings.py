"""Every default, with its source, and the one TOML file that may change it."""

import re
import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeGuard

import tomli_w

from biofeedback.errors import SettingsError
from biofeedback.text import _, translated
from biofeedback.text.language import SOURCE, SYSTEM, settings_path

ONE_KEYS = ("Space", "Enter", "PageDown", "PageUp", *(f"F{n}" for n in range(13, 25)))
"""The keys that pedals send."""


@dataclass(frozen=True, slots=True)
class SignalSettings:
    """How a signal becomes tension."""

    band: str = "wide"
    """wide: 20-450 Hz (SENIAM, ISEK). narrow: 100-200 Hz, the classic relaxation band."""
    fast_window_s: float = 0.125
    """For gaps, tremor, light: half of a step is read after 40 ms."""
    slow_window_s: float = 1.0
    """For number, threshold, tone: its scatter is 3.6 % wide, 5 % narrow (1 / (2 sqrt(B T)))."""
    unsettled_s: float = 0.75
    """Nothing is said for as long after a start, or after the electrode came back."""
    mains_hz: float = 50.0
    """A gap is bridged with the last mains period: 50 in Europe, Asia, Africa; 60 in America."""
    mains_filter: str = "off"
    """on: notches of 5 Hz at the mains and its harmonics, which take 8 % of the EMG's RMS too. Off:
    SENIAM and ISEK advise against it; better find the lamp or charger."""
    heartbeat: str = "keep"
    """remove: heartbeats are taken out, and the tension comes a quarter of a second late."""
    hysteresis: float = 0.05
    """Relaxed again only this share below the threshold, so that the word does not flicker."""
    threshold_uv: float = 0.0
    """At or below is relaxed; 0: none, and then the zone is unknown."""


@dataclass(frozen=True, slots=True)
class BurstSettings:
    """What a contraction is, in the fast RMS; tuned on recordings whose contractions are known."""

    onset: float = 5.0
    """It begins above so many times the muscle's rest."""
    offset: float = 2.5
    """It ends below so many times it."""
    join_s: float = 0.25
    """Those closer than this are one."""
    shortest_s: float = 0.35
    """Shorter ones are none: a window of 125 ms stretches every blip."""


@dataclass(frozen=True, slots=True)
class RecordingSettings:
    """What is recorded."""

    automatic: str = "on"
    """on: in the window, a session with a sensor is recorded by itself."""


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """Whose sittings the window keeps."""

    person: str = ""
    """A pseudonym; empty: nobody's."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """What was trained last, and what a person sees of it."""

    protocol: str = ""
    """Its name; empty where nothing was."""
    feedback: str = "ring"
    """ring; scene: a lake; trend: the curve of two minutes; sound: nothing, for closed eyes."""
    number: str = "on"
    """off: with the ring or the lake only the word is shown."""


@dataclass(frozen=True, slots=True)
class DisplaySettings:
    """How the window looks."""

    palette: str = "auto"
    """auto follows the desktop."""
    contrast: str = "usual"
    """high: black and white, with outlines."""
    font_scale: float = 1.0
    """1 is the desktop's own size."""
    one_key: str = "off"
    """step: one key goes through all that can be done; scan: that moves by itself."""
    one_key_key: str = "Space"
    """Which key, or what the pedal sends."""
    one_key_hold_s: float = 0.8
    """A press that lasts as long is a hold, in step."""
    one_key_scan_s: float = 1.5
    """In scan it moves as often; slower where it is spoken."""
    language: str = SYSTEM
    """A code such as de, from the next start on; system: what the desktop speaks."""


@dataclass(frozen=True, slots=True)
class SoundSettings:
    """What is heard."""

    mapping: str = "off"
    """pitch, loudness: a tone follows the tension over the threshold, an octave, or as loud again,
    for each doubling. when-tense, when-relaxed: it sounds only then. music: softer when tense."""
    volume: float = 1.0
    """Of the cap below, 0 to 1."""
    cap_dbfs: float = -24.0
    """No sample is ever larger. At the computer's full volume that is 80 dBA in the ear, safe for
    40 hours a week (WHO, ITU-T H.870), with a player and headphones that make 100 dBA of a signal
    of -10 dBFS, as EN 50332 allows: the RMS of the tone lies 6 dB below its peak."""
    music_folder: str = ""
    """Of the user's own: MP3, FLAC, Ogg Vorbis and WAV files."""
    speech: str = "off"
    """on: what a training says is spoken, too."""


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What was connected last."""

    sensor: str = ""
    """A profile's name; empty where none was chosen."""
    board: str = ""
    """The converter behind the sensor; empty: an Uno."""
    port: str = ""
    """Where the board was."""
    serial_number: str = ""
    """Of its USB device, which a port's name may outlive; empty where it has none."""
    channels: int = 1
    """How many a board of ours is to send, from A0 on."""
    labels: tuple[str, ...] = ()
    """What its channels are called, in their order ("trapezius left"); empty: as the board does."""
    wire: str = ""
    """What kind of board it was said to be; empty: it is found by itself."""


@dataclass(frozen=True, slots=True)
class KnownSettings:
    """What people have been shown, so that it is not shown whole each time."""

    rules: tuple[str, ...] = ()
    """A pseudonym and the day of reading the rules of safety: "P01 2026-11-23"."""
    muscles: tuple[str, ...] = ()
    """A pseudonym and a muscle whose placement was shown: "P01 trapezius left"."""


@dataclass(frozen=True, slots=True)
class MarkerSettings:
    """What the digits note, for who leads a sitting."""

    texts: tuple[str, ...] = ()
    """Of the keys 1 to 9; an empty list: the usual ones, in the language of the window."""


@dataclass(frozen=True, slots=True)
class HeartSettings:
    """Which heart strap the window hears beside a sitting."""

    strap: str = ""
    """Its name, a part of it, or its address; first: the first that is heard; empty: none."""


@dataclass(frozen=True, slots=True)
class LslSettings:
    """What Lab Streaming Layer gets of each session."""

    name: str = ""
    """What the streams are called; empty: there are none."""


@dataclass(frozen=True, slots=True)
class OscSettings:
    """Where tension and zone go by OSC, for lamps and games."""

    address: str = ""
    """HOST:PORT, such as 127.0.0.1:9000; empty: nowhere."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; each part is a table of the TOML file."""

    signal: SignalSettings = field(default_factory=SignalSettings)
    bursts: BurstSettings = field(default_factory=BurstSettings)
    recording: RecordingSettings = field(default_factory=RecordingSettings)
    journal: JournalSettings = field(default_factory=JournalSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    display: DisplaySettings = field(default_factory=DisplaySettings)
    sound: SoundSettings = field(default_factory=SoundSettings)
    source: SourceSettings = field(default_factory=SourceSettings)
    known: KnownSettings = field(default_factory=KnownSettings)
    markers: MarkerSettings = field(default_factory=MarkerSettings)
    heart: HeartSettings = field(default_factory=HeartSettings)
    lsl: LslSettings = field(default_factory=LslSettings)
    osc: OscSettings = field(default_factory=OscSettings)


# What a value may be: a range (both ends included) or a choice of words.
_ALLOWED: dict[str, tuple[float, float] | tuple[str, ...]] = {
    "signal.band": ("wide", "narrow"),
    "signal.fast_window_s": (0.02, 1.0),
    "signal.slow_window_s": (0.1, 10.0),
    "signal.unsettled_s": (0.75, 10.0),
    "signal.mains_hz": (50.0, 60.0),
    "signal.mains_filter": ("off", "on"),
    "signal.heartbeat": ("keep", "remove"),
    "signal.hysteresis": (0.0, 0.5),
    "signal.threshold_uv": (0.0, 10_000.0),
    "bursts.onset": (1.0, 100.0),
    "bursts.offset": (1.0, 100.0),
    "bursts.join_s": (0.0, 10.0),
    "bursts.shortest_s": (0.0, 10.0),
    "recording.automatic": ("on", "off"),
    "training.feedback": ("ring", "scene", "trend", "sound"),
    "training.number": ("on", "off"),
    "display.palette": ("auto", "dark", "light"),
    "display.contrast": ("usual", "high"),
    "display.font_scale": (0.5, 3.0),
    "display.one_key": ("off", "step", "scan"),
    "display.one_key_key": ONE_KEYS,
    "display.one_key_hold_s": (0.3, 5.0),
    "display.one_key_scan_s": (0.5, 10.0),
    "display.language": (SYSTEM, *sorted({SOURCE, *translated()})),
    "sound.mapping": ("off", "pitch", "loudness", "when-tense", "when-relaxed", "music"),
    "sound.volume": (0.0, 1.0),
    "sound.cap_dbfs": (-60.0, -6.0),
    "sound.speech": ("off", "on"),
    "source.channels": (1, 6),
}

_MOST_LABELS = 16
_LONGEST_LABEL = 80

# A scenario of a thousand segments takes a tenth of it.
_MOST_BYTES = 2**20
# The parser takes the square of a dotted key's length, in time and in memory.
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_ENDLESS_KEY = re.compile(rf"(?<![\w-])(?:{_PART}[ \t]*+\.[ \t]*+){{32}}")


def read_toml(path: Path) -> str:
    """Return the text of a TOML file; raise `OSError` or `ValueError`, which says why not."""
    if path.exists() and not path.is_file():
        raise ValueError(_("it is no file"))
    with path.open("rb") as file:
        text = file.read(_MOST_BYTES + 1)
    if len(text) > _MOST_BYTES:
        raise ValueError(_("it is longer than {n} bytes").format(n=_MOST_BYTES))
    return text.decode("utf-8")


def parse_toml(text: str) -> dict[str, Any]:
    """Return the tables in `text`; raise `ValueError`, which says why, where it is no TOML."""
    if _ENDLESS_KEY.search(text):
        raise ValueError(_("a key in it has too many parts"))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:  # a ValueError, which tells the line
        raise
    except ValueError:
        raise ValueError(_("a number in it has thousands of digits")) from None
    except RecursionError:
        raise ValueError(_("it is nested too deeply")) from None


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings; defaults where there is no file. Raise `SettingsError` for a wrong one."""
    path = path or settings_path()
    try:
        table = parse_toml(read_toml(path))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise SettingsError(
            _("The settings {path} cannot be read ({error}); mend or delete that file.").format(
                path=path, error=getattr(error, "strerror", None) or error
            )
        ) from error
    return read_settings(table, path)


def read_settings(table: dict[str, Any], where: str | Path) -> Settings:
    """Return the settings in `table`, defaults for the rest; raise `SettingsError`, naming `where`.

    The table is by part, and that by key, as in the file.
    """
    parts = {part.name: part.default_factory for part in fields(Settings)}
    made: dict[str, Any] = {}
    for name, values in table.items():
        if name not in parts or not isinstance(values, dict):
            raise SettingsError(
                _("{path}: '{name}' is not a table of settings; there are: {names}.").format(
                    path=where, name=name, names=", ".join(parts)
                )
            )
        part = parts[name]
        defaults = asdict(part())  # type: ignore[operator]
        checked = {
            key: _checked(f"{name}.{key}", value, defaults, where) for key, value in values.items()
        }
        made[name] = part(**checked)  # type: ignore[operator]
    return Settings(**made)


def _checked(key: str, value: object, defaults: dict[str, Any], path: str | Path) -> object:
    name = key.partition(".")[2]
    if name not in defaults:
        raise SettingsError(
            _("{path}: there is no '{key}'; there are: {keys}.").format(
                path=path, key=key, keys=", ".join(defaults)
            )
        )
    allowed = _ALLOWED.get(key)
    if isinstance(defaults[name], tuple):
        if _are_labels(value):
            return tuple(value)
        wanted = _("a list of up to {n} texts in quotes, of up to {m} letters each").format(
            n=_MOST_LABELS, m=_LONGEST_LABEL
        )
    elif isinstance(defaults[name], str):
        if isinstance(value, str) and (allowed is None or value in allowed):
            return value
        wanted = (
            _("one of {words}").format(words=", ".join(map(str, allowed)))
            if allowed
            else _("a text in quotes")
        )
    else:
        low, high = allowed  # type: ignore[misc]
        whole = isinstance(defaults[name], int)
        number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if number and float(low) <= float(value) <= float(high):  # type: ignore[arg-type]
            return type(defaults[name])(value)
        wanted = (
            _("a whole number from {low} to {high}")
            if whole
            else _("a number from {low:g} to {high:g}")
        ).format(low=low, high=high)
    raise SettingsError(
        _("{path}: {key} is {value!r}, it may be {wanted}.").format(
            path=path, key=key, value=value, wanted=wanted
        )
    )


def _are_labels(value: object) -> TypeGuard[list[str]]:
    return (
        isinstance(value, list)
        and len(value) <= _MOST_LABELS
        and all(
            isinstance(label, str) and label.isprintable() and len(label) <= _LONGEST_LABEL
            for label in value
        )
    )


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the settings whole or not at all; raise `SettingsError` where that cannot be."""
    path = path or settings_path()
    try:
        if path.exists() and not path.is_file():  # /dev/null would no longer be there
            raise OSError(_("it is no file"))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)  # of a start that was killed
        draft.touch(mode=0o600, exist_ok=False)  # thresholds are of a body
        draft.write_text(tomli_w.dumps(asdict(settings)), encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise SettingsError(
            _("The settings cannot be kept in {path} ({error}).").format(path=path, error=error)
        ) from error
