"""What was chosen to be opened: a source, and what is to be done with it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biofeedback.settings import SourceSettings
from biofeedback.sources import SourceOptions

if TYPE_CHECKING:
    from biofeedback.display.sitting.resume import BrokenOff
    from biofeedback.journal.nouns import Montage

PATIENCE_S = 600.0
"""How long the window waits for a board that was unplugged."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen to be opened; `remember`: what was connected, where it was a sensor.

    `protocol`: what is to be trained with it; empty: it is only watched. `resume`: the training
    that broke off and is gone on with. `note`: what is noted at the beginning of the sitting.
    `montage`: what a person is measured with, which holds for this sitting alone.
    """

    words: str
    options: SourceOptions
    remember: SourceSettings | None = None
    protocol: str = ""
    resume: "BrokenOff | None" = None
    note: str = ""
    montage: "Montage | None" = None
