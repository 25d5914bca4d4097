"""The page on which a recording is looked at, annotated, and cleared of what does not count."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from biofeedback.bands import stream_band
from biofeedback.display.playback.job import Opening
from biofeedback.display.playback.model import PlaybackModel
from biofeedback.display.playback.places import time_word
from biofeedback.display.playback.view import PlaybackView
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.widgets.controls import Label, announce, button, card, scrolling
from biofeedback.display.widgets.entry import Entry
from biofeedback.display.widgets.palette import Palette
from biofeedback.errors import BiofeedbackError
from biofeedback.muscles import shown_label
from biofeedback.recording.edits import Exclusion, tidy
from biofeedback.settings import SignalSettings
from biofeedback.text import _, plural
from biofeedback.words import band_word, number_word, unit_word

_POLL_MS = 60
_KEYS_LINES = 26  # that the page must be high to show its keys by itself
_SHOWN_VALUES = 4  # channels whose numbers the line of words repeats
_CONTROL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class PlaybackPage(QWidget):
    """Shows the recording that `look_at` names; emits `left` where that cannot be."""

    message = Signal(str)
    left = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._opening: Opening | None = None
        self.view: PlaybackView | None = None
        self._keys_wanted: bool | None = None  # None: where there is room
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self.poll)
        self._lay_out()

    def _lay_out(self) -> None:
        self._what = Label("", "title")
        self._status = Label()
        self._status.setAccessibleName(_("What is at the cursor or selected"))
        self._keys = Label(_keys(), "quiet")
        self.entry = Entry()
        self.entry.kept.connect(self._keep)
        self.entry.closed.connect(self.focus_first)
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setAccessibleName(_("Progress"))
        self._cancel = button(
            _("&Cancel"), _("Do not open this recording (Esc)"), self._call_off, main=True
        )
        self._reading = Label()
        self._working, _rows = card(self._reading, self.bar, self._cancel)
        self._tools = self._make_tools()
        inside = QWidget()
        self._rows = QVBoxLayout(inside)
        self._rows.setContentsMargins(8, 4, 8, 8)
        self._rows.setSpacing(6)
        parts = (self._what, self._tools, self._working, self._status, self.entry, self._keys)
        for part in parts:
            self._rows.addWidget(part)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(scrolling(inside))
        self._show_parts()

    def _make_tools(self) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        does: tuple[tuple[str, str, Callable[[], object]], ...] = (
            (_("Annotate"), _("Write a note at the cursor or on the selection (A)"), self.annotate),
            (_("Exclude"), _("Leave the selection out of all figures (E)"), self.exclude),
            (_("Undo"), _("Undo the latest change (Ctrl+Z)"), self.undo),
            (_("Redo"), _("Do it again (Ctrl+Y)"), self.redo),
            ("−", _("Zoom out (Minus)"), lambda: self._zoom(1.5)),
            ("+", _("Zoom in (Plus)"), lambda: self._zoom(1 / 1.5)),
            (_("All"), _("Show the whole recording (0)"), self._show_all),
            ("?", _("Show or hide the keys (?)"), self.toggle_keys),
        )
        for text, description, pressed in does:
            one = button(text, description, pressed)
            row.addWidget(one)
        row.addStretch(1)
        return made

    # opening

    def look_at(self, choice: Choice, signal: SignalSettings) -> None:
        """Open the recording of `choice` in the background, and show it when it is there."""
        self._close()
        path = choice.words.removeprefix("file:")
        self._opening = Opening(path, choice.options, signal)
        self._reading.setText(_("Reading {name} …").format(name=path))
        self.bar.setValue(0)
        self._timer.start()
        self._show_parts()
        self.focus_first()

    def poll(self) -> None:
        """Show how far it is, and the recording once it is there."""
        opening = self._opening
        if opening is None:
            return
        self.bar.setValue(round(100 * opening.share))
        if opening.busy:
            return
        self._timer.stop()
        self._opening = None
        if opening.model is not None:
            self._show_model(opening.model)
        elif opening.error is not None:
            self.left.emit()
            self.message.emit(str(opening.error))

    def _call_off(self) -> None:
        self.left.emit()

    def _close(self) -> None:
        """Give up what is open: it takes memory."""
        self._timer.stop()
        if self._opening is not None:
            self._opening.cancelled.set()
            self._opening = None
        if self.view is not None:
            self._rows.removeWidget(self.view)
            self.view.deleteLater()
            self.view = None
        self.entry.hide()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # another page is shown
            self._close()
            self._show_parts()

    def _show_model(self, model: PlaybackModel) -> None:
        self.view = PlaybackView(model, self._palette)
        self.view.changed.connect(self._tell)
        self.view.opened.connect(self.edit)
        self._rows.insertWidget(2, self.view, 1)
        self.view.show()  # what is not shown yet cannot take the focus
        self._show_parts()
        self.view.moved()
        self.focus_first()
        notes = (*model.recording.notes, *model.log.edits.notes, *model.edited.notes)
        self.message.emit(" ".join(notes))

    def _show_parts(self) -> None:
        model = self._model()
        shown, entering = model is not None, not self.entry.isHidden()
        self._working.setVisible(self._opening is not None)
        for part in (self._what, self._tools):
            part.setVisible(shown)
        self._tools.setEnabled(not entering)
        if self.view is not None:
            self.view.setEnabled(not entering)  # what is asked about must not move
        self._status.setVisible(shown and not entering)
        wanted = self._roomy() if self._keys_wanted is None else self._keys_wanted
        self._keys.setVisible(shown and wanted and not entering)
        self._what.setText(" · ".join(_facts(model, whole=self._roomy())) if model else "")
        lines = 2 if self._roomy() else 1
        self._status.setMinimumHeight(lines * self._status.fontMetrics().lineSpacing())
        self._tell()

    def _roomy(self) -> bool:
        return self.height() >= _KEYS_LINES * self.fontMetrics().height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_parts()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "entry"):
            self._show_parts()

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        self._palette = palette
        if self.view is not None:
            self.view.set_palette(palette)

    def focus_first(self) -> None:
        """Put the focus where the keys are heard."""
        self._show_parts()
        (self._cancel if self.view is None else self.view).setFocus()

    # what is done

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what keys ask for, wherever on the page the focus is."""
        key, control = event.key(), bool(event.modifiers() & _CONTROL)
        shift = bool(event.modifiers() & _SHIFT)
        does: dict[tuple[int, bool], Callable[[], object]] = {
            (Qt.Key.Key_A, False): self.annotate,
            (Qt.Key.Key_E, False): self.exclude,
            (Qt.Key.Key_Return, False): self.edit,
            (Qt.Key.Key_Enter, False): self.edit,
            (Qt.Key.Key_Delete, False): self.remove,
            (Qt.Key.Key_Backspace, False): self.remove,
            (Qt.Key.Key_Question, False): self.toggle_keys,
            (Qt.Key.Key_Z, True): self.redo if shift else self.undo,
            (Qt.Key.Key_Y, True): self.redo,
        }
        done = does.get((key, control))
        if done is None or self.view is None or not self.entry.isHidden():
            super().keyPressEvent(event)
        else:
            done()

    def _model(self) -> PlaybackModel | None:
        return self.view.model if self.view is not None else None

    def _try(self, change: Callable[[], object]) -> bool:
        """Make a change, or say why it cannot be; say whether it was made."""
        try:
            change()
        except BiofeedbackError as error:
            self.message.emit(str(error))
            return False
        self.message.emit("")
        if self.view is not None:
            self.view.moved()
        return True

    def annotate(self) -> None:
        """Ask for the text of a new annotation."""
        if (model := self._model()) is not None:
            self._ask(_("Annotation"), "", model.annotate)

    def exclude(self) -> None:
        """Ask why what is selected is to be excluded."""
        model = self._model()
        if model is not None and self._try(model.check_excludable):
            self._ask(_("Why is it excluded?"), "", model.exclude)

    def edit(self) -> None:
        """Ask for other words for the chosen annotation or exclusion."""
        model = self._model()
        if model is None or model.chosen is None:
            return
        if isinstance(model.chosen, Exclusion):
            self._ask(_("Why is it excluded?"), model.chosen.reason, model.reword)
        else:
            self._ask(_("Annotation"), model.chosen.text, model.reword)

    def _ask(self, question: str, text: str, done: Callable[[str], object]) -> None:
        self._done = done
        self.entry.ask(question, text)
        self._show_parts()

    def _keep(self, text: str) -> None:
        if not tidy(text):
            self.message.emit(_("Write a word or two first."))
        elif self._try(lambda: self._done(text)):
            self.entry.hide()
            self.focus_first()

    def remove(self) -> None:
        """Remove the chosen annotation, or count an excluded interval again."""
        if (model := self._model()) is not None:
            self._try(model.remove)

    def undo(self) -> None:
        """Undo the latest change."""
        if (model := self._model()) is not None and not self._try_steps(model.undo):
            self.message.emit(_("There is nothing to undo."))

    def redo(self) -> None:
        """Do again what was undone last."""
        if (model := self._model()) is not None and not self._try_steps(model.redo):
            self.message.emit(_("There is nothing to redo."))

    def _try_steps(self, step: Callable[[], bool]) -> bool:
        """Take a step, and say whether there was one or it was told why not."""
        found: list[bool] = []
        return not self._try(lambda: found.append(step())) or found[0]

    def _zoom(self, factor: float) -> None:
        if self.view is not None:
            self.view.model.zoom(factor)
            self.view.moved()

    def _show_all(self) -> None:
        if self.view is not None:
            self.view.model.whole()
            self.view.moved()

    def toggle_keys(self) -> None:
        """Show the line of keys, or hide it."""
        self._keys_wanted = self._keys.isHidden()
        self._show_parts()
        announce(self, self._keys.text() if self._keys_wanted else "")

    # what is told

    def _tell(self) -> None:
        model = self._model()
        if model is None or self.view is None:
            return
        few = len(model.channels) <= _SHOWN_VALUES
        words = []
        if model.chosen is not None or (few and self._roomy()):
            words.append(self.view.words())
        elif model.selection is None:
            words.append(_("At {time}").format(time=time_word(model.cursor_s, 2)))
        if model.selection is not None:
            words.append(_selected(model, whole=few and self._roomy()))
        elif model.edited.excluded and model.chosen is None:
            words.append(_excluded(model))
        self._status.setText(("\n" if self._roomy() else " · ").join(words))
        self._status.setAccessibleDescription(self._status.text())


def _facts(model: PlaybackModel, *, whole: bool) -> list[str]:
    """Return what is to be known of the recording; not `whole`: what matters most."""
    info = model.recording.info
    facts = [
        _("SIMULATED") if info.simulated else "",
        info.source.replace("\\", "/").rpartition("/")[2],
        time_word(model.duration_s),
        band_word(stream_band(info, model.signal.band)),
    ]
    if whole:
        facts.append(_("{n} × {sfreq:g} Hz").format(n=len(model.channels), sfreq=model.sfreq))
    return [fact for fact in facts if fact]


def _selected(model: PlaybackModel, *, whole: bool) -> str:
    """Return how long the selection is; `whole`: with each channel's tension and valid share."""
    selection, found = model.selection, model.selected()
    if selection is None or found is None:
        return ""
    seconds = selection[1] - selection[0]
    if not whole:
        return _("Selected {seconds:.2f} s, at least {percent:.0f} % valid").format(
            seconds=seconds, percent=float(found[1].min())
        )
    return _("Selected {seconds:.2f} s: {means}").format(
        seconds=seconds,
        means=", ".join(
            _("{label} mean {mean} {unit}, {percent:.0f} % valid").format(
                label=shown_label(channel.label),
                mean=number_word(float(mean), channel),
                unit=unit_word(channel),
                percent=float(percent),
            )
            for channel, mean, percent in zip(model.channels, *found, strict=True)
        ),
    )


def _excluded(model: PlaybackModel) -> str:
    n = len(model.edited.excluded)
    return plural(
        "{n} interval ({seconds:.1f} s) is excluded by hand.",
        "{n} intervals ({seconds:.1f} s) are excluded by hand.",
        n,
    ).format(n=n, seconds=float((model.excluded[:, 1] - model.excluded[:, 0]).sum()) / model.sfreq)


def _keys() -> str:
    return _(
        "← → along · + − zoom · 0 all · ↑ ↓ scale · Home End · Shift+← → select · Ctrl+← → finely "
        "· Tab next mark · A annotate · E exclude · Enter edit · Del remove · Ctrl+Z Ctrl+Y undo, "
        "redo · Esc back. Mouse: wheel zooms, drag moves, Shift and drag selects."
    )
