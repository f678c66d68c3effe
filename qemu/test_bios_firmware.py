# SPDX-License-Identifier: GPL-2.0-or-later
"""BIOSes that QEMU does not have, played by the fault shim (payloads/shim.asm), loaded first from a floppy."""
import re
import struct

import pytest

from support import boots, menus, payloads
from support.disks import STICK_PARTITION
from support.harness import Disk, Machine, copy_sparse
from support.payloads import A20_OFF, BARE, BLANK, CHANGING, CHS, CLIPPED, CLOBBER, DEAD, EDD, FLAT, HANDED_OVER, LITTLE, \
    EDD_FAILS, FEW, LONG, NO_A20, NO_COUNT, NO_EDD, NO_GEOMETRY, REENTERS, RESERVED, SECTOR, SILENT, TRANSIENT, WRITES


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
@pytest.mark.quick("1", "255")
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
@pytest.mark.quick("neither")
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


# ---------------------------------------------------------------- BIOSes that promise more than they do

@pytest.fixture
def chs_image(tmp_path, volume):
    """The disk ends with a cylinder: AH=02 reaches all of it."""
    return boots.degraded(tmp_path, volume(2003), flags=HANDED_OVER | CHS, more=f"grow Disk2 size={261 * 16 * 63}\n")


@pytest.mark.parametrize("few", [0, 8], ids=["", "few sectors"])
def test_edd_that_is_there_and_fails(few, tmp_path, stick, chs_image):
    """AH=41 says yes, AH=42 fails: AH=02 by the program, and by the hook for whoever asks it by AH=42."""
    with machine(tmp_path, stick, chs_image, flags=EDD_FAILS | (FEW if few else 0), few=few) as guest:
        boots.wait_for_boot(guest, [chs_image], 0x81)
        boots.wait_for_pass(guest)
        assert "LDM-0107" not in guest.serial, guest.story("what was read in the end is called unreadable")


@pytest.mark.parametrize("most", [16, 8, 1])
@pytest.mark.quick("16", "1")
def test_few_sectors_in_one_call(most, tmp_path, stick, image):
    boots_to_standin(tmp_path, stick, image, 0x81, flags=FEW, few=most)


def test_numbers_that_are_all_the_last_disk(tmp_path, stick, image):
    """A BIOS that answers every number beyond with its last disk: one disk, used once and said once."""
    drives = {0x80: 0x80, **{number: 0x81 for number in range(0x81, 0x98)}}
    with machine(tmp_path, stick, image, drives=drives) as guest:
        boots.wait_for_boot(guest, [image], 0x81)
        boots.wait_for_pass(guest)
        assert guest.serial.count("LDM-0110") == 1 and "hd82 and 21 more" in guest.serial


# ---------------------------------------------------------------- the hook

def loader_sector(image):
    return next(payloads.find_mark(image, payloads.MARKS["standin"])) // SECTOR


def test_an_error_that_goes_away(tmp_path, stick, image):
    """A hooked read of a half without a spare is repeated once."""
    boots_to_standin(tmp_path, stick, image, 0x81, flags=TRANSIENT, limit=loader_sector(image) + 3, times=1)


def test_an_error_that_stays(tmp_path, stick, image):
    """Once, not for ever: then it is Windows's."""
    with machine(tmp_path, stick, image, flags=TRANSIENT, limit=loader_sector(image) + 3, times=2) as guest:
        guest.wait_screen("a disk read error occurred")


def test_writes_while_a_read_is_served(tmp_path, stick, image):
    """Interrupts have their own INT 13h, with the BIOS's number of the drive: nothing that writes, and nothing that nobody
    knows, reaches the BIOS, which would do it."""
    with machine(tmp_path, stick, image, flags=WRITES, times=3) as guest:
        boots.wait_for_boot(guest, [image], 0x81)
        boots.wait_for_pass(guest)
        assert guest.serial.count("SHIM: all writes tried") == 3
        assert not re.search("SHIM: (done|came through)", guest.serial), guest.story("a write was let through")


LOW_KIB = 0x413


def test_reserved_memory_inside_usable_memory(tmp_path, stick, image):
    """The hook lies below a reserved entry in the middle of low memory, and what it works with above the other one."""
    with machine(tmp_path, stick, image, flags=RESERVED) as guest:
        boots.wait_for_boot(guest, [image], 0x81)
        guest.wait_serial("STANDIN: (PASS|FAIL)")
        assert guest.word(LOW_KIB) * 1024 <= 0x80000 - 4096
