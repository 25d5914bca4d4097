"""Two switches: notches at the mains, and the heartbeat taken out; each with its price."""

from dataclasses import replace

from PySide6.QtCore import QPoint, QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from biofeedback.display.widgets.controls import Label
from biofeedback.settings import SignalSettings
from biofeedback.text import _

_GAP = 0.5  # of a line: between box and words


class Switch(QCheckBox):
    """A box with a tick and its words; drawn here: a style sheet can only draw it by colour."""

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        line = metrics.height()
        words = metrics.size(Qt.TextFlag.TextShowMnemonic, self.text()).width()
        return QSize(round((1.75 + _GAP) * line + words), round(1.7 * line))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, line = self.palette(), float(self.fontMetrics().height())
        box = QRectF(0.25 * line, (self.height() - line) / 2, line, line)
        on = self.isChecked()
        painter.setPen(QPen(palette.placeholderText().color(), 2))
        painter.setBrush(palette.highlight() if on else palette.base())
        painter.drawRoundedRect(box, 0.2 * line, 0.2 * line)
        if on:
            painter.setPen(QPen(palette.highlightedText().color(), 0.14 * line))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            at = [(0.22, 0.52), (0.42, 0.74), (0.78, 0.28)]
            points = [box.topLeft() + QPointF(x, y) * line for x, y in at]
            painter.drawPolyline(QPolygonF(points))
        words = QRectF(self.rect()).adjusted(box.right() + _GAP * line, 0, 0, 0)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(palette.text().color()))
        painter.drawText(words, int(left) | int(Qt.TextFlag.TextShowMnemonic), self.text())
        if self.hasFocus():
            painter.setPen(QPen(palette.text().color(), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)


class SignalSwitches(QWidget):
    """Emits `changed` with the `SignalSettings` that a switch made."""

    changed = Signal(object)

    def __init__(self, signal: SignalSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._signal = signal
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(4)
        self.mains, self._mains_price = self._add(
            rows,
            _(
                "First look for the lamp or charger that it comes from: the filter takes 8 % of "
                "the muscle's own signal too, and SENIAM and ISEK advise against it."
            ),
        )
        self.heartbeat, self._heartbeat_price = self._add(
            rows, _("The tension comes a quarter of a second later.")
        )
        self.heartbeat.setText(_("Take the heart&beat out"))
        self.set_signal(signal)
        for switch in (self.mains, self.heartbeat):
            switch.setAccessibleName(switch.text().replace("&", ""))
            switch.toggled.connect(self._change)

    def _add(self, rows: QVBoxLayout, price: str) -> tuple[Switch, Label]:
        switch, label = Switch(), Label(price, "quiet")
        for tell in (switch.setToolTip, switch.setWhatsThis, switch.setAccessibleDescription):
            tell(price)
        rows.addWidget(switch, 0, Qt.AlignmentFlag.AlignLeft)
        rows.addWidget(label)
        return switch, label

    def set_signal(self, signal: SignalSettings) -> None:
        """Show how it is set now."""
        self._signal = signal
        for switch, on in (
            (self.mains, signal.mains_filter == "on"),
            (self.heartbeat, signal.heartbeat == "remove"),
        ):
            with QSignalBlocker(switch):
                switch.setChecked(on)
        self._name_mains()

    def _name_mains(self) -> None:
        text = _("Filter out &mains hum ({hz:g} Hz)").format(hz=self._signal.mains_hz)
        self.mains.setText(text)
        self.mains.setAccessibleName(text.replace("&", ""))

    def offer(self, *, mains_hz: float, heartbeat: bool) -> None:
        """Show what helps against what was found, and what is on; mains of NaN: none were."""
        if mains_hz > 0 and mains_hz != self._signal.mains_hz:  # what is on filters others
            self.set_signal(replace(self._signal, mains_hz=mains_hz, mains_filter="off"))
        mains = mains_hz > 0 or self.mains.isChecked()
        heartbeat = heartbeat or self.heartbeat.isChecked()
        for part, wanted in (
            (self.mains, mains),
            (self._mains_price, mains),
            (self.heartbeat, heartbeat),
            (self._heartbeat_price, heartbeat),
        ):
            part.setVisible(wanted)

    @property
    def offers(self) -> bool:
        """Whether there is a switch to be seen."""
        return not (self.mains.isHidden() and self.heartbeat.isHidden())

    def _change(self) -> None:
        self._signal = replace(
            self._signal,
            mains_filter="on" if self.mains.isChecked() else "off",
            heartbeat="remove" if self.heartbeat.isChecked() else "keep",
        )
        self.changed.emit(self._signal)
