# SPDX-License-Identifier: GPL-2.0-or-later
"""The judge is judged: efi-standin.c, started by the firmware from an ordinary EFI system partition,
passes where the Windows Boot Manager would go on, and fails, with the reason, where that would stop.
Without this the UEFI boots could pass because their judge sees nothing."""
import re
import struct
import uuid
import zlib
from pathlib import Path

import pytest

from support import uefi
from support.disks import run
from support.harness import BUILD, Disk
from support.winload import winload

DISK = uuid.UUID("a1a2a3a4-b1b2-c1c2-d1d2-e1e2e3e4e5e6")
ESP = uuid.UUID("e5e5e5e5-0000-4000-8000-000000000001")
WINDOWS = uuid.UUID("01020304-0506-0708-090a-0b0c0d0e0f10")
TYPE_ESP = uuid.UUID("c12a7328-f81f-11d2-ba4b-00a0c93ec93b")
TYPE_DATA = uuid.UUID("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7")
ESP_LBA, WINDOWS_LBA, WINDOWS_SECTORS = 2048, 32768, 49152
DISK_SECTORS = 98304
NAMES = {"x64": "BOOTX64.EFI", "ia32": "BOOTIA32.EFI"}


def gpt(entries):
    """Protective MBR, primary and backup GPT as (offset, bytes); entries: (type, GUID, first, last)."""
    table = b"".join(kind.bytes_le + own.bytes_le + struct.pack("<QQQ72s", first, last, 0, b"")
                     for kind, own, first, last in entries).ljust(128 * 128, b"\0")

    def header(own, other, array):
        fields = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, own, other, 34, DISK_SECTORS - 34,
                             DISK.bytes_le, array, 128, 128, zlib.crc32(table))
        return (fields[:16] + struct.pack("<I", zlib.crc32(fields)) + fields[20:]).ljust(512, b"\0")

    entry = struct.pack("<B3sB3sII", 0, b"\0\2\0", 0xEE, b"\xff\xff\xff", 1, DISK_SECTORS - 1)
    mbr = bytes(446) + entry + bytes(48) + b"\x55\xaa"
    last = DISK_SECTORS - 1
    return [(0, mbr + header(1, last, 2) + table), ((last - 32) * 512, table + header(last, 1, last - 32))]


def make_disk(folder: Path, arch="x64", store=lambda data: data, partition=WINDOWS, loader=None, name="winload.efi"):
    """A disk with an EFI system partition, for the stand-in and what `store` makes of its store (None: none),
    and an NTFS partition for winload.efi."""
    (folder / "winload.efi").write_bytes(loader or winload(arch))
    run(BUILD / "mkvolume", "-s", WINDOWS_SECTORS * 512, "-p", WINDOWS_LBA, folder / "ntfs",
        f"Windows/System32/{name}={folder}/winload.efi")
    run(BUILD / "tests/bootfiles", "store", folder / "BCD", "gpt", DISK, partition, "efi", "C")
    files = [f"\\EFI\\BOOT\\{NAMES[arch]}={BUILD}/qemu/standin-{arch}.efi"]
    data = store((folder / "BCD").read_bytes())
    if data:
        (folder / "BCD").write_bytes(data)
        files.append(f"\\EFI\\Microsoft\\Boot\\BCD={folder}/BCD")
    run(BUILD / "tests/bootfiles", "fat", folder / "esp", "1", *files)

    image = folder / "disk.img"
    esp_sectors = (folder / "esp").stat().st_size // 512
    with open(image, "wb") as f:
        f.truncate(DISK_SECTORS * 512)
        for offset, data in gpt([(TYPE_ESP, ESP, ESP_LBA, ESP_LBA + esp_sectors - 1),
                                 (TYPE_DATA, WINDOWS, WINDOWS_LBA, WINDOWS_LBA + WINDOWS_SECTORS - 1)]):
            f.seek(offset)
            f.write(data)
        for lba, name in ((ESP_LBA, "esp"), (WINDOWS_LBA, "ntfs")):
            f.seek(lba * 512)
            f.write((folder / name).read_bytes())
    return image


def verdict(image: Path, arch="x64", bus="ahci"):
    """Boot the disk; the stand-in's lines."""
    if not uefi.have(arch):
        pytest.skip(f"no {arch} OVMF")
    with uefi.UefiMachine([Disk(image, bus, boot=0)], flavour=arch) as machine:
        machine.wait_serial(r"^STANDIN (PASS|FAIL .*)\n")    # the whole line
        return re.findall(r"^STANDIN (.*)$", machine.serial, re.M)


@pytest.mark.parametrize("arch, bus", [("x64", "ahci"), ("x64", "nvme"), ("ia32", "ahci")])
@pytest.mark.quick("x64-ahci", "ia32-ahci")
def test_passes_where_windows_would_start(tmp_path, arch, bus):
    lines = verdict(make_disk(tmp_path, arch), arch, bus)
    assert lines[-1] == "PASS", lines
    assert any(line.startswith(f"osdevice partition={WINDOWS} disk={DISK} start=0x{WINDOWS_LBA:08x} "
                               f"blocks=0x{WINDOWS_SECTORS:08x}") for line in lines), lines
    assert any(re.match(r"winload .*winload.efi record=\S+ bytes=0x0016e360 runs=", line) for line in lines), lines


def altered():
    """One bit of one byte in the middle of the file."""
    data = bytearray(winload())
    data[len(data) // 2] ^= 0x10
    return bytes(data)


def patched(find, offset, value):
    """A change of a store: a byte behind the first `find`."""
    def change(data):
        data = bytearray(data)
        data[data.index(find) + offset] ^= value
        return bytes(data)
    return change


@pytest.mark.parametrize("changes, reason", [
    ({"store": lambda data: None}, "no boot store (0xc000000f)"),
    ({"store": patched(b"regf", 0x30, 1)}, "the store's base block is wrong"),
    ({"store": patched(b"lh", 8, 1)}, "the store has a wrong name hash"),
    ({"store": patched(b"Objects", 0, ord("O") ^ ord("A"))}, "the store has a wrong name hash"),
    ({"store": patched(b"23000003", 0, 1)}, "the store has a wrong name hash"),
    ({"store": lambda data: data[:4096]}, "the store is no hive"),
    ({"partition": uuid.UUID(int=1)}, "device not found (0xc0000225)"),
    ({"loader": altered()}, "file read, bytes differ (0xc0000221)"),
    ({"name": "winload.exe"}, "device found, file missing (0xc000000f)"),
], ids=["no-store", "base-block", "hash", "key-renamed", "element-renamed", "cut-store", "wrong-partition", "altered-file",
        "no-file"])
@pytest.mark.quick("base-block", "wrong-partition")
def test_fails_where_windows_would_stop(tmp_path, changes, reason):
    assert verdict(make_disk(tmp_path, **changes))[-1] == f"FAIL {reason}"
