"""Flashing: the real bootloaders in the emulated board, and faults that only a fake chip has."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from emulated_board import Bench

from biofeedback.devices import flash as flash_module
from biofeedback.devices.flash import FIRMWARE, LOADERS, FlashCancelled, Progress, flash
from biofeedback.devices.hexfile import read_hex
from biofeedback.errors import BiofeedbackError, SourceError, SourceLost
from biofeedback.sources.ports import SerialLink
from biofeedback.wire.native import PROTOCOL


def when(step: str, share: float, act: Callable[[], object]) -> Callable[[Progress], None]:
    """Return what to `tell`: it acts once, where that `step` is `share` done."""
    left = [act]

    def tell(progress: Progress) -> None:
        if left and progress.step == step and progress.share >= share:
            left.pop()()

    return tell


def program(folder: Path, size: int) -> Path:
    """Write a hex file of `size` bytes that does nothing, and return it."""
    lines = []
    for address in range(0, size, 16):
        body = bytes([16]) + address.to_bytes(2) + bytes([0]) + bytes([0x0C, 0x94, 0, 0] * 4)
        lines.append(f":{body.hex()}{-sum(body) % 256:02x}")
    path = folder / f"{size}.hex"
    path.write_text("\n".join([*lines, ":00000001FF", ""]))
    return path


@pytest.mark.parametrize("bootloader", LOADERS)
def test_a_blank_chip_gets_the_firmware_and_tells_who_it_is(
    emulated_board: Bench, bootloader: str
) -> None:
    steps: list[Progress] = []
    with emulated_board(bootloader=bootloader) as board:
        done = flash(board.port, tell=steps.append)
        held = board.read_flash()
    assert done.loader == bootloader
    assert done.written
    assert done.info is not None
    assert (done.info.protocol, done.info.board) == (PROTOCOL, 1)
    room = LOADERS[done.loader].room
    with emulated_board(FIRMWARE, bootloader=bootloader) as never_flashed:
        assert held == never_flashed.read_flash()
    assert held[done.size : room] == b"\xff" * (room - done.size)
    assert all(0 <= step.share <= 1 for step in steps)
    words = list(dict.fromkeys(step.step for step in steps))
    assert words[-3:] == ["writing", "reading back", "starting the program"]
    assert {step.step for step in steps if step.writing} == {"writing"}


def test_what_the_board_has_already_is_not_written_again(emulated_board: Bench) -> None:
    steps: list[Progress] = []
    with emulated_board(FIRMWARE, bootloader="optiboot") as board:
        done = flash(board.port, tell=steps.append)
        assert done.info is not None
        assert not done.written
        assert "writing" not in {step.step for step in steps}
        assert flash(board.port, force=True).written


@pytest.mark.parametrize(
    ("bootloader", "step"),
    [("optiboot", "writing"), ("optiboot", "reading back"), ("old Nano", "writing")],
)
def test_a_cable_pulled_in_the_middle_is_told_and_the_second_try_works(
    emulated_board: Bench, bootloader: str, step: str
) -> None:
    with emulated_board(bootloader=bootloader) as board:
        with pytest.raises(
            SourceLost, match=r"now holds half a program: plug it in again .* nothing is broken"
        ):
            flash(board.port, tell=when(step, 0.5, board.unplug))
        board.plug()
        done = flash(board.port)
        assert done.info is not None


def test_a_cable_pulled_before_the_first_byte_leaves_the_board_as_it_was(
    emulated_board: Bench,
) -> None:
    with emulated_board(bootloader="optiboot") as board:
        with pytest.raises(SourceLost, match="is the board still plugged in"):
            flash(board.port, tell=when("looking at what is on the board", 0, board.unplug))
        board.plug()
        assert board.read_flash()[:32256] == b"\xff" * 32256
        assert flash(board.port).written


def test_called_off_before_the_first_byte_the_board_is_as_it_was(emulated_board: Bench) -> None:
    cancelled = threading.Event()
    with emulated_board(bootloader="optiboot") as board:
        tell = when("looking at what is on the board", 0, cancelled.set)
        with pytest.raises(FlashCancelled, match="the board is as it was"):
            flash(board.port, tell=tell, cancelled=cancelled)
        with pytest.raises(FlashCancelled):
            flash(board.port, cancelled=cancelled)
        assert board.read_flash()[:32256] == b"\xff" * 32256
        assert flash(board.port).written


def test_called_off_later_it_is_carried_through(emulated_board: Bench) -> None:
    cancelled = threading.Event()
    with emulated_board(bootloader="optiboot") as board:
        tell = when("writing", 0.5, cancelled.set)
        assert flash(board.port, tell=tell, cancelled=cancelled).info is not None


def test_a_program_that_only_the_new_bootloader_has_room_for(
    emulated_board: Bench, tmp_path: Path
) -> None:
    large = program(tmp_path, 31_000)
    with emulated_board(bootloader="old Nano") as board:
        with pytest.raises(
            BiofeedbackError, match=r"31000\.hex does not fit: .* room up to 0x77FF"
        ):
            flash(board.port, large)
        assert flash(board.port).info is not None
    with pytest.raises(BiofeedbackError, match=r"does not fit: .* room up to 0x7DFF"):
        flash("/dev/nowhere", program(tmp_path, 32_400))


def test_another_program_than_ours_is_written_and_said_to_be_silent(
    emulated_board: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flash_module, "ANSWER_S", 0.5)
    with emulated_board(bootloader="optiboot") as board:
        done = flash(board.port, program(tmp_path, 256))
        assert (done.written, done.info) == (True, None)


def test_our_firmware_that_does_not_answer_is_told(
    fake_chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flash_module, "ANSWER_S", 0.5)
    chip = fake_chip()
    with pytest.raises(BiofeedbackError, match="verified, but it does not answer: press the"):
        flash(chip.port)
    image = read_hex(FIRMWARE, room=32256)
    assert chip.flash[: len(image)] == image


def test_a_board_without_a_bootloader_is_told(
    emulated_board: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flash_module, "SYNC_TRIES", 3)
    board = emulated_board(FIRMWARE)
    with pytest.raises(BiofeedbackError, match=r"No bootloader answers .* reset button"):
        flash(board.port)


@pytest.mark.parametrize("chatter", [b"512\r\n", b"\x14\x10", bytes(range(256))])
def test_a_program_that_sends_by_itself_is_no_bootloader(
    fake_chip, monkeypatch: pytest.MonkeyPatch, chatter: bytes
) -> None:
    monkeypatch.setattr(flash_module, "SYNC_TRIES", 2)
    chip = fake_chip(chatter=chatter)
    with pytest.raises(BiofeedbackError, match="No bootloader answers"):
        flash(chip.port)


@pytest.mark.parametrize("signature", ["1e 94 06", "1e 98 01", "ff ff ff"])
def test_another_chip_is_told_by_its_signature(fake_chip, signature: str) -> None:
    chip = fake_chip(signature=bytes.fromhex(signature))
    with pytest.raises(BiofeedbackError, match=f"signature {signature.upper()}, an Uno's .* 1E 95"):
        flash(chip.port)
    assert set(chip.flash) == {0xFF}


def test_a_byte_that_reads_back_wrong_is_told_with_its_address_and_the_second_try_works(
    fake_chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flash_module, "ANSWER_S", 0.1)
    chip = fake_chip(flips_at=0x123, signature=b"\x1e\x95\x14")
    with pytest.raises(
        BiofeedbackError, match="another byte than was written, at 0x0123: try again"
    ):
        flash(chip.port)
    chip.flips_at = None
    with pytest.raises(BiofeedbackError, match="verified, but"):
        flash(chip.port)


def test_a_bootloader_that_falls_silent_while_writing_leaves_half_a_program(fake_chip) -> None:
    chip = fake_chip(dumb_after=20)
    with pytest.raises(SourceLost, match="half a program"):
        flash(chip.port)


def test_a_bootloader_that_falls_silent_before_is_told(fake_chip) -> None:
    chip = fake_chip(dumb_after=2)
    with pytest.raises(BiofeedbackError, match="no longer answers: unplug the board"):
        flash(chip.port)


def test_a_busy_port_is_told_and_the_second_try_works(emulated_board: Bench) -> None:
    with emulated_board(bootloader="optiboot") as board:
        holder = SerialLink(board.port, baud=115200)
        with pytest.raises(SourceError, match="in use by another program"):
            flash(board.port)
        holder.close()
        assert flash(board.port).info is not None


def test_a_damaged_hex_touches_no_board(tmp_path: Path) -> None:
    lines = FIRMWARE.read_text().splitlines()
    lines[6] = lines[6][:-1] + ("0" if lines[6][-1] != "0" else "1")
    (tmp_path / "damaged.hex").write_text("\n".join(lines))
    with pytest.raises(BiofeedbackError, match="damaged in line 7"):
        flash("/dev/nowhere", tmp_path / "damaged.hex")
