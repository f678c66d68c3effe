# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot-inspect --sector0: the file, the commands that it prints (run here, on copies), and what it refuses."""
import re
import shutil
import struct
import subprocess

import pytest

from ldmdisk import BUILD, DISKS, make

INSPECT = BUILD / "ldmboot-inspect"
LBA, SECTORS = 14112, 81920        # the half of degraded-bios.ldm


def run(*arguments, exit_status=0):
    done = subprocess.run([INSPECT, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == exit_status, done.stdout + done.stderr
    return done


def table(sector):
    """(active, type, start, sectors) of the entries in use."""
    entries = [struct.unpack_from("<B3xB3xII", sector, 0x1BE + 16 * n) for n in range(4)]
    return [e for e in entries if e[1]]


@pytest.fixture
def degraded(tmp_path, windows_volume):
    make(DISKS / "degraded-bios.ldm", tmp_path, volume=windows_volume)
    return tmp_path / "Disk2.img"


def test_own_entry(degraded, tmp_path):
    before = degraded.read_bytes()
    done = run("--sector0", tmp_path / "new", degraded)
    sector, old = (tmp_path / "new").read_bytes(), before[:512]
    assert degraded.read_bytes() == before
    assert len(sector) == 512
    assert sector[:0x1BE] == old[:0x1BE] and sector[0x1FE:] == b"\x55\xaa"   # boot code, signature
    assert (0x80, 0x42, LBA, SECTORS) in table(sector)
    # The entries of LDM cover what they covered before, without gaps, one active.
    ((_, kind, start, length),) = table(old)
    assert kind == 0x42
    covered = sorted((s, s + n) for _, t, s, n in table(sector) if t == 0x42)
    assert covered[0][0] == start and covered[-1][1] == start + length
    assert all(a[1] == b[0] for a, b in zip(covered, covered[1:]))
    assert sum(active == 0x80 for active, *_ in table(sector)) == 1
    assert "63 hidden sectors, not 14112" in done.stdout


def test_printed_commands(tmp_path, windows_volume):
    """They save the old sector, put the new one, and take it back; a blank and a quote in the names do no harm."""
    folder = tmp_path / "it's here"
    folder.mkdir()
    make(DISKS / "degraded-bios.ldm", folder, volume=windows_volume)
    disk, new = folder / "Disk2.img", folder / "new sector"
    before = disk.read_bytes()
    done = run("--sector0", new, disk)
    save, put, back = re.findall(r"^    (dd .*)$", done.stdout, re.M)
    for command in (save, put):
        subprocess.run(["sh", "-c", command], check=True, capture_output=True)
    assert disk.read_bytes() == new.read_bytes() + before[512:]
    # The volume has its entry now: nothing is left to do, and nothing is written.
    assert "already" in run("--sector0", tmp_path / "again", disk).stdout
    assert not (tmp_path / "again").exists()
    assert subprocess.run(["sh", "-c", save], capture_output=True, check=False).returncode != 0   # the saved one stays
    subprocess.run(["sh", "-c", back], check=True, capture_output=True)
    assert disk.read_bytes() == before


def test_retained_volume_becomes_active(tmp_path, windows_volume):
    make(DISKS / "retained.ldm", tmp_path, volume=windows_volume)
    disk = tmp_path / "Disk2.img"
    run("--sector0", tmp_path / "new", disk)
    assert table((tmp_path / "new").read_bytes()) == [(0x80, 0x42, 63, 81920), (0, 0x42, 81983, 30472)]


SERVER = """
define volume ""
define windows ""
group Dg0
disk Disk1 size=50M missing=yes
disk Disk2 size=80M cover=no
volume Volume1 hint=C: flags=boot,system size=81920
  component Volume1-01
    partition Disk1-01 disk=Disk1
  component Volume1-02
    partition Disk2-01 disk=Disk2 lba=14112
content Volume1 file=$volume boot=ntfs hidden=63
"""
SECOND = """
volume Volume2 hint=D: size=30000
  component Volume2-01
    partition Disk2-02 disk=Disk2 lba=110000
content Volume2-01 file=$windows
"""


def new_table(tmp_path, entries, volume, more="", **values):
    """The table that comes out for a disk with these entries, and what is said about it."""
    description = tmp_path / "server.ldm"
    description.write_text(SERVER + more + "".join(f"entry Disk2 {entry}\n" for entry in entries))
    make(description, tmp_path, volume=volume, **values)
    done = run("--sector0", tmp_path / "new", tmp_path / "Disk2.img")
    sector = (tmp_path / "new").read_bytes()
    return [struct.unpack_from("<B3xB3xII", sector, 0x1BE + 16 * n)[1:] for n in range(4)], done.stdout


@pytest.fixture
def volume_with_ini(tmp_path, windows_volume):
    """The Windows volume with this boot.ini in it."""
    def build(path, folder="WINDOWS"):
        volume, ini = shutil.copy(windows_volume, tmp_path / "volume.img"), tmp_path / "boot.ini"
        ini.write_text(f"[boot loader]\r\ndefault={path}\\{folder}\r\n")
        subprocess.run(["ntfscp", "-f", volume, ini, "boot.ini"], check=True, capture_output=True)
        return volume
    return build


@pytest.mark.parametrize("entries", [
    ["slot=1 type=0xde start=63 size=1000", "slot=2 type=0x42 start=1063 size=150000"],
    ["slot=1 type=0x42 start=1063 size=150000", "slot=2 type=0xde start=63 size=1000"],
    ["slot=3 type=0xde start=63 size=1000", "slot=1 type=0x42 start=1063 size=150000"],
], ids=["before", "behind", "hole"])
def test_entries_keep_their_slots(entries, tmp_path, volume_with_ini):
    """A service partition stays where it is, whatever its start is, and the volume gets boot.ini's number."""
    slot = next(int(e[5]) - 1 for e in entries if "0xde" in e)
    number = 2 if slot == 0 else 1
    table_, said = new_table(tmp_path, entries, volume_with_ini(f"multi(0)disk(0)rdisk(0)partition({number})"))
    assert table_[slot] == (0xDE, 63, 1000)
    assert [e for e in table_ if e[0]].index((0x42, LBA, SECTORS)) == number - 1
    assert f"partition {number} of this disk" in said and "has to change" not in said
    covered = sorted((start, start + size) for kind, start, size in table_ if kind == 0x42)
    assert covered[0][0] == 1063 and covered[-1][1] == 151063 and all(a[1] == b[0] for a, b in zip(covered, covered[1:]))


@pytest.mark.parametrize("path", ["multi(0)disk(0)rdisk(0)partition(1)", "multi(0)disk(0)rdisk(1)partition(2)"])
def test_boot_ini_that_has_to_change(path, tmp_path, volume_with_ini):
    table_, said = new_table(tmp_path, ["slot=1 type=0xde start=63 size=1000", "slot=2 type=0x42 start=1063 size=150000"],
                             volume_with_ini(path))
    assert table_[:2] == [(0xDE, 63, 1000), (0x42, 1063, LBA - 1063)] and table_[2] == (0x42, LBA, SECTORS)
    assert "boot.ini has to change" in said and "    multi(0)disk(0)rdisk(0)partition(3)\n" in said


def test_windows_own_volume_gets_an_entry_too(tmp_path, volume_with_ini):
    """Its number is boot.ini's; the loader's volume is the active one."""
    windows = tmp_path / "windows.img"
    subprocess.run([BUILD / "mkvolume", "-s", str(30000 * 512), windows, "WINNT/system32/"], check=True)
    table_, said = new_table(tmp_path, ["slot=1 type=0x42 start=63 size=139937"],
                             volume_with_ini("multi(0)disk(0)rdisk(0)partition(2)", "WINNT"), SECOND, windows=windows)
    assert table_ == [(0x42, 63, 14049), (0x42, 110000, 30000), (0x42, LBA, SECTORS), (0x42, 96032, 13968)]
    assert "Volume1-02 (loader) and Volume2-01 (Windows)" in said
    assert "call Volume2 partition 2" in said


def test_entry_that_begins_at_the_loaders_volume(tmp_path, volume_with_ini):
    """It has the kernel's number already, and keeps it; its length becomes the volume's."""
    windows = tmp_path / "windows.img"
    subprocess.run([BUILD / "mkvolume", "-s", str(30000 * 512), windows, "WINNT/system32/"], check=True)
    table_, said = new_table(tmp_path, ["slot=1 type=0x42 start=14112 size=125888"],
                             volume_with_ini("multi(0)disk(0)rdisk(0)partition(2)", "WINNT"), SECOND, windows=windows)
    assert table_[:2] == [(0x42, LBA, SECTORS), (0x42, 110000, 30000)]
    assert "would give Volume2-01 (Windows) an entry" in said


def test_entry_that_only_has_to_be_active(tmp_path, windows_volume):
    table_, said = new_table(tmp_path, ["slot=2 type=0x42 start=14112 size=81920", "slot=1 type=0x42 start=63 size=14049"],
                             windows_volume)
    assert table_[:2] == [(0x42, 63, 14049), (0x42, LBA, SECTORS)] and "nothing to cure" in said


def test_nothing_to_cure(tmp_path, windows_volume):
    description = tmp_path / "server.ldm"
    description.write_text(SERVER + "entry Disk2 slot=2 type=0x42 start=14112 size=81920 active=yes\n")
    make(description, tmp_path, volume=windows_volume)
    assert "nothing to cure" in run("--sector0", tmp_path / "new", tmp_path / "Disk2.img").stdout
    assert not (tmp_path / "new").exists()


def test_no_room(tmp_path, windows_volume):
    """Three other entries and a cover with the volume in its middle: no fourth and fifth."""
    description = tmp_path / "server.ldm"
    description.write_text(SERVER + "entry Disk2 slot=4 type=0x42 start=1063 size=150000\n" + "".join(
        f"entry Disk2 slot={n} type=0xde start={100 * n} size=100\n" for n in (1, 2, 3)))
    make(description, tmp_path, volume=windows_volume)
    assert "four entries" in run("--sector0", tmp_path / "new", tmp_path / "Disk2.img", exit_status=1).stderr
    assert not (tmp_path / "new").exists()


def test_gpt_is_explained(tmp_path, windows_volume):
    """No file, no command: diskpart's retain is named."""
    make(DISKS / "degraded-uefi.ldm", tmp_path, volume=windows_volume)
    done = run("--firmware", "uefi", "--sector0", tmp_path / "new", tmp_path / "Disk2.img", exit_status=1)
    assert "retain" in done.stdout and "diskpart" in done.stdout and "dd " not in done.stdout
    assert not (tmp_path / "new").exists()


def test_existing_files_are_not_overwritten(degraded, tmp_path):
    """Not the disk itself either, by a slip of the hand."""
    for target in (degraded, shutil.copy(degraded, tmp_path / "other")):
        before = open(target, "rb").read()
        assert "exists" in run("--sector0", target, degraded, exit_status=1).stderr
        assert open(target, "rb").read() == before


def test_unclear_volume(tmp_path, windows_volume):
    make(DISKS / "two-candidates.ldm", tmp_path, volume=windows_volume)
    images = sorted(tmp_path.glob("*.img"))
    done = run("--sector0", tmp_path / "new", *images, exit_status=1)
    assert "--config" in done.stderr
    assert not (tmp_path / "new").exists()


def test_json_stays_json(degraded, tmp_path):
    done = run("--json", "--sector0", tmp_path / "new", degraded)
    assert done.stdout.startswith("{") and "dd if=" not in done.stdout and "dd if=" in done.stderr
