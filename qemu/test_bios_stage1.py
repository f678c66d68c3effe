# SPDX-License-Identifier: GPL-2.0-or-later
"""The one-sector programs: stage 2 is found wherever the boot partition lies and whatever was
written into its BPB, and what is missing or damaged is said, on the screen, before the next device's turn."""
import struct

import pytest

from support import disks
from support.harness import Disk, Machine

SECTOR = 512
PARTITION = 2048                # of the stick
ENTRY = 446                     # of the partition table
BPB_GEOMETRY, BPB_HIDDEN, BPB_DRIVE = 0x18, 0x1C, 0x24
OWN_LBA = 0x1F8                 # bios/vbr.asm
STAGE2_SECTOR = 8               # bios/memory.h
STARTED = r"ldmboot \d"


def boots(tmp_path, image, serial=None, screen=None):
    path = tmp_path / "stick.img"
    path.write_bytes(image)
    with Machine([Disk(path, "ide", boot=0)]) as guest:
        if serial:
            guest.wait_serial(serial)
        else:
            guest.wait_screen(screen)


@pytest.fixture
def image(built):
    return bytearray(disks.STICK.read_bytes())


def put(image, sector, offset, value):
    struct.pack_into("<I", image, sector * SECTOR + offset, value)


def test_firmware_wrote_into_the_bpb(tmp_path, image):
    put(image, PARTITION, BPB_GEOMETRY, 0x00090009)
    put(image, PARTITION, BPB_HIDDEN, 0xDEADBEEF)
    image[PARTITION * SECTOR + BPB_DRIVE] = 0x55
    boots(tmp_path, image, STARTED)


def test_own_position_is_wrong(tmp_path, image):
    put(image, PARTITION, OWN_LBA, 77777)
    boots(tmp_path, image, STARTED)


def test_only_the_partition_entry_is_right(tmp_path, image):
    put(image, PARTITION, OWN_LBA, 77777)
    put(image, PARTITION, BPB_HIDDEN, 88888)
    boots(tmp_path, image, STARTED)


def test_moved_partition(tmp_path, image):
    """Copied to another place by a tool that only knows partition tables."""
    start = 6 * PARTITION
    moved = image[:SECTOR] + bytes((start - 1) * SECTOR) + image[PARTITION * SECTOR:]
    put(moved, 0, ENTRY + 8, start)
    boots(tmp_path, moved, STARTED)


def test_no_partition_table(tmp_path, image):
    """The partition alone, as a BIOS sees it that takes the stick for a floppy."""
    boots(tmp_path, image[PARTITION * SECTOR:], STARTED)


def test_no_active_partition(tmp_path, image):
    image[ENTRY] = 0
    boots(tmp_path, image, screen="no active partition")


def test_partition_beyond_the_end(tmp_path, image):
    put(image, 0, ENTRY + 8, 0x10000000)
    boots(tmp_path, image, screen="partition: error")


def test_the_error_of_the_drive_that_was_started_from_is_shown(tmp_path, image):
    """Not that of the last drive that was tried, which is not there (01); and the line ends."""
    path = tmp_path / "stick.img"
    path.write_bytes(image)
    with Machine([Disk(path, "ide", boot=0, unreadable=[PARTITION])]) as guest:
        guest.wait_screen(r"^ldmboot: partition: error (?!0[01])[0-9A-F]{2}\n(.*\n)*(No bootable|Booting|ldmboot)")


def test_stage2_is_missing(tmp_path, image):
    put(image, PARTITION + STAGE2_SECTOR, 4, 0)
    boots(tmp_path, image, screen="no stage 2")


@pytest.mark.parametrize("offset", [10, 1000, 5000, 30000])
@pytest.mark.quick("10", "30000")
def test_stage2_is_damaged(offset, tmp_path, image):
    image[(PARTITION + STAGE2_SECTOR) * SECTOR + offset] ^= 0x10
    boots(tmp_path, image, screen="stage 2 is damaged")
