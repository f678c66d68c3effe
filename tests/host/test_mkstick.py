# SPDX-License-Identifier: GPL-2.0-or-later
"""The stick image: an ordinary disk with one ordinary FAT partition, boot code where it belongs, the same bytes every time."""
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
SECTOR = 512
START, SECTORS = 2048, 16384
STAGE2_SECTOR = 8               # bios/memory.h

PARTS = [BUILD / "bios/mbr.bin", BUILD / "bios/vbr.bin", BUILD / "stage2.bin"]
pytestmark = pytest.mark.skipif(not all(p.exists() for p in PARTS), reason="make bios has not run")


def make(out, files, **env):
    command = [sys.executable, TOP / "tools/mkstick.py", "image", *PARTS, out, *(f"{k}={v}" for k, v in files.items())]
    subprocess.run(command, check=True, env=dict(os.environ, **env))
    return out.read_bytes()


@pytest.fixture
def files(tmp_path):
    (tmp_path / "a.txt").write_text("# a configuration\n")
    (tmp_path / "b.efi").write_bytes(bytes(range(256)) * 1000)
    return {"ldmboot.cfg": tmp_path / "a.txt", "EFI/BOOT/BOOTX64.EFI": tmp_path / "b.efi"}


@pytest.fixture
def image(tmp_path, files):
    return make(tmp_path / "stick.img", files)


def test_sector_0(image):
    code = PARTS[0].read_bytes()
    assert len(code) <= 440 and image[:len(code)] == code
    assert image[446] == 0x80 and image[450] in (0x0C, 0x0E)
    assert struct.unpack_from("<II", image, 454) == (START, SECTORS)
    assert not any(image[462:510]) and image[510:512] == b"\x55\xAA"
    assert len(image) == (START + SECTORS) * SECTOR


def test_boot_sector_keeps_the_bpb_and_has_our_code(image):
    sector = image[START * SECTOR:(START + 1) * SECTOR]
    code = PARTS[1].read_bytes()
    assert sector[:3] == code[:3] and sector[0x5A:0x1F8] == code[0x5A:0x1F8]
    assert struct.unpack_from("<H", sector, 11)[0] == SECTOR
    assert struct.unpack_from("<I", sector, 0x1C)[0] == START
    assert struct.unpack_from("<I", sector, 0x1F8)[0] == START
    reserved = struct.unpack_from("<H", sector, 14)[0]
    assert reserved >= STAGE2_SECTOR + 160      # 80 KiB for stage 2, for all time


def test_stage2_is_whole(image):
    stage2 = PARTS[2].read_bytes()
    at = (START + STAGE2_SECTOR) * SECTOR
    assert image[at:at + len(stage2)] == stage2
    assert struct.unpack_from("<H", stage2, 8)[0] == len(stage2) // SECTOR <= 160
    assert sum(struct.unpack(f"<{len(stage2) // 4}I", stage2)) & 0xFFFFFFFF == 0


def test_file_system_is_clean_and_has_the_files(tmp_path, image, files):
    partition = tmp_path / "partition.img"
    partition.write_bytes(image[START * SECTOR:])
    checked = subprocess.run(["fsck.fat", "-n", "-v", partition], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    assert "16 bit entries" in checked.stdout
    for name, path in files.items():
        out = tmp_path / "out"
        subprocess.run(["mcopy", "-n", "-i", partition, f"::{name}", out], check=True)
        assert out.read_bytes() == Path(path).read_bytes()
        out.unlink()


def test_same_bytes_whatever_the_time(tmp_path, image, files):
    for path in files.values():
        os.utime(path, (1700000000, 1700000000))
    assert make(tmp_path / "again.img", files, TZ="Asia/Tokyo") == image


def test_stage2_that_is_too_large_is_refused(tmp_path):
    (tmp_path / "program").write_bytes(os.urandom(90000))
    made = subprocess.run([sys.executable, TOP / "tools/mkstick.py", "stage2", BUILD / "bios/loader.part",
                           tmp_path / "program", tmp_path / "out"], capture_output=True, text=True)
    assert made.returncode == 1 and "81920" in made.stderr
    assert not (tmp_path / "out").exists()


def test_texts_on_the_stick():
    """What the screens point to, for Notepad: CRLF, no Markdown, every number, short lines."""
    sys_def = (TOP / "common/base/status.def").read_text()
    texts = {name: (BUILD / "stick" / name).read_bytes() for name in
             ("ERRORS.TXT", "AFTER.TXT", "TROUBLE.TXT", "README.TXT", "ldmboot.cfg")}
    for name, data in texts.items():
        assert data.count(b"\n") == data.count(b"\r\n") > 10, name
        assert b"](" not in data and b"**" not in data, name
    for number in re.findall(r"STATUS\(\w+, +(\d+),", sys_def):
        assert b"\nLDM-%04d: " % int(number) in texts["ERRORS.TXT"], number
    assert sum(map(len, texts.values())) < 200_000
