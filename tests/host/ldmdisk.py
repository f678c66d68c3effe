# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of mkldm share: running it, the real images, and a look at structures by their offsets.

Facts: docs/ldm-format.md.
"""
import itertools
import json
import os
import re
import struct
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
DISKS = ROOT / "tests" / "disks"
DATA = Path(os.environ.get("LDMBOOT_DATA", ROOT.parent / "shared" / "data"))
SECTOR = 512
CONFIG, CONFIG_SECTORS, LOG, REGION = 17, 1481, 1498, 2048  # relative to the private region


def mkldm(description, directory, **values) -> subprocess.CompletedProcess:
    """Run mkldm on a file of tests/disks, or on a description given as text."""
    if isinstance(description, str):
        path = Path(directory) / "description.ldm"
        path.write_text(description)
    else:
        path = description
    define = [f"-D{name}={value}" for name, value in values.items()]
    return subprocess.run([ROOT / "build" / "mkldm", "-o", directory, *define, path],
                          capture_output=True, text=True, check=False)


def make(description, directory, **values) -> Path:
    """The same, when it must succeed; returns the directory."""
    done = mkldm(description, directory, **values)
    assert done.returncode == 0, done.stderr
    return Path(directory)


def decide(images, firmware="bios", *options) -> dict:
    """What ldmboot-inspect says of disks in the firmware's order; its exit status must fit."""
    done = subprocess.run([BUILD / "ldmboot-inspect", "--json", "--firmware", firmware, *options, *images],
                          capture_output=True, text=True, check=False)
    document = json.loads(done.stdout)
    assert done.returncode == {"boot": 0, "ask": 3, "none": 2}[document["plan"]["result"]]
    return document


def answer(document):
    """What is decided: the result, and why or what. Of two good halves it may be either, by the firmware's order."""
    plan = document["plan"]
    if plan["result"] != "boot":
        return plan["result"], plan["notes"][0]["code"]
    return "boot", plan["volume"] if "LDM-0512" in [note["code"] for note in plan["notes"]] else plan["component"]


def decide_in_every_order(images, firmware="bios", *options) -> dict:
    """The document for the disks in the order given; for every other order the answer is the same."""
    documents = [decide(order, firmware, *options) for order in itertools.permutations(images)]
    answers = [answer(document) for document in documents]
    assert len(set(answers)) == 1, answers
    return documents[0]


def real_image(name: str) -> Path:
    """An image that Windows wrote; skips the test when the archive is not there."""
    archive = DATA / "windows-ldm-images.tar.xz"
    image = BUILD / "data" / f"{name}.img"
    if not image.exists():
        if not archive.exists():
            pytest.skip(f"the real images are not here: {archive}")
        image.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=image.parent) as whole:       # another worker sees all of an image, or none
            subprocess.run(["tar", "xSJf", archive, "-C", whole], check=True)
            for path in Path(whole).iterdir():
                if not (image.parent / path.name).exists():
                    path.rename(image.parent / path.name)
    return image


class Disk:
    """An image by sectors; `private` is where its private region begins."""

    def __init__(self, path: Path, private=None):
        self.path = path
        self.sectors = path.stat().st_size // SECTOR
        self.private = self.sectors - REGION if private is None else private

    def read(self, sector: int, count: int = 1) -> bytes:
        with open(self.path, "rb") as file:
            file.seek(sector * SECTOR)
            return file.read(count * SECTOR)

    def region(self, sector: int, count: int = 1) -> bytes:
        return self.read(self.private + sector, count)

    def vmdb(self) -> bytes:
        return self.region(CONFIG)

    def slots(self) -> list:
        """Every slot after the VMDB: (number, record number, fragment, fragments, body)."""
        data = self.region(CONFIG + 1, CONFIG_SECTORS - 1)
        heads = [struct.unpack_from(">4sIIHH", data, at) + (data[at + 16:at + 128],)
                 for at in range(0, len(data), 128)]
        assert all(head[0] == b"VBLK" for head in heads)
        return [head[1:] for head in heads]

    def records(self) -> list:
        """The records, joined from their fragments, sorted; each from its status to its last byte."""
        parts = {}
        for _, record, fragment, fragments, body in self.slots():
            if fragments:
                parts.setdefault((record, fragments), {})[fragment] = body
        joined = []
        for (_, fragments), bodies in parts.items():
            assert sorted(bodies) == list(range(fragments))
            data = b"".join(bodies[i] for i in range(fragments))
            length, = struct.unpack_from(">I", data, 4)
            assert not any(data[8 + length:])
            joined.append(data[:8 + length])
        return sorted(joined)


def checksum(block: bytes) -> int:
    """Of a PRIVHEAD or TOCBLOCK: the sum of its bytes without the field itself."""
    return sum(block[:8]) + sum(block[12:])


# ---- what a description says, read by a parser of the tests' own

class Described:
    """Disks, volumes, components, partitions of a one-group description without overrides, as dictionaries."""

    def __init__(self, path: Path):
        self.disks, self.volumes, self.components, self.partitions = {}, {}, {}, {}
        volume = component = None
        for line in path.read_text().splitlines():
            words = line.split("#")[0].split()
            if not words:
                continue
            kind, name = words[0], words[1] if len(words) > 1 else ""
            keys = dict(re.findall(r"([\w-]+)=(\S*)", " ".join(words[1:])))
            if kind == "disk":
                self.disks[name] = keys
            elif kind == "volume":
                volume, self.volumes[name] = name, keys
            elif kind == "component":
                component, self.components[name] = name, {"volume": volume, **keys}
            elif kind == "partition":
                self.partitions[name] = {"component": component, "size": self.volumes[volume].get("size"), **keys}

    def present(self) -> list:
        return [name for name, keys in self.disks.items() if keys.get("missing") != "yes"]

    def extents(self, disk: str, public: int) -> list:
        """Sorted (absolute sector, sectors) of the partitions on a disk; without a start they follow each other."""
        following, found = 0, []
        for keys in self.partitions.values():
            if keys["disk"] == disk:
                start = sectors(keys["lba"]) - public if "lba" in keys else sectors(keys.get("start", str(following)))
                following = start + sectors(keys["size"])
                found.append((public + start, following - start))
        return sorted(found)


def sectors(text: str) -> int:
    """A size of the language: sectors, or bytes with a suffix."""
    power = " kMGT".find(text[-1])
    return int(text) if power <= 0 else (int(text[:-1]) << 10 * power) // SECTOR


def used_since(image: Path) -> None:
    """What a copy of a disk has become when only one of the two was used: somewhere they differ."""
    where = image.stat().st_size // 64 * 40
    with open(image, "r+b") as file:
        file.seek(where)
        byte = file.read(1)
        file.seek(where)
        file.write(bytes([byte[0] ^ 1]))
