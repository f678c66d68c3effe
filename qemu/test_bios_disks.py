# SPDX-License-Identifier: GPL-2.0-or-later
"""Which disks are there, in which state: what starts, what is said, and what happens when nothing can start."""
import re

import pytest

from support import boots, disks, menus, payloads
from support.harness import Disk, Machine
from support.payloads import CHS, HANDED_OVER

PRIVHEAD = 6        # LBA of the first copy on an MBR disk
DRIVE_COUNT = 0x475 # 40:75 (Ralf Brown's MEMORY.LST): how many hard disks the BIOS has


@pytest.fixture
def other(tmp_path):
    """What is not a dynamic disk but can be started: it says so."""
    image = tmp_path / "other.img"
    data = bytearray(payloads.payload("other").ljust(payloads.FLOPPY_BYTES, b"\0"))
    data[510:512] = b"\x55\xaa"
    image.write_bytes(data)
    return image


def machine(stick, *images, **disk_options):
    """The stick first; each image is a disk on AHCI, in this order."""
    return Machine([Disk(stick, "usb", boot=0)] +
                   [Disk(image, "ahci", boot=1 + n, **disk_options) for n, image in enumerate(images)])


def test_both_halves(stick, volume, tmp_path):
    """Two good halves are no question: one starts, the other is not shown to Windows, and is named."""
    disks.mkldm(tmp_path, boots.BOTH_HALVES, volume=volume(2003), lba=20000)
    images = [tmp_path / "Disk1.img", tmp_path / "Disk2.img"]
    for image, lba in zip(images, (63, 20000)):
        boots.expect(image, lba, flags=HANDED_OVER | CHS)
    plan = boots.inspect(images)["plan"]
    with machine(stick, *images) as guest:
        boots.wait_for_boot(guest, images, drive=0x81 + images.index(type(images[0])(plan["path"])))
        boots.wait_for_pass(guest)
        assert "LDM-0512" in guest.serial


def test_disk_beside_others(stick, volume, other, tmp_path):
    """The half is on the second of two disks; the other one is foreign. The BIOS's own count of drives stays as it was."""
    image = boots.degraded(tmp_path, volume(2008))
    with machine(stick, other, image) as guest:
        boots.wait_for_boot(guest, [other, image], drive=0x82)
        boots.wait_for_pass(guest)
        assert guest.memory_at(DRIVE_COUNT, 1) == bytes([3])


@pytest.mark.parametrize("damage", ["zero", "random", "flip"])
@pytest.mark.quick("random")
def test_damaged_first_privhead(damage, stick, volume, tmp_path):
    """The copies at the end of the disk serve."""
    image = boots.degraded(tmp_path, volume(2003), more=f"damage Disk2 at=privhead1 how={damage}\n")
    boots.boots_to_standin(stick, image)


def test_unreadable_first_privhead(stick, volume, tmp_path):
    image = boots.degraded(tmp_path, volume(2003))
    with machine(stick, image, unreadable=[PRIVHEAD]) as guest:
        guest.wait_serial(r"^LDM-BOOT .*\n")
        assert "LDM-0101" in guest.serial
        boots.wait_for_pass(guest)


def test_damaged_boot_sector(stick, volume, tmp_path):
    """The spare boot sector behind the volume serves, and that is said."""
    image = boots.degraded(tmp_path, volume(2003), more="damage Disk2 at=sector:20000\n")
    with machine(stick, image) as guest:
        boots.wait_for_boot(guest, [image], drive=0x81)
        assert "LDM-0515" in guest.serial


def test_no_dynamic_disk(untouched_stick, other):
    """Nothing to start: after a key the BIOS goes on to its next device, a floppy here."""
    with Machine([Disk(untouched_stick, "usb", boot=0), Disk(other, "ahci", boot=1),
                  Disk(other, "floppy", boot=2)]) as guest:
        boots.gives_up(guest, "0503")
        guest.wait_serial("OTHER: started")


def test_nobody_answers(other, tmp_path):
    """The same without a key, after the time that the configuration gives."""
    stick = disks.stick(tmp_path / "stick.img", "question-timeout = 1\n")
    with Machine([Disk(stick, "usb", boot=0), Disk(other, "floppy", boot=1)]) as guest:
        guest.wait_serial("OTHER: started")
        assert re.search("^LDM-050[23]: ", guest.serial, re.MULTILINE)
        guest.wait_screen("(?s)LDM-050[23]: .*The next boot device is tried after a key or 1 s")      # it stays


def test_no_disk_but_the_stick(untouched_stick):
    with machine(untouched_stick) as guest:
        boots.gives_up(guest, "050[23]")
        guest.wait_screen("No bootable device")


def test_bios_alone_cannot_boot_it(volume, tmp_path):
    """What the whole project is about."""
    image = boots.degraded(tmp_path, volume(2003))
    with Machine([Disk(image, "ahci", boot=0)]) as guest:
        guest.wait_screen("No bootable device")


# ---------------------------------------------------------------- the person decides

TWO_SYSTEM_VOLUMES = """
volume Volume2 hint=D: size=81920 flags=boot,system
  component Volume2-01
    partition Disk2-02 disk=Disk2 lba=110000 size=81920
content Volume2-01 file=$volume
"""


def test_two_system_volumes_are_a_question(untouched_stick, volume, tmp_path):
    """No guess is made: Enter, hit without looking, starts neither; the person wants neither, and the BIOS's next
    device gets its turn."""
    image = boots.degraded(tmp_path, volume(2003), more=TWO_SYSTEM_VOLUMES)
    assert boots.inspect([image], code=3)["plan"]["result"] == "ask"
    with machine(untouched_stick, image) as guest:
        menus.wait_list(guest, "LDM-0507")
        guest.press("ret")
        menus.wait_list(guest, "Select a half first")
        guest.press("b")
        guest.wait_screen(r"No bootable device|Booting from")
        assert not boots.boot_lines(guest.serial)


def test_configuration_chooses(volume, tmp_path):
    """ldmboot.cfg names one of two volumes that are equally likely: no question then."""
    image = boots.degraded(tmp_path, volume(2003), more=TWO_SYSTEM_VOLUMES)
    boots.expect(image, 110000, flags=HANDED_OVER | CHS)
    stick = disks.stick(tmp_path / "stick.img", "timeout = 0\r\nvolume = volume2\r\n")
    with machine(stick, image) as guest:
        fields = boots.parse_boot_line(guest.wait_serial(r"^(LDM-BOOT .*)\n")[1])
        assert (fields["volume"], fields["lba"]) == ("Volume2", "110000")
        boots.wait_for_pass(guest)


def test_key_during_the_countdown(volume, tmp_path):
    """A key stops the countdown and shows what could be started."""
    image = boots.degraded(tmp_path, volume(2003))
    stick = disks.stick(tmp_path / "stick.img", "timeout = 900\n")
    with machine(stick, image) as guest:
        guest.wait_serial("press any key")
        guest.press("spc")
        menus.choose(guest, "Volume1-02", menus.by_keyboard(guest))
        boots.wait_for_boot(guest, [image], drive=0x81)
        boots.wait_for_pass(guest)


def test_key_on_the_serial_line(volume, tmp_path):
    """The same without keyboard and screen."""
    image = boots.degraded(tmp_path, volume(2003))
    stick = disks.stick(tmp_path / "stick.img", "timeout = 900\n")
    with machine(stick, image) as guest:
        guest.wait_serial("press any key")
        guest.type_serial(" ")
        menus.choose(guest, "Volume1-02")
        boots.wait_for_boot(guest, [image], drive=0x81)
        boots.wait_for_pass(guest)


def test_a_disk_that_is_shown_with_other_blocks(stick, volume, tmp_path):
    """It was written in blocks of 512 bytes, and its new controller says 4096: that is the reason, and is said as such."""
    image = boots.degraded(tmp_path, volume(2008))
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "nvme-4k", boot=1)]) as guest:
        boots.gives_up(guest, "0306")
        for other in ("LDM-0303", "LDM-0503", "LDM-0504"):
            assert other not in guest.serial, guest.story(f"{other} is not the reason")


def test_a_disk_that_the_bios_hides(stick, volume, tmp_path):
    """SeaBIOS does not show a virtio disk with blocks of 4096 bytes; what is said leads to UEFI."""
    image = boots.degraded(tmp_path, volume(2008))
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "virtio-4k", boot=1)]) as guest:
        guest.wait_serial("^LDM-0503: .*\n.*4096-byte blocks")
