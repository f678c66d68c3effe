# SPDX-License-Identifier: GPL-2.0-or-later
"""What is installed: ldmboot.img, the stick image, is the only source of programs and files; of the floppy ldmboot-144.img."""
import struct
import sys
from pathlib import Path

from . import bootpart, table
from .bootpart import SECTOR
from .device import Device
from .errors import Refusal
from .fat import Fat

CONFIGURATION = "ldmboot.cfg"
IMAGE = "ldmboot.img"
FLOPPY_IMAGE = "ldmboot-144.img"


def beside(name):
    """A file that is installed with this program: in its folder when built, else below share/."""
    home = Path(sys.argv[0]).resolve().parent
    for folder in (home, home.parent / "share" / "ldmboot", home.parent / "bin"):
        if (folder / name).exists():
            return folder / name
    raise Refusal(f"{name} is not beside this program: run make, or install the whole package")


def check_stage2(path, volume):
    """Stage 2 is there and whole: the sum of its 32-bit words is 0 (bios/entry.asm)."""
    at = bootpart.STAGE2_SECTOR * SECTOR
    stage2 = volume[at:at + struct.unpack_from("<H", volume, at + 8)[0] * SECTOR]
    if not stage2 or sum(struct.unpack(f"<{len(stage2) // 4}I", stage2)) & 0xFFFFFFFF:
        raise Refusal(f"{path} is damaged: the sum over stage 2 is wrong; build or download it again")


def files_of(path, volume):
    """{name with '/': content} of a boot partition, or a floppy."""
    try:
        return Fat(volume).files()
    except struct.error as error:
        raise Refusal(f"{path} is damaged: its file system cannot be read") from error


class Floppy:
    """The floppy image, checked."""

    def __init__(self, path=None):
        self.path = Path(path) if path else beside(FLOPPY_IMAGE)
        with Device.open(self.path) as device:
            if device.size != bootpart.FLOPPY_BYTES:
                raise Refusal(f"{self.path} is not a floppy image of ldmboot: it has {device.size} bytes, not {bootpart.FLOPPY_BYTES}")
            self.image = device.read(0, device.size)
        if not bootpart.is_floppy(self.image):
            raise Refusal(f"{self.path} is not a floppy image of ldmboot")
        check_stage2(self.path, self.image)

    def files(self):
        return files_of(self.path, self.image)


class Payload:
    """The stick image, checked.

    image: all of it; master: its sector 0; lba: where its boot partition starts; partition: that partition
    """

    def __init__(self, path=None):
        self.path = Path(path) if path else beside(IMAGE)
        with Device.open(self.path) as device:
            self.image = device.read(0, device.size)
            entries = table.read(device).entries
        if len(entries) != 1 or entries[0].end * SECTOR != len(self.image):
            raise Refusal(f"{self.path} is not a stick image of ldmboot, or is shorter than it should be")
        self.lba = entries[0].start
        self.master = self.image[:SECTOR]
        self.partition = self.image[self.lba * SECTOR:]
        self.reserved_bytes = bootpart.reserved_sectors(self.partition) * SECTOR
        if not bootpart.is_boot_partition(self.partition):
            raise Refusal(f"{self.path} is not a stick image of ldmboot")
        check_stage2(self.path, self.partition)

    def files(self):
        return files_of(self.path, self.partition)
