"""One key, a pedal or a button for the whole way: step through what can be done, and do it."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QWidget

from biofeedback.display.one_key.levels import (
    Does,
    Level,
    Menu,
    Thing,
    Values,
    key_words,
    level_words,
    quick_words,
)
from biofeedback.display.one_key.press import OneSwitch, Stroke
from biofeedback.display.one_key.strip import Marker, Strip
from biofeedback.display.one_key.things import enter_card, find_things, heading_of
from biofeedback.display.one_key.voice import Voice
from biofeedback.display.preparing.contact_page import ContactPage
from biofeedback.display.widgets import controls
from biofeedback.display.widgets.bar import Bar
from biofeedback.display.widgets.scale import Scale
from biofeedback.settings import DisplaySettings
from biofeedback.text import _

if TYPE_CHECKING:
    from biofeedback.display.running import RunningWindow
    from biofeedback.display.sitting.sitting import Sitting

_TICK_MS = 30
_LOOK_EVERY = 4  # ticks
ROUNDS = 3
"""So often it moves through all by itself; then it waits."""
_NEXT_MODE = {"off": "step", "step": "scan", "scan": "off"}


class OneKey(QObject):
    """Does with one key all that can be done in `window`, while its settings say so.

    Where the page has something that Space does ("Pause"), a press does it, and a hold opens the
    rest. `keep` keeps the window's settings.
    """

    def __init__(
        self,
        window: "RunningWindow",
        bar: Bar,
        keep: Callable[[], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(window)
        self._window, self._bar, self._keep, self._clock = window, bar, keep, clock
        self.strip = Strip(window)
        self.voice = Voice(self.strip)
        self.switch = OneSwitch(clock=clock)
        self._sitting: Sitting | None = None
        self._presses_read = 0
        self._marker = Marker()
        self._begin_none()
        action = QAction(self)
        action.setShortcut(QKeySequence("F8"))
        action.triggered.connect(lambda: self.switch_mode())
        window.addAction(action)
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self.tick)
        self.take_settings()

    def _begin_none(self) -> None:
        self._stack: list[Level] = []
        self._here: tuple[QWidget, QWidget] | None = None
        self._focused: QWidget | None = None
        self._open = False  # what else there is, where a press does the main thing
        self._ticks = 0
        self._waits = False  # after it has moved through all of it three times
        self._move_anew()

    # settings

    @property
    def _settings(self) -> DisplaySettings:
        return self._window.settings.display

    @property
    def on(self) -> bool:
        """Whether one key does it all."""
        return self._settings.one_key != "off"

    def switch_mode(self) -> None:
        """Go on to the next of the three modes: off, step, scan."""
        mode = _NEXT_MODE[self._settings.one_key]
        display = replace(self._settings, one_key=mode)
        self._window.settings = replace(self._window.settings, display=display)
        self._keep()
        self.take_settings()
        key = key_words(self._settings.one_key_key)
        words = {
            "off": _("One key: off. F8 switches it on."),
            "step": _(
                "One key, step by step: press {key} for the next, hold it to do that."
            ).format(key=key),
            "scan": _("One key, moving by itself: press {key} to do what is marked.").format(
                key=key
            ),
        }
        self._window.say(words[mode])

    def take_settings(self) -> None:
        """Begin or end as the settings say."""
        app = QCoreApplication.instance()
        assert app is not None  # noqa: S101
        self.switch.cancel()
        self._begin_none()
        app.removeEventFilter(self)
        # a dialog of the desktop's own could not be gone through
        QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs, self.on)
        self.strip.setVisible(self.on)
        if self.on:
            app.installEventFilter(self)
            self.voice.begin(spoken=self._window.settings.sound.speech == "on")
            self._timer.start()
        else:
            self._timer.stop()
            self.voice.end()
            self._marker.clear()

    # the key

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QKeyEvent) and event.key() in _keys(self._settings.one_key_key):
            if kind == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.spontaneous():
                if not event.isAutoRepeat():
                    at_s = event.timestamp() / 1000 or None  # 0 where nobody knows
                    (self.switch.down if kind == QEvent.Type.KeyPress else self.switch.up)(at_s)
                return True
        elif kind == QEvent.Type.ApplicationStateChange:
            self.switch.cancel()  # where the key goes up is not heard
        return super().eventFilter(watched, event)

    def follow(self, sitting: "Sitting") -> None:
        """Take the presses of the board's button: as the key, or as marks of their moment."""
        session = sitting.session
        if sitting is not self._sitting:
            self._sitting, self._presses_read = sitting, len(session.presses)
            session.marks_presses = False
        new = session.presses[self._presses_read :]
        self._presses_read += len(new)
        for press in new:
            at_s = press.index / session.info.sfreq
            if self.on:
                (self.switch.down if press.down else self.switch.up)(at_s)
            elif press.down:
                self._window.say(sitting.annotate(_("button"), onset_s=at_s))

    def tick(self) -> None:
        """Do what the key was pressed for, and show what there is; called every 30 ms."""
        strokes = self.switch.strokes(self._settings.one_key_hold_s)
        if strokes or self._ticks % _LOOK_EVERY == 0:
            self._look()
        self._ticks += 1
        for stroke in strokes:
            (self._scan if self._settings.one_key == "scan" else self._step)(stroke)
            if not self.on:
                return
            self._look()
        if self._settings.one_key == "scan":
            self._move_by_itself()
        self._show()

    # where one is

    def _root(self) -> QWidget:
        menu = QApplication.activePopupWidget()
        if isinstance(menu, QMenu):
            return menu
        return QApplication.activeModalWidget() or self._window

    def _focus(self) -> QWidget | None:
        """Return what has the focus, also while another program's window is in front."""
        return self._root().focusWidget()

    def _page(self) -> QWidget:
        return self._window.pages.currentWidget() or self._window

    def _look(self) -> None:
        """Take in another page, a focus that has been put elsewhere, and what has come or gone."""
        root, page = self._root(), self._page()
        focused = self._focus()
        if self._here is None or self._here[0] is not root or self._here[1] is not page:
            self._here = (root, page)
            main = self._main_button()
            if main is not None:
                main.setFocus()
                focused = main
            self._begin(focused)
            self.voice.tell(heading_of(root if root is not self._window else page))
        elif focused is not None and focused is not self._focused:
            self._begin(focused, inside=self._focused is not None)
        self._focused = focused or self._focused
        while not self._stack[-1].look() and len(self._stack) > 1:
            self._stack.pop()

    def _begin(self, focused: QWidget | None, *, inside: bool = False) -> None:
        """Begin with what has the focus; `inside`: in its card."""
        root, self._open = self._root(), False
        menu = Menu(partial(self._things, root), first=focused)
        self._stack = [menu]
        around = menu.current.key if inside and menu.current else None
        if isinstance(around, QWidget) and focused is not None and around is not focused:
            enter_card(root, around, self, focused)
        self._move_anew()

    def _things(self, root: QWidget) -> list[Thing]:
        found = find_things(root, self, bar=self._bar)
        window = self._window
        if root is window and self._runs():
            found.append(Thing("sound", _("Sound on or off"), None, window.switch_sound, Does.IT))
        if self._open:
            found.append(Thing("back", _("Back"), None, self._close, Does.BACK))
        return found

    def _runs(self) -> bool:
        sitting = self._window.sitting
        checks = isinstance(self._page(), ContactPage)
        return sitting is not None and sitting.view_model.ready and not checks

    def _main_button(self) -> QPushButton | None:
        """Return the button that Space presses on this page, where there is one now."""
        page = self._page()
        space = QKeySequence(Qt.Key.Key_Space)
        if self._root() is not self._window or _asks(page):
            return None  # a question is answered, one value after the other
        if all(shortcut.key() != space for shortcut in page.findChildren(QShortcut)):
            return None
        buttons = page.findChildren(QPushButton, "main")
        return next((each for each in buttons if each.isVisible() and each.isEnabled()), None)

    def _quick(self) -> QPushButton | None:
        """Return the button that a press presses at once."""
        session = self._window.session
        waits = self._settings.one_key == "scan" and session is not None and session.paused
        if self._open or waits or len(self._stack) > 1:
            return None
        main = self._main_button()
        return main if main is not None and self._focus() in (main, None) else None

    def _close(self) -> None:
        """Leave what else there is: a press does the main thing again."""
        self._open = False
        main = self._main_button()
        if main is not None:
            main.setFocus()

    # what a stroke does

    def _step(self, stroke: Stroke) -> None:
        quick = self._quick()
        if stroke is Stroke.SHORT:
            if quick is not None:
                quick.click()
            else:
                self._stack[-1].step()
                self._highlight()
        elif stroke is Stroke.HOLD:
            if quick is not None:
                self._open = True
                self._stack[-1].look()
                self._stack[-1].step()
                self._highlight()
            else:
                self._take()

    def _scan(self, stroke: Stroke) -> None:
        if stroke is not Stroke.DOWN:
            return
        quick = self._quick()
        if quick is not None:
            quick.click()
        elif self._waits:
            self._move_anew()
        else:
            self._take()
        self._moved_s = self._clock()

    def _take(self) -> None:
        self._move_anew()
        stack, was_open = [*self._stack], self._open
        before = self._focus()
        stack[-1].take()
        same = self._stack == stack and self._focus() is before
        if was_open and self._open and same:
            self._close()

    def _move_anew(self) -> None:
        self._moved_s, self._moves, self._waits = self._clock(), 0, False

    def _move_by_itself(self) -> None:
        level = self._stack[-1]
        if self._waits or level.size < 2 or self._quick() is not None:
            return
        if self.voice.speaking:  # it is heard to its end first
            self._moved_s = max(self._moved_s, self._clock() - self._settings.one_key_scan_s / 2)
        elif self._clock() - self._moved_s >= self._settings.one_key_scan_s:
            self._moved_s = self._clock()
            self._moves += 1
            level.step()
            self._highlight()
            self._waits = self._moves >= ROUNDS * level.size

    # as a keeper of levels

    def enter(self, level: Level) -> None:
        """Go into `level`."""
        self._stack.append(level)
        self._move_anew()

    def leave(self, then: Callable[[], object] = lambda: None, *, on: bool = True) -> None:
        """Go out of the innermost level, do `then`, and go `on` to the next thing if it can."""
        left = self._stack.pop() if len(self._stack) > 1 else None
        before, stack = self._focus(), self._stack
        then()
        same = self._focus() is before and self._stack is stack
        if on and same and self._stack[-1].look() and isinstance(left, Values):
            self._stack[-1].step()
            self._highlight()
        self._move_anew()

    def tell(self, text: str) -> None:
        """Say `text` and show it."""
        self._window.say(text)

    # what is seen and heard

    def _highlight(self) -> None:
        """Put the focus on what is highlighted, and bring it into view."""
        level = self._stack[-1]
        thing = level.current if isinstance(level, Menu) else None
        if thing is not None and isinstance(thing.key, QWidget):
            if thing.key.focusPolicy() != Qt.FocusPolicy.NoFocus:
                thing.key.setFocus()
                self._focused = self._focus()
            controls.bring_into_view(thing.key)

    def _show(self) -> None:
        level = self._stack[-1]
        quick = self._quick()
        name = quick.text().replace("&", "") if quick is not None else level.name
        if quick is not None:  # its name stands beside it already: the room is the training's
            self.strip.say("", quick_words(self._settings.one_key, name))
        else:
            words = level_words(self._settings.one_key, level, waits=self._waits)
            self.strip.say(name, words)
        self._marker.mark(level.mark if quick is None else quick, self._window.palette_in_use)
        self.voice.name(name)


def _asks(page: QWidget) -> bool:
    return any(scale.isVisible() for scale in page.findChildren(Scale))


def _keys(name: str) -> tuple[Qt.Key, ...]:
    """Return the keys that a setting names."""
    if name == "Enter":
        return Qt.Key.Key_Return, Qt.Key.Key_Enter
    return (Qt.Key[f"Key_{name}"],)
