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
