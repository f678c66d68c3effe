# SPDX-License-Identifier: GPL-2.0-or-later
"""What the running Linux knows of block devices: who uses them, what they are, where it runs from.

Facts: proc(5) "mountinfo" and "swaps"; Linux's Documentation/ABI/stable/sysfs-block.
Devices are named by their folder in /sys; tests give other roots than /proc and /sys.
"""
import contextlib
import os
import re
import stat
from pathlib import Path

SYSTEM_MOUNTS = ("/", "/usr", "/boot", "/boot/efi", "/efi", "/run/live/medium", "/run/initramfs/live", "/cdrom")


def word(path, default=""):
    """The content of a one-line file of /sys."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return default


def names(folder):
    """None, where a disk was pulled out meanwhile."""
    with contextlib.suppress(OSError):
        return sorted(os.listdir(folder))
    return []


def size_text(size):
    """As Windows and ldmboot's screens count."""
    return f"{size / 2**30:.1f} GB" if size >= 1 << 30 else f"{size / 2**20:.1f} MB"


def number_of(rdev):
    return f"{os.major(rdev)}:{os.minor(rdev)}"


def unescape(text):
    """mountinfo writes blanks and backslashes as three octal digits."""
    return re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), text)


class System:
    """/proc and /sys."""

    def __init__(self, proc="/proc", sys="/sys"):
        self.proc, self.sys = Path(proc), Path(sys)

    # ------------------------------------------------------------ devices

    def folder(self, number):
        """The folder of device "8:16"."""
        return (self.sys / "dev" / "block" / number).resolve()

    def partition_number(self, folder):
        """The number of a partition, None for a whole disk."""
        text = word(folder / "partition")
        return int(text) if text else None

    def node(self, folder):
        name = re.search(r"^DEVNAME=(.*)$", word(folder / "uevent"), re.MULTILINE)
        return Path("/dev") / (name[1] if name else folder.name)

    def partitions(self, disk):
        return [disk / name for name in names(disk) if (disk / name / "partition").exists()]

    def block_bytes(self, disk):
        return int(word(disk / "queue" / "logical_block_size", "512"))

    def is_virtual(self, disk):
        """A volume that Linux makes out of others (LVM, LUKS, software RAID), not a disk."""
        return (disk / "dm").exists() or (disk / "md").exists()

    def model(self, disk):
        return " ".join(filter(None, (word(disk / "device" / "vendor"), word(disk / "device" / "model"))))

    def is_floppy_drive(self, disk):
        """One of the board's controller (fd0), or by USB; or a file that plays one (loop). Others are told by their size."""
        return (word(disk / "dev").startswith("2:") or self.backing_file(disk) is not None
                or ("/usb" in str(disk) and word(disk / "removable") == "1"))

    def describe(self, disk):
        """What a person knows the disk by."""
        size = int(word(disk / "size", "0")) * 512
        removable = "/usb" in str(disk) or word(disk / "removable") == "1"
        return ", ".join(filter(None, (size_text(size), self.model(disk), "" if removable else "NOT a removable disk")))

    # ------------------------------------------------------------ who uses them

    def mounts(self):
        """(device numbers, mount point). The source is looked at too: btrfs shows a number of its own."""
        for line in word(self.proc / "self" / "mountinfo").splitlines():
            left, _, right = line.partition(" - ")
            fields, source = left.split(), right.split()[1:2]
            if len(fields) > 4 and source:
                yield {fields[2], self.number_at(unescape(source[0]))}, unescape(fields[4])

    def number_at(self, path):
        """The number of the block device that is called so, or None."""
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            return None
        return number_of(status.st_rdev) if stat.S_ISBLK(status.st_mode) else None

    def use_of(self, folder):
        """Why this disk or partition must be left alone, in words; None when nobody uses it."""
        number = word(folder / "dev")
        for numbers, point in self.mounts():
            if number in numbers:
                return f"{folder.name} is mounted on {point}; unmount it first"
        for line in word(self.proc / "swaps").splitlines()[1:]:
            if self.number_at(line.split()[0]) == number:
                return f"{folder.name} is used as swap space"
        holders = names(folder / "holders")
        if holders:
            return f"{folder.name} is part of {holders[0]} (LVM, RAID or an encrypted volume)"
        return None

    def disk_use(self, disk):
        """The same for a disk and all its partitions."""
        return next(filter(None, map(self.use_of, [disk, *self.partitions(disk)])), None)

    def file_system_of(self, path):
        """Folders of the devices below the file system that a file is on, or would be."""
        place = Path(path).resolve().parent
        inside = [(len(point), numbers) for numbers, point in self.mounts() if place.is_relative_to(point)]
        return [self.folder(number) for number in max(inside, key=lambda found: found[0], default=(0, ()))[1]
                if number and self.folder(number).exists()]

    def backing_file(self, disk):
        """The file of a loop device, or None."""
        return word(disk / "loop" / "backing_file") or None

    def loop_of(self, image):
        """The loop device that an image file is attached to, or None."""
        for loop in sorted((self.sys / "block").glob("loop*")):
            if self.backing_file(loop) == str(Path(image).resolve()):
                return loop.name
        return None

    # ------------------------------------------------------------ where this system runs from

    def system_disks(self):
        """Folders of the disks below this system's own file systems."""
        return self.disks_below(self.folder(number) for numbers, point in self.mounts() if point in SYSTEM_MOUNTS
                                for number in numbers if number)

    def disks_below(self, folders):
        """Folders of the disks that these disks, partitions and volumes are on, through LVM, RAID and encryption."""
        waiting, found = list(folders), set()
        while waiting:
            folder = waiting.pop()
            if self.partition_number(folder) is not None:
                folder = folder.parent
            if folder not in found:
                found.add(folder)
                waiting += [path.resolve() for path in (folder / "slaves").glob("*")]
                waiting += [path.resolve() for part in self.partitions(folder) for path in (part / "slaves").glob("*")]
        return found
