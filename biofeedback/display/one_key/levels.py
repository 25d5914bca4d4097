"""What one key goes through: things that can be done, or the values of one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtWidgets import QAbstractItemView, QWidget
from shiboken6 import isValid

from biofeedback.text import _


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that can be done: `take` does it, and `does` says so in a word or two.

    `key` is what it is, from one look to the next; `mark` is framed while it is highlighted.
    """

    key: object
    name: str
    mark: QWidget | None
    take: Callable[[], object]
    does: str


class Level(Protocol):
    """Something to step through: `name` is highlighted, `mark` framed, `size` things there are.

    `moves` and `does` say in a word or two what a step and what taking does.
    """

    moves: str

    @property
    def name(self) -> str: ...

    @property
    def does(self) -> str: ...

    @property
    def mark(self) -> QWidget | None: ...

    @property
    def size(self) -> int: ...

    def look(self) -> bool:
        """Take in what has changed; return whether there is anything."""

    def step(self) -> None:
        """Go to the next."""

    def take(self) -> None:
        """Do what is highlighted."""


class Menu:
    """Steps through the things that `find` finds, round and round; a `Level`.

    `first` is the key of the thing to begin with, or a widget in it.
    """

    def __init__(self, find: Callable[[], Sequence[Thing]], *, first: object = None) -> None:
        self.moves = _("next")
        self._find = find
        self._things = list(find())
        self._at = next((i for i, each in enumerate(self._things) if _holds(each, first)), 0)

    @property
    def current(self) -> Thing | None:
        """The thing that is highlighted."""
        return self._things[self._at] if self._things else None

    @property
    def name(self) -> str:
        return self.current.name if self.current else ""

    @property
    def does(self) -> str:
        return self.current.does if self.current else ""

    @property
    def mark(self) -> QWidget | None:
        return self.current.mark if self.current else None

    @property
    def size(self) -> int:
        return len(self._things)

    def look(self) -> bool:
        before, self._things = self.current, list(self._find())
        keys = [thing.key for thing in self._things]
        if before is not None and before.key in keys:
            self._at = keys.index(before.key)
        self._at = min(self._at, max(0, len(keys) - 1))
        return bool(keys)

    def step(self) -> None:
        if self._things:
            self._at = (self._at + 1) % len(self._things)

    def take(self) -> None:
        if self.current:
            self.current.take()


class Values:
    """Steps through the values of a field: what is seen there changes; a `Level`.

    `forward` goes to the next of `size` values, `value` says it, `end` takes it and leaves.
    """

    def __init__(
        self,
        field: QWidget,
        *,
        size: int,
        forward: Callable[[], None],
        value: Callable[[], str],
        end: Callable[[], None],
    ) -> None:
        self.moves = _("next value")
        self.does = _("take it")
        self.mark: QWidget | None = field
        self.size = size
        self._field = field
        self._forward, self._value, self._end = forward, value, end

    @property
    def name(self) -> str:
        return self._value()

    def look(self) -> bool:
        if not isValid(self._field):
            return False
        if isinstance(self._field, QAbstractItemView):  # what is chosen may leave it less room
            self._field.scrollTo(self._field.currentIndex())
        return self._field.isVisible() and self._field.isEnabled()

    def step(self) -> None:
        self._forward()

    def take(self) -> None:
        self._end()


def quick_words(mode: str, name: str) -> str:
    """Return what the key does where a press does the main thing, which is called `name`."""
    if mode == "step":
        return _("Press: {name} · Hold: what else there is").format(name=name)
    return _("Press: {name}").format(name=name)


def level_words(mode: str, level: Level, *, waits: bool) -> str:
    """Return what the key does with what is highlighted; `waits`: it moves no longer by itself."""
    if mode == "step":
        return _("Press: {step} · Hold: {take}").format(step=level.moves, take=level.does)
    if waits:
        return _("It waits. Press: go through it again")
    return _("Press: {take}").format(take=level.does)


def _holds(thing: Thing, sought: object) -> bool:
    if thing.key is sought:
        return True
    if isinstance(sought, QWidget) and isinstance(thing.key, QWidget):
        return thing.key.isAncestorOf(sought)
    return False
