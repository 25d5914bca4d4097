"""Every page, screen and dialog of the window, with what somebody has who uses it."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from benchmarks import believable
from benchmarks.pictures import (
    ASKING,
    AWAY,
    BARE,
    CHOSEN,
    CUE,
    DENIED,
    FOUR,
    GARBLED,
    PRINTS,
    READY,
    SILENT,
    Shot,
)
from biofeedback.display.app import MainWindow
from biofeedback.display.trials import run as trial_run
from biofeedback.display.trials.session import TrialSession
from biofeedback.muscles import MUSCLES
from biofeedback.recording.edits import Exclusion
from biofeedback.sources import SourceOptions, open_source
from biofeedback.training.trial import Step

_MOST_S = 60.0
_PEOPLE = 3  # of `believable`
_P01, _P02, _P03 = believable.PERSON, believable.BROKEN_OFF, believable.NEW
Then = Callable[[MainWindow, QApplication], QWidget | None]


def wait(app: QApplication, until: Callable[[], object]) -> None:
    """Let the program go on until something is so."""
    end = time.monotonic() + _MOST_S
    while not until():
        if time.monotonic() > end:
            raise TimeoutError(until)
        app.processEvents()
        time.sleep(0.005)


def _in_turn(*steps: Then) -> Then:
    def all_of_it(window: MainWindow, app: QApplication) -> QWidget | None:
        seen = None
        for step in steps:
            seen = step(window, app)
            app.processEvents()
        return seen

    return all_of_it


def _settled(window: MainWindow, app: QApplication) -> None:
    """Let the first page have read the journal."""
    start = window.pages.start
    wait(app, lambda: not (start.people._look.isActive() or start.course._look.isActive()))


def _press(part: str) -> Then:
    """Press the button that `part` of the window names, dot by dot."""

    def press(window: MainWindow, _app: QApplication) -> None:
        named: Any = window
        for name in part.split("."):
            named = getattr(named, name)
        named.click()

    return press


def _asked(_window: MainWindow, app: QApplication) -> QWidget | None:
    """Return the dialog that is open."""
    wait(app, app.activeModalWidget)
    return app.activeModalWidget()


def _scrolled(window: MainWindow, _app: QApplication) -> None:
    """Show the end of the page."""
    for scroll in window.pages.findChildren(QScrollArea):
        bar = scroll.verticalScrollBar()
        bar.setValue(bar.maximum())


def _mains(*, plugged: bool | None) -> Then:
    """Show the page of safety on the mains, on battery, or where nobody can tell."""

    def look(window: MainWindow, _app: QApplication) -> None:
        with patch("biofeedback.display.preparing.mains.on_mains", lambda: plugged):
            window.pages.way.begin(None, train=True)
            window.pages.safety.look()
        window.pages.safety._timer.stop()

    return look


def _place(muscle: str) -> Then:
    def place(window: MainWindow, _app: QApplication) -> None:
        window._show_page(window.pages.placement)
        window.pages.placement.show_sensor(f"{muscle} left", n=1, of=2)

    return place


def _ask_to_delete(window: MainWindow, app: QApplication) -> QWidget | None:
    window.pages.recordings.delete_button.click()
    return _asked(window, app)


def _clients(window: MainWindow, app: QApplication) -> None:
    wait(app, lambda: window.pages.clients.people.count() == _PEOPLE)


def _row(number: int) -> Then:
    return lambda window, _app: window.pages.clients.people.setCurrentRow(number)


def _call(what: Callable[[MainWindow], object]) -> Then:
    """Do something to the window."""

    def do(window: MainWindow, _app: QApplication) -> None:
        what(window)

    return do


def _fill_entry(window: MainWindow) -> None:
    entry = window.pages.entry
    for kind, text in (("tension", "6"), ("pain", "4"), ("symptom", "55"), ("sleep", "6.5")):
        entry.lines[kind].setText(text)
    entry.keep()
    entry.lines["tension"].setText("12")
    entry.keep()


def _edit_recording(window: MainWindow) -> None:
    """Mark the cough that was excluded."""
    page = window.pages.playback
    if page.view is not None:
        excluded = page.view.model.edited.excluded
        page.view.model.chosen = next(each for each in excluded if isinstance(each, Exclusion))
        page.view.moved()
        page._tell()


def _trial(until: Step | None) -> Then:
    """Go through a trial as fast as that goes, up to a step; None: to its end."""

    def go(window: MainWindow, app: QApplication) -> None:
        page = window.pages.trial
        window._show_page(page)
        page.choosing.source.setCurrentIndex(1)

        def fast(words: str, options: SourceOptions) -> object:
            return open_source(words, replace(options, fast=until is None))

        scripted = partial(TrialSession, scripted=True)
        with (
            patch.object(trial_run, "open_source", fast),
            patch.object(trial_run, "TrialSession", scripted if until is None else TrialSession),
        ):
            page.choosing.start_wanted.emit(page.choosing.source.currentData())
        wait(app, lambda: page.run is None or page.run.trial.step is until)
        page._tick()

    return go


def _client_window(window: MainWindow, app: QApplication) -> QWidget | None:
    window.switch_client()
    client = window.client
    if client is not None:
        client.resize(window.size())
        for _frame in range(120):
            client.tick()
            app.processEvents()
    return client


def _markers(window: MainWindow, app: QApplication) -> QWidget | None:
    window.change_markers()
    return _asked(window, app)


def _leave(window: MainWindow, app: QApplication) -> QWidget | None:
    window.leave()
    return _asked(window, app)


def _close(window: MainWindow, app: QApplication) -> QWidget | None:
    window._ask_to_close()
    return _asked(window, app)


def _one_key(window: MainWindow, app: QApplication) -> None:
    window.one_key.switch_mode()
    for _tick in range(20):
        window.one_key.tick()
        app.processEvents()


def _pages() -> list[Shot]:
    start = Shot("start-nobody", then=_settled)
    on_start = partial(replace, start)
    return [
        start,
        on_start(name="start-end", then=_in_turn(_settled, _scrolled)),
        on_start(name="start-year", person=_P01),
        on_start(name="start-new", person=_P03),
        Shot("safety-battery", then=_mains(plugged=False)),
        Shot("safety-mains", then=_mains(plugged=True)),
        Shot("safety-unknown", then=_mains(plugged=None)),
        Shot("safety-end", then=_in_turn(_mains(plugged=False), _scrolled)),
        Shot("connect-none", page="connect_page"),
        Shot("connect-several", page="connect_page", found=(READY, PRINTS, BARE), last=CHOSEN),
        Shot("connect-asking", page="connect_page", found=(ASKING, SILENT)),
        Shot("connect-denied", page="connect_page", found=(DENIED,), last=CHOSEN),
        Shot("connect-garbled", page="connect_page", found=(GARBLED,)),
        Shot("flash", page="flash", found=(SILENT,)),
        Shot("flash-steps", page="flash", found=(BARE,)),
        Shot("wiring", page="wiring"),
        Shot("wiring-end", page="wiring", then=_scrolled),
        *(Shot(f"placement-{m.replace(' ', '-')}", then=_place(m)) for m in MUSCLES),
        Shot("protocols", page="protocols"),
        Shot(
            "entry",
            page="entry",
            person=_P01,
            then=_call(lambda w: w.pages._begin_anew(w.pages.entry)),
        ),
        Shot("entry-refused", page="entry", person=_P01, then=_call(_fill_entry)),
        Shot(
            "treatment", person=_P01, then=_call(lambda w: w.pages._begin_anew(w.pages.treatment))
        ),
        Shot(
            "treatment-new",
            person=_P03,
            then=_call(lambda w: w.pages._begin_anew(w.pages.treatment)),
        ),
        Shot("trends", page="trends", person=_P01),
        Shot(
            "trends-cycle",
            page="trends",
            person=_P01,
            then=_call(lambda w: w.pages.trends.view.setCurrentIndex(1)),
        ),
        Shot("trends-new", page="trends", person=_P03),
        Shot("compare", page="trends", person=_P01, then=_press("pages.trends.compare_button")),
        Shot(
            "course", person=_P01, then=_in_turn(_settled, _press("pages.start.course.plan_button"))
        ),
        Shot(
            "course-new",
            person=_P03,
            then=_in_turn(_settled, _press("pages.start.course.plan_button")),
        ),
        Shot(
            "course-ask",
            person=_P01,
            then=_in_turn(
                _settled,
                _press("pages.start.course.plan_button"),
                _press("pages.course.end_button"),
                _asked,
            ),
        ),
        Shot("clients", page="clients", person=_P01, then=_clients),
        Shot("clients-new", page="clients", person=_P01, then=_in_turn(_clients, _row(2))),
        Shot(
            "clients-ask",
            page="clients",
            person=_P01,
            then=_in_turn(_clients, _call(lambda w: w.pages.clients._ask_to_remove()), _asked),
        ),
        Shot(
            "montage",
            page="clients",
            person=_P01,
            then=_in_turn(
                _clients,
                _call(lambda w: w.pages.clients.edit.emit(_P01, w.pages.clients._montage())),
            ),
        ),
        Shot(
            "montage-new",
            page="clients",
            person=_P01,
            then=_in_turn(_clients, _call(lambda w: w.pages.clients.edit.emit(_P03, None))),
        ),
        Shot("recordings", page="recordings", person=_P01),
        Shot("recordings-ask", page="recordings", person=_P01, then=_ask_to_delete),
        Shot("playback", page="playback", then=_call(_edit_recording)),
        Shot(
            "playback-keys", page="playback", then=_call(lambda w: w.pages.playback.toggle_keys())
        ),
        Shot("playback-note", page="playback", then=_call(lambda w: w.pages.playback.annotate())),
        Shot("trial", page="trial", person=_P01),
        Shot("trial-screen", person=_P01, then=_trial(Step.OFF)),
        Shot("trial-found", person=_P01, then=_trial(None)),
    ]


def _sessions() -> list[Shot]:
    therapist = Shot("therapist", FOUR, 38, 8.0, therapist=True)
    patient = Shot("patient", "sim:relaxing", 88)
    return [
        patient,
        replace(patient, name="patient-tense", seconds=25),
        replace(patient, name="patient-away", seconds=60, status=AWAY),
        replace(patient, name="patient-no-goal", threshold_uv=None, seconds=10),
        replace(patient, name="patient-four", source=FOUR, seconds=38),
        Shot("patient-uno", "sim:uno-10-bit", 60, 15.0),
        Shot("patient-no-reading", "sim:lead-off", 14),
        Shot("patient-hum", "sim:hum", 20, 30.0),
        Shot("patient-ecg", "sim:ecg", 20, 30.0),
        Shot("patient-motion", "sim:motion", 5),
        Shot("contact-ready", CUE, 1, then=_call(lambda w: w.check_sensor())),
        Shot("contact-rest", CUE, 6, check=True),
        Shot("contact-tense", CUE, 15, check=True),
        Shot("contact-well", CUE, 23, check=True),
        Shot("contact-hum", "sim:hum", 23, check=True),
        Shot("contact-ecg", "sim:ecg", 23, check=True),
        Shot("contact-motion", "sim:motion", 23, check=True),
        Shot("contact-four", FOUR, 23, check=True),
        Shot("contact-away", CUE, 6, check=True, status=AWAY),
        therapist,
        replace(therapist, name="client", then=_client_window),
        replace(therapist, name="markers", then=_markers),
        replace(therapist, name="note", then=_call(lambda w: w.ask_note())),
        replace(patient, name="ask-to-end", then=_leave),
        replace(patient, name="one-key", then=_one_key),
        Shot("one-key-start", then=_in_turn(_settled, _one_key)),
        Shot("one-key-clients", page="clients", person=_P01, then=_in_turn(_clients, _one_key)),
    ]


def _trainings() -> list[Shot]:
    home = Shot("training-check", protocol="home-relaxation", seconds=30, rest_s=240)
    transfer = replace(home, protocol="transfer")
    two = ((8.0, 5.0), (8.0, 9.0))
    below = Shot("training-ring", protocol="shot-below", seconds=50)
    return [
        home,
        replace(home, name="training-adaptation", seconds=90),
        replace(home, name="training-baseline", seconds=150),
        replace(home, name="training-trial", seconds=300),
        replace(home, name="training-rest", seconds=400),
        replace(home, name="training-after", seconds=600),
        replace(home, name="training-rating", seconds=700),
        replace(home, name="training-contraction", protocol="contract-relax", seconds=184),
        replace(home, name="training-paced", protocol="paced-breathing", seconds=300),
        replace(home, name="training-symmetry", protocol="symmetry", seconds=300, levels_uv=two),
        replace(home, name="training-reference", protocol="overflow", seconds=64, levels_uv=two),
        replace(transfer, name="training-without-help", seconds=450),
        replace(transfer, name="training-guess", seconds=513),
        replace(transfer, name="training-stressor", seconds=550),
        below,
        replace(below, name="training-tense", levels_uv=((8.0, 22.0),)),
        replace(below, name="training-lake", feedback="scene"),
        replace(below, name="training-curve", feedback="trend"),
        replace(below, name="training-closed-eyes", feedback="sound"),
        replace(below, name="training-no-reading", lead_off=True, seconds=66),
        replace(below, name="training-paused", then=_call(_pause)),
        replace(below, name="training-ask-to-end", then=_leave),
        replace(below, name="training-therapist", then=_call(_lead)),
        replace(below, name="training-client", then=_in_turn(_call(_lead), _client_window)),
        replace(below, name="training-one-key", then=_one_key),
        replace(home, name="summary", seconds=770, end=True, person=_P01, live=True),
        replace(home, name="summary-early", seconds=300, end=True, person=_P02, live=True),
        replace(below, name="ask-to-close", person=_P01, live=True, then=_close),
        Shot("start-broken-off", person=_P02, then=_settled),  # by the one before the last
    ]


def _pause(window: MainWindow) -> None:
    if window.session is not None:
        window.session.paused = True
    for _frame in range(20):
        window.tick()


def _lead(window: MainWindow) -> None:
    window.switch_view()
    for _frame in range(60):
        window.tick()


def every_page() -> list[Shot]:
    """Return all there is to be seen, in the order in which it has to be shown."""
    return [*_pages(), *_sessions(), *_trainings()]
