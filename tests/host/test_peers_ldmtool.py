# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmtool (libldm), which shares no code with us, reads mkldm's healthy disks as they were described.

Left out, because ldmtool cannot: a pending transaction (it counts records without a look at their
status), 4096-byte blocks (an image file tells it no block size). It drops the older one of two disks
whose databases differ (stale.ldm), so only the newer one is compared.
"""
import json
import shutil
import subprocess

import pytest

from ldmdisk import DISKS, Described, Disk, make, sectors

LEFT_OUT = {"pending.ldm", "4kn.ldm", "two-groups.ldm"}
OLDER = {"stale.ldm": "Disk1"}
# What the line-by-line parser of the tests does not see: spread and fill.
PARTLY = {"big.ldm", "full.ldm"}

pytestmark = pytest.mark.skipif(not shutil.which("ldmtool"), reason="ldmtool is not installed")


def ldmtool(images, *command):
    devices = [word for image in images for word in ("-d", str(image))]
    done = subprocess.run(["ldmtool", *devices, *command], capture_output=True, text=True, check=False)
    assert done.stdout.strip(), done.stderr
    return json.loads(done.stdout)


def kind_of(described, volume):
    """The word that ldmtool has for a volume."""
    components = [name for name, keys in described.components.items() if keys["volume"] == volume]
    if len(components) > 1:
        return "mirrored"
    layout = described.components[components[0]].get("layout", "concat")
    parts = [keys for keys in described.partitions.values() if keys["component"] == components[0]]
    return {"stripe": "striped", "raid5": "RAID5"}.get(layout, "simple" if len(parts) == 1 else "spanned")


@pytest.mark.parametrize("name", sorted(path.name for path in DISKS.glob("*.ldm") if path.name not in LEFT_OUT))
def test_ldmtool_agrees(name, tmp_path):
    described = Described(DISKS / name)
    make(DISKS / name, tmp_path)
    disks = [disk for disk in described.present() if disk != OLDER.get(name)]
    images = [tmp_path / f"{disk}.img" for disk in disks]
    group, = ldmtool(images, "scan")
    check_group(described, images, group, exactly=name not in PARTLY)
    for volume in described.volumes:
        check_volume(described, images, group, volume)
    for partition, keys in described.partitions.items():
        check_partition(images, group, partition, keys)
    for disk in disks:
        check_disk(images, group, disk)


def check_group(described, images, group, exactly):
    shown = ldmtool(images, "show", "diskgroup", group)
    for key, names in (("volumes", described.volumes), ("disks", described.disks)):
        assert set(names) <= set(shown[key])
        assert not exactly or len(shown[key]) == len(names)


def check_volume(described, images, group, volume):
    keys = described.volumes[volume]
    shown = ldmtool(images, "show", "volume", group, volume)
    assert shown["size"] == sectors(keys["size"])
    assert shown["type"] == kind_of(described, volume)
    assert shown["hint"] == keys["hint"]
    if "guid" in keys:
        assert shown["guid"] == keys["guid"]
    parts = [part for part, of in described.partitions.items()
             if described.components[of["component"]]["volume"] == volume]
    assert sorted(shown["partitions"]) == sorted(parts)


def check_partition(images, group, partition, keys):
    shown = ldmtool(images, "show", "partition", group, partition)
    assert shown["disk"] == keys["disk"]
    assert shown["size"] == sectors(keys["size"])
    if "start" in keys:
        assert shown["start"] == sectors(keys["start"])
    elif "lba" in keys and keys["disk"] in [image.stem for image in images]:
        disk = ldmtool(images, "show", "disk", group, keys["disk"])
        assert disk["data-start"] + shown["start"] == sectors(keys["lba"])


def check_disk(images, group, disk):
    """Present, with its regions where the partition table has them."""
    shown = ldmtool(images, "show", "disk", group, disk)
    assert shown["present"] is True
    image, = [image for image in images if image.stem == disk]
    on_disk = Disk(image, shown["metadata-start"])
    assert on_disk.region(2047).startswith(b"PRIVHEAD")
    assert shown["metadata-size"] == 2048
    assert shown["metadata-start"] == (34 if on_disk.read(1).startswith(b"EFI PART") else on_disk.sectors - 2048)


def test_ldmtool_sees_two_groups(tmp_path):
    make(DISKS / "two-groups.ldm", tmp_path)
    images = [tmp_path / "Data.img", tmp_path / "Half.img"]
    groups = [ldmtool(images, "show", "diskgroup", group) for group in ldmtool(images, "scan")]
    assert {group["name"]: group["disks"] for group in groups} == {"Own-Dg0": ["Data"], "Other-Dg0": ["Dead", "Half"]}


@pytest.mark.parametrize("options", ["order=shuffled seed=9", "order=reversed", "order=interleaved fragments=2",
                                     "free=1", "spread=yes seed=3", "order=shuffled spread=yes fragments=3"])
def test_ldmtool_reads_any_order_of_slots(options, tmp_path):
    text = (DISKS / "windows-2003r2.ldm").read_text() + f"database {options}\n"
    make(text, tmp_path)
    group, = ldmtool([tmp_path / "Disk7.img"], "scan")
    shown = ldmtool([tmp_path / "Disk7.img"], "show", "diskgroup", group)
    assert (len(shown["volumes"]), len(shown["disks"])) == (6, 10)
