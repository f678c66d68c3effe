# SPDX-License-Identifier: GPL-2.0-or-later
"""UEFI boots from disks that are failing: a lost GPT, sectors that cannot be read.

OVMF repairs a damaged primary GPT as soon as it connects the disk by itself, on virtio-blk even when ldmboot does
(docs/windows-boot.md); so the wiped GPT is tried where the firmware leaves it alone: bootindex, AHCI and NVMe.
"""
import pytest

from support import disks, uefi
from support.harness import Disk
from test_uefi_boot import server
from support.winload import winload

pytestmark = pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")


@pytest.mark.parametrize("bus", ["ahci", "nvme"])
def test_the_primary_gpt_is_wiped(tmp_path, stick, windows, bus):
    description = (disks.DESCRIPTIONS / "degraded-uefi.ldm").read_text()
    description += "damage Disk2 at=gpt-header\ndamage Disk2 at=gpt-array\n"
    image = server(tmp_path, windows(), description)
    with uefi.start(stick, [image], bus) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
        assert "LDM-0202" in uefi.codes(machine.serial)


def sector_of(image, piece: bytes) -> int:
    """Where these bytes, a sector's beginning, lie on a disk."""
    position = image.read_bytes().find(piece)
    assert position >= 0 and position % 512 == 0
    return position // 512


# OVMF's NVMe driver says that such a sector cannot be read (LDM-0101), and so does its AHCI driver since 2025; the
# AHCI driver of before answers success and leaves the buffer as it was (LDM-0102).
@pytest.mark.parametrize("bus, numbers", [("ahci", {"LDM-0101", "LDM-0102"}), ("nvme", {"LDM-0101"})])
def test_a_bad_sector_in_the_boot_manager(tmp_path, stick, windows, bus, numbers):
    image = server(tmp_path, windows())
    bad = sector_of(image, uefi.standin().read_bytes()[4096:4608])
    with uefi.UefiMachine([Disk(stick, "usb", boot=0), Disk(image, bus, unreadable=[bad])]) as machine:
        assert numbers & set(machine.wait_refusal()), machine.story("another message")


@pytest.mark.parametrize("bus, description", [("ahci", "degraded-uefi.ldm"), ("nvme", "degraded-uefi.ldm"),
                                              ("ahci", "retained-gpt.ldm")], ids=["ahci", "nvme", "ahci-the-firmwares"])
def test_a_bad_sector_in_windows_reaches_windows(tmp_path, stick, windows, bus, description):
    """What Windows reads from, a partition of the firmware's own too, answers with an error, never with what happened to
    be in the buffer."""
    retained = description == "retained-gpt.ldm"
    image = server(tmp_path, windows(), description)
    bad = sector_of(image, winload()[512 * 1000:512 * 1001])
    with uefi.UefiMachine([Disk(stick, "usb", boot=None if retained else 0), Disk(image, bus, unreadable=[bad])]) as machine:
        lines = machine.wait_verdict()
        assert ("of the firmware's own" in machine.serial) == retained
        assert lines[-1].startswith("FAIL ") and "differ" not in lines[-1], machine.story("no read error seen")


def test_the_boot_sector_cannot_be_read(tmp_path, stick, windows):
    """Its backup stands in its place in what the boot manager reads, as it does under BIOS."""
    image = server(tmp_path, windows(size="100M"))    # as large as the LDM volume: the backup is its last sector
    with uefi.UefiMachine([Disk(stick, "usb", boot=0), Disk(image, "nvme", unreadable=[65664])]) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
        assert "LDM-0515" in uefi.codes(machine.serial)
