"""The bar at the top of the window: where one is, and the buttons that lead elsewhere."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from biofeedback.display.widgets.controls import Button, Label, button, rename
from biofeedback.text import _

TITLE = "biofeedback"


_LEAST_CHARACTERS = 12  # of a title that ends in dots


class _Title(Label):
    """Where one is; it ends in dots where the buttons leave it little room, and goes without."""

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        metrics = self.fontMetrics()
        least = _LEAST_CHARACTERS * metrics.averageCharWidth()
        if self.width() < min(least, metrics.horizontalAdvance(self.text())):
            return
        painter = QPainter(self)
        dots = Qt.TextElideMode.ElideRight
        self.style().drawItemText(
            painter,
            self.rect(),
            Qt.AlignmentFlag.AlignVCenter,
            self.palette(),
            self.isEnabled(),
            metrics.elidedText(self.text(), dots, self.width()),
            self.foregroundRole(),
        )
        painter.end()


class Bar(QWidget):
    """Title and buttons; each button does what the argument of its name does.

    Where there is no room for all, the last ones go: their keys remain.
    """

    def __init__(
        self,
        *,
        leave: Callable[[], object],
        record: Callable[[], object],
        note: Callable[[], object],
        check: Callable[[], object],
        switch: Callable[[], object],
        colours: Callable[[], object],
        size: Callable[[], object],
        one_key: Callable[[], object],
    ) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 10, 16, 6)
        self.title = _Title(TITLE, "title")
        self.back = button(_("Back"), "", leave)
        self.record = button(_("Record"), _("Begin or end the recording (R)"), record)
        self.note = button(_("Note"), _("Note something of this moment (N)"), note)
        self.check = button(_("Check"), _("Does the sensor sit well? (K)"), check)
        self.switch = button(_("Therapist's view"), _("The other view (V)"), switch)
        self.offered: list[Button] = []
        """What can be done here, in its order, seen or not."""
        self.look = (
            button(
                _("Light or dark"), _("Change the colours (Ctrl+L); Ctrl+H: high contrast"), colours
            ),
            button(_("Text size"), _("Larger, round again (Ctrl+Plus, Minus)"), size),
            button(_("One key"), _("Do all with one key: step, by itself, or off (F8)"), one_key),
        )
        self._row.addWidget(self.title, 1)
        for made in (self.back, self.record, self.note, self.check, self.switch, *self.look):
            self._row.addWidget(made)

    def show_page(self, *, back: bool) -> None:
        """Offer what a page has; `back`: there is one before it."""
        self.title.setText(TITLE)
        rename(self.back, _("Back"), _("To the page before (Esc)"))
        self._offer(*[self.back] * back)

    def show_test(self, *, first: bool) -> None:
        """Offer what the check of the sensor has; `first`: it is on the way to a session."""
        if first:
            rename(self.back, _("Back"), _("To the page before (Esc)"))
        else:
            rename(self.back, _("Skip"), _("Leave the check (Esc)"))
        self._offer(self.back)

    def show_training(self, *, therapist: bool, check: bool) -> None:
        """Offer what a session has; `check`: somebody sits at its sensor."""
        rename(self.back, _("End"), _("End the session (Esc)"))
        self.switch.setText(_("Patient's view") if therapist else _("Therapist's view"))
        self._offer(self.back, self.record, self.note, *[self.check] * check, self.switch)

    def show_recording(self, words: str, *, failed: bool) -> None:
        """Say on the button how the recording stands; `failed`: it should run, and does not."""
        if words != self.record.text():
            rename(self.record, words, self.record.accessibleDescription())
            self.record.setObjectName("failed" if failed else "plain")
            self.record.style().polish(self.record)
            self._fit()

    def _offer(self, *buttons: Button) -> None:
        """Show `buttons`, and those that change how all looks."""
        for made in (self.back, self.record, self.note, self.check, self.switch):
            made.setVisible(made in buttons)
        self.offered = [*buttons]
        self._fit()

    def _fit(self) -> None:
        margins, room = self._row.contentsMargins(), self.width()
        room -= margins.left() + margins.right()
        offered = [*self.offered, *self.look]
        for made in offered:
            room -= made.sizeHint().width() + self._row.spacing()
            made.setVisible(room >= 0 or made is offered[0])

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
