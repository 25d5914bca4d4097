"""Reads a Cyton by BrainFlow: `python -m benchmarks.compare_brainflow PORT LOG BOARD POLL_S`.

Runs in BrainFlow's environment. It reads the port on a thread of its own; what has come is asked
for each so many seconds, as its examples do.
"""

# mypy: disable-error-code="import-not-found, import-untyped"

import sys
import time

from benchmarks.compare_counting import Taken, until_told

UV_PER_COUNT = 4.5 / (2**23 - 1) / 24 * 1e6  # OpenBCI's "Cyton data format", at gain 24


def main(port: str, log: str, board: str, poll_s: str) -> None:
    """Read until standard input ends; samples have arrived when `get_board_data` returns them."""
    from brainflow import BoardIds, BoardShim, BrainFlowInputParams

    BoardShim.disable_board_logger()
    params = BrainFlowInputParams()
    params.serial_port = port
    number = BoardIds[board].value
    shim, taken, wait_s = BoardShim(number, params), Taken(), float(poll_s)
    channels = BoardShim.get_eeg_channels(number)
    shim.prepare_session()
    shim.start_stream()
    ended = until_told()
    while not ended.is_set():
        data = shim.get_board_data()
        if data.shape[1]:
            taken.take(data)
        time.sleep(wait_s)
    shim.stop_stream()
    shim.release_session()
    taken.save(log, lambda data: data[channels].T / UV_PER_COUNT)


if __name__ == "__main__":
    main(*sys.argv[1:])
