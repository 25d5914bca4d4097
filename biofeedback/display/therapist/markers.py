"""The words that a digit notes of the moment it is pressed."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from biofeedback.display.widgets.controls import Label, Side, button, scrolling
from biofeedback.settings import MarkerSettings
from biofeedback.text import _

MOST = 9
_LONGEST = 40


def marker_texts(settings: MarkerSettings) -> tuple[str, ...]:
    """Return the texts of the keys 1 to 9: those of the settings, else the usual ones."""
    return settings.texts or (
        _("movement"),
        _("speaks"),
        _("stress"),
        _("sensory trick on"),
        _("sensory trick off"),
        _("pain"),
        _("coughs or swallows"),
        _("posture changed"),
        _("look at this again"),
    )


class MarkersDialog(QDialog):
    """Lets the texts of the digits be changed; emits `changed` with `MarkerSettings`."""

    changed = Signal(object)

    def __init__(self, settings: MarkerSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setWindowTitle(_("Markers"))
        told = _(
            "Each digit notes its text of the moment it is pressed. An empty one does nothing."
        )
        inside = QWidget()
        grid = QGridLayout(inside)
        self.lines: list[QLineEdit] = []
        texts = (*marker_texts(settings), *[""] * MOST)[:MOST]
        for number, text in enumerate(texts, start=1):
            label, line = Label(str(number), wrap=False), QLineEdit(text)
            line.setMaxLength(_LONGEST)
            label.setBuddy(line)
            line.setAccessibleName(_("Marker {number}").format(number=number))
            line.setAccessibleDescription(_("What the key {number} notes").format(number=number))
            grid.addWidget(label, number, 0)
            grid.addWidget(line, number, 1)
            self.lines.append(line)
        usual = button(_("&Usual ones"), _("Take the usual texts back"), self._take_usual)
        cancel = button(_("Cancel"), _("Leave all as it was (Esc)"), self.reject)
        keep = button(_("&Keep"), _("Keep these texts (Enter)"), self.accept, main=True)
        for made in (usual, cancel, keep):
            made.setAutoDefault(made is keep)  # which Enter presses from the lines
        keep.setDefault(True)
        rows = QVBoxLayout(self)
        rows.addWidget(Label(told))
        lines = scrolling(inside)
        rows.addWidget(lines, 1)
        rows.addWidget(Side(usual, cancel, keep, spacing=8))
        high = inside.sizeHint().height() - lines.sizeHint().height() + rows.sizeHint().height()
        wide = 60 * self.fontMetrics().averageCharWidth()
        self.resize(QSize(wide, high).boundedTo(self.screen().availableSize()))
        self.accepted.connect(self._keep)

    def _take_usual(self) -> None:
        for line, text in zip(self.lines, marker_texts(MarkerSettings()), strict=True):
            line.setText(text)

    def _keep(self) -> None:
        texts = tuple(line.text().strip() for line in self.lines)
        usual = texts == marker_texts(MarkerSettings())  # which follow the language
        self.changed.emit(MarkerSettings(() if usual else texts))
