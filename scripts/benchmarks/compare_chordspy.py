"""Reads a Chords board by chordspy: `python -m benchmarks.compare_chordspy PORT LOG`.

Runs in chordspy's environment. Its `Connection` does what its own program has it do: it looks for
the board, starts it, and its thread hands samples to LSL, from which its applications take them.
"""

# mypy: disable-error-code="import-not-found, import-untyped"

import os
import sys
from types import SimpleNamespace
from typing import Any

from benchmarks.compare_counting import Taken, until_told

USB_VENDOR = 0x2341  # it asks only ports that have one, and a pseudo-terminal has none


def main(port: str, log: str) -> None:
    """Read until standard input ends; a sample has arrived when it is handed to LSL."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # it prints its rate as it goes
    import serial.tools.list_ports
    from chordspy import connection

    taken = Taken()
    outlet = connection.StreamOutlet

    class Noting(outlet):  # type: ignore[misc, valid-type]
        """The outlet, which notes what is handed to it."""

        def push_sample(self, sample: Any, *words: Any, **named: Any) -> None:
            taken.take(sample)
            super().push_sample(sample, *words, **named)

    connection.StreamOutlet = Noting
    setattr(  # noqa: B010 - pyserial's
        serial.tools.list_ports, "comports", lambda: [SimpleNamespace(device=port, vid=USB_VENDOR)]
    )
    manager = connection.Connection()
    if not manager.connect_usb():
        sys.exit("chordspy does not find the board")
    until_told(answers).wait()
    manager.running = False
    manager.usb_thread.join(5)
    taken.save(log)
    manager.cleanup()


if __name__ == "__main__":
    main(*sys.argv[1:])
