# SPDX-License-Identifier: GPL-2.0-or-later
"""
Disks with blocks of 4096 bytes: nobody here has one that Windows wrote, so every layout that the numbers allow is read.

A private region of as many bytes as elsewhere (256 blocks) or as many blocks (2,048), its database anywhere from block 2
on, the second PRIVHEAD at any place of the last megabyte.
"""
import json
import subprocess

import pytest

from ldmdisk import BUILD, make

BLOCK = 8  # sectors

DISK = """
define volume ""
group Dg0 version=2.12 toc=1
{database}
disk Disk1 table={table} size=200M block=4096 missing=yes
disk Disk2 table={table} size=200M block=4096 {layout}
volume Volume1 hint=C: flags=boot size=20M
  component Volume1-01
    partition Disk1-01 disk=Disk1 start=128
  component Volume1-02
    partition Disk2-01 disk=Disk2 start=128
content Volume1 file=$volume boot=ntfs hidden=2048
{damage}
"""

LAYOUTS = {
    "usual": "",
    "database at block 2": f"config={2 * BLOCK}",
    "2,048 blocks": f"private-size={2048 * BLOCK} privhead2={1856 * BLOCK} config={2 * BLOCK} config-size={1500 * BLOCK}",
    "second copy early": f"privhead2={30 * BLOCK} config={40 * BLOCK} config-size={100 * BLOCK}",
}


def disk(folder, volume, table, layout, damage="", database="database spread=yes"):
    private = 2048 * BLOCK if layout == "2,048 blocks" else 2048
    keys = LAYOUTS[layout]
    if table == "mbr":
        keys += f" private={(200 << 11) - private}"
    make(DISK.format(table=table, layout=keys, damage="\n".join(damage), database=database), folder, volume=volume)
    done = subprocess.run([BUILD / "ldmboot-inspect", "--json", "--firmware", "uefi", folder / "Disk2.img",
                           "--block-size", "4096"], capture_output=True, check=False)
    return json.loads(done.stdout)


@pytest.mark.parametrize("table", ["mbr", "gpt"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(tmp_path, windows_volume, table, layout):
    answer = disk(tmp_path, windows_volume, table, layout)
    assert answer["plan"]["result"] == "boot" and answer["plan"]["component"] == "Volume1-02"
    assert answer["disks"][0]["status"] == "ok" and answer["disks"][0]["messages"] == []


@pytest.mark.parametrize("table, layout", [("mbr", "usual"), ("mbr", "second copy early"), ("gpt", "second copy early")])
def test_the_spare_privhead_is_found_wherever_it_is(tmp_path, windows_volume, table, layout):
    """Of MBR disks the copy at LBA 6 is lost, too."""
    lost = ["damage Disk2 at=privhead3"] + (["damage Disk2 at=privhead1"] if table == "mbr" else [])
    answer = disk(tmp_path, windows_volume, table, layout, lost)
    assert answer["plan"]["result"] == "boot" and answer["plan"]["component"] == "Volume1-02"


def test_no_privhead_at_all(tmp_path, windows_volume):
    lost = [f"damage Disk2 at=privhead{copy}" for copy in (1, 2, 3)]
    answer = disk(tmp_path, windows_volume, "mbr", "second copy early", lost)
    assert "LDM-0304" in [message["code"] for message in answer["disks"][0]["messages"]]


def test_more_than_is_kept_in_memory(tmp_path, windows_volume):
    """Used slots all over 6 MiB, as no Windows leaves them: said, and nothing starts by itself."""
    answer = disk(tmp_path, windows_volume, "gpt", "2,048 blocks", database="database fill=yes spread=yes")
    assert answer["plan"]["result"] != "boot"
    shown = subprocess.run([BUILD / "ldmboot-inspect", "--firmware", "uefi", "--block-size", "4096",
                            tmp_path / "Disk2.img"], capture_output=True, text=True, check=False).stdout
    assert "LDM-0322" in shown and "LDM-0101" not in shown
