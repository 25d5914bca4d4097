"""The page that puts our firmware onto a board, or says how its owner does."""

import threading
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from biofeedback.devices.flash import Flashed, Progress, flash
from biofeedback.devices.usb import find_kind, steps_for
from biofeedback.display.preparing.board_words import place_words
from biofeedback.display.widgets.controls import Label, Side, button, card, scrolling
from biofeedback.errors import BiofeedbackError
from biofeedback.sources.ports import Port
from biofeedback.text import _

_POLL_MS = 100


class Flash(Protocol):
    """What `devices.flash.flash` does."""

    def __call__(
        self, port: str, *, tell: Callable[[Progress], None], cancelled: threading.Event
    ) -> Flashed:
        """Put the firmware onto the board on `port`; raise `BiofeedbackError`."""


class _Job:
    """A flashing on a thread of its own, which the page polls."""

    def __init__(self, do: Flash, port: str) -> None:
        self.progress = Progress("", 0.0)
        self.writing = False
        """Whether it can no longer be called off."""
        self.cancelled = threading.Event()
        self.done: Flashed | None = None
        self.error: BiofeedbackError | None = None
        self._do, self._port = do, port
        self._thread = threading.Thread(target=self._run, name="flashing")
        self._thread.start()

    @property
    def busy(self) -> bool:
        return self._thread.is_alive()

    def _tell(self, progress: Progress) -> None:
        self.writing = self.writing or progress.writing
        self.progress = progress

    def _run(self) -> None:
        try:
            self.done = self._do(self._port, tell=self._tell, cancelled=self.cancelled)
        except BiofeedbackError as error:
            self.error = error
        except Exception as fault:  # a bug of ours: the page must not wait for ever
            self.error = BiofeedbackError(
                _("It broke off by a fault of the program ({fault}): try again.").format(
                    fault=fault
                )
            )
            raise


class FlashPage(QWidget):
    """Flashes the board on the port that `set_port` names; emits `finished` with that port."""

    finished = Signal(object)
    message = Signal(str)

    def __init__(self, *, do: Flash = flash, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._do = do
        self._job: _Job | None = None
        self._port = Port("", "")
        self._lay_out()
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self.poll)

    def _lay_out(self) -> None:
        self._what, self._state = Label(), Label()
        self._steps = Label("", "steps")
        self._steps.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard
            | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self._steps.setAccessibleName(_("Steps"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 100)
        self.bar.setAccessibleName(_("Progress"))
        self.start_button = button(
            "", _("Put the firmware on the board (Enter)"), self.start, main=True
        )
        self.cancel_button = button(
            _("&Cancel"), _("Call it off, while nothing was written"), self.cancel
        )
        self.on_button = button(
            _("&Go on"), _("Go back, with this board chosen (Enter)"), self._go_on, main=True
        )
        self._copy = button(_("Copy the &steps"), _("Copy them as text"), self._copy_steps)
        made = card(self._what, self._steps, self._state, self.bar)[0]
        inside = QWidget()
        page = QVBoxLayout(inside)
        page.setContentsMargins(24, 8, 24, 24)
        page.setSpacing(16)
        page.addWidget(Label(_("Firmware for the board"), "heading"))
        page.addWidget(made)
        page.addStretch(1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.setSpacing(0)
        outside.addWidget(scrolling(inside), 1)
        below = QVBoxLayout()
        below.setContentsMargins(24, 8, 24, 16)
        buttons = (self._copy, self.cancel_button, self.start_button, self.on_button)
        below.addWidget(Side(*buttons, spacing=10))  # no key does what is not seen
        outside.addLayout(below)

    # what is shown

    def set_port(self, port: Port) -> None:
        """Show what will happen to the board on `port`."""
        self._port, self._job = port, None
        kind = find_kind(port)
        place = place_words(port)
        if kind is not None and not kind.flash:
            self._what.setText(
                _("{place}: the Arduino IDE puts the firmware on it.").format(place=place)
            )
            steps = enumerate(steps_for(kind, port.name), 1)
            self._steps.setText("\n".join(f"{n}. {step}" for n, step in steps))
            self._steps.setAccessibleDescription(self._steps.text())
        else:
            self._steps.setText("")
            self._what.setText(
                _(
                    "This program's firmware goes onto {place}, in place of the sketch that is "
                    "on it now. It takes about five seconds; leave the cable in."
                ).format(place=place)
            )
        self._name_start(_("&Start"))
        self._show("")

    def _name_start(self, text: str) -> None:
        self.start_button.setText(text)
        self.start_button.setAccessibleName(text.replace("&", ""))

    def _show(self, state: str) -> None:
        """Show how it stands, and what can be done now."""
        job, steps = self._job, bool(self._steps.text())
        busy = self.busy
        done = job is not None and job.done is not None
        self._state.setText(state)
        for part, wanted in (
            (self._what, not done),
            (self._state, bool(state)),
            (self._steps, steps),
            (self._copy, steps),
            (self.bar, busy),
            (self.start_button, not (steps or busy or done)),
            (self.cancel_button, busy),
            (self.on_button, steps or done),
        ):
            part.setVisible(wanted)

    def focus_first(self) -> None:
        """Put the focus on what comes next."""
        buttons = (self.start_button, self.cancel_button, self.on_button)
        next(one for one in buttons if one.isVisibleTo(self)).setFocus()

    # what is done

    @property
    def busy(self) -> bool:
        """Whether a board is being dealt with."""
        return self._job is not None and self._job.busy

    def start(self) -> None:
        """Begin."""
        if self.busy:
            return
        self._job = _Job(self._do, self._port.name)
        self.cancel_button.setEnabled(True)
        self._show(_("Beginning …"))
        self.bar.setValue(0)
        self.focus_first()
        self._timer.start()

    def cancel(self) -> None:
        """Call it off while nothing was written; else say that it is carried through."""
        job = self._job
        if job is None or not job.busy:
            return
        job.cancelled.set()
        if job.writing:
            self.message.emit(
                _("The firmware is being written: half of it would be of no use. A moment, please.")
            )

    def poll(self) -> None:
        """Show how far it is."""
        job = self._job
        if job is None:
            return
        if job.busy:
            step = job.progress.step
            self._state.setText(step[:1].upper() + step[1:] + " …" if step else _("Beginning …"))
            self.bar.setValue(round(100 * job.progress.share))
            self.bar.setAccessibleDescription(step)
            if job.writing:
                self.cancel_button.setEnabled(False)
            return
        self._timer.stop()
        self._name_start(_("&Try again"))
        self._show(_result(job.done) if job.done else str(job.error))
        self.focus_first()

    def _go_on(self) -> None:
        self.finished.emit(self._port)

    def _copy_steps(self) -> None:
        QGuiApplication.clipboard().setText(self._steps.text())
        self.message.emit(_("The steps are copied."))


def _result(done: Flashed) -> str:
    if done.info is None:
        return _("The firmware is on the board.")
    said = (
        _("The board runs {name} {version}. Go on, and connect.")
        if done.written
        else _("The board had this very firmware already: {name} {version}. Go on, and connect.")
    )
    return said.format(name=done.info.name, version=done.info.version)
