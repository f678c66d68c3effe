# SPDX-License-Identifier: GPL-2.0-or-later
"""Which serial port speaks, by ldmboot.cfg. The screen always does."""
import pytest

from support import boots, disks
from support.harness import Disk, Machine


@pytest.mark.parametrize("serial, port", [("off", None), ("com1", 1), ("com2", 2), ("0x2f8,57600", 2)])
def test_serial(serial, port, volume, tmp_path):
    image = boots.degraded(tmp_path, volume(2003))
    stick = disks.stick(tmp_path / "stick.img", f"timeout = 0\nserial = {serial}\n")
    second = tmp_path / "com2.txt"
    com2 = ["-chardev", f"file,id=com2,path={second}", "-serial", "chardev:com2"]
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1)], extra=com2) as machine:
        machine.wait_serial("STANDIN: PASS")          # the stand-in always speaks on COM1
        assert len(boots.boot_lines(machine.serial)) == (port == 1)
        assert len(boots.boot_lines(second.read_text().replace("\r", ""))) == (port == 2)


def test_screen(real, tmp_path):
    """What happened before the jump can still be read when Windows's boot sector has spoken."""
    image = real("ldm-2003r2-mirrored-2")
    stick = disks.stick(tmp_path / "stick.img", "timeout = 0\nvolume = Volume3\n")
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1)]) as machine:
        machine.wait_screen("NTLDR is missing")
        assert machine.screen().count("LDM-BOOT volume=") == 1
