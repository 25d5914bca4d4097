"""Side effects and triggers that are noted: their names, and which of them call for help."""

from biofeedback.text import _

# Those that people tell of after botulinum toxin (its labels name all but the last two), and what
# people with a dystonic muscle say sets it off. Whatever is not here is told in one's own words.
SIDE_EFFECTS = (
    "swallowing",
    "weakness",
    "breathing",
    "dry_mouth",
    "neck_pain",
    "voice",
    "eyelids",
    "headache",
    "tiredness",
    "bruise",
)
TRIGGERS = (
    "stress",
    "cold",
    "screen",
    "driving",
    "bad_sleep",
    "noise",
    "carrying",
    "writing",
    "talking",
)
_URGENT = frozenset({"swallowing", "weakness", "breathing"})


def what_word(what: str) -> str:
    """Return what a known side effect or trigger is called; another name as it is."""
    return {
        "swallowing": _("trouble swallowing"),
        "weakness": _("weakness"),
        "breathing": _("short breath"),
        "dry_mouth": _("dry mouth"),
        "neck_pain": _("neck pain"),
        "voice": _("hoarse voice"),
        "eyelids": _("drooping eyelid, double vision"),
        "headache": _("headache"),
        "tiredness": _("tiredness"),
        "bruise": _("bruise or pain where it was injected"),
        "stress": _("stress"),
        "cold": _("cold"),
        "screen": _("screen"),
        "driving": _("driving"),
        "bad_sleep": _("bad sleep"),
        "noise": _("noise"),
        "carrying": _("carrying"),
        "writing": _("writing by hand"),
        "talking": _("talking"),
    }.get(what, what)


def read_what(typed: str, known: tuple[str, ...]) -> tuple[str, str]:
    """Return (name, "") where `typed` is the name or the word of one of `known`, else ("", typed).

    "dry mouth", "dry-mouth" and "dry_mouth" are alike, and so are capitals.
    """
    for what in known:
        if _alike(typed) in (_alike(what), _alike(what_word(what))):
            return what, ""
    return "", typed


def _alike(words: str) -> str:
    return " ".join(words.casefold().replace("_", " ").replace("-", " ").split())


def calls_for_help(kind: str, what: str, text: str) -> bool:
    """Say whether a side effect may need help at once, by its name or somebody's own words."""
    if kind != "side_effect":
        return False
    said, beginnings = text.casefold(), _("swallow, chok, weak, breath, chest").split(",")
    return what in _URGENT or any(each.strip() in said for each in beginnings)


def help_words() -> str:
    """Return what is said at once of such a side effect."""
    return _(
        "Stop, and call for medical help now: new trouble swallowing, weakness or short breath "
        "after botulinum can become dangerous. This program calls nobody."
    )
