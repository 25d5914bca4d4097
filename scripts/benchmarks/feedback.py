"""What a frame of each way to see a training costs: `python3 -m benchmarks.feedback`, in scripts/.

In ms of the processor at 1280x800, everything that is painted included, while tension moves without
a pause. One JSON line for each.
"""

import json
import math
import time

import numpy as np
from PySide6.QtWidgets import QApplication

from biofeedback.display.feedback.feedback import Feedback
from biofeedback.display.sitting.frame import Frame
from biofeedback.display.widgets.palette import DARK, LIGHT, STRONG_LIGHT
from biofeedback.display.widgets.style import apply_style
from biofeedback.settings import TrainingSettings
from biofeedback.stream import Zone

SIZE = (880, 580)  # what the window at 1280x800 leaves for it
PER_SECOND, SECONDS = 30, 10
MUST_MS = 2.0
PALETTES = {"dark": DARK, "light": LIGHT, "strong": STRONG_LIGHT}


def frame(number: int) -> Frame:
    """Return a tension that swings between a third of the goal and four times it."""
    over = math.exp(1.25 * math.sin(2 * math.pi * number / (6 * PER_SECOND)))
    zone, word = (Zone.RELAXED, "At the goal") if over <= 1 else (Zone.TENSE, "Not yet")
    shares = (min(over / 4, 1.0), (0.0, 0.25))
    return Frame(number, f"{over:.1f}", "µV RMS", zone, word, "", *shares, 4.0, over_goal=over)


def cost_ms(way: str, palette: str, app: QApplication) -> float:
    """Return what a frame takes on average."""
    apply_style(app, PALETTES[palette], font_scale=1.0)
    seen = Feedback(PALETTES[palette], TrainingSettings(feedback=way))
    seen.resize(*SIZE)
    seen.show()
    curve = np.random.default_rng(1).uniform(0, 4, 1200)
    begin = 0.0
    for number in range(PER_SECOND * (SECONDS + 1)):
        if number == PER_SECOND:
            begin = time.process_time()
        seen.show_frame(frame(number), 1 / PER_SECOND)
        if number % 6 == 0:
            seen.show_slowly(frame(number), np.roll(curve, -number), silence="")
        app.processEvents()
    return 1000 * (time.process_time() - begin) / (PER_SECOND * SECONDS)


def main() -> None:
    """Print a line for each way and palette."""
    app = QApplication(["bench", "-platform", "offscreen"])
    app.setStyle("Fusion")
    for way in ("ring", "scene", "trend"):
        for palette in PALETTES:
            ours = cost_ms(way, palette, app)
            line = {
                "what": f"a frame of the {way}, {palette}",
                "ours": round(ours, 2),
                "unit": "ms",
                "must": ours < MUST_MS,
            }
            print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()
