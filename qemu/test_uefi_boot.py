# SPDX-License-Identifier: GPL-2.0-or-later
"""A degraded UEFI server, started from the stick: ldmboot finds the half, publishes it and starts the boot
manager from it, and the stand-in for that passes. After every boot all disks are unchanged (harness.py)."""
import re
import uuid
from pathlib import Path

import pytest

from support import disks, uefi

pytestmark = pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")


def server(folder: Path, volume: Path, description="degraded-uefi.ldm", image="Disk2.img") -> Path:
    """The disk that is left of a server."""
    if description.endswith(".ldm"):
        description = disks.DESCRIPTIONS / description
    disks.mkldm(folder, description, volume=volume)
    return folder / image


@pytest.mark.parametrize("only_stick", [True, False], ids=["bootindex", "all-connected"])
@pytest.mark.parametrize("bus", ["ahci", "nvme", "virtio", "virtio-scsi"])
@pytest.mark.quick("ahci-bootindex", "nvme-all-connected", "virtio-bootindex", "virtio-scsi-all-connected")
def test_boots_from_every_bus(tmp_path, stick, windows, bus, only_stick):
    image = server(tmp_path, windows())
    with uefi.start(stick, [image], bus, only_stick) as machine:
        lines = machine.wait_verdict()
        boot = uefi.check_boot(machine, [image], lines)
        assert (boot["component"], boot["lba"], boot["extents"]) == ("Volume1-02", "65664", "1")
        assert "osdevice refused 3 writes" in lines and "boot device refused 3 writes" in lines


def test_the_banner_names_the_firmware(tmp_path, stick, windows):
    """OVMF calls itself "EDK II", or "Debian distribution of EDK II" where the distribution says so."""
    image = server(tmp_path, windows())
    with uefi.start(stick, [image]) as machine:
        machine.wait_verdict()
        assert re.search(r"ldmboot \S+ \(UEFI 2\.\d+\): ", machine.serial, re.M)
        assert re.search(r"^Firmware: (\S.* )?EDK II, revision \S+; Secure Boot off", machine.serial, re.M)


def test_gives_control_back_when_the_boot_manager_returns(tmp_path, stick, windows):
    image = server(tmp_path, windows())
    with uefi.start(stick, [image]) as machine:
        machine.wait_verdict()
        machine.wait_serial(uefi.GAVE_UP)
        assert "LDM-0832" in uefi.codes(machine.serial)
        machine.type_serial(" ")
        # The shell lists every Block IO handle: none of ours is left. (OVMF of 2026 has no shell.)
        machine.wait_serial(r"startup\.nsh|BdsDxe: No bootable option")
        assert "VenHw" not in machine.serial and "HD(2,GPT" not in machine.serial, machine.story("still published")


def test_both_halves_are_there(tmp_path, stick, windows):
    disks.mkldm(tmp_path, disks.DESCRIPTIONS / "two-halves-uefi.ldm", volume=windows())
    images = [tmp_path / "Disk1.img", tmp_path / "Disk2.img"]
    with uefi.start(stick, images) as machine:
        uefi.check_boot(machine, images, machine.wait_verdict())


@pytest.mark.parametrize("only_stick", [True, False], ids=["ours", "the-firmwares"])
def test_a_retained_entry_is_used_as_it_is(tmp_path, stick, windows, only_stick):
    """With everything connected the firmware has a handle for it; else ours looks the same, GUID included."""
    image = server(tmp_path, windows(), "retained-gpt.ldm")
    with uefi.start(stick, [image], only_stick=only_stick) as machine:
        lines = machine.wait_verdict()
        uefi.check_boot(machine, [image], lines)
        assert uefi.partition_in_line(lines) in gpt_guids(image)
        assert ("of the firmware's own" in machine.serial) == (not only_stick)
        assert "osdevice refused 3 writes" in lines


def gpt_guids(image: Path):
    """The unique GUIDs of the entries."""
    table = image.read_bytes()[1024:1024 + 128 * 128]
    entries = [table[at:at + 128] for at in range(0, len(table), 128)]
    return [str(uuid.UUID(bytes_le=entry[16:32])) for entry in entries if any(entry[:16])]


def test_blocks_of_4096_bytes(tmp_path, stick, windows):
    image = server(tmp_path, windows(sector=4096), "4kn.ldm", "Disk1.img")
    with uefi.start(stick, [image], "nvme-4k") as machine:
        lines = machine.wait_verdict()
        boot = uefi.check_boot(machine, [image], lines)
        assert int(boot["lba"]) % 8 == 0
        assert any("block=0x00001000" in line for line in lines)


EXTENDED = """
group Dg0 version=2.12
disk Disk1 table=gpt size=200M missing=yes
disk Disk2 table=gpt size=200M
volume Volume1 hint=C: flags=boot size=48M
  component Volume1-01
    partition Disk1-01 disk=Disk1 size=48M
  component Volume1-02
    partition Disk2-01 disk=Disk2 start=4094 size=17M
    partition Disk2-02 disk=Disk2 start=204800 size=31M
content Volume1 file=$volume
"""


def test_a_half_in_two_pieces(tmp_path, stick, windows):
    image = server(tmp_path, windows(), EXTENDED)
    with uefi.start(stick, [image]) as machine:
        assert uefi.check_boot(machine, [image], machine.wait_verdict())["extents"] == "2"


MBR_DISK = """
group Dg0 version=2.12
disk Disk1 table=mbr size=128M missing=yes
disk Disk2 table=mbr size=128M signature=0x1234ABCD
volume Volume1 hint=C: flags=boot,system size=48M
  component Volume1-01
    partition Disk1-01 disk=Disk1
  component Volume1-02
    partition Disk2-01 disk=Disk2 lba=20000
content Volume1 file=$volume
"""


def test_a_dynamic_mbr_disk_on_a_uefi_machine(tmp_path, stick, windows):
    image = server(tmp_path, windows(), MBR_DISK)
    with uefi.start(stick, [image]) as machine:
        assert uefi.check_boot(machine, [image], machine.wait_verdict())["lba"] == "20000"


def test_a_boot_manager_of_several_megabytes_in_pieces(tmp_path, stick, windows):
    volume = windows(big=True)
    assert "(fragments: 2)" in disks.run("ntfsinfo", "-v", "-F", uefi.BOOTMGFW, volume).stdout
    image = server(tmp_path, volume)
    with uefi.start(stick, [image]) as machine:
        lines = machine.wait_verdict()
        uefi.check_boot(machine, [image], lines)
        assert f"own file verified bytes=0x{3_300_000:08x}" in lines


@pytest.mark.skipif(not uefi.have("ia32"), reason="no 32-bit OVMF")
def test_32_bit_firmware_starts_a_32_bit_windows(tmp_path, stick, windows):
    image = server(tmp_path, windows(arch="ia32"))
    with uefi.start(stick, [image], flavour="ia32") as machine:
        assert machine.wait_verdict()[-1:] == ["PASS"], machine.story("no PASS")


def test_a_disk_that_windows_wrote(tmp_path, stick, windows, real):
    """The surviving half of a real mirror, with Windows's files copied into its volume (16 MB)."""
    original = real("ldm-2008r2-mirrored-2")
    image = tmp_path / "real.img"
    disks.copy_sparse(original, image)
    volume = disks.extract(image, 65664, 32768, tmp_path / "volume.img")
    uefi.put_windows(volume)
    disks.put_back(volume, image, 65664)
    with uefi.start(stick, [image]) as machine:
        boot = uefi.check_boot(machine, [image], machine.wait_verdict())
        assert (boot["volume"], boot["component"]) == ("Volume3", "Volume3-02")
        assert (boot["lba"], boot["sectors"]) == ("65664", "32768")
        assert boot["guid"] == "06495aab-fbfd-11e1-8cf9-52540061f5db"


def test_options_of_the_store(tmp_path, windows):
    """What ldmboot.cfg asks for is in the store that the boot manager reads, by the numbers that Microsoft gave them."""
    stick = disks.stick(tmp_path / "stick.img", "timeout = 0\nsafeboot = minimal\nbootlog = yes\nhypervisorlaunchtype = auto\n")
    image = server(tmp_path, windows())
    with uefi.start(stick, [image]) as machine:
        lines = machine.wait_verdict()
        assert lines[-1] == "PASS"
        assert {line for line in lines if "option" in line} == {
            "store option 25000080=0x00000000", "store option 26000090=0x00000001", "store option 250000f0=0x00000001"}
