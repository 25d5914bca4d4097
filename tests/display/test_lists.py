"""Lists that are emptied and filled again and again, as pages do: nothing of them is left over."""

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from biofeedback.display.preparing.port_list import PortList
from biofeedback.display.training.protocol_page import ProtocolPage
from biofeedback.display.widgets.wrapped_list import DenseList, WrappedList
from biofeedback.sources.ports import Port

ROUNDS = 60


@pytest.fixture
def beside(qtbot) -> Iterator[tuple[WrappedList, WrappedList]]:
    """Two lists in one window, of which each is filled where the other's items were."""
    window = QWidget()
    qtbot.addWidget(window)
    lists = WrappedList(), WrappedList()
    for rows in lists:
        rows.setParent(window)
    yield lists
    window.close()


def test_a_remark_beside_lists_that_change_is_read_and_never_chosen(beside):
    for n in range(ROUNDS):
        for rows in beside:
            rows.clear()
            rows.addItems([f"{n} {i}" for i in range(20)])
            rows.add_remark("nothing")
        gc.collect(0)
    for rows in beside:
        assert rows.count() == 21
        assert rows.item(20).text() == "nothing"
        assert not rows.item(20).flags() & Qt.ItemFlag.ItemIsSelectable


def test_small_lines_keep_their_font_however_often_they_are_made(qtbot):
    rows = DenseList()
    qtbot.addWidget(rows)
    for n in range(ROUNDS):
        rows.clear()
        for i in range(10):
            assert rows.add(f"{n} {i}").text() == f"{n} {i}"
    assert {rows.item(i).font().pointSizeF() for i in range(10)} == {
        rows.font_of(bold=False).pointSizeF()
    }


def test_the_port_that_is_gone_to_is_told_however_often_the_list_changed(qtbot):
    ports = [Port(f"/dev/ttyACM{n}", "Uno", 0x2341, 0x0043) for n in range(3)]
    rows, told = PortList(), []
    qtbot.addWidget(rows)
    rows.moved.connect(told.append)
    for n in range(ROUNDS):
        rows.show_rows([], None)
        rows.show_rows([(port, f"{port.name} {n}") for port in ports], ports[0])
    assert told == [], "what the program chooses itself is not told"
    rows.setCurrentRow(2)
    assert told == [ports[2]]
    rows.show_rows([], None)
    rows.setCurrentRow(0)
    assert told == [ports[2]], "the line that says there is none is no port"


def test_the_protocol_that_was_marked_stays_marked_when_the_list_is_made_anew(qtbot):
    page = ProtocolPage("")
    qtbot.addWidget(page)
    page.fill()
    page.rows.setCurrentRow(2)
    marked = page.rows.item(2).text()
    for _round in range(ROUNDS):
        page.fill()
    assert page.rows.currentItem().text() == marked
    chosen = []
    page.chosen.connect(chosen.append)
    page.start()
    assert chosen == [list(page._protocols)[2]]
