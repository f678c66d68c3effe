# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot-144.img starts from drive A: and, in ldmboot-floppy.iso, from a CD that the BIOS shows as that drive; it reads its
ldmboot.cfg there by AH=02 and leaves the drive alone. Bad sectors: tried again, then said by number. (Drive A: of Bochs:
test_second_bios.py.)"""
import pytest

from support import boots, bootmgr, disks, media, uefi
from support.caller import BUFFERS, CallerMachine, Registers
from support.harness import Disk, Machine

TRACK, STAGE2, RESERVED = 18, 8, 168            # sectors: of a track, before stage 2, before the FAT
THIRD_TRACK = 2 * TRACK + 4
READ, GEOMETRY, TYPE = 0x0200, 0x0800, 0x1500
DRIVE_COUNT = 0x475                             # 40:75 (Ralf Brown's MEMORY.LST): how many hard disks the BIOS has
COMPLAINED_OF = "timeout = 0\ncolour = blue\n"    # shows that the file was read


@pytest.fixture(scope="module")
def floppy(built, tmp_path_factory):
    return disks.floppy(tmp_path_factory.mktemp("floppy") / "floppy.img", COMPLAINED_OF)


def starts(image, drives, extra=()):
    """The half is the only hard disk, has the first one's number, and Windows's loader finds no other."""
    with Machine([*drives, Disk(image, "ahci", boot=1)], extra=extra) as machine:
        boots.wait_for_boot(machine, [image], 0x80)
        assert '"colour"' in machine.serial, machine.story("ldmboot.cfg was not read")
        boots.wait_for_pass(machine)
        assert machine.memory_at(DRIVE_COUNT, 1) == b"\1"
        return machine.serial


def test_floppy(floppy, volume, tmp_path):
    said = starts(boots.degraded(tmp_path, volume(2003)), [Disk(floppy, "floppy", boot=0)])
    assert "fd00" not in said and "LDM-01" not in said        # nothing of it as of a disk


@pytest.fixture(scope="module")
def iso(built, tmp_path_factory):
    return media.floppy_iso(tmp_path_factory.mktemp("iso") / "floppy.iso", COMPLAINED_OF)


def bad_cd(iso, sector=THIRD_TRACK, once=False):
    """A drive with that CD, of which this sector of the floppy cannot be read."""
    return media.cd(iso, bad_sector=media.floppy_in_iso(iso.read_bytes()) // 512 + sector, once=once)


def test_cd_shown_as_a_floppy_with_an_error_that_goes_away(iso, volume, tmp_path):
    """Read again."""
    starts(boots.degraded(tmp_path, volume(2008)), [], extra=bad_cd(iso, once=True))


def test_error_that_stays(iso):
    """Said by its number on the screen and the serial line; then the next device gets its turn. (Drive A: of QEMU has no
    errors: it makes zeros of them, see below.)"""
    with Machine([], extra=bad_cd(iso)) as machine:
        machine.wait_serial(r"^LDM-0720: the floppy cannot be read (?!00)[0-9A-F]{2}\n")
        machine.wait_screen(r"(?m)^LDM-0720: the floppy cannot be read (?!00)[0-9A-F]{2}$")
        machine.press("ret")
        machine.wait_screen("No bootable device")


def test_drive_a_through_the_hook(floppy, tmp_path):
    """It answers the loader as it did before: what is on it, its geometry, its type."""
    volume = disks.system_volume(tmp_path / "volume.img", 2003, "caller")
    disks.mkldm(tmp_path, boots.DEGRADED, volume=volume, lba=20000)
    drives = [Disk(floppy, "floppy", boot=0), Disk(tmp_path / "Disk2.img", "ahci", boot=1)]
    with CallerMachine(drives, tmp_path / "ram") as machine:
        machine.wait_ready()
        answer = machine.call(Registers(eax=READ | TRACK, ecx=0x0001, edx=0x0100, es=BUFFERS[0] >> 4))
        assert not answer.carry and answer.ah == 0
        track = floppy.read_bytes()[TRACK * 512:2 * TRACK * 512]
        assert machine.ram[BUFFERS[0]:BUFFERS[0] + len(track)] == track
        answer = machine.call(Registers(eax=GEOMETRY))
        assert (answer.carry, answer.ecx & 0xFFFF, answer.edx & 0xFFFF) == (False, 79 << 8 | TRACK, 0x0101)
        assert machine.call(Registers(eax=TYPE)).ah in (1, 2)


# ---------------------------------------------------------------- make check-long

@pytest.mark.long
def test_error_in_the_settings(iso, volume, tmp_path):
    """The defaults count, and that is said."""
    cluster = iso.read_bytes().index(COMPLAINED_OF.encode()) // 512
    image = boots.degraded(tmp_path, volume(2003))
    with Machine([Disk(image, "ahci", boot=1)], extra=media.cd(iso, bad_sector=cluster)) as machine:
        boots.wait_for_boot(machine, [image], 0x80)
        assert "LDM-0750: ldmboot.cfg" in machine.serial
        boots.wait_for_pass(machine)


@pytest.mark.long
@pytest.mark.parametrize("sector", [STAGE2, TRACK, 4 * TRACK, RESERVED - 10])
def test_error_anywhere_in_stage2(sector, iso):
    """In the first track, at a track's beginning, where memory reaches 64 KB, at the end."""
    with Machine([], extra=bad_cd(iso, sector)) as machine:
        machine.wait_serial("LDM-0720: ")


@pytest.mark.long
@pytest.mark.parametrize("sector, said", [(STAGE2, "LDM-0721: "), (THIRD_TRACK, "ldmboot: stage 2 is damaged")])
def test_drive_that_makes_zeros_of_an_error(sector, said, floppy):
    """QEMU's does."""
    with Machine([Disk(floppy, "floppy", boot=0, unreadable=[sector])]) as machine:
        machine.wait_screen(said)


@pytest.mark.long
def test_copy_that_was_cut_off(floppy, tmp_path):
    """QEMU makes zeros of what a shorter file lacks, or takes it for a floppy of 720 KB, whose tracks have no tenth sector."""
    short = tmp_path / "short.img"
    short.write_bytes(floppy.read_bytes()[:737280])
    with Machine([Disk(short, "floppy", boot=0)]) as machine:
        machine.wait_screen("LDM-0720: the floppy cannot be read|ldmboot: stage 2 is damaged")


@pytest.mark.long
@pytest.mark.parametrize("offset, said", [(4, "LDM-0721: there is no ldmboot on it"), (8, "LDM-0721: "), (9, "LDM-0721: ")])
def test_another_floppy_behind_the_boot_sector(offset, said, floppy, tmp_path):
    data = bytearray(floppy.read_bytes())
    data[STAGE2 * 512 + offset] = 0 if offset == 4 else 9
    damaged = tmp_path / "damaged.img"
    damaged.write_bytes(data)
    with Machine([Disk(damaged, "floppy", boot=0)]) as machine:
        machine.wait_serial(said)
        machine.wait_screen(said)


@pytest.mark.long
@pytest.mark.parametrize("offset", [1000, 40000, 78000])
def test_damaged_stage2(offset, floppy, tmp_path):
    data = bytearray(floppy.read_bytes())
    data[STAGE2 * 512 + offset] ^= 0x10
    damaged = tmp_path / "damaged.img"
    damaged.write_bytes(data)
    with Machine([Disk(damaged, "floppy", boot=0)]) as machine:
        machine.wait_screen("ldmboot: stage 2 is damaged")


@pytest.mark.long
def test_no_serial_port(iso):
    with Machine([], extra=bad_cd(iso), has_serial=False) as machine:
        machine.wait_screen("LDM-0720: ")


@pytest.mark.long
def test_drive_for_more(floppy, volume, tmp_path):
    """In a drive for 2.88 MB, of which AH=08 says 36 sectors a track."""
    starts(boots.degraded(tmp_path, volume(2003)), [Disk(floppy, "floppy", boot=0)],
           extra=["-global", "floppy.drive-type=288"])


@pytest.mark.long
def test_ntldr_from_the_floppy(tmp_path, built):
    """It has room for the two files that NTLDR's Windows can lack, and they are read through the drive."""
    disks.mkldm(tmp_path, bootmgr.SERVER, volume=bootmgr.nt_volume(tmp_path / "windows.img"), lba=40000)
    image, floppy = tmp_path / "Disk2.img", disks.floppy(tmp_path / "floppy.img", "timeout = 0\n")
    uefi.put_files(floppy, bootmgr.nt_files(tmp_path / "system", image, 40000, 1), offset=0)
    with Machine([Disk(floppy, "floppy", boot=0), Disk(image, "ahci", boot=1)]) as machine:
        machine.wait_serial("LDM-0647")


@pytest.mark.long
def test_copy_on_a_stick(floppy, built):
    """Not what it is for: a BIOS that shows a stick as a hard disk is told what to say."""
    with Machine([Disk(floppy, "usb", boot=0)]) as machine:
        machine.wait_screen("LDM-072[01]: |ldmboot ")
