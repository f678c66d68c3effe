# SPDX-License-Identifier: GPL-2.0-or-later
"""The menu under UEFI: through the firmware's console, which is the serial line here (no display), used by the line
and by the keyboard. The same screens as on a BIOS machine (test_menu_bios.py)."""
import re
from pathlib import Path

import pytest

from support import boots, disks, menus, uefi

pytestmark = pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")

SERVER = """
group Server-Dg0 version=2.12 transaction=61
disk Disk1 table=gpt size=40G
disk Disk2 table=gpt size=40G
volume Volume1 hint=C: flags=boot,system size=48M
  component Volume1-01 state=STALE flags=recover
    partition Disk1-01 disk=Disk1 start=94 flags=recover
  component Volume1-02
    partition Disk2-01 disk=Disk2 start=94
volume Data hint=D: size=18G
  component Data-01
    partition Disk1-02 disk=Disk1
  component Data-02
    partition Disk2-02 disk=Disk2
content Volume1 file=$volume
"""

# OVMF 2022.11's terminal has ASCII only: a letter that it has not is one "?". That of 2024.02 has them all (UTF-8).
OFFICE = "Köln-Řeka"
IN_ASCII = str.maketrans("öŘ", "??")

HALVES = """\
 1  Volume1 C:             48 MB  Volume1-02       blk2    active   yes
 2  Volume1 C:             48 MB  Volume1-01       blk1    stale    no, older
 3  K?ln-?eka D:           18 GB  K?ln-?eka-01     blk1    active   no
 4  K?ln-?eka D:           18 GB  K?ln-?eka-02     blk2    active   no"""


def as_shown(reason: str, disk1: str, disk2: str) -> str:
    return menus.list_page("UEFI", HALVES, reason, f"""\
 blk0         9 MB  not a dynamic disk
 blk1        40 GB  {disk1}  Disk1
 blk2        40 GB  {disk2}  Disk2""")


def wait_screen(machine: uefi.UefiMachine, expected: str) -> None:
    """The terminal shows exactly this, the glyphs of the bars aside."""
    wanted = menus.without_art(expected)
    machine.wait(lambda: menus.without_art(menus.on_terminal(machine).translate(IN_ASCII)) == wanted, f"this on the terminal:\n{expected}")


@pytest.fixture
def server(tmp_path, windows):
    disks.mkldm(tmp_path, SERVER.replace("Data", OFFICE), volume=windows())
    return [tmp_path / "Disk1.img", tmp_path / "Disk2.img"]


def patient_stick(tmp_path: Path, config: str = "timeout = 900\n") -> Path:
    return disks.stick(tmp_path / "stick.img", config)


def test_the_menu_on_the_firmwares_console(tmp_path, server):
    with uefi.start(patient_stick(tmp_path), server) as machine:
        machine.wait_serial("press any key")
        machine.type_serial(" ")
        first = menus.wait_list(machine)
        bars = {row.split()[-1]: row[20:60] for row in first.split("\n") if row.startswith(" blk") and "Disk" in row}
        assert (bars["Disk1"][0], bars["Disk2"][0]) == ("3", "1")
        wait_screen(machine, as_shown(
            " Volume1-02 on blk2: a good half, NTFS, bootmgfw.efi; not a retained partition,\n so Windows may stop with 0x7B.",
            bars["Disk1"], bars["Disk2"]))
        machine.type_serial(menus.DOWN)
        menus.wait_list(machine, "LDM-0349: Volume1-01 (STALE): its state is not ACTIVE")
        machine.press("ret")
        menus.wait_list(machine, "Not started: a better half of the same volume is connected.")
        machine.type_serial("d")
        menus.wait_page(machine, "details, lines 1-", "Half      Volume1-01, stale")
        machine.press("esc")
        menus.wait_list(machine)
        machine.press("l")
        menus.wait_page(machine, "log, lines ")
        machine.type_serial("q")
        menus.choose(machine, "Volume1-02")
        lines = machine.wait_verdict()
        assert lines[-1] == "PASS", machine.story("no PASS")
        line, = boots.boot_lines(machine.serial)
        assert boots.parse_boot_line(line)["component"] == "Volume1-02"


def test_an_old_half_alone_starts_after_the_word(tmp_path, server):
    with uefi.start(patient_stick(tmp_path), server[:1]) as machine:
        assert "out of date" in menus.wait_list(machine, "LDM-0349")
        machine.type_serial("\r")
        menus.wait_terminal(machine, "type OLDER and press Enter: _")
        machine.type_serial("no\r")
        menus.wait_list(machine, "Not started: that was not the word.")
        machine.type_serial("r")                    # what was found is found again
        machine.wait_serial(r"(?s)reading blk1 .*reading blk1 ")
        menus.wait_list(machine, "Nothing is started by itself", "LDM-0349")
        machine.type_serial("\r")
        menus.wait_terminal(machine, "press Enter: _")
        machine.type_serial("OLDER\r")
        assert machine.wait_verdict()[-1] == "PASS", machine.story("no PASS")
        line, = boots.boot_lines(machine.serial)
        assert boots.parse_boot_line(line)["component"] == "Volume1-01"


def test_nobody_answers_the_menu_after_an_error(tmp_path):
    with uefi.start(patient_stick(tmp_path, "question-timeout = 3\non-error = menu\n"), []) as machine:
        for words in ("No volume was found.", "gets its turn in", menus.KEYS):      # it may be gone before anybody looks
            machine.wait_serial(re.escape(words))
        machine.wait_serial(uefi.FIRMWARE_GOES_ON)
        assert not boots.boot_lines(machine.serial)
