"""What runs behind the screens: a session, its recording, and what there is to say of them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biofeedback.display.by_ear import ByEar
from biofeedback.display.start import PATIENCE_S, Choice
from biofeedback.display.trained import complete, keep, next_in_course, outcome
from biofeedback.display.training_model import TrainingModel
from biofeedback.display.view_model import ViewModel, clock_word
from biofeedback.display.whose import Whose
from biofeedback.errors import BiofeedbackError
from biofeedback.recording.library import new_path
from biofeedback.recording.live import Recorder
from biofeedback.recording.repair import recordings_folder
from biofeedback.session import Session, State
from biofeedback.settings import Settings
from biofeedback.sources import is_live, open_source
from biofeedback.stream import StreamInfo
from biofeedback.text import _
from biofeedback.training.course import faded
from biofeedback.training.events import What
from biofeedback.training.protocol_file import load_protocol
from biofeedback.training.trainer import Trainer

if TYPE_CHECKING:
    from biofeedback.journal.kept import KeptSitting

# What S begins with where the settings name no mapping: it tells more, and sooner, than loudness.
_USUAL_MAPPING = "pitch"


class Sitting:
    """Begins a session with what `choice` names, and records it where that is to be.

    A sensor is recorded by itself, if `settings` do not say otherwise; what is simulated or was
    recorded before is not. A person's sitting goes into the journal that `whose` tells. Where
    `choice` names a protocol, `training` is what the screens show of it. Raises
    `BiofeedbackError` where there is no such source or protocol.
    """

    def __init__(
        self,
        choice: Choice,
        settings: Settings,
        *,
        whose: Whose,
        threshold_uv: float | None = None,
        seconds: float | None = None,
    ) -> None:
        self._settings, self._threshold_uv = settings, threshold_uv
        self._own_notes: list[str] = []
        self.checkable = not choice.words.startswith("file:")  # nobody sits at a recording
        live = is_live(choice.words)
        self._kept = self._make_kept(whose) if live else None
        automatic = live and settings.recording.automatic == "on"
        self._recorder = self._make_recorder() if automatic else None
        self._ended: list[Recorder] = []
        self.outcome: dict[str, Any] | None = None
        """What a training came to, once it has ended."""
        self.session = Session(
            open_source(choice.words, choice.options),
            signal=settings.signal,
            threshold_uv=threshold_uv,
            seconds=seconds,
            sinks=[self._recorder] if self._recorder else (),
            trainer=self._trainer_maker(choice) if choice.protocol else None,
        )
        self._told = 0
        self._told_failure = False
        self.training = TrainingModel(self.session) if choice.protocol else None
        self.view_model = self.training or ViewModel(self.session)
        sound = settings.sound
        self._by_ear = None
        if sound.mapping != "off" or sound.speech == "on":
            self._by_ear = ByEar(sound)
        self.session.start()

    def _trainer_maker(self, choice: Choice) -> Callable[[StreamInfo], Trainer]:
        """Return what makes the trainer, as far into the course as the journal says."""
        protocol = load_protocol(choice.protocol)

        def make(info: StreamInfo) -> Trainer:
            number = 1
            if self._kept:
                try:
                    number = next_in_course(self._kept, protocol.name, simulated=info.simulated)
                except BiofeedbackError as error:
                    self._not_kept(error)
            return Trainer(faded(protocol, sitting=number), info, patience_s=PATIENCE_S)

        return make

    def _make_kept(self, whose: Whose) -> "KeptSitting | None":
        try:
            return whose.sitting(self._settings)
        except BiofeedbackError as error:
            self._not_kept(error)
            return None

    def _not_kept(self, error: BiofeedbackError) -> None:
        """Go on without the journal."""
        self._own_notes.append(_("{error} This sitting is not kept in it.").format(error=error))
        self._kept = None

    def _path(self, info: StreamInfo) -> Path:
        """Return where to record: in the journal, or else among the other recordings."""
        if self._kept:
            try:
                return self._kept.new_recording(info)
            except BiofeedbackError as error:
                self._not_kept(error)
        return new_path(recordings_folder(), info)

    def _make_recorder(self) -> Recorder:
        signal = self._settings.signal
        if self._threshold_uv is not None:
            signal = replace(signal, threshold_uv=self._threshold_uv)
        return Recorder(
            self._path,
            signal=signal,
            bursts=self._settings.bursts,
            needed=False,
        )

    # what there is to say

    def news(self) -> str:
        """Return what has come to be known since it was last asked, such as a board's absence."""
        if self._kept and self._kept.sitting is None:  # which is not recorded
            try:
                self._kept.begin(self.session.info)
            except BiofeedbackError as error:
                self._not_kept(error)
        if self.training:
            self._note_training(self.training)
        if self._by_ear:
            self._by_ear.follow(self.session, self.view_model.channel)
            self._own_notes += self._by_ear.news()
        notes = self.session.notes[self._told :]
        self._told += len(notes)
        own, self._own_notes = self._own_notes, []
        return " ".join([*own, *notes])

    def _note_training(self, training: TrainingModel) -> None:
        """Note where each phase begins, and each threshold that was set by hand."""
        for event in training.poll():
            by_hand = event.values.get("by_hand")
            text = event.values["phase"] if event.what is What.PHASE_BEGINS else event.text
            if by_hand or event.what is What.PHASE_BEGINS:
                self._own_notes += filter(None, [self._annotate(text, event.t_s)])

    def _annotate(self, text: str, onset_s: float) -> str:
        """Note `text` in what is recorded and kept; return why that could not be."""
        self.session.annotate(text, onset_s=onset_s)
        if self._kept:
            try:
                self._kept.annotate(self.session.annotations[-1])
            except BiofeedbackError as error:
                return str(error)
        return ""

    def failure(self) -> BiofeedbackError | None:
        """Return why the session ended, once."""
        if self.session.state is not State.FAILED or self._told_failure:
            return None
        self._told_failure = True
        return self.session.error

    def switch_sound(self) -> str:
        """Let the session be heard, or fall silent; return what is to be said."""
        if self._by_ear:
            self._silence()
            return _("Silent.")
        sound = self._settings.sound
        if sound.mapping == "off":
            sound = replace(sound, mapping=_USUAL_MAPPING)
        self._by_ear = ByEar(sound)
        return " ".join(self._by_ear.news()) or _("You hear it now; S ends it.")

    def _silence(self) -> None:
        if self._by_ear:
            self._by_ear.stop()
        self._by_ear = None

    # the recording

    @property
    def recording(self) -> bool:
        """Whether the session is recorded."""
        return self._recorder is not None

    @property
    def recording_failed(self) -> bool:
        """Whether it should be recorded, and at present cannot."""
        return self._recorder is not None and self._recorder.failure is not None

    def recording_words(self) -> str:
        """Return how the recording stands, for a button's face."""
        if self._recorder is None:
            return _("Record")
        if self.recording_failed:
            return _("Not recording!")
        return _("● Recording")

    def switch_recording(self) -> str:
        """Begin to record the session, or end it; return what is to be said."""
        if self._recorder is not None:
            recorder, self._recorder = self._recorder, None
            self.session.remove_sink(recorder)
            if recorder.summary() is not None:
                self._ended.append(recorder)
                what = self._recorded()
                return _("The recording has ended: {what}.").format(what=what) if what else ""
        if self.session.state is not State.RUNNING:
            return ""
        self._recorder = self._make_recorder()
        self.session.add_sink(self._recorder)
        return "" if self.recording_failed else _("Recording.")

    def annotate(self, text: str, *, onset_s: float) -> str:
        """Note `text` of a time of the session; return what is to be said."""
        if not text.strip():
            return ""
        if error := self._annotate(text.strip(), onset_s):
            return error
        if self.recording or self._kept:
            return _("Noted.")
        return _("Noted, but nothing is recorded: with R it would be kept.")

    def end(self) -> str:
        """End the session; return what is to be said of its recording, if there is one."""
        self._silence()
        self.session.stop()
        if self.training and self.session.trainer:
            self._note_training(self.training)
        if self._recorder is not None:
            self._ended.append(self._recorder)
            self._recorder = None
        what = self._recorded()
        said = _("Recorded: {what}. It is under My recordings.").format(what=what) if what else ""
        return f"{said} {self._finish()}".strip()

    def _finish(self) -> str:
        """Complete the sitting in the journal; return what is to be said of that."""
        kept, session = self._kept, self.session
        if kept is not None and kept.sitting is None:
            kept = self._kept = None
        try:
            if session.trainer:
                self.outcome = outcome(session)  # whatever becomes of the journal
                self.outcome = outcome(session, kept)
            if kept and self.outcome:
                keep(kept, session, self.outcome)
                return _("Kept in the journal of {person}.").format(person=kept.person)
            if kept:
                kept.finish(duration_s=session.duration_s, summary=session.outcome())
        except BiofeedbackError as error:
            self._kept = None
            return str(error)
        return ""

    @property
    def under_way(self) -> bool:
        """Whether it is a training of which more has begun than the check of the sensor."""
        return self.training is not None and self.training.under_way

    @property
    def over(self) -> bool:
        """Whether the session has ended by itself, or for want of its board."""
        return self.session.state in (State.ENDED, State.FAILED)

    @property
    def kept(self) -> bool:
        """Whether it is in the journal."""
        return self._kept is not None

    def note_after(self, text: str) -> str:
        """Keep a note on a training that has ended; return what is to be said."""
        if self._kept is None or self.outcome is None:
            return ""
        try:
            complete(self._kept, self.session, self.outcome, note=text.strip())
        except BiofeedbackError as error:
            return str(error)
        return _("Noted.")

    def _recorded(self) -> str:
        """Return how much was recorded; empty where nothing was."""
        summaries = [recorder.summary() for recorder in self._ended]
        samples = sum(summary["samples"] for summary in summaries if summary)
        return clock_word(samples / self.session.info.sfreq) if samples else ""
