"""What people noted of a sitting, and what they changed of it afterwards; no Qt."""

from pathlib import Path

from biofeedback.errors import RecordingError
from biofeedback.recording.edit_log import EditLog
from biofeedback.recording.edits import Edit
from biofeedback.session import Session
from biofeedback.stream import Annotation
from biofeedback.text import _

_SAME_S = 0.01  # a recording tells times with so many digits at least


class Noted:
    """The notes of `session` but those that a training makes by itself.

    What was recorded is never written again: a change is kept in the log of edits beside the
    recording, by `write`, once that is closed.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._own: set[Annotation] = set()
        self._became: dict[Annotation, Annotation | None] = {}
        self._now: list[Annotation] = []
        self._made_of: object = None

    def leave_out(self, note: Annotation) -> None:
        """Take `note` for one of the training's own."""
        self._own.add(note)

    def notes(self) -> list[Annotation]:
        """Return the notes as they are now, in the order of time; cheap where nothing is new."""
        made_of = len(self._session.annotations), len(self._own), tuple(self._became.values())
        if made_of == self._made_of:
            return self._now
        self._made_of = made_of
        made = [note for note in list(self._session.annotations) if note not in self._own]
        now = (self._became.get(note, note) for note in made)
        self._now = sorted((note for note in now if note is not None), key=lambda n: n.onset_s)
        return self._now

    def change(self, note: Annotation, text: str) -> Annotation | None:
        """Give one of `notes` another text, or take it away where that is empty."""
        first = next((made for made, now in self._became.items() if now == note), note)
        changed = Annotation(note.onset_s, note.duration_s, text) if text else None
        self._became[first] = changed
        return changed

    def write(self, recording: Path, *, start_s: float) -> str:
        """Keep the changes beside `recording`, which begins at `start_s` and is closed.

        Return why that could not be; empty where it could, or there is nothing to keep.
        """
        changes = {made: now for made, now in self._became.items() if made != now}
        if not changes:
            return ""
        from biofeedback.recording.formats import read_recording  # which most sittings do not need

        try:
            recorded = read_recording(recording).annotations
            log = EditLog(recording)
            for made, now in changes.items():
                before = next((each for each in recorded if _same(each, made, start_s)), None)
                if before is not None:
                    after = now and Annotation(before.onset_s, before.duration_s, now.text)
                    log.add(Edit(before, after))
        except RecordingError as error:
            return _("{error} The notes stand in the recording as they were first made.").format(
                error=error
            )
        return ""


def _same(recorded: Annotation, made: Annotation, start_s: float) -> bool:
    return recorded.text == made.text and abs(recorded.onset_s + start_s - made.onset_s) < _SAME_S


def left_out_words(reason: str) -> str:
    """Return that a sitting is left out, and why."""
    return _("Left out of the trends: {reason}.").format(reason=reason)
