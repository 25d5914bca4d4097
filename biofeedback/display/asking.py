"""What the window asks before it ends a session."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from biofeedback.text import _


def ask_to_end(parent: QWidget, *, training: bool, end: Callable[[], object]) -> None:
    """Ask, and call `end` where that is the answer; the session goes on meanwhile."""
    asked = QMessageBox(parent)
    asked.setObjectName("ask")
    asked.setText(_("End this training?") if training else _("End this session?"))
    information = _("The signal goes on while you decide.")
    if training:
        information += " " + _("What was measured so far is shown and kept.")
    asked.setInformativeText(information)
    ending = asked.addButton(_("&End it"), QMessageBox.ButtonRole.AcceptRole)
    asked.addButton(_("&Keep going"), QMessageBox.ButtonRole.RejectRole)
    ending.clicked.connect(lambda: end())
    asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    asked.open()
