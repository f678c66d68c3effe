# SPDX-License-Identifier: GPL-2.0-or-later
"""Every single sector of the metadata lost, one at a time: the same plan, a refusal, or a question.

tests/sweep/sweep.c does the work; here are the disks it works on, one kind of group after the other.
"""
import os
import re
import subprocess

import pytest

from ldmdisk import BUILD, make

TWO = """
define volume ""
group Dg0 {version}
disk Disk1 table={table} size=100M
disk Disk2 table={table} size=100M
volume Volume1 hint=C: flags={flags} size=20M
  component Volume1-01
    partition Disk1-01 disk=Disk1
  component Volume1-02
    partition Disk2-01 disk=Disk2 start=3000
content Volume1 file=$volume boot=ntfs hidden=63
"""
# What is left of it: one disk.
ONE = TWO.replace("size=100M", "size=100M missing=yes", 1)
# Disk1 was away: its own database, which is older, calls its half good.
STALE = TWO + """
change group transaction=61
change component Volume1-01 state=STALE flags=recover
change partition Disk1-01 flags=recover
on Disk1: change group transaction=55 sequence=4
on Disk1: change component Volume1-01 state=ACTIVE flags=0
on Disk1: change partition Disk1-01 flags=0
"""
# The right volume among others: losing its records must not promote another one.
AMONG_OTHERS = """
define volume ""
define data ""
group Dg0 {version}
disk Disk1 table={table} size=140M
disk Disk2 table={table} size=140M missing=yes
volume Data1 hint=D: size=4M
  component Data1-01
    partition Disk1-01 disk=Disk1
volume Data2 hint=E: size=4M
  component Data2-01
    partition Disk1-02 disk=Disk1
  component Data2-02
    partition Disk2-01 disk=Disk2
volume Volume1 hint=C: flags={flags} size=20M
  component Volume1-01
    partition Disk1-03 disk=Disk1
  component Volume1-02
    partition Disk2-02 disk=Disk2
content Data1 file=$data boot=ntfs hidden=63
content Data2 file=$data boot=ntfs hidden=63
content Volume1 file=$volume boot=ntfs hidden=63
"""
# Two volumes with a loader: a question, which no lost sector may answer.
TWO_LOADERS = """
define volume ""
group Dg0 {version}
disk Disk1 table={table} size=140M
volume Old hint=D: size=20M
  component Old-01
    partition Disk1-01 disk=Disk1
volume New hint=C: size=20M
  component New-01
    partition Disk1-02 disk=Disk1
content Old file=$volume boot=ntfs hidden=63
content New file=$volume boot=ntfs hidden=63
"""
# Which half (docs/how-it-chooses.md): lines that are added to TWO, as both disks have them or one of them.
WHICH_HALF = {
    "away": "on Disk1: change group transaction=55 sequence=4\n",
    "resync": "change volume Volume1 state=SYNC\nchange component Volume1-01 state=SYNC\n",
    "leaving": "change group pending=41\nchange component Volume1-01 status=leaving\n",
    "torn": "on Disk1: change group transaction=39 pending=40 state=commit\n",
    "unfinished writes": "klog dirty a=Volume1-01 b=40\n",
    "detached by the log": "klog detach a=Volume1-01 b=40\n",
    "overlap": "volume Data hint=D: size=4M\n  component Data-01\n    partition Disk1-02 disk=Disk1 start=1000 loose=yes\n",
}
# Questions that no lost sector may answer. What differs lies in more than one sector, as when Windows did it.
DISPUTED = {
    "split brain": """database spread=yes order=shuffled seed=7
on Disk1: change group transaction=35 sequence=4
on Disk1: change component Volume1-02 state=STALE flags=recover
on Disk1: change partition Disk2-01 flags=recover
on Disk1: change disk Disk2 flags=removed
on Disk2: change component Volume1-01 state=STALE flags=recover
""",
    "split by the logs": "on Disk1: klog detach a=Volume1-02 b=40\non Disk2: klog detach a=Volume1-01 b=40\n",
    "older disk's log": "on Disk1: change group transaction=35 sequence=4\non Disk1: klog detach a=Volume1-02 b=35\n",
    "records differ": """database spread=yes order=shuffled seed=7
on Disk1: change component Volume1-02 state=STALE
on Disk1: change disk Disk2 flags=removed
""",
}
GROUPS = {"one disk": ONE, "two disks": TWO, "stale half": STALE, "among others": AMONG_OTHERS,
          "two loaders": TWO_LOADERS}
VERSIONS = {"mbr": "", "gpt": "version=2.12"}
MARKS = {"marked": "boot,system", "unmarked": "0"}


def sweep(program, firmware, images, block=512, options=()):
    done = subprocess.run([BUILD / "tests" / program, firmware, "--volume-sectors", *options, str(block), *images],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    counts = re.fullmatch(r"expected=(\w+) same=(\d+) other_half=(\d+) asked=(\d+) refused=(\d+) failed=0\n",
                          done.stdout)
    assert counts, done.stdout
    return (counts[1], *map(int, counts.groups()[1:]))


def sweep_group(program, name, table, mark, firmware, volumes, tmp_path):
    windows_volume, data_volume = volumes
    values = {"volume": windows_volume, "data": data_volume} if name == "among others" else {"volume": windows_volume}
    make(GROUPS[name].format(table=table, version=VERSIONS[table], flags=MARKS[mark]), tmp_path, **values)
    expected, same, other_half, asked, refused = sweep(program, firmware, sorted(tmp_path.glob("*.img")))
    runs = same + other_half + asked + refused
    assert runs > 10000
    if name == "two loaders":
        assert expected == "ask" and same == 0 and asked > 0.99 * runs
    else:
        assert expected == "boot" and same > 0.95 * runs  # most sectors are not needed, or have a spare copy
    if name != "two disks":
        assert other_half == 0


def sweep_disputed(program, more, table, firmware, volume, tmp_path, images=None):
    make(TWO.format(table=table, version=VERSIONS[table], flags=MARKS["marked"]) + more, tmp_path, volume=volume)
    expected, same, other_half, asked, refused = sweep(program, firmware, images or sorted(tmp_path.glob("*.img")))
    assert expected == "ask" and same == other_half == 0
    assert asked > 0.99 * (asked + refused) and asked > 10000


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
@pytest.mark.parametrize("name", WHICH_HALF)
def test_sweep_of_which_half(name, firmware, windows_volume, tmp_path):
    """The half that is not the right one never starts, whatever sector is lost."""
    make(TWO.format(table="mbr", version="", flags="boot,system") + WHICH_HALF[name], tmp_path, volume=windows_volume)
    expected, same, other_half, asked, refused = sweep("sweep", firmware, sorted(tmp_path.glob("*.img")))
    assert expected == "boot" and other_half == 0
    assert same > 0.95 * (same + asked + refused)


@pytest.mark.parametrize("name,table,firmware", [(name, "mbr", firmware) for name in DISPUTED for firmware in ("bios", "uefi")]
                         + [("split brain", "gpt", "uefi")])
def test_sweep_of_disputed_halves(name, table, firmware, windows_volume, tmp_path):
    sweep_disputed("sweep", DISPUTED[name], table, firmware, windows_volume, tmp_path)


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_sweep_of_clones(firmware, windows_volume, tmp_path):
    sweep_disputed("sweep", "clone Copy of=Disk2\n", "mbr", firmware, windows_volume, tmp_path,
                   [tmp_path / "Disk2.img", tmp_path / "Copy.img"])


# GPT disks take long, for their checksums: not all combinations of them.
@pytest.mark.parametrize("table,mark,firmware", [("mbr", "marked", "bios"), ("mbr", "unmarked", "bios"),
                                                 ("mbr", "marked", "uefi"), ("gpt", "marked", "uefi"),
                                                 pytest.param("gpt", "unmarked", "bios", marks=pytest.mark.long)])
@pytest.mark.parametrize("name", GROUPS)
def test_sweep(name, table, mark, firmware, windows_volume, data_volume, tmp_path):
    sweep_group("sweep", name, table, mark, firmware, (windows_volume, data_volume), tmp_path)


@pytest.mark.parametrize("name", GROUPS)
def test_sweep_with_sanitizers(name, windows_volume, data_volume, tmp_path):
    sweep_group("sweep-san", name, "mbr", "marked", "uefi", (windows_volume, data_volume), tmp_path)


def test_sweep_of_4096_byte_blocks(windows_volume, tmp_path):
    description = ONE.replace("size=100M", "size=200M block=4096")
    make(description.format(table="gpt", version="version=2.12", flags="boot"), tmp_path, volume=windows_volume)
    expected, same, _, asked, refused = sweep("sweep", "uefi", [tmp_path / "Disk2.img"], block=4096)
    assert expected == "boot" and same > 0.95 * (same + asked + refused)


def test_sweep_of_real_disks(real):
    """Their volumes hold no loader, which is a question, and no lost sector answers it."""
    mirror = [real["ldm-2003r2-mirrored-1"], real["ldm-2003r2-mirrored-2"]]
    for images in ([mirror[1]], [real["ldm-2003r2-simple-1"]], [real["ldm-2008r2-mirrored-2"]], mirror):
        expected, same, other_half, asked, refused = sweep("sweep", "bios", images)
        assert expected == "ask" and same == other_half == 0 and asked > 0.95 * (asked + refused)


# How disks die: holes of a physical sector of 4 KiB and more. Sectors -> distance of the places where they begin; SWEEP=full
# (make check SWEEP=full) begins them everywhere.
FULL = os.environ.get("SWEEP") == "full"
HOLES = {1: 3, 8: 5, 16: 11, 64: 37}


@pytest.mark.parametrize("sectors", HOLES)
@pytest.mark.parametrize("table,firmware", [("mbr", "bios"), ("mbr", "uefi"), ("gpt", "bios"), ("gpt", "uefi")])
@pytest.mark.parametrize("name", GROUPS)
def test_holes(name, table, firmware, sectors, windows_volume, data_volume, tmp_path):
    """On one disk or on all at the same place: the same plan as without it wherever a spare copy exists (sweep.c)."""
    values = {"volume": windows_volume, "data": data_volume} if name == "among others" else {"volume": windows_volume}
    make(GROUPS[name].format(table=table, version=VERSIONS[table], flags=MARKS["marked"]), tmp_path, **values)
    options = ["--holes", str(sectors), "1" if FULL else str(HOLES[sectors])]
    expected, same, other_half, asked, refused = sweep("sweep", firmware, sorted(tmp_path.glob("*.img")),
                                                       options=options)
    assert expected == ("ask" if name == "two loaders" else "boot")
    assert name == "two disks" or other_half == 0
    assert same + other_half + asked + refused >= 50


def test_holes_in_4096_byte_blocks(windows_volume, tmp_path):
    make(ONE.replace("size=100M", "size=200M block=4096").format(table="gpt", version="version=2.12", flags="boot"),
         tmp_path, volume=windows_volume)
    for sectors in (8, 64):
        expected, same, _, asked, refused = sweep("sweep", "uefi", [tmp_path / "Disk2.img"], block=4096,
                                                  options=["--holes", str(sectors), "8"])
        assert expected == "boot" and same > 0.9 * (same + asked + refused)


def test_holes_in_real_disks(real):
    for name in ("ldm-2003r2-mirrored-2", "ldm-2008r2-mirrored-2"):
        for sectors in (8, 64):
            expected, same, _, asked, refused = sweep("sweep", "bios", [real[name]], options=["--holes", str(sectors), "5"])
            assert expected == "ask" and same == 0      # they hold no loader
            assert asked > 0.9 * (asked + refused)
