"""The drawings: there in both palettes, in words for who cannot see them, and never cut off."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QLabel

from biofeedback.boards import BOARDS
from biofeedback.display.preparing.board_words import resolution_table
from biofeedback.display.preparing.wiring_page import WiringPage
from biofeedback.display.preparing.wiring_pictures import WIRES
from biofeedback.display.widgets.palette import DARK, LIGHT
from biofeedback.display.widgets.picture import Canvas


def test_f1_leads_there_from_the_connect_page_and_esc_back(window, qtbot):
    window._show_page(window.pages.connect_page)
    qtbot.keyClick(window.pages.connect_page, Qt.Key.Key_F1)
    page = window.pages.currentWidget()
    assert isinstance(page, WiringPage)
    assert window.focusWidget() is page.wiring
    qtbot.keyClick(page.wiring, Qt.Key.Key_PageDown)
    assert page._scroll.verticalScrollBar().value() > 0
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert window.pages.currentWidget() is window.pages.connect_page


def test_the_words_say_all_that_the_drawings_show(window):
    words = window.pages.wiring.wiring.accessibleDescription()
    for joined in (
        "VIN of the sensor to 5V",
        "GND of the sensor to GND",
        "RAW of the sensor to A0",
    ):
        assert joined in words
    assert "REF, RECT, ENV stay free" in words
    assert "runs on battery" in words
    words = window.pages.wiring.electrodes.accessibleDescription()
    for said in ("along its fibres", "20 mm", "over bone"):
        assert said in words


def test_the_page_has_the_safety_words_and_every_board(window):
    texts = " ".join(label.text() for label in window.pages.wiring.findChildren(QLabel))
    for words in ("never on both sides of the front of the neck", "not across the chest", "12 µV"):
        assert words in texts
    for board in BOARDS.values():
        assert board.title in texts


def test_the_document_says_the_figures_that_the_page_shows():
    document = (Path(__file__).parents[2] / "docs" / "wiring.md").read_text("utf-8")
    for board, floor_uv in resolution_table():
        assert f"| {board} | {floor_uv:.2g} µV |" in document
    for joined in WIRES:
        assert "| {} | {} |".format(*joined) in document


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_the_drawings_take_the_colours_of_the_palette(window, palette):
    page = window.pages.wiring
    window._show_page(page)
    page.set_palette(palette)
    for picture in (page.wiring, page.electrodes):
        image = picture.grab().toImage()
        wanted = QColor(palette.trace).rgb()
        drawn = sum(
            image.pixel(x, y) == wanted
            for x in range(0, image.width(), 2)
            for y in range(0, image.height(), 2)
        )
        assert drawn > 20


def test_long_words_shrink_into_their_place(window, monkeypatch):
    image = QImage(300, 100, QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT.card))
    painter = QPainter(image)
    canvas = Canvas(painter, LIGHT, window.font(), 20.0)
    canvas.text((1, 1, 8, 2), "Stromversorgungsanschlussbezeichnung der Muskelspannung")
    size = painter.font().pixelSize()
    needed = QFontMetricsF(painter.font()).boundingRect("Stromversorgungsanschlussbezeichnung")
    painter.end()
    assert needed.width() <= 8 * 20 + 1
    assert size < 16
    outside = [image.pixel(x, y) for x in range(182, 300) for y in range(100)]
    assert set(outside) == {QColor(LIGHT.card).rgb()}
