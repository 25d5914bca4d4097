"""Makes the sound server of null_sink.py known to the tests here."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

from null_sink import server  # noqa: F401 - a fixture
