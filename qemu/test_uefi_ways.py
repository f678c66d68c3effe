# SPDX-License-Identifier: GPL-2.0-or-later
"""The other ways to a boot manager: an EFI system partition that an administrator made on the surviving disk,
and, last, the files on the stick."""
import struct
import subprocess
import uuid

import pytest

from support import disks, uefi
from support.esp import VOLUME_GUID, make_esp, server_with_esp
from support.harness import BUILD

pytestmark = pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")


@pytest.mark.parametrize("only_stick", [True, False], ids=["ours", "the-firmwares"])
def test_a_system_partition_that_leads_to_the_volume_comes_first(tmp_path, stick, windows, only_stick):
    image = server_with_esp(tmp_path, windows(), make_esp(tmp_path, VOLUME_GUID))
    with uefi.start(stick, [image], only_stick=only_stick) as machine:
        lines = machine.wait_verdict()
        uefi.check_boot(machine, [image], lines, "uefi-esp")
        assert "LDM-0835" in uefi.codes(machine.serial)
        assert "osdevice refused 3 writes" in lines and "boot device refused 3 writes" in lines


def test_the_volumes_own_boot_manager_is_tried_after_it_only_when_asked_for(tmp_path, stick, windows):
    image = server_with_esp(tmp_path, windows(), make_esp(tmp_path, VOLUME_GUID))
    with uefi.start(stick, [image]) as machine:
        machine.wait_serial(r"^Press 1 for yes")
        assert machine.serial.count("LDM-BOOT ") == 1
        machine.type_serial("1")
        machine.wait_serial(r"^LDM-BOOT .* method=uefi-ram$")
        machine.wait_serial(r"STANDIN PASS(.|\n)*STANDIN PASS")


def default_and_elements(h):
    """Of a store: its default entry, and of each of its objects the elements."""
    objects = h.node_get_child(h.root(), "Objects")
    found = {h.node_name(o): {h.node_name(e): h.value_value(h.node_get_value(e, "Element"))[1]
                              for e in h.node_children(h.node_get_child(o, "Elements"))} for o in h.node_children(objects)}
    return found["{9dea862c-5cdd-4e70-acc1-f32b344d4795}"].pop("23000003").decode("utf-16-le").rstrip("\0"), found


def test_a_store_whose_other_entry_leads_to_the_volume_serves(tmp_path, windows):
    """The default names the dead disk, another entry this partition: the server's own store, in memory, with that one. No
    option goes into it, whatever ldmboot.cfg says; ldmboot-inspect --bcd writes the same."""
    settings = "timeout = 0\nsos = yes\nstore = found\n"
    stick = disks.stick(tmp_path / "stick.img", settings)
    hivex = pytest.importorskip("hivex")
    esp = make_esp(tmp_path, uuid.UUID(int=7))
    h = hivex.Hivex(str(tmp_path / "BCD"), write=True)
    objects = h.node_get_child(h.root(), "Objects")
    entry = h.node_add_child(objects, "{11111111-2222-3333-4444-555555555555}")
    elements = h.node_add_child(entry, "Elements")
    h.node_set_value(h.node_add_child(entry, "Description"),
                     {"key": "Type", "t": 4, "value": struct.pack("<I", 0x10200003)})
    device = struct.pack("<16xIIII16sII16s16x", 6, 0, 0x48, 0, VOLUME_GUID.bytes_le, 0, 0, uuid.UUID(int=5).bytes_le)
    text = {"12000002": "\\Windows\\system32\\winload.efi", "12000004": "Windows - secondary plex",
            "22000002": "\\Windows"}
    for name, kind, value in [("11000001", 3, device), ("21000001", 3, device),
                              *((name, 1, (value + "\0").encode("utf-16-le")) for name, value in text.items())]:
        h.node_set_value(h.node_add_child(elements, name), {"key": "Element", "t": kind, "value": value})
    h.commit(None)
    disks.run("mcopy", "-o", "-i", esp, tmp_path / "BCD", "::EFI/Microsoft/Boot/BCD")
    image = server_with_esp(tmp_path, windows(), esp)
    with uefi.start(stick, [image]) as machine:
        lines = machine.wait_verdict()
        uefi.check_boot(machine, [image], lines, "uefi-ram")
        assert {"LDM-0654", "LDM-0842"} <= set(uefi.codes(machine.serial)) and "LDM-0843" not in uefi.codes(machine.serial)
        assert uefi.partition_in_line(lines) == str(VOLUME_GUID) and not [line for line in lines if "store option" in line]
    (tmp_path / "ldmboot.cfg").write_text(settings)
    done = subprocess.run([BUILD / "ldmboot-inspect", "--firmware", "uefi", "--config", tmp_path / "ldmboot.cfg",
                           "--bcd", tmp_path / "taken", image], capture_output=True, text=True, check=True)
    assert "LDM-0654" in done.stdout and done.stderr == ""
    default, elements = default_and_elements(hivex.Hivex(str(tmp_path / "taken")))
    assert default == "{11111111-2222-3333-4444-555555555555}"
    assert elements == default_and_elements(hivex.Hivex(str(tmp_path / "BCD")))[1]


@pytest.mark.parametrize("esp", [{"partition": uuid.UUID(int=7)}, {"partition": VOLUME_GUID, "boot_manager": False}],
                         ids=["names-the-dead-disk", "no-boot-manager"])
@pytest.mark.quick("names-the-dead-disk")
def test_a_system_partition_that_does_not_is_passed_over(tmp_path, stick, windows, esp):
    image = server_with_esp(tmp_path, windows(), make_esp(tmp_path, **esp))
    with uefi.start(stick, [image]) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict(), "uefi-ram")
        assert "LDM-0836" in uefi.codes(machine.serial)


@pytest.fixture
def volume_without_boot_manager(tmp_path, windows):
    disks.mkldm(tmp_path, disks.DESCRIPTIONS / "degraded-uefi.ldm", volume=windows(without=(uefi.BOOTMGFW,)))
    return tmp_path / "Disk2.img"


def test_boot_manager_and_store_on_the_stick(tmp_path, volume_without_boot_manager):
    """The administrator took the store from ldmboot-inspect and the boot manager from somewhere else."""
    image, store = volume_without_boot_manager, tmp_path / "BCD"
    done = subprocess.run([BUILD / "ldmboot-inspect", "--firmware", "uefi", "--bcd", store, image],
                          stdout=subprocess.DEVNULL)
    assert done.returncode == 2 and store.exists()
    own = uefi.put_files(disks.stick(tmp_path / "stick.img"),
                         {"EFI/Microsoft/Boot/BCD": store, "EFI/Microsoft/Boot/bootmgfw.efi": uefi.standin()})
    with uefi.start(own, [image]) as machine:
        machine.wait_serial(r"^The stick has a boot manager, and a boot store for Volume1-02")
        machine.wait_serial(r"^Press 1 for yes")
        machine.type_serial("1")
        lines = machine.wait_verdict()
        assert lines[-1:] == ["PASS"], machine.story("no PASS")
        assert "boot device refused 3 writes" in lines and "writable=0x00000000" in lines[-2]
        machine.wait_serial(r"^LDM-BOOT .* method=uefi-stick$")
        assert "LDM-0837" in uefi.codes(machine.serial)


def test_a_store_for_another_volume_on_the_stick_is_of_no_use(tmp_path, volume_without_boot_manager):
    store = tmp_path / "BCD"
    disks.run(BUILD / "tests/bootfiles", "store", store, "gpt", uuid.UUID(int=5), uuid.UUID(int=7), "efi", "C")
    own = uefi.put_files(disks.stick(tmp_path / "stick.img"),
                         {"EFI/Microsoft/Boot/BCD": store, "EFI/Microsoft/Boot/bootmgfw.efi": uefi.standin()})
    with uefi.start(own, [volume_without_boot_manager]) as machine:
        assert "LDM-0527" in machine.wait_refusal()
