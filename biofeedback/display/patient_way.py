"""Leads a person from page to page: safety, board, training, electrodes, and then the session."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from biofeedback.display.preparing.connect import ConnectPage
from biofeedback.display.preparing.contact_page import ContactPage
from biofeedback.display.preparing.placement_page import PlacementPage
from biofeedback.display.preparing.safety_model import Passed, read_on, with_reader
from biofeedback.display.preparing.safety_page import SafetyPage
from biofeedback.display.preparing.way import Step, Way
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.montages import with_montage
from biofeedback.display.sitting.resume import BrokenOff, resumed
from biofeedback.display.sitting.whose import Whose
from biofeedback.display.training.protocol_page import ProtocolPage
from biofeedback.errors import BiofeedbackError
from biofeedback.journal.nouns import Montage
from biofeedback.muscles import named_by, why_not
from biofeedback.settings import KnownSettings
from biofeedback.training.goal import AIMS
from biofeedback.training.protocol_file import load_protocol

WayPage = SafetyPage | ConnectPage | ProtocolPage | PlacementPage
_MOST_MUSCLES = 16  # that the settings keep


class PatientWay(QObject):
    """Knows how far somebody has come; `begin` starts, and `back` says where Back leads.

    `show`: shows a page. Emits `chosen` with the `Choice` of a session at the end of the way, and
    `learnt` with the `KnownSettings` whenever somebody was shown something for the first time.
    `plugged`: the mains were there when the page of safety was left.
    """

    chosen = Signal(object)
    learnt = Signal(object)
    message = Signal(str)

    def __init__(
        self,
        pages: tuple[SafetyPage, ConnectPage, ProtocolPage, PlacementPage],
        known: KnownSettings,
        whose: Whose,
        *,
        show: Callable[[WayPage], object],
        today: Callable[[], date],
    ) -> None:
        super().__init__()
        self.safety, self.connect_page, self.protocols, self.placement = pages
        self._known, self._whose, self._show, self._today = known, whose, show, today
        self._way = Way(sensor=False, train=False)
        self.under_way = False
        """Whether the pages lead somewhere: else they are only looked at."""
        self.placing = False
        """Whether the page of placement is a step of it: else it is only looked at."""
        self.plugged = False
        self._note = ""
        self._choice: Choice | None = None
        self._broken: BrokenOff | None = None
        self._montage: Montage | None = None
        self._protocol = ""
        self._at = 0  # which sensor is placed
        self._show_all = False  # where the electrodes go, known or not
        self._pages: dict[Step, WayPage] = {
            Step.SAFETY: self.safety,
            Step.CONNECT: self.connect_page,
            Step.PROTOCOL: self.protocols,
            Step.PLACE: self.placement,
        }
        self.safety.read.connect(self._learn_rules)
        self.safety.passed.connect(self._pass)
        self.connect_page.chosen.connect(self._connected)
        self.protocols.chosen.connect(self._choose_protocol)
        self.protocols.where_wanted.connect(self._ask_where)
        self.placement.named.connect(self._placed)

    # the beginning

    def begin(
        self,
        choice: Choice | None,
        *,
        train: bool,
        trial: bool = False,
        protocol: str = "",
        broken: BrokenOff | None = None,
        montage: Montage | None = None,
    ) -> None:
        """Go the way with the source of `choice`; None: with a sensor, which is to be found.

        `trial`: to a trial of what helps. `protocol`: what is trained, where that is settled.
        `broken`: the training to go on with.
        `montage`: what this sitting is measured and trained with.
        """
        protocol, self._montage = montage.protocol if montage else protocol, montage
        self._choice, self._protocol, self._note = choice, protocol, ""
        self._broken, self._at, self._show_all = broken, 0, False
        sensor = choice is None
        labels = self.connect_page.muscles.labels()
        if montage:
            labels = tuple(channel.label for channel in montage.channels)
        self._way = Way(
            sensor=sensor,
            train=train,
            planned=bool(protocol),
            place=not self._all_known(labels),
            trial=trial,
        )
        self.under_way = True
        self.protocols.offer_where(wanted=sensor)
        self._go(self._way.steps()[0])

    def _go(self, step: Step) -> None:
        if step is Step.SAFETY:
            read = read_on(self._known.rules, self._whose.person, self._today())
            self.safety.show_for(read, today=self._today())
        elif step is Step.PLACE:
            self._place()
            return
        elif step in (Step.CHECK, Step.TRAIN, Step.TRY, Step.WATCH):
            self._end()
            return
        self._show(self._pages[step])
        if step is Step.CONNECT:
            # the board of last time is taken by itself, where more follows than watching
            self.connect_page.by_itself = self._way.train or self._way.trial

    def _after(self, step: Step) -> None:
        following = self._way.after(step)
        if following is not None:
            self._go(following)

    # safety

    def _learn_rules(self) -> None:
        rules = with_reader(self._known.rules, self._whose.person, self._today())
        self._learn(replace(self._known, rules=rules))

    def forget_others(self, people: list[str]) -> None:
        """Forget what was shown to those who are not among `people`: they were erased."""
        there = {*people, ""}
        rules = (each for each in self._known.rules if each.rpartition(" ")[0] in there)
        muscles = (each for each in self._known.muscles if each.partition(" ")[0] in there)
        self._learn(KnownSettings(tuple(rules), tuple(muscles)))

    def _learn(self, known: KnownSettings) -> None:
        if known != self._known:
            self._known = known
            self.learnt.emit(known)

    def _pass(self, passed: Passed) -> None:
        self._note, self.plugged = passed.note, passed.plugged
        self._after(Step.SAFETY)

    # the board and the training

    def _connected(self, choice: Choice) -> None:
        if not self.under_way:  # the page was opened by itself
            self.chosen.emit(choice)
            return
        if self._montage:
            choice = with_montage(choice, self._montage)
        self._choice = replace(choice, note=self._note)
        settled = self._way.planned or self._way.trial
        unknown = self._next_unknown(0) < self._sensors() if settled else None
        place = not self._all_known(self._labels()) if unknown is None else unknown
        self._way = replace(self._way, place=place)
        self._at = 0
        self._after(Step.CONNECT)

    def _choose_protocol(self, name: str) -> None:
        self._protocol, self._at = name, 0
        place = self._show_all or self._next_unknown(0) < self._sensors()
        self._way = replace(self._way, place=place)
        self._after(Step.PROTOCOL)

    def _ask_where(self) -> None:
        """Show for each sensor where it goes, as if it were the first time."""
        self._show_all = True
        self.protocols.start()

    # where the electrodes go

    def _labels(self) -> tuple[str, ...]:
        return self._choice.options.labels if self._choice else ()

    def _is_known(self, label: str) -> bool:
        if label and named_by(label) is None:  # a word of the user's own: no page shows it
            return True
        return f"{self._whose.person} {label}" in self._known.muscles

    def _all_known(self, labels: tuple[str, ...]) -> bool:
        return bool(labels) and all(map(self._is_known, labels))

    def _sensors(self) -> int:
        """Return how many sensors the training needs, as far as the board has them."""
        there = self._choice.options.channels if self._choice else None
        if self._way.trial:
            return there or 1
        try:
            needed = len(AIMS[load_protocol(self._protocol).mode].muscles)
        except BiofeedbackError:  # the session says what is wrong with it
            return 0
        return min(needed, there or needed)

    def _next_unknown(self, at: int) -> int:
        """Return which sensor's muscle, from `at` on, was never shown; their number if none."""
        n, labels = self._sensors(), self._labels()
        while at < n and at < len(labels) and self._is_known(labels[at]):
            at += 1
        return at

    def _place(self) -> None:
        """Show where the next sensor goes, or go on where that is known of all."""
        if not self._show_all:
            self._at = self._next_unknown(self._at)
        n, labels = self._sensors(), self._labels()
        if self._at >= n:
            self._end()
            return
        label = labels[self._at] if self._at < len(labels) else ""
        self.placing = True
        self.placement.show_sensor(label, n=self._at + 1, of=n)
        self._show(self.placement)

    def _placed(self, label: str) -> None:
        if not self.placing or self._choice is None:
            return
        labels = list(self._labels())
        labels += [""] * (self._at + 1 - len(labels))
        labels[self._at] = label
        if trouble := why_not(labels):
            self.message.emit(trouble)
            return
        choice, last = self._choice, self._choice.remember
        self._choice = replace(
            choice,
            options=replace(choice.options, labels=tuple(labels)),
            remember=replace(last, labels=tuple(labels)) if last and not self._montage else last,
        )
        self.connect_page.muscles.name_sensor(self._at, label)
        entry = f"{self._whose.person} {label}"
        others = [each for each in self._known.muscles if each != entry]
        self._learn(replace(self._known, muscles=(entry, *others)[:_MOST_MUSCLES]))
        self._at += 1
        self._place()

    # the end, and the way back

    def _end(self) -> None:
        choice = self._choice
        if choice is None:
            return
        self._show_all, self._at = False, 0
        if self._broken is not None:
            self.chosen.emit(resumed(choice, self._broken))
        else:
            self.chosen.emit(replace(choice, protocol=self._protocol))

    def before(self, page: QWidget | None) -> WayPage | None:
        """Return the page before one of the way; None before the first."""
        step = self._step_of(page)
        before = self._way.before(step) if step else None
        return self._pages[before] if before else None

    def step_back(self, page: QWidget | None) -> bool:
        """Go back to the sensor before, on the page of placement; return whether there was one."""
        if page is not self.placement or not self.placing or not self._at:
            return False
        self._at -= 1
        self._show_all = True  # also what is known by now
        self._place()
        return True

    def _step_of(self, page: QWidget | None) -> Step | None:
        if not self.under_way:
            return None
        found = (step for step, its in self._pages.items() if its is page)
        step = Step.CHECK if isinstance(page, ContactPage) else next(found, None)
        beside = step is Step.PLACE and not self.placing
        return step if step in self._way.steps() and not beside else None

    def words(self, page: QWidget | None) -> str:
        """Return where one is on the way, and what comes next; empty beside it."""
        step = self._step_of(page)
        return self._way.words(step) if step else ""
