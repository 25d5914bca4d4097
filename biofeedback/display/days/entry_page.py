"""The page on which one enters how it is: numbers and a note, by Tab and Enter alone."""

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biofeedback.display.days.fields import DayLine, add_line
from biofeedback.display.days.model import MOMENT_FORM, entry_words, read_entries, shortened
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.widgets.controls import (
    Chooser,
    Label,
    Side,
    announce,
    button,
    card,
    named,
    scroll_by,
)
from biofeedback.display.widgets.framed import framed
from biofeedback.errors import BiofeedbackError
from biofeedback.journal.day_nouns import MEASURES
from biofeedback.journal.noted import calls_for_help, help_words, what_word
from biofeedback.text import _

_LONGEST_NOTE = 2000
_CHARACTERS = 26


class EntryPage(QWidget):
    """Keeps what is entered for whoever `whose` says; what was kept last can be undone."""

    message = Signal(str)

    def __init__(
        self, whose: Whose, now: Callable[[], datetime], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._whose, self._now = whose, now
        self._kept: list[UUID] = []
        self._typed: dict[str, str] = {}
        self._was_chosen: dict[str, str] = {}
        self._title = Label("", "heading")
        self._said = Label("", "summary")
        self._help = Label("", "message")
        self.name = DayLine(hint=_("such as: pulling to the left"))
        self.when = DayLine(longest=20)
        self.lines = {
            kind: DayLine(hint=hint, longest=_LONGEST_NOTE if MEASURES[kind].worded else 12)
            for kind, hint in (
                ("tension", _("0 to 10")),
                ("pain", _("0 to 10")),
                ("stress", _("0 to 10")),
                ("symptom", _("0 to 100")),
                ("note", _("anything worth remembering")),
                ("sleep", _("hours, such as 7.5")),
                ("sleep_quality", _("0 to 10")),
                ("heart_rate", _("beats a minute")),
                ("blood_pressure", _("such as 120 80")),
                ("side_effect", _("or another one, in your own words")),
                ("trigger", _("or another one, in your own words")),
            )
        }
        self.choosers = {kind: _known_chooser(kind) for kind in ("side_effect", "trigger")}
        self.keep_button = button(
            _("&Keep it"), _("Keep all that is entered (Enter)"), self.keep, main=True
        )
        self.undo_button = button(
            _("&Undo"), _("Take out what was kept just now (Ctrl+Z)"), self.undo
        )
        self._lay_out()
        self._lead_on()
        self.choosers["side_effect"].currentIndexChanged.connect(lambda _row: self._call_help())
        self.lines["side_effect"].textChanged.connect(lambda _text: self._call_help())
        self._show_said("")
        self._show_help("")

    def _lay_out(self) -> None:
        now, now_rows = card(title=_("How it is now"))
        for kind, text in (
            ("tension", _("&Tension, 0 none, 10 the worst")),
            ("pain", _("&Pain, 0 none, 10 the worst")),
            ("stress", _("&Stress, 0 none, 10 the worst")),
        ):
            self._add(now_rows, kind, text)
        now_rows.addStretch(1)
        own, own_rows = card(title=_("My own symptom"))
        add_line(own_rows, self.name, _("&What it is"), _("A name of your own, kept for next time"))
        self._add(own_rows, "symptom", _("&How strong, 0 none, 100 the worst"))
        self._add(own_rows, "note", _("&Note"))
        own_rows.addStretch(1)
        read, read_rows = card(title=_("Sleep, heart and blood pressure"))
        for kind, text in (
            ("sleep", _("S&leep last night, in hours")),
            ("sleep_quality", _("&Quality of sleep, 0 bad, 10 good")),
            ("heart_rate", _("Heart &rate")),
            ("blood_pressure", _("&Blood pressure, both numbers")),
        ):
            self._add(read_rows, kind, text)
        read_rows.addStretch(1)
        effect, trigger = self._known_cards()
        moment, moment_rows = card()
        add_line(
            moment_rows,
            self.when,
            _("Wh&en it was"),
            _("Now, if nothing is typed; else a time such as 21:30, or a day and a time"),
        )
        moment_rows.addStretch(1)
        inside = QWidget()
        page = QVBoxLayout(inside)
        page.setContentsMargins(24, 8, 24, 8)
        page.setSpacing(12)
        page.addWidget(self._title)
        page.addWidget(Label(_("Fill in what you like: Tab goes on, Enter keeps it all.")))
        wanted = lambda: _CHARACTERS * self.fontMetrics().averageCharWidth()  # noqa: E731
        page.addWidget(Side(now, own, read, wanted=wanted))
        page.addWidget(Side(effect, trigger, moment, wanted=wanted))
        page.addStretch(1)
        self._scroll = framed(
            self,
            inside,
            self._help,
            self._said,
            Side(self.undo_button, self.keep_button, spacing=10),
        )

    def _known_cards(self) -> list[QWidget]:
        made: list[QWidget] = []
        for kind, title, text, more in (
            (
                "side_effect",
                _("After an injection or a medicine"),
                _("S&ide effect"),
                _("Side effect: &more"),
            ),
            (
                "trigger",
                _("What set it off"),
                _("Tri&gger"),
                _("Trigger: m&ore"),
            ),
        ):
            around, rows = card(title=title)
            named(rows, self.choosers[kind], text)
            self._add(rows, kind, more)
            rows.addStretch(1)
            made.append(around)
        return made

    def _lead_on(self) -> None:
        """Let Tab go on as one reads."""
        *lines, effect, trigger = self.lines.values()
        known = (self.choosers["side_effect"], effect, self.choosers["trigger"], trigger)
        way: tuple[QWidget, ...] = (
            *(*lines[:3], self.name, *lines[3:], *known),
            *(self.when, self.keep_button, self.undo_button),
        )
        for before, after in pairwise(way):
            QWidget.setTabOrder(before, after)

    def _add(self, rows: QVBoxLayout, kind: str, text: str) -> None:
        line = self.lines[kind]
        add_line(rows, line, text, line.placeholderText())

    # what is shown

    def begin(self) -> None:
        """Begin with empty lines, now, and the own symptom that was entered last."""
        self._kept = []
        self._show_said("")
        self._show_help("")
        self._title.setText(
            _("How it is with {person}").format(person=self._whose.person)
            if self._whose.person
            else _("How it is")
        )
        self._empty()
        try:
            known = self._whose.journal().entries(self._whose.person, ["symptom"])
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self.name.setText(known[-1].text if known else "")

    def _empty(self) -> None:
        for line in self.lines.values():
            line.setText("")  # it would remember what `clear` takes away, for its own Ctrl+Z
        for chooser in self.choosers.values():
            chooser.setCurrentIndex(0)
        self.when.setText("")
        self.when.setPlaceholderText(
            _("now: {moment}").format(moment=f"{self._now().astimezone():{MOMENT_FORM}}")
        )

    def _show_said(self, text: str) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))
        self.undo_button.setVisible(bool(self._kept))
        announce(self, text)

    def _call_help(self) -> None:
        """Say at once where what is entered calls for help; it stays until the page is left."""
        what, text = self._chosen()["side_effect"], self.lines["side_effect"].text()
        if calls_for_help("side_effect", what, text):
            self._show_help(help_words())

    def _show_help(self, text: str) -> None:
        if text != self._help.text() or not text:
            self._help.setText(text)
            self._help.setVisible(bool(text))
            announce(self, text)

    # what is done

    def _chosen(self) -> dict[str, str]:
        return {kind: chooser.currentData() for kind, chooser in self.choosers.items()}

    def keep(self) -> None:
        """Keep all that is typed, or nothing of it."""
        typed = {kind: line.text() for kind, line in self.lines.items()}
        chosen = self._chosen()
        try:
            found = read_entries(
                typed,
                name=self.name.text(),
                when=self.when.text(),
                now=self._now(),
                chosen=chosen,
            )
            self._kept = self._whose.journal().add_entries(self._whose.person, found)
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self._typed, self._was_chosen = typed | {"when": self.when.text()}, chosen
        self.message.emit("")
        self._empty()
        self._show_said(
            _("Saved. Undo (Ctrl+Z). {what}").format(what=shortened(map(entry_words, found)))
        )
        self.focus_first()

    def undo(self) -> None:
        """Take out what was kept last, and give back what was typed."""
        if not self._kept:
            return
        try:
            for identity in self._kept:
                self._whose.journal().remove_entry(identity)
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return
        self._kept = []
        for kind, line in self.lines.items():
            line.setText(self._typed[kind])
        for kind, chooser in self.choosers.items():
            chooser.setCurrentIndex(chooser.findData(self._was_chosen[kind]))
        self.when.setText(self._typed["when"])
        self._show_said(_("It is taken out again. Change it, and keep it with Enter."))
        self.focus_first()

    # keys

    def focus_first(self) -> None:
        """Begin with the first number."""
        self.lines["tension"].setFocus()
        self.lines["tension"].selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.keep()  # from any line
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
        elif not scroll_by(self._scroll, event):
            super().keyPressEvent(event)


def _known_chooser(kind: str) -> Chooser:
    """Return what a known side effect or trigger is chosen from, by its first letters too."""
    made = Chooser()
    made.addItem(_("nothing"), "")
    for what in MEASURES[kind].known:
        made.addItem(what_word(what), what)
    return made
