"""The floors of the house, kept by reading the syntax trees."""

import ast
from pathlib import Path

import pytest

import biofeedback

ROOT = Path(biofeedback.__file__).parent

FLOORS = {
    0: {"errors", "text", "stream", "kernel", "__init__"},
    1: {"wire", "dsp"},
    2: {"settings", "held_back", "bands", "boards", "buffer", "clock", "muscles", "words"},
    3: {"pipeline", "recording", "readings"},
    4: {"sources", "training", "analysis", "contact", "heart", "journal"},
    5: {"session", "devices", "sound", "reports", "outlets", "taking_in"},
    6: {"display"},
    7: {"cli"},
    8: {"__main__"},
}
FLOOR_OF = {room: floor for floor, rooms in FLOORS.items() for room in rooms}
# Packages from outside, and the only rooms that may use them.
KEPT_IN = {
    "PySide6": {"display", "cli"},  # cli only asks whether it can be imported
    "alembic": {"journal"},
    "bleak": {"heart"},
    "h5py": {"recording"},
    "jinja2": {"reports"},
    "markupsafe": {"reports"},
    "matplotlib": {"reports"},
    "miniaudio": {"sound"},
    "psutil": {"display"},
    "psycopg": {"journal"},
    "pyarrow": {"recording"},
    "pylsl": {"sources"},
    "pythonosc": {"outlets"},
    "scipy": {"dsp"},
    "serial": {"sources"},
    "sqlalchemy": {"journal"},
    "weasyprint": {"reports"},
}
# Within the display a room knows only those before it; what stands in no room puts them together.
DISPLAY = (
    "sitting",
    "widgets",
    "traces",
    "feedback",
    "preparing",
    "training",
    "playback",
    "days",
    "trials",
    "therapist",
    "one_key",
)
MODULES = sorted(ROOT.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_names(path: Path, *, for_types: bool = True) -> set[str]:
    names: set[str] = set()
    tree = ast.parse(path.read_text("utf-8"))
    if not for_types:
        tree.body = [node for node in tree.body if not is_for_types(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def is_for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def test_every_room_has_a_floor():
    assert {room_of(path) for path in MODULES} <= set(FLOOR_OF)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_only_from_lower_floors_or_its_own_room(path: Path):
    room = room_of(path)
    for name in imported_names(path):
        top, *rest = name.split(".")
        if top != "biofeedback" or not rest or rest[0] not in FLOOR_OF or rest[0] == room:
            continue
        assert FLOOR_OF[rest[0]] < FLOOR_OF[room], f"{room} imports {name}"


def test_a_room_of_the_display_knows_only_the_rooms_before_it():
    for path in (ROOT / "display").glob("*/*.py"):
        room = path.parent.name
        before = DISPLAY[: DISPLAY.index(room) + 1]
        for name in imported_names(path, for_types=False):
            if name.startswith("biofeedback.display."):
                assert name.split(".")[2] in before, f"{path.name} in {room} imports {name}"


def test_what_runs_behind_the_screens_knows_no_qt():
    for path in (ROOT / "display" / "sitting").glob("*.py"):
        assert not any(name.startswith("PySide6") for name in imported_names(path)), path


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_what_is_heavy_stays_in_its_room(path: Path):
    for name in imported_names(path):
        allowed = KEPT_IN.get(name.split(".")[0])
        assert allowed is None or room_of(path) in allowed, f"{path} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_opens_with_a_sentence_and_stays_readable(path: Path):
    text = path.read_text("utf-8")
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring, f"{path} does not say what it is for"
    assert docstring.partition("\n")[0].endswith((".", ":"))
    assert len(text.splitlines()) <= 400
