# SPDX-License-Identifier: GPL-2.0-or-later
"""As many disks as SeaBIOS shows, and a database as large as they come: the boot program's memory is enough."""
from support import boots, disks, payloads
from support.harness import Disk, Machine
from support.payloads import CHS, HANDED_OVER

BIOS_DISKS = 16     # SeaBIOS has no more; the stick is one of them
LAST = BIOS_DISKS - 1


def test_a_group_of_15_disks(stick, volume, tmp_path):
    """The half that is left is on the last one."""
    lines = ["group Server-Dg0", "disk Disk0 size=128M missing=yes"]
    lines += [f"disk Disk{n} table=mbr size=16M" for n in range(1, LAST)] + [f"disk Disk{LAST} table=mbr size=128M"]
    lines += ["volume Volume1 hint=C: size=81920 flags=boot,system"]
    for half, disk in enumerate((0, LAST), 1):
        lines += [f"  component Volume1-0{half}", f"    partition Disk{disk}-01 disk=Disk{disk} lba=63 size=81920"]
    lines += [f"content Volume1-02 file={volume(2003)}"]
    disks.mkldm(tmp_path, "\n".join(lines) + "\n")
    images = [tmp_path / f"Disk{n}.img" for n in range(1, LAST + 1)]
    boots.expect(images[-1], 63, flags=HANDED_OVER | CHS)
    with Machine([Disk(stick, "usb", boot=0)] +
                 [Disk(image, "virtio", boot=1 + n) for n, image in enumerate(images)]) as guest:
        boots.wait_for_boot(guest, images, drive=0x80 + LAST)
        boots.wait_for_pass(guest)


def test_a_database_with_1900_partitions(stick, volume, tmp_path):
    text = (disks.DESCRIPTIONS / "big.ldm").read_text().replace(" boot=ntfs hidden=63", "")
    disks.mkldm(tmp_path, text, volume=volume(2003))
    images = [tmp_path / "Disk1.img", tmp_path / "Disk2.img"]
    for image in images:
        lba = boots.inspect([image])["plan"]["lba"]
        payloads.expect(image, payloads.Expect(lba, disks.VOLUME_SECTORS, flags=HANDED_OVER))
    with Machine([Disk(stick, "usb", boot=0)] +
                 [Disk(image, "ahci", boot=1 + n) for n, image in enumerate(images)]) as guest:
        boots.wait_for_boot(guest, images, drive=0x81)
        boots.wait_for_pass(guest)


def test_too_little_extended_memory(stick, volume, tmp_path):
    image = boots.degraded(tmp_path, volume(2003))
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1)], memory=2) as guest:
        boots.gives_up(guest, "0622")
