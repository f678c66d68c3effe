# SPDX-License-Identifier: GPL-2.0-or-later
"""Firmware that is not like OVMF: a shim of the tests (qemu/payloads/efi-shim.c) plays it and then starts ldmboot."""
import pytest

from support import disks, uefi
from support.harness import BUILD
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
