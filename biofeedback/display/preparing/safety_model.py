"""What must be known before electrodes go on, what is asked of the mains, and what is kept of it.

The rule of the battery keeps a fault of a charger away from whoever wears the electrodes: a medical
device has an isolated applied part against that (IEC 60601-1), a hobby board has not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto

from biofeedback.text import _

SHOWN_AGAIN = timedelta(days=30)
"""How long the rules are taken to be remembered."""
_MOST_KNOWN = 16  # people, as many as the settings keep

WHAT_THIS_IS = _(
    "For awareness and relaxation training. Not a medical device; it does not diagnose or treat. "
    "Change no medicine, injection or exercise because of it."
)


@dataclass(frozen=True, slots=True)
class Rules:
    """A few rules that belong together."""

    title: str
    rules: tuple[str, ...]


RULES = (
    Rules(
        _("Ask your doctor first"),
        (
            _("With a pacemaker or a defibrillator (ICD)."),
            _("With a deep brain stimulator."),
            _("With an implanted pump."),
        ),
    ),
    Rules(
        _("Never"),
        (
            _("On broken or sore skin, or across the chest."),
            _("On both sides of the front of the neck."),
            _("While driving, bathing or sleeping."),
        ),
    ),
    Rules(
        _("Electrodes, and strength"),
        (
            _("One person each, two hours at most, next time elsewhere."),
            _("Gently is enough: never full strength with a painful or dystonic neck."),
        ),
    ),
    Rules(
        _("Stop, and call for help"),
        (
            _("With chest pain or short breath."),
            _("With new trouble swallowing or weakness after botulinum."),
            _("Dizzy from paced breathing? Only stop the pacer."),
        ),
    ),
)


class Mains(Enum):
    """What is known of the computer's supply."""

    PLUGGED = auto()
    BATTERY = auto()
    UNKNOWN = auto()


def mains_of(*, plugged: bool | None) -> Mains:
    """Return what it means that the system says so."""
    if plugged is None:
        return Mains.UNKNOWN
    return Mains.PLUGGED if plugged else Mains.BATTERY


class Answer(Enum):
    """How a person went on."""

    ON_BATTERY = auto()
    """The program saw it."""
    UNPLUGGED = auto()
    """They said so; the program could not see it."""
    ISOLATED = auto()
    """They said that no mains reach the sensor."""
    ANYWAY = auto()


_HEADINGS = {
    Mains.BATTERY: _("On battery: good."),
    Mains.PLUGGED: _("The computer is plugged in."),
    Mains.UNKNOWN: _("Is the computer plugged in?"),
}
_DOING = {
    Mains.BATTERY: _(
        "Leave the charger off, and plug in no dock, external monitor or other device that has a "
        "mains plug, as long as the electrodes are on."
    ),
    Mains.PLUGGED: _(
        "Before the electrodes go on, unplug the charger, the dock, an external monitor and every "
        "mains-powered USB device. This page sees by itself when that is done."
    ),
    Mains.UNKNOWN: _(
        "This computer has no battery that the program can see. A laptop: unplug the charger, the "
        "dock, an external monitor and every mains-powered USB device. A desktop hangs on the "
        "mains: use it only with a sensor that has a battery of its own, or that is isolated."
    ),
}


def mains_heading(mains: Mains) -> str:
    """Return how it stands, in a few words."""
    return _HEADINGS[mains]


def mains_words(mains: Mains) -> str:
    """Return what is to be done about it."""
    return _DOING[mains]


def answers(mains: Mains) -> tuple[Answer, ...]:
    """Return the ways to go on, the usual one first; never none: nobody is locked out."""
    return {
        Mains.BATTERY: (Answer.ON_BATTERY,),
        Mains.PLUGGED: (Answer.ISOLATED, Answer.ANYWAY),
        Mains.UNKNOWN: (Answer.ISOLATED, Answer.UNPLUGGED, Answer.ANYWAY),
    }[mains]


def note_of(mains: Mains, answer: Answer, *, read_on: date) -> str:
    """Return what is noted at the beginning of the sitting; the rules were read on that day."""
    day = read_on.isoformat()
    return {
        (Mains.BATTERY, Answer.ON_BATTERY): _(
            "Safety: the rules were read on {day}; the computer ran on its battery."
        ).format(day=day),
        (Mains.PLUGGED, Answer.ISOLATED): _(
            "Safety: the rules were read on {day}; the computer was on the mains, the sensor was "
            "said to be isolated."
        ).format(day=day),
        (Mains.PLUGGED, Answer.ANYWAY): _(
            "Safety: the rules were read on {day}; the computer was on the mains, and it was gone "
            "on all the same."
        ).format(day=day),
        (Mains.UNKNOWN, Answer.ISOLATED): _(
            "Safety: the rules were read on {day}; the computer has no battery that can be seen, "
            "the sensor was said to be isolated."
        ).format(day=day),
        (Mains.UNKNOWN, Answer.UNPLUGGED): _(
            "Safety: the rules were read on {day}; the computer has no battery that can be seen, "
            "it was said to be unplugged."
        ).format(day=day),
        (Mains.UNKNOWN, Answer.ANYWAY): _(
            "Safety: the rules were read on {day}; the computer has no battery that can be seen, "
            "and it was gone on all the same."
        ).format(day=day),
    }[mains, answer]


# who has read the rules when: "P01 2026-11-23", nobody's pseudonym being empty


def read_on(known: Sequence[str], person: str, today: date) -> date | None:
    """Return when a person last read the rules; None where that was too long ago, or never."""
    for entry in known:
        who, _space, day = entry.rpartition(" ")
        try:
            read = date.fromisoformat(day)
        except ValueError:  # written by hand
            continue
        if who == person and timedelta(0) <= today - read < SHOWN_AGAIN:
            return read
    return None


def with_reader(known: Sequence[str], person: str, today: date) -> tuple[str, ...]:
    """Return `known` with a person who has read the rules today, the newest first.

    Those whose time is over are dropped, and those who would be too many.
    """
    others = [
        entry
        for entry in known
        for who in [entry.rpartition(" ")[0]]
        if who != person and read_on([entry], who, today)
    ]
    return (f"{person} {today.isoformat()}", *others)[:_MOST_KNOWN]


@dataclass(frozen=True, slots=True)
class Passed:
    """How a person came past the page: what is noted of it, and whether the mains were there."""

    note: str
    plugged: bool


class Plugging:
    """Tells when the mains come to a sitting, and when they go; `plugged`: they are known of."""

    def __init__(self, *, plugged: bool) -> None:
        self._known = self.plugged = plugged

    @property
    def came(self) -> bool:
        """Whether they are there, and were not when it began."""
        return self.plugged and not self._known

    def take(self, *, plugged: bool | None) -> str:
        """Take what the system says now; return what is to be noted, empty where nothing is new."""
        if plugged is None or plugged == self.plugged:
            return ""
        self.plugged = plugged
        if plugged:
            return _("The computer was plugged in.")
        self._known = False
        return _("The computer runs on its battery again.")
