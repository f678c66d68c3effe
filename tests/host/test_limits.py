# SPDX-License-Identifier: GPL-2.0-or-later
"""Large groups, and disks that the firmware shows only a part of, through ldmboot-inspect: the machine's own code."""
import os

from conftest import make_volume
from ldmdisk import DISKS, make
from test_inspect import inspect_json

MIB_SECTORS = 2048
CROWD = 16
HUNDREDS = 400

HALVES = """
  component Volume1-01
    partition Disk1-01 disk=Disk1
  component Volume1-02
    partition Disk{last}-01 disk=Disk{last}
"""


def crowd(folder, volume):
    """A group of 16 disks; the system volume is mirrored on the first and the last one."""
    lines = ["group Dg0"] + [f"disk Disk{n} table=mbr size=40M" for n in range(1, CROWD + 1)]
    lines += ["volume Volume1 hint=C: flags=boot,system size=20M", HALVES.format(last=CROWD)]
    for n in range(2, CROWD):
        lines += [f"volume Data{n} size=4M", f"  component Data{n}-01", f"    partition Disk{n}-01 disk=Disk{n}"]
    lines.append(f"content Volume1 file={volume} boot=ntfs hidden=63")
    make("\n".join(lines) + "\n", folder)
    return [folder / f"Disk{n}.img" for n in range(1, CROWD + 1)]


def codes(notes):
    return {note["code"] for note in notes}


def test_16_disks_in_a_group(tmp_path, windows_volume):
    images = crowd(tmp_path, windows_volume)
    document = inspect_json(*images, exit_status=0)
    assert [disk["status"] for disk in document["disks"]] == ["ok"] * CROWD
    assert len(document["groups"]) == 1 and len(document["groups"][0]["volumes"]) == CROWD - 1
    assert (document["plan"]["component"], document["plan"]["path"]) == ("Volume1-01", str(images[0]))
    assert "LDM-0512" in codes(document["plan"]["notes"])


def test_the_last_of_16_disks_is_enough(tmp_path, windows_volume):
    images = crowd(tmp_path, windows_volume)
    plan = inspect_json(images[-1], exit_status=0)["plan"]
    assert (plan["component"], plan["lba"]) == ("Volume1-02", 63)


def test_a_database_with_1900_partitions(tmp_path, windows_volume):
    folder = make(DISKS / "big.ldm", tmp_path, volume=windows_volume)
    document = inspect_json(folder / "Disk1.img", folder / "Disk2.img", exit_status=0)
    group, = document["groups"]
    assert sum(len(c["extents"]) for v in group["volumes"] for c in v["components"]) == 1900
    assert document["plan"]["volume"] == "Volume1"
    assert document["plan"]["rejected"][-1]["volume"].startswith("Data")


def test_hundreds_of_halves_that_are_probed(tmp_path, windows_volume, tmp_path_factory):
    """In the memory that the BIOS program has: what each of them keeps is little (one window for all)."""
    small = make_volume(tmp_path_factory.mktemp("small") / "small.img", "2M", ("letter.txt", b"Dear Sir"))
    lines = ["group Dg0", "disk Disk1 table=mbr size=850M", "volume Volume1 hint=C: flags=boot,system size=20M",
             "  component Volume1-01", "    partition Disk1-01 disk=Disk1"]
    for n in range(HUNDREDS):
        lines += [f"volume Data{n} size=2M", f"  component Data{n}-01", f"    partition Disk1-D{n} disk=Disk1"]
    lines.append(f"content Volume1 file={windows_volume} boot=ntfs hidden=63")
    lines += [f"content Data{n} file={small}" for n in range(HUNDREDS)]
    make("\n".join(lines) + "\n", tmp_path)
    plan = inspect_json(tmp_path / "Disk1.img", exit_status=0)["plan"]
    assert plan["volume"] == "Volume1"
    assert len(plan["rejected"]) == HUNDREDS


# ---------------------------------------------------------------- clipped disks

GPT_HALF = """
group Dg0
disk Disk1 table=gpt size=100M
volume Volume1 hint=C: flags=boot,system size=20M
  component Volume1-01
    partition Disk1-01 disk=Disk1 start=90000
content Volume1 file=$volume
"""


def clip(image, sectors):
    os.truncate(image, sectors * 512)


def test_the_end_of_the_volume_is_out_of_reach(tmp_path, windows_volume):
    """GPT: the metadata lies at the front and is read; the volume is named as what cannot be reached."""
    make(GPT_HALF, tmp_path, volume=windows_volume)
    image = tmp_path / "Disk1.img"
    lba = inspect_json(image, exit_status=0)["plan"]["lba"]
    clip(image, lba + 20 * MIB_SECTORS)
    assert inspect_json(image, exit_status=0)["plan"]["result"] == "boot"
    clip(image, lba + 20 * MIB_SECTORS - 1)
    document = inspect_json(image, exit_status=2)
    component = document["groups"][0]["volumes"][0]["components"][0]
    assert not component["usable"] and "LDM-0343" in codes(component["reasons"])
    assert "LDM-0343" in codes(document["plan"]["rejected"])


def test_the_metadata_is_out_of_reach(tmp_path, windows_volume):
    """MBR: the metadata lies at the end; the PRIVHEAD at sector 6 tells where, and that is said."""
    image = crowd(tmp_path, windows_volume)[0]
    clip(image, 39 * MIB_SECTORS)
    disk = inspect_json(image, exit_status=2)["disks"][0]
    assert disk["status"] == "clipped" and disk["privhead_lba"] == 6
    assert "LDM-0309" in codes(disk["messages"])
