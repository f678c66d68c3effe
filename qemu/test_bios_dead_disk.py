# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows's loaders look volumes up by names that were given while both disks lived: partition(N) of boot.ini,
signature and offset in the boot store. They find the surviving half, and what else is there."""
import re
import struct

import pytest

from support import boots, disks, payloads
from support.harness import BUILD, Disk, Machine
from support.payloads import CHS, HANDED_OVER, SECTOR

hivex = pytest.importorskip("hivex")

LBA = 20000                       # of the surviving half
DEAD_SIGNATURE = 0x0DEAD001
DEAD_OFFSET = 63 * SECTOR         # where the other half was
HERE = 0x1234ABCD                 # boots.DEGRADED
OTHER = 0x0BADCAFE
OTHER_LBA = 2048
LOADER_OBJECT = 0x10200003
BINARY, DWORD = 3, 4


def put(volume, name, content, folder):
    file = folder / "content"
    file.write_bytes(content)
    disks.run("ntfscp", "-f", volume, file, name)


def volume_with(tmp_path, flavour, name, content):
    """A bootable volume of its own for this test, with a file in it."""
    volume = disks.system_volume(tmp_path / "volume.img", flavour)
    put(volume, name, content, tmp_path)
    return volume


def device(signature, offset):
    return struct.pack("<16xIIIIQQIII", 6, 0, 0x48, 0, offset, 0, 0, 1, signature).ljust(0x58, b"\0")


def store(path, title="Volume1"):
    """A boot store whose default entry names the dead disk, twice."""
    disks.run(BUILD / "tests/bootfiles", "store", path, "mbr", hex(DEAD_SIGNATURE), str(DEAD_OFFSET), "exe", title)
    return path


def add_entry(path, element):
    """One more OS loader, as a server that starts two Windows has it."""
    h = hivex.Hivex(str(path), write=True)
    objects = h.node_get_child(h.root(), "Objects")
    entry = h.node_add_child(objects, "{11111111-2222-3333-4444-555555555555}")
    description = h.node_add_child(entry, "Description")
    h.node_set_value(description, {"key": "Type", "t": DWORD, "value": struct.pack("<I", LOADER_OBJECT)})
    h.node_set_value(h.node_add_child(h.node_add_child(entry, "Elements"), "11000001"),
                     {"key": "Element", "t": BINARY, "value": element})
    h.commit(None)


def torn_store(path):
    """A store in which an offset lies across the end of a sector: the title's length moves it there."""
    for length in range(1, 250):
        data = store(path, "x" * length).read_bytes()
        at = [n for n in range(len(data)) if data.startswith(device(DEAD_SIGNATURE, DEAD_OFFSET), n)]
        if any((n + 0x20) % SECTOR > SECTOR - 8 for n in at):
            return path
    raise AssertionError("no title does it")


def elements(image, wanted, drive, start):
    """The device elements of a disk image that read `wanted`, for the stand-in. They are in one run of sectors."""
    data = image.read_bytes()
    found, at = [], data.find(wanted)
    while at >= 0:
        first = min(len(wanted), SECTOR - at % SECTOR)
        pieces = [(at // SECTOR, at % SECTOR, first)]
        if first < len(wanted):
            pieces.append((at // SECTOR + 1, 0, len(wanted) - first))
        found.append(payloads.Element(pieces, drive, start))
        at = data.find(wanted, at + 1)
    return found


def boot_to_standin(stick, images, drive=0x81):
    with Machine([Disk(stick, "usb", boot=0)] + [Disk(i, "ahci", boot=1 + n) for n, i in enumerate(images)]) as guest:
        boots.wait_for_boot(guest, images, drive)
        boots.wait_for_pass(guest)
        return guest.serial


@pytest.mark.parametrize("partition", [2, 4])
def test_partition_number(partition, stick, tmp_path):
    """The server had a vendor's partition first: boot.ini says so, and the loader counts to it."""
    text = disks.BOOT_INI.read_text().replace("partition(1)", f"partition({partition})")
    volume = volume_with(tmp_path, 2003, "boot.ini", text.encode())
    image = boots.degraded(tmp_path, volume, LBA)
    boots.expect(image, LBA, flags=HANDED_OVER | CHS, partition=partition, partition_lba=LBA)
    boot_to_standin(stick, [image])


def test_windows_on_another_volume(stick, tmp_path):
    """boot.ini's partition(1) is the volume with Windows; the one with the loader is another entry."""
    volume = volume_with(tmp_path, 2003, "boot.ini", disks.BOOT_INI.read_bytes())
    windows = tmp_path / "windows.img"
    disks.run(BUILD / "mkvolume", "-s", 40960 * SECTOR, "-p", str(LBA), windows, "WINDOWS/system32/")
    image = boots.degraded(tmp_path, volume, LBA, more=f"""
volume Volume2 hint=D: size=40960
  component Volume2-01
    partition Disk2-02 disk=Disk2 lba=110000 size=40960
content Volume2-01 file={windows}
""")
    boots.expect(image, LBA, partition=1, partition_lba=110000)
    boot_to_standin(stick, [image])


@pytest.mark.parametrize("torn", [False, True], ids=["whole", "torn"])
def test_store_names_the_dead_disk(torn, stick, tmp_path):
    bcd = torn_store(tmp_path / "BCD") if torn else store(tmp_path / "BCD")
    volume = volume_with(tmp_path, 2008, "Boot/BCD", bcd.read_bytes())
    image = boots.degraded(tmp_path, volume, LBA)
    wanted = elements(image, device(DEAD_SIGNATURE, DEAD_OFFSET), 0x80, LBA)
    assert len(wanted) == 2
    boots.expect(image, LBA, elements=wanted)
    assert "LDM-0540" in boot_to_standin(stick, [image])


TWO_MIRRORS = f"""
group Server-Dg0 transaction=61
disk Disk1 table=mbr size=144M signature={DEAD_SIGNATURE:#x}
disk Disk2 table=mbr size=144M signature={HERE:#x}
volume Volume1 hint=S: size=81920 flags=system
  component Volume1-01
    partition Disk1-01 disk=Disk1 lba=63
  component Volume1-02
    partition Disk2-01 disk=Disk2 lba={LBA}
volume Volume2 hint=C: size=40960 flags=boot
  component Volume2-01
    partition Disk1-02 disk=Disk1 lba=150000
  component Volume2-02
    partition Disk2-02 disk=Disk2 lba=160000
content Volume1 file=$volume
content Volume2 file=$windows
on Disk1: change group transaction=60 sequence=4
"""


def test_store_names_a_disk_that_was_away(stick, tmp_path):
    """System Reserved and C: are mirrored; the store names C: on the disk that missed the last transaction. Its half is
    out of date: the name is answered with the other one's, and nobody is asked."""
    bcd = tmp_path / "BCD"
    disks.run(BUILD / "tests/bootfiles", "store", bcd, "mbr", hex(DEAD_SIGNATURE), str(150000 * SECTOR), "exe", "Volume2")
    volume = volume_with(tmp_path, 2008, "Boot/BCD", bcd.read_bytes())
    windows = tmp_path / "windows.img"
    disks.run(BUILD / "mkvolume", "-s", 40960 * SECTOR, "-p", "160000", windows, "Windows/System32/winload.exe=" + str(disks.BOOT_INI))
    disks.mkldm(tmp_path, TWO_MIRRORS, volume=volume, windows=windows)
    image = tmp_path / "Disk2.img"
    wanted = elements(image, device(DEAD_SIGNATURE, 150000 * SECTOR), 0x80, 160000)
    assert len(wanted) == 2
    boots.expect(image, LBA, elements=wanted)
    assert "LDM-0540" in boot_to_standin(stick, [tmp_path / "Disk1.img", image], drive=0x82)


def test_store_names_the_dead_disk_inside_of_another_device(stick, tmp_path):
    """The recovery environment: a RAM disk made from a file on the dead disk's partition."""
    inner = device(DEAD_SIGNATURE, DEAD_OFFSET)[0x10:]
    ramdisk = struct.pack("<16sIIII", b"options" * 2, 0, 0, 0xC0, 0) + struct.pack("<IQQI", 3, 0, 0, 0)
    ramdisk += struct.pack("<III", 5, 1, 0x90) + inner + "\\Recovery\\Winre.wim\0".encode("utf-16-le")
    bcd = store(tmp_path / "BCD")
    add_entry(bcd, ramdisk)
    volume = volume_with(tmp_path, 2008, "Boot/BCD", bcd.read_bytes())
    image = boots.degraded(tmp_path, volume, LBA)
    at = ramdisk.index(inner) - 0x10
    wanted = elements(image, device(DEAD_SIGNATURE, DEAD_OFFSET), 0x80, LBA)
    wanted += elements(image, ramdisk[at:at + 0x58], 0x80, LBA)
    assert len(wanted) == 3
    boots.expect(image, LBA, elements=wanted)
    assert "LDM-0540" in boot_to_standin(stick, [image])


def test_store_names_a_present_disk_too(stick, tmp_path):
    """Its entry stays as it is, and its disk is seen as 81h; a third disk is not."""
    bcd = store(tmp_path / "BCD")
    add_entry(bcd, device(OTHER, OTHER_LBA * SECTOR))
    volume = volume_with(tmp_path, 2008, "Boot/BCD", bcd.read_bytes())
    image = boots.degraded(tmp_path, volume, LBA, more=f"""
disk Other size=16M dynamic=no signature={OTHER:#x}
entry Other start={OTHER_LBA} size=4096 type=0x07
disk Third size=16M dynamic=no signature=0x33333333
entry Third start={OTHER_LBA} size=4096 type=0x07
""")
    wanted = elements(image, device(DEAD_SIGNATURE, DEAD_OFFSET), 0x80, LBA)
    wanted += elements(image, device(OTHER, OTHER_LBA * SECTOR), 0x81, OTHER_LBA)
    assert len(wanted) == 3
    boots.expect(image, LBA, drives=2, elements=wanted)
    boot_to_standin(stick, [tmp_path / "Third.img", image, tmp_path / "Other.img"], drive=0x82)


def test_sector0_starts_without_ldmboot(volume, tmp_path):
    """With the sector 0 that ldmboot-inspect makes, put by the commands it prints, the BIOS starts the volume alone.
    (A volume of 2003 would need a BIOS with the geometry of its boot sector as well.)"""
    disks.mkldm(tmp_path, boots.DEGRADED.replace("signature", "sector0=$mbr signature"),
                volume=volume(2008), lba=63, mbr=BUILD / "bios/mbr.bin")
    image = tmp_path / "Disk2.img"
    with Machine([Disk(image, "ahci", boot=0)]) as guest:       # without it there is no active entry
        guest.wait_screen("No bootable device|no active|not bootable|LDM-")
        assert "STANDIN" not in guest.serial
    done = disks.run(BUILD / "ldmboot-inspect", "--sector0", tmp_path / "new", image)
    for command in re.findall(r"^    (dd .*)$", done.stdout, re.M)[:2]:
        disks.run("sh", "-c", command)
    with Machine([Disk(image, "ahci", boot=0)]) as guest:
        guest.wait_serial("STANDIN: started")
