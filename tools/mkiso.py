#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mkiso.py - the CD image, which is a stick image too.

    mkiso.py CDBOOT MBR STICK OUT NAME=PATH...
        CDBOOT  boot image for BIOS machines (bios/cd.asm)
        MBR     the program of sector 0
        STICK   ldmboot.img: its boot partition goes into the CD as one file
        NAME    a further file for people to read

    mkiso.py floppy FLOPPY OUT NAME=PATH...
        a CD that BIOSes show as a floppy, for those that start no other: FLOPPY is ldmboot-144.img

One boot partition, four doors: UEFI starts the programs in it, from CD (El Torito) as from a stick;
a BIOS starts the CD's boot image, which reads ldmboot.cfg in it; and when the whole is
copied to a stick, sector 0 has a partition table that says where in the CD it lies.

Needs xorriso, and no root. The same input gives the same bytes: all times from SOURCE_DATE_EPOCH.
"""
import os
import struct
import subprocess
import sys
import tempfile
import time

from ldmboot_install import bootpart
from ldmboot_install.bootpart import PARTITION_SECTORS, PARTITION_START, SECTOR
from mkstick import master_boot_record, read

CD_SECTOR = 2048
CATALOG_POINTER = 17 * CD_SECTOR + 0x47     # El Torito specification 1.0, 2.0: in the boot record, at sector 17
ENTRY_BYTES, ENTRY_LBA = 32, 8
INITIAL_ENTRY, FIRST_SECTION_ENTRY = 1, 3   # of the catalog; between them is the section's header
CD_OWN_LBA = 8                              # bios/cd.asm: own_lba, partition_lba
FIRST_TIME = 315532800                      # 1980, as in the stick's FAT


NO_EMULATION = ["-b", "boot/cd.bin", "-no-emul-boot", "-boot-load-size", str(CD_SECTOR // SECTOR), "-c", "boot/boot.cat",
                "-eltorito-alt-boot", "-e", "boot/boot.img", "-no-emul-boot"]
# El Torito specification: one sector is loaded, the floppy's own. 1.44 MB say themselves what is emulated.
FLOPPY_EMULATION = ["-b", "boot/floppy.img", "-boot-load-size", "1", "-c", "boot/boot.cat"]


def xorriso(tree, out, boot):
    epoch = max(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), FIRST_TIME)
    command = ["xorriso", "-no_rc", "-as", "mkisofs", "-quiet", "-o", out, "-V", "LDMBOOT", "-r", "-J",
               "--set_all_file_dates", time.strftime("%Y%m%d%H%M%S00", time.gmtime(epoch)),
               *boot, tree]
    done = subprocess.run(command, check=False, capture_output=True, text=True,
                          env=dict(os.environ, TZ="UTC", LC_ALL="C", SOURCE_DATE_EPOCH=str(epoch)))
    if done.returncode != 0:           # what it says of its version and of the time is for nobody
        sys.exit(done.stderr)


def entry_lba(iso, index):
    """Where the boot image of an entry of the catalog lies, in sectors of the CD."""
    catalog = struct.unpack_from("<I", iso, CATALOG_POINTER)[0] * CD_SECTOR
    return struct.unpack_from("<I", iso, catalog + index * ENTRY_BYTES + ENTRY_LBA)[0]


def patch(iso, mbr):
    """Tell every door where the boot partition is."""
    cd, partition = entry_lba(iso, INITIAL_ENTRY), entry_lba(iso, FIRST_SECTION_ENTRY)
    struct.pack_into("<II", iso, cd * CD_SECTOR + CD_OWN_LBA, cd, partition)
    start = partition * (CD_SECTOR // SECTOR)
    iso[:SECTOR] = master_boot_record(mbr, start)
    at = start * SECTOR
    iso[at:at + SECTOR] = bootpart.boot_sector(bytes(iso[at:at + SECTOR]), bytes(iso[at:at + SECTOR]), start)


def write_tree(out, boot, files):
    """The file system of a CD: files are (name, content), `boot` says to xorriso which of them are started."""
    with tempfile.TemporaryDirectory() as tree:
        os.mkdir(os.path.join(tree, "boot"))
        for name, content in files:
            with open(os.path.join(tree, name), "wb") as f:
                f.write(content)
        for root, _, names in os.walk(tree):
            os.chmod(root, 0o755)
            for name in names:
                os.chmod(os.path.join(root, name), 0o644)
        xorriso(tree, out, boot)


def build_iso(cdboot, mbr, stick, out, files):
    temporary = out + ".tmp"
    partition = read(stick)[PARTITION_START * SECTOR:(PARTITION_START + PARTITION_SECTORS) * SECTOR]
    write_tree(temporary, NO_EMULATION, [("boot/cd.bin", read(cdboot)), ("boot/boot.img", partition), *files])
    iso = bytearray(read(temporary))
    patch(iso, read(mbr))
    with open(temporary, "wb") as f:
        f.write(iso)
    os.replace(temporary, out)


def build_floppy_iso(floppy, out, files):
    temporary = out + ".tmp"
    write_tree(temporary, FLOPPY_EMULATION, [("boot/floppy.img", read(floppy)), *files])
    os.replace(temporary, out)


def main(argv):
    fixed = 4 if argv[1:2] == ["floppy"] else 5
    if len(argv) < fixed:
        sys.exit(__doc__)
    pairs = (pair.split("=", 1) for pair in argv[fixed:])
    files = [(name, read(path)) for name, path in pairs]
    if fixed == 4:
        build_floppy_iso(*argv[2:4], files)
    else:
        build_iso(*argv[1:5], files)


if __name__ == "__main__":
    main(sys.argv)
