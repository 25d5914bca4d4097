"""My trends: what changed over the sittings, and how long an injection held."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biofeedback.analysis.trends import Trend
from biofeedback.display.days.picture import DaysPicture
from biofeedback.display.days.trends_model import (
    Kept,
    cycles_told,
    read_kept,
    trend_told,
    where_word,
)
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
    scrolling,
)
from biofeedback.display.widgets.palette import Palette
from biofeedback.errors import BiofeedbackError
from biofeedback.text import _

_LEAST_CHARACTERS = 24  # of a chooser, where they stand side by side


class TrendsPage(QWidget):
    """Shows what `whose` journal knows, as of the latest `fill`.

    Emits `compare_wanted` with the sittings that may be held against each other.
    """

    compare_wanted = Signal(object)
    message = Signal(str)

    def __init__(self, whose: Whose, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whose = whose
        self._kept = Kept()
        self.measure, self.where, self.view = Chooser(), Chooser(), Chooser()
        with QSignalBlocker(self.view):
            self.view.addItem(_("Day by day"), trend_told)
            self.view.addItem(_("On days since the injection"), cycles_told)
        self._person = Label("", "quiet")
        self.picture = DaysPicture(palette)
        self.what, self.legend = Label("", "quiet"), Label("", "quiet")
        self.words, self._left_out = Label("", "summary"), Label("", "quiet")
        self.compare_button = button(
            _("&Two sittings side by side …"),
            _("Hold one sitting against another"),
            lambda: self.compare_wanted.emit(self._kept.sittings),
        )
        self._lay_out()
        self.measure.currentIndexChanged.connect(self._fill_where)
        self.where.currentIndexChanged.connect(self._show)
        self.view.currentIndexChanged.connect(self._show)

    def _lay_out(self) -> None:
        self._choice, rows = card()
        fields = []
        for field, text in (
            (self.measure, _("&Measure")),
            (self.where, _("M&uscle")),
            (self.view, _("Sho&wn")),
        ):
            part = QWidget()
            its_rows = QVBoxLayout(part)
            its_rows.setContentsMargins(0, 0, 0, 0)
            named(its_rows, field, text)
            fields.append(part)
        least = _LEAST_CHARACTERS
        rows.addWidget(Side(*fields, wanted=lambda: least * self.fontMetrics().averageCharWidth()))
        inside = QWidget()
        page = QVBoxLayout(inside)
        page.setContentsMargins(24, 8, 24, 8)
        page.setSpacing(12)
        page.addWidget(Label(_("My trends"), "heading"))
        page.addWidget(self._person)
        page.addWidget(self._choice)
        told, told_rows = card(self.what, self.picture, self.legend, self.words, self._left_out)
        told_rows.setStretchFactor(self.picture, 1)
        page.addWidget(told, 1)
        below = QVBoxLayout()
        below.setContentsMargins(24, 8, 24, 16)
        below.addWidget(self.compare_button)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.setSpacing(0)
        self._scroll = scrolling(inside)
        outside.addWidget(self._scroll, 1)
        outside.addLayout(below)

    # what is shown

    def fill(self) -> None:
        """Read the journal again, and keep what was chosen where it is still there."""
        self._kept = Kept()
        if self._whose.person:
            try:
                self._kept = read_kept(self._whose.journal(), self._whose.person)
            except BiofeedbackError as error:
                self.message.emit(str(error))
        self._person.setText(
            _("Whose: {person}").format(person=self._whose.person)
            if self._whose.person
            else _("Trends are of one person: say on the start page who sits here.")
        )
        titles = dict.fromkeys(trend.line.what.title for trend in self._kept.trends)
        wanted = self.measure.currentText()
        with QSignalBlocker(self.measure):
            self.measure.clear()
            self.measure.addItems(list(titles))
            self.measure.setCurrentIndex(max(0, self.measure.findText(wanted)))
        self.compare_button.setEnabled(len(self._kept.sittings) > 1)
        self._left_out.setText(self._kept.left_out)
        self._left_out.setVisible(bool(self._kept.left_out))
        self._fill_where()

    def _fill_where(self) -> None:
        wanted = self.where.currentText()
        with QSignalBlocker(self.where):
            self.where.clear()
            for trend in self._kept.trends:
                if trend.line.what.title == self.measure.currentText():
                    self.where.addItem(where_word(trend.line.what), trend)
            self.where.setCurrentIndex(max(0, self.where.findText(wanted)))
        self._show()

    def _show(self) -> None:
        trend = self.where.currentData()
        known = isinstance(trend, Trend)
        for part in (self.what, self.legend, self.picture):
            part.setVisible(known)
        self._choice.setVisible(known)
        for field in (self.measure, self.where, self.view):
            field.setEnabled(known)
        if not isinstance(trend, Trend):
            self.words.setText(
                _("There is nothing yet: it begins with the first sitting that is kept.")
            )
            return
        told = self.view.currentData()(trend, self._kept.treatments)
        self.what.setText(told.what)
        self.legend.setText(told.legend)
        self.words.setText(told.words)
        self.picture.setVisible(told.days is not None)
        self.legend.setVisible(bool(told.legend))
        if told.days is not None:
            self.picture.show_days(told.days)
        self.picture.setAccessibleName(told.what)
        self.picture.setAccessibleDescription(told.words)
        announce(self.words, told.words)

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        self.picture.set_palette(palette)

    # Qt's

    def focus_first(self) -> None:
        """Begin with what is measured."""
        (self.measure if self.measure.isEnabled() else self.compare_button).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return
        if not scroll_by(self._scroll, event):
            super().keyPressEvent(event)
