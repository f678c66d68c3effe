# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot starts from the network: ldmboot.pxe by a BIOS's PXE, BOOTX64.EFI by UEFI, both from QEMU's TFTP server."""
import pytest

import boots
import disks
import media
import uefi
from harness import BUILD, Disk, Machine


E1000_RCTL, RECEIVER_ENABLED = 0x100, 2      # Intel's manual of the 8254x, "Receive Control Register"


def receives(machine: Machine) -> bool:
    """Is the network card's receiver on?"""
    devices = [device for bus in machine.qmp.call("query-pci") for device in bus["devices"]]
    (card,) = [device for device in devices if device["class_info"]["class"] == 0x200]
    register = card["regions"][0]["address"] + E1000_RCTL
    answer = machine.qmp.call("human-monitor-command", **{"command-line": f"xp /1wx {register:#x}"})
    return bool(int(answer.split(":")[1], 16) & RECEIVER_ENABLED)


def test_pxe(built, volume, tmp_path):
    image = boots.degraded(tmp_path, volume(2003))
    with Machine([Disk(image, "ahci", boot=1)], extra=media.network(tmp_path, BUILD / "ldmboot.pxe")) as machine:
        boots.wait_for_boot(machine, [image], 0x80)
        assert not receives(machine), "the card still writes into memory that Windows takes for its own"
        boots.wait_for_pass(machine)


@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
def test_uefi(windows, tmp_path):
    disks.mkldm(tmp_path, disks.DESCRIPTIONS / "degraded-uefi.ldm", volume=windows())
    image = tmp_path / "Disk2.img"
    with uefi.UefiMachine([Disk(image, "ahci")], extra=media.network(tmp_path, BUILD / "efi/BOOTX64.EFI")) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
