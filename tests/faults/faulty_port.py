"""A port at the end of a faulty cable."""

import os
import select
import termios
import threading
import tty

from faulty_cable import Damage, FaultyCable

_STEP_MS = 50


class FaultyPort:
    """A port behind which `board`, another port, lies at the end of a faulty cable; Linux.

    `name` is for the program to open; the speed that it sets is set on the board's port too. What
    the program says is damaged as what the board says is. Opening it resets no board.
    """

    def __init__(self, board: str, damage: Damage, *, seed: int) -> None:
        self.cable = FaultyCable(damage, seed=seed)
        self._back = FaultyCable(damage, seed=seed + 1)
        self._board = os.open(board, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self._master, self._slave = os.openpty()
        for end in (self._board, self._slave):
            tty.setraw(end)
        self.name = os.ttyname(self._slave)
        os.set_blocking(self._master, False)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take the cable away."""
        self._stopped.set()
        self._thread.join()
        for end in (self._board, self._master, self._slave):
            os.close(end)

    def _carry(self) -> None:
        poll = select.poll()
        poll.register(self._board, select.POLLIN)
        poll.register(self._master, select.POLLIN)
        while not self._stopped.is_set():
            ready = {end for end, _event in poll.poll(_STEP_MS)}
            self._follow_speed()
            if self._board in ready:
                self._write(self._master, self.cable(os.read(self._board, 4096)))
            if self._master in ready:
                self._write(self._board, self._back(os.read(self._master, 4096)))

    def _write(self, end: int, data: bytes) -> None:
        """Write all of it, or until the cable is taken away."""
        while data and not self._stopped.is_set():
            try:
                data = data[os.write(end, data) :]
            except BlockingIOError:
                self._stopped.wait(0.001)

    def _follow_speed(self) -> None:
        asked = termios.tcgetattr(self._slave)[4:6]
        now = termios.tcgetattr(self._board)
        if now[4:6] != asked:
            termios.tcsetattr(self._board, termios.TCSANOW, [*now[:4], *asked, now[6]])
