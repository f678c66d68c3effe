# SPDX-License-Identifier: GPL-2.0-or-later
"""The images for other ways to start carry the same stage 2 and the same boot partition as the stick, where their
readers look."""
import struct
import subprocess
from pathlib import Path

import pytest

BUILD = Path(__file__).resolve().parents[2] / "build"
SECTOR, CD_SECTOR = 512, 2048
STICK_START, SECTORS = 2048, 16384

NAMES = ["ldmboot.iso", "ldmboot.pxe", "ldmboot.lkrn", "ldmboot-144.img", "ldmboot-floppy.iso"]
pytestmark = pytest.mark.skipif(not all((BUILD / n).exists() for n in NAMES), reason="make images has not run")


def image(name):
    return (BUILD / name).read_bytes()


@pytest.fixture(scope="module")
def stage2():
    return image("stage2.bin")


def test_pxe_has_stage2_where_it_runs(stage2):
    """Loaded to 7C00, stage 2 belongs to 8000."""
    assert image("ldmboot.pxe")[0x400:] == stage2


def test_kernel_header(stage2):
    """Documentation/arch/x86/boot.rst of Linux."""
    kernel = image("ldmboot.lkrn")
    assert kernel[0x1FE:0x200] == b"\x55\xAA" and kernel[0x202:0x206] == b"HdrS"
    version, = struct.unpack_from("<H", kernel, 0x206)
    assert version >= 0x203                         # GRUB's linux wants that
    assert kernel[0x211] & 1                        # loaded high
    assert struct.unpack_from("<I", kernel, 0x214)[0] == 0x100000
    protected = kernel[(kernel[0x1F1] + 1) * SECTOR:]
    assert struct.unpack_from("<I", kernel, 0x1F4)[0] == (len(protected) + 15) // 16
    assert protected.endswith(stage2)


def extract(name, target):
    subprocess.run(["xorriso", "-osirrox", "on", "-indev", BUILD / "ldmboot.iso", "-extract", name, target],
                   check=True, capture_output=True)
    return target.read_bytes()


def test_iso_has_the_sticks_boot_partition(stage2, tmp_path):
    """Sector 0's entry, the boot sector and the CD's boot image all name the place where the file lies."""
    iso, stick = image("ldmboot.iso"), image("ldmboot.img")
    partition = extract("/boot/boot.img", tmp_path / "boot.img")
    active, kind, start, sectors = struct.unpack_from("<BxxxBxxxII", iso, 446)
    assert (active, kind, sectors) == (0x80, stick[450], SECTORS)
    assert iso[start * SECTOR:(start + SECTORS) * SECTOR] == partition
    assert struct.unpack_from("<I", partition, 0x1C)[0] == start        # BPB: hidden sectors
    assert struct.unpack_from("<I", partition, 0x1F8)[0] == start       # vbr.asm: own_lba
    assert partition[SECTOR:] == stick[(STICK_START + 1) * SECTOR:(STICK_START + SECTORS) * SECTOR]

    boot = extract("/boot/cd.bin", tmp_path / "cd.bin")
    own, partition_lba = struct.unpack_from("<II", boot, 8)
    assert iso[own * CD_SECTOR:own * CD_SECTOR + len(boot)] == boot
    assert partition_lba * CD_SECTOR == start * SECTOR
    assert boot[0x400:0x400 + len(stage2)] == stage2


# ---------------------------------------------------------------- the floppy

FLOPPY_BYTES, STAGE2_SECTOR = 1474560, 8


def test_floppy_is_an_ordinary_one_with_stage2_in_its_reserved_sectors(stage2, tmp_path):
    floppy = image("ldmboot-144.img")
    assert len(floppy) == FLOPPY_BYTES and floppy[510:512] == b"\x55\xAA"
    assert floppy[STAGE2_SECTOR * SECTOR:STAGE2_SECTOR * SECTOR + len(stage2)] == stage2
    code = (BUILD / "bios/floppy.bin").read_bytes()
    assert floppy[:3] == code[:3] and floppy[0x3E:SECTOR] == code[0x3E:]
    (sector, cluster, reserved, fats, roots, sectors, media, _, track, heads, hidden) = struct.unpack_from("<HBHBHHBHHHI", floppy, 11)
    assert (sector, cluster, fats, roots, sectors, media, track, heads, hidden) == (512, 1, 2, 224, 2880, 0xF0, 18, 2, 0)
    assert reserved == STAGE2_SECTOR + 160          # 80 KB for stage 2, for all time
    checked = subprocess.run(["/usr/sbin/fsck.fat", "-n", BUILD / "ldmboot-144.img"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_floppy_has_the_sticks_texts_and_room_for_ntldr(tmp_path):
    """Those of the EFI programs apart. NTLDR and NTDETECT.COM of Server 2003 have 345,000 bytes together."""
    on_stick, on_floppy = (subprocess.run(["mdir", "-b", "-i", where, "::"], capture_output=True, text=True, check=True).stdout.split()
                           for where in (f"{BUILD / 'ldmboot.img'}@@{STICK_START * SECTOR}", BUILD / "ldmboot-144.img"))
    assert on_floppy == [name for name in on_stick if name != "::/EFI/"] and "::/ldmboot.cfg" in on_floppy
    for name in on_floppy:
        built = next((BUILD / "stick").glob(name[3:]))
        read = subprocess.run(["mtype", "-i", BUILD / "ldmboot-144.img", name], capture_output=True, check=True).stdout
        assert read == built.read_bytes(), name
    free = subprocess.run(["mdir", "-i", BUILD / "ldmboot-144.img"], capture_output=True, text=True, check=True).stdout.splitlines()[-2]
    assert int("".join(c for c in free if c.isdigit())) > 800_000, free


def test_floppy_iso_is_shown_as_the_floppy():
    """El Torito specification 1.0: validation entry, then the one that is started: bootable, a floppy of 1.44 MB, loaded to
    7C00, one sector."""
    iso = image("ldmboot-floppy.iso")
    catalog = struct.unpack_from("<I", iso, 17 * CD_SECTOR + 0x47)[0] * CD_SECTOR
    assert iso[catalog] == 1 and iso[catalog + 1] == 0 and sum(struct.unpack_from("<16H", iso, catalog)) & 0xFFFF == 0
    bootable, emulated, segment, kind, count, start = struct.unpack_from("<BBHBxHI", iso, catalog + 32)
    assert (bootable, emulated, segment, kind, count) == (0x88, 2, 0, 0, 1)
    assert iso[start * CD_SECTOR:start * CD_SECTOR + FLOPPY_BYTES] == image("ldmboot-144.img")
    assert not any(iso[catalog + 64:catalog + CD_SECTOR])
