"""The therapist's table: the numbers of every channel."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter, QPixmap, QPolygonF
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from biofeedback.display.sitting.view_model import Row, ViewModel
from biofeedback.display.traces.overlay import warning_sign
from biofeedback.display.widgets.controls import literal
from biofeedback.display.widgets.palette import Palette
from biofeedback.display.widgets.style import dense
from biofeedback.muscles import shown_label
from biofeedback.stream import Quality
from biofeedback.text import _
from biofeedback.words import quality_word, unit_word

_PADDING = 10
_SIGNAL = 6  # the column of the quality


class NumbersTable(QTableWidget):
    """One row a channel; the row that is current is the patient's channel."""

    chosen = Signal(int)

    def __init__(
        self, view_model: ViewModel, palette: Palette, parent: QWidget | None = None
    ) -> None:
        super().__init__(len(view_model.channels), 7, parent)
        self._channels = view_model.channels
        self._following = False
        self._widths = [0] * 7
        self._icons: dict[str, QIcon] = {}
        units = sorted({unit_word(channel) for channel in self._channels})
        self._one_unit = units[0] if len(units) == 1 else ""
        unit = self._one_unit
        self._heads = (
            _("Muscle"),
            _("Tension") + f"\n{unit}",
            _("Fast") + f"\n{unit}",
            _("Median") + "\n" + _("Hz"),
            _("Threshold") + f"\n{unit}",
            _("Relaxed") + "\n%",
            _("Signal"),
        )
        self._items = [[QTableWidgetItem() for _head in self._heads] for _c in self._channels]
        self._chosen = -1
        self.setAccessibleName(_("Numbers of every channel"))
        self.setAccessibleDescription(
            _("Up and down choose the channel that the patient sees; left and right read a row.")
        )
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionsClickable(False)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)  # Tab leaves the table
        self.setWordWrap(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._fill()
        self.fit()
        self.set_palette(palette)
        self.currentCellChanged.connect(self._moved)

    def _fill(self) -> None:
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, head in enumerate(self._heads):
            side = left if column in (0, _SIGNAL) else right
            header = QTableWidgetItem(head)
            header.setTextAlignment(side)
            self.setHorizontalHeaderItem(column, header)
            for row, items in enumerate(self._items):
                items[column].setTextAlignment(side)
                self.setItem(row, column, items[column])
        for items, channel in zip(self._items, self._channels, strict=True):
            label = shown_label(channel.label)
            if not self._one_unit:
                label = f"{label}, {unit_word(channel)}"
            items[0].setText(label)
            items[0].setToolTip(literal(label))

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        # headers of the Fusion style are raised buttons, which a flat card does not want
        self.setStyleSheet(
            f"QTableView {{ background: {palette.card}; color: {palette.text}; "
            f"border: 2px solid {palette.card}; outline: none; "
            f"selection-background-color: {palette.target_band}; "
            f"selection-color: {palette.text}; }}"
            f"QTableView:focus {{ border-color: {palette.focus}; }}"
            f"QHeaderView, QHeaderView::section {{ background: {palette.card}; "
            f"color: {palette.quiet}; border: none; padding: 2px 4px; }}"
        )
        self._icons = {name: self._icon(name, palette) for name in ("", "chosen", "warning")}
        self._chosen = -1
        for items in self._items:
            items[_SIGNAL].setToolTip("")  # so that its sign is set again

    def _icon(self, name: str, palette: Palette) -> QIcon:
        ratio = self.devicePixelRatio()
        size = self.iconSize().width()
        picture = QPixmap(round(size * ratio), round(size * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if name == "chosen":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.text))
            corners = [(0.2, 0.0), (0.9, 0.5), (0.2, 1.0)]
            painter.drawPolygon(QPolygonF([QPointF(x * size, y * size) for x, y in corners]))
        elif name == "warning":
            warning_sign(painter, QRectF(0, 0, size, size), palette)
        painter.end()
        icon = QIcon(picture)
        icon.addPixmap(picture, QIcon.Mode.Selected)  # else Qt tints it
        return icon

    # sizes

    def fit(self) -> None:
        """Set the columns to the widest that they may hold, so that they never move."""
        font = dense(self.font())
        metrics = QFontMetrics(font)
        size = round(0.8 * metrics.ascent())
        self.setIconSize(QSize(size, size))
        for items in self._items:
            for item in items:
                item.setFont(font)
        number = metrics.horizontalAdvance("8888.8")
        signals = [metrics.horizontalAdvance(quality_word(flag)) for flag in (0, *Quality)]
        icon = self.iconSize().width() + 6
        for column in range(self.columnCount()):
            self.horizontalHeaderItem(column).setFont(font)  # type: ignore[union-attr]
            lines = self._heads[column].split("\n")
            wide = max(metrics.horizontalAdvance(text) for text in lines)
            if column == 0:
                labels = (items[0].text() for items in self._items)
                wide = max([wide, *(metrics.horizontalAdvance(text) + icon for text in labels)])
            elif column == _SIGNAL:
                wide = max(wide, max(signals) + icon)
            else:
                wide = max(wide, number)
            self._widths[column] = wide + _PADDING
            self.setColumnWidth(column, wide + _PADDING)
        for row in range(self.rowCount()):
            self.setRowHeight(row, metrics.height() + 6)
        self.horizontalHeader().setFixedHeight(2 * metrics.height() + 8)
        self.updateGeometry()

    def whole_width(self) -> int:
        """Return the width that shows every column."""
        return sum(self._widths) + 4

    def height_of(self, rows: int) -> int:
        """Return the height that shows so many rows, or all."""
        rows = min(rows, self.rowCount())
        return rows * self.rowHeight(0) + self.horizontalHeader().height() + 4

    def rows_in(self, height: float) -> int:
        """Return how many rows a height shows."""
        return int((height - self.height_of(0)) / max(1, self.rowHeight(0)))

    def sizeHint(self) -> QSize:
        """The least; the screen gives it a height of its own."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Two rows; the rest scrolls."""
        return QSize(20 * self.rowHeight(0), self.height_of(2))

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs other columns."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit()

    # twice a second

    def show_rows(self, rows: list[Row], chosen: int) -> None:
        """Write what has changed."""
        self._following = True
        for number, row in enumerate(rows):
            texts = (row.tension, row.fast, row.median_hz, row.threshold, row.relaxed, row.signal)
            for column, text in enumerate(texts, start=1):
                item = self._items[number][column]
                if item.text() != text:
                    item.setText(text)
            signal = self._items[number][_SIGNAL]
            if signal.toolTip() != row.quality:
                signal.setToolTip(row.quality)
                signal.setData(Qt.ItemDataRole.AccessibleDescriptionRole, row.quality)
                bad = row.signal != quality_word(Quality.OK)
                signal.setIcon(self._icons["warning" if bad else ""])
        if self._chosen != chosen or self.currentRow() != chosen:
            self._chosen = chosen
            for number, items in enumerate(self._items):
                items[0].setIcon(self._icons["chosen" if number == chosen else ""])
            self.setCurrentCell(chosen, max(0, self.currentColumn()))
        self._following = False

    def _moved(self, row: int, _column: int, before: int, _before_column: int) -> None:
        if row != before and row >= 0 and not self._following:
            self.chosen.emit(row)
