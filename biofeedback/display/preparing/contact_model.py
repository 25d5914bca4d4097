"""The contact test, step by step on a session that goes on: what to do, what was found; no Qt."""

import math
from enum import Enum, auto

from biofeedback.contact import CONTRACTION_S, END_S, REST_S, Contact, check_contact, span
from biofeedback.display.sitting.view_model import ViewModel
from biofeedback.muscles import shown_label
from biofeedback.session import State
from biofeedback.stream import Quality, Samples
from biofeedback.text import _
from biofeedback.words import number_word, unit_word


class Step(Enum):
    """Where the test stands."""

    READY = auto()
    WAITING = auto()
    """No samples come: it begins anew once they do."""
    REST = auto()
    CONTRACTION = auto()
    DONE = auto()
    LOST = auto()
    """The session is over, and the test was not done."""


class ContactTest:
    """Ten seconds at rest, ten of a gentle contraction; `poll` sees how far they are.

    The sample index is its clock. `found`: of each channel, once it is DONE.
    """

    def __init__(self, view_model: ViewModel) -> None:
        self.view = view_model
        self.step = Step.READY
        self.found: tuple[Contact, ...] = ()
        self.t_s = 0.0
        """Seconds of samples since it began."""
        self.broken_off = False
        """Whether samples stopped coming while it ran."""
        self._start: int | None = None

    @property
    def running(self) -> bool:
        """Whether it listens, or would if samples came."""
        return self.step in (Step.WAITING, Step.REST, Step.CONTRACTION)

    @property
    def ok(self) -> bool:
        """Whether every sensor sits well."""
        return bool(self.found) and all(contact.ok for contact in self.found)

    def start(self) -> None:
        """Begin, or begin anew."""
        self.found, self.t_s, self._start, self.broken_off = (), 0.0, None, False
        self.step = Step.WAITING
        self.poll()

    def poll(self) -> Step:
        """Take note of what the session has come to; return where the test stands."""
        session = self.view.session
        if self.step in (Step.DONE, Step.LOST):
            return self.step
        if session.state in (State.FAILED, State.ENDED):
            # what was still read before the end may be enough
            enough = self._start is not None and self._elapsed_s() >= END_S
            self.step = self._judge() if enough else Step.LOST
        elif self.step is not Step.READY:
            self.step = self._next()
        return self.step

    def _next(self) -> Step:
        away = self.view.away_s() > 0 or bool(self.view.session.source.status)
        if not self.view.ready or away:
            self.broken_off = self.broken_off or self._start is not None
            self._start, self.t_s = None, 0.0
            return Step.WAITING
        if self._start is None:
            self._start = self.view.stop
        self.t_s = self._elapsed_s()
        if self.t_s < REST_S[1]:
            return Step.REST
        return Step.CONTRACTION if self.t_s < END_S else self._judge()

    def _elapsed_s(self) -> float:
        return (self.view.stop - (self._start or 0)) / self.view.session.info.sfreq

    def _judge(self) -> Step:
        session = self.view.session
        start_s = (self._start or 0) / session.info.sfreq
        judged = (start_s + REST_S[0], start_s + CONTRACTION_S[1])
        self.found = check_contact(
            session.info.channels,
            span(list(session.recent_readings), judged),
            self._signal(REST_S),
            self._signal(CONTRACTION_S),
            sfreq=session.info.sfreq,
        )
        return Step.DONE

    def _signal(self, times_s: tuple[float, float]) -> Samples:
        session = self.view.session
        first, last = (round(t * session.info.sfreq) + (self._start or 0) for t in times_s)
        return session.filtered.read(first, last)

    # in words

    def instruction(self) -> str:
        """Return what to do now."""
        if self.step is Step.REST:
            return _("Sit still and let the muscle go.")
        if self.step is not Step.CONTRACTION:
            return ""
        if self.t_s < CONTRACTION_S[1]:
            return _("Now tense it gently (shrug, clench), and hold.")
        return _("Thank you, let go.")

    def seconds_left(self) -> int:
        """Return how many seconds of this step are left, from 10 to 0."""
        end = REST_S[1] if self.step is Step.REST else CONTRACTION_S[1]
        return max(0, min(10, math.ceil(end - self.t_s)))

    def share(self) -> float:
        """Return how much of the whole is over, 0 to 1."""
        return min(1.0, self.t_s / END_S)

    def level(self) -> str:
        """Return the tension now, of each channel."""
        now = self.view.session.now
        if now is None:
            return ""
        return " · ".join(
            f"{shown_label(channel.label)} "
            f"{number_word(float(now.slow[i]), channel)} {unit_word(channel)}"
            for i, channel in enumerate(self.view.channels)
        )

    def trouble(self) -> str:
        """Return why it does not go on, a sentence or two; empty where it does."""
        session = self.view.session
        if self.step is Step.LOST:
            if session.error is not None:
                return str(session.error)
            return _("The signal ended before the check was done.")
        if self.step is not Step.WAITING:
            return ""
        why = self.view.status() or _("Waiting for the signal …")
        begins = _("The check begins anew once the signal is back.")
        return f"{why} {begins}" if self.broken_off else why

    def verdict(self) -> str:
        """Return the result in a sentence; empty until there is one."""
        if self.step is not Step.DONE:
            return ""
        if self.ok:
            one = len(self.found) == 1
            return _("The sensor sits well.") if one else _("The sensors sit well.")
        return _("Not yet: do this, then check again.")

    # what may be switched on

    def mains_hz(self) -> float:
        """Return the mains of the channel that they disturb most; NaN where they disturb none."""
        with_mains = [c for c in self.found if any(f.flag == "mains" for f in c.findings)]
        return max(with_mains, key=lambda c: c.mains).mains_hz if with_mains else math.nan

    def heartbeat(self) -> bool:
        """Say whether a heartbeat was found."""
        ecg = str(Quality.ECG.name).lower()
        return any(finding.flag == ecg for contact in self.found for finding in contact.findings)


def levels_words(contact: Contact) -> str:
    """Return what was measured of a channel: at rest, tensed, and its mains."""
    channel = contact.channel
    unit = unit_word(channel)
    said = [
        _("At rest {level} {unit}").format(level=number_word(contact.rest, channel), unit=unit),
        _("tensed {level} {unit}").format(
            level=number_word(contact.contraction, channel), unit=unit
        ),
    ]
    if contact.mains_hz > 0:
        said.append(
            _("mains ({hz:g} Hz) {level:.2g} {unit}").format(
                hz=contact.mains_hz, level=contact.mains, unit=unit
            )
        )
    elif contact.mains == 0:
        said.append(_("no mains"))
    return ", ".join(said) + "."
