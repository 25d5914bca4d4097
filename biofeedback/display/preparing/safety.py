"""The words that must be read before electrodes go on; on every page that leads there."""

from PySide6.QtWidgets import QWidget

from biofeedback.display.widgets.controls import Label, card
from biofeedback.text import _


def safety_card() -> QWidget:
    """Return a card that says what this is not, and when not to use it."""
    return card(
        Label(
            _(
                "For awareness and relaxation training. Not a medical device; it does not "
                "diagnose or treat. Change no medicine, injection or exercise because of it."
            )
        ),
        Label(
            _(
                "Run on battery: unplug charger, dock, external monitor and every "
                "mains-powered USB device before the electrodes go on. Not with a pacemaker, "
                "ICD, deep brain stimulator or pump without asking the doctor; not on broken "
                "skin; never on both sides of the front of the neck; not across the chest; "
                "not while driving, bathing or sleeping."
            ),
            "quiet",
        ),
        title=_("Before you start"),
    )[0]
