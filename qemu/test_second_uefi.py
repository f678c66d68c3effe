# SPDX-License-Identifier: GPL-2.0-or-later
"""A second UEFI: U-Boot (Debian's u-boot-qemu, for x86_64 and x86). Its block driver puts no file system on a handle whose path
ends in a partition, as the RAM disk's has to: efi/ramfiles.h."""
from pathlib import Path

import pytest

from support import boots, disks, uefi
from support.esp import VOLUME_GUID, make_esp, server_with_esp
from support.harness import Disk, Machine

ROMS = {"x64": Path("/usr/lib/u-boot/qemu-x86_64/u-boot.rom"), "ia32": Path("/usr/lib/u-boot/qemu-x86/u-boot.rom")}
BUSES = ("virtio", "ahci")           # U-Boot's automatic start looks for no disk on IDE or NVMe


class UBootMachine(uefi.UefiMachine):
    """A machine with U-Boot, which looks for \\EFI\\BOOT on the stick by itself."""

    def command(self):
        return Machine.command(self) + ["-bios", str(ROMS[self.flavour])]


def start(stick, images, arch="x64", bus="virtio", memory=256) -> UBootMachine:
    if not ROMS[arch].exists():
        pytest.skip(f"no U-Boot for this machine ({ROMS[arch]}): package u-boot-qemu")
    return UBootMachine([Disk(stick, "virtio", boot=0), *[Disk(image, bus) for image in images]], flavour=arch, memory=memory)


def server(folder, volume):
    disks.mkldm(folder, disks.DESCRIPTIONS / "degraded-uefi.ldm", volume=volume)
    return folder / "Disk2.img"


def starts(stick, image, arch, bus, method="uefi-ram", memory=256):
    with start(stick, [image], arch, bus, memory) as machine:
        lines = machine.wait_verdict()
        assert "Firmware: Das U-Boot" in machine.serial
        if arch == "x64":
            uefi.check_boot(machine, [image], lines, method)
        else:                            # ldmboot-inspect foretells for 64 bits
            assert lines[-1] == "PASS", machine.story("the stand-in did not pass")
            line, = boots.boot_lines(machine.serial)
            assert boots.parse_boot_line(line)["method"] == method
        assert "osdevice refused 3 writes" in lines and "boot device refused 3 writes" in lines


@pytest.mark.parametrize("arch, bus", [("x64", "virtio"), ("ia32", "ahci")])
def test_from_the_ram_disk(arch, bus, stick, windows, tmp_path):
    """Boot manager and store are read by the file system that ldmboot offers."""
    starts(stick, server(tmp_path, windows(arch=arch)), arch, bus)


def test_by_a_system_partition_of_the_disk(stick, windows, tmp_path):
    starts(stick, server_with_esp(tmp_path, windows(), make_esp(tmp_path, VOLUME_GUID)), "x64", "virtio", "uefi-esp")


def test_a_second_start_when_the_boot_manager_came_back(stick, windows, tmp_path):
    """What was offered has been taken back: nothing of it is in the way of the next one."""
    image = server_with_esp(tmp_path, windows(), make_esp(tmp_path, VOLUME_GUID))
    with start(stick, [image]) as machine:
        machine.wait_serial(r"^Press 1 for yes")
        machine.type_serial("1")
        machine.wait_serial(r"^LDM-BOOT .* method=uefi-ram$")
        machine.wait_serial(r"STANDIN PASS(.|\n)*STANDIN PASS")


def test_little_memory_is_a_refusal(stick, windows, tmp_path):
    with start(stick, [server(tmp_path, windows())], memory=64) as machine:
        machine.wait_serial(uefi.GAVE_UP)
        assert uefi.codes(machine.serial) == ["LDM-0707"]
        assert not boots.boot_lines(machine.serial)


@pytest.mark.long
@pytest.mark.parametrize("arch", ROMS)
@pytest.mark.parametrize("bus", BUSES)
def test_each_controller(bus, arch, stick, windows, tmp_path):
    starts(stick, server(tmp_path, windows(arch=arch)), arch, bus)


@pytest.mark.long
@pytest.mark.parametrize("memory", [128, 512, 2048])
def test_memory(memory, stick, windows, tmp_path):
    starts(stick, server(tmp_path, windows()), "x64", "virtio", memory=memory)
