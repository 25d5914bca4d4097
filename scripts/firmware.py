"""Builds the firmware of the Uno into the package: `python3 scripts/firmware.py [--check]`.

With --check it only compares, and exits with 3 where the shipped hex is another one.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import bootstrap

FIRMWARE = bootstrap.ROOT / "firmware"
SHIPPED = bootstrap.ROOT / "biofeedback" / "devices" / "uno.hex"

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["make", "-C", str(FIRMWARE), "BUILD=" + place, "uno"], check=True)
        built = (Path(place) / "uno" / "biofeedback.hex").read_bytes()
    if "--check" in sys.argv[1:]:
        if not SHIPPED.is_file() or SHIPPED.read_bytes() != built:
            print("biofeedback/devices/uno.hex is not what firmware/ gives: run me without --check")
            sys.exit(3)
    else:
        SHIPPED.write_bytes(built)
