"""How the window looks: one style sheet made from a palette, by object names."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from biofeedback.display.widgets.palette import DARK, LIGHT, STRONG_DARK, STRONG_LIGHT, Palette

_BASE_POINTS = 12.0
_DENSE = 0.85

_SHEET = """
QWidget {{ color: {text}; font-size: {base}pt; }}
QWidget#page, QMainWindow {{ background: {ground}; }}
QFrame#card {{ background: {card}; border: {edge}; border-radius: 14px; }}
QLabel {{ background: transparent; }}
QLabel#title {{ color: {quiet}; }}
QLabel#quiet {{ color: {quiet}; }}
QLabel#large {{ font-size: {large}pt; }}
QLabel#words {{ font-size: {heading}pt; }}
QLabel#summary {{ font-size: {summary}pt; }}
QLabel#count {{ font-size: {count}pt; font-weight: 600; }}
QLabel#heading {{ font-size: {heading}pt; font-weight: 600; }}
QLabel#tag {{ color: {warning}; border: 2px solid {warning}; border-radius: 6px;
  padding: 1px 8px; font-weight: 600; }}
QLabel#message {{ background: {card}; color: {text}; border: 2px solid {warning};
  border-radius: 8px; padding: 8px 12px; }}
QPushButton {{ background: {card}; border: 2px solid {line}; border-radius: 10px;
  padding: 8px 14px; }}
QPushButton#main {{ background: {button}; color: {on_button}; border-color: {button};
  font-weight: 600; }}
QPushButton#failed {{ border-color: {warning}; color: {warning}; font-weight: 600; }}
QPushButton#small {{ padding: 6px 0px; min-width: {small}px; max-width: {small}px; }}
QPushButton:focus {{ border: 3px solid {focus}; }}
QPushButton#main:focus {{ border: 4px solid {focus}; }}
QPushButton:checked {{ border-color: {text}; }}
QPushButton:disabled, QPushButton#main:disabled {{ background: {ground}; color: {quiet};
  border: 2px dashed {line}; }}
QComboBox, QLineEdit {{ background: {card}; border: 2px solid {line}; border-radius: 8px;
  padding: 6px 10px; selection-background-color: {button}; selection-color: {on_button}; }}
QComboBox::drop-down {{ border: none; width: {arrow}px; }}
QComboBox:focus, QLineEdit:focus {{ border: 2px solid {focus}; }}
QComboBox QAbstractItemView {{ background: {card}; color: {text};
  selection-background-color: {button}; selection-color: {on_button}; }}
QListWidget {{ background: {card}; border: 2px solid {line}; border-radius: 8px; outline: none; }}
QListWidget:focus {{ border: 3px solid {focus}; }}
QListWidget::item {{ padding: 6px 8px; border-radius: 6px; color: {text}; }}
QListWidget::item:selected {{ background: {button}; color: {on_button}; }}
QLabel#steps {{ border: 2px solid {card}; border-radius: 8px; padding: 4px; }}
QLabel#steps:focus {{ border-color: {focus}; }}
QProgressBar {{ background: {ground}; border: 2px solid {line}; border-radius: 8px; }}
QProgressBar::chunk {{ background: {button}; border-radius: 6px; }}
QScrollArea {{ background: {ground}; border: none; }}
QToolTip {{ background: {card}; color: {text}; border: 1px solid {line}; padding: 4px; }}
"""


def choose_palette(name: str, *, strong: bool = False) -> Palette:
    """Return the palette called `name`; "auto": as the desktop, light where it says nothing.

    `strong`: the one of high contrast.
    """
    dark = name == "dark"
    if name == "auto":
        dark = QApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    if strong:
        return STRONG_DARK if dark else STRONG_LIGHT
    return DARK if dark else LIGHT


def apply_style(app: QApplication, palette: Palette, *, font_scale: float) -> None:
    """Give the whole program `palette`, and its text a size."""
    font = QFont(app.font())
    font.setPointSizeF(_BASE_POINTS * font_scale)
    app.setFont(font)
    colours = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, palette.ground),
        (QPalette.ColorRole.Base, palette.card),
        (QPalette.ColorRole.Button, palette.card),
        (QPalette.ColorRole.Text, palette.text),
        (QPalette.ColorRole.WindowText, palette.text),
        (QPalette.ColorRole.ButtonText, palette.text),
        (QPalette.ColorRole.PlaceholderText, palette.quiet),
        (QPalette.ColorRole.Highlight, palette.button),
        (QPalette.ColorRole.HighlightedText, palette.on_button),
    ):
        colours.setColor(role, QColor(colour))
    app.setPalette(colours)
    values = {name: getattr(palette, name) for name in palette.__slots__}
    values["edge"] = f"2px solid {palette.line}" if palette.strong else "none"
    sizes = {
        "base": f"{_BASE_POINTS * font_scale:g}",
        "large": round(2.2 * _BASE_POINTS * font_scale),
        "summary": round(1.3 * _BASE_POINTS * font_scale),
        "heading": round(1.6 * _BASE_POINTS * font_scale),
        "count": round(7.0 * _BASE_POINTS * font_scale**0.5),
        "arrow": round(2.0 * _BASE_POINTS * font_scale),
        "small": round(3.2 * _BASE_POINTS * font_scale),
    }
    app.setStyleSheet(_SHEET.format(**values, **sizes))


def dense(font: QFont) -> QFont:
    """Return the font of the therapist's figures: much is to be seen at once, from near."""
    smaller = QFont(font)
    smaller.setPointSizeF(font.pointSizeF() * _DENSE)
    return smaller
