"""How readings are printed: JSON lines for programs, a bar or plain lines for people."""

import contextlib
import json
import math
import shutil
import sys
from collections.abc import Callable
from typing import Any, Protocol, TextIO

from biofeedback.display.sitting.frame import Frame
from biofeedback.display.sitting.view_model import ViewModel, clock_word
from biofeedback.readings import PER_SECOND, Reading
from biofeedback.session import Session
from biofeedback.stream import Zone, flag_names
from biofeedback.text import _, harmless, plural
from biofeedback.words import number_word, plain, quality_words, unit_word, zone_word

_BAR_WIDTH, _SHORTEST_BAR, _LONGEST_WORD = 30, 8, 14
_LONGEST_SAID = 2000
_ERASE_LINE, _UP = "\x1b[K", "\x1b[A"


def say(text: str) -> None:
    """Tell the user something that is not data: on stderr."""
    if len(text) > _LONGEST_SAID:  # what a file holds where a word should be
        text = text[:_LONGEST_SAID] + " …"
    with contextlib.suppress(OSError):  # nobody listens
        print(harmless(text), file=sys.stderr, flush=True)


def tell(text: str = "", out: TextIO | None = None) -> None:
    """Print a line of data for people: on stdout, or `out`."""
    print(harmless(text), file=out or sys.stdout, flush=True)


def print_json(value: dict[str, Any], out: TextIO) -> None:
    """Print one object on a line, at once."""
    line = json.dumps(plain(value), ensure_ascii=False)
    # JSON itself leaves in what turns the order of a line around, and commands of one byte.
    print(line if line.isprintable() else json.dumps(plain(value)), file=out, flush=True)


class Printer(Protocol):
    """What `live` hands its readings to."""

    def show(self, session: Session, readings: list[Reading]) -> None:
        """Print new readings, oldest first."""

    def end(self, session: Session) -> None:
        """Print what the session was."""


class JsonPrinter:
    """One object a line for each channel ten times a second, then the summary."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def show(self, session: Session, readings: list[Reading]) -> None:
        """Print new readings, oldest first."""
        band_hz = session.band_hz
        for reading in readings:
            for i, channel in enumerate(session.info.channels):
                unit = "uv" if channel.unit == "uV" else "counts"
                line = {
                    "t_s": reading.t_s,
                    "channel": channel.label,
                    f"rms_{unit}": float(reading.slow[i]),
                    f"fast_rms_{unit}": float(reading.fast[i]),
                    "band_hz": band_hz,
                    "zone": Zone(int(reading.zones[i])).name.lower(),
                    "quality": flag_names(int(reading.quality[i])),
                }
                print_json(line, self._out)

    def end(self, session: Session) -> None:
        """Print the summary line."""
        print_json({"summary": session.summary()}, self._out)


class LinePrinter:
    """A line a second for each channel: for a pipe, a log, a screen reader."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def show(self, session: Session, readings: list[Reading]) -> None:
        """Print the readings of whole seconds."""
        for reading in readings:
            if reading.number % PER_SECOND == 0:
                self._print(session, reading)

    def _print(self, session: Session, reading: Reading) -> None:
        for i, channel in enumerate(session.info.channels):
            words = [
                clock_word(reading.t_s),
                channel.label,
                f"{number_word(float(reading.slow[i]), channel)} {unit_word(channel)}",
                zone_word(Zone(int(reading.zones[i]))) if session.has_threshold(i) else "",
                *quality_words(int(reading.quality[i])),
                _("SIMULATED") if session.info.simulated else "",
            ]
            tell("  ".join(word for word in words if word), self._out)

    def end(self, session: Session) -> None:
        """Say how much there was, and how much of it was valid."""
        lost = session.lost
        said = plural("{lost} sample lost", "{lost} samples lost", lost).format(lost=lost)
        say(
            _("{duration}, {valid:.0f} % valid, {said}.").format(
                duration=clock_word(session.duration_s), valid=session.valid_percent, said=said
            )
        )


class BarPrinter(LinePrinter):
    """A bar for each channel that moves in place ten times a second."""

    def __init__(self, out: TextIO, *, beside: Callable[[], str] | None = None) -> None:
        """`beside`: what else is to be read below the bars."""
        super().__init__(out)
        self._beside = beside
        self._views: list[ViewModel] = []
        self._drawn = 0

    def show(self, session: Session, readings: list[Reading]) -> None:
        """Draw when there is a new reading, or none any more."""
        if not readings and (session.now is None or not session.source.status):
            return
        if not self._views:
            self._views = [ViewModel(session) for _channel in session.info.channels]
            for i, view in enumerate(self._views):
                view.select(i)
        columns = shutil.get_terminal_size().columns
        lines = [
            _bar_line(channel.label, view.frame(), columns)
            for channel, view in zip(session.info.channels, self._views, strict=True)
        ]
        watermark = _("SIMULATED") + "  " if session.info.simulated else ""
        beside = self._beside() + "  " if self._beside else ""
        lines.append(f"{watermark}{clock_word(session.duration_s)}  {beside}" + _("Ctrl-C ends"))
        # a line that wraps could not be drawn over
        text = "\n".join(_ERASE_LINE + line[: columns - 1] for line in map(harmless, lines))
        print(_UP * self._drawn + "\r" + text, end="", file=self._out, flush=True)
        self._drawn = len(lines) - 1

    def end(self, session: Session) -> None:
        """Leave the bars as they stand."""
        print(file=self._out, flush=True)
        super().end(session)


def _bar_line(label: str, frame: Frame, columns: int) -> str:
    unit = frame.unit.partition(" · ")[0]
    left = f"{label:<16.16} {frame.number:>6} {unit}  "
    right = f"  {frame.word}"
    bar = _bar(frame, min(_BAR_WIDTH, max(_SHORTEST_BAR, columns - 1 - len(left) - _LONGEST_WORD)))
    return left + bar + right + (f"  {frame.hint}" if frame.zone == Zone.UNKNOWN else "")


def _bar(frame: Frame, width: int) -> str:
    if math.isnan(frame.share):
        return "·" * width
    filled = round(frame.share * width)
    cells = ["█"] * filled + ["░"] * (width - filled)
    for share in frame.goal:
        if share > 0:  # where it begins or ends on the bar
            cells[min(round(share * width), width - 1)] = "│"
    return "".join(cells)
