"""The page of one's data: taken along to a folder, and recordings and tables brought in."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QProgressBar, QVBoxLayout, QWidget

from biofeedback.display.days.taking_along import astray_words, done_words
from biofeedback.display.days.taking_in_words import outcome_words, sound_words
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.sitting.work import Tell, Work
from biofeedback.display.widgets.controls import (
    Label,
    Side,
    announce,
    button,
    card,
    rename,
    scroll_by,
    scrolling,
)
from biofeedback.settings import load_settings
from biofeedback.taking_in import Outcome, files_in, take_all, take_sound
from biofeedback.text import _

_LOOK_MS = 100
_CHARACTERS = 36


class DataPage(QWidget):
    """Gives out and takes in what is of whoever `whose` says; nothing else goes on meanwhile."""

    message = Signal(str)

    def __init__(
        self, whose: Whose, today: Callable[[], date], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._whose, self._today = whose, today
        self._work: Work | None = None
        self._ended: Callable[[Work], str] = lambda _work: ""
        self._outcome = Outcome()
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._poll)
        self.heading, self._along = Label("", "heading"), Label("")
        self.export_button = button(
            _("&Take it along: choose a folder …"),
            _("Writes all of it to a new folder in the one you choose"),
            self.ask_where,
            main=True,
        )
        self.files_button = button(
            _("Bring &files in …"), _("Choose one recording or table, or several"), self.ask_files
        )
        self.folder_button = button(
            _("Bring a f&older in …"),
            _("All recordings and tables in a folder, such as a year's"),
            self.ask_folder,
        )
        self.said = Label("", "summary")
        self.told = Label("")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Progress"))
        self.stop_button = button(
            _("&Stop"), _("Stop after the file that it is at (Esc)"), self.cancel
        )
        self.sound_button = button("", "", self.take_sound)
        self._lay_out()
        self._show_busy()

    def _lay_out(self) -> None:
        along, along_rows = card(self._along, title=_("Take my data along"))
        along_rows.addWidget(
            Label(
                _(
                    "Tables that any spreadsheet reads, the recordings, and one file with "
                    "everything. Nothing is sent: nobody else sees it."
                ),
                "quiet",
            )
        )
        along_rows.addStretch(1)
        along_rows.addWidget(self.export_button)
        into, into_rows = card(
            Label(
                _(
                    "Recordings of other programs, and tables (CSV) of pain, sleep, blood pressure "
                    "and the like, come into the journal."
                )
            ),
            Label(
                _("The files stay as they are. What is in the journal already is passed over."),
                "quiet",
            ),
            title=_("Bring data in"),
        )
        into_rows.addStretch(1)
        into_rows.addWidget(self.files_button)
        into_rows.addWidget(self.folder_button)
        self._state, rows = card(self.said, self.told, self.bar)
        rows.addWidget(Side(self.sound_button, self.stop_button, spacing=10))
        inside = QWidget()
        page = QVBoxLayout(inside)
        page.setContentsMargins(24, 8, 24, 24)
        page.setSpacing(16)
        page.addWidget(self.heading)
        page.addWidget(
            Side(along, into, wanted=lambda: _CHARACTERS * self.fontMetrics().averageCharWidth())
        )
        page.addWidget(self._state)
        page.addStretch(1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        self._scroll = scrolling(inside)
        outside.addWidget(self._scroll)

    # what is shown

    def begin(self) -> None:
        """Begin with nothing said."""
        self._outcome = Outcome()
        self.heading.setText(_("The data of {person}").format(person=self._whose.person))
        self._along.setText(
            _("All that the journal holds of {person}, written to a new folder.").format(
                person=self._whose.person
            )
        )
        self._show_said("", [])

    def focus_first(self) -> None:
        """Put the focus on what Enter stops or begins."""
        (self.stop_button if self.busy else self.export_button).setFocus()

    @property
    def busy(self) -> bool:
        """Whether something is given out or taken in."""
        return self._work is not None

    def _show_said(self, said: str, told: Sequence[str]) -> None:
        self.said.setText(said)
        self.told.setText("\n".join(told))
        self.told.setVisible(bool(told))
        waiting = self._outcome.held_back
        rename(self.sound_button, *sound_words(waiting))
        self.sound_button.setVisible(any(table.entries for table in waiting))
        self._show_busy()
        self._state.setVisible(self.busy or bool(said))
        announce(self, " ".join((said, *told)))

    def _show_busy(self) -> None:
        for made in (self.export_button, self.files_button, self.folder_button, self.sound_button):
            made.setEnabled(not self.busy)
        self.bar.setVisible(self.busy)
        self.stop_button.setVisible(self.busy)
        self.stop_button.setEnabled(self.busy)

    # taking along

    def ask_where(self) -> None:
        """Ask in which folder; a new one is made in it."""
        folder = self._ask_folder(_("Where is it to go?"))
        if folder:
            self.export_to(Path(folder) / f"{self._whose.person}-{self._today()}")

    def export_to(self, folder: Path) -> None:
        """Write all of the person to `folder`, which must be new."""
        person, whose = self._whose.person, self._whose
        said: list[str] = []

        def do(tell: Tell) -> None:
            from biofeedback.journal.erase import holdings
            from biofeedback.journal.export import export

            made = export(whose.journal(), person, folder, tell=tell)
            said.extend(done_words(person, folder, holdings(whose.journal(), person)))
            said.extend(astray_words(made.missing, made.changed))

        def ended(work: Work) -> str:
            if work.stopped:
                return _("Stopped: nothing was written.")
            self._show_said(said[0], said[1:])
            return ""

        self._outcome = Outcome()
        self._begin(do, ended, _("It is written …"))

    # bringing in

    def ask_files(self) -> None:
        """Ask which files are to come in."""
        from biofeedback.recording.formats import READERS

        kinds = _("Recordings and tables ({kinds});;All files (*)").format(
            kinds=" ".join(f"*{suffix}" for suffix in READERS)
        )
        paths, _kind = QFileDialog.getOpenFileNames(self, _("Bring files in"), _documents(), kinds)
        if paths:
            self.bring_in(lambda: [Path(path) for path in paths])

    def ask_folder(self) -> None:
        """Ask of which folder all is to come in."""
        folder = self._ask_folder(_("Bring a folder in"))
        if folder:
            self.bring_in(partial(files_in, Path(folder)))

    def bring_in(self, find: Callable[[], list[Path]]) -> None:
        """Take the files that `find` finds into the journal, as far as they can be read."""
        person, whose = self._whose.person, self._whose
        self._outcome = outcome = Outcome()

        def do(tell: Tell) -> None:
            take_all(whose.journal(), person, find(), outcome, settings=load_settings(), tell=tell)

        self._begin(do, self._told_outcome, _("The files are looked through …"))

    def take_sound(self) -> None:
        """Take what is sound of the tables that were held back."""
        person, whose, outcome = self._whose.person, self._whose, self._outcome
        tables, outcome.held_back = outcome.held_back, []

        def do(tell: Tell) -> None:
            take_sound(whose.journal(), person, tables, outcome, tell=tell)

        self._begin(do, self._told_outcome, _("The entries are taken …"))

    def _told_outcome(self, work: Work) -> str:
        self._show_said(*outcome_words(self._outcome, self._whose.person, stopped=work.stopped))
        return ""

    # the work

    def cancel(self) -> None:
        """Stop after the file that it is at."""
        if self._work is not None:
            self._work.stop()
            self.stop_button.setEnabled(False)

    def _begin(self, do: Callable[[Tell], object], ended: Callable[[Work], str], said: str) -> None:
        self.message.emit("")
        self._work, self._ended = Work(do), ended
        self.bar.setRange(0, 0)
        self._show_said(said, [])
        self.stop_button.setFocus()
        self._look.start()

    def _poll(self) -> None:
        work = self._work
        if work is None:
            return
        if work.all:
            told = _("{done} of {all}").format(done=work.done, all=work.all)
            self.bar.setRange(0, work.all)
            self.bar.setValue(work.done)
            self.bar.setAccessibleDescription(told)
            self.told.setText(told)
            self.told.show()
        if work.busy:
            return
        self._look.stop()
        self._work = None
        said = work.error or self._ended(work)
        if said:
            self._show_said(said, [])
        (self.sound_button if self.sound_button.isVisible() else self.export_button).setFocus()

    def _ask_folder(self, title: str) -> str:
        return QFileDialog.getExistingDirectory(self, title, _documents())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not scroll_by(self._scroll, event):
            super().keyPressEvent(event)


def _documents() -> str:
    place = QStandardPaths.StandardLocation.DocumentsLocation
    return QStandardPaths.writableLocation(place)
