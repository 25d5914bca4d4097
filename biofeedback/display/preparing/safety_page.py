"""The page before the electrodes go on: the rules, and whether the computer is on the mains."""

from datetime import date
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biofeedback.display.preparing import mains as supply
from biofeedback.display.preparing.contact_page import Sign
from biofeedback.display.preparing.safety_model import (
    RULES,
    WHAT_THIS_IS,
    Answer,
    Mains,
    Passed,
    Rules,
    answers,
    mains_heading,
    mains_of,
    mains_words,
    note_of,
)
from biofeedback.display.widgets.controls import (
    Button,
    Label,
    Side,
    announce,
    button,
    card,
    fit_text,
    rename,
    scroll_by,
    scrolling,
)
from biofeedback.display.widgets.palette import Palette
from biofeedback.text import _

_LOOK_MS = 1000
_CARD_CHARACTERS = 44
_SIGN_LINES = 2.4
_HEADING_SHARE = 0.12  # of the height, the most


class SafetyPage(QWidget):
    """Shows the rules, whole or one key away, and looks for the mains while it is seen.

    Emits `passed` with a `Passed`, and before it `read` where the rules were shown.
    """

    passed = Signal(object)
    read = Signal()
    message = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._read_on: date | None = None
        self._today = date.min
        self._mains = Mains.UNKNOWN
        self._whole = True
        self._rules = self._rules_part()
        self._sure = Label(_("Going on says that you have read the rules."), "quiet")
        self._heading, self._words = Label("", "large"), Label("", "summary")
        self._signs = QHBoxLayout()
        self._sign: Sign | None = None
        self._rules_button = button(
            _("&Rules"), _("Read all rules once more (F1)"), partial(self.show_rules, whole=True)
        )
        self._others = {
            Answer.ISOLATED: button(
                _("My sensor is &isolated: go on"),
                _("The sensor has a battery of its own and no wire to the mains, or an isolator"),
                partial(self._answer, Answer.ISOLATED),
            ),
            Answer.UNPLUGGED: button(
                _("It is &unplugged: go on"),
                _("It is a laptop, and nothing that is plugged in hangs on the mains"),
                partial(self._answer, Answer.UNPLUGGED),
            ),
            Answer.ANYWAY: button(
                _("Go on &all the same"),
                _("Go on without it; that is noted with the sitting"),
                partial(self._answer, Answer.ANYWAY),
            ),
        }
        self.main_button: Button = button("", "", self._do_main, main=True)
        self._lay_out()
        self.set_palette(palette)
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)
        shortcut = QShortcut(QKeySequence(Qt.Key.Key_F1), self)
        shortcut.activated.connect(partial(self.show_rules, whole=True))

    # parts

    def _lay_out(self) -> None:
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 8, 24, 8)
        rows.setSpacing(8)
        rows.addWidget(Label(_("Before the electrodes go on"), "heading"))
        made, mains_rows = card()
        line = QHBoxLayout()
        line.setSpacing(16)
        line.addLayout(self._signs)
        line.addWidget(self._heading, 1)
        mains_rows.addLayout(line)
        mains_rows.addWidget(self._words)
        mains_rows.addWidget(self._sure)
        rows.addWidget(made)
        rows.addWidget(Label(WHAT_THIS_IS, "summary"))
        rows.addWidget(self._rules)
        rows.addStretch(1)
        below = QVBoxLayout()
        below.setContentsMargins(24, 8, 24, 16)
        below.setSpacing(8)
        self._answers = Side(*self._others.values(), spacing=8)
        below.addWidget(self._answers)  # no key does what is not seen
        below.addWidget(Side(self._rules_button, self.main_button, spacing=10))
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.setSpacing(0)
        self._scroll = scrolling(inside)
        outside.addWidget(self._scroll, 1)
        outside.addLayout(below)

    def _rules_part(self) -> QWidget:
        made = QWidget()
        rows = QVBoxLayout(made)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        cards = [_rules_card(rules) for rules in RULES]
        for pair in (cards[:2], cards[2:]):
            wanted = lambda: _CARD_CHARACTERS * self.fontMetrics().averageCharWidth()  # noqa: E731
            rows.addWidget(Side(*pair, wanted=wanted))
        return made

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        self._palette = palette
        self._show_sign()

    # what is shown

    def show_for(self, read_on: date | None, *, today: date) -> None:
        """Begin with somebody who read the rules on a day; None: they are shown whole."""
        self._read_on, self._today = read_on, today
        self.show_rules(whole=read_on is None)

    def show_rules(self, *, whole: bool) -> None:
        """Show the rules, or only what is asked about the mains."""
        self._whole = whole
        self._rules.setVisible(whole)
        self._rules_button.setVisible(not whole)
        self._show_mains()
        self.focus_first()

    def look(self) -> None:
        """Look whether the computer is on the mains now."""
        mains = mains_of(plugged=supply.on_mains())
        if mains is not self._mains:
            self._mains = mains
            self._show_mains()
            self._show_sign()
            announce(self, f"{self._heading.text()} {self._words.text()}")

    def _show_mains(self) -> None:
        mains = self._mains
        self._heading.setText(mains_heading(mains))
        fit_text(self._heading, _HEADING_SHARE * self.height())
        self._words.setText(mains_words(mains))
        offered = answers(mains)
        for answer, made in self._others.items():
            if made.hasFocus() and answer not in offered:
                self.main_button.setFocus()
            made.setVisible(answer in offered)
        self._answers.setVisible(bool(offered))
        if mains is Mains.BATTERY:
            text = _("I have read this: &go on") if self._whole else _("&Go on")
            rename(self.main_button, text, _("To the next page (Enter)"))
        else:
            rename(
                self.main_button,
                _("&Look again"),
                _("Look whether the computer is on its battery now (Enter)"),
            )
        self._sure.setVisible(self._whole and mains is not Mains.BATTERY)
        self.main_button.setVisible(mains is not Mains.UNKNOWN)

    def _show_sign(self) -> None:
        if self._sign is not None:
            self._signs.removeWidget(self._sign)
            self._sign.deleteLater()
        good = self._mains is Mains.BATTERY
        self._sign = Sign(self._palette, good=good, lines=_SIGN_LINES)
        self._signs.addWidget(self._sign)

    # what is done

    def _do_main(self) -> None:
        if self._mains is Mains.BATTERY:
            self._answer(Answer.ON_BATTERY)
        else:
            self.look()

    def _answer(self, answer: Answer) -> None:
        if self._whole:
            self._read_on = self._today
            self.read.emit()
        note = note_of(self._mains, answer, read_on=self._read_on or self._today)
        self.passed.emit(Passed(note, plugged=self._mains is Mains.PLUGGED))

    # Qt's

    def focus_first(self) -> None:
        """Put the focus where Enter does what comes next, above the fold."""
        self._scroll.verticalScrollBar().setValue(0)
        known = self._mains is not Mains.UNKNOWN
        (self.main_button if known else self._others[Answer.ISOLATED]).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not scroll_by(self._scroll, event):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        fit_text(self._heading, _HEADING_SHARE * self.height())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()


def _rules_card(rules: Rules) -> QWidget:
    made, rows = card(Label(rules.title, "words"))
    rows.setSpacing(4)
    for rule in rules.rules:
        rows.addWidget(Label(f"• {rule}", "summary"))
    rows.addStretch(1)
    return made
