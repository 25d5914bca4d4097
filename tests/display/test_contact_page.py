"""The check of the sensor in the window, by keys; a made-up muscle is played chunk by chunk."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from biofeedback.display.app import MainWindow
from biofeedback.display.feedback.patient import PatientScreen
from biofeedback.display.preparing import contact_page
from biofeedback.display.preparing.contact_model import ContactTest, Step
from biofeedback.display.preparing.contact_page import ContactPage
from biofeedback.display.sitting.choice import Choice
from biofeedback.display.sitting.view_model import ViewModel
from biofeedback.display.widgets.palette import LIGHT
from biofeedback.display.widgets.style import apply_style
from biofeedback.errors import SourceError
from biofeedback.session import Session, State
from biofeedback.settings import SignalSettings, SourceSettings, load_settings
from biofeedback.sources import SourceOptions, open_source
from biofeedback.stream import Chunk

CHANNEL = '[[channels]]\nlabel = "{label}"\n'
SEGMENT = "[[channels.segments]]\n{seconds}{keys}\n"


def muscle(
    folder: Path, rest: str = "emg_uv = 2", tensed: str = "emg_uv = 60", labels: int = 1
) -> str:
    """Return the words for a muscle that does what the check asks for, begun at once."""
    parts = [SEGMENT.format(seconds="seconds = 12.5\n", keys=rest)]
    parts.append(SEGMENT.format(seconds="", keys=tensed))
    channels = [CHANNEL.format(label=f"neck {n + 1}") + "".join(parts) for n in range(labels)]
    path = folder / "muscle.toml"
    path.write_text('summary = "made up"\nheart_rate = 70\n' + "".join(channels))
    return f"sim:{path}"


def pieces(chunk: Chunk) -> list[Chunk]:
    """Cut a chunk as a board would send it: 50 samples."""
    return [
        Chunk(chunk.start + at, chunk.samples[at : at + 50])
        for at in range(0, len(chunk.samples), 50)
    ]


class Player:
    """Runs sessions without a thread: `play` takes samples up to `seconds` of sample time."""

    def __init__(self) -> None:
        self.t = 0.0
        self._runs: dict[Session, object] = {}

    def play(self, session: Session, seconds: float, each: Callable[[], object] = int) -> None:
        if session not in self._runs:
            read = session.source.read
            session.source.read = lambda timeout: [p for c in read(timeout) for p in pieces(c)]
            self._runs[session] = session.run()
        run = self._runs[session]
        while session.state is State.OPENING or session.duration_s < seconds:
            next(run)
            each()

    def model(self, words: str, signal: SignalSettings | None = None) -> ViewModel:
        source = open_source(words, SourceOptions(fast=True))
        session = Session(source, signal=signal or SignalSettings())
        return ViewModel(session, clock=lambda: self.t)


@pytest.fixture
def player(monkeypatch) -> Player:
    made = Player()
    monkeypatch.setattr(Session, "start", lambda _session: None)
    monkeypatch.setattr(
        "biofeedback.display.sitting.sitting.ViewModel", partial(ViewModel, clock=lambda: made.t)
    )
    return made


def checked(player: Player, words: str, signal: SignalSettings | None = None) -> ContactTest:
    test = ContactTest(player.model(words, signal))
    test.start()
    player.play(test.view.session, 23, test.poll)
    return test


def begun(window: MainWindow, player: Player, words: str) -> ContactPage:
    """Begin as from the page that connects a board."""
    last = SourceSettings(sensor="myoware-2-raw")
    window.choose(Choice(words, SourceOptions(fast=True), last))
    return shown(window)


def shown(window: MainWindow) -> ContactPage:
    page = window.pages.currentWidget()
    assert isinstance(page, ContactPage)
    return page


def press(window: MainWindow, qtbot, key: Qt.Key = Qt.Key.Key_Return) -> None:
    qtbot.keyClick(window.focusWidget(), key)


def said(page: QWidget) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def listened(window: MainWindow, player: Player, seconds: float = 23.0) -> None:
    player.play(window.session, seconds, window.tick)
    QApplication.processEvents()  # what was added is shown


# without a window


def test_rest_then_a_contraction_on_cue_says_that_the_sensor_sits_well(player, tmp_path):
    test = checked(player, muscle(tmp_path))
    assert test.step is Step.DONE
    assert test.ok
    assert test.verdict() == "The sensor sits well."
    assert test.found[0].rest == pytest.approx(2.0, rel=0.1)
    assert test.found[0].contraction == pytest.approx(60.0, rel=0.1)


def test_what_to_do_and_the_countdown_follow_the_samples(player, tmp_path):
    test = ContactTest(player.model(muscle(tmp_path)))
    test.start()
    seen: dict[str, list[int]] = {}

    def look() -> None:
        test.poll()
        if test.instruction():
            left = seen.setdefault(test.instruction(), [])
            if test.seconds_left() not in left:
                left.append(test.seconds_left())

    player.play(test.view.session, 23, look)
    assert list(seen) == [
        "Sit still and let the muscle go.",
        "Now tense it gently (shrug, clench), and hold.",
        "Thank you, let go.",
    ]
    rest, tense, let_go = seen.values()
    assert rest == tense == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert let_go == [0]


def test_a_board_that_goes_away_is_said_and_the_ten_seconds_begin_anew(player, tmp_path):
    test = ContactTest(player.model(muscle(tmp_path)))
    test.start()
    session = test.view.session
    player.play(session, 8, test.poll)
    assert test.step is Step.REST
    player.t = 1.0  # and no sample has come since
    assert test.poll() is Step.WAITING
    assert "begins anew once the signal is back" in test.trouble()
    player.play(session, 8.2, test.poll)
    assert test.step is Step.REST
    assert test.seconds_left() == 10
    player.play(session, 23, test.poll)
    assert test.step is Step.CONTRACTION, "the eight seconds before do not count"


def test_a_lost_session_and_a_stream_that_ends_are_never_well(player, tmp_path):
    for error, words in ((SourceError("It broke off."), "It broke off."), (None, "ended before")):
        test = ContactTest(player.model(muscle(tmp_path)))
        test.start()
        session = test.view.session
        player.play(session, 15, test.poll)
        session.error, session.state = error, State.FAILED if error else State.ENDED
        assert test.poll() is Step.LOST
        assert not test.ok
        assert words in test.trouble()


def test_a_signal_that_was_not_kept_is_too_little_and_never_well(player, tmp_path):
    test = ContactTest(player.model(muscle(tmp_path)))
    test.start()
    player.play(test.view.session, 1, test.poll)
    player.play(test.view.session, 60)  # nobody looked for half a minute: the rest is gone
    test.poll()
    assert test.step is Step.DONE
    assert not test.ok
    assert any("Too little" in finding.advice for finding in test.found[0].findings)


def test_mains_of_60_hz_and_a_heartbeat_are_known_for_the_switches(player, tmp_path):
    hum = "mains_hz = 60\nmains_uv = [20]\n"
    test = checked(player, muscle(tmp_path, f"emg_uv = 2\n{hum}", f"emg_uv = 60\n{hum}"))
    assert test.mains_hz() == 60.0
    assert not test.heartbeat()
    test = checked(player, "sim:ecg")
    assert test.heartbeat()
    assert not test.mains_hz() > 0


def test_with_the_mains_filter_on_the_same_hum_is_no_finding(player, tmp_path):
    hum = "mains_hz = 50\nmains_uv = [20]\n"
    words = muscle(tmp_path, f"emg_uv = 2\n{hum}", f"emg_uv = 60\n{hum}")
    assert not checked(player, words).ok
    assert checked(player, words, SignalSettings(mains_filter="on")).ok


# the page


def test_after_a_board_was_connected_enter_leads_through_the_check_to_the_training(
    window, player, qtbot, tmp_path
):
    page = begun(window, player, muscle(tmp_path))
    assert "Press Enter when you are ready" in said(page)
    assert window.focusWidget() is page.main_button
    player.play(window.session, 0.1)
    press(window, qtbot)
    assert "Sit still" in said(page)
    listened(window, player, 13)
    assert "Now tense it gently" in said(page)
    assert 0 < page.bar.value() < page.bar.maximum()
    listened(window, player)
    assert "The sensor sits well." in said(page)
    assert "At rest 2" in said(page)
    assert page.main_button.accessibleName() == "Go on"
    session = window.session
    press(window, qtbot)
    assert isinstance(window.pages.currentWidget(), PatientScreen)
    assert window.session is session, "nothing was switched: it goes on"
    assert not session.paused


def test_esc_leaves_at_once_at_any_step_and_a_pause_is_as_it_was(window, player, qtbot, tmp_path):
    window.begin(Choice(muscle(tmp_path), SourceOptions(fast=True)))
    player.play(window.session, 1)
    for paused in (False, True):
        window.session.paused = paused
        qtbot.keyClick(window, Qt.Key.Key_K)
        press(window, qtbot)
        assert window.session.paused, "a check is in no score"
        qtbot.keyClick(window, Qt.Key.Key_Escape)
        assert isinstance(window.pages.currentWidget(), PatientScreen)
        assert window.session.paused is paused


def test_enter_while_it_listens_only_begins_anew(window, player, qtbot, tmp_path):
    page = begun(window, player, muscle(tmp_path))
    player.play(window.session, 0.1)
    press(window, qtbot)
    listened(window, player, 6)
    assert page.bar.value() > 200
    press(window, qtbot)
    assert shown(window) is page
    assert page.bar.value() < 20


def test_what_fails_is_told_with_what_to_do_and_enter_checks_again(window, player, qtbot, tmp_path):
    page = begun(window, player, muscle(tmp_path, tensed="emg_uv = 3"))
    player.play(window.session, 0.1)
    press(window, qtbot)
    listened(window, player)
    assert "Not yet" in said(page)
    assert "Put both electrodes on the belly of the muscle" in said(page)
    assert page.main_button.accessibleName() == "Check again"
    press(window, qtbot)
    assert "Sit still" in said(page)


def test_hum_offers_the_filter_which_is_kept_and_checked_again_with(
    window, player, qtbot, tmp_path
):
    hum = "mains_hz = 60\nmains_uv = [20]\n"
    words = muscle(tmp_path, f"emg_uv = 2\n{hum}", f"emg_uv = 60\n{hum}")
    page = begun(window, player, words)
    player.play(window.session, 0.1)
    press(window, qtbot)
    assert not page.switches.mains.isVisible()
    listened(window, player)
    assert "Mains pick-up" in said(page)
    switch = page.switches.mains
    assert switch.accessibleName() == "Filter out mains hum (60 Hz)"
    assert "SENIAM" in switch.toolTip()
    assert not page.switches.heartbeat.isVisible()
    switch.setFocus()
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    signal = load_settings().signal
    assert (signal.mains_filter, signal.mains_hz) == ("on", 60.0)
    before = window.session
    assert before.signal.mains_filter == "off"
    qtbot.keyClick(switch, Qt.Key.Key_Return)
    assert window.session is not before
    assert window.session.signal == signal
    listened(window, player)
    assert "The sensor sits well." in said(shown(window))


def test_a_heartbeat_offers_to_be_taken_out_and_go_on_begins_the_session_with_it(
    window, player, qtbot, tmp_path
):
    beat = "ecg_uv = 100\n"
    page = begun(window, player, muscle(tmp_path, f"emg_uv = 2\n{beat}", f"emg_uv = 90\n{beat}"))
    player.play(window.session, 0.1)
    press(window, qtbot)
    listened(window, player)
    assert "The sensor sits well." in said(page), "a heartbeat only warns"
    page.switches.heartbeat.setFocus()
    qtbot.keyClick(page.switches.heartbeat, Qt.Key.Key_Space)
    qtbot.keyClick(page.switches.heartbeat, Qt.Key.Key_Return)
    assert isinstance(window.pages.currentWidget(), PatientScreen)
    assert window.session.signal.heartbeat == "remove"
    assert window.pages.start.switches.heartbeat.isChecked(), "the start page says the same"


def test_the_switches_of_the_start_page_are_kept_and_hold_for_the_next_session(
    window, player, qtbot
):
    for switch in (window.pages.start.switches.mains, window.pages.start.switches.heartbeat):
        switch.setFocus()
        qtbot.keyClick(switch, Qt.Key.Key_Space)
    kept = load_settings().signal
    assert (kept.mains_filter, kept.heartbeat) == ("on", "remove")
    window.begin(Choice("sim:rest", SourceOptions(fast=True)))
    assert window.session.signal == kept


def test_a_session_that_breaks_off_says_why_and_enter_opens_it_anew(
    window, player, qtbot, tmp_path
):
    page = begun(window, player, muscle(tmp_path))
    player.play(window.session, 0.1)
    press(window, qtbot)
    listened(window, player, 15)
    before = window.session
    before.error, before.state = SourceError("Unplugged: plug it in."), State.FAILED
    window.tick()
    assert "Unplugged: plug it in." in said(page)
    assert "sits well" not in said(page)
    press(window, qtbot)
    assert window.session is not before
    listened(window, player)
    assert "The sensor sits well." in said(shown(window))


def test_a_board_that_cannot_be_opened_leads_back_with_the_reason(window, player, tmp_path):
    begun(window, player, muscle(tmp_path))
    window.session.error, window.session.state = SourceError("It is not there."), State.FAILED
    window.tick()
    assert window.pages.currentWidget() is window.pages.start
    assert "It is not there." in window._message.text()


def test_colours_and_text_size_change_in_the_middle_and_the_countdown_goes_on(
    window, player, qtbot, tmp_path
):
    begun(window, player, muscle(tmp_path))
    player.play(window.session, 0.1)
    press(window, qtbot)
    listened(window, player, 6)
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    page = shown(window)
    assert page.bar.value() > 200
    listened(window, player)
    assert "The sensor sits well." in said(page)


def test_a_recording_has_no_check_for_nobody_sits_at_it(window, player, qtbot, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("emg_uv\n" + "1\n2\n" * 500)
    window.begin(Choice(f"file:{path}", SourceOptions(sfreq=1000.0, fast=True)))
    assert not window._bar.check.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_K)
    assert isinstance(window.pages.currentWidget(), PatientScreen)


def test_a_screen_reader_hears_each_step_once_and_the_result(
    window, player, qtbot, tmp_path, monkeypatch
):
    told: list[str] = []
    monkeypatch.setattr(contact_page, "announce", lambda _widget, words: told.append(words))
    begun(window, player, muscle(tmp_path))
    player.play(window.session, 0.1)
    press(window, qtbot)
    listened(window, player)
    assert told[0].startswith("Ten seconds at rest")
    assert told[1:8] == [
        "Sit still and let the muscle go.",
        "5 seconds more",
        "3 seconds more",
        "Now tense it gently (shrug, clench), and hold.",
        "5 seconds more",
        "3 seconds more",
        "Thank you, let go.",
    ]
    assert told[8].startswith("The sensor sits well. neck 1 At rest 2")
    assert len(told) == 9


def test_all_that_takes_the_focus_is_reached_by_tab_and_names_itself(
    window, player, qtbot, tmp_path
):
    hum = "mains_uv = [20]\necg_uv = 100\n"
    page = begun(window, player, muscle(tmp_path, f"emg_uv = 2\n{hum}", f"emg_uv = 60\n{hum}"))
    player.play(window.session, 0.1)
    press(window, qtbot)
    listened(window, player)
    wanted = {
        part
        for part in page.findChildren(QWidget)
        if part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.isVisible()
    }
    assert len(wanted) >= 3
    reached = set()
    for _press in range(12):
        reached.add(window.focusWidget())
        window.focusNextPrevChild(True)
    assert wanted <= reached
    for part in wanted:
        interface = QAccessible.queryAccessibleInterface(part)
        assert interface.text(QAccessible.Text.Name)
        assert interface.text(QAccessible.Text.Description)


@pytest.mark.parametrize("size", [(1280, 800), (1024, 640)])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_nothing_is_cut_off_and_a_long_result_scrolls_by_keys(
    window, player, qtbot, qapp, tmp_path, scale, size
):
    page = begun(window, player, muscle(tmp_path, tensed="emg_uv = 3", labels=4))
    window.resize(*size)
    apply_style(qapp, LIGHT, font_scale=scale)
    player.play(window.session, 0.1)
    press(window, qtbot)
    for seconds in (5, 15, 23):
        listened(window, player, seconds)
        for _pass in range(4):
            qapp.processEvents()
        assert (window.width(), window.height()) == size
        for label in page.findChildren(QLabel):
            if label.isVisible() and label.text() and label.wordWrap():
                assert label.height() >= label.heightForWidth(label.width()) - 1, label.text()
                assert label.mapTo(page, label.rect().topRight()).x() <= page.width()
    bar = page._scroll.verticalScrollBar()
    assert bar.maximum() > 0 or scale == 1.0
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_PageDown)
    assert bar.value() > 0 or bar.maximum() == 0
    apply_style(qapp, LIGHT, font_scale=1.0)


# what is said while a session goes on


@pytest.mark.parametrize(
    ("words", "small"),
    [("sim:hum", "Mains pick-up."), ("sim:ecg", "Your heartbeat is in the signal.")],
)
def test_a_warning_is_a_small_line_and_no_hint(player, words, small):
    view = player.model(words)
    player.play(view.session, 20)
    view.session.set_threshold(0, 30.0)
    player.play(view.session, 20.1)
    assert view.warning() == small
    assert view.frame().hint == ""
    assert view.frame().word == "Relaxed"


def test_where_the_heart_is_clear_the_table_has_its_rate_until_then_it_is_unknown(player):
    view = player.model("sim:ecg")
    player.play(view.session, 1)
    assert not view.session.heart_rate_bpm > 0
    player.play(view.session, 20)
    assert view.session.heart_rate_bpm == pytest.approx(70, abs=2)
    word = view.rows(None)[0].signal
    assert word.startswith("heart ")
    assert float(word[6:-4]) == pytest.approx(70, abs=2)


def test_a_heartbeat_that_is_taken_out_is_said_to_be(player):
    view = player.model("sim:ecg", SignalSettings(heartbeat="remove"))
    player.play(view.session, 20)
    assert view.warning() == "Your heartbeat is taken out."


def test_a_cable_that_moves_is_a_hint_and_gives_no_reading(player):
    view = player.model("sim:motion")
    player.play(view.session, 5)
    frame = view.frame()
    assert "The cable or electrode moved." in frame.hint
    assert frame.word == "No reading"
    assert view.warning() == ""
