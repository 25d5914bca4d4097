"""The page of recordings: those that lie in the user's folder, to look at, play again or delete."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QMessageBox,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from biofeedback.display.sitting.noted import left_out_words
from biofeedback.display.sitting.view_model import clock_word
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.widgets.controls import Label, Side, button, card, literal, scrolling
from biofeedback.display.widgets.leave_out import LeaveOut, show_whether
from biofeedback.display.widgets.wrapped_list import WrappedList
from biofeedback.errors import BiofeedbackError
from biofeedback.journal.nouns import Sitting
from biofeedback.muscles import shown_label
from biofeedback.recording.library import Kept, list_kept, remove
from biofeedback.text import _


class RecordingsPage(QWidget):
    """Lists the recordings of `whose` folders, as of the latest `fill`; emits the path of one.

    What lies in the first folder is the user's own; what lies in another is a journal's, whose
    sittings can be left out of the trends.
    """

    wanted = Signal(str)
    """To be looked at."""
    replay_wanted = Signal(str)
    """To be played as if it were live."""
    message = Signal(str)

    def __init__(self, whose: Whose, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whose, self._folders = whose, whose.folders
        self._kept: list[Kept] = []
        self._sittings: dict[str, Sitting] = {}
        self.rows = WrappedList()
        self.rows.setAccessibleName(_("Recordings"))
        self.rows.setAccessibleDescription(_("The newest first; Enter looks at one"))
        self.rows.itemActivated.connect(lambda _item: self._choose(self.wanted.emit))
        self.rows.currentRowChanged.connect(lambda _row: self._another())
        self.look_button = button(
            _("&Look at it"),
            _("Scroll, zoom, notes, exclude a time (Enter)"),
            lambda: self._choose(self.wanted.emit),
            main=True,
        )
        self.replay_button = button(
            _("&Play it again"),
            _("As if it were live"),
            lambda: self._choose(self.replay_wanted.emit),
        )
        self.delete_button = button(_("&Delete …"), _("Asks first (Del)"), self._ask_to_delete)
        self.out_button = button("", "", self._ask_leave_out)
        self.leave_out = LeaveOut()
        self.leave_out.chosen.connect(self._leave_out)
        self.leave_out.closed.connect(self.out_button.setFocus)
        self.folder_button = button(
            _("Show the &folder"), _("In the computer's own program for files"), self._show_folder
        )
        self.where = Label("", "quiet")
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 8, 24, 24)
        rows.setSpacing(16)
        rows.addWidget(Label(_("Recordings"), "heading"))
        rows.addWidget(self._card(), 1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(scrolling(inside))
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self)
        delete.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        delete.activated.connect(self._ask_to_delete)

    def _card(self) -> QFrame:
        made, rows = card()
        self.rows.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        rows.addWidget(self.rows, 1)
        rows.addWidget(self.leave_out)
        rows.addWidget(
            Side(
                self.look_button,
                self.replay_button,
                self.out_button,
                self.delete_button,
                self.folder_button,
                spacing=10,
            )
        )
        rows.addWidget(self.where)
        return made

    def focus_first(self) -> None:
        """Put the focus on the list."""
        self.rows.setFocus()

    def fill(self) -> None:
        """Show the folder as it is now."""
        folders, row = self._folders(), max(0, self.rows.currentRow())
        self._kept = list_kept(*folders)
        try:
            self._sittings = self._whose.sittings()
        except BiofeedbackError as error:
            self.message.emit(str(error))
        self.rows.clear()
        self.leave_out.hide()
        for one in self._kept:
            words = kept_words(one)
            if one.path.parent != folders[0]:
                words += " · " + _("in the journal")
            if (sitting := self._sittings.get(one.path.name)) and sitting.hidden:
                words += " · " + _("left out: {why}").format(why=sitting.hidden)
            self.rows.addItem(words)
        if not self._kept:
            self.rows.add_remark(_("None yet. A session with a sensor is recorded by itself."))
        self.rows.setCurrentRow(min(row, self.rows.count() - 1))
        self.where.setText(_where_words(*folders))
        self._enable()

    def _another(self) -> None:
        self.leave_out.hide()  # it asked of the one before
        self._enable()

    def _current(self) -> Kept | None:
        row = self.rows.currentRow()
        return self._kept[row] if 0 <= row < len(self._kept) else None

    def _enable(self) -> None:
        kept = self._current()
        for one in (self.look_button, self.replay_button):
            one.setEnabled(kept is not None)
        own = kept is not None and kept.path.parent == self._folders()[0]
        self.delete_button.setEnabled(own)
        sitting = self._sitting()
        self.out_button.setEnabled(sitting is not None)
        show_whether(self.out_button, hidden=sitting is not None and bool(sitting.hidden))

    def _sitting(self) -> Sitting | None:
        kept = self._current()
        return self._sittings.get(kept.path.name) if kept else None

    def _ask_leave_out(self) -> None:
        """Ask why a sitting is to be left out; take that back at once where it is."""
        sitting = self._sitting()
        if sitting is not None and sitting.hidden:
            self._leave_out("")
        elif sitting is not None:
            self.leave_out.ask()

    def _leave_out(self, reason: str) -> None:
        sitting = self._sitting()
        if sitting is None:
            return
        try:
            self._whose.journal().leave_out(sitting.id, reason)
            said = left_out_words(reason) if reason else _("It counts again.")
        except BiofeedbackError as error:
            said = str(error)
        self.fill()
        self.message.emit(said)
        self.out_button.setFocus()

    def _choose(self, emit: Callable[[str], object]) -> None:
        kept = self._current()
        if kept:
            emit(str(kept.path))

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._folders()[0]))

    def _ask_to_delete(self) -> None:
        kept = self._current()
        if kept is None or not self.delete_button.isEnabled() or self.findChild(QMessageBox):
            return
        asked = QMessageBox(self)
        asked.setObjectName("ask")
        asked.setText(_("Delete this recording?"))
        asked.setInformativeText(literal(kept_words(kept) + "\n" + _("It cannot be had back.")))
        asked.addButton(_("&Keep it"), QMessageBox.ButtonRole.RejectRole)
        delete = asked.addButton(_("&Delete it"), QMessageBox.ButtonRole.DestructiveRole)
        delete.clicked.connect(lambda: self._delete(kept))
        asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asked.open()

    def _delete(self, kept: Kept) -> None:
        try:
            remove(kept.path)
        except BiofeedbackError as error:
            self.message.emit(str(error))
        self.fill()


def _where_words(own: Path, journals: Path | None = None) -> str:
    if journals is None:
        return _("They lie in {own}, as EDF+ or BDF+, which other programs read too.").format(
            own=own
        )
    return _(
        "They lie in {own}, those of the journal in {journals}, as EDF+ or BDF+, which other "
        "programs read too."
    ).format(own=own, journals=journals)


def kept_words(kept: Kept) -> str:
    """Return a line that tells a recording from the others."""
    words = [
        when_word(kept.started),
        clock_word(kept.duration_s),
        ", ".join(map(shown_label, kept.labels)),
    ]
    if kept.simulated:
        words.append(_("simulated"))
    return " · ".join(words)


def when_word(moment: datetime) -> str:
    """Return day and time of `moment` in the user's own zone and way of writing."""
    local = QDateTime.fromSecsSinceEpoch(round(moment.timestamp()))
    return QLocale().toString(local, QLocale.FormatType.ShortFormat)
