# SPDX-License-Identifier: GPL-2.0-or-later
"""Which serial port speaks, by ldmboot.cfg. The screen always does."""
import re
import struct

import pytest

from support import boots, disks
from support.harness import Disk, Machine


@pytest.mark.parametrize("serial, port", [("off", None), ("com1", 1), ("com2", 2), ("0x2f8,57600", 2)])
@pytest.mark.quick("off-None", "com2-2", "0x2f8,57600-2")
def test_serial(serial, port, volume, tmp_path):
    image = boots.degraded(tmp_path, volume(2003))
    stick = disks.stick(tmp_path / "stick.img", f"timeout = 0\nserial = {serial}\n")
    second = tmp_path / "com2.txt"
    com2 = ["-chardev", f"file,id=com2,path={second}", "-serial", "chardev:com2"]
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1)], extra=com2) as machine:
        machine.wait_serial("STANDIN: PASS")          # the stand-in always speaks on COM1
        assert len(boots.boot_lines(machine.serial)) == (port == 1)
        assert len(boots.boot_lines(second.read_text().replace("\r", ""))) == (port == 2)


def spcr(port):
    """ACPI's table of the console: a 16550 (interface 0) at this I/O port. QEMU puts the header before it."""
    return struct.pack("<B3xBBBBQ", 0, 1, 8, 0, 1, port).ljust(44, b"\0")


@pytest.mark.parametrize("port, line", [(0x3F8, 1), (0x2F8, 2)])
def test_serial_by_spcr(port, line, volume, tmp_path):
    """serial = auto, two ports, and the firmware's table says which of them is the console."""
    image = boots.degraded(tmp_path, volume(2003))
    stick = disks.stick(tmp_path / "stick.img", "timeout = 0\n")
    second, table = tmp_path / "com2.txt", tmp_path / "spcr.bin"
    table.write_bytes(spcr(port))
    extra = ["-chardev", f"file,id=com2,path={second}", "-serial", "chardev:com2",
             "-acpitable", f"sig=SPCR,rev=2,data={table}"]
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1)], extra=extra) as machine:
        machine.wait_serial("STANDIN: PASS")
        assert len(boots.boot_lines(machine.serial)) == (line == 1)
        assert len(boots.boot_lines(second.read_text().replace("\r", ""))) == (line == 2)


def test_screen(real, tmp_path):
    """What happened before the jump can still be read when Windows's boot sector has spoken."""
    image = real("ldm-2003r2-mirrored-2")
    stick = disks.stick(tmp_path / "stick.img", "timeout = 0\nvolume = Volume3\n")
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1)]) as machine:
        machine.wait_screen("NTLDR is missing")
        assert machine.screen().count("LDM-BOOT volume=") == 1


# ---------------------------------------------------------------- machines without a display, without a ticking timer

LOW_KIB, INT13_SEGMENT = 0x413, 0x13 * 4 + 2


def started(machine):
    """By memory alone: the hook serves INT 13h, and the loader was read and runs (its first text on a screen would be this)."""
    return machine.word(INT13_SEGMENT) << 4 == machine.word(LOW_KIB) << 10


SERIAL_CONSOLE = ["-machine", "graphics=off"]      # SeaBIOS sends what INT 10h prints to COM1


def loader_has_spoken(machine):
    """The stand-in prints by INT 10h and on COM1: where both are the same line, each of its letters comes twice."""
    machine.wait_serial(r"S+T+A+N+D+I+N+:+ +P+A+S+")


def said_once(machine):
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\s", "", machine.serial)     # SeaBIOS breaks lines in words
    # SeaBIOS holds the last letter that it prints back until the next one; the line may be ldmboot's own by then.
    for words in ("It reads disks and never writes to them", "LDM-BOOT volume=Volume1", "method=vbr"):
        assert text.count(words.replace(" ", "")) == 1, machine.story(f"{words}: not once")


@pytest.mark.parametrize("options", [dict(extra=SERIAL_CONSOLE), dict(extra=SERIAL_CONSOLE, vga="none"), dict(vga="none")],
                         ids=["line beside the screen", "line instead of the screen", "no screen"])
def test_one_text_on_the_line(options, stick, volume, tmp_path):
    """The BIOS's console is on the line, with and without a display, or there is neither: what is said comes once."""
    image = boots.degraded(tmp_path, volume(2003))
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1)], **options) as machine:
        loader_has_spoken(machine)
        said_once(machine)


def test_a_named_port_has_the_line_for_itself(volume, tmp_path):
    """Asked for by name, ldmboot's own line it is, whole, and the BIOS's console is left alone."""
    image = boots.degraded(tmp_path, volume(2003))
    stick = disks.stick(tmp_path / "stick.img", "timeout = 0\nserial = com1\n")
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1)], extra=SERIAL_CONSOLE) as machine:
        loader_has_spoken(machine)
        said_once(machine)
        assert len(boots.boot_lines(machine.serial)) == 1


def test_no_screen_and_no_line(stick, volume, tmp_path):
    image = boots.degraded(tmp_path, volume(2003))
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1)], vga="none", has_serial=False) as machine:
        machine.wait(lambda: started(machine), "the hook in its place")
        before = machine.reads(machine.disks[1]).operations
        machine.wait(lambda: machine.reads(machine.disks[1]).operations > before, "the loader's own reads")


def test_a_timer_that_does_not_tick(volume, tmp_path):
    """The countdown goes by the real-time clock."""
    image = boots.degraded(tmp_path, volume(2003))
    stick = disks.stick(tmp_path / "stick.img", "timeout = 3\n")
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1)], extra=["-machine", "pit=off"]) as machine:
        machine.wait_serial("^Starting in 3 s.* 2 1$")
        machine.wait_serial("STANDIN: PASS")
        assert "LDM-0611" not in machine.serial
