# SPDX-License-Identifier: GPL-2.0-or-later
"""A copy of the basic disk onto a disk, or into a file.

Order: the beginning of the target is emptied, so that what was there does not start any more, and gets a mark that names
this copy; then the volumes; then the end of the disk; its beginning last, and of that the first block, with partition table
and mark, last of all. A copy that was interrupted does not start by half, and is known again when it goes on.
"""
import contextlib
import hashlib
import os
import signal
import sys
import time

from ldmboot_install.device import explain

from .mapfile import BAD, DONE, OPEN, Map
from .medium import open_medium
from .messages import Trouble
from .nbd import is_unreadable

MIB = 1 << 20
EDGE = MIB                    # partition tables are in the first and the last MiB, and nothing else is
HEAD = 4096                   # sector 0, and the GPT's header of a disk with sectors of 512 bytes
MARK_AT = 512                 # a disk with nothing in its sector 0 starts nowhere
CHUNK = 4 * MIB
SAVE_SECONDS, SAVE_BYTES = 10, 256 * MIB
STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AtOnce(KeyboardInterrupt):
    """In the middle of whatever was going on."""


class Stop:
    """Ctrl-C and its like end the work between two pieces; a second one at once, when a disk does not answer."""

    def __init__(self):
        self.asked = False

    def __enter__(self):
        self.before = {number: signal.signal(number, self.ask) for number in STOP
                       if signal.getsignal(number) != signal.SIG_IGN}
        return self

    def ask(self, *_):
        if self.asked:
            raise AtOnce
        self.asked = True

    def check(self):
        if self.asked:
            raise KeyboardInterrupt

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
        print(f"\r{self.what} {100 * self.done // self.total:3} %  {rate / 2**20:7.1f} MB/s  "
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


def map_of(client, path, to, is_file):
    """What is copied already: nothing, when the file that it tells of is not there any more."""
    found = Map.load(path, client.size, fingerprint(client))
    return found if not is_file or os.path.exists(to) else Map(path, client.size, found.source)


def needed(client, map_):
    """Bytes that a copy into a file has still to write there."""
    return sum(length for status in (OPEN, BAD) for start, end in map_.having(status, 0, client.size)
               for _, length, hole in client.extents(start, end) if not hole)


def last_used(client):
    """Where the last piece of data ends, the last MiB aside: what lies behind it on a disk is not touched."""
    return max((at + length for at, length, hole in client.extents(EDGE, client.size - EDGE) if not hole), default=EDGE)


def pieces(runs):
    """Runs of (offset, length, is a hole), in pieces of a few MiB."""
    for at, length, hole in runs:
        while length > 0:
            step = min(length, CHUNK)
            yield at, step, hole
            at, length = at + step, length - step


class Copy:
    """client: of the source"""

    def __init__(self, client, path, medium, map_):
        self.client, self.path, self.medium, self.map = client, path, medium, map_
        self.edges = ((0, EDGE), (client.size - EDGE, client.size))
        self.used = self.edges[1][0] if medium.has_holes else last_used(client)
        self.saved_at, self.unsaved = time.monotonic(), 0

    # ------------------------------------------------------------ the target

    def write(self, offset, data):
        try:
            self.medium.write(offset, data)
        except OSError as error:
            raise Trouble(934, f"{self.path} at byte {offset}: {explain(error)}") from error

    def settle(self):
        try:
            self.medium.settle()
        except OSError as error:
            raise Trouble(934, f"{self.path}: {explain(error)}") from error

    def save(self):
        """The map says only what is on the medium."""
        self.settle()
        self.map.save()
        self.saved_at, self.unsaved = time.monotonic(), 0

    def save_at_the_end(self):
        """Of a copy that fails: where that is impossible, the map of a little earlier is still true."""
        with contextlib.suppress(Trouble):
            self.save()

    # ------------------------------------------------------------ is it the target of this copy?

    def mark(self):
        return f"ldmboot-rescue: a copy is under way here; {self.map.copy}\n".encode()

    def check_target(self):
        """Going on: only where this copy was begun, or is complete but for sectors that could not be read. Where nothing
        was copied yet, a disk is as good as at first, and a file has to be empty still."""
        try:
            found = self.medium.read(0, HEAD)
        except OSError as error:
            raise Trouble(934, f"{self.path}: {explain(error)}") from error
        untouched = not self.map.bytes_of(DONE) and (not self.medium.has_holes or not any(found))
        if not (untouched or found.startswith(self.mark(), MARK_AT) or found == self.client.read(0, HEAD)):
            raise Trouble(944, f"{self.path}, {self.map.path}")

    def empty_edges(self):
        for start, end in self.edges:
            self.map.set(start, end, OPEN)
        self.write(0, (bytes(MARK_AT) + self.mark()).ljust(EDGE, b"\0"))
        self.write(self.client.size - EDGE, bytes(EDGE))
        self.save()

    # ------------------------------------------------------------ pieces

    def runs(self, start, end, status):
        """(offset, length, is a hole) of what is to be written there; holes of a new file are done already."""
        holes = self.medium.has_holes
        found = [run for a, b in self.map.having(status, start, end) for run in self.client.extents(a, b)]
        for at, length, hole in found:
            if hole and holes:
                self.map.set(at, at + length, DONE)
        return [run for run in found if not (run[2] and holes)]

    def put(self, at, length, hole, stop):
        """Copy one piece; what cannot be read is narrowed down to sectors, and left as zeros that the map names."""
        stop.check()
        try:
            data = bytes(length) if hole else self.client.read(at, length)
        except OSError as error:
            if not is_unreadable(error):
                raise Trouble(943, f"{self.path}: {error}") from error
            self.put_bad(at, length, stop)
            return
        self.write(at, data)
        self.map.set(at, at + length, DONE)

    def put_bad(self, at, length, stop):
        if length > 512:
            half = length // 2 // 512 * 512 or 512
            self.put(at, half, False, stop)
            self.put(at + half, length - half, False, stop)
            return
        self.write(at, bytes(length))
        self.map.set(at, at + length, BAD)

    def run(self, runs, progress, stop):
        for at, length, hole in pieces(runs):
            self.put(at, length, hole, stop)
            self.unsaved += length
            progress.add(length)
            if self.unsaved >= SAVE_BYTES or time.monotonic() - self.saved_at > SAVE_SECONDS:
                self.save()

    # ------------------------------------------------------------ all of it

    def payload(self):
        """What could not be read the last time comes last: a dying disk gives its other data before."""
        self.map.set(self.used, self.edges[1][0], DONE)
        return [run for status in (OPEN, BAD) for run in self.runs(EDGE, self.used, status)]

    def all(self, stop):
        size, runs = self.client.size, self.payload()
        progress = Progress("copied", sum(length for _, length, _ in runs) + 2 * EDGE)
        try:
            self.empty_edges()
            self.run(runs, progress, stop)
            self.save()
            for start, end in ((size - EDGE, size), (HEAD, EDGE), (0, HEAD)):
                self.run([(start, end - start, False)], progress, stop)
                self.settle()
            self.map.save()
        except (KeyboardInterrupt, Trouble) as reason:
            if not isinstance(reason, AtOnce):
                self.save_at_the_end()
            raise reason if isinstance(reason, Trouble) else Trouble(941, self.path) from None
        finally:
            progress.end()

    # ------------------------------------------------------------ reading back

    def written(self):
        """Runs of what was written, and could be read."""
        for start, end in self.map.having(DONE, 0, self.used) + self.map.having(DONE, *self.edges[1]):
            yield from (run for run in self.client.extents(start, end) if not (run[2] and self.medium.has_holes))

    def verify(self, stop):
        """Read back all that was written; sectors that could not be read do not count. How many bytes were not compared,
        since the old disk does not read them again."""
        self.medium.forget()
        runs, lost = list(self.written()), 0
        progress = Progress("compared", sum(length for _, length, _ in runs))
        try:
            for at, length, hole in pieces(runs):
                lost += self.compare(at, length, hole, stop)
                progress.add(length)
        except KeyboardInterrupt:
            raise Trouble(945, self.path) from None
        finally:
            progress.end()
        return lost

    def compare(self, at, length, hole, stop):
        stop.check()
        try:
            wanted = bytes(length) if hole else self.client.read(at, length)
        except OSError as error:
            if not is_unreadable(error):
                raise Trouble(943, f"{self.path}: {error}") from error
            if length <= 512:
                return length
            half = length // 2 // 512 * 512 or 512
            return self.compare(at, half, hole, stop) + self.compare(at + half, length - half, hole, stop)
        try:
            found, why = self.medium.read(at, length), ""
        except OSError as error:
            found, why = b"", f": {explain(error)}"
        if found != wanted:
            raise Trouble(935, f"{self.path}, between bytes {at} and {at + length}{why}", code=2)
        return 0


def carry_out(client, path, map_, is_file, verify):
    """Copy, or go on with a copy; the numbers of bytes that could not be read, and not be compared."""
    with Stop() as stop:
        if not map_.is_old:
            map_.save()                        # before a target is made that nobody would know again
        medium = open_medium(path, client.size, is_file)
        try:
            copy = Copy(client, path, medium, map_)
            if map_.is_old:
                copy.check_target()
            copy.all(stop)
            lost = copy.verify(stop) if verify else 0
        finally:
            medium.close()
    bad = map_.bytes_of(BAD)
    if bad == 0:
        map_.remove()
    return bad, lost
