# SPDX-License-Identifier: GPL-2.0-or-later
"""A half that lies in two pieces, on one disk or on two: Windows sees one volume, without a seam."""
import pytest

from support import boots, disks, payloads
from support.harness import Disk, Machine

LBA = 20000                 # of the first piece, and of the volume as it is shown
SECTOR = payloads.SECTOR

TWO_PIECES = """
group Server-Dg0 transaction=40
disk Disk1 size=128M missing=yes
disk Disk2 table=mbr size=128M signature=0x1234ABCD
disk Disk3 table=mbr size=128M signature=0x1234ABCE
volume Volume1 hint=C: size=81920 flags=boot,system
  component Volume1-01
    partition Disk1-01 disk=Disk1 lba=63 size=81920
  component Volume1-02
    partition Disk2-01 disk=Disk2 lba=20000 size=$first
    partition $second-02 disk=$second lba=150000 size=$rest
content Volume1-02 file=$volume
"""


def known_sectors(volume, seam):
    """The last sector in use, and the first one behind the seam."""
    last = len(volume.read_bytes()[:(disks.VOLUME_SECTORS - 1) * SECTOR].rstrip(b"\0")) // SECTOR
    return [(LBA + n, payloads.sum32(payloads.read_at(volume, n * SECTOR, SECTOR))) for n in (last, seam)]


@pytest.mark.parametrize("second, shown", [("Disk2", 1), ("Disk3", 2)], ids=["one disk", "two disks"])
@pytest.mark.parametrize("flavour", [2003, 2008])
@pytest.mark.quick("2003-one disk", "2008-two disks")
def test_two_pieces(flavour, second, shown, stick, volume, tmp_path):
    """The seam runs through the loader's file. A disk that holds a piece stays visible, as 81h."""
    source = volume(flavour)
    seam = next(payloads.find_mark(source, payloads.MARKS["standin"])) // SECTOR + 2
    disks.mkldm(tmp_path, TWO_PIECES, volume=source, first=seam, rest=disks.VOLUME_SECTORS - seam, second=second)
    images = [tmp_path / "Disk2.img", tmp_path / "Disk3.img"]
    payloads.expect(images[0], payloads.Expect(LBA, disks.VOLUME_SECTORS, drives=shown,
                                               known=known_sectors(source, seam),
                                               flags=payloads.HANDED_OVER | payloads.CHS))
    with Machine([Disk(stick, "usb", boot=0)] + [Disk(i, "ahci", boot=1 + n) for n, i in enumerate(images)]) as guest:
        boots.wait_for_boot(guest, images, drive=0x81)
        boots.wait_for_pass(guest)
