# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot.iso starts from a CD and, copied to a stick, from USB; by a BIOS and by UEFI; each time it reads its
ldmboot.cfg."""
from pathlib import Path

import pytest

from support import boots, disks, media, uefi
from support.harness import BUILD, Disk, Machine

needs_ovmf = pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")


@pytest.fixture(scope="module")
def iso(built, tmp_path_factory):
    """The CD image with a configuration of ours in its boot partition, and a line in it that will be complained of."""
    return media.iso(tmp_path_factory.mktemp("iso") / "ldmboot.iso", "timeout = 0\ncolour = blue\n")


def bios_starts(image: Path, drive: int, machine_disks, extra=()) -> None:
    fixed = [disk.image for disk in machine_disks if disk.bus != "usb"]
    with Machine(machine_disks, extra=extra) as machine:
        boots.wait_for_boot(machine, fixed, drive)
        assert '"colour"' in machine.serial, machine.story("ldmboot.cfg was not read")
        boots.wait_for_pass(machine)


def test_cd_by_bios(iso, volume, tmp_path):
    image = boots.degraded(tmp_path, volume(2003))
    bios_starts(image, 0x80, [Disk(image, "ahci", boot=1)], media.cd(iso))


def test_cd_unchanged(built, volume, tmp_path):
    """As it was built, with the five seconds that it waits."""
    image = boots.degraded(tmp_path, volume(2008))
    with Machine([Disk(image, "ahci", boot=1)], extra=media.cd(media.ISO)) as machine:
        boots.wait_for_boot(machine, [image], 0x80)
        boots.wait_for_pass(machine)
        assert "LDM-01" not in machine.serial


def middle_of_stage2(image: Path) -> int:
    """A sector of 512 bytes of the CD image that the BIOS does not load by itself."""
    stage2 = (BUILD / "stage2.bin").read_bytes()
    data = image.read_bytes()
    start = data.index((BUILD / "bios/cd.bin").read_bytes()[16:4096]) - 16     # mkiso.py fills in what is before
    return (start + 1024 + len(stage2) // 2) // 512


def test_cd_with_an_error_that_goes_away(iso, volume, tmp_path):
    """The BIOS leaves the count of the packet at what it did read: 0. Read again, it has to be 1."""
    image = boots.degraded(tmp_path, volume(2003))
    bios_starts(image, 0x80, [Disk(image, "ahci", boot=1)], media.cd(iso, bad_sector=middle_of_stage2(iso), once=True))


def test_cd_with_an_error_that_stays(iso):
    with Machine([], extra=media.cd(iso, bad_sector=middle_of_stage2(iso))) as machine:
        machine.wait_screen(r"^ldmboot: CD: read error [0-9A-F]{2}$")


def test_cd_with_a_damaged_stage2(iso, tmp_path):
    damaged = bytearray(iso.read_bytes())
    damaged[middle_of_stage2(iso) * 512] ^= 1
    image = tmp_path / "damaged.iso"
    image.write_bytes(damaged)
    with Machine([], extra=media.cd(image)) as machine:
        machine.wait_screen(r"^ldmboot: stage 2 is damaged")


@pytest.mark.parametrize("bus", ["usb", "ahci"])
def test_stick_by_bios(bus, iso, volume, tmp_path):
    image = boots.degraded(tmp_path, volume(2003))
    bios_starts(image, 0x81, [Disk(iso, bus, boot=0), Disk(image, "virtio", boot=1)])


def uefi_starts(image: Path, machine_disks, extra=()) -> None:
    with uefi.UefiMachine(machine_disks, extra=extra) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
        assert '"colour"' in machine.serial, machine.story("ldmboot.cfg was not read")


@pytest.fixture
def uefi_server(windows, tmp_path):
    disks.mkldm(tmp_path, disks.DESCRIPTIONS / "degraded-uefi.ldm", volume=windows())
    return tmp_path / "Disk2.img"


@needs_ovmf
def test_cd_by_uefi(iso, uefi_server):
    uefi_starts(uefi_server, [Disk(uefi_server, "ahci")], media.cd(iso))


@needs_ovmf
def test_stick_by_uefi(iso, uefi_server):
    uefi_starts(uefi_server, [Disk(iso, "usb", boot=0), Disk(uefi_server, "ahci")])
