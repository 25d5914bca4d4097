"""Which heart strap is heard beside a sitting: chosen once, and looked for without waiting."""

import threading

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biofeedback.display.widgets.controls import (
    Chooser,
    Label,
    announce,
    button,
    card,
    named,
    rename,
)
from biofeedback.errors import HeartError
from biofeedback.heart.radio import Service
from biofeedback.settings import HeartSettings
from biofeedback.text import _, plural

FIRST = "first"
"""What the settings call whichever strap is heard first."""
_LOOK_MS = 100


class Search:
    """Listens for straps on a thread of its own; `said` and `names` are there once it is over."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.said = ""
        self._thread = threading.Thread(target=self._run, name="straps", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether it goes on."""
        return self._thread.is_alive()

    def _run(self) -> None:
        from biofeedback.heart.nearby import straps_and_cuffs  # what few sittings need

        try:
            near = straps_and_cuffs()
        except HeartError as error:
            self.said = str(error)
            return
        except Exception as fault:  # of the system's Bluetooth, whose faults are many
            self.said = _("Bluetooth failed ({fault}): try it once more.").format(fault=fault)
            return
        straps = [seen.name for seen in near if Service.HEART_RATE in seen.services]
        self.names = list(dict.fromkeys(straps))
        n = len(self.names)
        self.said = plural(
            "{n} heart strap is heard: choose it above.",
            "{n} heart straps are heard: choose one above, the nearest comes first.",
            n,
        ).format(n=n)
        if not n:
            self.said = _(
                "No heart strap is heard: put it on, with wet electrodes, let no phone or watch be "
                "connected to it, and look again."
            )


class HeartCard(QWidget):
    """Emits `changed` with the `HeartSettings` that were chosen; they hold for the next sitting."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._search: Search | None = None
        self.strap = Chooser()
        self._said = Label("", "quiet")
        self.look_button = button("", "", self.look)
        self._name_button()
        made, rows = card(title=_("Heart rate beside the tension"))
        named(rows, self.strap, _("Heart strap, by Bluetooth"))
        rows.addWidget(self.look_button)
        rows.addWidget(self._said)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(made)
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._poll)
        self._say("")
        self.set_heart(HeartSettings())
        self.strap.currentIndexChanged.connect(self._change)

    def _name_button(self) -> None:
        if self._search is None:
            rename(self.look_button, _("Look for straps"), _("Listen for five seconds"))
        else:
            rename(self.look_button, _("Looking for straps …"), _("It takes five seconds"))

    def set_heart(self, heart: HeartSettings) -> None:
        """Show what is chosen."""
        self._offer((), heart.strap)

    def _offer(self, names: tuple[str, ...], chosen: str) -> None:
        with QSignalBlocker(self.strap):
            self.strap.clear()
            self.strap.addItem(_("none"), "")
            self.strap.addItem(_("the first that is heard"), FIRST)
            for name in dict.fromkeys((*names, chosen)):
                if name not in ("", FIRST):
                    self.strap.addItem(name, name)
            self.strap.setCurrentIndex(self.strap.findData(chosen))

    def _change(self) -> None:
        self.changed.emit(HeartSettings(self.strap.currentData()))

    def look(self) -> None:
        """Listen for straps; the window goes on meanwhile."""
        if self._search is None:
            self._search = Search()
            self._name_button()
            self._say("")
            self._timer.start()

    def _poll(self) -> None:
        if self._search is None or self._search.busy:
            return
        found, self._search = self._search, None
        self._timer.stop()
        self._name_button()
        self._offer(tuple(found.names), self.strap.currentData())
        self._say(found.said)

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))
        announce(self._said, text)
