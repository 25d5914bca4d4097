"""Frames that all have one length, as most boards send them, become samples.

None of these formats has a checksum worth the name: what they cannot detect is said as "unverified"
in a session's summary. What can be checked is checked here, once for all of them.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from biofeedback.stream import Chunk, Samples

Frames = NDArray[np.uint8]
"""``(n_frames, length)``: bytes that may be frames."""


class Framing(Protocol):
    """How the frames of a kind of board look."""

    @property
    def length(self) -> int:
        """Bytes of a frame."""

    @property
    def sync(self) -> bytes:
        """What each begins with; empty where there is no such mark."""

    @property
    def wraps(self) -> int:
        """The number at which a frame's counter begins anew; 0 where it has none."""

    @property
    def agreed(self) -> int:
        """So many frames in a row are no chance."""

    def are_whole(self, frames: Frames) -> NDArray[np.bool_]:
        """Say of each whether it can be a frame."""

    def counters(self, frames: Frames) -> NDArray[np.int64]:
        """Return the counter of each; not called where there is none."""

    def samples(self, frames: Frames) -> Samples:
        """Return what each holds, a row a frame."""


class FixedDecoder:
    """Turns bytes, cut anywhere, into chunks, by the rules of `framing`.

    It is in step once `framing.agreed` frames follow one another, their counters too. From then on
    a frame is handed on at once; one that looks wrong is dropped and counted in `corrupt_frames`,
    and the next place where frames agree is looked for. What the counter has left out is a gap; a
    counter that alone is wrong, and whose next is right again, is damage and no gap. Without a
    counter the bytes that were dropped tell how long a gap is, at least one sample.
    """

    def __init__(self, framing: Framing) -> None:
        self.framing = framing
        self.corrupt_frames = 0
        self.reset()

    def reset(self) -> None:
        """Expect a stream that begins anew: the port was opened, or the board started."""
        self.position = 0
        """The index of the next sample."""
        self._rest = b""
        self._in_step = False
        self._last: int | None = None  # the counter of the newest frame
        self._began = False  # a sample was handed on
        self._dropped = 0  # bytes, since the newest frame

    @property
    def owed(self) -> float:
        """How many samples the bytes are that were fed since the newest one."""
        return (self._dropped + len(self._rest)) / self.framing.length

    def feed(self, data: bytes, *, clock_index: float | None = None) -> list[Chunk]:
        """Return the samples that `data` completes; never raises, whatever the bytes are.

        `clock_index`: what the clock says that `position` will be, where silence may have been
        longer than the counter can tell.
        """
        self._rest += data
        chunks: list[Chunk] = []
        while (self._in_step or self._find()) and len(self._rest) >= self.framing.length:
            frames = self._frames()
            whole = self.framing.are_whole(frames)
            good = len(frames) if whole.all() else int(whole.argmin())
            taken = self._take(frames[:good], chunks, clock_index)
            self._rest = self._rest[taken * self.framing.length :]
            if good < len(frames):  # and so was the one before, if its counter was odd
                self._lose_step()
            elif taken < good:
                break  # whether that one's counter is damaged, the next will tell
        return chunks

    def _frames(self) -> Frames:
        length = self.framing.length
        n = len(self._rest) // length
        return np.frombuffer(self._rest, np.uint8, n * length).reshape(n, length)

    def _lose_step(self) -> None:
        self._in_step = False
        self.corrupt_frames += 1
        self._drop(1)

    def _drop(self, n: int) -> None:
        self._rest = self._rest[n:]
        self._dropped += n

    # in step

    def _take(self, frames: Frames, chunks: list[Chunk], clock_index: float | None) -> int:
        """Hand on what is believed of whole `frames`; return how many need not be looked at again.

        All but perhaps the last, whose counter is odd: only the next tells what that means.
        """
        framing = self.framing
        if not framing.wraps:
            self._hand_on(frames, chunks, 0)
            return len(frames)
        numbers, done = framing.counters(frames), 0
        last = self._last if self._last is not None or not len(frames) else int(numbers[0]) - 1
        while last is not None and done < len(frames):
            steps = numbers[done:].copy()  # np.diff's own work takes longer than all the rest
            steps[1:] -= numbers[done:-1]
            steps[0] -= last
            odd = ((steps - 1) % framing.wraps).nonzero()[0]
            run = int(odd[0]) if len(odd) else len(frames) - done
            self._hand_on(frames[done : done + run], chunks, 0)
            done += run
            if run:
                last = int(numbers[done - 1])
            if done + 1 >= len(frames):
                break
            if (int(numbers[done + 1]) - last - 2) % framing.wraps == 0:  # the next is right
                self.corrupt_frames += 1
                self.position += 1
                last += 1
            else:
                missing = (int(numbers[done]) - last - 1) % framing.wraps
                if clock_index is not None:
                    missing = self._by_clock(missing, clock_index - (len(frames) - done))
                self._hand_on(frames[done : done + 1], chunks, missing)
                last = int(numbers[done])
            done += 1
        self._last = last
        return done

    def _by_clock(self, missing: int, index: float) -> int:
        """Return how many frames are missing before the one that should be about `index`."""
        rounds = round((index - self.position - missing) / self.framing.wraps)
        return missing + max(0, rounds) * self.framing.wraps

    def _hand_on(self, frames: Frames, chunks: list[Chunk], missing: int) -> None:
        if not len(frames):
            return
        self.position += missing
        samples = self.framing.samples(frames)
        if chunks and chunks[-1].stop == self.position:
            first = chunks.pop()
            chunks.append(Chunk(first.start, np.concatenate((first.samples, samples))))
        else:
            chunks.append(Chunk(self.position, samples))
        self.position += len(samples)
        self._began, self._dropped = True, 0

    # out of step

    def _find(self) -> bool:
        """Find the first place where enough frames agree; drop what comes before."""
        framing = self.framing
        span = framing.length * framing.agreed
        places = len(self._rest) - span + 1
        if places <= 0:
            return False
        windows = np.lib.stride_tricks.sliding_window_view(
            np.frombuffer(self._rest, np.uint8), span
        )
        starts = np.arange(places)
        for at, byte in enumerate(framing.sync):
            starts = starts[windows[starts, at] == byte]
        frames = windows[starts].reshape(len(starts) * framing.agreed, framing.length)
        agree = framing.are_whole(frames).reshape(-1, framing.agreed).all(axis=1)
        if framing.wraps:
            numbers = framing.counters(frames).reshape(-1, framing.agreed)
            agree &= ((np.diff(numbers) - 1) % framing.wraps == 0).all(axis=1)
        found = starts[agree]
        self._drop(int(found[0]) if len(found) else places)
        if not len(found):
            return False
        self._in_step = True
        if self._began and not framing.wraps:
            self.position += max(1, round(self._dropped / framing.length))
        return True
