# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows's kernel opens its own partition N, counted in the real table of the disk that it knows by signature and sum of
sector 0. The stand-in plays the loader, then that kernel: it reads the disk by the IDE controller's registers, past the
hook, and has to land where the loader read (docs/windows-boot.md, "The number rule")."""
import re
import struct

import pytest

from support import boots, disks
from support.harness import BUILD, Disk, Machine
from support.payloads import EDD, HANDED_OVER, KERNEL, SECTOR, write_at

LBA = 20000
WINDOWS_LBA = 110000
VENDOR = "entry Disk2 slot=1 type=0xDE start=63 size=1000"
OWN = f"entry Disk2 slot=2 type=0x42 start={LBA} size=81920"
REST = "entry Disk2 slot=3 type=0x42 start=102000 size=40000"
SERVER = boots.DEGRADED.replace("signature=", "cover=no signature=")


def put(volume, name, content, folder):
    file = folder / "content"
    file.write_bytes(content)
    disks.run("ntfscp", "-f", volume, file, name)


def boot_ini(path, *more):
    lines = ["[boot loader]", "timeout=5", f"default={path}\\WINDOWS", "[operating systems]",
             f'{path}\\WINDOWS="Windows Server 2003" /fastdetect', *more]
    return "".join(line + "\r\n" for line in lines).encode()


def system_volume(tmp_path, flavour, ini=b""):
    volume = disks.system_volume(tmp_path / "volume.img", flavour)
    if ini:
        put(volume, "boot.ini", ini, tmp_path)
    return volume


def server(tmp_path, volume, *lines):
    disks.mkldm(tmp_path, SERVER + "\n".join(lines) + "\n", volume=volume, lba=LBA)
    return tmp_path / "Disk2.img"


def line_of(image, ini):
    """Where the default entry of this boot.ini stands on the disk, with the end of the line before it."""
    at = image.read_bytes().find(ini[:ini.index(b"[operating")])    # what follows may go around the end of a sector
    assert at > 0
    return at + ini.index(b"\r\ndefault=")


def boots_past_the_hook(stick, image, *said):
    """On the IDE bus, so that the stand-in can play the kernel."""
    before = image.read_bytes()
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ide", boot=1)]) as guest:
        boots.wait_for_boot(guest, [image], 0x81)
        boots.wait_for_pass(guest)
        for text in said:
            assert text in guest.serial
        serial = guest.serial
    assert image.read_bytes() == before
    return serial


@pytest.mark.parametrize("path, answered", [
    ("multi(0)disk(0)rdisk(0)partition(2)", False),
    ("multi(0)disk(0)rdisk(0)partition(1)", True),
    ("multi(0)disk(0)rdisk(1)partition(1)", True),
    ("signature(0dead001)disk(0)rdisk(0)partition(1)", True),
    ("scsi(0)disk(1)rdisk(0)partition(1)", True),
], ids=["right", "number", "secondary-plex", "signature", "scsi"])
def test_ntldr_is_told_the_kernels_number(path, answered, stick, tmp_path):
    """Entry 1 is a vendor's, entry 2 the volume's: whatever boot.ini says, loader and kernel both count two."""
    ini = boot_ini(path)
    image = server(tmp_path, system_volume(tmp_path, 2003, ini), VENDOR, OWN, REST)
    boots.expect(image, LBA, flags=HANDED_OVER | KERNEL, partition=1, partition_lba=LBA, line=line_of(image, ini))
    serial = boots_past_the_hook(stick, image, "told partition 2)", "Windows's kernel: partition 2 of hd81.")
    assert ("LDM-0550" in serial) == answered and "LDM-0530" not in serial


@pytest.mark.parametrize("flavour", [2003, 2008])
def test_where_no_file_says_a_number_the_volume_stands_in_its_own_slot(flavour, stick, tmp_path):
    image = server(tmp_path, system_volume(tmp_path, flavour, b"\r\n" if flavour == 2003 else b""), VENDOR, OWN, REST)
    boots.expect(image, LBA, flags=HANDED_OVER | KERNEL, partition_lba=LBA)
    boots_past_the_hook(stick, image, "told partition 2)")


def windows_volume(tmp_path, lines):
    """Windows on a volume of its own, at WINDOWS_LBA; `lines`: the entries of the table."""
    windows = tmp_path / "windows.img"
    disks.run(BUILD / "mkvolume", "-s", 30000 * SECTOR, "-p", str(LBA), windows, "WINDOWS/system32/")
    return f"""
volume Volume2 hint=D: size=30000
  component Volume2-01
    partition Disk2-02 disk=Disk2 lba={WINDOWS_LBA} size=30000
content Volume2-01 file={windows}
""", *lines


def test_windows_on_a_logical_drive(stick, tmp_path):
    """Its number comes behind those of the primary entries; NTLDR is shown it as a primary one with that number."""
    base = WINDOWS_LBA - 2063
    ini = boot_ini("multi(0)disk(0)rdisk(0)partition(2)")
    image = server(tmp_path, system_volume(tmp_path, 2003, ini), *windows_volume(tmp_path, [
        f"entry Disk2 slot=1 type=0x42 start={LBA} size=81920", f"entry Disk2 slot=2 type=0x0f start={base} size=34000"]))
    link = struct.pack("<446xB3xB3xII", 0, 0x42, 63, 500) + struct.pack("<B3xB3xII", 0, 5, 2000, 31000) + bytes(32)
    write_at(image, base * SECTOR, link + b"\x55\xaa")
    link = struct.pack("<446xB3xB3xII", 0, 0x42, 63, 30000) + bytes(48)
    write_at(image, (base + 2000) * SECTOR, link + b"\x55\xaa")
    boots.expect(image, LBA, flags=HANDED_OVER | KERNEL, partition=1, partition_lba=WINDOWS_LBA, line=line_of(image, ini))
    boots_past_the_hook(stick, image, "told partition 3)",
                        "Windows's kernel: partition 3 of hd81 (Volume2-01), its loader: partition 1 of hd81.")


def test_no_entry_for_windows_own_volume_is_said(stick, tmp_path):
    """The loader's volume has one. NTLDR finds Windows all the same, and the warning speaks of Windows's volume."""
    ini = boot_ini("multi(0)disk(0)rdisk(0)partition(2)")
    image = server(tmp_path, system_volume(tmp_path, 2003, ini), *windows_volume(tmp_path, [
        f"entry Disk2 slot=1 type=0x42 start={LBA} size=81920"]))
    boots.expect(image, LBA, flags=HANDED_OVER, partition=1, partition_lba=WINDOWS_LBA, line=line_of(image, ini))
    boots_past_the_hook(stick, image, "LDM-0530: Volume2:")


def test_every_line_of_boot_ini_has_its_volume(stick, tmp_path):
    """Three Windows on three volumes: the line that a person chooses by key leads to its own, not the default's only."""
    third = tmp_path / "third.img"
    disks.run(BUILD / "mkvolume", "-s", 30000 * SECTOR, third, "WINNT/system32/")
    path = "multi(0)disk(0)rdisk(0)partition"
    ini = boot_ini(f"{path}(1)", f'{path}(2)\\WINDOWS="second"', f'{path}(3)\\WINNT="third"')
    image = server(tmp_path, system_volume(tmp_path, 2003, ini), *windows_volume(tmp_path, []), f"""
volume Volume3 hint=E: size=30000
  component Volume3-01
    partition Disk2-03 disk=Disk2 lba=150000 size=30000
content Volume3-01 file={third}
entry Disk2 slot=1 type=0x42 start=63 size=260000""")
    for number, lba in ((1, WINDOWS_LBA), (3, 150000)):
        boots.expect(image, LBA, flags=HANDED_OVER, partition=number, partition_lba=lba)
        boots_past_the_hook(stick, image)


def test_bootmgr_without_a_store_is_shown_windows_own_volume(stick, tmp_path):
    """It starts Windows from a plain disk then ("locate" elements, a store that is stored in a way we do not read)."""
    windows, winload = tmp_path / "windows.img", tmp_path / "winload"
    winload.write_bytes(b"MZ")
    disks.run(BUILD / "mkvolume", "-s", 30000 * SECTOR, windows, f"Windows/System32/winload.exe={winload}")
    image = server(tmp_path, system_volume(tmp_path, 2008), f"""
volume Volume2 hint=D: size=30000
  component Volume2-01
    partition Disk2-02 disk=Disk2 lba={WINDOWS_LBA} size=30000
content Volume2-01 file={windows}
entry Disk2 slot=1 type=0x42 start={WINDOWS_LBA} size=30000
entry Disk2 slot=2 type=0x42 start={LBA} size=81920""")
    boots.expect(image, LBA, flags=HANDED_OVER | KERNEL, partition_lba=WINDOWS_LBA)
    boots_past_the_hook(stick, image, "told partition 1)", "partition 1 of hd81 (Volume2-01), its loader: partition 2 of hd81.")


def cured(image, tmp_path):
    """The disk with the sector 0 that ldmboot-inspect makes, put by the commands that it prints."""
    done = disks.run(BUILD / "ldmboot-inspect", "--sector0", tmp_path / "new", image)
    for command in re.findall(r"^    (dd .*)$", done.stdout, re.M)[:2]:
        disks.run("sh", "-c", command)
    return done.stdout


@pytest.mark.parametrize("flavour, entries, number", [
    (2003, [VENDOR, "entry Disk2 slot=2 type=0x42 start=1063 size=140000"], 2),
    (2003, ["entry Disk2 slot=1 type=0x42 start=63 size=141000"], 1),
    (2008, ["entry Disk2 slot=2 type=0x42 start=1063 size=140000", VENDOR], 3),
], ids=["2003-behind-a-vendors", "2003-alone", "2008"])
def test_the_cure_behind_ldmboot_and_alone(flavour, entries, number, stick, tmp_path):
    """What --sector0 makes leads the kernel to the volume, whether ldmboot starts it or the BIOS by itself."""
    ini = boot_ini(f"multi(0)disk(0)rdisk(0)partition({number})") if flavour == 2003 else b""
    volume = system_volume(tmp_path, flavour, ini)
    disks.mkldm(tmp_path, SERVER.replace("signature=", "sector0=$mbr signature=") + "\n".join(entries) +
                "\n", volume=volume, lba=LBA, mbr=BUILD / "bios/mbr.bin")
    image = tmp_path / "Disk2.img"
    assert "has to change" not in cured(image, tmp_path)
    line = line_of(image, ini) if ini else 0
    boots.expect(image, LBA, flags=HANDED_OVER | KERNEL, partition=1 if ini else 0, partition_lba=LBA, line=line)
    assert "LDM-0530" not in boots_past_the_hook(stick, image, f"told partition {number})")

    # HiddenSectors, as the tool says; and the geometry of this BIOS, which the boot code of 2003 reads with.
    write_at(image, LBA * SECTOR + 0x18, struct.pack("<HHI", 63, 16, LBA))
    boots.expect(image, LBA, flags=KERNEL | EDD, partition=1 if ini else 0, partition_lba=LBA, line=line)
    with Machine([Disk(image, "ide", boot=0)]) as guest:
        guest.wait_serial(r"STANDIN: (PASS|FAIL)")
        # Without ldmboot the entry is of type 42, which the loaders accept (docs/windows-boot.md); all else is as it should be.
        assert re.findall(r"^  BAD  (.*?)\r?$", guest.serial, re.M) == ["it has the type of an ordinary partition"], guest.serial
        assert f"told partition {number})" in guest.serial
