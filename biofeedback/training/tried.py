"""What can be tried against a muscle that will not let go, and what is said of it."""

from dataclasses import dataclass

from biofeedback.errors import SettingsError
from biofeedback.text import _

SHAM = "sham"


@dataclass(frozen=True, slots=True)
class Tried:
    """Something to try. `lifts`: a hand moves, so that lift-off is marked as well as contact.

    `begin` and `end`: what the person is told; `hint`: what is to be known before.
    """

    name: str
    begin: str
    end: str
    hint: str
    lifts: bool = False


TRIED = {
    "sensory-trick": Tried(
        _("Sensory trick"),
        _("Now your trick. Press when your hand lifts off, and again when it touches."),
        _("Take your hand away, and press when it lets go."),
        _("The touch that eases it: a finger on the chin, a hand behind the head."),
        lifts=True,
    ),
    "heat": Tried(
        _("Heat"),
        _("Now put the heat on, and press when it is there."),
        _("Take the heat away, and press."),
        _("A warm pack within reach: warm, not hot, and never on skin that is numb or broken."),
    ),
    "cold": Tried(
        _("Cold"),
        _("Now put the cold on, and press when it is there."),
        _("Take the cold away, and press."),
        _("A cool pack in a cloth within reach: never on skin that is numb or broken."),
    ),
    "breathing": Tried(
        _("Breathing"),
        _("Now breathe slowly and deeply into the belly, and press with the first breath."),
        _("Breathe as you like again, and press."),
        _("Slow breaths into the belly. Stop if you feel dizzy."),
    ),
    "posture": Tried(
        _("Posture"),
        _("Now take the posture that you want to try, and press when you have it."),
        _("Sit as before, and press."),
        _("Such as leaning back, or arms on the rests. Nothing that hurts."),
    ),
    "meditation": Tried(
        _("Meditation"),
        _("Now begin to meditate, and press."),
        _("Let it be over, and press."),
        _("What you do to become calm, as far as it works within seconds."),
    ),
    "head-position": Tried(
        _("Position of the head"),
        _("Now turn your head to where you want to try it, and press when it is there."),
        _("Let your head go back, and press."),
        _("Slowly, with no force, and nowhere that hurts."),
    ),
    SHAM: Tried(
        _("Comparison: hand on the shoulder"),
        _("Now only your hand on your shoulder. Press when it lifts off, and when it touches."),
        _("Put your hand back, and press when it lets go."),
        "",
        lifts=True,
    ),
}
"""By name. The sham, which is in every trial, is what anything must be better than."""

NAMES = tuple(name for name in TRIED if name != SHAM)

IN_WEEKS = {**{name: TRIED[name].name for name in NAMES}, "exercise": _("Exercise")}
"""What may be tried for a week, besides whatever somebody names in words of their own."""


def name_of(what: str) -> str:
    """Return what is tried in the user's language; words of one's own as they are."""
    return TRIED[SHAM].name if what == SHAM else IN_WEEKS.get(what, what)


def find_tried(words: str) -> str:
    """Return the name that `words` mean ("sensory trick", "trick"); raise `SettingsError`."""
    asked = "-".join(words.lower().replace("_", " ").replace("-", " ").split())
    for name in NAMES:
        if asked == name or asked in name.split("-"):
            return name
    raise SettingsError(
        _("'{words}' cannot be tried; choose one of: {names}.").format(
            words=words, names=", ".join(NAMES)
        )
    )
