# SPDX-License-Identifier: GPL-2.0-or-later
"""Firmware that is not like OVMF: a shim of the tests (qemu/payloads/efi-shim.c) plays it and then starts ldmboot."""
import re
import shutil

import pytest

from support import disks, menus, uefi
from support.esp import VOLUME_GUID, make_esp, server_with_esp
from support.harness import BUILD, Disk
from test_uefi_boot import server

pytestmark = pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")


@pytest.fixture
def shim_stick(tmp_path):
    return uefi.put_files(disks.stick(tmp_path / "stick.img"), {
        "EFI/BOOT/LDMBOOT.EFI": BUILD / "efi" / "BOOTX64.EFI", "EFI/BOOT/BOOTX64.EFI": BUILD / "qemu" / "shim-x64.efi"})


def test_strict_disks_dead_disks_and_what_is_no_disk(tmp_path, shim_stick, windows):
    """Page-aligned buffers of 64 KiB at most; a disk that times out is asked a few times and passed over."""
    image = server(tmp_path, windows(big=True))
    with uefi.start(shim_stick, [image], only_stick=False) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
        numbers = uefi.codes(machine.serial)
        assert machine.serial.count("SHIM made a disk strict") == 1
        assert numbers.count("LDM-0104") == 2     # 1-byte blocks, 2^64 blocks; a drive without a medium is no error
        assert "the disk does not answer" in machine.serial
        assert "asked 100 times" not in machine.serial and "a write was tried" not in machine.serial


def tell_shim(stick, tmp_path, word):
    """A file of that name on the stick, which the shim looks for."""
    mark = tmp_path / word
    mark.write_text("yes\n")
    uefi.put_files(stick, {word: mark})


def test_a_firmware_that_does_not_take_the_partition(tmp_path, shim_stick, windows):
    tell_shim(shim_stick, tmp_path, "UNPUBLISH")
    with uefi.start(shim_stick, [server(tmp_path, windows())], only_stick=False) as machine:
        assert "LDM-0834" in machine.wait_refusal(), machine.serial


def test_an_image_that_comes_with_a_security_violation_is_unloaded(tmp_path, shim_stick, windows):
    tell_shim(shim_stick, tmp_path, "VIOLATE")
    with uefi.start(shim_stick, [server(tmp_path, windows())], only_stick=False) as machine:
        assert "LDM-0830" in machine.wait_refusal()
        assert "SHIM the refused image was unloaded" in machine.serial
        assert "EFI_SECURITY_VIOLATION" in machine.serial
        assert "SHIM the watchdog is still on" not in machine.serial    # a person may think longer than it waits


@pytest.mark.skipif(not shutil.which("hash-to-efi-sig-list"), reason="no efitools")
def test_a_boot_manager_that_is_revoked(tmp_path, shim_stick, windows):
    """The firmware refuses it and has its hash in dbx: no key helps, and none is asked for."""
    tell_shim(shim_stick, tmp_path, "VIOLATE")
    disks.run("hash-to-efi-sig-list", uefi.standin(), tmp_path / "DBX")
    uefi.put_files(shim_stick, {"DBX": tmp_path / "DBX"})
    with uefi.start(shim_stick, [server(tmp_path, windows())], only_stick=False) as machine:
        codes = machine.wait_refusal()
        assert "LDM-0845" in codes and "LDM-0830" not in codes
        assert "Enrolling a key does not help" in machine.serial


def come_back(machine):
    """The boot manager has returned, and a key gives the firmware its turn."""
    machine.wait_serial(uefi.GAVE_UP)
    machine.type_serial(" ")
    machine.wait_serial(r"^SHIM (all handles are as before|a handle was not given back)$")


def test_a_driver_that_does_not_let_go(tmp_path, shim_stick, windows):
    """It holds what the boot manager was shown: that is started from once more, and has no medium when ldmboot is gone."""
    tell_shim(shim_stick, tmp_path, "HOLD")
    image = server(tmp_path, windows())
    with uefi.start(shim_stick, [image], only_stick=False) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
        machine.wait_serial(uefi.GAVE_UP)
        assert machine.serial.count("SHIM holds on to a partition") == 2
        assert uefi.codes(machine.serial).count("LDM-0850") == 2
        machine.type_serial("m")
        menus.wait_list(machine)
        menus.choose(machine, "Volume1-02")
        machine.wait_serial(r"STANDIN PASS(.|\n)*STANDIN PASS")
        machine.wait_serial(rf"{uefi.GAVE_UP}(.|\n)*{uefi.GAVE_UP[1:]}")
        machine.type_serial(" ")
        machine.wait_serial(r"^SHIM what it holds has no medium")
        assert machine.serial.count("SHIM holds on to a partition") == 2    # the same ones again
        machine.wait_serial(uefi.FIRMWARE_GOES_ON)


def writable(lines):
    """How many disks and partitions took writes while the boot manager ran; those that did not have refused all."""
    line, = (line for line in lines if line.startswith("all handles "))
    return int(line.split("writable=")[1], 16)


@pytest.mark.parametrize("description", ["degraded-uefi.ldm", "retained-gpt.ldm"], ids=["ours", "the-firmwares"])
def test_no_disk_can_be_written_to_meanwhile_and_all_are_given_back(tmp_path, shim_stick, windows, description):
    image = server(tmp_path, windows(), description)
    with uefi.start(shim_stick, [image], only_stick=False) as machine:
        lines = machine.wait_verdict()
        uefi.check_boot(machine, [image], lines)
        assert writable(lines) == 1     # the shim's "disk" of 2^64 blocks, which ldmboot does not use
        come_back(machine)
        assert "SHIM all handles are as before" in machine.serial


def test_more_than_64_disks_and_thousands_of_handles(tmp_path, shim_stick, windows):
    """The half is on the last one. Each handle that can be a device is connected once, others never."""
    tell_shim(shim_stick, tmp_path, "MANY")
    image = server(tmp_path, windows())
    with uefi.start(shim_stick, [image]) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
        assert re.search(r"^reading blk72 \.\.\.\n  dynamic disk", machine.serial, re.M)
        come_back(machine)
        machine.wait_serial(r"^SHIM each handle with a path was connected once")


def test_a_vendors_driver_on_the_volume(tmp_path, shim_stick, windows):
    """It is taken off the partition that is lent, and what it still wants to write is refused."""
    tell_shim(shim_stick, tmp_path, "VENDOR")
    image = server(tmp_path, windows(), "retained-gpt.ldm")
    with uefi.start(shim_stick, [image], only_stick=False) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
        assert "SHIM the vendor's driver holds a partition" in machine.serial
        assert "SHIM the vendor's driver was stopped, and its write refused" in machine.serial


def test_a_vendors_driver_on_the_system_partition(tmp_path, shim_stick, windows):
    """It holds the partition for itself, so that nobody can show the file system that the boot manager comes from."""
    tell_shim(shim_stick, tmp_path, "VENDOR")
    image = server_with_esp(tmp_path, windows(), make_esp(tmp_path, VOLUME_GUID))
    with uefi.start(shim_stick, [image], only_stick=False) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict(), "uefi-esp")
        assert machine.serial.count("SHIM the vendor's driver was stopped, and its write refused") == 2


def test_a_boot_manager_that_gives_up_by_itself(tmp_path, stick, windows):
    """EFI_NO_MAPPING: it says nothing on the screen then."""
    with uefi.start(stick, [server(tmp_path, windows(action="return-no-mapping"))]) as machine:
        machine.wait_serial(uefi.GAVE_UP)
        assert "LDM-0853" in uefi.codes(machine.serial) and "It answered EFI_NO_MAPPING." in machine.serial


def test_two_paths_to_one_disk(tmp_path, stick, windows):
    """Used once, said once, and both paths are closed to writes."""
    image = server(tmp_path, windows())
    with uefi.UefiMachine([Disk(stick, "usb", boot=0), Disk(image, "ahci"), Disk(image, "nvme")]) as machine:
        lines = machine.wait_verdict()
        uefi.check_boot(machine, [image], lines)
        assert len(re.findall(r"^blk\d is also there as blk\d: used once", machine.serial, re.M)) == 1
        assert machine.serial.count("LDM-0110") == 1 and "LDM-0325" not in machine.serial
        assert writable(lines) == 0
