"""What one key goes through: things that can be done, or the values of one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from PySide6.QtWidgets import QAbstractItemView, QWidget
from shiboken6 import isValid

from biofeedback.text import _


class Does(Enum):
    """What taking what is highlighted does."""

    IT = auto()
    OPEN = auto()
    WRITE = auto()
    LEAVE_TEXT = auto()
    HEAR = auto()
    CHANGE = auto()
    VALUE = auto()
    BACK = auto()


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that can be done: `take` does it, and `does` says what that is.

    `key` is what it is, from one look to the next; `mark` is framed while it is highlighted.
    """

    key: object
    name: str
    mark: QWidget | None
    take: Callable[[], object]
    does: Does


class Level(Protocol):
    """Something to step through: `name` is highlighted, `mark` framed, `size` things there are."""

    @property
    def name(self) -> str: ...

    @property
    def does(self) -> Does: ...

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
    def does(self) -> Does:
        return self.current.does if self.current else Does.IT

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
        self.does = Does.VALUE
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
        return _held_words(level.does)
    if waits:
        return _("It waits. Press: go through it again")
    return _pressed_words(level.does)


def _held_words(does: Does) -> str:
    return {
        Does.IT: _("Press: next · Hold: do it"),
        Does.OPEN: _("Press: next · Hold: open it"),
        Does.WRITE: _("Press: next · Hold: write it"),
        Does.LEAVE_TEXT: _("Press: next · Hold: leave the text"),
        Does.HEAR: _("Press: next · Hold: hear it"),
        Does.CHANGE: _("Press: next · Hold: change it"),
        Does.VALUE: _("Press: next value · Hold: take it"),
        Does.BACK: _("Press: next · Hold: back"),
    }[does]


def _pressed_words(does: Does) -> str:
    return {
        Does.IT: _("Press: do it"),
        Does.OPEN: _("Press: open it"),
        Does.WRITE: _("Press: write it"),
        Does.LEAVE_TEXT: _("Press: leave the text"),
        Does.HEAR: _("Press: hear it"),
        Does.CHANGE: _("Press: change it"),
        Does.VALUE: _("Press: take it"),
        Does.BACK: _("Press: back"),
    }[does]


def key_words(key: str) -> str:
    """Return what a person calls the key that a setting names."""
    named = {
        "Space": _("the space bar"),
        "Enter": _("the Enter key"),
        "PageDown": _("the Page Down key"),
        "PageUp": _("the Page Up key"),
    }
    return named.get(key) or _("the {key} key").format(key=key)


def _holds(thing: Thing, sought: object) -> bool:
    if thing.key is sought:
        return True
    if isinstance(sought, QWidget) and isinstance(thing.key, QWidget):
        return thing.key.isAncestorOf(sought)
    return False
