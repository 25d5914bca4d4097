"""A report that is made while the window goes on: asked for by a button, saved where one says."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from biofeedback.display.widgets.controls import button, rename
from biofeedback.errors import BiofeedbackError
from biofeedback.text import _

if TYPE_CHECKING:  # pictures take a second to load
    from biofeedback.reports.parts import Report

Tell = Callable[[float], None]
Make = Callable[[Tell], "Report"]
"""Makes the report, and tells how much of that is done, 0 to 1; on a thread of its own."""

_LOOK_MS = 100


class ReportJob:
    """Makes a report and writes it to `path`; `share` of the first is done.

    `setting`: it is made, and its pages are being set. In the end `said` tells what came of it.
    """

    def __init__(self, make: Make, path: Path) -> None:
        self.share = 0.0
        self.setting = False
        self.said = ""
        self._make, self._path = make, path
        # a report that is not whole never lies under its name: the program may end meanwhile
        self._thread = threading.Thread(target=self._run, name="report", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether it goes on."""
        return self._thread.is_alive()

    def _tell(self, share: float) -> None:
        self.share = share

    def _run(self) -> None:
        from biofeedback.reports.write import write

        try:
            report = self._make(self._tell)
            self.setting = True
            write(report, self._path)
            self.said = _("The report is in {path}.").format(path=self._path)
        except BiofeedbackError as error:
            self.said = str(error)
        except Exception as fault:  # a bug of ours: the window must not wait for ever
            self.said = _(
                "The report could not be made by a fault of the program ({fault})."
            ).format(fault=fault)
            raise


class ReportButton(QWidget):
    """Asks where to, makes the report there, and emits a `message`; it opens nothing.

    `make` is asked in the window's thread for what makes the report, `name` for what to call it.
    """

    message = Signal(str)

    def __init__(
        self,
        text: str,
        description: str,
        *,
        make: Callable[[], Make],
        name: Callable[[], Path],
    ) -> None:
        super().__init__()
        self._text, self._description = text, description
        self._make, self._name = make, name
        self.button = button(text, description, self.ask)
        self.setFocusProxy(self.button)
        self.job: ReportJob | None = None
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._poll)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.button)

    def ask(self) -> None:
        """Ask where the report is to be; nothing happens while one is made."""
        if self.job is not None:
            return
        self.button.setFocus()
        place = QStandardPaths.StandardLocation.DocumentsLocation
        suggested = Path(QStandardPaths.writableLocation(place)) / self._name()
        path, kind = QFileDialog.getSaveFileName(
            self, _("Save the report"), str(suggested), _("PDF (*.pdf);;Web page (*.html)")
        )
        if path:
            suffix = ".html" if ".html" in kind else ".pdf"
            self.save(Path(path) if Path(path).suffix else Path(path + suffix))

    def save(self, path: Path) -> None:
        """Make the report at `path`."""
        self.job = ReportJob(self._make(), path)
        self._look.start()
        self._poll()

    def _poll(self) -> None:
        if self.job is None:
            return
        if self.job.busy:
            text = _("Setting the pages …")
            if not self.job.setting:
                percent = 100 * self.job.share
                text = _("Making the report … {percent:.0f} %").format(percent=percent)
            rename(self.button, text, self._description)
            return
        said, self.job = self.job.said, None
        self._look.stop()
        rename(self.button, self._text, self._description)
        self.message.emit(said)
