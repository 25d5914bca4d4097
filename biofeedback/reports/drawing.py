"""Pictures as SVG: in greys and shapes, so that they print; the same bits for the same numbers."""

import io
import re
from typing import Any

from biofeedback.reports.extras import load
from biofeedback.reports.parts import Picture

WIDTH_INCH = 7.0
INK, GREY, PALE = "#000000", "#6b6b6b", "#d0d0d0"
STYLE: dict[str, Any] = {
    "font.size": 8,
    "font.family": ["DejaVu Sans"],
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 7,
    "svg.fonttype": "path",
    "svg.hashsalt": "biofeedback",
    "pdf.fonttype": 42,
}


def svg(picture: Picture, name: str) -> str:
    """Return `picture` as an `<svg>` element that leads nowhere; its ids begin with `name`.

    No two elements of a page may have the same id, and each picture has its own `axes_1`.
    """
    matplotlib, figures = load("matplotlib"), load("matplotlib.figure")
    with matplotlib.rc_context(STYLE):
        figure = figures.Figure(
            figsize=(WIDTH_INCH, WIDTH_INCH * picture.share), layout="constrained"
        )
        picture.draw(figure.subplots())
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    drawn = out.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    return re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{name}-", drawn)
