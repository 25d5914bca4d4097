"""The page of the contact test: what to do now with a countdown, then what was found and to do."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from biofeedback.contact import Contact
from biofeedback.display.preparing.contact_model import ContactTest, Step, levels_words
from biofeedback.display.traces.overlay import warning_sign
from biofeedback.display.traces.signal_switches import SignalSwitches
from biofeedback.display.widgets.controls import (
    Label,
    Side,
    announce,
    button,
    card,
    fit_text,
    rename,
    scroll_by,
    scrolling,
)
from biofeedback.display.widgets.palette import Palette
from biofeedback.muscles import shown_label
from biofeedback.settings import SignalSettings
from biofeedback.text import _, plural

_LEVEL_TICKS = 5  # numbers that change faster than a few times a second cannot be read
_ABOVE = 2  # what is above the results: the heading, and room
_WHAT_SHARE, _VERDICT_SHARE = 0.36, 0.2  # of the height, the most
_TOLD_AT = (5, 3)  # seconds left that a screen reader says


class Sign(QWidget):
    """A tick in a disc, or a triangle with an exclamation mark: as high as `lines` of text."""

    def __init__(self, palette: Palette, *, good: bool, lines: float) -> None:
        super().__init__()
        self._palette, self._good, self._lines = palette, good, lines
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        side = round(self._lines * self.fontMetrics().height())
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if not self._good:
            warning_sign(painter, rect, self._palette)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._palette.relaxed))
        painter.drawEllipse(rect.adjusted(1, 1, -1, -1))
        side = rect.width()
        painter.setPen(QPen(QColor(self._palette.card), 0.11 * side))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        tick = [(0.27, 0.52), (0.44, 0.69), (0.73, 0.34)]
        painter.drawPolyline(QPolygonF([QPointF(x, y) * side for x, y in tick]))


class Fitting(Label):
    """Large words, or smaller ones where they would be higher than `most` says, in pixels."""

    def __init__(self, text: str, most: Callable[[], float]) -> None:
        super().__init__(text, "large")
        self._most = most

    def fit(self) -> None:
        """Take the largest text that is not too high."""
        fit_text(self, self._most())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()


class ContactPage(QWidget):
    """Shows a `ContactTest`; `tick` is called `ticks_per_second` times a second while it is seen.

    Emits `left` when it is done with, `anew` where the session has to begin anew for the test, and
    `changed` with the `SignalSettings` that a switch made.
    """

    ticks_per_second = 20
    message = Signal(str)
    left = Signal()
    anew = Signal()
    changed = Signal(object)

    def __init__(
        self,
        test: ContactTest,
        palette: Palette,
        signal: SignalSettings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._test, self._palette, self._signal = test, palette, signal
        self._ticks, self._told = 0, ""
        self._shown: Step | None = None
        self._results: list[QWidget] = []
        self._lay_out()
        self.tick()

    # parts

    def _lay_out(self) -> None:
        self._tag = Label(_("SIMULATED"), "tag", wrap=False)
        heading = QHBoxLayout()
        heading.addWidget(Label(_("Check the sensor"), "heading"), 1)
        heading.addWidget(self._tag, 0, Qt.AlignmentFlag.AlignVCenter)
        self._guide = self._guide_card()
        self.switches = SignalSwitches(self._signal)
        self.switches.changed.connect(self._keep)
        self._offer = card(
            self.switches, Label(_("It takes effect when you check again or go on.")), title=""
        )[0]
        self._inside = QWidget()
        self._rows = QVBoxLayout(self._inside)
        self._rows.setContentsMargins(24, 8, 24, 8)
        self._rows.setSpacing(16)
        self._rows.addLayout(heading)
        self._rows.addStretch(1)
        for part in (self._guide, self._offer):
            self._rows.addWidget(part)
        self._rows.addStretch(1)
        self.other_button = button("", "", lambda: self._do(1))
        self.main_button = button("", "", lambda: self._do(0), main=True)
        below = QVBoxLayout()
        below.setContentsMargins(24, 8, 24, 16)
        below.addWidget(Side(self.other_button, self.main_button, spacing=10))
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.setSpacing(0)
        self._scroll = scrolling(self._inside)
        outside.addWidget(self._scroll, 1)
        outside.addLayout(below)

    def _guide_card(self) -> QWidget:
        self._what = Fitting("", lambda: _WHAT_SHARE * self.height())
        self._count = Label("", "count", wrap=False)
        self._count.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName(_("Progress"))
        self._level = Label("", "quiet")
        self._level.setAlignment(Qt.AlignmentFlag.AlignCenter)
        made, rows = card()
        line = QHBoxLayout()
        line.setSpacing(24)
        line.addWidget(self._count)
        line.addWidget(self._what, 1)
        rows.addLayout(line)
        rows.addWidget(self.bar)
        rows.addWidget(self._level)
        return made

    def _result_card(self, contact: Contact) -> QWidget:
        made, rows = card()
        line = QHBoxLayout()
        line.addWidget(Sign(self._palette, good=contact.ok, lines=1.2))
        word = _("sits well") if contact.ok else _("not yet")
        line.addWidget(
            Label(_("{label}: {word}").format(label=shown_label(contact.channel.label), word=word)),
            1,
        )
        rows.addLayout(line)
        for finding in contact.findings:
            rows.addWidget(Label(finding.advice))
        rows.addWidget(Label(levels_words(contact), "quiet"))
        return made

    def _verdict_row(self) -> QWidget:
        made = QWidget()
        line = QHBoxLayout(made)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(16)
        line.addWidget(Sign(self._palette, good=self._test.ok, lines=2.4))
        line.addWidget(Fitting(self._test.verdict(), lambda: _VERDICT_SHARE * self.height()), 1)
        return made

    # what is shown

    def tick(self) -> None:
        """Show how far it is."""
        test = self._test
        step = test.poll()
        if step is not self._shown:
            self._shown = step
            self._show_step()
        self._tag.setVisible(test.view.simulated)
        if step in (Step.REST, Step.CONTRACTION):
            self._show_countdown()
        elif step in (Step.WAITING, Step.LOST):
            self._say(test.trouble())
        self._ticks += 1

    def _say(self, text: str, count: str = "") -> None:
        """Show what to do, and tell it to a screen reader, once."""
        self._what.setText(text)
        self._what.fit()
        self._count.setText(count)
        self._tell(text)

    def _tell(self, told: str) -> None:
        if told != self._told:
            self._told = told
            self._guide.setAccessibleName(told)
            announce(self, told)

    def _show_countdown(self) -> None:
        test, left = self._test, self._test.seconds_left()
        text = test.instruction()
        if text != self._what.text():
            self._say(text)
        elif left in _TOLD_AT:
            self._tell(plural("{n} second more", "{n} seconds more", left).format(n=left))
        self._count.setText(str(left) if left else "")
        self.bar.setValue(round(1000 * test.share()))
        self.bar.setAccessibleDescription(
            plural("{n} second more", "{n} seconds more", left).format(n=left)
        )
        if self._ticks % _LEVEL_TICKS == 0:
            self._level.setText(test.level())

    def _show_step(self) -> None:
        """Show the parts and buttons of another step."""
        step = self._test.step
        running = step in (Step.REST, Step.CONTRACTION)
        self._count.setMinimumWidth(2 * self._count.fontMetrics().horizontalAdvance("8"))
        for part in self._results:
            self._rows.removeWidget(part)
            part.deleteLater()
        self._results = []
        self._guide.setVisible(step is not Step.DONE)
        self._rows.setStretch(_ABOVE - 1, int(step is not Step.DONE))  # in the middle
        for part in (self._count, self.bar, self._level):
            part.setVisible(running)
        self._offer.hide()
        if step is Step.READY:
            self._say(
                _("Ten seconds at rest, then ten gently tensed. Press Enter when you are ready.")
            )
        elif step is Step.DONE:
            self._show_results()
        for made, (text, description, _do) in zip(
            (self.main_button, self.other_button), self._choices(), strict=True
        ):
            rename(made, text, description)
        if self.isVisible():
            self.main_button.setFocus()
        self._scroll.verticalScrollBar().setValue(0)

    def _show_results(self) -> None:
        test = self._test
        self._results = [self._verdict_row(), *map(self._result_card, test.found)]
        for i, part in enumerate(self._results):
            self._rows.insertWidget(_ABOVE + i, part)
        self.switches.set_signal(self._signal)
        self.switches.offer(mains_hz=test.mains_hz(), heartbeat=test.heartbeat())
        self._offer.setVisible(self.switches.offers)
        said = [test.verdict()]
        for contact in test.found:
            said += [
                shown_label(contact.channel.label),
                *(finding.advice for finding in contact.findings),
            ]
            said.append(levels_words(contact))
        self._tell(" ".join(said))

    # what is done

    def _choices(self) -> tuple[tuple[str, str, Callable[[], None]], ...]:
        """Return of the main and the other button the text, the description and what it does."""
        go_on = (_("&Go on"), _("Go on to the training (Enter)"), self.left.emit)
        again = (_("Check &again"), _("Ten seconds at rest, ten tensed"), self.start)
        if self._test.step is Step.READY:
            skip = (_("S&kip"), _("Go on without the check"), self.left.emit)
            return (_("&Start"), _("Start the check (Enter)"), self.start), skip
        if self._test.step is Step.LOST:
            back = (_("&Leave"), _("Leave the check"), self.left.emit)
            return (_("&Try again"), _("Begin anew (Enter)"), self.start), back
        if self._test.step is Step.DONE:
            all_the_same = (
                _("&Go on all the same"),
                _("Go on, although something was found"),
                self.left.emit,
            )
            return (go_on, again) if self._test.ok else (again, all_the_same)
        skip = (_("S&kip"), _("Go on without the check"), self.left.emit)
        return (_("Start &over"), _("Begin the ten seconds anew (Enter)"), self.start), skip

    def _do(self, which: int) -> None:
        self._choices()[which][2]()

    def start(self) -> None:
        """Begin; where the session is over or is to listen otherwise, with a new one."""
        session = self._test.view.session
        if self._test.step is Step.LOST or session.signal != self._signal:
            self.anew.emit()
        else:
            self._test.start()
            self.tick()

    def _keep(self, signal: SignalSettings) -> None:
        self._signal = signal
        self.changed.emit(signal)

    def focus_first(self) -> None:
        """Put the focus where Enter does what comes next."""
        self.main_button.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for label in self.findChildren(Fitting):
            label.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._do(0)  # from a switch too
        elif not scroll_by(self._scroll, event):  # whatever has the focus: much may be found
            super().keyPressEvent(event)
