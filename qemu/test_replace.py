# SPDX-License-Identifier: GPL-2.0-or-later
"""The copy as a basic disk starts by itself: no ldmboot in the machine, nothing but the copy. And the disk as it is seen at
a boot, served as a disk, starts as it does there."""
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support import bootmgr, boots, disks, payloads, uefi
from support.harness import LIMIT, ROOT, Disk, Machine
from support.payloads import DRIVES, EDD, IDENTITY, NTFS, SECTOR, SIZE

sys.path.insert(0, str(ROOT / "tests" / "host"))
from served import PRELOAD_BAD_SECTORS, needs_nbdkit, serve  # noqa: E402

pytestmark = needs_nbdkit

FIRST = 2048
RETAINED = """
    entry Disk2 slot=1 type=0x12 start=63 size=16065
    entry Disk2 slot=2 type=0x42 start=40000 size=163840
"""
ALONE = IDENTITY | DRIVES | SIZE | EDD         # what a plain BIOS answers; nothing of the hook is there


def copied(folder: Path, *images: Path, export: str = "", **parameters) -> Path:
    with serve(*images, **parameters) as server:
        return server.copy(folder / "copy.img", export)


def starts_alone(image: Path, lba: int = FIRST, flags: int = ALONE | NTFS, **more) -> None:
    boots.expect(image, lba, flags=flags, **more)
    with Machine([Disk(image, "ahci", boot=0)]) as machine:
        verdict = machine.wait_serial(r"STANDIN: (PASS|FAIL)")
        assert verdict[1] == "PASS" and "ldmboot" not in machine.serial, machine.story("the stand-in is not content")


@pytest.mark.parametrize("flavour", [2003, 2008, 2000])
@pytest.mark.quick("2003", "2008")
def test_a_bios_disk_starts_alone(tmp_path, volume, flavour):
    image = boots.degraded(tmp_path, volume(flavour))
    starts_alone(copied(tmp_path, image), flags=ALONE | (NTFS if flavour != 2000 else 0))


def test_a_volume_in_pieces_starts_alone(tmp_path, volume):
    pieces = boots.DEGRADED.replace("""    partition Disk2-01 disk=Disk2 lba=$lba size=81920
""", """    partition Disk2-02 disk=Disk2 lba=150000 size=30000
    partition Disk2-01 disk=Disk2 lba=$lba size=51920
""")
    disks.mkldm(tmp_path, pieces, volume=volume(2003), lba=20000)
    starts_alone(copied(tmp_path, tmp_path / "Disk2.img"))


def test_a_half_on_a_gpt_disk_starts_alone_by_a_bios(tmp_path, volume):
    disks.mkldm(tmp_path, boots.DEGRADED, volume=volume(2008), lba=100000, table="gpt")
    starts_alone(copied(tmp_path, tmp_path / "Disk2.img", firmware="bios"))


def test_from_two_halves_with_bad_sectors_in_both(tmp_path, volume):
    disks.mkldm(tmp_path, boots.BOTH_HALVES, volume=volume(2003), lba=20000)
    both = [tmp_path / "Disk1.img", tmp_path / "Disk2.img"]
    bad = {"BADSECTORS": f"{both[0]}=63-80,{63 + 40960}-{63 + 41000};{both[1]}={20000 + 50000}"}
    with serve(*both, environment=PRELOAD_BAD_SECTORS | bad) as server:
        copy = server.copy(tmp_path / "copy.img")
    starts_alone(copy)


@pytest.mark.parametrize("identity", ["keep", "new"])
def test_boot_store_names_the_new_place(tmp_path, identity):
    """The store names the dead disk; on the copy it names the copy, at its new offset."""
    hivex = pytest.importorskip("hivex")
    assert hivex
    store = tmp_path / "BCD"
    disks.run(disks.BUILD / "tests/bootfiles", "store", store, "mbr", "0x0DEAD001", str(63 * SECTOR), "exe", "x")
    source = disks.system_volume(tmp_path / "volume.img", 2008)
    disks.run("ntfscp", "-f", source, store, "Boot/BCD")
    disks.mkldm(tmp_path, boots.DEGRADED, volume=source, lba=20000)
    copy = copied(tmp_path, tmp_path / "Disk2.img", identity=identity)
    signature = payloads.read_at(copy, 440, 4)
    assert (signature == (0x1234ABCD).to_bytes(4, "little")) == (identity == "keep")
    data = payloads.read_at(copy, FIRST * SECTOR, disks.VOLUME_SECTORS * SECTOR)
    wanted = (FIRST * SECTOR).to_bytes(8, "little")
    elements = []
    at = data.find(bytes.fromhex("06000000000000004800000000000000"))
    while at >= 0:
        assert data[at + 16:at + 24] == wanted and data[at + 40:at + 44] == signature
        elements.append(at)
        at = data.find(bytes.fromhex("06000000000000004800000000000000"), at + 1)
    assert len(elements) >= 2
    starts_alone(copy)


def test_seen_starts_as_it_does_behind_the_hook(tmp_path, volume):
    with_code = boots.DEGRADED.replace("signature", "sector0=$mbr signature")
    disks.mkldm(tmp_path, with_code, volume=volume(2003), lba=20000, size="9G", mbr=disks.BUILD / "bios/mbr.bin")
    starts_alone(copied(tmp_path, tmp_path / "Disk2.img", layout="seen"), lba=20000)


@pytest.mark.parametrize("layout", ["basic", "seen"])
@pytest.mark.parametrize("name, loader", [("ldm-2003r2-mirrored-1", "NTLDR"), ("ldm-2003r2-simple-1", "NTLDR"),
                                          ("ldm-2008r2-mirrored-2", "BOOTMGR")])
def test_windowss_own_boot_sectors_run_from_a_copy(tmp_path, real, name, loader, layout):
    """The real disks' volumes with a stand-in as their loader: Windows's own code, sector 0's included where the disk is
    served as it is seen, finds and starts it."""
    original = real(name)
    image = tmp_path / "disk.img"
    disks.copy_sparse(original, image)
    lba, sectors = (65664, 32768) if "2008" in name else (63, 96256)
    taken = disks.extract(image, lba, sectors, tmp_path / "volume.img")
    disks.put_loader(taken, loader)
    disks.put_back(taken, image, lba)
    copy = copied(tmp_path, image, firmware="bios", volume="Volume1" if "simple" in name else "Volume3", layout=layout)
    boots.expect(copy, lba if layout == "seen" else FIRST, sectors, flags=ALONE | NTFS)
    # Boot sectors of 2003 read by cylinder, head and sector where that reaches: a disk as it is seen has the hook's answer.
    with Machine([Disk(copy, "ahci-255" if layout == "seen" else "ahci", boot=0)]) as machine:
        assert machine.wait_serial(r"STANDIN: (PASS|FAIL)")[1] == "PASS", machine.story("not content")


@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
@pytest.mark.parametrize("bus", ["ahci", "nvme"])
def test_a_uefi_disk_starts_alone(tmp_path, windows, bus):
    disks.mkldm(tmp_path, disks.DESCRIPTIONS / "degraded-uefi.ldm", volume=windows())
    uefi_starts_alone(copied(tmp_path, tmp_path / "Disk2.img"), bus)


@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
def test_a_volume_in_pieces_on_an_mbr_disk_starts_alone_by_uefi(tmp_path, windows):
    text = (disks.DESCRIPTIONS / "degraded-uefi.ldm").read_text().replace("table=gpt", "table=mbr").replace(
        "    partition Disk2-01 disk=Disk2 start=94\n",
        "    partition Disk2-02 disk=Disk2 lba=250000 size=100000\n    partition Disk2-01 disk=Disk2 lba=2048 size=104800\n")
    assert "250000" in text
    disks.mkldm(tmp_path, text, volume=windows())
    uefi_starts_alone(copied(tmp_path, tmp_path / "Disk2.img", firmware="uefi"), "ahci")


@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
def test_a_uefi_disk_of_4096_byte_sectors_starts_alone(tmp_path, windows):
    disks.mkldm(tmp_path, disks.DESCRIPTIONS / "4kn.ldm", volume=windows(sector=4096))
    uefi_starts_alone(copied(tmp_path, tmp_path / "Disk1.img"), "nvme-4k")


def uefi_starts_alone(image: Path, bus: str) -> None:
    """By \\EFI\\BOOT\\BOOTX64.EFI, as a firmware without an entry for it does. The stand-in writes nothing where it could."""
    with uefi.UefiMachine([Disk(image, bus)]) as machine:
        machine.wait_serial(r"^STANDIN (PASS|FAIL .*)\n|Shell>")
        assert "STANDIN PASS" in machine.serial and "STANDIN started as \\EFI\\BOOT\\BOOTX64.EFI" in machine.serial, \
            machine.story("the stand-in did not pass")


@pytest.mark.parametrize("bus, identity, table", [("ahci", "keep", ""), ("ide", "new", RETAINED)])
def test_windows_alone_gets_a_system_volume_and_starts_alone(tmp_path, bus, identity, table):
    """The system volume was on the dead disk: the copy has one of its own, and its store names the copy's own partition."""
    image = bootmgr.server(tmp_path, bootmgr.windows_volume(tmp_path / "windows.img"), more=table)
    with serve(image, identity=identity) as server:
        copy = server.copy(tmp_path / "copy.img")
        assert server.codes() == ["0920"]
    sector0 = payloads.read_at(copy, 0, SECTOR)
    entries = [sector0[at:at + 16] for at in range(446, 510, 16)]
    windows = next(int.from_bytes(e[8:12], "little") for e in entries if e[4] == 7)
    assert [e[0] for e in entries if e[4] == 1] == [0x80] and (sector0[440:444] == b"\xcd\xab\x34\x12") == (identity == "keep")
    assert [n for n, e in enumerate(entries, 1) if e[4] == 7] == [2 if table else 1]     # as the loader and the kernel count
    bootmgr.expect(copy, windows, bootmgr.ALONE)
    with Machine([Disk(copy, bus, boot=0)]) as machine:
        verdict = machine.wait_serial(r"STANDIN: (PASS|FAIL)")
        assert verdict[1] == "PASS" and "ldmboot" not in machine.serial, machine.story("the stand-in is not content")


def test_a_rehearsal_starts_and_its_writes_go_elsewhere(tmp_path, volume):
    """ldmboot-rescue vm: the whole way, with the stand-in's lines on a serial port of QEMU's."""
    image = boots.degraded(tmp_path, volume(2003))
    payloads.expect(image, payloads.Expect(FIRST, disks.VOLUME_SECTORS, flags=IDENTITY | DRIVES | EDD))
    before = payloads.read_at(image, 0, image.stat().st_size)
    serial = tmp_path / "serial"
    process = subprocess.Popen([disks.BUILD / "ldmboot-rescue", "vm", "--memory", "128", "--display", "none", image, "--",
                                "-serial", f"file:{serial}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        until = time.monotonic() + LIMIT
        while time.monotonic() < until and process.poll() is None and not re.search("STANDIN: (PASS|FAIL)", text_of(serial)):
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=LIMIT)
    bad = re.findall(r"^  BAD  (.*?)\r?$", text_of(serial), re.M)      # the sum is that of the old disk's sector 0
    assert "STANDIN: " in text_of(serial) and bad == ["the 32-bit sum of sector 0 is the disk's own"], said + text_of(serial)
    assert "nothing of it reaches the disks" in said and payloads.read_at(image, 0, len(before)) == before


@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
def test_a_rehearsal_of_a_uefi_disk_without_a_display(tmp_path, windows):
    """OVMF, as the disk asks; the machine's serial line is this terminal."""
    disks.mkldm(tmp_path, disks.DESCRIPTIONS / "degraded-uefi.ldm", volume=windows())
    image = tmp_path / "Disk2.img"
    before = payloads.read_at(image, 0, image.stat().st_size)
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    with open(tmp_path / "said", "wb") as said:
        process = subprocess.Popen([disks.BUILD / "ldmboot-rescue", "vm", "--memory", "256", image], stdin=subprocess.DEVNULL,
                                   stdout=said, stderr=said, env=environment)
    try:
        until = time.monotonic() + LIMIT
        while time.monotonic() < until and process.poll() is None and not re.search("STANDIN (PASS|FAIL)", text_of(tmp_path / "said")):
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(LIMIT)
    said = text_of(tmp_path / "said")
    assert "STANDIN PASS" in said and "nothing of it reaches the disks" in said and "Ctrl-A X ends it" in said, said
    assert payloads.read_at(image, 0, len(before)) == before


def text_of(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
