"""A TOML table that is read key by key, and says what a wrong value should have been."""

from typing import Any

from biofeedback.errors import SettingsError
from biofeedback.text import _


class Table:
    """A TOML table that knows where it stands and which of its keys were asked for.

    Every method takes the value of `key`, `default` where there is none, and raises
    `SettingsError`, which names the place, the key and what it may be.
    """

    def __init__(self, values: dict[str, Any], where: str) -> None:
        self._values, self._where = values, where
        self._known: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def _get(self, key: str, default: Any) -> Any:
        self._known.append(key)
        return self._values.get(key, default)

    def wrong(self, key: str, value: object, wanted: str) -> SettingsError:
        """Return the error that says what `key` must be."""
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
        """Return a text."""
        value = self._get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, value, _("a text in quotes"))
        return value

    def word(self, key: str, default: str, words: tuple[str, ...]) -> str:
        """Return one of `words`."""
        value = self.text(key, default)
        if value not in words:
            wanted = _("one of {words}").format(words=", ".join(words))
            raise self.wrong(key, value, wanted)
        return value

    def number(self, key: str, default: float, *, low: float, high: float) -> float:
        """Return a number from `low` to `high`."""
        return self._in_range(key, self._get(key, default), low, high)

    def whole(self, key: str, default: int, *, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`."""
        number = self.number(key, default, low=low, high=high)
        if number != int(number):
            raise self.wrong(key, number, _("a whole number"))
        return int(number)

    def _in_range(self, key: str, value: object, low: float, high: float) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        wanted = _("a number from {low:g} to {high:g}").format(low=low, high=high)
        raise self.wrong(key, value, wanted)

    def pair(
        self, key: str, default: tuple[float, float], *, low: float, high: float
    ) -> tuple[float, float]:
        """Return (from, to): one number stands for both."""
        value = self._get(key, default)
        ends = value if isinstance(value, list | tuple) else [value, value]
        if len(ends) != 2:
            raise self.wrong(key, value, _("a number or two, [from, to]"))
        first, last = (self._in_range(key, end, low, high) for end in ends)
        return first, last

    def numbers(self, key: str, *, low: float, high: float) -> tuple[float, ...]:
        """Return any number of numbers; a single one needs no brackets."""
        value = self._get(key, [])
        several = value if isinstance(value, list) else [value]
        return tuple(self._in_range(key, one, low, high) for one in several)

    def spans(self, key: str, *, low: float, high: float) -> tuple[tuple[float, float], ...]:
        """Return pairs that rise, [[from, to], ...]."""
        value = self._get(key, [])
        wanted = _("a list of pairs that rise, [[from, to], ...]")
        if not isinstance(value, list):
            raise self.wrong(key, value, wanted)
        spans = []
        for span in value:
            if not isinstance(span, list) or len(span) != 2:
                raise self.wrong(key, value, wanted)
            first, last = (self._in_range(key, end, low, high) for end in span)
            if first >= last:
                raise self.wrong(key, value, wanted)
            spans.append((first, last))
        return tuple(spans)

    def tables(self, key: str) -> "list[Table]":
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
            raise self.wrong(key, value, wanted)
        return [Table(v, f"{self._where}, {key} {i}") for i, v in enumerate(value, start=1)]
