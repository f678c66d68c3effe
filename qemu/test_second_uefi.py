# SPDX-License-Identifier: GPL-2.0-or-later
"""A second UEFI: U-Boot (Debian's u-boot-qemu, for x86_64 and x86). Its block driver puts no file system on a handle whose path
ends in a partition, as the RAM disk's has to: efi/ramfiles.h."""
import struct
from pathlib import Path

import pytest

from support import boots, disks, uefi
from support.esp import VOLUME_GUID, make_esp, server_with_esp
from support.harness import Disk, Machine

ROMS = {"x64": Path("/usr/lib/u-boot/qemu-x86_64/u-boot.rom"), "ia32": Path("/usr/lib/u-boot/qemu-x86/u-boot.rom")}
# What is typed to U-Boot so that it shows the disks of a controller. It knows those that it has looked at when it starts a
# program: by itself USB, SCSI and AHCI, virtio, then IDE (boot_targets), and never NVMe; 2025.01 of virtio's no more than the
# one that it starts.
BUSES = {"virtio": "virtio scan", "ahci": "scsi scan", "ide": "ide reset", "nvme": "nvme scan"}
BY_ITSELF = "ahci"


class UBootMachine(uefi.UefiMachine):
    """A machine with U-Boot, which looks for \\EFI\\BOOT on the stick by itself."""

    def look_at_first(self, command):
        """At U-Boot's prompt, before it goes on as it does by itself."""
        self.type_serial(" " * 64)                  # a key before the countdown of two seconds is kept; one too many is a blank
        for sign in ("^Net:", "^Hit any key"):
            self.wait_serial(sign)
            self.type_serial(" ")
        self.wait_serial(r"^=> ")
        self.type_serial(f"virtio scan; {command}; boot\r")       # the stick is the first disk

    def command(self):
        return Machine.command(self) + ["-bios", str(ROMS[self.flavour])]


def start(stick, images, arch="x64", bus="virtio", memory=256, stick_bus="virtio") -> UBootMachine:
    if not ROMS[arch].exists():
        pytest.skip(f"no U-Boot for this machine ({ROMS[arch]}): package u-boot-qemu")
    return UBootMachine([Disk(stick, stick_bus, boot=0), *[Disk(image, bus) for image in images]], flavour=arch, memory=memory)


def server(folder, volume):
    disks.mkldm(folder, disks.DESCRIPTIONS / "degraded-uefi.ldm", volume=volume)
    return folder / "Disk2.img"


@pytest.fixture(scope="module")
def marked_stick(stick, tmp_path_factory):
    """U-Boot writes its variables into the first EFI system partition that it finds (ubootefi.var): 2025.01 with each new
    disk. On this stick it finds one that has no file system, so that it writes nowhere, and a write is ldmboot's."""
    image = bytearray(stick.read_bytes())
    entry = struct.pack("<B3sB3sII", 0, b"\xfe\xff\xff", 0xEF, b"\xfe\xff\xff", len(image) // 512, 2048)
    assert not any(image[462:478])
    image[462:478] = entry
    target = tmp_path_factory.mktemp("marked") / "stick.img"
    target.write_bytes(image + bytes(2048 * 512))
    return target


def starts(stick, image, arch, bus, method="uefi-ram", memory=256, by_itself=False, stick_bus="virtio"):
    with start(stick, [image], arch, bus, memory, stick_bus) as machine:
        if not by_itself:
            machine.look_at_first(BUSES[bus])
        lines = machine.wait_verdict()
        assert "Firmware: Das U-Boot" in machine.serial
        if arch == "x64":
            uefi.check_boot(machine, [image], lines, method)
        else:                            # ldmboot-inspect foretells for 64 bits
            assert lines[-1] == "PASS", machine.story("the stand-in did not pass")
            line, = boots.boot_lines(machine.serial)
            assert boots.parse_boot_line(line)["method"] == method
        assert "osdevice refused 3 writes" in lines and "boot device refused 3 writes" in lines


@pytest.mark.parametrize("arch", ROMS)
@pytest.mark.parametrize("bus", BUSES)
@pytest.mark.quick("ahci-x64", "ahci-ia32")
def test_from_the_ram_disk(bus, arch, stick, windows, tmp_path):
    """Boot manager and store are read by the file system that ldmboot offers."""
    starts(stick, server(tmp_path, windows(arch=arch)), arch, bus, by_itself=bus == BY_ITSELF)


@pytest.mark.parametrize("arch", ROMS)
@pytest.mark.parametrize("bus", BUSES)
@pytest.mark.quick("virtio-x64", "virtio-ia32")
def test_by_a_system_partition_of_the_disk(bus, arch, marked_stick, windows, tmp_path):
    image = server_with_esp(tmp_path, windows(arch=arch), make_esp(tmp_path, VOLUME_GUID, arch=arch))
    starts(marked_stick, image, arch, bus, "uefi-esp")


def test_a_second_start_when_the_boot_manager_came_back(marked_stick, windows, tmp_path):
    """What was offered has been taken back: nothing of it is in the way of the next one."""
    image = server_with_esp(tmp_path, windows(), make_esp(tmp_path, VOLUME_GUID))
    with start(marked_stick, [image]) as machine:
        machine.look_at_first(BUSES["virtio"])
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
def test_ide_by_itself(arch, stick, windows, tmp_path):
    """A stick on the same controller: U-Boot has looked at the disk before it starts ldmboot."""
    starts(stick, server(tmp_path, windows(arch=arch)), arch, "ide", by_itself=True, stick_bus="ide")


@pytest.mark.long
@pytest.mark.parametrize("memory", [128, 512, 2048])
def test_memory(memory, stick, windows, tmp_path):
    starts(stick, server(tmp_path, windows()), "x64", BY_ITSELF, memory=memory, by_itself=True)
