# SPDX-License-Identifier: GPL-2.0-or-later
"""The disks that Windows itself wrote: Windows's own boot sectors run from them."""
import pytest

from support import boots, disks, menus
from support.harness import Disk, Machine
from support.payloads import CHS, HANDED_OVER

# image, flavour, LBA and length of the half on it (see the images' README)
HALVES = [
    ("ldm-2003r2-simple-1", 2003, 63, 96256),
    ("ldm-2003r2-mirrored-1", 2003, 63, 96256),
    ("ldm-2003r2-mirrored-2", 2003, 63, 96256),
    ("ldm-2008r2-mirrored-2", 2008, 65664, 32768),
]
IDS = [half[0] for half in HALVES]


@pytest.mark.parametrize("name, flavour, lba, sectors", HALVES, ids=IDS)
def test_boot_sector_reads_the_root_directory(name, flavour, lba, sectors, real, stick):
    """They are data volumes: that is a question, and when a person says so, Windows's boot sector has to find the same."""
    image = real(name)
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1)]) as machine:
        menus.wait_list(machine, "LDM-0517")
        machine.press("1")
        machine.press("ret")
        fields = boots.parse_boot_line(machine.wait_serial(r"^(LDM-BOOT .*)\n")[1])
        assert (int(fields["lba"]), int(fields["sectors"]), fields["drive"]) == (lba, sectors, "81")
        machine.wait_screen(rf"^{disks.LOADERS[flavour]} is missing")


@pytest.mark.parametrize("name, flavour, lba, sectors", HALVES, ids=IDS)
def test_boot_sector_starts_the_loader(name, flavour, lba, sectors, real, stick, tmp_path):
    """With a loader in the volume, Windows's boot sector loads it, and it sees the right disk."""
    image = tmp_path / "disk.img"
    disks.copy_sparse(real(name), image)
    volume = disks.extract(image, lba, sectors, tmp_path / "volume.img")
    disks.put_loader(volume, disks.LOADERS[flavour])
    disks.put_back(volume, image, lba)
    boots.expect(image, lba, sectors, flags=HANDED_OVER | CHS)
    boots.boots_to_standin(stick, image)
