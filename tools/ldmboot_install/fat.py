# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the files of the boot partition of the stick image, and of the floppy: FAT16 and FAT12 with short names, as
mkstick.py makes them.

Facts: Microsoft's FAT specification 1.03. Long names are passed over: the image has none.
"""
import struct

from .errors import Refusal

ENTRY = 32
DIRECTORY, VOLUME_LABEL, LONG_NAME = 0x10, 0x08, 0x0F
LOWER_NAME, LOWER_EXTENSION = 0x08, 0x10   # byte 12: how Windows NT shows a short name
SMALLEST_FAT16 = 4085                      # clusters: fewer make a FAT12


class Fat:
    """A file system in memory."""

    def __init__(self, data):
        self.data = data
        (sector, per_cluster, reserved, fats, roots) = struct.unpack_from("<HBHBH", data, 11)
        (fat_sectors,) = struct.unpack_from("<H", data, 22)
        if sector != 512 or not per_cluster or not fats or not fat_sectors:
            raise Refusal("the image is damaged: its file system is not FAT")
        self.cluster_bytes = per_cluster * sector
        fat = reserved * sector
        self.root = fat + fats * fat_sectors * sector
        self.root_bytes = roots * ENTRY
        self.clusters = self.root + self.root_bytes
        small = (len(data) - self.clusters) // self.cluster_bytes < SMALLEST_FAT16
        self.fat = (twelve if small else sixteen)(data[fat:fat + fat_sectors * sector])
        self.last = 0xFF8 if small else 0xFFF8

    def chain(self, cluster):
        """The content of a chain of clusters; a loop in it ends at the number of clusters there are."""
        pieces = []
        for _ in range(len(self.fat)):
            if not 2 <= cluster < len(self.fat):
                break
            at = self.clusters + (cluster - 2) * self.cluster_bytes
            pieces.append(self.data[at:at + self.cluster_bytes])
            cluster = self.fat[cluster]
            if cluster >= self.last:
                return b"".join(pieces)
        raise Refusal("the image is damaged: a file of it has no end")

    def files(self):
        """{name with '/': content}, in the order of the directories."""
        found = {}
        waiting = [("", self.data[self.root:self.root + self.root_bytes])]
        while waiting:
            prefix, directory = waiting.pop(0)
            for name, attributes, cluster, size in entries(directory):
                if attributes & DIRECTORY:
                    waiting.append((f"{prefix}{name}/", self.chain(cluster)))
                else:
                    found[prefix + name] = self.chain(cluster)[:size] if size else b""
            if len(found) + len(waiting) > len(self.fat):
                raise Refusal("the image is damaged: its directories form a loop")
        return found


def sixteen(table):
    return struct.unpack(f"<{len(table) // 2}H", table)


def twelve(table):
    """Two entries in three bytes."""
    triples = (int.from_bytes(table[at:at + 3], "little") for at in range(0, len(table) - 2, 3))
    return [entry for triple in triples for entry in (triple & 0xFFF, triple >> 12)]


def entries(directory):
    """(name, attributes, first cluster, size) of what is in a directory."""
    for at in range(0, len(directory) - ENTRY + 1, ENTRY):
        entry = directory[at:at + ENTRY]
        attributes = entry[11]
        if entry[0] == 0:
            return
        if entry[0] in (0xE5, ord(".")) or attributes & LONG_NAME == LONG_NAME or attributes & VOLUME_LABEL:
            continue
        cluster, size = struct.unpack_from("<HI", entry, 26)
        yield short_name(entry), attributes, cluster, size


def short_name(entry):
    name = entry[:8].decode("ascii", "replace").rstrip()
    extension = entry[8:11].decode("ascii", "replace").rstrip()
    name = name.lower() if entry[12] & LOWER_NAME else name
    extension = extension.lower() if entry[12] & LOWER_EXTENSION else extension
    return f"{name}.{extension}" if extension else name
