# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes of a disk, a partition or an image file: the only place that reads and writes them."""
import contextlib
import errno
import fcntl
import os
import stat
from pathlib import Path

from .bootpart import SECTOR
from .errors import Refusal

# linux/fs.h
BLKRRPART = 0x125F     # read the partition table again
BLKFLSBUF = 0x1261     # forget what is cached


class Device:
    """A range of a file or block device that can be read, and written when opened so.

    lba: where on its disk the range starts, to name sectors by; size: its length in bytes
    """

    def __init__(self, path, fd, start, size, lba):
        self.path, self.fd, self.start, self.size, self.lba = str(path), fd, start, size, lba

    @classmethod
    def open(cls, path, writable=False, start=0, size=None, lba=0):
        """Open for reading, or for writing and then for us alone: Linux refuses a block device that is in use."""
        try:
            exclusive = os.O_EXCL if stat.S_ISBLK(os.stat(path).st_mode) else 0
            fd = os.open(path, (os.O_RDWR | exclusive if writable else os.O_RDONLY) | os.O_CLOEXEC)
            length = os.lseek(fd, 0, os.SEEK_END)
        except OSError as error:
            purpose = "writing" if writable else "reading"
            raise Refusal(f"{path} cannot be opened for {purpose}: {explain(error)}") from error
        return cls(path, fd, start, length - start if size is None else size, lba)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):     # what was written is settled, or its failure told
            os.close(self.fd)

    @property
    def sectors(self):
        return self.size // SECTOR

    def read(self, offset, length):
        """Exactly `length` bytes."""
        self.check(offset, length)
        data = b""
        while len(data) < length:
            try:
                piece = os.pread(self.fd, length - len(data), self.start + offset + len(data))
            except OSError as error:
                raise Refusal(f"{self.sector_name(offset + len(data))} cannot be read: {error.strerror}") from error
            if not piece:
                raise Refusal(f"{self.sector_name(offset + len(data))} cannot be read: {self.path} ends before it")
            data += piece
        return data

    def write(self, offset, data):
        """Raises OSError; how much was written then is not known."""
        self.check(offset, len(data))
        written = 0
        while written < len(data):
            written += os.pwrite(self.fd, data[written:], self.start + offset + written)

    def settle(self):
        """What was written is on the medium, and what is read next comes from there."""
        os.fsync(self.fd)
        forget(self.fd)

    def announce_table(self):
        """Let Linux read a new partition table; an image file has nobody to tell."""
        with contextlib.suppress(OSError):
            fcntl.ioctl(self.fd, BLKRRPART, 0)

    def check(self, offset, length):
        """The guard that no sector outside the target is touched, whatever a table says."""
        if offset < 0 or length < 0 or offset > self.size or length > self.size - offset:
            raise Refusal(f"{self.path} ends before {self.sector_name(offset + length)}")

    def sector_name(self, offset):
        return f"sector {self.lba + offset // SECTOR} of {Path(self.path)}"


def forget(fd):
    """What is read next comes from the medium."""
    with contextlib.suppress(OSError):
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        fcntl.ioctl(fd, BLKFLSBUF, 0)          # not of a file, and not without root


def explain(error):
    if error.errno == errno.EBUSY:
        return "it is in use"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "permission denied; it is write-protected, or root is needed"
    return (error.strerror or str(error)).lower()
