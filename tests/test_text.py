"""Every word that a person reads goes through one catalogue, and the catalogue is used."""

import ast
import os
import re
import string
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

import biofeedback
from biofeedback import errors, text
from biofeedback.boards import find_board

ROOT = Path(biofeedback.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
TRANSLATING = {"_": 1, "plural": 2}
"""The functions of text.py, and how many sentences each is given."""
SPOKEN_ERRORS = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.BiofeedbackError)
}
# These pass a part of a sentence on, or print it.
TOLD_BY = {"say", "tell", "print", "_broken", "_wrong", "check"}
PROPER_NAMES = {"biofeedback"}
HELP_IN = {"cli": ("add", "add_source_words", "make_parser")}
# Which of the arguments are shown; the rest are styles, data and keys.
SHOWN_BY = {
    "Label": slice(1),
    "button": slice(2),
    "card": slice(0),
    "named": slice(2, 3),
    **dict.fromkeys(("addAction", "drawText", "getOpenFileName"), slice(None)),
    **dict.fromkeys(("setText", "setToolTip", "setWindowTitle", "setInformativeText"), slice(1)),
    **dict.fromkeys(("setAccessibleName", "setAccessibleDescription"), slice(1)),
    **dict.fromkeys(("setPlaceholderText", "setHorizontalHeaderLabels"), slice(1)),
    **dict.fromkeys(("addItem", "addButton", "QTableWidgetItem"), slice(1)),
}
SHOWN_KEYWORDS = {"title", "text", "description"}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def name_of(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def translates(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in TRANSLATING


def words_in(literal: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", literal)) - PROPER_NAMES


def bare_words(node: ast.expr, scope: ast.AST, followed: frozenset[str] = frozenset()) -> set[str]:
    """Return the words of literals that become part of the text `node` without a translation.

    A name stands for what `scope` assigns to it, unless it is among those `followed` already.
    """
    parts: Iterable[ast.expr]
    match node:
        case ast.Constant(value=str(value)):
            return words_in(value)
        case ast.Starred(value=part) | ast.FormattedValue(value=part):
            parts = [part]
        case ast.Name(id=name):
            parts = assigned(name, scope) if name not in followed else []
            followed |= {name}
        case ast.JoinedStr(values=values) | ast.BoolOp(values=values):
            parts = values
        case ast.BinOp(left=left, right=right):
            parts = [left, right]
        case ast.IfExp(body=body, orelse=orelse):
            parts = [body, orelse]
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            parts = elements
        case ast.Call(func=ast.Attribute(value=said, attr=method)):
            parts = [said, *(keyword.value for keyword in node.keywords)]
            parts += node.args if method == "join" else []
        case _:
            parts = []
    return {word for part in parts for word in bare_words(part, scope, followed)}


def functions(tree: ast.Module) -> dict[ast.AST, ast.AST]:
    """Return for every node the innermost function around it, or the module."""
    inside: dict[ast.AST, ast.AST] = {}
    for node in ast.walk(tree):  # from the outside inwards
        around = node if isinstance(node, ast.FunctionDef | ast.Module) else inside[node]
        inside |= dict.fromkeys(ast.iter_child_nodes(node), around)
    return inside


def assigned(name: str, scope: ast.AST) -> list[ast.expr]:
    return [
        node.value
        for node in ast.walk(scope)
        if isinstance(node, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
    ]


def each_module(test: Callable[..., None]) -> Callable[..., None]:
    ids = [str(path.relative_to(ROOT)) for path in MODULES]
    return pytest.mark.parametrize("path", MODULES, ids=ids)(test)


def untranslated(
    tree: ast.Module, chosen: Callable[[ast.Call], list[ast.expr]]
) -> Iterator[tuple[int, set[str]]]:
    """Yield line and words of what calls are given in the arguments `chosen` from them."""
    around = functions(tree)
    for call in calls(tree):
        for argument in chosen(call):
            if words := bare_words(argument, around[call]):
                yield call.lineno, words


def told(call: ast.Call) -> list[ast.expr]:
    if name_of(call) in SPOKEN_ERRORS | TOLD_BY:
        return [*call.args]
    note = isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "notes.append"
    return [*call.args] if note else []


def shown(call: ast.Call) -> list[ast.expr]:
    at = SHOWN_BY.get(name_of(call))
    if at is None:
        return []
    return [*call.args[at], *(k.value for k in call.keywords if k.arg in SHOWN_KEYWORDS)]


@each_module
def test_what_an_error_or_a_note_or_the_terminal_says_can_be_translated(path: Path):
    assert list(untranslated(parsed(path), told)) == []


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.parent.name == "display"], ids=lambda path: path.name
)
def test_what_the_window_shows_can_be_translated(path: Path):
    assert list(untranslated(parsed(path), shown)) == []


@pytest.mark.parametrize(
    "code",
    [
        'raise SettingsError("There is none.")',
        'raise SettingsError(f"{name} is none.")',
        'raise SettingsError("There is " + name)',
        'raise SettingsError("{a} is none".format(a=1))',
        'raise SettingsError(_("{a}").format(a="none"))',
        'raise SettingsError("none" if a else _("some"))',
        'raise SettingsError(", ".join(names) or "none")',
        'why = "none"; raise SettingsError(why)',
        'why = "none"; raise SettingsError(_("{why}").format(why=why))',
        'say(f"{x:g} Hz")',
        'notes.append("It is late.")',
        'raise _broken(name, "it has no end")',
    ],
)
def test_a_bare_sentence_is_found_wherever_it_hides(code: str):
    assert list(untranslated(ast.parse(code), told))


@pytest.mark.parametrize(
    "code",
    [
        'Label("Good day", "title")',
        'button(_("Go"), "Start it", go)',
        'label.setText(f"{n} Hz")',
        'text = f"{n} Hz"; painter.drawText(box, flags, text)',
        'card(title="Signal")',
        'labels.setHorizontalHeaderLabels([_("Signal"), "Hz"])',
    ],
)
def test_a_bare_word_on_the_screen_is_found(code: str):
    assert list(untranslated(ast.parse(code), shown))


@pytest.mark.parametrize(
    "code",
    [
        'Label(_("Good day"), "title")',
        'Label("00:00", "large")',
        'window.setWindowTitle("biofeedback")',
        'box.addItem(title, "uno-r4")',
        'label.setText(_("{n} Hz").format(n=n))',
    ],
)
def test_styles_keys_digits_and_proper_names_are_no_words(code: str):
    assert not list(untranslated(ast.parse(code), shown))


@each_module
def test_no_three_plain_words_in_a_row_stand_anywhere_untranslated(path: Path):
    """The wide net: constants, lists and what is returned; docstrings and --help are no part."""
    tree = parsed(path)
    passed_over: set[ast.AST] = set()
    for node in ast.walk(tree):
        help_ = isinstance(node, ast.FunctionDef) and node.name in HELP_IN.get(path.parent.name, ())
        said = isinstance(node, ast.Call) and translates(node)
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if help_ or said or docstring:
            passed_over |= {*ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            sentence = re.search("[a-z]{2,} [a-z]{2,} [a-z]{2,}", node.value)
            assert not sentence or node in passed_over, f"line {node.lineno}: {node.value}"


@each_module
def test_only_whole_literals_are_looked_up_so_that_they_can_be_collected(path: Path):
    for call in filter(translates, calls(parsed(path))):
        sentences = call.args[: TRANSLATING[name_of(call)]]
        assert len(sentences) == TRANSLATING[name_of(call)], f"line {call.lineno}"
        for sentence in sentences:
            literal = isinstance(sentence, ast.Constant) and isinstance(sentence.value, str)
            assert literal, f"line {call.lineno}: {ast.unparse(call)}"


@each_module
def test_nothing_else_is_called_underscore_where_text_is_translated(path: Path):
    tree = parsed(path)
    if any(map(translates, calls(tree))):
        for node in ast.walk(tree):
            bound = isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
            assert not (bound and node.id == "_"), f"line {node.lineno}"


def fields(call: ast.Call) -> set[str]:
    """Return the names between braces in what is translated; the same in every form of it."""
    forms = [
        {
            name
            for _said, name, _spec, _as in string.Formatter().parse(part.value)
            if name is not None
        }
        for part in call.args[: TRANSLATING[name_of(call)]]
    ]
    assert all(form == forms[0] for form in forms), f"line {call.lineno}: forms differ"
    return forms[0]


def templates(node: ast.expr, scope: ast.AST) -> Iterator[ast.Call]:
    """Yield the translations that `node` may be when `.format` is called on it."""
    match node:
        case ast.Name(id=name):
            for value in assigned(name, scope):
                yield from templates(value, scope)
        case ast.IfExp(body=body, orelse=orelse):
            yield from templates(body, scope)
            yield from templates(orelse, scope)
        case ast.Call() if translates(node):
            yield node


def wrongly_filled(tree: ast.Module) -> list[str]:
    """Return the translations whose placeholders are not what `.format` is given."""
    around = functions(tree)
    filled: set[ast.Call] = set()
    wrong: list[str] = []
    for call in calls(tree):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "format":
            given = {keyword.arg for keyword in call.keywords}
            for template in templates(call.func.value, around[call]):
                filled.add(template)
                if call.args or given != fields(template):
                    wrong.append(f"line {call.lineno}: {ast.unparse(call)}")
    return wrong + [
        f"line {call.lineno}: {ast.unparse(call)} is not filled"
        for call in filter(translates, calls(tree))
        if call not in filled and fields(call)
    ]


@each_module
def test_every_placeholder_is_filled_by_its_name_and_nothing_else_is_given(path: Path):
    assert wrongly_filled(parsed(path)) == []


@pytest.mark.parametrize(
    "code",
    [
        '_("{a} and {b}").format(a=1)',
        '_("{a}").format(a=1, b=2)',
        '_("{}").format(1)',
        '_("{a}").format(**values)',
        'said = _("{a}")',
        'plural("{n} line", "{n} lines", n).format(m=n)',
        '(_("{a:g}") if a else _("{b}")).format(a=a)',
    ],
)
def test_a_placeholder_without_its_value_is_found(code: str):
    assert wrongly_filled(ast.parse(code))


GERMAN = {
    "": "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n",
    "There is no board called '{name}'; choose one of: {names}.": (
        "Es gibt kein Board namens „{name}“; zur Wahl stehen: {names}."
    ),
    "SIMULATED: this is not a muscle.": "SIMULIERT: das ist kein Muskel.",
    "Relaxed": "Entspannt",
    "{n} line\0{n} lines": "{n} Zeile\0{n} Zeilen",
}


def write_catalogue(folder: Path, language: str, said: dict[str, str]) -> None:
    """Write a .mo file as the manual of GNU gettext lays it out: header, two tables, the texts."""
    entries = sorted((key.encode(), value.encode()) for key, value in said.items())
    n = len(entries)
    keys_at = 7 * 4
    values_at = keys_at + 8 * n
    place = values_at + 8 * n
    tables, texts = b"", b""
    for column in range(2):
        for entry in entries:
            tables += struct.pack("<2I", len(entry[column]), place + len(texts))
            texts += entry[column] + b"\0"
    header = struct.pack("<7I", 0x950412DE, 0, n, keys_at, values_at, 0, 0)
    file = folder / language / "LC_MESSAGES" / "biofeedback.mo"
    file.parent.mkdir(parents=True)
    file.write_bytes(header + tables + texts)


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the language to German, and return the folder that has a catalogue for it."""
    write_catalogue(tmp_path / "locale", "de", GERMAN)
    monkeypatch.setenv("LANGUAGE", "de")
    return tmp_path / "locale"


def test_a_catalogue_of_the_users_language_is_used(german: Path, monkeypatch):
    monkeypatch.setattr(text, "_catalogue", text.catalogue(german))
    with pytest.raises(
        errors.SettingsError, match=r"^Es gibt kein Board namens „abacus“; zur Wahl"
    ):
        find_board("abacus")
    assert text.plural("{n} line", "{n} lines", 1).format(n=1) == "1 Zeile"
    assert text.plural("{n} line", "{n} lines", 2).format(n=2) == "2 Zeilen"


def test_what_a_catalogue_does_not_have_is_said_in_english(german: Path, monkeypatch):
    monkeypatch.setattr(text, "_catalogue", text.catalogue(german))
    assert text._("Tense") == "Tense"


@pytest.mark.parametrize("language", ["fr", "en", ""])
def test_without_a_catalogue_for_the_language_everything_is_english(
    german: Path, monkeypatch, language
):
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LANGUAGE", language)
    assert text.catalogue(german).gettext("Relaxed") == "Relaxed"


def test_a_whole_run_speaks_the_users_language(german: Path):
    code = (
        "import sys, pathlib; from biofeedback import text\n"
        "text._catalogue = text.catalogue(pathlib.Path(sys.argv[1]))\n"
        "from biofeedback.cli import main\n"
        "sys.exit(main(['live', 'sim:rest', '--seconds', '3', '--fast', '--threshold-uv', '9']))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(german)],
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    assert "SIMULIERT: das ist kein Muskel." in run.stderr
    assert "Entspannt" in run.stdout  # this one is looked up when the program starts
