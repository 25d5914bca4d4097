"""The page that shows where the electrodes go: a muscle, a side, a drawing, four steps."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biofeedback.display.preparing.placement_pictures import (
    DRAWINGS,
    draw_placement,
    placement_words,
)
from biofeedback.display.preparing.safety import safety_card
from biofeedback.display.widgets.controls import (
    Chooser,
    Label,
    Side,
    announce,
    button,
    card,
    named,
    rename,
    scrolling,
)
from biofeedback.display.widgets.palette import Palette
from biofeedback.display.widgets.picture import Picture
from biofeedback.muscles import MUSCLES, SIDES, label_of, named_by
from biofeedback.text import _

_CARD_LINES = 22


class PlacementPicture(Picture):
    """A drawing of where the electrodes go, of any muscle and side."""

    def __init__(self, palette: Palette) -> None:
        muscle, side = next(iter(MUSCLES)), next(iter(SIDES))
        super().__init__(
            lambda canvas: draw_placement(canvas, self._muscle, self._side),
            DRAWINGS[muscle].units,
            palette,
            title="",
            words="",
        )
        self.set_muscle(muscle, side)

    def set_muscle(self, muscle: str, side: str) -> None:
        """Draw another muscle of `MUSCLES`, on the "left" or the "right"."""
        self._muscle, self._side = muscle, side
        self._units = DRAWINGS[muscle].units
        its = MUSCLES[muscle]
        self.setAccessibleName(place_name(muscle, side))
        self.setAccessibleDescription(placement_words(muscle, side))
        self.setToolTip(its.name)
        self.updateGeometry()
        self.update()


class PlacementPage(QWidget):
    """Lets a person look at each muscle and side, and take one of them.

    `named` is emitted with the label of what was taken ("trapezius left"), for its channel. It may
    be shown to look a muscle up, or as a step on the way to a training (`show_sensor`).
    """

    named = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.muscle, self.side = Chooser(), Chooser()
        self.picture = PlacementPicture(palette)
        self._steps = [Label() for _step in range(4)]
        self._avoid, self._source = Label("", "message"), Label("", "quiet")
        for key, its in MUSCLES.items():
            self.muscle.addItem(_("{plain} ({name})").format(plain=its.plain, name=its.name), key)
        for key, word in SIDES.items():
            self.side.addItem(word, key)
        self._lay_out()
        for chooser in (self.muscle, self.side):
            chooser.currentIndexChanged.connect(self._show_chosen)
        self.show_label("")
        self._show_chosen()

    # parts

    def _lay_out(self) -> None:
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 8, 24, 8)
        rows.setSpacing(16)
        rows.addWidget(Label(_("Where the electrodes go"), "heading"))
        self._which = Label("", "summary")
        rows.addWidget(self._which)
        rows.addWidget(
            Side(
                self._picture_card(),
                self._steps_card(),
                wanted=lambda: _CARD_LINES * self.fontMetrics().height(),
            )
        )
        rows.addWidget(safety_card())
        rows.addStretch(1)
        self._take = button("", "", self.take, main=True)
        below = QVBoxLayout()
        below.setContentsMargins(24, 8, 24, 16)
        below.addWidget(self._take)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.setSpacing(0)
        self._scroll = scrolling(inside)
        outside.addWidget(self._scroll, 1)
        outside.addLayout(below)

    def _picture_card(self) -> QWidget:
        made, rows = card()
        muscle, muscle_rows = _column()
        named(muscle_rows, self.muscle, _("&Muscle"))
        side, side_rows = _column()
        named(side_rows, self.side, _("&Side of whoever wears the electrodes"))
        rows.addWidget(Side(muscle, side, spacing=10))
        rows.addWidget(self.picture)
        rows.addWidget(
            Label(_("A and B are the pair, R is the reference; the arrow runs along the fibres."))
        )
        rows.addStretch(1)
        return made

    def _steps_card(self) -> QWidget:
        made, rows = card(*self._steps, self._avoid, self._source, title=_("Step by step"))
        rows.addStretch(1)
        return made

    # what is chosen

    def label(self) -> str:
        """Return what a channel on the chosen muscle is called."""
        return label_of(self.muscle.currentData(), self.side.currentData())

    def show_label(self, label: str) -> None:
        """Look up the muscle that `label` names; where it names none, the last one."""
        self._which.hide()
        rename(
            self._take,
            _("&Take this muscle"),
            _("Name the sensor after this muscle, and go back (Enter)"),
        )
        self._choose(label)

    def show_sensor(self, label: str, *, n: int, of: int) -> None:
        """Show where the electrodes of sensor `n` of `of` go; it may have no muscle yet."""
        known = bool(named_by(label))
        if of > 1 and known:
            words = _("Sensor {n} of {of}: lay its electrodes as shown here, then go on.").format(
                n=n, of=of
            )
        elif of > 1:
            words = _(
                "Sensor {n} of {of}: choose its muscle, lay the electrodes as shown, then go on."
            ).format(n=n, of=of)
        elif known:
            words = _("Lay the electrodes as it is shown here, then go on.")
        else:
            words = _("Choose the muscle, lay the electrodes as shown, then go on.")
        self._which.setText(words)
        self._which.show()
        rename(
            self._take,
            _("They are in place: &go on"),
            _("The sensor is named after this muscle; to the next step (Enter)"),
        )
        self._choose(label)

    def _choose(self, label: str) -> None:
        known = named_by(label)
        if known:
            for chooser, key in zip((self.muscle, self.side), known, strict=True):
                chooser.setCurrentIndex(chooser.findData(key))

    def _show_chosen(self) -> None:
        muscle, side = self.muscle.currentData(), self.side.currentData()
        its = MUSCLES[muscle]
        self.picture.set_muscle(muscle, side)
        steps = (
            _("Find it. {words}").format(words=its.find),
            _("Clean the skin, let it dry, and lay the pair. {words}").format(words=its.pair),
            _("Lay the reference. {words}").format(words=its.reference),
            _("Try it. {words}").format(words=its.test),
        )
        for number, (label, words) in enumerate(zip(self._steps, steps, strict=True), start=1):
            label.setText(f"{number}. {words}")
        self._avoid.setText(its.avoid)
        self._source.setText(_("Source: {words}").format(words=its.source))
        announce(self, " ".join((place_name(muscle, side), its.avoid)))

    def take(self) -> None:
        """Name the channel after what is chosen."""
        self.named.emit(self.label())

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self.picture.set_palette(palette)

    def focus_first(self) -> None:
        """Begin with the muscle."""
        self._scroll.verticalScrollBar().setValue(0)
        self.muscle.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()  # from the choosers too
        else:
            super().keyPressEvent(event)


def place_name(muscle: str, side: str) -> str:
    """Return the muscle and its side in plain words first: "Jaw, left (masseter)"."""
    its = MUSCLES[muscle]
    return _("{plain}, {side} ({name})").format(plain=its.plain, side=SIDES[side], name=its.name)


def _column() -> tuple[QWidget, QVBoxLayout]:
    made = QWidget()
    rows = QVBoxLayout(made)
    rows.setContentsMargins(0, 0, 0, 0)
    return made, rows
