# SPDX-License-Identifier: GPL-2.0-or-later
"""A serial line of ldmboot's own under UEFI. OVMF's console is on every port, so the shim (qemu/payloads/efi-shim.c) takes
it off one, as a firmware does whose set-up knows of no serial console."""
from pathlib import Path

import pytest

from support import boots, disks, menus, uefi
from support.harness import BUILD
from test_uefi_boot import server

pytestmark = pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")

SAID_ONCE = ("(UEFI 2.", "Firmware: ", "connecting controllers", "reading blk1", "LDM-BOOT ")


def shim_stick(folder: Path, config: str, *words: str) -> Path:
    """A stick with this ldmboot.cfg that starts the shim, which is told these words."""
    mark = folder / "mark"
    mark.write_text("yes\n")
    files = {"EFI/BOOT/LDMBOOT.EFI": BUILD / "efi" / "BOOTX64.EFI", "EFI/BOOT/BOOTX64.EFI": BUILD / "qemu" / "shim-x64.efi"}
    return uefi.put_files(disks.stick(folder / "stick.img", config), {**files, **{word: mark for word in words}})


def second_port(folder: Path):
    """Arguments of a machine with COM2, and what is sent on it."""
    file = folder / "com2.txt"
    return ["-serial", f"file:{file}"], lambda: file.read_bytes().decode("utf-8", "replace").replace("\r", "")


def check_said_once(text: str) -> None:
    counts = {part: text.count(part) for part in SAID_ONCE}
    assert set(counts.values()) == {1}, f"{counts}\n{text}"
    line, = boots.boot_lines(text)
    boots.parse_boot_line(line)


def test_the_first_port_is_taken_when_the_console_is_on_none(tmp_path, windows):
    """What was said before the port was there comes first; the menu and its keys are there, and the whole boot is told."""
    image = server(tmp_path, windows())
    with uefi.start(shim_stick(tmp_path, "timeout = 900\n", "FREECOM1"), [image], only_stick=False) as machine:
        machine.wait_serial("press any key")
        machine.type_serial(" ")
        menus.wait_list(machine, "A key stopped the countdown")
        machine.type_serial("d")
        menus.wait_page(machine, "details, lines 1-")
        machine.type_serial(menus.ESCAPE)         # alone: no sequence
        menus.choose(machine, "Volume1-02")
        machine.wait_serial(r"^  It answered EFI_SUCCESS")
        check_said_once(machine.serial)
        assert "STANDIN" not in machine.serial, machine.story("the console is on the port")


def test_a_port_beside_the_consoles(tmp_path, windows):
    """Named by its customary address."""
    image = server(tmp_path, windows())
    com2, text = second_port(tmp_path)
    with uefi.start(shim_stick(tmp_path, "timeout = 0\nserial = 0x2f8\n", "FREECOM2"), [image], only_stick=False,
                    extra=com2) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
        check_said_once(machine.serial)
        check_said_once(text())


def test_nothing_is_said_twice_where_the_console_is(tmp_path, windows):
    image = server(tmp_path, windows())
    with uefi.start(disks.stick(tmp_path / "stick.img", "timeout = 0\nserial = com1,57600\n"), [image]) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
        check_said_once(machine.serial)
        assert "LDM-0760" not in uefi.codes(machine.serial)


def test_a_port_that_takes_nothing_is_given_up(tmp_path, windows):
    image = server(tmp_path, windows())
    com2, _ = second_port(tmp_path)
    with uefi.start(shim_stick(tmp_path, "timeout = 0\nserial = com2\n", "FREECOM2", "DEADCOM2"), [image], only_stick=False,
                    extra=com2) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
        assert "SHIM made a port dead" in machine.serial and "asked 20 times" not in machine.serial


def test_a_port_that_is_not_there(tmp_path, windows):
    image = server(tmp_path, windows())
    with uefi.start(disks.stick(tmp_path / "stick.img", "timeout = 0\nserial = 0x220\n"), [image]) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
        assert "LDM-0760" in uefi.codes(machine.serial)


def test_a_machine_without_a_console(tmp_path):
    """Neither ConOut nor ConIn: the menu is on the serial line alone, and control goes back."""
    with uefi.start(shim_stick(tmp_path, "", "FREECOM1", "NOCONSOLE"), [], only_stick=False) as machine:
        machine.wait_serial(uefi.GAVE_UP)
        machine.type_serial("m")
        menus.wait_list(machine, "No volume was found.")
        machine.type_serial("b")
        machine.wait_serial(r"^SHIM ldmboot came back")
