"""What the window asks before it ends a session."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from biofeedback.text import _


def ask_to_end(parent: QWidget, *, training: bool, end: Callable[[], object]) -> None:
    """Ask, and call `end` where that is the answer; the session goes on meanwhile."""
    text = _("End this training?") if training else _("End this session?")
    _ask(parent, text, _("What was measured so far is shown and kept.") if training else "", end)


def ask_to_close(
    parent: QWidget, *, training: bool, outlook: str, close: Callable[[], object]
) -> None:
    """Ask before the window closes, and call `close` where that is the answer.

    `outlook`: what will be of what was measured, in whole sentences.
    """
    text = (
        _("End this training and close the window?")
        if training
        else _("End this session and close the window?")
    )
    _ask(parent, text, outlook, close)


def _ask(parent: QWidget, text: str, outlook: str, end: Callable[[], object]) -> None:
    asked = QMessageBox(parent)
    asked.setObjectName("ask")
    asked.setText(text)
    asked.setInformativeText(f"{_('The signal goes on while you decide.')} {outlook}".strip())
    ending = asked.addButton(_("&End it"), QMessageBox.ButtonRole.AcceptRole)
    asked.addButton(_("&Keep going"), QMessageBox.ButtonRole.RejectRole)
    ending.clicked.connect(lambda: end())
    asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    asked.open()
