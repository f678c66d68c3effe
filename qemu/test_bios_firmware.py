# SPDX-License-Identifier: GPL-2.0-or-later
"""BIOSes that QEMU does not have, played by the fault shim (payloads/shim.asm), loaded first from a floppy."""
import struct

import pytest

from support import boots, menus, payloads
from support.disks import STICK_PARTITION
from support.harness import Disk, Machine, copy_sparse
from support.payloads import A20_OFF, BARE, BLANK, CHANGING, CHS, CLIPPED, CLOBBER, DEAD, EDD, FLAT, HANDED_OVER, LITTLE, \
    LONG, NO_A20, NO_COUNT, NO_EDD, NO_GEOMETRY, REENTERS, SECTOR, SILENT


def machine(tmp_path, stick, *images, stick_bus="usb", stick_first=True, **shim):
    """A machine that starts the stick through the shim; images follow on AHCI in this order."""
    floppy = Disk(payloads.shim_floppy(tmp_path / "floppy.img", **shim), "floppy", boot=0)
    stick = Disk(stick, stick_bus, boot=1 if stick_first else 9)
    return Machine([floppy, stick] + [Disk(image, "ahci", boot=2 + n) for n, image in enumerate(images)])


# Without EDD a BIOS reads by AH=02, and QEMU's USB disks with SeaBIOS have no geometry for it (64
# sectors per track, which AH=08 cannot say): the stick is on IDE then.
CHS_STICK = "ide"


def boots_to_standin(tmp_path, stick, image, drive, **shim):
    with machine(tmp_path, stick, image, **shim) as guest:
        boots.wait_for_boot(guest, [image], drive)
        boots.wait_for_pass(guest)


@pytest.fixture
def image(tmp_path, volume):
    return boots.degraded(tmp_path, volume(2003), flags=HANDED_OVER | CHS)


@pytest.fixture
def halves(tmp_path, volume):
    """Both disks of a mirror, whichever starts."""
    boots.disks.mkldm(tmp_path, boots.BOTH_HALVES, volume=volume(2003), lba=20000)
    images = [tmp_path / "Disk1.img", tmp_path / "Disk2.img"]
    for file, lba in zip(images, (63, 20000)):
        boots.expect(file, lba)
    return images


def test_shim_without_faults(tmp_path, stick, image):
    boots_to_standin(tmp_path, stick, image, 0x81)


def test_stick_is_second_disk(tmp_path, stick, image):
    boots_to_standin(tmp_path, stick, image, 0x80, flags=BARE, stick_first=False, stick_drive=0x81, start_dl=0x81)


@pytest.mark.parametrize("dl", [0x00, 0x01, 0x81, 0x90, 0xFF])
def test_wrong_boot_drive(dl, tmp_path, stick, image):
    boots_to_standin(tmp_path, stick, image, 0x81, start_dl=dl)


def test_stick_shown_as_floppy(tmp_path, stick, image):
    boots_to_standin(tmp_path, stick, image, 0x80, stick_bus=CHS_STICK, floppy=0x80, start_dl=0, drives={0x80: 0x81},
                     victim=0x80)


def test_no_edd(tmp_path, stick, volume):
    """The disk is a little longer than Windows had it: AH=08 hides the last cylinder, where the metadata would be."""
    image = boots.degraded(tmp_path, volume(2003), flags=(HANDED_OVER | CHS) & ~(EDD | FLAT),
                           more="grow Disk2 size=264160\n")
    boots_to_standin(tmp_path, stick, image, 0x81, stick_bus=CHS_STICK, flags=NO_EDD)


@pytest.mark.parametrize("flags", [NO_GEOMETRY, NO_COUNT, NO_GEOMETRY | NO_COUNT],
                         ids=["no geometry", "no count", "neither"])
def test_nonsense_of_function_08(flags, tmp_path, stick, image):
    boots_to_standin(tmp_path, stick, image, 0x81, flags=flags)


def test_clobbered_registers(tmp_path, stick, image):
    boots_to_standin(tmp_path, stick, image, 0x81, flags=CLOBBER)


def test_int13_that_calls_int13(tmp_path, stick, image):
    """Its own calls, with its own number of the drive, come through the hook again: they are not for the hook."""
    boots_to_standin(tmp_path, stick, image, 0x81, flags=REENTERS)


def test_a20_is_off_after_calls(tmp_path, stick, image):
    boots_to_standin(tmp_path, stick, image, 0x81, flags=A20_OFF)


def test_answers_longer_than_asked_for(tmp_path, stick, image):
    boots_to_standin(tmp_path, stick, image, 0x81, flags=LONG)


def test_24_drives(tmp_path, stick, image):
    """The dynamic disk is the last of 24; between it and the stick lie empty ones."""
    drives = {0x80: 0x80, **{number: BLANK for number in range(0x81, 0x97)}, 0x97: 0x81}
    boots_to_standin(tmp_path, stick, image, 0x97, drives=drives)


@pytest.mark.parametrize("flags, code", [(SILENT, "0102"), (DEAD, "0101")], ids=["silent", "dead"])
def test_bad_disk_is_passed_over(flags, code, tmp_path, stick, halves):
    """The first half's disk delivers nothing, one way or the other: the second half starts."""
    drives = {0x80: 0x80, 0x81: 0x81, 0x82: 0x82}
    with machine(tmp_path, stick, *halves, flags=flags, victim=0x81, drives=drives) as guest:
        boots.wait_for_boot(guest, halves[1:], 0x82)
        boots.wait_for_pass(guest)
        assert f"LDM-{code}" in guest.serial


def test_clipped_disk(tmp_path, stick, image):
    """The end of the disk, where the metadata lies, is out of the BIOS's reach: said, not guessed."""
    with machine(tmp_path, stick, image, flags=CLIPPED, limit=150000) as guest:
        boots.gives_up(guest, "0103")
        assert "LDM-0309" in guest.serial, guest.story("not named as clipped")


def test_clipped_disk_beside_a_good_one(tmp_path, stick, halves):
    """The database out of reach may be the newer one: a person has to say that the other half is the right one."""
    drives = {0x80: 0x80, 0x81: 0x81, 0x82: 0x82}
    with machine(tmp_path, stick, *halves, flags=CLIPPED, limit=150000, drives=drives) as guest:
        assert "LDM-0520" in menus.wait_list(guest)
        menus.choose(guest, "Volume1-02", menus.by_keyboard(guest))
        fields = boots.parse_boot_line(guest.wait_serial(r"^(LDM-BOOT .*)\n")[1])
        assert (fields["component"], fields["drive"], fields["lba"]) == ("Volume1-02", "82", "20000")
        boots.wait_for_pass(guest)


def refuses(guest, number):
    """Said before there is a console of ours, on the BIOS's screen; nothing starts."""
    guest.wait_screen(rf"LDM-{number}: ")
    assert not boots.boot_lines(guest.serial)


def test_too_little_low_memory(tmp_path, stick, image):
    with machine(tmp_path, stick, image, flags=LITTLE) as guest:
        refuses(guest, "0621")


STAGE2 = STICK_PARTITION + 8 * SECTOR     # bios/memory.h; its header: bios/entry.asm
STAGE2_SECTORS, STAGE2_SUM = 8, 12
A20_CODE = 1024                           # it lies in the first 1024 bytes


def without_a20_gates(source, target):
    """A stick whose stage 2 writes to port EDh instead of 60h, 64h and 92h: QEMU cannot have these switch nothing."""
    copy_sparse(source, target)
    sectors, = struct.unpack("<H", payloads.read_at(target, STAGE2 + STAGE2_SECTORS, 2))
    code = payloads.read_at(target, STAGE2, sectors * SECTOR)
    start = code[:A20_CODE]
    for port in (0x60, 0x64, 0x92):
        out = bytes([0xE6, port])
        assert out in start
        start = start.replace(out, b"\xE6\xED")
    code = bytearray(start + code[A20_CODE:])
    struct.pack_into("<I", code, STAGE2_SUM, 0)
    struct.pack_into("<I", code, STAGE2_SUM, -payloads.sum32(code) & 0xFFFFFFFF)
    payloads.write_at(target, STAGE2, bytes(code))
    return target


def test_an_a20_line_that_stays_off(tmp_path, stick, image):
    stick = without_a20_gates(stick, tmp_path / "no-a20.img")
    with machine(tmp_path, stick, image, flags=NO_A20) as guest:
        refuses(guest, "0620")


def test_a_boot_sector_that_changes(tmp_path, stick, image):
    """What was read for the plan is not what the hook reads: not started."""
    with machine(tmp_path, stick, image, flags=CHANGING, limit=20000) as guest:
        boots.gives_up(guest, "0624")
