# SPDX-License-Identifier: GPL-2.0-or-later
"""The reader of common/ and the writer mkldm, made apart from one documentation, agree on random groups.

Each seed makes a group of disks (MBR and GPT, some missing) and volumes of every kind at random places,
with the database in a random order. ldmboot-inspect --json has to show what was described.
"""
import json
import random
import subprocess

import pytest

from ldmdisk import BUILD, make

INSPECT = BUILD / "ldmboot-inspect"
SEEDS = range(24)
DISK_SECTORS = 200 << 11
ROOM = 340000           # sectors that the public region of every such disk has
SHAPES = {"simple": [("concat", 1)], "mirrored": [("concat", 1), ("concat", 1)], "spanned": [("concat", 3)],
          "striped": [("stripe", 2)], "raid5": [("raid5", 3)], "mirrored spans": [("concat", 2), ("concat", 3)]}

pytestmark = pytest.mark.skipif(not INSPECT.exists(), reason="build/ldmboot-inspect is not there")


class RandomGroup:
    """The text of a description, and what a reader should find."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines = [f"group Dg{seed} version={self.random.choice(['2.11', '2.12'])} "
                      f"transaction={self.random.randrange(2, 1 << 40)}"]
        self.disks, self.free = {}, {}
        for index in range(1, self.random.randrange(2, 6)):
            self._disk(f"Disk{index}")
        order = self.random.choice(["normal", "reversed", "interleaved", "shuffled"])
        self.lines.append(f"database order={order} seed={seed} fragments={self.random.randrange(1, 4)} "
                          f"spread={self.random.choice(['yes', 'no'])}")
        self.volumes = {}
        for index in range(1, self.random.randrange(2, 8)):
            self._volume(f"Volume{index}", self.random.choice(sorted(SHAPES)))

    def _disk(self, name):
        table = self.random.choice(["mbr", "gpt"])
        missing = bool(self.disks) and self.random.random() < 0.3
        self.lines.append(f"disk {name} table={table} size={DISK_SECTORS} missing={'yes' if missing else 'no'} "
                          f"record={self.random.choice(['0x34', '0x44'])} device={'x' * self.random.randrange(100)}")
        # Where the public region begins: 63, or behind GPT, metadata and 31 MB that Windows reserves.
        self.disks[name] = (63 if table == "mbr" else 34 + 2048 + 63488, missing)
        self.free[name] = self.random.randrange(5000)

    def _volume(self, name, shape):
        part_sectors = self.random.randrange(128, 8192, 128)
        data = {"raid5": 2}.get(shape, SHAPES[shape][0][1])     # parts' worth of data in the volume
        size = part_sectors * data * (3 if shape == "mirrored spans" else 1)
        hint = self.random.choice(["", f"{self.random.choice('CDEFG')}:"])
        self.lines.append(f"volume {name} size={size} hint={hint}")
        components = []
        for index, (layout, parts) in enumerate(SHAPES[shape], 1):
            component = f"{name}-{index:02}"
            self.lines.append(f"component {component} layout={layout}")
            sectors = part_sectors if shape != "mirrored spans" else size // parts
            components.append((component, [self._part(component, number, sectors) for number in range(parts)]))
        self.volumes[name] = {"size_sectors": size, "hint": hint, "type": kind_of(shape, components),
                              "components": components}

    def _part(self, component, number, sectors):
        disk = self.random.choice(sorted(self.disks))
        start = self.free[disk] + self.random.randrange(100)
        self.free[disk] = start + sectors
        assert self.free[disk] < ROOM
        self.lines.append(f"partition {component}-{number} disk={disk} start={start} size={sectors}")
        public, missing = self.disks[disk]
        return {"disk": disk, "lba": None if missing else public + start, "sectors": sectors}


def kind_of(shape, components):
    """As Windows says it: what lies on one disk is simple, also in several pieces."""
    if len(components) > 1:
        return "mirrored"
    one_disk = len({part["disk"] for part in components[0][1]}) == 1
    return "simple" if shape == "spanned" and one_disk else shape


def shown(directory):
    images = sorted(directory.glob("*.img"))
    done = subprocess.run([INSPECT, "--json", *images], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 2, 3), done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("seed", SEEDS)
def test_reader_finds_what_was_described(seed, tmp_path):
    described = RandomGroup(seed)
    make("\n".join(described.lines) + "\n", tmp_path)
    group, = shown(tmp_path)["groups"]
    assert group["status"] == "clean"
    assert {volume["name"] for volume in group["volumes"]} == set(described.volumes)
    for volume in group["volumes"]:
        expected = described.volumes[volume["name"]]
        for key in ("size_sectors", "type"):
            assert volume[key] == expected[key], volume["name"]
        assert (volume["hint"] or "") == expected["hint"]
        found = [(component["name"], [{key: extent[key] for key in ("disk", "lba", "sectors")}
                                      for extent in component["extents"]]) for component in volume["components"]]
        assert found == expected["components"]
        for component in volume["components"]:
            absent = any(extent["lba"] is None for extent in component["extents"])
            assert component["state"] == ("missing" if absent else "active")
            assert component["usable"] is not absent
