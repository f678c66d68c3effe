# SPDX-License-Identifier: GPL-2.0-or-later
"""Sectors that cannot be read (blkdebug), on one half of a mirror or on both: what the other half can deliver is
delivered, and what nobody can deliver is an error, never something else."""
import re

import pytest

from support import boots, disks, payloads, uefi
from support.harness import BUILD, Disk, Machine
from support.nbd import CMD_READ, SilentDisk
from support.payloads import CHS, HANDED_OVER, SECTOR
from test_bios_disks import PRIVHEAD, machine
from test_uefi_boot import server
from test_uefi_damage import sector_of
from support.winload import winload

LBA = 20000
FIRST_TOCBLOCK = 128 * 2048 - 2048 + 1    # mkldm's disks of 128 MiB: the private region is the last MiB


# ---------------------------------------------------------------- BIOS: the resident hook

@pytest.fixture
def halves(tmp_path, volume):
    """Both disks of a mirror, equal but for their names; the stand-in expects to be started from the first one."""
    disks.mkldm(tmp_path, boots.BOTH_HALVES.replace("lba=63", "lba=$lba"), volume=volume(2003), lba=LBA)
    images = [tmp_path / "Disk1.img", tmp_path / "Disk2.img"]
    for image in images:
        boots.expect(image, LBA, flags=HANDED_OVER | CHS)
    return images


def loader_sector(image):
    return next(payloads.find_mark(image, payloads.MARKS["standin"])) // SECTOR


def two_disks(stick, images, *unreadable):
    return Machine([Disk(stick, "usb", boot=0)] +
                   [Disk(image, "ahci", boot=1 + n, unreadable=bad)
                    for n, (image, bad) in enumerate(zip(images, unreadable))])


def test_each_half_is_bad_where_the_other_is_good(halves, tmp_path):
    """Copies of the metadata, the boot sector, the loader. Nine bad sectors in a row: the hook asks the other half
    first from then on, until that one fails too."""
    stick = disks.stick(tmp_path / "stick.img", "timeout = 0\ncomponent = Volume1-01\n")
    loader = loader_sector(halves[0])
    known = boots.last_used(halves[0], LBA, disks.VOLUME_SECTORS)
    first = [PRIVHEAD, FIRST_TOCBLOCK, LBA, *range(loader + 1, loader + 10), known]
    with two_disks(stick, halves, first, [loader + 10]) as guest:
        boots.wait_for_pass(guest)
        fields = boots.parse_boot_line(boots.boot_lines(guest.serial)[0])
        assert (fields["component"], fields["drive"], fields["lba"]) == ("Volume1-01", "81", str(LBA))
        assert "LDM-0101" in guest.serial
        assert "LDM-0515" not in guest.serial, guest.story("the spare boot sector was not needed")


def test_the_half_with_fewer_errors_starts(stick, halves):
    with two_disks(stick, halves, [LBA], []) as guest:
        guest.wait_serial(r"^LDM-BOOT .*\n")
        assert boots.parse_boot_line(boots.boot_lines(guest.serial)[0])["component"] == "Volume1-02"


def test_a_sector_that_both_halves_lost_is_an_error(stick, halves):
    bad = loader_sector(halves[0]) + 5
    with two_disks(stick, halves, [bad], [bad]) as guest:
        guest.wait_screen("a disk read error occurred")


def test_the_only_halfs_error_goes_to_windows(stick, tmp_path, volume):
    image = boots.degraded(tmp_path, volume(2008))
    with machine(stick, image, unreadable=[loader_sector(image) + 5]) as guest:
        guest.wait_screen("a disk read error occurred")


def test_windows_on_another_volume_has_its_other_half_too(stick, volume, tmp_path):
    """boot.ini names a volume beside the loader's, which is mirrored as well; sectors of both are bad on the first disk,
    and for Windows's the same boot sector is put right on whichever half it comes from."""
    windows_lba, windows_sectors = 110000, 40960
    windows = tmp_path / "windows.img"
    disks.run(BUILD / "mkvolume", "-s", windows_sectors * SECTOR, "-p", str(LBA), windows, "WINDOWS/system32/")
    disks.mkldm(tmp_path, boots.BOTH_HALVES.replace("lba=63", "lba=$lba") + f"""
volume Volume2 hint=D: size={windows_sectors}
  component Volume2-01
    partition Disk1-02 disk=Disk1 lba={windows_lba} size={windows_sectors}
  component Volume2-02
    partition Disk2-02 disk=Disk2 lba={windows_lba + 8} size={windows_sectors}
content Volume2 file={windows}
""", volume=volume(2003), lba=LBA)
    images = [tmp_path / "Disk1.img", tmp_path / "Disk2.img"]
    known = windows_lba + boots.last_used(windows, 0, windows_sectors)
    loader = loader_sector(images[0])
    payloads.expect(images[0], payloads.Expect(LBA, disks.VOLUME_SECTORS, flags=HANDED_OVER | CHS, partition=1,
                                               partition_lba=windows_lba,
                                               known=[boots.known_sector(images[0], known)]))
    config = disks.stick(tmp_path / "stick.img", "timeout = 0\ncomponent = Volume1-01\n")
    with two_disks(config, images, [loader + 1, windows_lba, known], []) as guest:
        fields = boots.parse_boot_line(guest.wait_serial(r"^(LDM-BOOT .*)\n")[1])
        assert fields["component"] == "Volume1-01"
        boots.wait_for_pass(guest)


# A mirrored system volume that was extended onto a third disk; the disk of the other half is dead.
EXTENDED = """
define size 128M
group Server-Dg0 transaction=40
disk Disk1 size=128M missing=yes
disk Disk2 table=mbr size=$size signature=0x1234ABCD
disk Disk3 table=mbr size=$size signature=0x33333333
volume Volume1 hint=C: size=81920 flags=boot,system
  component Volume1-01
    partition Disk1-01 disk=Disk1 lba=63 size=81920
  component Volume1-02
    partition Disk3-01 disk=Disk3 lba=20000 size=1000
    partition Disk2-01 disk=Disk2 lba=63 size=80920
content Volume1-02 file=$volume
"""


def test_a_half_on_two_disks(stick, volume, tmp_path):
    """The loader and its files lie on the second disk; Windows sees one disk with the volume in one piece, and the
    second disk behind it."""
    disks.mkldm(tmp_path, EXTENDED, volume=volume(2003))
    images = [tmp_path / "Disk2.img", tmp_path / "Disk3.img"]
    for image in images:
        if any(payloads.find_mark(image, payloads.MARKS["standin"])):
            payloads.expect(image, payloads.Expect(20000, disks.VOLUME_SECTORS, drives=2, flags=CHS | payloads.EDD))
    with two_disks(stick, images, [], []) as guest:
        fields = boots.wait_for_boot(guest, images, drive=0x82)
        assert fields["extents"] == "2"
        boots.wait_for_pass(guest)


# ---------------------------------------------------------------- UEFI: the published partition

def uefi_mirror(folder, volume):
    """The first half begins where a GPT entry does, the second one does not: both kinds of published partition."""
    disks.mkldm(folder, disks.DESCRIPTIONS / "two-halves-uefi.ldm", volume=volume)
    return [folder / "Disk1.img", folder / "Disk2.img"]


# OVMF's AHCI driver answers success for such a sector and leaves the buffer as it was; its NVMe driver says so.
# With everything connected the firmware has a handle of its own for the first half.
@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
@pytest.mark.parametrize("bus, only_stick", [("ahci", True), ("nvme", True), ("nvme", False)],
                         ids=["ahci", "nvme", "nvme-the-firmwares"])
@pytest.mark.quick("ahci", "nvme-the-firmwares")
def test_uefi_each_half_is_bad_where_the_other_is_good(bus, only_stick, tmp_path, stick, windows):
    images = uefi_mirror(tmp_path, windows())
    manager, loader = uefi.standin().read_bytes(), winload()
    pieces = [[manager[4096:4608], loader[512 * 1000:512 * 1001]], [loader[512 * 1400:512 * 1401]]]
    bad = [[sector_of(image, piece) for piece in those] for image, those in zip(images, pieces)]
    with uefi.UefiMachine([Disk(stick, "usb", boot=0 if only_stick else None)] +
                          [Disk(image, bus, unreadable=those) for image, those in zip(images, bad)]) as guest:
        assert uefi.check_boot(guest, images, guest.wait_verdict())["component"] == "Volume1-01"
        assert ("of the firmware's own" in guest.serial) == (not only_stick)


UEFI_EXTENDED = """
group Dg0 version=2.12
disk Disk1 table=gpt size=200M missing=yes
disk Disk2 table=gpt size=200M
disk Disk3 table=gpt size=200M
volume Volume1 hint=C: flags=boot size=48M
  component Volume1-01
    partition Disk1-01 disk=Disk1
  component Volume1-02
    partition Disk3-01 disk=Disk3 size=20M
    partition Disk2-01 disk=Disk2 size=28M
content Volume1 file=$volume
"""


@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
def test_uefi_a_half_on_two_disks(tmp_path, stick, windows):
    images = [server(tmp_path, windows(), UEFI_EXTENDED), tmp_path / "Disk3.img"]
    with uefi.start(stick, images) as guest:
        assert uefi.check_boot(guest, images, guest.wait_verdict())["extents"] == "2"


def test_a_configuration_that_cannot_be_read(halves, tmp_path):
    """It chooses the second half, but nobody learns that: the defaults count, and that is said."""
    config = "timeout = 0\ncomponent = Volume1-02\n"
    stick = disks.stick(tmp_path / "stick.img", config)
    sector = stick.read_bytes().index(config.encode()) // SECTOR
    with Machine([Disk(stick, "usb", boot=0, unreadable=[sector])] +
                 [Disk(image, "ahci", boot=1 + n) for n, image in enumerate(halves)]) as guest:
        guest.wait_serial(r"^LDM-0750: ldmboot.cfg: .*\n")
        fields = boots.parse_boot_line(guest.wait_serial(r"^(LDM-BOOT .*)\n")[1])
        assert fields["component"] == "Volume1-01"


# ---------------------------------------------------------------- disks that fail in places, and disks that hang

HOLE = range(0, 8)      # a physical sector of 4 KiB: sector 0 and the first PRIVHEAD


@pytest.mark.parametrize("hole", [HOLE, range(64)], ids=["8 sectors", "64 sectors"])
@pytest.mark.quick("8 sectors")
def test_the_front_of_the_only_half_is_lost(stick, tmp_path, volume, hole):
    """The metadata at the end of the disk says all; what was not asked for is not called unreadable."""
    image = boots.degraded(tmp_path, volume(2003), flags=0)
    with machine(stick, image, unreadable=list(hole)) as guest:
        fields = boots.parse_boot_line(guest.wait_serial(r"^(LDM-BOOT .*)\n")[1])
        assert (fields["component"], fields["lba"]) == ("Volume1-02", "20000")
        guest.wait_serial(r"STANDIN: (PASS|FAIL)")
        assert "LDM-0108" not in guest.serial and "LDM-0109" not in guest.serial, guest.story("given up")
        unreadable = {int(n) for n in re.findall(r"^LDM-0101: .* at sector (\d+)", guest.serial, re.M)}
        assert unreadable <= set(hole), guest.story("sectors that are not bad are called unreadable")


def test_unused_slots_of_the_database_are_lost(stick, tmp_path, volume):
    image = boots.degraded(tmp_path, volume(2003))
    unused = FIRST_TOCBLOCK + 200
    with machine(stick, image, unreadable=list(range(unused, unused + 8))) as guest:
        boots.wait_for_boot(guest, [image], drive=0x81)
        boots.wait_for_pass(guest)


def silent_disk(image):
    return Disk(image, "ahci", boot=1, silent=SilentDisk(image.stat().st_size))


def test_a_disk_that_hangs_costs_two_waits(halves, tmp_path, stick):
    """The first half's disk is there and answers no read. Firmware waits long for each: so it is asked for its beginning and
    its end, which is said, and then the other half starts."""
    first = silent_disk(halves[0])
    with Machine([Disk(stick, "usb", boot=0), first, Disk(halves[1], "ahci", boot=2)]) as guest:
        guest.wait_serial(r"^hd81 did not answer for \d+ s. Waiting for it again")
        fields = boots.parse_boot_line(guest.wait_serial(r"^(LDM-BOOT .*)\n")[1])
        assert (fields["component"], fields["drive"]) == ("Volume1-02", "82")
        assert "LDM-0109: hd81" in guest.serial
        assert not re.search(r"hd81.* at sector", guest.serial), guest.story("sectors that were not asked for")
        boots.wait_for_pass(guest)
        assert first.silent.requests.count(CMD_READ) <= 2


def test_a_key_goes_on_without_a_disk_that_hangs(halves, tmp_path, stick):
    first = silent_disk(halves[0])
    with Machine([Disk(stick, "usb", boot=0), first, Disk(halves[1], "ahci", boot=2)]) as guest:
        guest.wait_serial(r"^reading hd81 ")
        guest.type_serial("x")
        guest.wait_serial(r"^LDM-BOOT .*\n")
        assert first.silent.requests.count(CMD_READ) == 1
