"""Training protocols as TOML files: those that come with the program, and a user's own."""

import math
import os
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

from biofeedback.errors import BiofeedbackError, SettingsError
from biofeedback.settings import parse_toml, read_toml
from biofeedback.text import _, of_file
from biofeedback.training import pacer, toml_lines
from biofeedback.training.goal import AIMS
from biofeedback.training.protocol import (
    BASELINES,
    Cue,
    Ends,
    Feedback,
    Kind,
    Mode,
    Paper,
    Phase,
    Protocol,
    usual_end,
)

SHORTEST_S, LONGEST_S = 1.0, 3600.0
MOST_ROUNDS = 100
# Of a breath, how much may be in; and how far two rounded numbers may be from a whole breath.
_IN_SHARES, _ROUNDED = (0.2, 0.6), 0.01
TRANSLATED = ("title", "summary", "instruction", "say", "paper", "result")
"""The keys whose texts a person reads, in the user's language."""
_TRANSLATED_TO_SHOW = ("name",)
"""Of phases: it goes into recordings as it is, and is translated only where it is shown."""

Word = TypeVar("Word", bound=StrEnum)


def own_folder() -> Path:
    """Return where a user's protocols lie: BIOFEEDBACK_PROTOCOLS, else beside the settings."""
    named = os.environ.get("BIOFEEDBACK_PROTOCOLS")
    return Path(named) if named else Path(platformdirs.user_config_dir("biofeedback")) / "protocols"


def installed() -> dict[str, Path | None]:
    """Return the names of the protocols that are installed, and the files of the user's own.

    A user's own stands in for one of the same name that came with the program (None).
    """
    shipped = resources.files("biofeedback") / "protocols"
    names = (each.name for each in shipped.iterdir() if each.name.endswith(".toml"))
    found: dict[str, Path | None] = {name.removesuffix(".toml"): None for name in names}
    found |= {each.stem: each for each in own_folder().glob("*.toml")}
    return dict(sorted(found.items()))


def protocol_text(name: str) -> tuple[str, str]:
    """Return where a protocol stands, and its TOML: an installed one, or a file ending in .toml.

    Raises `SettingsError` where there is none, or it cannot be read.
    """
    if name.endswith(".toml"):
        return name, _read(Path(name))
    known = installed()
    if name not in known:
        raise SettingsError(
            _(
                "There is no training protocol called '{name}'; choose one of: {names}, or give a "
                "file that ends in .toml."
            ).format(name=name, names=", ".join(known))
        )
    own = known[name]
    if own is not None:
        return str(own), _read(own)
    file = resources.files("biofeedback") / "protocols" / f"{name}.toml"
    return file.name, file.read_text("utf-8")


def load_protocol(name: str) -> Protocol:
    """Read an installed protocol, or a file that ends in .toml.

    Raises `SettingsError`, which names the file, line, key and what it may be.
    """
    where, text = protocol_text(name)
    return read_protocol(text, name=Path(where).stem, where=where)


def protocol_title(name: str) -> str:
    """Return what a protocol is called; its name where it is gone."""
    try:
        return load_protocol(name).title or name
    except BiofeedbackError:
        return name


def _read(path: Path) -> str:
    try:
        return read_toml(path)
    except (OSError, ValueError) as error:
        raise SettingsError(
            _("The training protocol {path} cannot be read ({why}); check the path.").format(
                path=path, why=getattr(error, "strerror", None) or error
            )
        ) from error


def read_protocol(text: str, *, name: str, where: str) -> Protocol:
    """Parse the TOML `text` of a protocol; its words come in the user's language."""
    try:
        values = parse_toml(text)
    except ValueError as error:  # which tells the line
        raise SettingsError(
            _("{where} is not TOML: {error}.").format(where=where, error=error)
        ) from error
    root = _Table(values, (), text, where)
    mode = root.word("mode", Mode.BELOW, Mode)
    protocol = Protocol(
        name=name,
        title=root.text("title"),
        summary=root.text("summary", ""),
        mode=mode,
        hysteresis=root.number("hysteresis", 0.05, low=0.0, high=0.5),
        dwell_s=root.number("dwell_s", 0.5, low=0.0, high=5.0),
        fading=root.fading("fading"),
        evidence=tuple(_paper(table) for table in root.tables("evidence")),
        phases=tuple(
            phase for table in root.tables("phases") for phase in _phases(table, AIMS[mode].muscles)
        ),
    )
    root.done()
    _check_order(protocol, root)
    return protocol


def _paper(table: "_Table") -> Paper:
    paper = Paper(table.text("paper"), table.text("result"))
    table.done()
    return paper


def _phases(table: "_Table", muscles: tuple[str, ...]) -> Iterator[Phase]:
    """Yield one phase, or those of a block as often as it says."""
    if "repeat" not in table:
        yield _phase(table, muscles)
        return
    times = table.whole("repeat", low=1, high=MOST_ROUNDS)
    steps = [_phase(step, muscles) for step in table.tables("steps")]
    table.done()
    if not steps:
        raise table.missing("steps")
    for number in range(1, times + 1):
        for step in steps:
            yield replace(step, round=number)


def _phase(table: "_Table", muscles: tuple[str, ...]) -> Phase:
    kind = table.word("kind", None, Kind)
    seconds = table.number("seconds", None, low=SHORTEST_S, high=LONGEST_S)
    usual = Feedback.ON if kind is Kind.TRIAL else Feedback.OFF
    feedback = table.word("feedback", usual, Feedback)
    if feedback is not Feedback.OFF and kind in BASELINES:
        raise table.wrong("feedback", feedback.value, _("off: a baseline is hidden"))
    guess = table.flag("guess") if kind is Kind.TRIAL else False
    if guess and feedback is Feedback.ON:
        raise table.wrong(
            "guess", guess, _("false, or feedback off or summary: what is seen is no guess")
        )
    phase = Phase(
        name=table.text("name"),
        kind=kind,
        seconds=seconds,
        instruction=table.text("instruction"),
        feedback=feedback,
        ends=table.word("ends", usual_end(kind), Ends),
        muscle=table.one_of("muscle", muscles[0], muscles) if kind is Kind.REFERENCE else "",
        guess=guess,
        delay_s=table.number("delay_s", 5.0, low=0.1, high=60.0)
        if feedback is Feedback.DELAYED
        else 5.0,
        cues=tuple(_cue(cue, seconds) for cue in table.tables("cues")),
        ask=table.texts("ask", ("tension", "pain")) if kind is Kind.RATINGS else (),
        pacer=_pacing(pacing) if (pacing := table.table("pacer")) else None,
    )
    table.done()
    return phase


def _cue(table: "_Table", seconds: float) -> Cue:
    cue = Cue(table.number("at_s", None, low=0.0, high=seconds), table.text("say"))
    table.done()
    return cue


def _pacing(table: "_Table") -> pacer.Pacing:
    usual, (slowest, fastest) = pacer.Pacing(), pacer.RATES_PER_MIN
    rate = table.number("rate_per_min", usual.rate_per_min, low=slowest, high=fastest)
    breath_s = 60 / rate
    least_s, most_s = (share * breath_s for share in _IN_SHARES)
    inhale_s = table.number("inhale_s", usual.inhale_share * breath_s, low=least_s, high=most_s)
    left_s = breath_s - inhale_s
    exhale_s = table.number("exhale_s", left_s, low=0.0, high=breath_s)
    if abs(exhale_s - left_s) > _ROUNDED * breath_s:
        wanted = _("{left:.3g}: in and out, at {rate:g} a minute, take {breath:.3g} s").format(
            left=left_s, rate=rate, breath=breath_s
        )
        raise table.wrong("exhale_s", exhale_s, wanted)
    start, most = max(usual.from_per_min, rate), pacer.FASTEST_START_PER_MIN
    start = table.number("from_per_min", start, low=rate, high=most)
    least, most = pacer.SLOWING_PER_MIN
    slower = table.number("slower_per_min", usual.slower_per_min, low=least, high=most)
    table.done()
    return pacer.Pacing(rate, inhale_s / (inhale_s + exhale_s), start, slower)


def _check_order(protocol: Protocol, root: "_Table") -> None:
    """Refuse what could not be judged."""
    kinds = [phase.kind for phase in protocol.phases]
    if not kinds:
        raise root.missing("phases")
    if Kind.TRIAL in kinds and not set(kinds[: kinds.index(Kind.TRIAL)]) & set(BASELINES):
        raise root.refused(_("a trial needs a phase of kind baseline or task-baseline before it"))
    if protocol.mode is Mode.RELAX and Kind.CONTRACTION not in kinds:
        raise root.refused(_("mode relax needs phases of kind contraction before its trials"))
    if protocol.mode is Mode.OVERFLOW:
        known = {phase.muscle for phase in protocol.phases if phase.kind is Kind.REFERENCE}
        for muscle in AIMS[protocol.mode].muscles:
            if muscle not in known:
                raise root.refused(
                    _(
                        'mode overflow needs a phase of kind reference with muscle = "{muscle}"'
                    ).format(muscle=muscle)
                )


class _Table:
    """A TOML table that is read key by key, and knows the line of what is wrong."""

    def __init__(
        self, values: dict[str, Any], path: toml_lines.Path, text: str, where: str
    ) -> None:
        self._values, self._path, self._text, self._where = values, path, text, where
        self._known: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def _line(self, *key: str) -> int:
        return toml_lines.line_of(self._text, (*self._path, *key))

    def wrong(self, key: str, value: object, wanted: str) -> SettingsError:
        """Return the error that says what `key` must be."""
        return SettingsError(
            _("{where}, line {line}: {key} is {value!r}, it must be {wanted}.").format(
                where=self._where, line=self._line(key), key=key, value=value, wanted=wanted
            )
        )

    def missing(self, key: str) -> SettingsError:
        """Return the error that asks for `key`."""
        return SettingsError(
            _("{where}, line {line}: {key} is missing; add it.").format(
                where=self._where, line=self._line(), key=key
            )
        )

    def refused(self, why: str) -> SettingsError:
        """Return the error for phases that do not fit together."""
        line = self._line("phases") if "mode" not in self else self._line("mode")
        return SettingsError(
            _("{where}, line {line}: {why}.").format(where=self._where, line=line, why=why)
        )

    def done(self) -> None:
        """Raise for a key that nobody asked for."""
        for key in self._values:
            if key not in self._known:
                raise SettingsError(
                    _(
                        "{where}, line {line}: there is no key '{key}' here; there are: {keys}."
                    ).format(
                        where=self._where,
                        line=self._line(key),
                        key=key,
                        keys=", ".join(self._known),
                    )
                )

    def _get(self, key: str, default: Any) -> Any:
        self._known.append(key)
        if key not in self._values and default is None:
            raise self.missing(key)
        return self._values.get(key, default)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text, in the user's language where a person reads it."""
        value = self._get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.wrong(key, value, _("a text in quotes"))
        return of_file(value) if key in TRANSLATED else value

    def texts(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Return several texts."""
        value = self._get(key, default)
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) and v for v in value):
            raise self.wrong(key, value, _("a list of texts in quotes"))
        return tuple(value)

    def one_of(self, key: str, default: str | None, choices: tuple[str, ...]) -> str:
        """Return one of `choices`."""
        value = self._get(key, default)
        if value not in choices:
            wanted = _("one of {words}").format(words=", ".join(choices))
            raise self.wrong(key, value, wanted)
        return str(value)

    def word(self, key: str, default: Word | None, kind: type[Word]) -> Word:
        """Return one of the words of `kind`."""
        return kind(self.one_of(key, default, tuple(kind)))

    def flag(self, key: str) -> bool:
        """Return true or false, which it is where nothing is said."""
        value = self._get(key, default=False)
        if not isinstance(value, bool):
            raise self.wrong(key, value, _("true or false"))
        return value

    def number(self, key: str, default: float | None, *, low: float, high: float) -> float:
        """Return a number from `low` to `high`."""
        value = self._get(key, default)
        if not _is_number(value) or not low <= value <= high:
            wanted = _("a number from {low:g} to {high:g}").format(low=low, high=high)
            raise self.wrong(key, value, wanted)
        return float(value)

    def whole(self, key: str, *, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`."""
        value = self._get(key, None)
        if not _is_number(value) or not isinstance(value, int) or not low <= value <= high:
            wanted = _("a whole number from {low} to {high}").format(low=low, high=high)
            raise self.wrong(key, value, wanted)
        return value

    def fading(self, key: str) -> tuple[int, ...]:
        """Return four whole numbers, or none."""
        value = self._get(key, ())
        if value == ():
            return ()
        whole = isinstance(value, list) and all(type(v) is int for v in value)
        if not whole or len(value) != 4 or min(value) < 0 or not any(value):
            wanted = _("four numbers of sittings, such as [4, 4, 2, 2]")
            raise self.wrong(key, value, wanted)
        return tuple(value)

    def table(self, key: str) -> "_Table | None":
        """Return the table `key`; None where it is not there."""
        value = self._get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, value, _("keys and their values in braces"))
        return _Table(value, (*self._path, key), self._text, self._where) if key in self else None

    def tables(self, key: str) -> "list[_Table]":
        """Return the tables of the array `key`; none where it is not there."""
        value = self._get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.wrong(key, value, _("tables, each headed [[{key}]]").format(key=key))
        return [
            _Table(v, (*self._path, key, i), self._text, self._where) for i, v in enumerate(value)
        ]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def translatable(text: str) -> Iterator[tuple[int, str]]:
    """Yield the texts of a protocol's TOML that a person reads, each with its line."""
    shown = (*TRANSLATED, *_TRANSLATED_TO_SHOW)

    def walk(value: Any, path: toml_lines.Path) -> Iterator[tuple[int, str]]:
        if isinstance(value, dict):
            for key, item in value.items():
                if key in shown and isinstance(item, str):
                    yield toml_lines.line_of(text, (*path, key)), item
                yield from walk(item, (*path, key))
        elif isinstance(value, list):
            for i, item in enumerate(value):
                yield from walk(item, (*path, i))

    yield from walk(tomllib.loads(text), ())
