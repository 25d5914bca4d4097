"""What the journal holds of somebody, sorted into what counts in a report and what does not."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from biofeedback.analysis.gather import Progress
from biofeedback.analysis.told import left_out_trials_words
from biofeedback.journal.day_nouns import Entry, KeptTrial, NOfOne, Treatment
from biofeedback.journal.files import sha256_of
from biofeedback.journal.nouns import Sitting
from biofeedback.reports.parts import Statement
from biofeedback.text import plural

if TYPE_CHECKING:  # a database takes half a second to load
    from biofeedback.journal.journal import Journal


@dataclass(frozen=True, slots=True)
class History:
    """What counts of `person` up to `today`, each oldest first.

    `simulated`: there is nothing but simulated sittings and trials, and those count; else the
    sittings and trials are left out: `left_out`, `left_out_trials`. `missing`, `changed`:
    recordings that do not lie where they were kept, or are not what they were, by the id of their
    sitting.
    """

    person: str
    today: date
    sittings: tuple[Sitting, ...]
    hidden: tuple[Sitting, ...]
    left_out: tuple[Sitting, ...]
    simulated: bool
    entries: tuple[Entry, ...]
    treatments: tuple[Treatment, ...]
    trials: tuple[KeptTrial, ...]
    n_of_ones: tuple[NOfOne, ...]
    left_out_trials: tuple[KeptTrial, ...] = ()
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def since(self, days: int) -> "History":
        """Return what is of the last `days`; what is taken still, and injections, stay whole."""
        first = self.today - timedelta(days=days)
        return History(
            person=self.person,
            today=self.today,
            sittings=tuple(each for each in self.sittings if day_of(each) >= first),
            hidden=tuple(each for each in self.hidden if day_of(each) >= first),
            left_out=tuple(each for each in self.left_out if day_of(each) >= first),
            simulated=self.simulated,
            entries=tuple(each for each in self.entries if local_day(each) >= first),
            treatments=tuple(
                each
                for each in self.treatments
                if each.on >= first or (each.kind != "injection" and is_taken(each, self.today))
            ),
            trials=tuple(each for each in self.trials if each.started.astimezone().date() >= first),
            n_of_ones=tuple(each for each in self.n_of_ones if each.began >= first),
            left_out_trials=tuple(
                each for each in self.left_out_trials if each.started.astimezone().date() >= first
            ),
            missing=self.missing,
            changed=self.changed,
        )

    def protocols(self) -> list[str]:
        """Return the protocols of the sittings, the most frequent first."""
        names = (str(each.summary.get("protocol") or "") for each in self.sittings)
        return [name for name, _n in Counter(filter(None, names)).most_common()]


def day_of(sitting: Sitting) -> date:
    """Return the local date of a sitting."""
    return sitting.started.astimezone().date()


def local_day(entry: Entry) -> date:
    """Return the local date of an entry."""
    return entry.at.astimezone().date()


def is_taken(treatment: Treatment, today: date) -> bool:
    """Whether a treatment goes on."""
    return treatment.until is None or treatment.until >= today


def read_history(
    journal: "Journal", person: str, today: date, progress: Progress | None = None
) -> History:
    """Return what the journal holds of `person`; raises `JournalError`.

    Each recording is read for its SHA-256, which takes 0.1 s for 200 MB.
    """
    ended = [each for each in journal.sittings(person) if each.duration_s is not None]
    shown = [each for each in ended if not each.hidden]
    real = [each for each in shown if not each.conditions.simulated]
    tried = journal.trials(person)
    real_trials = [each for each in tried if not each.simulated]
    simulated = bool(shown or tried) and not (real or real_trials)
    counted = shown if simulated else real
    missing, changed = _looked_after(journal, counted, progress)
    return History(
        person=person,
        today=today,
        sittings=tuple(counted),
        hidden=tuple(each for each in ended if each.hidden),
        left_out=() if simulated else tuple(each for each in shown if each.conditions.simulated),
        simulated=simulated,
        entries=tuple(journal.entries(person)),
        treatments=tuple(journal.treatments(person)),
        trials=tuple(tried if simulated else real_trials),
        n_of_ones=tuple(journal.n_of_ones(person)),
        left_out_trials=() if simulated else tuple(each for each in tried if each.simulated),
        missing=missing,
        changed=changed,
    )


def _looked_after(
    journal: "Journal", sittings: list[Sitting], progress: Progress | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return of which sittings a recording is missing, and of which one was changed."""
    missing, changed = [], []
    for n, sitting in enumerate(sittings):
        for each in sitting.recordings:
            path = journal.recordings / each.file
            if not path.is_file():
                missing.append(str(sitting.id))
            elif each.sha256 is not None and sha256_of(path) != each.sha256:
                changed.append(str(sitting.id))
        if progress:
            progress((n + 1) / len(sittings))
    return tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(changed))


def left_out_words(history: History) -> Iterator[Statement]:
    """Yield what does not count here, and what is to be known of the recordings."""
    if n := len(history.hidden):
        yield _counted(
            plural(
                "{n} sitting was left out by hand, and is in no number here.",
                "{n} sittings were left out by hand, and are in no number here.",
                n,
            ).format(n=n),
            tuple(str(each.id) for each in history.hidden),
        )
    if n := len(history.left_out):
        yield _counted(
            plural(
                "{n} simulated sitting is in no number here.",
                "{n} simulated sittings are in no number here.",
                n,
            ).format(n=n),
            tuple(str(each.id) for each in history.left_out),
        )
    if n := len(history.left_out_trials):
        ids = tuple(str(each.id) for each in history.left_out_trials)
        yield _counted(left_out_trials_words(n), ids)
    if n := len(history.missing):
        yield _counted(
            plural(
                "The recording of {n} sitting is not where it was kept: its numbers cannot be "
                "checked any more.",
                "The recordings of {n} sittings are not where they were kept: their numbers cannot "
                "be checked any more.",
                n,
            ).format(n=n),
            history.missing,
        )
    if n := len(history.changed):
        yield _counted(
            plural(
                "The recording of {n} sitting was changed since (its SHA-256 differs): its numbers "
                "are those of then.",
                "The recordings of {n} sittings were changed since (their SHA-256 differ): their "
                "numbers are those of then.",
                n,
            ).format(n=n),
            history.changed,
        )


def _counted(text: str, of: tuple[str, ...]) -> Statement:
    return Statement(text, of=of, values={"n": len(of)})
