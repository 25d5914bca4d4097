"""Two quiet lines below the bar: which step this is, and that the mains were plugged in."""

from collections.abc import Callable

from PySide6.QtCore import QTimer

from biofeedback.display.preparing import mains as supply
from biofeedback.display.preparing.safety_model import Plugging
from biofeedback.display.sitting.sitting import Sitting
from biofeedback.display.trials.run import TrialRun
from biofeedback.display.widgets.controls import Label, announce
from biofeedback.text import _

_LOOK_MS = 3000
_MARGIN = 24  # that of a page


class StepLine(Label):
    """Where one is on the way to a session, and what comes next."""

    def __init__(self) -> None:
        super().__init__("", "quiet")
        self.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        self.hide()

    def show_step(self, text: str) -> None:
        """Show a step, and tell it to a screen reader; an empty one takes the last away."""
        self.setText(text)
        self.setVisible(bool(text))
        announce(self, text)


class MainsLine(Label):
    """Looks every few seconds, while a sensor is worn, whether the mains were plugged in.

    `worn` tells what runs, a sitting or a trial, `plugged` whether the mains were known of before
    it. What happens is noted in the recording.
    """

    def __init__(
        self, worn: Callable[[], Sitting | TrialRun | None], plugged: Callable[[], bool]
    ) -> None:
        super().__init__(
            _(
                "The computer was plugged in: unplug the charger, or take the electrodes off. The "
                "sitting goes on."
            ),
            "message",
        )
        self.setAccessibleName(_("The mains"))
        self._worn, self._plugged = worn, plugged
        self._followed: Sitting | TrialRun | None = None
        self._plugging = Plugging(plugged=False)
        self.hide()
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Look now; nothing is said where nobody wears a sensor."""
        sitting = self._worn()
        if sitting is None or not sitting.live or not sitting.view_model.ready:
            self.hide()
            return
        if sitting is not self._followed:
            self._followed, self._plugging = sitting, Plugging(plugged=self._plugged())
        note = self._plugging.take(plugged=supply.on_mains())
        if note:
            sitting.annotate(note, onset_s=sitting.session.duration_s)
        shown = self._plugging.came
        if shown is self.isHidden():
            self.setVisible(shown)
            announce(self, self.text())
