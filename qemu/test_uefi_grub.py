# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody else's reader on the published partition: GRUB's EFI disk driver and NTFS reader, which share no code with
ldmboot, find winload.efi in it and get the bytes that were put there. (GRUB has no LDM and no partition modules here:
through what ldmboot publishes is the only way.)"""
import hashlib
import re
import shutil
from pathlib import Path

import pytest

from support import disks, uefi
from support.harness import BUILD
from test_uefi_boot import server
from support.winload import winload

MODULES = Path("/usr/lib/grub/x86_64-efi")
WANTED = ["ntfs", "search", "search_fs_file", "hashsum", "gcry_sha256", "echo", "ls", "normal", "test"]

pytestmark = pytest.mark.skipif(not (uefi.have("x64") and MODULES.exists() and shutil.which("grub-mkimage")),
                                reason="no OVMF or no GRUB for EFI")

CONFIG = """
search --no-floppy --set=windows --file /Windows/System32/winload.efi
echo GRUB found=$windows
hashsum --hash sha256 ($windows)/Windows/System32/winload.efi
echo GRUB end
"""


def grub(folder: Path) -> Path:
    config = folder / "grub.cfg"
    config.write_text(CONFIG)
    disks.run("grub-mkimage", "-O", "x86_64-efi", "-d", MODULES, "-c", config, "-p", "/", "-o", folder / "grub.efi",
              *WANTED)
    return folder / "grub.efi"


def test_grub_reads_windows_through_the_published_partition(tmp_path, windows):
    stick = uefi.put_files(disks.stick(tmp_path / "stick.img"), {"grub.efi": grub(tmp_path)})
    image = server(tmp_path, windows(bootmgfw=BUILD / "qemu" / "door-x64.efi"))
    with uefi.start(stick, [image]) as machine:
        machine.wait_serial(r"GRUB end|DOOR ")
        assert re.search(r"GRUB found=hd\d", machine.serial), machine.story("GRUB does not see the partition")
        assert hashlib.sha256(winload()).hexdigest() in machine.serial, machine.story("other bytes")
