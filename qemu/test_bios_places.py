# SPDX-License-Identifier: GPL-2.0-or-later
"""A degraded server boots from any bus, and from wherever on the disk the half lies."""
import pytest

from support import boots
from support.disks import VOLUME_SECTORS
from support.harness import Disk, Machine
from support.payloads import CHS, HANDED_OVER, NTFS

CHS_LIMIT = 1024 * 255 * 63       # sectors that AH=02 reaches with the geometry 255/63
LAST = 1 << 32                    # sectors that a partition entry and HiddenSectors reach


@pytest.mark.parametrize("bus", ["ide", "ahci", "virtio", "nvme", "lsi", "megasas", "virtio-scsi"])
@pytest.mark.quick("ide", "ahci", "virtio", "nvme")
def test_bus(bus, stick, volume, tmp_path):
    image = boots.degraded(tmp_path, volume(2003), flags=HANDED_OVER | CHS)
    boots.boots_to_standin(stick, image, bus)


@pytest.mark.parametrize("flavour", [2003, 2008])
@pytest.mark.parametrize("lba, size, flags", [
    (63, "128M", CHS),
    (20000, "128M", CHS),
    (CHS_LIMIT - 20000, "10G", 0),
    (30_000_000, "20G", 0),
    (LAST - VOLUME_SECTORS, "2049G", 0),
], ids=["at 63", "at 20000", "across the CHS limit", "beyond the CHS limit", "just below 2 TiB"])
@pytest.mark.quick("at 63-2003", "across the CHS limit-2008", "beyond the CHS limit-2003", "just below 2 TiB-2008")
def test_place(flavour, lba, size, flags, stick, volume, tmp_path):
    table = "gpt" if size == "2049G" else "mbr"
    image = boots.degraded(tmp_path, volume(flavour), lba, HANDED_OVER | flags, size=size, table=table)
    boots.boots_to_standin(stick, image)


def test_gpt(stick, volume, tmp_path):
    """A GPT disk: sector 0 as shown is an ordinary one, whose sum and signature are the protective one's."""
    image = boots.degraded(tmp_path, volume(2008), 70000, HANDED_OVER | CHS, table="gpt")
    boots.boots_to_standin(stick, image)


def test_fat32(stick, volume, tmp_path):
    """A FAT32 system volume, whose boot sector has another layout, and (mkfs.fat's) another geometry."""
    image = boots.degraded(tmp_path, volume(2000), flags=(HANDED_OVER | CHS) & ~NTFS)
    boots.boots_to_standin(stick, image)


def test_beyond_2tib(stick, volume, tmp_path):
    image = boots.degraded(tmp_path, volume(2008), LAST - VOLUME_SECTORS + 1, size="3T", table="gpt")
    assert boots.inspect([image], code=2)["plan"]["result"] == "none"
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1)]) as machine:
        boots.gives_up(machine, "0601")


@pytest.mark.parametrize("megabytes", [4096, 6144])
def test_memory_above_4_gib(megabytes, stick, volume, tmp_path):
    image = boots.degraded(tmp_path, volume(2003))
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1)], memory=megabytes) as machine:
        boots.wait_for_boot(machine, [image], 0x81)
        boots.wait_for_pass(machine)
