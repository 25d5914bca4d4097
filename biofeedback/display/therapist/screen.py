"""The therapist's screen: every channel's traces, spectrum and numbers."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from biofeedback.display.sitting.view_model import ViewModel
from biofeedback.display.therapist.lead import Lead
from biofeedback.display.therapist.lead_bar import LeadBar
from biofeedback.display.therapist.sitting_card import SittingCard
from biofeedback.display.traces.numbers_table import NumbersTable
from biofeedback.display.traces.spectrum import SpectrumView
from biofeedback.display.traces.sweep import SweepView
from biofeedback.display.widgets.controls import Label
from biofeedback.display.widgets.palette import Palette
from biofeedback.muscles import shown_label
from biofeedback.text import _
from biofeedback.words import unit_word

_NUMBERS_TICKS = 15  # numbers that change faster than twice a second cannot be read
_TABLE_SHARE = 0.48  # of the width: a table that needs more goes below
_TABLE_HEIGHT = 0.34  # of the height, where it is below; the rest scrolls
_SWEEP_SHARE = 0.68
_KEYS_LINES = 28  # where the screen is lower, the keys are in its description only
_MARGIN, _SPACING = 12, 10

# Row, column and spans of the cards: traces, spectrum, table, session.
_BESIDE = ((0, 0, 3, 1), (0, 1, 1, 1), (1, 1, 1, 1), (2, 1, 1, 1))
_BELOW = ((0, 0, 1, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1))
_ACROSS = ((0, 0, 2, 1), (0, 1, 1, 1), (2, 0, 1, 2), (1, 1, 1, 1))


class TherapistScreen(QWidget):
    """Shows all that `view_model` has; `tick` polls it, 30 times a second while it is visible.

    With a `lead` it has the plan, the notes and the buttons of who leads the sitting too.
    """

    ticks_per_second = 30
    message = Signal(str)
    """A sentence to show, such as why a threshold was refused."""
    asked = Signal(str, str, object)
    """A question, what is there so far, and what takes the answer and says what came of it."""
    client_wanted = Signal()
    markers_wanted = Signal()

    def __init__(
        self,
        view_model: ViewModel,
        palette: Palette,
        parent: QWidget | None = None,
        *,
        lead: Lead | None = None,
    ) -> None:
        super().__init__(parent)
        self._lead = lead
        self._client_open = False
        self.bar: LeadBar | None = None
        self.card: SittingCard | None = None
        self._view_model, self._palette = view_model, palette
        self._ticks = 0
        self._power: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        self._arrangement: tuple[tuple[int, int, int, int], ...] = ()
        self._page = QWidget()
        self._page.setObjectName("page")
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self._page)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        if lead is not None:
            rows.addWidget(self._make_bar(lead))
        rows.addWidget(scroll)
        self._grid = QGridLayout(self._page)
        self._grid.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self._grid.setSpacing(_SPACING)
        self._waiting = Label()
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._grid.addWidget(self._waiting, 0, 0)
        self.sweep: SweepView | None = None
        self.tick()

    def _make_bar(self, lead: Lead) -> LeadBar:
        self.bar = LeadBar(
            lead,
            say=self.message.emit,
            client=self.client_wanted.emit,
            value=self._ask_threshold,
            markers=self.markers_wanted.emit,
            trains=lead.sitting.training is not None,
        )
        return self.bar

    def _ask_threshold(self) -> None:
        if self._lead is not None and self._view_model.ready:
            self.asked.emit(*self._lead.threshold_question(), self._lead.set_threshold)

    def show_client(self, *, is_open: bool) -> None:
        """Take note of whether the client's window is open."""
        self._client_open = is_open

    def focus_first(self) -> None:
        """Put the focus on the traces, which take the keys."""
        self.setFocus()

    def tick(self) -> None:
        """Show what is new; numbers and spectrum twice a second."""
        if not self._view_model.ready:
            self._waiting.setText(self._view_model.status())
            return
        if self.sweep is None:
            self._build()
        assert self.sweep is not None  # noqa: S101
        self.sweep.tick()
        if self._ticks % _NUMBERS_TICKS == 0:
            self._power = self._view_model.spectrum()
            self._show_numbers()
        self._ticks += 1

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        self._palette = palette
        if self.sweep is not None:
            for part in (self.sweep, self._spectrum, self._table):
                part.set_palette(palette)
            self._show_numbers()

    # parts

    def _build(self) -> None:
        """Make the parts that need to know the channels."""
        model, palette = self._view_model, self._palette
        self._grid.removeWidget(self._waiting)
        self._waiting.hide()
        noted = self._lead.sitting.noted.notes if self._lead else tuple
        self.sweep = SweepView(model, palette, notes=noted)
        self._spectrum = SpectrumView(palette, mains_hz=model.session.signal.mains_hz)
        self._table = NumbersTable(model, palette)
        keys = _("↑ ↓ channel · ← → threshold · T: threshold from now · + − 0 scale")
        if self._lead is not None:
            keys = _("{keys} · P: spectrum").format(keys=keys)
        self._keys = Label(keys, "quiet")
        self._spectrum_title = Label("", "title")
        self._elapsed, self._band = Label("", "heading", wrap=False), Label("", "quiet")
        self._notes, self._status = Label("", "quiet"), Label()
        self._heart = Label("", "quiet")
        self._elapsed.setAccessibleName(_("Time since the start"))
        self._cards = (
            _card(
                Label(_("Signal, tension (line), threshold (dashed); 10 s"), "title"),
                self.sweep,
                self._keys,
                tall=1,
            ),
            self._right_card(_card(self._spectrum_title, self._spectrum, tall=1)),
            _card(self._table),
            _card(self._elapsed, self._status, self._heart, self._band, self._notes, tall=5),
        )
        self.sweep.message.connect(self.message)
        self.sweep.chosen.connect(self._show_numbers)
        self._table.chosen.connect(self._choose)
        had_focus = self.hasFocus()
        self.setFocusProxy(self.sweep)
        if had_focus:
            self.sweep.setFocus()
        self._arrange()
        QWidget.setTabOrder(self.sweep, self._table)

    def _right_card(self, spectrum: QFrame) -> QWidget:
        """Return the spectrum; where somebody leads, the plan and the notes in its place, or it."""
        if self._lead is None:
            return spectrum
        self.card = SittingCard(self._lead, self._palette)
        self.card.message.connect(self.message)
        self.card.asked.connect(self.asked)
        self._right = QStackedWidget()
        self._right.addWidget(self.card)
        self._right.addWidget(spectrum)
        QShortcut(QKeySequence("P"), self).activated.connect(self._turn)
        return self._right

    def _turn(self) -> None:
        """Show the spectrum in place of plan and notes, or those again."""
        self._right.setCurrentIndex(1 - self._right.currentIndex())

    def _arrange(self) -> None:
        """Place the cards as width and text size allow, and give the table its rows."""
        width, line = self.width(), self.fontMetrics().height()
        needed = self._table.whole_width() + 2 * _MARGIN
        arrangement = (
            _BESIDE
            if needed <= _TABLE_SHARE * width
            else _BELOW
            if needed <= _SWEEP_SHARE * width - 2 * _MARGIN
            else _ACROSS
        )
        self._keys.setVisible(self.height() >= _KEYS_LINES * line)
        rows = len(self._view_model.channels)
        if arrangement is not _BESIDE:
            rows = max(2, min(rows, self._table.rows_in(_TABLE_HEIGHT * self.height())))
        self._table.setFixedHeight(self._table.height_of(rows))
        if arrangement is self._arrangement:
            return
        self._arrangement = arrangement
        for card, place in zip(self._cards, arrangement, strict=True):
            self._grid.removeWidget(card)
            self._grid.addWidget(card, *place)
        beside = arrangement is _BESIDE
        self._grid.setColumnStretch(0, 1 if beside else round(100 * _SWEEP_SHARE))
        self._grid.setColumnStretch(1, 0 if beside else round(100 * (1 - _SWEEP_SHARE)))
        self._grid.setColumnMinimumWidth(1, needed if beside else 0)
        self._grid.setRowStretch(0, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.sweep is not None:
            self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and getattr(self, "sweep", None) is not None:
            self._arrange()

    # numbers

    def _choose(self, channel: int) -> None:
        self._view_model.select(channel)
        self._show_numbers()

    def _show_numbers(self) -> None:
        model = self._view_model
        i = model.channel
        self._table.show_rows(model.rows(self._power), i)
        channel = model.channels[i]
        self._spectrum_title.setText(
            _("Spectrum of {label}, dB re 1 {unit}²/Hz").format(
                label=shown_label(channel.label), unit=unit_word(channel)
            )
        )
        if self._power is None:
            self._spectrum.show_power(np.zeros(0), None)
        else:
            f, power = self._power
            self._spectrum.show_power(f, power[:, i])
        self._elapsed.setText(model.elapsed())
        self._band.setText(_("Band {band}").format(band=model.band()))
        self._notes.setText(" · ".join(model.notes()))
        self._heart.setText(model.heart_words())
        self._heart.setVisible(bool(self._heart.text()))
        status = model.status()
        self._status.setText(status)
        self._status.setVisible(bool(status))
        if self.card is not None and self.bar is not None:
            self.card.show_now()
            self.bar.show_now(client=self._client_open)


def _card(*parts: QWidget, tall: int | None = None) -> QFrame:
    """Return a card of `parts`, tighter than others; part number `tall` takes what is left."""
    card = QFrame()
    card.setObjectName("card")
    rows = QVBoxLayout(card)
    rows.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
    rows.setSpacing(6)
    for part in parts:
        rows.addWidget(part)
    if tall is not None and tall < len(parts):
        rows.setStretch(tall, 1)
    elif tall is not None:
        rows.addStretch(1)
    return card
