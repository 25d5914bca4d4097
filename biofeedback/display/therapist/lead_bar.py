"""The row of buttons of who leads a sitting; each says its key."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QWidget

from biofeedback.display.therapist.lead import Lead
from biofeedback.display.therapist.markers import MOST
from biofeedback.display.widgets.controls import Button, button, rename
from biofeedback.text import _
from biofeedback.training.by_hand import Change

_MARGIN, _SPACING = 12, 6


class LeadBar(QWidget):
    """Buttons and keys for `lead`; `say` takes what came of it.

    Where there is no room for all buttons the last ones go: their keys remain. `client`, `value`
    and `markers` open the client's window, the line for a threshold, and the texts of the digits.
    """

    def __init__(
        self,
        lead: Lead,
        *,
        say: Callable[[str], object],
        client: Callable[[], object],
        value: Callable[[], object],
        markers: Callable[[], object],
        trains: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._lead, self._say = lead, say
        self.feedback: Button | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        self._row.setSpacing(_SPACING)
        self._buttons: list[Button] = []
        self.client = self._add(_("Client's window"), _("Open or close it (W)"), client)
        self.pause = self._add(_("Pause"), _("Let the clock stand, or go on (Space)"), self._pause)
        if trains:
            self._add_phases()
        self._add(_("Threshold …"), _("Type the threshold (Shift+T)"), value)
        self._add(_("Markers …"), _("Change what the digits note (Ctrl+M)"), markers)
        self._row.addStretch(1)
        self._bind(value, markers)
        if trains:
            self._bind_phases()

    def _add_phases(self) -> None:
        for text, description, change in (
            (_("− 30 s"), _("Make this phase 30 s shorter (Ctrl+Down)"), Change.SHORTER),
            (_("+ 30 s"), _("Make this phase 30 s longer (Ctrl+Up)"), Change.LONGER),
            (_("Again"), _("Begin this phase again (Ctrl+Left)"), Change.REPEAT),
            (_("Next"), _("End this phase and go on to the next (Ctrl+Right)"), Change.NEXT),
        ):
            self._add(text, description, partial(self._change, change))
        self.feedback = self._add(
            _("Hide feedback"), _("Hide or show the feedback of this phase (F)"), self._feedback
        )

    def _add(self, text: str, description: str, do: Callable[[], object]) -> Button:
        made = button(text, description, do)
        self._row.addWidget(made)
        self._buttons.append(made)
        return made

    def _bind(self, value: Callable[[], object], markers: Callable[[], object]) -> None:
        self._bind_key("Space", self._pause)
        self._bind_key("Shift+T", value)
        self._bind_key("Ctrl+M", markers)
        for number in range(1, MOST + 1):
            self._bind_key(str(number), partial(self._mark, number))

    def _bind_phases(self) -> None:
        self._bind_key("Ctrl+Right", partial(self._change, Change.NEXT))
        self._bind_key("Ctrl+Left", partial(self._change, Change.REPEAT))
        self._bind_key("Ctrl+Up", partial(self._change, Change.LONGER))
        self._bind_key("Ctrl+Down", partial(self._change, Change.SHORTER))
        self._bind_key("F", self._feedback)

    def _bind_key(self, key: str, do: Callable[[], object]) -> None:
        """Bind a key to the whole window: a button that has the focus must not swallow it."""
        QShortcut(QKeySequence(key), self).activated.connect(do)

    # what they do

    def _pause(self) -> None:
        self._say(self._lead.pause())
        self.show_now(client=None)

    def _change(self, change: Change) -> None:
        self._say(self._lead.change(change))

    def _feedback(self) -> None:
        self._say(self._lead.switch_feedback())

    def _mark(self, number: int) -> None:
        self._say(self._lead.mark(number))

    def show_now(self, *, client: bool | None) -> None:
        """Let the buttons say what they would do now; `client`: whether that window is open."""
        words = [(self.pause, _("Go on") if self._lead.paused else _("Pause"))]
        if client is not None:
            shown = _("Close client's window") if client else _("Client's window")
            words.append((self.client, shown))
        if self.feedback is not None:
            shown = _("Hide feedback") if self._lead.feedback else _("Show feedback")
            words.append((self.feedback, shown))
        for made, text in words:
            if made.text() != text:
                rename(made, text, made.accessibleDescription())
                self._fit()

    # room

    def _fit(self) -> None:
        room = self.width() - 2 * _MARGIN
        for made in self._buttons:
            room -= made.sizeHint().width() + _SPACING
            made.setVisible(room >= 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
