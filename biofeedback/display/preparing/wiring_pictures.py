"""The two drawings of the wiring page: sensor to board, and electrodes on a muscle.

The pads of a MyoWare 2.0 and what they carry are those of its maker's Arduino library (Advancer
Technologies, MyoWare-Arduino-Library, examples/ReadMyoWareVoltage): VIN and GND to 5V and GND;
outputs ENV, RAW, RECT, and REF, the voltage that is subtracted from RAW to take its offset away.
REF is an output, not the reference electrode: that one is the third snap, or on the sensor's
reference cable. The distance and place of electrodes are SENIAM's (seniam.org, Hermens 2000).
"""

import math

from biofeedback.display.widgets.picture import CENTRE, RIGHT, Canvas
from biofeedback.text import _

WIRING_UNITS = (30.0, 20.0)
ELECTRODES_UNITS = (30.0, 15.5)

WIRES = (("VIN", "5V"), ("GND", "GND"), ("RAW", "A0"))
FREE_PADS = ("REF", "RECT", "ENV")


def wiring_words() -> str:
    """Return all that the drawing of the wiring says."""
    wires = [_("{pad} of the sensor to {pin} of the board").format(pad=a, pin=b) for a, b in WIRES]
    return " ".join(
        (
            _("Three wires: {wires}.").format(wires=", ".join(wires)),
            _("The pads {pads} stay free.").format(pads=", ".join(FREE_PADS)),
            _("The board's USB goes to a laptop that runs on battery."),
            _("No charger, dock or external monitor is plugged in while electrodes are on."),
        )
    )


def draw_wiring(to: Canvas) -> None:
    """Draw a MyoWare 2.0, an Uno and a laptop, and what joins them."""
    look = to.palette
    to.box(0.5, 1.0, 9.5, 12.0, fill=look.ground)
    to.text((1.0, 1.2, 8.5, 1.6), "MyoWare 2.0", align=CENTRE, bold=True)
    to.box(20.0, 1.0, 9.5, 12.0, fill=look.ground)
    to.text((20.5, 1.2, 8.5, 1.6), "Arduino Uno", align=CENTRE, bold=True)
    said = (_("power"), _("ground"), _("signal"))
    colours = (look.tense, look.text, look.trace)
    for i, ((pad, pin), word, colour) in enumerate(zip(WIRES, said, colours, strict=True)):
        y = 4.0 + 2.2 * i
        to.line((9.4, y), (20.6, y), colour=colour, width=0.28, dashed=pad == "RAW")
        for x in (9.4, 20.6):
            to.disc(x, y, 0.4, fill=look.card)
        to.text((1.0, y - 0.7, 7.6, 1.4), pad, align=RIGHT, bold=True)
        to.text((21.4, y - 0.7, 4.0, 1.4), pin, bold=True)
        to.text((10.6, y - 1.5, 8.8, 1.3), word, align=CENTRE, colour=colour)
    for i, pad in enumerate(FREE_PADS):
        y = 10.2 + 0.95 * i
        to.disc(9.4, y, 0.3, fill=look.card)
        to.text((1.0, y - 0.5, 7.6, 1.0), pad, align=RIGHT, colour=look.quiet)
    to.text((10.6, 10.3, 8.8, 1.8), _("stay free"), colour=look.quiet)
    _draw_laptop(to)
    _draw_plug(to)


def _draw_laptop(to: Canvas) -> None:
    look = to.palette
    to.line((24.4, 13.0), (24.4, 14.8), colour=look.text, width=0.28)
    to.text((25.0, 13.1, 4.0, 1.4), "USB")
    to.box(20.4, 14.8, 8.0, 3.9, fill=look.ground)
    to.text((20.7, 15.0, 7.4, 3.5), _("laptop on battery"), align=CENTRE, bold=True)
    to.shape([(19.4, 19.5), (20.4, 18.7), (28.4, 18.7), (29.4, 19.5)], fill=look.line)


def _draw_plug(to: Canvas) -> None:
    look = to.palette
    for y in (16.4, 17.4):
        to.line((1.0, y), (2.2, y), colour=look.text, width=0.25)
    to.box(2.2, 15.8, 2.0, 2.2, fill=look.ground)
    to.line((4.2, 16.9), (5.6, 16.9), colour=look.text, width=0.25)
    to.line((0.8, 18.8), (5.4, 15.0), colour=look.warning, width=0.4)
    to.text(
        (6.4, 14.6, 12.4, 4.8),
        _("no charger, dock or external monitor while electrodes are on"),
        colour=look.warning,
        bold=True,
    )


def electrodes_words() -> str:
    """Return all that the drawing of the electrodes says."""
    return _(
        "Two electrodes lie on the middle of the muscle, one behind the other along its fibres, "
        "20 mm from centre to centre. The third, the reference electrode, lies over bone, away "
        "from the muscle."
    )


def draw_electrodes(to: Canvas) -> None:
    """Draw a muscle with its fibres, two electrodes on it, and the reference over bone."""
    look = to.palette
    for left, right in ((0.6, 4.0), (26.0, 29.4)):
        to.line((left, 6.0), (right, 6.0), colour=look.line, width=0.7)
    to.shape(_fibre(1.0) + _fibre(-1.0)[::-1], fill=look.target_band)
    for bulge in (-0.66, -0.33, 0.0, 0.33, 0.66):
        to.line(*_fibre(bulge), colour=look.quiet, width=0.06)
    for x in (13.2, 16.8):
        to.line((x, 1.9), (x, 6.0), colour=look.text, width=0.08)
        to.disc(x, 6.0, 1.15, fill=look.trace)
    to.line((13.2, 2.2), (16.8, 2.2), colour=look.text, width=0.15)
    to.text((11.0, 0.2, 8.0, 1.6), _("20 mm"), align=CENTRE, bold=True)
    to.text((0.5, 0.2, 9.5, 2.4), _("muscle, with its fibres"), colour=look.quiet)
    to.line((5.0, 2.5), (7.5, 4.6), colour=look.quiet)
    to.text((3.0, 9.4, 18.0, 2.4), _("two electrodes, in the middle, along the fibres"))
    to.line((13.2, 7.2), (12.0, 9.4), colour=look.text)
    to.shape(_bone(), fill=look.line)
    to.text((25.3, 12.4, 3.6, 1.6), _("bone"), align=CENTRE)
    to.disc(25.0, 11.4, 1.15, fill=look.trace)
    to.text((0.5, 12.6, 20.5, 2.6), _("reference electrode: over bone, away from the muscle"))
    to.line((21.0, 13.2), (23.9, 11.9), colour=look.text)


def _fibre(bulge: float) -> list[tuple[float, float]]:
    """Return a line from tendon to tendon that bulges up to `bulge` of the muscle's half width."""
    steps = [i / 24 for i in range(25)]
    return [(4.0 + 22.0 * t, 6.0 + 3.1 * bulge * math.sin(math.pi * t) ** 0.8) for t in steps]


def _bone() -> list[tuple[float, float]]:
    """Return the outline of a bone's end, such as the elbow's."""
    turns = [2 * math.pi * i / 36 for i in range(37)]
    return [
        (26.0 + 3.4 * math.cos(a), 12.3 + (2.5 + 0.4 * math.cos(2 * a)) * math.sin(a))
        for a in turns
    ]
