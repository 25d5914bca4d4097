"""The set-up of a fresh machine, as far as it goes without a network or another machine."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import bootstrap
import pytest
import system_packages
from child import answer, clean_environment, run
from stamp import Venv

SCRIPTS = Path(bootstrap.__file__).parent

LDD = """\
/x/PySide6/Qt/plugins/platforms/libqxcb.so:
\tlinux-vdso.so.1 (0x00007ffd1f5d6000)
\tlibQt6XcbQpa.so.6 => /x/PySide6/Qt/lib/libQt6XcbQpa.so.6 (0x00007f0c6a200000)
\tlibxcb-icccm.so.4 => not found
\tlibEGL.so.1 => not found
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f0c69e00000)
/x/PySide6/Qt/plugins/platforms/libqoffscreen.so:
\tlibEGL.so.1 => not found
\t/lib64/ld-linux-x86-64.so.2 (0x00007f0c6a8d5000)
"""


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    """A .venv as it is after a set-up with the extra `test`, as far as the stamp can tell."""
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    venv = Venv(tmp_path)
    venv.python.parent.mkdir(parents=True)
    home = Path(sys.executable).parent
    if os.name == "nt":
        venv.python.write_bytes(b"")
    else:
        venv.python.symlink_to(sys.executable)
    (venv.folder / "pyvenv.cfg").write_text(f"home = {home}\nversion = 3.11.2\n")
    venv.stamp = {"made_of": venv.made_of(), "project": venv.project(), "extras": ["test"]}
    return venv


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.py")), ids=lambda script: script.name)
def test_an_old_python_can_read_every_script_and_so_say_that_it_is_old(script: Path) -> None:
    ast.parse(script.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_a_python_that_is_too_old_is_told_the_remedy() -> None:
    sentence = bootstrap.too_old((3, 9, 2), "python3 scripts/run.py demo")
    assert sentence is not None
    assert sentence.startswith("biofeedback needs Python 3.11 or newer; this is 3.9.2. Install ")
    assert sentence.endswith("then run: python3 scripts/run.py demo")


def test_the_oldest_python_that_will_do_is_the_one_of_the_project() -> None:
    project = (bootstrap.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'requires-python = ">={bootstrap.OLDEST[0]}.{bootstrap.OLDEST[1]}"' in project
    assert bootstrap.too_old((*bootstrap.OLDEST, 0), "") is None
    assert bootstrap.too_old((3, 100, 0), "") is None


def test_a_finished_set_up_leaves_nothing_to_do(venv: Venv) -> None:
    assert venv.is_current("test")
    assert venv.is_current("")  # extras add up: run.py after test.py installs nothing
    assert bootstrap.ensure_venv("test", root=venv.root) == venv.python


def test_a_new_extra_is_added_to_what_is_there(venv: Venv) -> None:
    assert not venv.is_current("report")
    assert venv.may_be_added_to()


def test_a_changed_project_is_installed_into_what_is_there(venv: Venv) -> None:
    (venv.root / "pyproject.toml").write_text("[project]\nversion = '2'\n")
    assert not venv.is_current("")
    assert venv.may_be_added_to()


def test_a_folder_that_was_moved_is_set_up_anew(venv: Venv) -> None:
    moved = venv.root.rename(venv.root.with_name("moved"))
    assert not Venv(moved).is_current("")
    assert not Venv(moved).may_be_added_to()


def test_a_python_that_was_upgraded_away_is_set_up_anew(venv: Venv) -> None:
    venv.python.unlink()
    assert not venv.is_current("")
    assert not venv.may_be_added_to()


def test_a_set_up_that_was_killed_is_begun_anew(venv: Venv) -> None:
    venv.stamp = {"unfinished": "pip is at work, or was killed"}
    assert not venv.is_current("")
    assert not venv.may_be_added_to()


@pytest.mark.parametrize("text", ["", "[1]", '{"made_of": '])
def test_a_stamp_that_nobody_can_read_is_none(venv: Venv, text: str) -> None:
    (venv.folder / "biofeedback-stamp.json").write_text(text)
    assert venv.stamp == {}
    assert not venv.is_current("")


def test_an_environment_made_by_hand_is_kept(venv: Venv) -> None:
    (venv.folder / "biofeedback-stamp.json").unlink()
    assert not venv.is_current("")
    assert venv.may_be_added_to()


def test_no_environment_at_all_is_not_current(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    assert not Venv(tmp_path).is_current("")
    assert not Venv(tmp_path).may_be_added_to()


def test_a_second_start_runs_no_program_and_waits_for_no_lock(
    venv: Venv, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv.stamp = {**venv.stamp, "screens": ["tests", "wayland", "x11"]}
    monkeypatch.setattr(subprocess, "Popen", None)
    monkeypatch.setitem(sys.modules, "lock", None)
    bootstrap.ensure_venv("test", root=venv.root)
    bootstrap.ensure_system_libraries(tests=True, root=venv.root)


def test_children_do_not_see_what_leads_them_astray_but_keep_the_users_network() -> None:
    environ = {
        **dict.fromkeys(("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_TARGET"), "/elsewhere"),
        **dict.fromkeys(("PIP_USER", "PIP_REQUIRE_VIRTUALENV"), "1"),
        **dict.fromkeys(("PIP_INDEX_URL", "PIP_CERT", "HTTPS_PROXY", "PATH"), "kept"),
    }
    assert clean_environment(environ) == {
        **dict.fromkeys(("PIP_USER", "PIP_REQUIRE_VIRTUALENV"), "0"),
        **dict.fromkeys(("PIP_INDEX_URL", "PIP_CERT", "HTTPS_PROXY", "PATH"), "kept"),
    }


def test_a_program_that_fails_or_is_not_there_gives_no_answer() -> None:
    assert answer([sys.executable], "print('yes')") == "yes"
    assert answer([sys.executable], "print('yes'); raise SystemExit(127)") is None
    assert answer(["a-python-that-is-not-there"], "") is None


def test_a_run_returns_the_exit_code_and_the_last_lines_and_echoes_the_large_downloads(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = (
        "for n in range(20): print('Downloading', n, 'MB)' if n == 3 else '')\nraise SystemExit(3)"
    )
    assert run([sys.executable, "-c", code], echo=("Downloading", " MB)")) == (
        3,
        "\n".join(f"Downloading {n}" for n in range(8, 20)),
    )
    out, err = capsys.readouterr()
    assert (out, err) == ("", "  Downloading 3 MB)\n")  # stdout is the program's


def test_only_one_process_at_a_time_sets_up_and_a_dead_one_leaves_no_lock(tmp_path: Path) -> None:
    file = tmp_path / ".venv.lock"
    hold = (
        "import pathlib, sys, lock\n"
        "wait = lambda: print('waits', flush=True)\n"
        "with lock.only_one(pathlib.Path(sys.argv[1]), on_wait=wait):\n"
        "    print('holds', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", hold, str(file)]
    with (
        subprocess.Popen(command, cwd=SCRIPTS, stdin=PIPE, stdout=PIPE, text=True) as first,
        subprocess.Popen(command, cwd=SCRIPTS, stdin=PIPE, stdout=PIPE, text=True) as second,
    ):
        assert first.stdout
        assert second.stdout
        lines = {first: first.stdout.readline(), second: second.stdout.readline()}
        assert sorted(lines.values()) == ["holds\n", "waits\n"]
        holder, waiter = sorted(lines, key=lambda process: lines[process])
        holder.kill()
        assert waiter.stdout
        assert waiter.stdout.readline() == "holds\n"
        waiter.kill()


def test_the_screens_are_those_of_the_display_and_a_server_has_none() -> None:
    assert bootstrap.screens_in_use({}, tests=False) == set()
    assert bootstrap.screens_in_use({"DISPLAY": "", "WAYLAND_DISPLAY": ""}, tests=False) == set()
    assert bootstrap.screens_in_use({"DISPLAY": ":0"}, tests=False) == {"x11"}
    assert bootstrap.screens_in_use({"WAYLAND_DISPLAY": "w"}, tests=True) == {"wayland", "tests"}


def test_the_libraries_that_ldd_did_not_find_are_missing_each_once() -> None:
    assert system_packages.missing_libraries(LDD) == {"libEGL.so.1", "libxcb-icccm.so.4"}
    assert system_packages.missing_libraries("\tnot a dynamic executable\n") == set()


@pytest.mark.parametrize(
    ("manager", "packages"),
    [
        ("apt-get", ["fonts-dejavu-core", "libegl1", "libxcb-icccm4"]),
        ("pacman", ["libglvnd", "ttf-dejavu", "xcb-util-wm"]),
        ("dnf", ["dejavu-sans-fonts", "libEGL.so.1()(64bit)", "libxcb-icccm.so.4()(64bit)"]),
    ],
)
def test_each_system_is_given_its_own_names_of_the_packages(
    manager: str, packages: list[str]
) -> None:
    missing = {"libEGL.so.1", "libxcb-icccm.so.4", "a font"}
    assert system_packages.packages_for(missing, manager) == packages


def test_the_emulated_board_and_the_server_have_packages_on_debian_alone() -> None:
    missing = {"libEGL.so.1", "gcc-avr", "postgresql"}
    packages = {name: system_packages.packages_for(missing, name) for name in ("apt-get", "pacman")}
    assert packages == {"apt-get": ["gcc-avr", "libegl1", "postgresql"], "pacman": ["libglvnd"]}
    assert system_packages.packages_for(missing, "dnf") == ["libEGL.so.1()(64bit)"]


def test_a_tool_of_the_emulated_board_is_there_as_a_program_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signs = {"python": sys.executable, "header": __file__, "no-program": "no-x", "no-file": "/no/x"}
    signs |= {"some-version": str(Path(__file__).parents[1] / "*" / Path(__file__).name)}
    monkeypatch.setattr(system_packages, "ON_DEBIAN", signs)
    found = system_packages.find_missing(tmp_path, {"tests"}) & set(signs)
    assert found == {"no-program", "no-file"}
    assert not system_packages.find_missing(tmp_path, {"x11"}) & set(signs)


def test_a_sound_server_is_installed_in_ci_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system_packages, "ON_DEBIAN", {"pulseaudio": "no-x", "no-program": "no-x"})
    monkeypatch.delenv("CI", raising=False)
    assert "pulseaudio" not in system_packages.find_missing(tmp_path, {"tests"})
    monkeypatch.setenv("CI", "true")
    assert system_packages.find_missing(tmp_path, {"tests"}) >= {"pulseaudio", "no-program"}


def test_one_package_that_apt_does_not_know_keeps_no_other_from_being_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = {"libEGL.so.1", "gcc-avr", "arduino-builder"}

    def install(packages: list[str]) -> bool:
        if "arduino-builder" in packages:
            return False
        missing.difference_update({"libEGL.so.1"} if "libegl1" in packages else packages)
        return bool(packages)

    monkeypatch.setattr(system_packages, "find_missing", lambda *_: {*missing})
    monkeypatch.setattr(system_packages, "manager", lambda: "apt-get")
    monkeypatch.setattr(system_packages, "install", install)
    system_packages.ensure(tmp_path, {"tests"})
    said = capsys.readouterr().err
    assert missing == {"arduino-builder"}
    assert "Tests with an emulated board are skipped: no arduino-builder." in said
    assert "Windows" not in said


def test_installing_postgresql_for_the_tests_starts_no_server_for_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch = tmp_path / "createcluster.d" / "tests.conf"
    seen = []

    def install(packages: list[str]) -> bool:
        if packages:
            seen.append((packages, switch.read_text()))
        return False

    monkeypatch.setattr(system_packages, "NO_SERVER", str(switch))
    monkeypatch.setattr(system_packages, "find_missing", lambda *_: {"postgresql"})
    monkeypatch.setattr(system_packages, "manager", lambda: "apt-get")
    monkeypatch.setattr(system_packages, "install", install)
    monkeypatch.setattr(system_packages, "_sudo", list)
    system_packages.ensure(tmp_path, {"tests"})
    assert seen == [(["postgresql"], "create_main_cluster = false\n")]
    assert not switch.exists()


def test_a_user_who_may_not_install_is_given_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system_packages, "find_missing", lambda *_: {"libEGL.so.1", "Xvfb"})
    monkeypatch.setattr(system_packages, "manager", lambda: "apt-get")
    monkeypatch.setattr(system_packages, "install", lambda _: False)
    system_packages.ensure(tmp_path, {"tests"})
    assert "sudo apt-get install -y --no-install-recommends libegl1 xvfb" in capsys.readouterr().err


def test_a_system_without_a_known_package_manager_is_still_told_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system_packages, "find_missing", lambda *_: {"libEGL.so.1"})
    monkeypatch.setattr(system_packages, "manager", lambda: "")
    system_packages.ensure(tmp_path, {"x11"})
    assert "libEGL.so.1" in capsys.readouterr().err
