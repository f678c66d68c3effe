# SPDX-License-Identifier: GPL-2.0-or-later
"""A GRUB that is there already starts BOOTX64.EFI, and what stands behind its name wins over ldmboot.cfg."""
import shutil
from pathlib import Path

import pytest

from support import disks, uefi
from support.harness import BUILD, Disk

MODULES = Path("/usr/lib/grub/x86_64-efi")

pytestmark = pytest.mark.skipif(not (uefi.have("x64") and MODULES.exists() and shutil.which("grub-mkimage")),
                                reason="no OVMF or no GRUB for EFI")


def test_chainloaded_with_settings(windows, tmp_path):
    commands = tmp_path / "grub.cfg"
    commands.write_text("search --no-floppy --set=root --file /ldmboot.efi\n"
                        "chainloader /ldmboot.efi timeout=0 colour=blue\nboot\n")
    grub = tmp_path / "grub.efi"
    disks.run("grub-mkimage", "-O", "x86_64-efi", "-d", MODULES, "-c", commands, "-p", "/", "-o", grub,
              "part_msdos", "fat", "search", "search_fs_file", "chain", "boot")
    stick = uefi.put_files(disks.stick(tmp_path / "stick.img", "timeout = 60\n"),
                           {"EFI/BOOT/BOOTX64.EFI": grub, "ldmboot.efi": BUILD / "efi/BOOTX64.EFI"})
    disks.mkldm(tmp_path, disks.DESCRIPTIONS / "degraded-uefi.ldm", volume=windows())
    image = tmp_path / "Disk2.img"
    with uefi.UefiMachine([Disk(stick, "usb", boot=0), Disk(image, "ahci")]) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
        assert 'command line, "colour"' in machine.serial
        assert "Starting in" not in machine.serial
