"""Streams on this computer's loopback that no other test has."""

import itertools
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

PATIENCE_S = 20.0
_names = itertools.count()


@pytest.fixture
def name() -> str:
    """A stream's name that no other test has: what has gone is listed for a while."""
    return f"stream {next(_names)}"


@pytest.fixture
def until() -> Callable[[Callable[[], object]], object]:
    """Call something until it returns what is true, and return that."""

    def wait(look: Callable[[], object]) -> object:
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            if found := look():
                return found
        raise AssertionError("it did not happen")

    return wait
