# SPDX-License-Identifier: GPL-2.0-or-later
"""The layout of the boot partition (docs/how-it-works.md), for whoever writes one: mkstick.py
makes it, ldmboot-install copies it to where it shall be. Numbers are those of bios/vbr.asm and
bios/memory.h; tests/host/test_install.py compares them.

A FAT partition whose boot sector holds our code around the file system's BPB, and whose
reserved sectors hold stage 2. The boot sector knows where it is: `own_lba` of vbr.asm.
"""
import struct

SECTOR = 512
PARTITION_START = 2048           # on a stick: where Windows and firmware expect the first partition
PARTITION_SECTORS = 8 * 2048     # FAT16 with one-sector clusters, room for the EFI programs
FLOPPY_BYTES = 80 * 2 * 18 * SECTOR   # a floppy of 1.44 MB is such a partition all over, without EFI programs

MASTER_CODE_BYTES = 440          # of sector 0; disk signature and table follow
BPB_START, BPB_END = 3, 0x5A     # FAT32's BPB is the longest
FLOPPY_BPB_END = 0x3E            # of bios/floppy.asm
BPB_RESERVED, BPB_SECTORS_16, BPB_FAT_SECTORS, BPB_HIDDEN, BPB_SECTORS_32 = 0x0E, 0x13, 0x16, 0x1C, 0x20
OWN_LBA_OFFSET = 0x1F8
STAGE2_SECTOR = 8
STAGE2_MAGIC = b"LDM2"
STAGE2_MAGIC_OFFSET = 4
MARK = b"ldmboot: "              # stage1.inc: begins every message of our one-sector programs
FLOPPY_MARK = b"LDM-0720: "      # and floppy.asm's, which have numbers
SIGNATURE = b"\x55\xAA"


def boot_sector(file_system, code, lba):
    """The boot sector of a boot partition at `lba`: BPB of `file_system` (a sector), program of `code` (a sector)."""
    sector = bytearray(code[:SECTOR])
    sector[BPB_START:BPB_END] = file_system[BPB_START:BPB_END]
    struct.pack_into("<I", sector, BPB_HIDDEN, lba)
    struct.pack_into("<I", sector, OWN_LBA_OFFSET, lba)
    return bytes(sector)


def floppy_sector(file_system, code):
    """The boot sector of the floppy, made in the same way."""
    return code[:BPB_START] + file_system[BPB_START:FLOPPY_BPB_END] + code[FLOPPY_BPB_END:SECTOR]


def is_our_code(sector, mark=MARK):
    """Is this boot sector, or sector 0, one of ours, of whatever version?"""
    return sector[510:512] == SIGNATURE and mark in sector


def has_code(sector0):
    """Is there boot code in a disk's sector 0? Programs that only make tables leave zeros."""
    return any(sector0[:MASTER_CODE_BYTES])


def is_boot_partition(head, mark=MARK):
    """Do the first sectors of a partition, STAGE2_SECTOR + 1 of them at least, begin a boot partition?"""
    at = STAGE2_SECTOR * SECTOR + STAGE2_MAGIC_OFFSET
    return is_our_code(head[:SECTOR], mark) and head[at:at + len(STAGE2_MAGIC)] == STAGE2_MAGIC


def is_floppy(head):
    """The same of a floppy."""
    return is_boot_partition(head, FLOPPY_MARK)


def reserved_sectors(sector):
    return struct.unpack_from("<H", sector, BPB_RESERVED)[0]


def file_system_sectors(sector):
    """Length of the file system by its BPB."""
    short = struct.unpack_from("<H", sector, BPB_SECTORS_16)[0]
    return short or struct.unpack_from("<I", sector, BPB_SECTORS_32)[0]
