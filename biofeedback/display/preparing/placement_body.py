"""Outlines of the body, each from one side, in units of its own drawing; see `Sketch`."""

from biofeedback.display.preparing.placement_sketch import Point, Sketch

MIDDLE = 15.0
"""Where the middle line of the body lies in what is drawn from the front or from behind."""


def other_half(points: list[Point]) -> list[Point]:
    """Return the mirror image of one half of an outline, in the order that goes on from it."""
    return [(2 * MIDDLE - x, y) for x, y in reversed(points)]


def draw_behind(to: Sketch) -> None:
    """Draw neck and shoulders from behind; 16 mm a unit."""
    half = [(18.4, 9.4), (18.2, 11.4), (18.4, 13.0), (19.2, 14.5), (21.4, 15.6), (24.4, 16.6)]
    half += [(27.2, 17.6), (28.7, 19.2), (29.2, 21.6), (29.2, 24.0)]
    to.skin(other_half(half), half)
    to.fade((0.5, 24.1), (29.5, 24.1))
    spine = [(26.4, 18.9), (22.4, 19.2), (19.4, 19.9)]
    for blade in (spine, [(19.4, 19.9), (19.5, 22.0), (20.4, 24.0)]):
        to.line(*blade, quiet=True)
        to.line(*other_half(blade), quiet=True)
    to.line((15.0, 17.6), (15.0, 24.0), quiet=True)


def draw_head_behind(to: Sketch) -> None:
    """Draw the head that belongs to `draw_behind`: its hair covers where the muscle begins."""
    ear = [(19.9, 6.6), (20.8, 6.4), (20.7, 8.2), (19.8, 9.4)]
    to.line(*ear)
    to.line(*other_half(ear))
    half = [(18.0, 1.3), (19.7, 4.0), (19.9, 7.2), (19.0, 9.6), (18.0, 11.2), (16.8, 11.9)]
    to.shade([(15.0, 0.6), *half, (15.0, 12.0), *other_half(half)])


def draw_face(to: Sketch) -> None:
    """Draw a face from the front; 10 mm a unit."""
    half = [(15.0, 0.6), (19.2, 1.6), (22.0, 4.8), (22.8, 9.0), (22.4, 13.0), (21.4, 17.0)]
    half += [(19.6, 20.6), (17.2, 22.8)]
    ear = [(22.7, 10.0), (24.0, 9.4), (24.2, 11.4), (23.3, 14.2), (22.2, 14.6)]
    to.line(*ear)
    to.line(*other_half(ear))
    to.skin([*half, (15.0, 23.2), *other_half(half[1:])])
    hair = [(15.0, 0.6), (19.2, 1.6), (22.0, 4.8), (22.8, 9.0), (22.0, 7.4), (20.4, 5.2)]
    hair += [(18.0, 4.3)]
    to.shade([*hair, (15.0, 4.1), *other_half(hair[1:])])
    for x in (11.8, 18.2):
        to.line((x - 1.6, 11.8), (x - 0.6, 11.1), (x + 0.6, 11.1), (x + 1.6, 11.8))
        to.line((x - 1.6, 11.8), (x, 12.5), (x + 1.6, 11.8))
        to.dot(x, 11.75, 0.5)
        outwards = 1 if x > MIDDLE else -1
        brow = [(-1.9, 9.9), (0.2, 9.3), (2.4, 10.0)]
        to.line(*[(x + outwards * dx, y) for dx, y in brow], width=0.35)
    to.line((14.3, 12.4), (13.6, 15.2), (14.2, 15.9), (15.0, 16.1))
    to.line((15.7, 12.4), (16.4, 15.2), (15.8, 15.9), (15.0, 16.1))
    to.line((12.7, 18.4), (15.0, 18.2), (17.3, 18.4))
    to.line((13.4, 18.9), (15.0, 19.4), (16.6, 18.9), quiet=True)


def draw_profile(to: Sketch) -> None:
    """Draw a head from its left side; 10 mm a unit."""
    front = [(15.0, 0.7), (10.6, 1.6), (7.4, 4.2), (6.1, 7.4), (6.0, 9.1), (6.4, 10.3)]
    nose = [(5.2, 12.2), (4.0, 13.8), (4.6, 14.6), (5.7, 14.9)]
    mouth = [(5.3, 16.0), (5.9, 16.7), (5.5, 17.5), (6.2, 18.5), (5.9, 20.0), (6.6, 21.3)]
    chin = [(8.0, 21.9), (10.4, 21.6), (11.4, 24.0)]
    back = [(21.8, 24.0), (21.6, 19.0), (22.4, 16.4), (24.4, 13.2), (25.0, 9.4), (23.6, 4.6)]
    back += [(20.0, 1.6)]
    to.skin([*front, *nose, *mouth, *chin], [*back, (15.0, 0.7)])
    to.fade((11.1, 24.1), (22.1, 24.1))
    hair = [(15.0, 0.7), (10.6, 1.6), (8.0, 3.6), (10.6, 5.2), (12.4, 8.2), (14.4, 9.0)]
    hair += [(15.4, 8.0), (17.6, 8.2), (18.9, 11.0), (18.8, 13.6), (21.0, 16.8), (22.4, 16.4)]
    hair += [(24.4, 13.2), (25.0, 9.4), (23.6, 4.6), (20.0, 1.6)]
    to.shade(hair)
    to.line((7.0, 10.9), (8.7, 10.9), quiet=False)
    to.line((6.9, 10.6), (7.6, 10.2), (8.7, 10.9))
    to.line((6.4, 8.9), (7.8, 8.4), (9.4, 9.1), width=0.35)
    to.line((5.3, 14.6), (5.8, 14.0), (5.6, 13.4), quiet=True)
    to.line((5.9, 16.7), (7.4, 16.9))
    draw_ear(to, 16.4, 12.0, 1.0)


def draw_jaw(to: Sketch) -> None:
    """Draw the edge of the lower jaw and the cheekbone that are felt beside the muscle."""
    to.line((15.6, 13.8), (15.2, 16.4), (14.2, 18.6), (11.6, 20.0), (8.0, 21.9), quiet=True)
    to.line((8.6, 12.6), (11.4, 12.5), (14.8, 12.4), quiet=True)


def draw_ear(to: Sketch, x: float, y: float, size: float) -> None:
    """Draw an ear whose opening lies a little to the left of its middle."""
    around = [(-1.0, 1.6), (-1.3, -1.4), (0.2, -2.9), (1.8, -2.2), (1.7, -0.2), (0.8, 1.6)]
    around += [(-0.1, 3.0), (-1.0, 2.6)]
    to.skin([(x + size * dx, y + size * dy) for dx, dy in around])
    inside = [(-0.5, -1.0), (0.3, -2.0), (1.1, -1.4), (0.6, 0.2), (-0.1, 1.3)]
    to.line(*[(x + size * dx, y + size * dy) for dx, dy in inside], quiet=True)


def draw_neck_front(to: Sketch) -> None:
    """Draw neck and shoulders from the front, the head from the eyes down; 13.5 mm a unit."""
    half = [(19.5, 6.4), (19.3, 9.0), (19.3, 12.6), (20.2, 14.3), (23.0, 15.8), (27.0, 17.0)]
    half += [(29.2, 18.6)]
    half += [(29.8, 21.0), (29.8, 24.0)]
    to.skin(other_half(half), half)
    to.fade((0.0, 24.1), (30.0, 24.1))
    bone = [(15.9, 18.9), (18.6, 18.2), (22.6, 17.9), (27.8, 17.3)]
    for edge in (bone, [(15.9, 19.6), (19.0, 19.0), (23.0, 18.7), (27.8, 18.1)]):
        to.line(*edge, quiet=True)
        to.line(*other_half(edge), quiet=True)
    to.line((14.2, 18.7), (15.0, 19.3), (15.8, 18.7))
    pipe = [(15.7, 12.4), (15.9, 13.6), (15.6, 15.4), (15.6, 18.2)]
    to.line(*pipe, quiet=True)
    to.line(*other_half(pipe), quiet=True)


def draw_head_front(to: Sketch) -> None:
    """Draw the head that belongs to `draw_neck_front`, over what lies behind the jaw."""
    ear = [(20.8, 1.4), (21.8, 1.3), (21.8, 3.4), (21.0, 5.4), (20.3, 5.6)]
    to.line(*ear)
    to.line(*other_half(ear))
    half = [(20.7, 0.4), (20.6, 3.0), (20.0, 6.0), (18.9, 8.6), (16.9, 10.7), (15.0, 11.2)]
    to.skin([*half, *other_half(half[:-1])], [(9.3, 0.4), half[0]])
    to.fade((9.0, 0.2), (21.0, 0.2))
    for x in (12.6, 17.4):
        to.line((x - 1.2, 2.6), (x, 2.1), (x + 1.2, 2.6))
        to.line((x - 1.2, 2.6), (x, 3.0), (x + 1.2, 2.6))
        to.dot(x, 2.55, 0.35)
    to.line((14.0, 5.3), (14.4, 5.9), (15.0, 6.0), (15.6, 5.9), (16.0, 5.3))
    to.line((13.3, 7.9), (15.0, 7.7), (16.7, 7.9))


def draw_neck_side(to: Sketch) -> None:
    """Draw a neck from its left side, the head from the eyes down; 12 mm a unit."""
    face = [(5.4, 0.3), (5.8, 2.0), (4.2, 5.0), (4.6, 5.8), (5.6, 6.0), (5.2, 7.0), (5.7, 7.6)]
    face += [(5.4, 8.2), (5.9, 9.2), (5.7, 10.4), (6.4, 11.6), (7.8, 12.0), (10.0, 12.2)]
    front = [(10.6, 15.0), (10.0, 18.6), (8.4, 20.4), (7.2, 24.0)]
    back = [(25.4, 24.0), (23.6, 20.0), (21.0, 16.2), (19.6, 12.6), (19.5, 9.4), (20.9, 6.0)]
    back += [(21.8, 2.6), (21.8, 0.3)]
    to.skin([*face, *front], back)
    to.fade((6.9, 24.1), (25.7, 24.1))
    to.line((10.4, 24.0), (11.6, 20.6), (14.6, 19.2), (18.0, 20.4), (19.6, 24.0))
    to.line((9.8, 19.2), (12.2, 18.8), (14.6, 19.2), quiet=True)
    hair = [(15.2, 0.3), (15.9, 3.0), (16.9, 5.6), (18.6, 6.6), (19.9, 8.0), (20.9, 6.0)]
    hair += [(21.8, 2.6), (21.8, 0.3)]
    to.shade(hair)
    to.fade((5.0, 0.1), (22.2, 0.1))
    to.line((6.6, 2.6), (8.2, 2.6))
    to.line((5.7, 7.6), (7.0, 7.7))
    to.line((13.8, 6.2), (13.4, 8.0), (12.4, 9.6), (10.2, 10.8), (7.4, 12.0), quiet=True)
    draw_ear(to, 14.2, 3.8, 0.85)


def draw_forearm(to: Sketch, *, palm: bool) -> None:
    """Draw a right forearm on a table, the thumb above; 15 mm a unit."""
    upper = [(0.4, 5.0), (3.0, 4.9), (6.5, 4.5), (11.0, 5.3), (16.0, 6.3), (19.8, 6.4)]
    thumb = [(21.4, 5.8), (23.0, 4.2), (24.8, 2.9), (26.0, 2.7), (26.4, 3.4), (25.3, 4.5)]
    thumb += [(24.3, 5.8), (24.4, 6.2)]
    index = [(26.4, 6.0), (28.5, 6.0), (28.9, 6.6), (28.5, 7.2), (25.6, 7.4)]
    middle = [(26.4, 7.4), (29.3, 7.5), (29.7, 8.1), (29.3, 8.7), (25.6, 8.7)]
    ring = [(26.4, 8.8), (28.7, 9.0), (29.1, 9.6), (28.7, 10.1), (25.4, 9.9)]
    little = [(26.0, 10.1), (27.2, 10.4), (27.5, 10.9), (27.1, 11.4), (24.4, 11.2)]
    lower = [(21.8, 11.0), (20.0, 10.6), (19.0, 10.9), (16.0, 11.0), (11.0, 12.0), (6.0, 12.8)]
    lower += [(2.6, 12.6), (0.4, 11.8)]
    to.skin(upper + thumb, index, middle, ring, little + lower)
    to.fade((0.3, 4.7), (0.3, 12.1))
    if palm:
        to.line((19.9, 6.8), (20.2, 8.4), (19.9, 10.2), quiet=True)
        to.line((21.0, 10.0), (22.2, 8.2), (24.0, 6.9), quiet=True)
        to.line((24.6, 10.2), (24.3, 8.6), (24.9, 7.4), quiet=True)
        to.line((2.4, 5.6), (3.0, 8.6), (2.4, 11.4), quiet=True)
        return
    for x, y in ((27.9, 6.6), (28.7, 8.1), (28.1, 9.55), (26.6, 10.85)):
        to.line((x + 0.7, y - 0.35), (x, y - 0.35), (x, y + 0.35), (x + 0.7, y + 0.35), quiet=True)
    for x, y in ((24.4, 7.0), (24.8, 8.2), (24.6, 9.4), (24.0, 10.4)):
        to.line((x, y - 0.35), (x + 0.3, y), (x, y + 0.35), quiet=True)
