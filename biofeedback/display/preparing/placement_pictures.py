"""A drawing for each muscle: where the pair and the reference lie, left or right, and its words."""

from collections.abc import Callable
from dataclasses import dataclass

from biofeedback.display.preparing.placement_body import (
    draw_behind,
    draw_ear,
    draw_face,
    draw_forearm,
    draw_head_behind,
    draw_head_front,
    draw_jaw,
    draw_neck_front,
    draw_neck_side,
    draw_profile,
)
from biofeedback.display.preparing.placement_sketch import Point, Sketch
from biofeedback.display.widgets.picture import Canvas
from biofeedback.muscles import MUSCLES
from biofeedback.text import _

_TALL: Point = (30.0, 24.0)
_FLAT: Point = (30.0, 17.0)


@dataclass(frozen=True, slots=True)
class Drawing:
    """How one muscle is drawn: on which side it is as the points are given, and what one sees.

    `mm`: millimetres of the body a unit. `views`: what is seen, for the left and the right.
    """

    draw: Callable[[Sketch], None]
    mm: float
    drawn: str
    views: dict[str, str]
    units: Point = _TALL
    upside_down: bool = False


def draw_placement(canvas: Canvas, muscle: str, side: str) -> None:
    """Draw where the electrodes go on a `muscle` of `MUSCLES`, on its "left" or "right"."""
    its = DRAWINGS[muscle]
    its.draw(
        Sketch(
            canvas,
            its.units,
            mm=its.mm,
            side=side,
            mirrored=side != its.drawn,
            upside_down=its.upside_down,
        )
    )


def placement_words(muscle: str, side: str) -> str:
    """Return all that the drawing says: what is seen, and where the electrodes lie on it."""
    its = MUSCLES[muscle]
    return " ".join((DRAWINGS[muscle].views[side], its.pair, its.reference))


def _trapezius(to: Sketch) -> None:
    draw_behind(to)
    edge = [(15.1, 10.9), (16.8, 11.2), (18.0, 12.8), (19.2, 14.5), (21.4, 15.6), (24.4, 16.6)]
    edge += [(26.9, 17.5), (26.5, 18.4), (22.4, 18.1), (18.4, 17.6), (15.1, 17.2), (15.05, 14.0)]
    fibres = [
        [(15.2, 12.2), (16.6, 13.6), (19.0, 15.4), (22.6, 16.6), (26.0, 17.7)],
        [(15.2, 13.8), (16.6, 15.0), (19.4, 16.4), (25.8, 17.9)],
        [(15.2, 16.6), (18.6, 17.1), (25.8, 18.2)],
    ]
    to.muscle(edge, fibres)
    draw_head_behind(to)
    nape, shoulder = (15.0, 15.6), (26.9, 17.7)
    to.between(nape, shoulder)
    to.bone(*nape, _("bone at the bottom of the neck (C7)"), (1.6, 11.6, 8.6, 2.2))
    to.bone(*shoulder, _("tip of the shoulder"), (22.6, 11.4, 7.0, 2.2))
    to.pair((20.95, 16.65), nape)
    to.reference(*nape)
    _sides(to, drawn_at=24.4, y=22.6)


def _sides(to: Sketch, *, drawn_at: float, y: float) -> None:
    """Say which side of the picture is whose: the muscle's side, and the other."""
    to.side(drawn_at, y)
    to.side(30.0 - drawn_at, y, other=True)


def _frontalis(to: Sketch) -> None:
    draw_face(to)
    edge = [(14.3, 9.3), (12.2, 8.9), (10.2, 8.9), (9.2, 9.3), (8.8, 8.0), (9.2, 6.4)]
    edge += [(10.8, 5.0), (12.8, 4.7), (13.8, 5.6), (14.3, 7.4)]
    fibres = [[(x, 8.9), (x - 0.1, 7.4), (x, 6.2)] for x in (9.6, 10.4)]
    fibres += [[(x + 0.3, 8.9), (x + 0.1, 7.0), (x - 0.3, 5.4)] for x in (13.0, 13.6)]
    to.muscle(edge, fibres)
    to.pair((11.8, 6.9), (11.8, 9.0))
    to.reference(15.0, 5.3)
    _sides(to, drawn_at=3.6, y=20.0)


def _masseter(to: Sketch) -> None:
    draw_profile(to)
    edge = [(9.7, 13.0), (11.6, 12.6), (13.7, 12.7), (14.6, 14.4), (14.7, 16.6), (14.1, 18.3)]
    edge += [(12.6, 19.2), (11.2, 19.2), (10.6, 17.0), (9.9, 14.8)]
    fibres = [
        [(x, y), (x + 1.5, y + 2.3), (x + 2.5, y + 4.4)] for x, y in ((10.2, 13.4), (9.9, 14.2))
    ]
    fibres += [
        [(11.9, 13.0), (13.2, 14.5), (14.3, 16.6)],
        [(12.9, 12.9), (13.7, 13.8), (14.4, 15.0)],
    ]
    to.muscle(edge, fibres)
    draw_jaw(to)
    eye, angle = (8.7, 10.9), (14.2, 18.6)
    to.between(eye, angle)
    to.bone(*eye, _("outer corner of the eye"), (0.3, 6.0, 4.9, 3.0))
    to.bone(*angle, _("angle of the jaw"), (15.6, 20.4, 5.4, 2.6))
    to.pair((12.45, 16.18), eye)
    to.reference(18.1, 14.9)
    to.side(26.4, 21.6)


def _scm(to: Sketch) -> None:
    draw_neck_front(to)
    edge = [(10.7, 7.4), (11.4, 8.6), (12.3, 11.0), (13.5, 14.4), (14.6, 18.2), (14.0, 18.9)]
    edge += [(13.2, 18.4), (12.6, 16.9), (11.9, 18.4), (10.9, 18.3), (11.0, 15.0), (10.8, 11.4)]
    fibres = [
        [(11.0, 9.4), (12.4, 13.4), (13.9, 18.4)],
        [(10.9, 10.6), (11.9, 14.2), (13.3, 18.0)],
        [(10.9, 12.4), (11.2, 15.0), (11.3, 18.0)],
    ]
    to.muscle(edge, fibres)
    draw_head_front(to)
    notch, shoulder = (14.3, 18.6), (2.0, 17.5)
    to.bone(*notch, _("top of the breastbone"), (12.0, 20.6, 6.0, 2.6))
    to.bone(*shoulder, _("tip of the shoulder"), (0.6, 12.0, 6.4, 2.4))
    to.forbid(13.2, 11.6, _("not here: the artery beats"), (1.0, 6.4, 6.6, 2.6))
    to.forbid(15.0, 14.2, _("not on the windpipe"), (21.4, 10.0, 6.6, 2.4))
    to.pair((12.8, 14.4), (9.9, 6.6))
    to.reference(*shoulder)
    _sides(to, drawn_at=4.6, y=22.2)


def _splenius(to: Sketch) -> None:
    draw_neck_side(to)
    edge = [(15.9, 6.6), (17.6, 6.3), (18.3, 8.4), (18.3, 11.0), (17.7, 13.4), (16.8, 14.6)]
    edge += [(15.6, 13.0), (15.2, 11.0), (15.7, 8.8)]
    cord = [(14.9, 6.2), (16.0, 6.9), (15.2, 10.4), (13.6, 14.6), (11.6, 19.0), (10.1, 19.2)]
    cord += [(10.7, 16.4), (12.6, 12.0), (14.0, 8.2)]
    trapezius = [(18.4, 6.4), (18.7, 8.6), (18.6, 11.6), (17.6, 14.8), (14.9, 19.0)]
    trapezius += [(18.6, 19.4), (21.6, 17.8), (19.9, 14.2), (19.3, 9.8), (19.6, 8.0)]
    to.muscle(
        edge,
        [[(16.1, 7.4), (16.0, 10.4), (17.0, 13.8)], [(17.5, 6.9), (17.8, 9.6), (17.7, 12.6)]],
    )
    to.neighbour(cord)
    to.neighbour(trapezius)
    draw_ear(to, 14.2, 3.8, 0.85)
    to.bone(15.6, 6.3, _("bone behind the ear"), (23.4, 2.6, 6.2, 2.4))
    to.bone(20.8, 16.2, _("bone at the bottom of the neck (C7)"), (23.2, 12.4, 6.6, 3.4))
    to.word(_("cord at the side of the neck"), (1.6, 14.0, 6.6, 2.6), of=(12.4, 14.6))
    to.pair((16.7, 10.0), (16.0, 6.6))
    to.reference(20.6, 16.2)
    to.side(3.6, 21.4)


def _extensors(to: Sketch) -> None:
    draw_forearm(to, palm=False)
    elbow, wrist = (2.8, 10.6), (19.8, 8.6)
    _forearm(to, elbow, wrist)
    to.bone(*elbow, _("bone at the outer side of the elbow"), (0.6, 14.0, 8.0, 2.4))
    to.word(_("back of the hand"), (13.0, 1.2, 8.0, 1.6))
    to.side(5.0, 2.0)


def _flexors(to: Sketch) -> None:
    draw_forearm(to, palm=True)
    elbow, wrist = (2.8, 10.6), (19.8, 8.6)
    _forearm(to, elbow, wrist)
    to.bone(*elbow, _("bone at the inner side of the elbow"), (0.6, 14.0, 8.0, 2.4))
    to.word(_("palm of the hand"), (13.0, 1.2, 8.0, 1.6))
    to.side(5.0, 2.0)


def _forearm(to: Sketch, elbow: Point, wrist: Point) -> None:
    edge = [(2.5, 10.2), (5.0, 8.6), (8.4, 8.0), (11.6, 8.2), (14.6, 8.4), (19.6, 8.3)]
    edge += [(19.6, 8.9), (14.6, 9.6), (11.6, 10.8), (8.4, 11.7), (5.0, 11.8)]
    fibres = [
        [(3.4, 10.2), (6.6, 8.9), (10.6, 8.8), (15.0, 8.8)],
        [(3.4, 10.7), (6.6, 11.2), (10.6, 10.3), (15.0, 9.1)],
    ]
    to.muscle(edge, fibres)
    to.between(elbow, wrist)
    third = (elbow[0] + (wrist[0] - elbow[0]) / 3, elbow[1] + (wrist[1] - elbow[1]) / 3)
    to.pair(third, elbow)
    to.bone(19.0, 10.3, _("bump on the little finger's side"), (16.0, 13.0, 8.4, 2.0))
    to.reference(19.0, 10.3)


_BEHIND = {
    "left": _("Head and shoulders from behind: your left is on the left."),
    "right": _("Head and shoulders from behind: your right is on the right."),
}
_FRONT = {
    "left": _("From the front, as others see you: your left is on the right."),
    "right": _("From the front, as others see you: your right is on the left."),
}
_SIDE = {
    "left": _("Your left side, from the side: the face looks to the left."),
    "right": _("Your right side, from the side: the face looks to the right."),
}

DRAWINGS = {
    "trapezius": Drawing(_trapezius, 16.0, "right", _BEHIND),
    "frontalis": Drawing(_frontalis, 10.0, "right", _FRONT),
    "masseter": Drawing(_masseter, 10.0, "left", _SIDE),
    "SCM": Drawing(_scm, 13.5, "right", _FRONT),
    "splenius": Drawing(_splenius, 12.0, "left", _SIDE),
    "forearm extensors": Drawing(
        _extensors,
        15.0,
        "right",
        {
            "left": _("Your left forearm from above, palm down: the fingers point to the left."),
            "right": _("Your right forearm from above, palm down: the fingers point to the right."),
        },
        units=_FLAT,
    ),
    "forearm flexors": Drawing(
        _flexors,
        15.0,
        "right",
        {
            "left": _("Your left forearm from above, palm up: the fingers point to the left."),
            "right": _("Your right forearm from above, palm up: the fingers point to the right."),
        },
        units=_FLAT,
        upside_down=True,
    ),
}
