# SPDX-License-Identifier: GPL-2.0-or-later
"""A copy of the basic disk onto a disk, or into a file.

What is read when, of a disk that may be dying: passes.py. What is written when: the beginning of the target is emptied, so that what was there does not start any more, and gets a mark that names
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

from .mapfile import BAD, DONE, LEFT, OPEN, UNSCRAPED, UNTRIMMED, Map
from .medium import open_medium
from .messages import Trouble
from .nbd import is_unreadable
from .passes import CHUNK, CLUSTER, Passes

MIB = 1 << 20
EDGE = MIB                    # partition tables are in the first and the last MiB, and nothing else is
HEAD = 4096                   # sector 0, and the GPT's header of a disk with sectors of 512 bytes
MARK_AT = 512                 # a disk with nothing in its sector 0 starts nowhere
LINE = 79                     # of a terminal, to its last column but one
SAVE_SECONDS, SAVE_BYTES = 10, 256 * MIB
PHASES = {OPEN: "copied", UNTRIMMED: "edges of bad places", UNSCRAPED: "inside of bad places", BAD: "bad sectors once more"}
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
        self.shown, self.bad = sys.stderr.isatty(), 0

    def add(self, count):
        self.done += count
        now = time.monotonic()
        if not self.shown or now - self.last < 0.5:
            return
        self.last = now
        rate = self.done / max(now - self.start, 0.1)
        left = int((self.total - self.done) / max(rate, 1))
        bad = f", {self.bad} bad sectors" if self.bad else ""
        line = (f"{self.what} {100 * self.done // self.total:3} %  {rate / 2**20:7.1f} MB/s  "
                f"{left // 3600}:{left // 60 % 60:02}:{left % 60:02} left{bad}")
        print("\r" + line.ljust(LINE)[:LINE], end="", file=sys.stderr, flush=True)

    def end(self):
        if self.shown:
            print("\r" + " " * LINE + "\r", end="", file=sys.stderr, flush=True)


def fingerprint(client):
    """Tables and boot code of the copy tell it from any other. Nothing of the old disk is in them, so they can always be read."""
    digest = hashlib.sha256(str(client.size).encode())
    digest.update(client.read(0, EDGE))
    return digest.hexdigest()[:32]


def map_of(client, path, to, is_file):
    """What is copied already: nothing, when the file that it tells of is not there any more."""
    found = Map.load(path, client.size, fingerprint(client))
    return found if not is_file or os.path.exists(to) else Map(path, client.size, found.source)


def runs_left(client, map_, start, end):
    """(offset, length, is a hole) of what is to be copied there."""
    return [run for status in LEFT for a, b in map_.having(status, start, end) for run in client.extents(a, b)]


def needed(client, map_):
    """Bytes that a copy into a file has still to write there."""
    return sum(length for _, length, hole in runs_left(client, map_, 0, client.size) if not hole)


def size_now(path):
    """Bytes; None: it is not there."""
    try:
        with open(path, "rb") as file:
            return file.seek(0, os.SEEK_END)
    except OSError:
        return None


def last_used(client):
    """Where the last piece of data ends, the last MiB aside: what lies behind it on a disk is not touched."""
    return max((at + length for at, length, hole in client.extents(EDGE, client.size - EDGE) if not hole), default=EDGE)


def pieces(at, length, most):
    """(offset, length) of the pieces of a run."""
    return [(at + done, min(most, length - done)) for done in range(0, length, most)]


class Copy:
    """client: of the source; sector: of its disks, in bytes; sources: their paths"""

    def __init__(self, client, path, medium, map_, sector=512, sources=()):
        self.client, self.path, self.medium, self.map, self.sector = client, path, medium, map_, sector
        self.sizes, self.looked = {source: size_now(source) for source in sources}, 0.0
        self.stop = self.progress = None
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

    def read(self, at, length):
        """Bytes of the source; None when some of them cannot be read."""
        self.stop.check()
        try:
            return self.client.read(at, length)
        except OSError as error:
            if not is_unreadable(error):
                raise Trouble(943, f"{self.path}: {error}") from error
        self.look_at_sources()
        return None

    def look_at_sources(self):
        """What was pulled out, or is shorter than it was, has no bad sectors."""
        if time.monotonic() - self.looked < 1:
            return
        for source, size in self.sizes.items():
            if size_now(source) != size:
                raise Trouble(955, source)
        self.looked = time.monotonic()

    def attempt(self, at, length):
        """Copy one piece, when all of it can be read."""
        data = self.read(at, length)
        if data is not None:
            self.put(at, data, DONE)
        return data is not None

    def give_up(self, at, length):
        self.put(at, bytes(length), BAD)
        self.progress.bad += 1

    def put(self, at, data, status):
        self.write(at, data)
        self.map.set(at, at + len(data), status)
        self.map.at = at
        self.unsaved += len(data)
        self.progress.add(len(data))
        if self.unsaved >= SAVE_BYTES or time.monotonic() - self.saved_at > SAVE_SECONDS:
            self.save()

    def phase(self, letter, number):
        self.map.phase = letter, number
        self.progress.what = PHASES[letter]

    def passes(self):
        return Passes(self.map, self.sector, self.attempt, self.give_up, self.phase)

    # ------------------------------------------------------------ all of it

    def fill(self, holes):
        """A new file has them already; a disk gets zeros."""
        for at, length, _ in holes:
            if self.medium.has_holes:
                self.map.set(at, at + length, DONE)
                continue
            for place, size in pieces(at, length, CHUNK):
                self.stop.check()
                self.put(place, bytes(size), DONE)

    def all(self, stop):
        self.stop, size = stop, self.client.size
        self.map.set(self.used, self.edges[1][0], DONE)
        runs = runs_left(self.client, self.map, EDGE, self.used)
        self.progress = Progress(PHASES[OPEN], sum(length for _, length, hole in runs if not (hole and self.medium.has_holes)) + 2 * EDGE)
        try:
            self.empty_edges()
            self.fill(run for run in runs if run[2])
            self.passes().over(EDGE, self.used)
            self.save()
            for start, end in ((size - EDGE, size), (HEAD, EDGE), (0, HEAD)):
                self.passes().over(start, end)
                self.settle()
            self.map.phase = DONE, 1
            self.map.save()
        except (KeyboardInterrupt, Trouble) as reason:
            if not isinstance(reason, AtOnce):
                self.save_at_the_end()
            raise reason if isinstance(reason, Trouble) else Trouble(941, self.path) from None
        finally:
            self.progress.end()

    # ------------------------------------------------------------ reading back

    def written(self):
        """Runs of what was written, and could be read."""
        for start, end in self.map.having(DONE, 0, self.used) + self.map.having(DONE, *self.edges[1]):
            yield from (run for run in self.client.extents(start, end) if not (run[2] and self.medium.has_holes))

    def verify(self, stop):
        """Read back all that was written; sectors that could not be read do not count. How many bytes were not compared,
        since the old disk does not read them again."""
        self.stop = stop
        self.medium.forget()
        runs, lost = list(self.written()), 0
        self.progress = Progress("compared", sum(length for _, length, _ in runs))
        try:
            for at, length, hole in runs:
                lost += sum(self.compare(*piece, hole) for piece in pieces(at, length, CHUNK))
        except KeyboardInterrupt:
            raise Trouble(945, self.path) from None
        finally:
            self.progress.end()
        return lost

    def compare(self, at, length, hole):
        """Bytes that were not: of a bad place all of its cluster, for a disk that is dying is not asked for each sector of it."""
        wanted = bytes(length) if hole else self.read(at, length)
        if wanted is None:
            return length if length <= CLUSTER else sum(self.compare(*piece, hole) for piece in pieces(at, length, CLUSTER))
        try:
            found, why = self.medium.read(at, length), ""
        except OSError as error:
            found, why = b"", f": {explain(error)}"
        if found != wanted:
            raise Trouble(935, f"{self.path}, between bytes {at} and {at + length}{why}", code=2)
        self.progress.add(length)
        return 0


def carry_out(client, path, map_, is_file, verify, sector=512, sources=()):
    """Copy, or go on with a copy; the numbers of bytes that could not be read, and not be compared."""
    with Stop() as stop:
        if not map_.is_old:
            map_.save()                        # before a target is made that nobody would know again
        medium = open_medium(path, client.size, is_file)
        try:
            copy = Copy(client, path, medium, map_, sector, sources)
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
