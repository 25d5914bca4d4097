"""The page that shows how the sensor is wired, where electrodes go, and what a board resolves."""

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from biofeedback.display.preparing.board_words import resolution_table, sees_words
from biofeedback.display.preparing.safety import safety_card
from biofeedback.display.preparing.wiring_pictures import (
    ELECTRODES_UNITS,
    WIRING_UNITS,
    draw_electrodes,
    draw_wiring,
    electrodes_words,
    wiring_words,
)
from biofeedback.display.widgets.controls import Label, Side, card, scrolling
from biofeedback.display.widgets.palette import Palette
from biofeedback.display.widgets.picture import Picture
from biofeedback.text import _

_CARD_LINES = 30


class WiringPage(QWidget):
    """Two drawings, a table and the safety words; nothing on it can be changed."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wiring = Picture(
            draw_wiring, WIRING_UNITS, palette, title=_("Wiring"), words=wiring_words()
        )
        self.electrodes = Picture(
            draw_electrodes,
            ELECTRODES_UNITS,
            palette,
            title=_("Electrodes"),
            words=electrodes_words(),
        )
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 8, 24, 24)
        rows.setSpacing(16)
        rows.addWidget(Label(_("Wiring and electrodes"), "heading"))
        rows.addWidget(
            Side(
                self._wiring_card(),
                self._electrodes_card(),
                wanted=lambda: _CARD_LINES * self.fontMetrics().height(),
            )
        )
        rows.addWidget(_table_card())
        rows.addWidget(safety_card())
        rows.addStretch(1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        self._scroll = scrolling(inside)
        outside.addWidget(self._scroll)

    def _wiring_card(self) -> QWidget:
        made, rows = card(
            self.wiring,
            Label(
                _(
                    "REF is the voltage that RAW swings around; the program finds it by itself. "
                    "Further sensors: their RAW to A1, A2 and so on."
                )
            ),
            Label(
                _(
                    "On a board of 3.3 V (ESP32, Pico, Teensy) VIN goes to 3V3, never to 5V: RAW "
                    "would be more than its inputs bear."
                )
            ),
            title=_("Sensor to board"),
        )
        rows.addStretch(1)
        return made

    def _electrodes_card(self) -> QWidget:
        made, rows = card(
            self.electrodes,
            Label(
                _(
                    "Clean the skin and let it dry. 20 mm is the distance that SENIAM advises; on "
                    "a sensor with snaps it is that of the snaps."
                )
            ),
            Label(
                _(
                    "The reference electrode is the sensor's third snap, or on a cable of its own. "
                    "Fix cables with tape. Electrodes: one person, two hours, another spot next "
                    "time."
                )
            ),
            title=_("Electrodes on the muscle"),
        )
        rows.addStretch(1)
        return made

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        for picture in (self.wiring, self.electrodes):
            picture.set_palette(palette)

    def focus_first(self) -> None:
        """Begin at the top."""
        self._scroll.verticalScrollBar().setValue(0)
        self.wiring.setFocus()


def _table_card() -> QWidget:
    """Return a card that says what a MyoWare 2.0 resolves on each board."""
    made, rows = card(title=_("What a MyoWare 2.0 at RAW resolves"))
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(6)
    for i, (board, floor_uv) in enumerate(resolution_table()):
        figure = _("{floor:.2g} µV").format(floor=floor_uv)
        sees = sees_words(floor_uv)
        grid.addWidget(Label(board), i, 0)
        grid.addWidget(Label(figure, wrap=False), i, 1)
        grid.addWidget(Label(sees), i, 2)
    grid.setColumnStretch(0, 2)
    grid.setColumnStretch(2, 3)
    rows.addLayout(grid)
    return made
