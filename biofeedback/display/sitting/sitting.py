"""What runs behind the screens: a session, its recording, and what there is to say of them."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biofeedback.display.sitting.behind import Behind
from biofeedback.display.sitting.beside import Beside
from biofeedback.display.sitting.choice import PATIENCE_S, Choice
from biofeedback.display.sitting.ears import Ears
from biofeedback.display.sitting.keeping import Keeping
from biofeedback.display.sitting.montages import misfit, signal_for
from biofeedback.display.sitting.noted import Noted, left_out_words
from biofeedback.display.sitting.trained import complete, keep, next_in_course, outcome, stored_rest
from biofeedback.display.sitting.training_model import TrainingModel
from biofeedback.display.sitting.training_words import CLOSED_EYES
from biofeedback.display.sitting.view_model import ViewModel, clock_word
from biofeedback.display.sitting.whose import Whose
from biofeedback.errors import BiofeedbackError
from biofeedback.recording.library import new_path
from biofeedback.recording.live import Recorder
from biofeedback.recording.repair import recordings_folder
from biofeedback.session import Session, State
from biofeedback.settings import Settings
from biofeedback.sources import is_live, open_source
from biofeedback.stream import Annotation, Channel, StreamInfo
from biofeedback.text import _
from biofeedback.training.course import faded
from biofeedback.training.events import What
from biofeedback.training.protocol_file import load_protocol
from biofeedback.training.results import StoredRest
from biofeedback.training.trainer import Trainer

if TYPE_CHECKING:
    from biofeedback.journal.kept import KeptSitting


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
        montage = self._montage = choice.montage
        settings = replace(settings, signal=signal_for(settings.signal, montage))
        if montage and threshold_uv is None:
            threshold_uv = montage.threshold_uv
        self._settings, self._threshold_uv = settings, threshold_uv
        self.beside = beside = Beside(choice, settings)
        self._own_notes = beside.notes
        self.checkable = not choice.words.startswith("file:")  # nobody sits at a recording
        self._first_note = choice.note
        self.live = live = is_live(choice.words)
        self._kept = self._make_kept(whose) if live else None
        keeping = self._kept and Keeping(self._kept, heart=beside.heart, before=beside.before)
        self._behind = Behind(keeping) if keeping else None
        if choice.resume and self._kept:
            self._kept.resume(choice.resume.sitting, since_s=choice.resume.since_s)
        self._not_of = whose.person if choice.words.startswith("sim:") else ""
        automatic = live and settings.recording.automatic == "on"
        self._recorder = self._make_recorder() if automatic else None
        self._ended: list[Recorder] = []
        self.outcome: dict[str, Any] | None = None
        """What a training came to, once it has ended."""
        self.left_out = ""
        """Why it counts for no trend; empty where it does."""
        self.session = Session(
            open_source(choice.words, choice.options),
            signal=settings.signal,
            threshold_uv=threshold_uv,
            seconds=seconds,
            sinks=[*filter(None, [self._recorder]), *beside.sinks],
            trainer=self._trainer_maker(choice) if choice.protocol else None,
        )
        self.noted = Noted(self.session)
        self._told = 0
        self._told_failure = False
        self.ears = Ears(settings.sound)
        self.training = self._training_model() if choice.protocol else None
        self.view_model = self.training or ViewModel(self.session)
        self.view_model.heart = beside.strap
        self.session.start()

    def _training_model(self) -> TrainingModel:
        seen = self._settings.training
        return TrainingModel(self.session, seen=seen, silence=lambda: self.ears.silence)

    def _trainer_maker(self, choice: Choice) -> Callable[[StreamInfo], Trainer]:
        """Return what makes the trainer, as far into the course as the journal says."""
        broken, montage = choice.resume, choice.montage
        protocol = broken.load() if broken else load_protocol(choice.protocol)

        def make(info: StreamInfo) -> Trainer:
            kept, number = self._kept, broken.number if broken else 1
            if kept and not broken:
                try:
                    number = next_in_course(kept, protocol.name, simulated=info.simulated)
                except BiofeedbackError as error:
                    self._not_kept(error)
            if self._behind:
                self._behind.keeping.number = number
            trainer = Trainer(
                protocol if broken else faded(protocol, sitting=number),
                info,
                patience_s=PATIENCE_S,
                rest=self._stored_rest,
                resume=partial(broken.take_up, protocol) if broken else None,
            )
            if montage and montage.threshold_uv and not trainer.measure.aim.percent:
                trainer.set_threshold(montage.threshold_uv)
            if kept and broken:
                kept.begin(info)  # refused where it goes on in another window
            return trainer

        return make

    def _stored_rest(self, channel: Channel) -> StoredRest | None:
        try:
            return stored_rest(self._kept, self.session, channel) if self._kept else None
        except BiofeedbackError as error:
            self._not_kept(error)
            return None

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
        recorder = Recorder(
            self._path,
            signal=signal,
            bursts=self._settings.bursts,
            needed=False,
            heart=self.beside.heart is not None,
        )
        return self.beside.recorded(recorder)

    # what there is to say

    def news(self) -> str:
        """Return what has come to be known since it was last asked, such as a board's absence."""
        if self._kept and self._kept.sitting is None:  # which is not recorded
            try:
                self._kept.begin(self.session.info)
            except BiofeedbackError as error:
                self._not_kept(error)
        if self._montage and (said := misfit(self._montage, self.session.info)):
            self._own_notes.append(said)
        self._montage = None  # said once
        if self._first_note:
            text, self._first_note = self._first_note, ""
            self._annotate(text, 0.0)
        if self.training:
            self._note_training(self.training)
        self._keep_notes()
        if self.training:
            self.ears.close_eyes(closed=self.training.seen.feedback == CLOSED_EYES)
        self.ears.follow(self.session, self.view_model.channel)
        self._own_notes += self.ears.news()
        notes = self.session.notes[self._told :]
        self._told += len(notes)
        own, self._own_notes = self._own_notes, []
        return " ".join([*own, *notes])

    def _note_training(self, training: TrainingModel) -> None:
        """Note where each phase begins, what was done by hand, and that it was resumed."""
        for event in training.poll():
            by_hand = event.values.get("by_hand")
            if event.what in (What.PAUSED, What.RESUMED) and not training.under_way:
                by_hand = False  # the check of the sensor pauses too
            text = event.values["phase"] if event.what is What.PHASE_BEGINS else event.text
            if by_hand or event.what in (What.PHASE_BEGINS, What.TAKEN_UP):
                self._annotate(text, event.t_s, own=True)

    def _annotate(self, text: str, onset_s: float, *, own: bool = False) -> None:
        """Note `text` in what is recorded and kept."""
        self.session.annotate(text, onset_s=onset_s)
        if own:
            self.noted.leave_out(self.session.annotations[-1])
        self._keep_notes()

    def _keep_notes(self) -> None:
        """Keep what was noted, and how far a training has come; say why some could not be."""
        if self._kept and self._behind:
            self._behind.keep(self.session)
            self._own_notes += self._behind.failures()

    def failure(self) -> BiofeedbackError | None:
        """Return why the session ended, once."""
        if self.session.state is not State.FAILED or self._told_failure:
            return None
        self._told_failure = True
        return self.session.error

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
            self.beside.ended(recorder)
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
        self._annotate(text.strip(), onset_s)
        if self.recording or self._kept:
            return _("Noted.")
        return _("Noted, but nothing is recorded: with R it would be kept.")

    def amend(self, note: Annotation, text: str) -> str:
        """Change one of what was `noted`, or take it away where `text` is empty."""
        if text == note.text:
            return ""
        self.noted.change(note, text)
        said = _("'{before}' is taken back.").format(before=note.text)
        if text:
            said = _("'{before}' is now '{after}'.").format(before=note.text, after=text)
        if self._kept and self._behind:  # of which nothing is written again
            self._behind.do(partial(self._kept.annotate, Annotation(note.onset_s, 0.0, said)))
        return said

    def _amend_recordings(self) -> str:
        """Keep beside what was recorded what was changed of the notes; return why not."""
        said = [
            self.noted.write(path, start_s=recorder.start_s)
            for recorder in self._ended
            for path in recorder.files
        ]
        return " ".join(filter(None, said))

    def end(self) -> str:
        """End the session; return what is to be said of its recording, if there is one."""
        self.ears.stop()
        self.session.stop()
        if self.training and self.session.trainer:
            self._note_training(self.training)
        if self._recorder is not None:
            self._ended.append(self._recorder)
            self._recorder = None
        amended = self._amend_recordings()
        what = self._recorded()
        said = _("Recorded: {what}. It is under My recordings.").format(what=what) if what else ""
        kept = self._finish()
        if self._behind:
            self._behind.close()
        return " ".join(part for part in (said, amended, kept) if part)

    def _finish(self) -> str:
        """Complete the sitting in the journal; return what is to be said of that."""
        kept, session = self._kept, self.session
        if kept is not None and kept.sitting is None:
            kept = self._kept = None
        try:
            if session.trainer:
                # whatever becomes of the journal
                self.outcome = self.beside.trained(outcome(session), session)
                self.outcome = self.beside.trained(outcome(session, kept), session)
            if kept and self._behind:
                self._behind.finish()
                kept.note(session.annotations)
            if kept and self.outcome:
                keep(kept, session, self.outcome)
                return _("Kept in the journal of {person}.").format(person=kept.person)
            if kept:
                kept.finish(duration_s=session.duration_s, summary=self.beside.watched(session))
        except BiofeedbackError as error:
            self._kept = None
            return str(error)
        if session.trainer and self._not_of:
            return _("Simulated, so it is not in the journal of {person}.").format(
                person=self._not_of
            )
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

    @property
    def unsaved(self) -> bool:
        """Whether something would end with it that is recorded, kept or trained just now."""
        going_on = self.session.state is State.RUNNING
        return going_on and (self.recording or self.kept or self.under_way)

    def outlook(self) -> str:
        """Return what will be of it, should it be ended now; empty where there is nothing to say.

        A training of a person can be resumed from the end of its first phase on.
        """
        trainer = self.session.trainer
        if self.under_way and self.kept and trainer and trainer.progress:
            return _("You can go on with it later: the start page will offer it.")
        if self.recording and not self.recording_failed:
            return _("What was recorded so far is kept.")
        return _("What was measured so far is not kept.") if self.under_way else ""

    def note_after(self, text: str) -> str:
        """Keep a note on a training that has ended; return what is to be said."""
        if self._kept is None or self.outcome is None:
            return ""
        try:
            complete(self._kept, self.session, self.outcome, note=text.strip())
        except BiofeedbackError as error:
            return str(error)
        return _("Noted.")

    def leave_out(self, reason: str) -> str:
        """Leave it out of the trends for `reason`, or let it count again; say what was done."""
        kept = self._kept
        if kept is None or kept.sitting is None:
            return ""
        try:
            kept.journal.leave_out(kept.sitting, reason)
        except BiofeedbackError as error:
            return str(error)
        self.left_out = reason
        return left_out_words(reason) if reason else _("It counts again.")

    def _recorded(self) -> str:
        """Return how much was recorded; empty where nothing was."""
        summaries = [recorder.summary() for recorder in self._ended]
        samples = sum(summary["samples"] for summary in summaries if summary)
        return clock_word(samples / self.session.info.sfreq) if samples else ""
