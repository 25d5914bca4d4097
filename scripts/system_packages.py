"""Finds and installs what Qt, and the tests, need of a Linux system."""

from __future__ import annotations

import glob
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from child import run, say

# What is missing -> its package for apt-get, for pacman. dnf and zypper know a library by its name.
PACKAGES = {
    "libEGL.so.1": ("libegl1", "libglvnd"),
    "libGL.so.1": ("libgl1", "libglvnd"),
    "libGLX.so.0": ("libglx0", "libglvnd"),
    "libOpenGL.so.0": ("libopengl0", "libglvnd"),
    "libX11-xcb.so.1": ("libx11-xcb1", "libx11"),
    "libX11.so.6": ("libx11-6", "libx11"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus"),
    "libexpat.so.1": ("libexpat1", "expat"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libfreetype.so.6": ("libfreetype6", "freetype2"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libstdc++.so.6": ("libstdc++6", "gcc-libs"),
    "libwayland-client.so.0": ("libwayland-client0", "wayland"),
    "libwayland-cursor.so.0": ("libwayland-cursor0", "wayland"),
    "libwayland-egl.so.1": ("libwayland-egl1", "wayland"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor"),
    "libxcb-glx.so.0": ("libxcb-glx0", "libxcb"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb"),
    "libxcb-render-util.so.0": ("libxcb-render-util0", "xcb-util-renderutil"),
    "libxcb-render.so.0": ("libxcb-render0", "libxcb"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb"),
    "libxcb-shm.so.0": ("libxcb-shm0", "libxcb"),
    "libxcb-sync.so.1": ("libxcb-sync1", "libxcb"),
    "libxcb-util.so.1": ("libxcb-util1", "xcb-util"),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0", "libxcb"),
    "libxcb-xinerama.so.0": ("libxcb-xinerama0", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb"),
    "libxcb.so.1": ("libxcb1", "libxcb"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
    "libz.so.1": ("zlib1g", "zlib"),
    "libzstd.so.1": ("libzstd1", "zstd"),
    "a font": ("fonts-dejavu-core", "ttf-dejavu"),
    "Xvfb": ("xvfb", "xorg-server-xvfb"),
    "xdotool": ("xdotool", "xdotool"),
}
RPM_NAMES = {"a font": "dejavu-sans-fonts", "Xvfb": "xorg-x11-server-Xvfb", "xdotool": "xdotool"}
# What the tests with an emulated board need: Debian's packages, and what shows that one is there.
# Other systems have other names for them, or none; there these tests are skipped.
BOARD_PACKAGES = {
    "arduino-builder": "arduino-builder",
    "arduino-core-avr": "/usr/share/arduino/hardware/arduino/avr",
    "avr-libc": "/usr/lib/avr/include/avr/io.h",
    "g++": "g++",
    "gcc": "gcc",
    "gcc-avr": "avr-gcc",
    "libelf-dev": "/usr/include/libelf.h",
    "libsimavr-dev": "/usr/include/simavr/sim_avr.h",
    "make": "make",
}
# And what the tests of a journal on a server need, likewise. They start a server of their own.
DATABASE_PACKAGES = {"postgresql": "/usr/lib/postgresql/*/bin/initdb"}
# And what those of sound need, which start a server of their own. Installed in CI alone: a desktop
# has a sound server already, and this one would take its place.
SOUND_PACKAGES = {"espeak-ng": "espeak-ng", "pulseaudio": "pulseaudio"}
# What WeasyPrint sets a PDF with.
REPORT_PACKAGES = {"libpangoft2-1.0-0": "/usr/lib*/*/libpangoft2-1.0.so.0"}
ON_DEBIAN = {**BOARD_PACKAGES, **DATABASE_PACKAGES, **SOUND_PACKAGES, **REPORT_PACKAGES}
# Debian's package would make and start a server for the whole system: not while this file is there.
NO_SERVER = "/etc/postgresql-common/createcluster.d/biofeedback-tests.conf"
MANAGERS = {  # in the order of asking; a Debian may have dnf as well
    "apt-get": "apt-get install -y --no-install-recommends",
    "dnf": "dnf install -y",
    "zypper": "zypper install -y",
    "pacman": "pacman -S --needed",
}
# Qt's parts for a kind of screen, in the folder of PySide6.
QT_PARTS = {
    "": ("QtGui*.so", "QtWidgets*.so", "QtSvg*.so", "QtOpenGL*.so"),
    "tests": ("Qt/plugins/platforms/libqoffscreen.so", "Qt/plugins/platforms/libqxcb.so"),
    "x11": ("Qt/plugins/platforms/libqxcb.so",),
    "wayland": (
        "Qt/plugins/platforms/libqwayland*.so",
        "Qt/plugins/wayland-shell-integration/libxdg-shell.so",
        "Qt/plugins/wayland-graphics-integration-client/libqt-plugin-wayland-egl.so",
    ),
}


def ensure(venv: Path, screens: Iterable[str]) -> None:
    """Install what `screens` (of x11, wayland, tests) lack, or say which command does."""
    missing = find_missing(venv, set(screens))
    if not missing:
        return
    board, database = missing & set(BOARD_PACKAGES), missing & set(DATABASE_PACKAGES)
    installed = [
        install(packages_for(missing - set(ON_DEBIAN), manager())),
        _install_board(board),
        _install_database(database),
        install(packages_for(missing & set(SOUND_PACKAGES), manager())),
        install(packages_for(missing & set(REPORT_PACKAGES), manager())),
    ]
    if any(installed):
        missing = find_missing(venv, set(screens))
    tools, board = missing & {"Xvfb", "xdotool"}, missing & set(BOARD_PACKAGES)
    windows = missing - tools - set(ON_DEBIAN)
    if windows:
        say(f"Windows may not open: Qt lacks {', '.join(sorted(windows))}.")
    if tools:
        say(f"Tests with a real window are skipped: no {' and '.join(sorted(tools))}.")
    if board:
        say(f"Tests with an emulated board are skipped: no {', '.join(sorted(board))}.")
    if missing & set(DATABASE_PACKAGES):
        say("Tests of a journal in PostgreSQL are skipped: it is not installed.")
    if missing & set(SOUND_PACKAGES):
        say("Tests of sound on a device are skipped: no PulseAudio or no espeak-ng.")
    if missing & set(REPORT_PACKAGES):
        say("Tests of reports that WeasyPrint sets are skipped: there is no Pango.")
    if missing:
        by_hand = command(packages_for(missing, manager()))
        say(f"To install: {by_hand or 'see the packages of your system'}")


def find_missing(venv: Path, screens: set[str]) -> set[str]:
    """Return the libraries, the font, the programs and the packages that are not there."""
    missing = set() if _has_font() else {"a font"}
    if "tests" in screens:
        missing |= {program for program in ("Xvfb", "xdotool") if not shutil.which(program)}
        left_out = set() if os.environ.get("CI") else set(SOUND_PACKAGES)
        missing |= {
            package
            for package, sign in ON_DEBIAN.items()
            if not (package in left_out or shutil.which(sign) or glob.glob(sign))
        }
    for pyside in venv.glob("lib/python3*/site-packages/PySide6"):
        parts = [
            str(part)
            for key in ("", *screens)
            for name in QT_PARTS[key]
            for part in pyside.glob(name)
        ]
        missing |= missing_libraries(_ldd(parts))
    return missing


def missing_libraries(ldd: str) -> set[str]:
    """Return the libraries that the output of ldd calls not found."""
    return {line.split()[0] for line in ldd.splitlines() if line.endswith("=> not found")}


def packages_for(missing: Iterable[str], manager: str) -> list[str]:
    """Return the packages of `manager` that hold what is `missing`."""
    debians, others = set(ON_DEBIAN).intersection(missing), set(missing) - set(ON_DEBIAN)
    if manager in ("dnf", "zypper"):
        return sorted({RPM_NAMES.get(name, f"{name}()(64bit)") for name in others})
    column = 1 if manager == "pacman" else 0
    packages = {PACKAGES[name][column] for name in others if name in PACKAGES}
    return sorted(packages | debians if manager == "apt-get" else packages)


def manager() -> str:
    """Return the name of this system's package manager, empty if it is none we know."""
    return next(filter(shutil.which, MANAGERS), "")


def command(packages: Sequence[str]) -> str:
    """Return what to type to install `packages`; empty where we know no package manager."""
    if not manager() or not packages:
        return ""
    return f"sudo {MANAGERS[manager()]} {' '.join(map(shlex.quote, packages))}"


def install(packages: Sequence[str]) -> bool:
    """Install by apt-get, where the user may without a password; return whether it is done."""
    sudo = _sudo() if manager() == "apt-get" and packages else None
    if sudo is None:
        return False
    say(f"Installing system packages: {' '.join(packages)}")
    # Wait for the updates that a fresh Ubuntu makes by itself.
    apt = [
        *sudo,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-qo",
        "DPkg::Lock::Timeout=120",
    ]
    words = [*apt, "install", "-y", "--no-install-recommends", *packages]
    code, tail = run(words)
    if code:  # the lists are empty, as in a container, or old
        run([*apt, "update"])
        code, tail = run(words)
    if code:
        say(f"{tail}\napt-get could not install these packages (its last lines are above).")
    return code == 0


def _sudo() -> list[str] | None:
    """Return the words before a command that needs the system's rights; None for who has none."""
    if sys.platform == "win32":
        return None
    if os.geteuid() == 0:
        return []
    has = shutil.which("sudo") and not run(["sudo", "-n", "true"])[0]
    return ["sudo", "-n"] if has else None


def _install_database(database: Iterable[str]) -> bool:
    """Install the programs of PostgreSQL, and no server that runs beside the tests' own."""
    packages = packages_for(database, manager())
    sudo = _sudo() if packages else None
    if sudo is None:
        return False
    run([*sudo, "mkdir", "-p", os.path.dirname(NO_SERVER)])
    run([*sudo, "sh", "-c", f"echo 'create_main_cluster = false' > {NO_SERVER}"])
    try:
        return install(packages)
    finally:
        run([*sudo, "rm", "-f", NO_SERVER])


def _install_board(board: Iterable[str]) -> bool:
    """Install these one by one where not all can be had: a package unknown to it stops apt-get."""
    packages = packages_for(board, manager())
    return install(packages) or True in [install([package]) for package in packages]


def _ldd(files: Sequence[str]) -> str:
    try:
        return subprocess.run(
            ["ldd", *files],
            env={**os.environ, "LC_ALL": "C"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
        ).stdout
    except OSError:
        return ""


def _has_font() -> bool:
    """Say whether fontconfig lists a font or, without its program, the usual folders hold one."""
    if shutil.which("fc-list"):
        return bool(run(["fc-list"])[1])
    folders = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
    endings = (".ttf", ".otf", ".ttc", ".pfb", ".ttf.gz")
    return any(
        name.lower().endswith(endings)
        for folder in folders
        for _, _, names in os.walk(os.path.expanduser(folder))
        for name in names
    )
