#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mkstick.py - finish stage 2, build stick image and floppy (docs/how-it-works.md, "One boot partition layout").

    mkstick.py stage2 LOADER PROGRAM OUT        stage 2: pack the program behind its loader
    mkstick.py image MBR VBR STAGE2 OUT FILE=PATH...
                                                disk image with one FAT partition;
                                                FILE is the name on the stick, PATH the file to copy
    mkstick.py floppy BOOT STAGE2 OUT FILE=PATH...
                                                a 1.44 MB floppy, which is such a partition all over

Needs mkfs.fat (dosfstools) and mcopy (mtools), and no root. The same input gives
the same bytes: fixed serial number and signature, times from SOURCE_DATE_EPOCH.
"""
import lzma
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

from ldmboot_install import bootpart
from ldmboot_install.bootpart import FLOPPY_BYTES, MASTER_CODE_BYTES, PARTITION_SECTORS, PARTITION_START, SECTOR

PARTITION_TYPE = 0x0E            # FAT16, LBA: gets a drive letter, boots by BIOS and UEFI
VOLUME_ID = 0x4C444D42
DISK_SIGNATURE = 0x544F4F42
HEADS, SECTORS_PER_TRACK = 255, 63

HEADER_SECTORS_OFFSET, HEADER_SUM_OFFSET = 8, 12   # bios/entry.asm


def header_constant(header, name):
    """A constant of a header of bios/."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bios", header)
    with open(path, encoding="ascii") as f:
        return int(re.search(rf"^#define {name}\s+(\w+)", f.read(), re.M).group(1), 0)


def memory_h(name):
    return header_constant("memory.h", name)


def pack(program):
    """A raw LZMA stream with the parameters of bios/unlzma.h."""
    parameters = {"id": lzma.FILTER_LZMA1, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 17, "nice_len": 273,
                  "lc": header_constant("unlzma.h", "UNLZMA_LC"), "lp": 0, "pb": 0}
    return lzma.compress(program, format=lzma.FORMAT_RAW, filters=[parameters])


def absolute_calls(program):
    """The E8 translation of Microsoft's cabinet format, which bios/unlzma.c undoes."""
    code, size, pos = bytearray(program), len(program), 0
    while pos + 5 < size:
        if code[pos] != 0xE8:
            pos += 1
            continue
        relative = struct.unpack_from("<i", code, pos + 1)[0]
        if -pos <= relative < size:
            absolute = relative + pos if relative < size - pos else relative - size
            struct.pack_into("<i", code, pos + 1, absolute)
        pos += 5
    return bytes(code)


def make_stage2(loader, program):
    """Loader and packed program; header filled in so that the sum of all 32-bit words is 0."""
    if struct.unpack_from("<I", loader, 4)[0] != memory_h("STAGE2_MAGIC"):
        sys.exit("mkstick: this is not the loader of stage 2")
    packed = pack(absolute_calls(program))
    data = bytearray(loader + packed)
    data += bytes(-len(data) % SECTOR)
    limit = memory_h("STAGE2_MAX_BYTES")
    if len(data) > limit:
        sys.exit(f"mkstick: stage 2 has {len(data)} bytes, more than {limit}")
    struct.pack_into("<HHII", data, HEADER_SECTORS_OFFSET, len(data) // SECTOR, 0, 0, len(packed))
    total = sum(struct.unpack(f"<{len(data) // 4}I", data))
    struct.pack_into("<I", data, HEADER_SUM_OFFSET, -total & 0xFFFFFFFF)
    return bytes(data)


def chs(lba):
    """CHS of a partition entry; FE FF FF beyond cylinder 1023."""
    cylinder, rest = divmod(lba, HEADS * SECTORS_PER_TRACK)
    head, sector = divmod(rest, SECTORS_PER_TRACK)
    if cylinder > 1023:
        return bytes((0xFE, 0xFF, 0xFF))
    return bytes((head, (cylinder >> 2 & 0xC0) | (sector + 1), cylinder & 0xFF))


def master_boot_record(code, start=PARTITION_START):
    """Sector 0 with the boot partition at sector `start`."""
    sector = bytearray(SECTOR)
    sector[:MASTER_CODE_BYTES] = code.ljust(MASTER_CODE_BYTES, b"\0")
    struct.pack_into("<I", sector, 440, DISK_SIGNATURE)
    last = start + PARTITION_SECTORS - 1
    sector[446:462] = (b"\x80" + chs(start) + bytes((PARTITION_TYPE,)) + chs(last)
                       + struct.pack("<II", start, PARTITION_SECTORS))
    sector[510:] = b"\x55\xAA"
    return bytes(sector)


PARTITION_FORMAT = ["-F", "16", "-r", "512", "-h", str(PARTITION_START), "-g", f"{HEADS}/{SECTORS_PER_TRACK}", "-D", "0x80",
                    "--offset", str(PARTITION_START)]
FLOPPY_FORMAT = ["-F", "12", "-r", "224", "-h", "0", "-g", "2/18", "-D", "0x00", "-M", "0xF0"]


def make_file_system(image, size, options):
    reserved = memory_h("STAGE2_SECTOR") + memory_h("STAGE2_MAX_BYTES") // SECTOR
    subprocess.run(["mkfs.fat", "--invariant", "-s", "1", "-f", "2", "-R", str(reserved), "-a", "-i", f"{VOLUME_ID:08X}",
                    "-n", "LDMBOOT", *options, image, str(size // 1024)],
                   check=True, stdout=subprocess.DEVNULL, env=dict(os.environ, PATH=with_sbin()))


def with_sbin():
    """Debian keeps mkfs.fat where an ordinary user's PATH does not lead."""
    return os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"


def copy_files(image, start, files):
    """Copy through a tree whose times are fixed: mcopy -m takes times from the source."""
    # FAT times begin in 1980 and have no time zone.
    epoch = max(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), 315532800)
    env = dict(os.environ, TZ="UTC", SOURCE_DATE_EPOCH=str(epoch), MTOOLS_SKIP_CHECK="1")
    with tempfile.TemporaryDirectory() as tree:
        for name, path in files:
            target = os.path.join(tree, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(path, target)
        for root, directories, names in os.walk(tree, topdown=False):
            for entry in directories + names:
                os.utime(os.path.join(root, entry), (epoch, epoch))
        tops = [os.path.join(tree, name) for name in sorted(os.listdir(tree))]
        subprocess.run(["mcopy", "-s", "-m", "-i", f"{image}@@{start * SECTOR}", *tops, "::/"],
                       check=True, env=env)


def install_boot_code(image, mbr, vbr, stage2):
    with open(image, "r+b") as f:
        f.write(master_boot_record(mbr))
        f.seek(PARTITION_START * SECTOR)
        boot_sector = bootpart.boot_sector(f.read(SECTOR), vbr, PARTITION_START)
        f.seek(PARTITION_START * SECTOR)
        f.write(boot_sector)
        f.seek((PARTITION_START + memory_h("STAGE2_SECTOR")) * SECTOR)
        f.write(stage2)


def install_floppy_code(image, boot, stage2):
    with open(image, "r+b") as f:
        boot_sector = bootpart.floppy_sector(f.read(SECTOR), boot)
        f.seek(0)
        f.write(boot_sector)
        f.seek(memory_h("STAGE2_SECTOR") * SECTOR)
        f.write(stage2)


def empty(path, size):
    with open(path, "wb") as f:
        f.truncate(size)


def build_image(mbr, vbr, stage2, out, files):
    temporary = out + ".tmp"
    empty(temporary, (PARTITION_START + PARTITION_SECTORS) * SECTOR)
    make_file_system(temporary, PARTITION_SECTORS * SECTOR, PARTITION_FORMAT)
    copy_files(temporary, PARTITION_START, files)
    install_boot_code(temporary, mbr, vbr, stage2)
    os.replace(temporary, out)


def build_floppy(boot, stage2, out, files):
    temporary = out + ".tmp"
    empty(temporary, FLOPPY_BYTES)
    make_file_system(temporary, FLOPPY_BYTES, FLOPPY_FORMAT)
    copy_files(temporary, 0, files)
    install_floppy_code(temporary, boot, stage2)
    os.replace(temporary, out)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def main(argv):
    if len(argv) == 5 and argv[1] == "stage2":
        stage2 = make_stage2(read(argv[2]), read(argv[3]))
        with open(argv[4], "wb") as f:
            f.write(stage2)
    elif len(argv) >= 6 and argv[1] == "image":
        files = [tuple(pair.split("=", 1)) for pair in argv[6:]]
        build_image(read(argv[2]), read(argv[3]), read(argv[4]), argv[5], files)
    elif len(argv) >= 5 and argv[1] == "floppy":
        build_floppy(read(argv[2]), read(argv[3]), argv[4], [tuple(pair.split("=", 1)) for pair in argv[5:]])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv)
