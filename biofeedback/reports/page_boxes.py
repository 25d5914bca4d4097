"""What stands in the margins of every printed page, as CSS: its number, and that it is simulated.

Boxes in margins are CSS Paged Media, which WeasyPrint and Chromium draw; where they are not known
the page is whole without them.
"""

import re

from biofeedback.reports.parts import Report, foot, page_word, stamp
from biofeedback.text import harmless

_LONGEST = 90  # letters at the foot, beside the number of the page


def page_boxes(report: Report) -> str:
    """Return the boxes of `report` as CSS in which no letter of a text can mean anything."""
    line = harmless(foot(report))
    line = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
    boxes = [
        f"@bottom-left {{ content: {_quoted(line)}; }}",
        f"@bottom-right {{ content: {_counted(page_word())}; }}",
    ]
    if report.simulated:
        boxes.append(f"@top-center {{ content: {_quoted(stamp())}; }}")
    first = "@page :first { @top-center { content: none; } }"  # there it stands in the text
    return f"@page {{ {' '.join(boxes)} }} {first if report.simulated else ''}".rstrip()


def _quoted(text: str) -> str:
    """Return a text as a string of CSS, with the number of each letter that is not plain."""
    plain = (c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in text)
    return f'"{"".join(plain)}"'


def _counted(form: str) -> str:
    """Return `form` with the counters of pages where their names stand in it."""
    pieces = re.split(r"\{(pages?)\}", form)
    return " ".join(
        f"counter({piece})" if n % 2 else _quoted(piece) for n, piece in enumerate(pieces)
    )
