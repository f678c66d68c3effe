# SPDX-License-Identifier: GPL-2.0-or-later
"""A copy of the basic disk onto a disk, or into a file.

Order: the beginning of the target is emptied, so that what was there does not start any more; then the volumes; then the
end of the disk; its beginning last. A copy that was interrupted does not start by half.
"""
import contextlib
import hashlib
import os
import signal
import sys
import time

from .mapfile import BAD, DONE, Map
from .messages import Trouble
from .nbd import is_unreadable

MIB = 1 << 20
EDGE = MIB                    # partition tables are in the first and the last MiB, and nothing else is
CHUNK = 4 * MIB
SAVE_SECONDS, SAVE_BYTES = 10, 256 * MIB
STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """Ctrl-C and its like end the copy between two pieces."""

    def __init__(self):
        self.asked = False

    def __enter__(self):
        self.before = {number: signal.signal(number, self.ask) for number in STOP
                       if signal.getsignal(number) != signal.SIG_IGN}
        return self

    def ask(self, *_):
        self.asked = True

    def __exit__(self, *_):
        for number, handler in self.before.items():
            signal.signal(number, handler)


class Progress:
    """A line that is written over, on a terminal only."""

    def __init__(self, what, total):
        self.what, self.total, self.done, self.last = what, max(total, 1), 0, 0.0
        self.start = time.monotonic()
        self.shown = sys.stderr.isatty()

    def add(self, count):
        self.done += count
        now = time.monotonic()
        if not self.shown or now - self.last < 0.5:
            return
        self.last = now
        rate = self.done / max(now - self.start, 0.1)
        left = int((self.total - self.done) / max(rate, 1))
        print(f"\r{self.what} {100 * self.done // self.total:3} %  {rate / 1e6:7.1f} MB/s  "
              f"{left // 3600}:{left // 60 % 60:02}:{left % 60:02} left ", end="", file=sys.stderr, flush=True)

    def end(self):
        if self.shown:
            print("\r" + " " * 60 + "\r", end="", file=sys.stderr, flush=True)


def fingerprint(client):
    """Tables and boot code of the copy tell it from any other."""
    digest = hashlib.sha256(str(client.size).encode())
    digest.update(client.read(0, EDGE))
    digest.update(client.read(client.size - EDGE, EDGE))
    return digest.hexdigest()[:32]


def last_used(client):
    """Where the last piece of data ends, the last MiB aside: what lies behind it is not touched."""
    end = EDGE
    for at, length, hole in client.extents(EDGE, client.size - EDGE):
        if not hole:
            end = at + length
    return end


class Copy:
    """client: of the source; fd: of the target; holes: of a new file stay holes, those of a disk are zeros there"""

    def __init__(self, client, path, fd, map_, is_file, used):
        self.client, self.path, self.fd, self.map, self.is_file, self.used = client, path, fd, map_, is_file, used
        self.saved_at, self.unsaved = time.monotonic(), 0

    # ------------------------------------------------------------ the target

    def write(self, offset, data):
        try:
            view = memoryview(data)
            while view:
                count = os.pwrite(self.fd, view, offset)
                view, offset = view[count:], offset + count
        except OSError as error:
            self.save()
            raise Trouble(934, f"{self.path} at byte {offset}: {error.strerror.lower()}") from error

    def settle(self):
        try:
            os.fsync(self.fd)
        except OSError as error:
            raise Trouble(934, f"{self.path}: {error.strerror.lower()}") from error

    def save(self):
        """The map says only what is on the medium."""
        with contextlib.suppress(OSError):
            os.fsync(self.fd)
        self.map.save()
        self.saved_at, self.unsaved = time.monotonic(), 0

    # ------------------------------------------------------------ pieces

    def pieces(self, start, end):
        """(offset, length, is a hole) of what has to be written, in pieces of a few MiB."""
        for at, length, hole in self.client.extents(start, end):
            while length > 0:
                step = min(length, CHUNK)
                yield at, step, hole
                at, length = at + step, length - step

    def put(self, at, length, hole):
        """Copy one piece; what cannot be read is narrowed down to sectors, and left as zeros that the map names."""
        if hole and self.is_file:
            self.map.set(at, at + length, DONE)
            return
        try:
            data = bytes(length) if hole else self.client.read(at, length)
        except OSError as error:
            if not is_unreadable(error):
                raise Trouble(943, f"{self.path}: {error}") from error
            self.put_bad(at, length)
            return
        self.write(at, data)
        self.map.set(at, at + length, DONE)

    def put_bad(self, at, length):
        if length > 512:
            half = length // 2 // 512 * 512 or 512
            self.put(at, half, False)
            self.put(at + half, length - half, False)
            return
        self.write(at, bytes(length))
        self.map.set(at, at + length, BAD)

    def run(self, start, end, progress, stop):
        for at, length, hole in self.pieces(start, end):
            if stop.asked:
                self.save()
                raise Trouble(941, self.path)
            if not self.map.is_done(at, at + length):
                self.put(at, length, hole)
                self.unsaved += 0 if hole and self.is_file else length
            progress.add(length)
            if self.unsaved >= SAVE_BYTES or time.monotonic() - self.saved_at > SAVE_SECONDS:
                self.save()

    # ------------------------------------------------------------ all of it

    def all(self):
        size = self.client.size
        progress = Progress("copied", self.used - EDGE)
        with Stop() as stop:
            try:
                if not self.is_file:
                    self.write(0, bytes(EDGE))
                    self.write(size - EDGE, bytes(EDGE))
                self.run(EDGE, self.used, progress, stop)
                self.save()
                self.map.set(self.used, size - EDGE, DONE)
                self.run(size - EDGE, size, progress, stop)
                self.settle()
                self.run(0, EDGE, progress, stop)
                self.settle()
            finally:
                progress.end()
        self.map.save()

    def verify(self):
        """Read back all that was written; sectors that could not be read do not count."""
        with contextlib.suppress(OSError):
            os.posix_fadvise(self.fd, 0, 0, os.POSIX_FADV_DONTNEED)
        progress = Progress("compared", self.used + EDGE)
        for start, end in ((0, self.used), (self.client.size - EDGE, self.client.size)):
            for at, length, hole in self.pieces(start, end):
                progress.add(length)
                if not self.map.is_done(at, at + length) or (hole and self.is_file):
                    continue
                data = bytes(length) if hole else self.client.read(at, length)
                if os.pread(self.fd, length, at) != data:
                    progress.end()
                    raise Trouble(935, f"{self.path}, between bytes {at} and {at + length}", code=2)
        progress.end()


def open_target(path, size, is_file):
    flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if is_file else os.O_EXCL)
    try:
        fd = os.open(path, flags, 0o600)
        if is_file:
            os.ftruncate(fd, size)
    except OSError as error:
        raise Trouble(934, f"{path}: {error.strerror.lower()}") from error
    return fd


def load_map(path, client):
    return Map.load(path, client.size, fingerprint(client))


def carry_out(client, path, map_, is_file, verify):
    """Copy, or go on with a copy; the number of bytes that could not be read."""
    fd = open_target(path, client.size, is_file)
    try:
        copy = Copy(client, path, fd, map_, is_file, last_used(client))
        copy.all()
        if verify:
            copy.verify()
    finally:
        os.close(fd)
    bad = map_.bytes_of(BAD)
    if bad == 0:
        map_.remove()
    return bad
