"""What the tests of the heart stand on: a scripted radio."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
