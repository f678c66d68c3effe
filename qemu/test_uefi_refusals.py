# SPDX-License-Identifier: GPL-2.0-or-later
"""UEFI boots that must not happen, or not without a person: a number, a sentence, and the firmware's next device."""
import re
import struct

import pytest

from support import boots, disks, menus, uefi
from test_uefi_boot import server

pytestmark = pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")


def refusal(stick, images, **machine):
    """What ldmboot printed, and the numbers in it, when it gave up."""
    with uefi.start(stick, images, **machine) as started:
        numbers = started.wait_refusal()
        return started.serial, numbers


@pytest.mark.parametrize("kind, number", [
    ({"without": (uefi.BOOTMGFW,)}, "LDM-0527"),
    ({"without": (uefi.WINLOAD,)}, "LDM-0529"),
], ids=["boot-manager", "loader"])
def test_a_file_is_missing(tmp_path, stick, windows, kind, number):
    text, numbers = refusal(stick, [server(tmp_path, windows(**kind))])
    assert number in numbers, text


@pytest.mark.skipif(not uefi.have("ia32"), reason="no 32-bit OVMF")
def test_32_bit_firmware_cannot_start_a_64_bit_windows(tmp_path, stick, windows):
    text, numbers = refusal(stick, [server(tmp_path, windows())], flavour="ia32")
    assert "LDM-0528" in numbers, text


def test_a_boot_manager_that_is_cut_off(tmp_path, stick, windows):
    """Its header is fine, so the plan takes it; the check before LoadImage does not."""
    cut = tmp_path / "cut.efi"
    cut.write_bytes(uefi.standin().read_bytes()[:8192])
    text, numbers = refusal(stick, [server(tmp_path, uefi.windows_volume(tmp_path / "volume.img", bootmgfw=cut))])
    assert "LDM-0833" in numbers, text


def test_a_boot_manager_that_the_firmware_does_not_load(tmp_path, stick, windows):
    """Its optional header is of no kind that there is: ldmboot does not look at that, the firmware does."""
    program = bytearray(uefi.standin().read_bytes())
    optional_header = struct.unpack_from("<I", program, 0x3C)[0] + 24
    struct.pack_into("<H", program, optional_header, 0xFFFF)
    odd = tmp_path / "odd.efi"
    odd.write_bytes(program)
    text, numbers = refusal(stick, [server(tmp_path, uefi.windows_volume(tmp_path / "volume.img", bootmgfw=odd))])
    assert "LDM-0831" in numbers, text


def test_both_gpt_copies_are_wiped(tmp_path, stick, windows):
    description = (disks.DESCRIPTIONS / "degraded-uefi.ldm").read_text() + "".join(
        f"damage Disk2 at={place}\n" for place in ("gpt-header", "gpt-array", "gpt-backup", "gpt-backup-array"))
    text, numbers = refusal(stick, [server(tmp_path, windows(), description)])
    assert "LDM-0203" in numbers or "both copies of the GPT are damaged" in text, text


def test_no_dynamic_disk(tmp_path, stick):
    blank = tmp_path / "blank.img"
    with open(blank, "wb") as file:
        file.truncate(16 << 20)
    text, numbers = refusal(stick, [blank])
    assert "LDM-0503" in numbers and "LDM-0851: 2 disks: " in text, text    # with the stick
    assert "LDM-0852" not in numbers, text    # each controller has its driver


@pytest.mark.parametrize("bus, controller", [("lsi", "1000:0012"), ("megasas", "1000:0060")])
def test_a_controller_that_the_firmware_has_no_driver_for(tmp_path, stick, windows, bus, controller):
    text, numbers = refusal(stick, [server(tmp_path, windows())], bus=bus)
    assert "LDM-0503" in numbers and "LDM-0851: 1 disk: " in text, text
    assert re.search(rf"^LDM-0852: Pci\S* \(PCI {controller}\): ", text, re.M), text


def test_connect_none_leaves_the_disks_of_others_alone(tmp_path, stick, windows):
    """With bootindex the firmware has connected the stick only, and ldmboot.cfg tells us not to do more."""
    quiet = disks.stick(tmp_path / "stick.img", "timeout = 0\nconnect = none\n")
    text, _ = refusal(quiet, [server(tmp_path, windows())])
    assert "blk0:" in text and "blk1:" not in text, text


TWO_SYSTEMS = """
group Dg0 version=2.12
disk Disk1 table=gpt size=200M
volume Volume1 hint=C: flags=boot size=48M
  component Volume1-01
    partition Disk1-01 disk=Disk1 start=94
volume Volume2 hint=D: flags=boot size=48M
  component Volume2-01
    partition Disk1-02 disk=Disk1 start=204894
content Volume1 file=$volume
content Volume2 file=$volume
"""


def test_two_windows_are_a_question(tmp_path, stick, windows):
    """The digit that names the second one starts the second one."""
    image = server(tmp_path, windows(), TWO_SYSTEMS, "Disk1.img")
    with uefi.start(stick, [image]) as machine:
        menus.wait_list(machine)
        assert not boots.boot_lines(machine.serial)
        menus.choose(machine, "Volume2-01")
        assert machine.wait_verdict()[-1:] == ["PASS"], machine.story("no PASS")
        assert "LDM-BOOT volume=Volume2 " in machine.serial


def test_neither_of_them(tmp_path, stick, windows):
    image = server(tmp_path, windows(), TWO_SYSTEMS, "Disk1.img")
    with uefi.start(stick, [image]) as machine:
        menus.wait_list(machine, "LDM-0507")
        machine.type_serial("b")
        machine.wait_serial(uefi.FIRMWARE_GOES_ON)
        assert not boots.boot_lines(machine.serial)
