"""The language of the window: the choice of one, and Qt's own words in it."""

from PySide6.QtCore import QLibraryInfo, QLocale, QSignalBlocker, QTranslator, Signal
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from biofeedback.display.widgets.controls import Chooser, Label, card, named
from biofeedback.text import _, spoken, translated
from biofeedback.text.language import SOURCE, SYSTEM


class LanguageChoice(QWidget):
    """Emits `changed` with the code of a language, or `SYSTEM`; holds from the next start on.

    Its words are in two languages: whoever looks for theirs may not read the one that is spoken.
    """

    changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.language = Chooser()
        self.language.addItem(_("as the computer has it"), SYSTEM)
        for code in sorted({SOURCE, *translated()}):
            self.language.addItem(QLocale(code).nativeLanguageName(), code)
        made, rows = card()
        named(rows, self.language, _("Language – Sprache"))
        rows.addWidget(
            Label(_("From the next start of the program. – Ab dem nächsten Start."), "quiet")
        )
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(made)
        self.language.currentIndexChanged.connect(self._change)

    def set_language(self, language: str) -> None:
        """Show what is chosen."""
        with QSignalBlocker(self.language):
            self.language.setCurrentIndex(self.language.findData(language))

    def _change(self) -> None:
        self.changed.emit(self.language.currentData())


def speak(app: QApplication) -> None:
    """Let Qt's own buttons, dialogs and dates have the program's language."""
    locale = QLocale(spoken())
    if locale.language() != QLocale().language():  # else the region's dates are the better ones
        QLocale.setDefault(locale)
    words, folder = QTranslator(app), QLibraryInfo.LibraryPath.TranslationsPath
    if words.load(locale, "qtbase", "_", QLibraryInfo.path(folder)):
        app.installTranslator(words)
