"""What a test found: a row of the table."""

import math
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """`count` trials of `test`, whose `target` is in words.

    `failures`: a sentence each. `worst`, in `unit`, must not pass `limit`; `also`: what else was
    seen. `skipped`: why there was no trial here.
    """

    test: str
    target: str
    count: int = 0
    failures: tuple[str, ...] = ()
    worst: float = 0.0
    unit: str = ""
    limit: float = math.inf
    also: dict[str, float | str] = field(default_factory=dict)
    skipped: str = ""

    @property
    def passed(self) -> bool:
        """Whether the target is met; of what was skipped nothing is claimed."""
        return bool(self.count) and not self.failures and self.worst <= self.limit
