"""The examples of docs/control.md: the sketch compiles, the program does what it says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import serial
from pythonosc import osc_server
from pythonosc.osc_message_builder import OscMessageBuilder

PAGE = (Path(__file__).parents[2] / "docs" / "control.md").read_text(encoding="utf-8")
CORE = Path("/usr/share/arduino/hardware/arduino/avr")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.skipif(
    shutil.which("arduino-builder") is None or not CORE.is_dir(),
    reason="arduino-builder or the Arduino core is missing",
)
def test_the_sketch_compiles_without_a_warning(tmp_path):
    (code,) = blocks("cpp")
    sketch, build = tmp_path / "motor" / "motor.ino", tmp_path / "build"
    sketch.parent.mkdir()
    build.mkdir()
    sketch.write_text(code)
    command = ["arduino-builder", "-compile", "-warnings", "all", "-build-path", str(build)]
    for folder in CORE.parents[1], "/usr/share/arduino-builder":
        command += ["-hardware", str(folder)]
    command += ["-tools", "/usr/bin", "-fqbn", "arduino:avr:uno"]
    # This compiler lacks DECIMAL_DIG, which the core (and not the sketch) asks for.
    command += ["-prefs", "compiler.cpp.extra_flags=-DDECIMAL_DIG=17", str(sketch)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert not re.search(r"motor\.ino:\d+:\d+: warning", done.stderr), done.stderr


def test_the_program_drives_the_motor_while_tense_and_the_lamp_by_the_tension(monkeypatch):
    written: list[int] = []
    motor = SimpleNamespace(write=written.extend)
    monkeypatch.setattr(serial, "Serial", lambda *_args, **_options: motor)
    monkeypatch.setattr(sys, "argv", ["motor.py", "PORT"])
    served = []
    monkeypatch.setattr(
        osc_server,
        "BlockingOSCUDPServer",
        lambda _at, heard: SimpleNamespace(serve_forever=lambda: served.append(heard)),
    )
    program, lamp = blocks("python")
    exec(compile(program + lamp, "motor.py", "exec"), {})  # noqa: S102 - it is ours
    (heard,) = served
    for address, arguments in (
        ("/biofeedback/ch1/zone", [2, "tense"]),
        ("/biofeedback/ch1/zone", [1, "relaxed"]),
        ("/biofeedback/ch1/zone", [0, "unknown"]),
        ("/biofeedback/ch1/tension", [5.0]),
        ("/biofeedback/ch1/tension", [500.0]),
        ("/biofeedback/ch2/zone", [2, "tense"]),
    ):
        message = OscMessageBuilder(address)
        for argument in arguments:
            message.add_arg(argument)
        heard.call_handlers_for_packet(message.build().dgram, ("127.0.0.1", 1))
    assert written == [255, 0, 0, 64, 255]
