"""Muscles as data: where the electrodes go, how one finds it with the fingers, and who says so.

The two electrodes of a pair are called A and B, the reference electrode R. `PAIR_MM` is their
distance from centre to centre that SENIAM advises (seniam.org; Hermens and others 2000, J
Electromyogr Kinesiol 10, 361-374, doi 10.1016/s1050-6411(00)00027-4); on a sensor with snaps it is
that of the snaps.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from biofeedback.text import _

PAIR_MM = 20


@dataclass(frozen=True, slots=True)
class Muscle:
    """A muscle that has a left and a right, in sentences that a layperson can follow.

    `plain`: what people call it. `name`: what the field calls it. `label`: what its channel is
    called where people read it, at a side. `find`: how it is felt. `pair`
    and `reference`: where the electrodes go. `test`: a gentle movement that shows whether they hear
    it. `avoid`: what not to do. `source`: who placed the electrodes so, and what is only common
    practice. `one_side`: electrodes never lie on its left and its right together.
    """

    plain: str
    name: str
    label: str
    find: str
    pair: str
    reference: str
    test: str
    avoid: str
    source: str
    one_side: bool = False


SIDES = {"left": _("left"), "right": _("right")}
"""Whose left: that of the person who wears the electrodes."""

# By the field's word for it, which is in the label of a channel and stays untranslated.
MUSCLES = {
    "trapezius": Muscle(
        plain=_("Shoulder and neck"),
        name=_("upper trapezius"),
        label=_("trapezius {side}").format(side="{side}"),
        find=_(
            "Lay a flat hand on the slope between neck and shoulder and lift that shoulder a "
            "little: what hardens under the hand is the muscle."
        ),
        pair=_(
            "Feel for the bone that stands out most at the bottom of the neck when the head is "
            "bent (C7), and for the bony tip of the shoulder (acromion). The middle of the pair "
            "lies halfway between them; A and B lie on that line, 20 mm from centre to centre."
        ),
        reference=_("R on the bone at the bottom of the neck (C7)."),
        test=_(
            "Lift that shoulder slowly towards the ear, a little way, hold it for three seconds, "
            "and let it sink."
        ),
        avoid=_(
            "A small movement is enough: no strong shrug with a painful or dystonic neck, and stop "
            "where it hurts or begins to pull."
        ),
        source=_(
            "SENIAM, trapezius descendens (seniam.org; Hermens and others 2000): halfway between "
            "acromion and C7, along that line, reference on C7."
        ),
    ),
    "frontalis": Muscle(
        plain=_("Forehead"),
        name=_("frontalis"),
        label=_("frontalis {side}").format(side="{side}"),
        find=_(
            "Lay two fingers on the forehead above the eye and raise the eyebrows: what wrinkles "
            "the skin and pulls it up is the muscle."
        ),
        pair=_(
            "Above the pupil as you look straight ahead: A a finger's width above the eyebrow, B "
            "straight above it, 20 mm from centre to centre. Small electrodes may lie 10 mm apart; "
            "keep the distance that you began with."
        ),
        reference=_("R in the middle of the forehead, just below the hairline."),
        test=_("Raise the eyebrows gently, hold them for three seconds, and let them sink."),
        avoid=_(
            "Keep gel and tape out of the eyebrow and away from the eye; not where an injection "
            "was given in the last days."
        ),
        source=_(
            "Not in SENIAM. Along the fibres, with small electrodes 10 mm apart for muscles of the "
            "face: Fridlund and Cacioppo 1986 (Psychophysiology 23, 567-589). Above the pupil, 20 "
            "mm and the reference's place are common practice. One electrode above each eye is "
            "common too, but hears the whole face: its numbers do not compare with these."
        ),
    ),
    "masseter": Muscle(
        plain=_("Jaw"),
        name=_("masseter"),
        label=_("masseter {side}").format(side="{side}"),
        find=_(
            "Lay two fingers on the cheek just in front of the angle of the jaw and close the "
            "teeth gently: what bulges is the muscle."
        ),
        pair=_(
            "On the line from the outer corner of the eye to the angle of the jaw, where the "
            "muscle bulges most: B a thumb's width from the angle, A above it on that line, 20 mm "
            "from centre to centre."
        ),
        reference=_("R on the bone behind the ear of the same side (mastoid)."),
        test=_(
            "Close the teeth gently, as if they held a slip of paper, for three seconds; then let "
            "the jaw hang a little, the lips closed."
        ),
        avoid=_(
            "Teeth together gently, never with force; not with a sore jaw joint, a loose tooth or "
            "after a dentist's work. Shave a beard there, or choose another muscle."
        ),
        source=_(
            "Not in SENIAM. The line from eye to jaw and the reference's place are common "
            "practice. The lower front part of the muscle gave the clearest responses (Macaluso "
            "and De Laat 1995, doi 10.1111/j.1600-0722.1995.tb01855.x); placed by what is felt, "
            "readings repeated well after a week (Sabaneeff and others 2017, doi "
            "10.1590/2446-4740.03617)."
        ),
    ),
    "SCM": Muscle(
        plain=_("Front side of the neck"),
        name=_("sternocleidomastoid, SCM"),
        label=_("SCM {side}").format(side="{side}"),
        find=_(
            "Turn the head a little to the other side: a cord stands out from behind the ear to "
            "the top of the breastbone. Touch it lightly, with flat fingers, on this side only."
        ),
        pair=_(
            "On that cord, a third of the way up from the breastbone to the bone behind the ear; A "
            "and B lie along the cord, 20 mm from centre to centre."
        ),
        reference=_("R on the bony tip of the shoulder of the same side (acromion)."),
        test=_(
            "Turn the head slowly to the other side, a little way, hold it for three seconds, and "
            "come back."
        ),
        avoid=_(
            "Never on both sides of the front of the neck. Not on the windpipe, and not high up "
            "below the angle of the jaw, where the artery beats: where you feel a beat, lay the "
            "electrode further down and outwards. Do not press or rub. Whoever faints easily or "
            "has a narrowed neck artery asks the doctor first; with dizziness take it off."
        ),
        source=_(
            "Not in SENIAM. A third of the length up from the breastbone: Sports Medicine - Open "
            "2017 (doi 10.1186/s40798-017-0083-2), and, with the reference on the acromion, "
            "Journal of Sports Science and Medicine 13 (2014) 329, table 2, after Strimpakos and "
            "others."
        ),
        one_side=True,
    ),
    "splenius": Muscle(
        plain=_("Back side of the neck"),
        name=_("splenius"),
        label=_("splenius {side}").format(side="{side}"),
        find=_(
            "Slide two fingers from the bone behind the ear down and back, into the hollow between "
            "the cord at the side of the neck and the thick muscle at its back. Turn the head a "
            "little to this side: what hardens is the muscle."
        ),
        pair=_(
            "In that hollow, on bare skin: A two fingers' width below the bone behind the ear, B "
            "obliquely down and back from it, towards the bottom of the neck, 20 mm from centre to "
            "centre."
        ),
        reference=_("R on the bone at the bottom of the neck (C7)."),
        test=_(
            "Turn the head slowly to this side, a little way, hold it for three seconds, and come "
            "back."
        ),
        avoid=_(
            "Stay behind the cord at the side of the neck: in front of it the artery beats. "
            "Nothing against resistance with a painful or dystonic neck."
        ),
        source=_(
            "Not in SENIAM. Between trapezius and sternocleidomastoid at the second and third "
            "vertebra, reference on C7: Journal of Sports Science and Medicine 13 (2014) 329, "
            "table 2, after Strimpakos and others; Sports Medicine - Open 2017 (doi "
            "10.1186/s40798-017-0083-2). Such electrodes hear its neighbours too, above all the "
            "sternocleidomastoid (Mayoux-Benhamou and others 1995, Exp Brain Res 105, 432-438): "
            "take the number for the side of the neck, not for this muscle alone."
        ),
    ),
    "forearm extensors": Muscle(
        plain=_("Back of the forearm"),
        name=_("extensors of wrist and fingers"),
        label=_("forearm extensors {side}").format(side="{side}"),
        find=_(
            "Lay the forearm on a table, palm down, and two fingers of the other hand a hand's "
            "width below the outer side of the elbow. Lift the hand a little: what hardens is the "
            "muscle."
        ),
        pair=_(
            "On the line from the bony point at the outer side of the elbow to the middle of the "
            "back of the wrist, a third of the way down from the elbow; A and B lie on that line, "
            "20 mm from centre to centre."
        ),
        reference=_("R on the bony bump of the wrist, on the little finger's side."),
        test=_(
            "Lift the hand slowly off the table while the forearm lies still, hold it for three "
            "seconds, and let it sink."
        ),
        avoid=_(
            "All three electrodes on the same arm: never one on each, that would go across the "
            "chest. No hard grip, and take off watch and bracelet."
        ),
        source=_(
            "Not in SENIAM, which puts the reference of arm muscles on or around the wrist. A "
            "third of the way down from the elbow is common practice."
        ),
    ),
    "forearm flexors": Muscle(
        plain=_("Inside of the forearm"),
        name=_("flexors of wrist and fingers"),
        label=_("forearm flexors {side}").format(side="{side}"),
        find=_(
            "Lay the forearm on a table, palm up, and two fingers of the other hand a hand's width "
            "below the inner side of the elbow. Bend the fingers a little: what hardens is the "
            "muscle."
        ),
        pair=_(
            "On the line from the bony point at the inner side of the elbow to the middle of the "
            "wrist's inside, a third of the way down from the elbow; A and B lie on that line, 20 "
            "mm from centre to centre."
        ),
        reference=_("R on the bony bump of the wrist, on the little finger's side."),
        test=_(
            "Bend the fingers slowly, as if they held an egg, for three seconds, and let them open."
        ),
        avoid=_(
            "All three electrodes on the same arm: never one on each, that would go across the "
            "chest. No hard grip, and take off watch and bracelet."
        ),
        source=_(
            "Not in SENIAM, which puts the reference of arm muscles on or around the wrist. A "
            "third of the way down from the elbow is common practice; by ultrasound the middle of "
            "the flexor carpi radialis lies at 32 % (Journal of Electrodiagnosis and Neuromuscular "
            "Diseases 23(2), 2021)."
        ),
    ),
}


def label_of(muscle: str, side: str) -> str:
    """Return what a channel on the `muscle` (of `MUSCLES`) at that `side` is called."""
    return f"{muscle} {side}"


def named_by(label: str) -> tuple[str, str] | None:
    """Return the muscle and the side that `label` names; None where it is another's word."""
    muscle, _space, side = label.rpartition(" ")
    return (muscle, side) if muscle in MUSCLES and side in SIDES else None


def shown_label(label: str) -> str:
    """Return how people read `label`; files and programs get the label, which may be typed."""
    known = named_by(label)
    if known is None:
        return label
    muscle, side = known
    return MUSCLES[muscle].label.format(side=SIDES[side])


def why_not(labels: Sequence[str]) -> str:
    """Return why electrodes must not lie at all of `labels` together; empty where they may."""
    for label, times in Counter(label for label in labels if label).items():
        if times > 1:
            return _("Two sensors are said to be on the same muscle ({label}): change one.").format(
                label=shown_label(label)
            )
    for muscle, its in MUSCLES.items():
        if its.one_side and all(label_of(muscle, side) in labels for side in SIDES):
            return _(
                "Never on both sides of the front of the neck: take one of the two sensors off "
                "({name})."
            ).format(name=its.name)
    return ""
