"""What runs behind the screen of a trial: its session, its recording, its voice; no Qt."""

import math
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from biofeedback.display.preparing.contact_model import ContactTest
from biofeedback.display.sitting.choice import PATIENCE_S, Choice
from biofeedback.display.sitting.view_model import ViewModel
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.trials.session import TrialSession
from biofeedback.errors import BiofeedbackError
from biofeedback.recording.library import new_path
from biofeedback.recording.live import Recorder
from biofeedback.recording.repair import recordings_folder
from biofeedback.session import State
from biofeedback.settings import Settings, SoundSettings
from biofeedback.sound.heard import Mapping, Told
from biofeedback.sound.player import Player
from biofeedback.sound.speech import Speaker
from biofeedback.sources import is_live, open_source
from biofeedback.stream import Channel, StreamInfo, Zone
from biofeedback.text import _
from biofeedback.training.events import Event, What
from biofeedback.training.trial import Step, Trial, make_plan
from biofeedback.words import plain

_MOST_SEED = 2**31
_BEEP_FRAMES = 3  # of `follow`
# As octaves over 220 Hz: one's own turn is high, rest is low.
_BEEPS = {Step.REACH: 4.0, Step.ON: 2.0, Step.RELEASE: 4.0, Step.AFTER: 1.0, Step.OFF: 1.0}


class Beeps:
    """Says each cue aloud, after a beep that tells by its pitch what kind it is."""

    def __init__(self, settings: SoundSettings) -> None:
        self._player = Player(Mapping.PITCH, volume=settings.volume, cap_dbfs=settings.cap_dbfs)
        self._speaker = Speaker()
        self._left, self._pitch = 0, 1.0
        self._player.start()

    def hear(self, event: Event) -> None:
        """Let an event be heard."""
        if event.what is What.STEP:
            self._left, self._pitch = _BEEP_FRAMES, _BEEPS[Step(event.values["step"])]
        elif event.what is What.MARK:
            self._left, self._pitch = 1, 2.0
        if event.text and event.what is not What.MARK:
            self._speaker.say(event.text)

    def follow(self) -> None:
        """Go on; to be called ten times a second."""
        self._left -= 1
        heard = Told(self._pitch, 1.0, Zone.TENSE) if self._left >= 0 else Told(math.nan)
        self._player.tell(heard)

    def news(self) -> list[str]:
        """Return why something is not heard, each a sentence."""
        return [*self._player.notes, *self._speaker.notes]

    def stop(self) -> None:
        """Fall silent."""
        self._player.stop()
        self._speaker.stop()


class TrialRun:
    """Begins a trial of `what` at once; raises `BiofeedbackError` where there is no such source.

    A sensor is recorded, if `settings` do not say otherwise. Call `follow` ten times a second, and
    `end` once. With `check` there is a `test` of the sensor, and the trial begins when it is told
    the channel; so it does where there are several.
    """

    def __init__(
        self,
        choice: Choice,
        settings: Settings,
        *,
        what: str,
        repeats: int,
        whose: Whose,
        aloud: bool,
        check: bool = False,
    ) -> None:
        self._whose = whose
        self.live = is_live(choice.words)
        self._first_note = choice.note
        self.plan = make_plan(what, repeats=repeats, seed=secrets.randbelow(_MOST_SEED))
        automatic = self.live and settings.recording.automatic == "on"
        self._recorder = (
            Recorder(_new_path, signal=settings.signal, bursts=settings.bursts, needed=False)
            if automatic
            else None
        )
        self.session = TrialSession(
            open_source(choice.words, choice.options),
            plan=self.plan,
            signal=settings.signal,
            sinks=[self._recorder] if self._recorder else (),
            checked=check,
            asked=True,
            patience_s=PATIENCE_S,
        )
        self.view_model = ViewModel(self.session)
        self.test = ContactTest(self.view_model) if check else None
        self.started = datetime.now(UTC)
        self.told: dict[str, Any] | None = None
        """What came of it, once it has ended."""
        self._heard = self._notes_told = self._silent_told = 0
        self._beeps = Beeps(settings.sound) if aloud else None
        self.session.start()

    @property
    def trial(self) -> Trial:
        """What it goes through."""
        return self.session.trial

    @property
    def simulated(self) -> bool:
        """Whether the signal is made up; False until it is there."""
        return self.session.state is not State.OPENING and self.session.info.simulated

    @property
    def over(self) -> bool:
        """Whether it has ended by itself, or its source is lost."""
        return self.session.state in (State.ENDED, State.FAILED)

    @property
    def channels(self) -> tuple[Channel, ...]:
        """What may be measured; empty until that is known."""
        return self.view_model.channels

    def begin(self, channel: int) -> None:
        """Begin the trial, of that channel."""
        self.trial.release(channel)

    def annotate(self, text: str, *, onset_s: float) -> None:
        """Note something in its recording."""
        self.session.annotate(text, onset_s=onset_s)

    def follow(self) -> list[Event]:
        """Let be heard what has happened, and return it."""
        new = self.trial.events[self._heard :]
        self._heard += len(new)
        if self._beeps:
            for event in new:
                self._beeps.hear(event)
            self._beeps.follow()
        return new

    def news(self) -> str:
        """Return what there is to say that was not said yet."""
        if self._first_note and self.view_model.ready:
            self.annotate(self._first_note, onset_s=0.0)
            self._first_note = ""
        notes = self.session.notes[self._notes_told :]
        self._notes_told += len(notes)
        silent = self._beeps.news()[self._silent_told :] if self._beeps else []
        self._silent_told += len(silent)
        return " ".join([*notes, *silent])

    def end(self) -> str:
        """End it, and keep what came of it; return what is to be said of that."""
        self.session.stop()
        if self._beeps:
            self._beeps.stop()
        said = [str(self.session.error)] if self.session.error else []
        if self.trial.events:
            self.told = plain(self.session.result())
            said.append(self._keep(self.told))
        return " ".join(said)

    def _keep(self, told: dict[str, Any]) -> str:
        person = self._whose.person
        if not person:
            return _("Not kept: choose on the start page whose journal it is for.")
        if told["simulated"]:
            return _("Simulated, so it is not in the journal of {person}.").format(person=person)
        from biofeedback.journal.day_nouns import KeptTrial  # a database takes a while to load

        try:
            self._whose.journal().keep_trial(
                KeptTrial(
                    id=uuid4(),
                    person=person,
                    what=self.plan.what,
                    started=self.started,
                    plan=self.plan.plain(),
                    result=told,
                    simulated=False,
                )
            )
        except BiofeedbackError as error:
            return str(error)
        return _("Kept in the journal of {person}.").format(person=person)


def _new_path(info: StreamInfo) -> Path:
    return new_path(recordings_folder(), info)
