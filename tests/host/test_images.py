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

NAMES = ["ldmboot.iso", "ldmboot.pxe", "ldmboot.lkrn"]
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
