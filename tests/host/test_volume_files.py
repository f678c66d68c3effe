# SPDX-License-Identifier: GPL-2.0-or-later
"""
What is on the volume: files that Windows's loaders or ldmboot can read only after something was undone, or not at all.

The volumes are made by ntfs-3g (tests/tools/ntfsput.c); nothing here shares code with the readers.
"""
import json
import subprocess

import pytest

from conftest import make_volume
from ldmdisk import BUILD, DISKS, make

PROGRAM = bytes([0xE9, 0xD5, 0x01]) + bytes(range(256)) * 64


def plan(disk, firmware="bios"):
    """What would be done on this machine: the whole answer of ldmboot-inspect --json."""
    done = subprocess.run([BUILD / "ldmboot-inspect", "--json", "--firmware", firmware, disk], capture_output=True,
                          check=False)
    return json.loads(done.stdout)["plan"]


def bios_plan(folder, *files):
    volume = make_volume(folder / "windows.img", "20M", *files)
    make(DISKS / "degraded-bios.ldm", folder, volume=volume)
    return plan(folder / "Disk2.img")


@pytest.mark.parametrize("name, data, code", [
    ("BOOTMGR", PROGRAM, None), ("BOOTMGR,compressed", PROGRAM, "LDM-0547"), ("NTLDR,compressed", PROGRAM, "LDM-0547"),
    ("BOOTMGR,wof:0:16387", PROGRAM, "LDM-0547"), ("BOOTMGR,encrypted", PROGRAM, "LDM-0548"),
    ("NTLDR", b"", "LDM-0549"), ("BOOTMGR", bytes(20000), "LDM-0549")])
def test_a_loader_that_the_boot_sector_cannot_start(tmp_path, name, data, code):
    answer = bios_plan(tmp_path, (name, data))
    if code is None:
        assert answer["result"] == "boot"
    else:
        assert answer["result"] == "ask"
        assert code in [note["code"] for note in answer["notes"]], answer


@pytest.mark.parametrize("loader, head, result", [("NTLDR", b"wake", "ask"), ("NTLDR", b"WAKE", "boot"),
                                                  ("BOOTMGR", b"wake", "boot"), ("BOOTMGR", b"hibr", "ask")])
def test_a_resume_that_was_begun(tmp_path, loader, head, result):
    answer = bios_plan(tmp_path, (loader, PROGRAM), ("hiberfil.sys", head + bytes(4092)))
    assert answer["result"] == result
    assert ("LDM-0518" in [note["code"] for note in answer["notes"]]) == (result == "ask")
