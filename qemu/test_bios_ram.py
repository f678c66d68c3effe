# SPDX-License-Identifier: GPL-2.0-or-later
"""Only Windows's own volume survived: by BIOS it starts from a system volume that is made in memory, and the disk is the
same afterwards (harness.py). The stand-in does what Microsoft's BOOTMGR was seen to do, and judges the memory."""
import re
import struct
import subprocess

import pytest

from support import boots, bootmgr, disks, menus, payloads, uefi
from support.harness import Disk, Machine
from support.winload import winload


@pytest.fixture(scope="module")
def volume(tmp_path_factory):
    return bootmgr.windows_volume(tmp_path_factory.mktemp("windows") / "windows.img")


def boots_from_memory(stick, image, bus="ahci", memory=256):
    plan = boots.inspect([image])["plan"]
    assert plan["method"] == "bios-ram" and "LDM-0641" in [note["code"] for note in plan["notes"]]
    with Machine([Disk(stick, "usb", boot=0), Disk(image, bus, boot=1)], memory=memory) as machine:
        line = boots.wait_for_boot(machine, [image], 0x81)
        assert line["method"] == "bios-ram" and line["component"] == plan["component"]
        boots.wait_for_pass(machine)
        return machine.serial


def boots_by_a_persons_word(stick, image, method, half="Volume2-02", keys=""):
    """Nothing starts by itself, and what ldmboot-inspect foretells of this stick is the question; a person chooses the half."""
    plan = boots.inspect([image], "--stick", stick, code=3)["plan"]
    assert plan["result"] == "ask"
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1)]) as machine:
        screen = menus.wait_list(machine)
        if keys:
            machine.type_serial(keys)
            menus.wait_terminal(machine, "Boot store", "that of")
            machine.type_serial(menus.ESCAPE)
        menus.choose(machine, half)
        boots.wait_for_pass(machine)
        line, = boots.boot_lines(machine.serial)
        line = boots.parse_boot_line(line)
        assert (line["method"], line["component"]) == (method, half)
        return screen, machine.serial, [note["code"] for note in plan["notes"]]


RETAINED = """
entry Disk2 slot=1 type=0x12 start=63 size=16065
entry Disk2 slot=2 type=0x42 start=40000 size=163840
"""


@pytest.mark.parametrize("table, number", [(RETAINED, 2), ("", 1)], ids=["retained", "not retained"])
def test_ntldr_from_the_stick(table, number, tmp_path):
    """NTLDR, NTDETECT.COM and a boot.ini that is made: with the number of the partition, and the options asked for."""
    disks.mkldm(tmp_path, bootmgr.SERVER + table, volume=bootmgr.nt_volume(tmp_path / "windows.img"), lba=40000)
    image = tmp_path / "Disk2.img"
    stick = disks.stick(tmp_path / "stick.img", "safeboot = network\nbootlog = yes\n")
    assert "LDM-0653" in [note["code"] for note in boots.inspect([image], "--stick", stick, code=3)["plan"]["notes"]]
    uefi.put_files(stick, bootmgr.nt_files(tmp_path / "system", image, 40000, number))
    screen, serial, notes = boots_by_a_persons_word(stick, image, "bios-stick")
    assert notes[0] == "LDM-0647" and "LDM-0647: Volume2-02 on hd81: Windows is on it and its own" in screen
    assert '"Windows" /fastdetect /safeboot:network /bootlog' in serial


def test_bootmgr_from_the_stick(tmp_path):
    """Windows's own copy is none: the stick's is asked for, and then offered."""
    volume = bootmgr.windows_volume(tmp_path / "windows.img", bootmgr=b"MZ" + bytes(100_000))
    disks.mkldm(tmp_path, bootmgr.SERVER, volume=volume, lba=40000)
    image, program, stick = tmp_path / "Disk2.img", tmp_path / "bootmgr.stick", disks.stick(tmp_path / "stick.img")
    assert boots.inspect([image], "--stick", stick, code=3)["plan"]["notes"][0]["code"] == "LDM-0655"
    program.write_bytes(bootmgr.bootmgr_file())
    bootmgr.expect(image, 40000, program=program)
    uefi.put_files(stick, {"system/bootmgr": program})
    assert boots_by_a_persons_word(stick, image, "bios-stick")[2][0] == "LDM-0647"


# System Reserved's other half is here, but it was dropped from its mirror; its store names disk 1.
STALE_SYSTEM = bootmgr.SERVER.replace("""\
    partition Disk1-01 disk=Disk1 lba=63 size=20480
""", """\
    partition Disk1-01 disk=Disk1 lba=63 size=20480
  component Volume1-02 state=STALE flags=recover
    partition Disk2-03 disk=Disk2 lba=63 size=20480 flags=recover
""") + "content Volume1-02 file=$system\n"


def stale_system(folder, volume):
    store, loader, system = folder / "BCD", folder / "old.bootmgr", folder / "system.img"
    disks.run(disks.BUILD / "tests/bootfiles", "store", store, "mbr", 0x55667788, 40000 * 512, "exe", "C", "sos=yes")
    loader.write_bytes(bootmgr.bootmgr_file())
    disks.run(disks.BUILD / "mkvolume", "-s", 20480 * 512, "-p", 63, system, f"bootmgr={loader}", f"Boot/BCD={store}")
    disks.mkldm(folder, STALE_SYSTEM, volume=volume, lba=40000, system=system)
    bootmgr.expect(folder / "Disk2.img", 40000)
    return folder / "Disk2.img"


def test_an_old_half_of_system_reserved(stick, volume, tmp_path):
    """It is the question; Windows alone starts with a store that is made. The old half's store is offered, and used once a
    person says so: its devices are the half that is shown, its other elements stay."""
    image = stale_system(tmp_path, volume)
    _, serial, notes = boots_by_a_persons_word(stick, image, "bios-ram")
    assert "LDM-0650" in notes and not re.search(r"option 26000091", serial)
    _, serial, _ = boots_by_a_persons_word(stick, image, "bios-ram", keys="o4")
    assert re.search(r"option 26000091 += 00000001", serial)


def test_options_of_the_store(volume, tmp_path):
    """What ldmboot.cfg asks for is in the store that BOOTMGR reads, by the numbers that Microsoft gave them."""
    stick = disks.stick(tmp_path / "stick.img", "timeout = 0\nsafeboot = network\nAdvancedOptions = yes\nems = on\n"
                        "nx = AlwaysOff\nsos = no\ndebug = yes\ndebugport = 2\nbaudrate = 115200\n")
    text = boots_from_memory(stick, bootmgr.server(tmp_path, volume))
    assert dict(re.findall(r"option (\w{8}) +=? *(\w{8})", text)) == {
        "16000040": "00000001", "260000b0": "00000001", "25000080": "00000001", "25000020": "00000002", "26000091": "00000000",
        "260000a0": "00000001", "15000013": "00000002", "15000014": "0001c200"}


@pytest.mark.parametrize("bus", ["ide", "ahci", "virtio"])
def test_windows_alone(bus, stick, volume, tmp_path):
    boots_from_memory(stick, bootmgr.server(tmp_path, volume), bus)


def test_a_retained_volume_keeps_its_slot(stick, volume, tmp_path):
    """Entry 2 of the real table is the volume: the store's device leads there, and the system volume takes another."""
    text = boots_from_memory(stick, bootmgr.server(tmp_path, volume, more=RETAINED))
    assert "partition 00000002" in text
    assert "Windows's kernel: partition 2 of hd81" in " ".join(text.split())


def test_in_two_pieces(stick, volume, tmp_path):
    """The half's second piece lies before its first on the disk."""
    pieces = """
define size 200M
group Server-Dg0 transaction=40
disk Disk2 table=mbr size=200M signature=0x1234ABCD
volume Volume2 hint=C: size=163840 flags=boot
  component Volume2-02
    partition Disk2-01 disk=Disk2 lba=200000 size=100000
    partition Disk2-02 disk=Disk2 lba=20000 size=63840
content Volume2-02 file=$volume
"""
    disks.mkldm(tmp_path, pieces, volume=volume)
    image = tmp_path / "Disk2.img"
    bootmgr.expect(image, 200000, known_at=lambda lba: lba if lba >= 200000 else lba - 20000 + 300000)
    boots_from_memory(stick, image)


@pytest.mark.parametrize("table, lba, size", [("gpt", 70000, "200M"), ("mbr", 30_000_000, "20G")],
                         ids=["gpt", "beyond 8 GB"])
def test_places(table, lba, size, stick, volume, tmp_path):
    boots_from_memory(stick, bootmgr.server(tmp_path, volume, lba, table=table, size=size))


@pytest.mark.parametrize("memory, flags", [(8, 0), (64, 0), (4096, bootmgr.NO_FILL)])
def test_memory(memory, flags, stick, volume, tmp_path):
    boots_from_memory(stick, bootmgr.server(tmp_path, volume, flags=flags), memory=memory)


def test_memory_that_has_no_room_for_it(stick, tmp_path):
    """Free memory from 13.2 to 17.2 MiB, of which 15 to 16 MiB do not count: enough to look at the disks, too little for a system
    volume with a large BOOTMGR. That is said, and nothing half made is left behind."""
    volume = bootmgr.windows_volume(tmp_path / "windows.img", bootmgr=bootmgr.bootmgr_file().ljust(380_000, b"\x90"))
    image = bootmgr.server(tmp_path, volume)
    floppy = payloads.shim_floppy(tmp_path / "floppy.img", flags=payloads.RESERVED, limit=(13500 - 1024) * 2)
    with Machine([Disk(floppy, "floppy", boot=0), Disk(stick, "usb", boot=1), Disk(image, "ahci", boot=2)],
                 memory="17792K") as machine:
        boots.gives_up(machine, "0645")


def test_memory_around_the_hole_below_16_mib(stick, volume, tmp_path):
    """The system volume lies below 15 MiB then, in the middle of an entry of the memory map: what is behind it is still there."""
    text = boots_from_memory(stick, bootmgr.server(tmp_path, volume), memory=16)
    left = int(re.search(r"KiB of it (\w+)", text)[1], 16)
    assert left > 16 * 1024 - 384 - 128 - 1600     # the video memory's place, the BIOS's own, the volume


LARGE = b"\xe9\x01\x00" + b"\x90" * 600_000    # begins as BOOTMGR does, and no low memory can hold it


def test_a_boot_manager_that_low_memory_cannot_hold(tmp_path):
    """It does not count, and it is said why: what no machine could start is not foretold as a start."""
    plan = foretold(tmp_path, 3, bootmgr=LARGE)
    assert plan["result"] == "ask" and plan["method"] != "bios-ram" and plan["notes"][0]["code"] == "LDM-0655"
    assert "LDM-0644" in explained(tmp_path)


def test_the_machine_asks_where_low_memory_cannot_hold_it(stick, tmp_path):
    """The same on the machine, which asks its own BIOS how much is free; nothing half made is left behind."""
    large = bootmgr.windows_volume(tmp_path / "windows.img", bootmgr=LARGE)
    disks.mkldm(tmp_path, bootmgr.SERVER, volume=large, lba=40000, flags="boot")
    with Machine([Disk(stick, "usb", boot=0), Disk(tmp_path / "Disk2.img", "ahci", boot=1)]) as machine:
        menus.wait_list(machine, "LDM-0655")
        machine.type_serial("b")
        machine.wait_screen(r"No bootable device|Booting from")
        assert not boots.boot_lines(machine.serial)


def test_the_store_as_a_file(volume, tmp_path):
    """What BOOTMGR would be given, for a look on the desk: device and osdevice are the volume as it is shown."""
    image = bootmgr.server(tmp_path, volume)
    boots.inspect([image], "--bcd", tmp_path / "BCD")
    store = (tmp_path / "BCD").read_bytes()
    device = struct.pack("<QQIII", 40000 * 512, 0, 0, 1, 0x1234ABCD)
    assert store.startswith(b"regf") and store.count(device) == 2
    assert bootmgr.STORE_PATH.encode("utf-16-le") in store


def foretold(tmp_path, code, **volume):
    """The plan for a disk with this volume."""
    made = bootmgr.windows_volume(tmp_path / "windows.img", **volume)
    disks.mkldm(tmp_path, bootmgr.SERVER, volume=made, lba=40000, flags="boot")
    return boots.inspect([tmp_path / "Disk2.img"], code=code)["plan"]


def explained(tmp_path, *options):
    return subprocess.run([disks.BUILD / "ldmboot-inspect", "--explain", *options, tmp_path / "Disk2.img"], capture_output=True,
                          text=True, check=False).stdout


@pytest.mark.parametrize("content", [b"MZ" + bytes(100_000), b"\xe9" * 3000, b"\xe9\xd5\x01" + bytes(100_000)],
                         ids=["another program", "short", "its code is lost"])
def test_what_is_no_boot_manager_is_a_question_at_best(content, tmp_path):
    plan = foretold(tmp_path, 3, bootmgr=content)
    assert plan["result"] == "ask" and plan["method"] != "bios-ram"
    assert plan["notes"][0]["code"] == "LDM-0655"
    assert "LDM-0643" in explained(tmp_path)


def test_a_windows_without_its_spare_boot_manager(tmp_path):
    plan = foretold(tmp_path, 3, pcat="Windows/Boot/other")
    assert plan["notes"][0]["code"] == "LDM-0655"


def test_a_spare_boot_manager_that_ntfs_compressed(tmp_path):
    """No boot sector could read it; ldmboot can."""
    plan = foretold(tmp_path, 0, pcat=f"{bootmgr.PCAT},compressed")
    assert plan["result"] == "boot" and plan["method"] == "bios-ram"


@pytest.mark.parametrize("machine", ["ia64", "arm64"])
def test_a_windows_for_another_processor(machine, tmp_path):
    """No BIOS starts it, whatever copy of BOOTMGR is beside it."""
    plan = foretold(tmp_path, 3, winload_exe=winload(machine, 4096))
    assert plan["method"] != "bios-ram" and plan["notes"][0]["code"] == "LDM-0657"
    assert "LDM-0833" in explained(tmp_path)


def refused_store(tmp_path, *options):
    """What --bcd says, and that it wrote nothing."""
    done = subprocess.run([disks.BUILD / "ldmboot-inspect", "--bcd", tmp_path / "none", *options, tmp_path / "Disk2.img"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1 and not (tmp_path / "none").exists()
    return re.search(r"none: not written: (LDM-\d{4}): ", done.stderr)[1]


def test_a_store_that_was_asked_for_is_judged_before_the_start(volume, tmp_path):
    """store = found: without one, or with one that starts another thing, nothing is foretold that the machine would refuse."""
    image, stick, cfg = bootmgr.server(tmp_path, volume), disks.stick(tmp_path / "stick.img"), tmp_path / "ldmboot.cfg"
    cfg.write_text("store = found\n")
    options = "--config", cfg, "--stick", stick
    assert boots.inspect([image], *options, code=3)["plan"]["notes"][0]["code"] == "LDM-0656"
    assert refused_store(tmp_path, *options) == "LDM-0656"
    store = tmp_path / "BCD"
    disks.run(disks.BUILD / "tests/bootfiles", "store", store, "mbr", 0x55667788, 40000 * 512, "efi", "C")
    uefi.put_files(stick, {"boot/BCD": store})
    assert boots.inspect([image], *options, code=3)["plan"]["notes"][0]["code"] == "LDM-0652"
    assert refused_store(tmp_path, *options) == "LDM-0652"
    plan = boots.inspect([image], "--stick", stick)["plan"]     # not asked for: one is made
    assert plan["method"] == "bios-ram" and "LDM-0652" in [note["code"] for note in plan["notes"]]
    store.unlink()
    disks.run(disks.BUILD / "tests/bootfiles", "store", store, "mbr", 0x55667788, 40000 * 512, "exe", "C")
    uefi.put_files(stick, {"boot/BCD": store})
    assert "LDM-0651" in [note["code"] for note in boots.inspect([image], *options)["plan"]["notes"]]


def test_files_of_the_stick_are_judged_before_anybody_is_asked(tmp_path):
    """The beginning of NTLDR, all of NTDETECT.COM, the number in boot.ini: what the machine would refuse is foretold."""
    disks.mkldm(tmp_path, bootmgr.SERVER + RETAINED, volume=bootmgr.nt_volume(tmp_path / "windows.img"), lba=40000)
    image, stick = tmp_path / "Disk2.img", disks.stick(tmp_path / "stick.img")
    good, bad, line = bootmgr.nt_files(tmp_path / "system", image, 40000, 2), tmp_path / "bad", tmp_path / "boot.ini"

    def first_code():
        return boots.inspect([image], "--stick", stick, code=3)["plan"]["notes"][0]["code"]

    uefi.put_files(stick, good)
    assert first_code() == "LDM-0647" and refused_store(tmp_path, "--stick", stick) == "LDM-0711"
    for name, content in (("NTLDR", b"SZDD" + bytes(200_000)), ("NTLDR", LARGE), ("NTDETECT.COM", b"")):
        bad.write_bytes(content)
        uefi.put_files(stick, {f"system/{name}": bad})
        assert first_code() == "LDM-0648" and name in explained(tmp_path, "--stick", stick)
        assert refused_store(tmp_path, "--stick", stick) == "LDM-0648"
        uefi.put_files(stick, good)
    for number, code in ((1, "LDM-0649"), (2, "LDM-0647")):
        line.write_text(f"[boot loader]\r\ndefault=multi(0)disk(0)rdisk(0)partition({number})\\WINDOWS\r\n")
        uefi.put_files(stick, {"system/boot.ini": line})
        assert first_code() == code


def test_a_loader_in_the_root_that_cannot_be_started(tmp_path):
    """BOOTMGR in the root is empty, the copy that Windows keeps is compressed by NTFS, the store is the stick's: a person's
    word, and it starts with these."""
    image, stick, store = tmp_path / "Disk2.img", disks.stick(tmp_path / "stick.img"), tmp_path / "BCD"
    empty, program = tmp_path / "empty", tmp_path / "program"
    empty.write_bytes(b"")
    program.write_bytes(bootmgr.bootmgr_file())
    for _ in range(2):      # what the stand-in expects goes into its file before that is compressed
        volume = bootmgr.windows_volume(tmp_path / "windows.img", f"bootmgr={empty}", pcat=f"{bootmgr.PCAT},compressed",
                                        bootmgr=program.read_bytes())
        disks.mkldm(tmp_path, bootmgr.SERVER, volume=volume, lba=40000)
        bootmgr.expect(image, 40000, program=program)
    disks.run(disks.BUILD / "tests/bootfiles", "store", store, "mbr", 0x55667788, 40000 * 512, "exe", "C", "sos=yes")
    uefi.put_files(stick, {"boot/BCD": store})
    screen, serial, notes = boots_by_a_persons_word(stick, image, "bios-ram", keys="o4")
    assert notes[0] == "LDM-0658" and "LDM-0650" in notes and re.search(r"option 26000091 += 00000001", serial)
