# SPDX-License-Identifier: GPL-2.0-or-later
"""UEFI boots from disks that are failing: a lost GPT, sectors that cannot be read.

OVMF repairs a damaged primary GPT as soon as it connects the disk by itself, on virtio-blk even when ldmboot does
(docs/windows-boot.md); so the wiped GPT is tried where the firmware leaves it alone: bootindex, AHCI and NVMe.
"""
import pytest

from support import boots, disks, menus, uefi
from support.harness import Disk
from test_uefi_boot import server
from support.winload import winload

pytestmark = pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")


@pytest.mark.parametrize("bus", ["ahci", "nvme"])
@pytest.mark.quick("ahci")
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
@pytest.mark.quick("ahci-numbers0")
def test_a_bad_sector_in_the_boot_manager(tmp_path, stick, windows, bus, numbers):
    image = server(tmp_path, windows())
    bad = sector_of(image, uefi.standin().read_bytes()[4096:4608])
    with uefi.UefiMachine([Disk(stick, "usb", boot=0), Disk(image, bus, unreadable=[bad])]) as machine:
        assert numbers & set(machine.wait_refusal()), machine.story("another message")


@pytest.mark.parametrize("bus, description", [("ahci", "degraded-uefi.ldm"), ("nvme", "degraded-uefi.ldm"),
                                              ("ahci", "retained-gpt.ldm")], ids=["ahci", "nvme", "ahci-the-firmwares"])
@pytest.mark.quick("nvme", "ahci-the-firmwares")
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


def holes(image, where: str, count: int):
    """`count` sectors of the LDM metadata that cannot be read: one physical block of a modern disk has eight."""
    first = {"records": sector_of(image, b"VBLK") + 3, "database": sector_of(image, b"VMDB") // 8 * 8,
             "identity": sector_of(image, b"PRIVHEAD") // 8 * 8}[where]
    return range(first, first + count)


@pytest.mark.parametrize("bus, where, count", [("nvme", "records", 8), ("nvme", "records", 64), ("ahci", "records", 16),
                                               ("nvme", "identity", 8)])
@pytest.mark.quick("nvme-records-8", "nvme-identity-8")
def test_a_hole_in_the_metadata_of_one_of_two_halves(tmp_path, stick, windows, bus, where, count):
    """The volume is the one without the hole, on the half whose disk has no errors. AHCI hides the errors."""
    disks.mkldm(tmp_path, disks.DESCRIPTIONS / "two-halves-uefi.ldm", volume=windows())
    images = [tmp_path / "Disk1.img", tmp_path / "Disk2.img"]
    bad = Disk(images[0], bus, unreadable=holes(images[0], where, count))
    with uefi.UefiMachine([Disk(stick, "usb", boot=0), bad, Disk(images[1], bus)]) as machine:
        lines = machine.wait_verdict()
        assert lines and lines[-1] == "PASS", machine.story("the stand-in did not pass")
        boot = boots.parse_boot_line(*boots.boot_lines(machine.serial))
        plan = boots.inspect(images, "--firmware", "uefi")["plan"]
        assert (boot["volume"], boot["guid"]) == (plan["volume"], plan["guid"])
        assert boot["component"] == "Volume1-02"


def test_a_hole_over_what_says_how_new_a_database_is(tmp_path, stick, windows):
    """The VMDB has no other copy on its disk: nobody can tell which of the two is newer, so it is a question."""
    disks.mkldm(tmp_path, disks.DESCRIPTIONS / "two-halves-uefi.ldm", volume=windows())
    images = [tmp_path / "Disk1.img", tmp_path / "Disk2.img"]
    bad = Disk(images[0], "nvme", unreadable=holes(images[0], "database", 8))
    with uefi.UefiMachine([Disk(stick, "usb", boot=0), bad, Disk(images[1], "nvme")]) as machine:
        menus.wait_list(machine, "LDM-0520")
        assert not boots.boot_lines(machine.serial)


@pytest.mark.parametrize("count", [1, 8])
@pytest.mark.quick("1")
def test_a_hole_where_the_disk_has_another_copy(tmp_path, stick, windows, count):
    image = server(tmp_path, windows())
    with uefi.UefiMachine([Disk(stick, "usb", boot=0),
                           Disk(image, "nvme", unreadable=holes(image, "identity", count))]) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
