"""The heart beside a stream of tension: heard in its time, and written beside its recording."""

import math
import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

from biofeedback.errors import RecordingError
from biofeedback.heart.radio import Radio
from biofeedback.heart.strap import STOP_S, Beats, Strap
from biofeedback.recording.heart_csv import HeartCsv
from biofeedback.recording.live import Recorder
from biofeedback.stream import Annotation, Chunk, StreamInfo

STRAP = "strap"
"""Where the rate is from, in what is kept."""


class Heartbeat(NamedTuple):
    """What the strap told at `t_s` of the stream."""

    t_s: float
    beats: Beats


class HeartBeside:
    """A sink that sets what a strap tells in the time of the stream that it is a sink of.

    `came` grows with each measurement; it may be polled. Those that come while one of `recorders`
    has a file are written beside it. The strap's own thread does all of it: the stream never waits.
    `hang_up_s`: how long closing waits for the strap's being let go.
    """

    def __init__(
        self,
        name: str,
        *,
        recorders: Sequence[Recorder] = (),
        radio: Radio | None = None,
        hang_up_s: float = STOP_S,
    ) -> None:
        self.strap = Strap(name, self._take, radio=radio)
        self.came: list[Heartbeat] = []
        self._written, self._failed = dict.fromkeys(recorders, 0), ""
        self._files: dict[Recorder, HeartCsv] = {}
        self._writing = threading.Lock()
        self._stop, self._sfreq, self._hang_up_s = 0, math.nan, hang_up_s

    @property
    def notes(self) -> tuple[str, ...]:
        """What became of the strap, each a sentence."""
        return (*self.strap.notes, *([self._failed] if self._failed else []))

    def open(self, info: StreamInfo, start: int = 0) -> None:
        """Begin to look for the strap; whether it is there or not, nothing waits."""
        self._stop, self._sfreq = start, info.sfreq
        self.strap.start()

    def write(self, chunk: Chunk) -> None:
        """Take how far the stream has come."""
        self._stop = chunk.stop

    def annotate(self, annotation: Annotation) -> None:
        """Take nothing: notes are in the recording."""

    def close(self) -> None:
        """Let the strap go."""
        self.strap.stop(self._hang_up_s)
        for recorder in tuple(self._written):
            self.leave(recorder)

    def join(self, recorder: Recorder) -> None:
        """Write what comes from now on beside what `recorder` records, too."""
        with self._writing:
            self._written[recorder] = len(self.came)

    def leave(self, recorder: Recorder) -> None:
        """Write what is left beside what `recorder` has recorded, and nothing more."""
        self._write()  # the file of a recording that ended soon was made only after the last came
        with self._writing:
            self._written.pop(recorder, None)
            if file := self._files.pop(recorder, None):
                file.close()

    def _take(self, beats: Beats) -> None:
        self.came.append(Heartbeat(self._stop / self._sfreq, beats))
        self._write()

    def _write(self) -> None:
        """Write what came since, beside each recording that has a file by now."""
        with self._writing:
            try:
                for recorder, written in self._written.items():
                    new = self.came[written:]
                    if recorder.files and new:
                        self._written[recorder] += len(new)
                        self._add(recorder, new)
            except RecordingError as error:
                self._failed = self._failed or str(error)

    def _add(self, recorder: Recorder, new: Sequence[Heartbeat]) -> None:
        if recorder not in self._files:
            self._files[recorder] = HeartCsv(recorder.files[0])
        for t_s, (told, artefacts) in new:
            if t_s >= recorder.start_s:
                self._files[recorder].add(t_s, told.rate_bpm, told.rr_s, artefacts)

    def rate_between(self, start_s: float, stop_s: float) -> tuple[float, float]:
        """Return the mean rate in that time, or NaN, and the percent of it that had a rate."""
        known = [
            (int(each.t_s), each.beats.told.rate_bpm)
            for each in self.came
            if start_s <= each.t_s < stop_s and not math.isnan(each.beats.told.rate_bpm)
        ]
        seconds = max(1, round(stop_s - start_s))
        percent = 100.0 * min(1.0, len({second for second, _rate in known}) / seconds)
        return (sum(r for _s, r in known) / len(known) if known else math.nan), percent

    def summary(self, duration_s: float) -> dict[str, Any]:
        """Return what came of it in a stream of that length, as plain values; NaN for unknown."""
        rate, percent = self.rate_between(0.0, duration_s)
        intervals = [bad for each in self.came for bad in each.beats.artefacts]
        return {
            "from": STRAP,
            "rate_bpm": rate,
            "percent_of_time": percent,
            "rr_intervals": len(intervals),
            "rr_artefacts": sum(intervals),
            "losses": self.strap.losses,
            "corrupt": self.strap.corrupt,
        }
