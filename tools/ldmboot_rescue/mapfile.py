# SPDX-License-Identifier: GPL-2.0-or-later
"""What is copied and what could not be: a list of ranges, kept in a file as GNU ddrescue has it, so that a copy can go on.

The first line names the copy that it belongs to. Facts: GNU ddrescue manual, "Mapfile structure".
"""
import bisect
import os
import secrets

from ldmboot_install.device import explain

from .messages import Trouble

DONE, BAD, OPEN, UNTRIMMED, UNSCRAPED = "+", "-", "?", "*", "/"
LEFT = OPEN, UNTRIMMED, UNSCRAPED, BAD      # what is not copied
TITLE = "# Mapfile. Created by ldmboot-rescue, copy "
LARGEST = 64 << 20      # nothing endless is read, whatever --map names


class Map:
    """ranges: [start, end, status] from 0 to size, in order, neighbours differ. source: what is copied; copy: that, and
    which copy of it. is_old: it was in a file. at, phase: where the copy is, for who reads the file meanwhile"""

    def __init__(self, path, size, source):
        self.path, self.size, self.source = path, size, source
        self.copy, self.is_old = f"{source}-{secrets.token_hex(4)}", False
        self.ranges = [[0, size, OPEN]]
        self.at, self.phase = 0, (OPEN, 1)

    @classmethod
    def load(cls, path, size, source):
        """The map of a copy of this source; a new one when there is no file."""
        found = cls(path, size, source)
        if not os.path.lexists(path):
            return found
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                lines = file.read(LARGEST).splitlines()
        except OSError as error:
            raise Trouble(946, f"{path}: {explain(error)}") from error
        if not lines or not lines[0].startswith(f"{TITLE}{source}-"):
            raise Trouble(937, path)
        found.copy, found.is_old = lines[0][len(TITLE):], True
        try:
            rows = [line.split() for line in lines if not line.startswith("#")][1:]
            found.ranges = [[int(at, 16), int(at, 16) + int(length, 16), status] for at, length, status in rows]
        except ValueError:
            raise Trouble(937, path) from None
        ends = [0] + [end for _, end, _ in found.ranges]
        known = all(status in (DONE, *LEFT) for _, _, status in found.ranges)
        if not known or [start for start, _, _ in found.ranges] != ends[:-1] or ends[-1] != size:
            raise Trouble(937, path)
        return found

    def set(self, start, end, status):
        """Mark a range; it may cross others. Only those that it touches are looked at: a dying disk has many thousands."""
        first = max(bisect.bisect_left(self.ranges, [start]) - 2, 0)
        last = bisect.bisect_right(self.ranges, [end, end]) + 1
        made = []
        for a, b, was in self.ranges[first:last]:
            for x, y, now in ((a, min(b, start), was), (max(a, start), min(b, end), status), (max(a, end), b, was)):
                if x < y and made and made[-1][2] == now:
                    made[-1][1] = y
                elif x < y:
                    made.append([x, y, now])
        self.ranges[first:last] = made

    def having(self, status, start, end):
        """The parts of a range that are so."""
        return [(max(a, start), min(b, end)) for a, b, was in self.ranges if was == status and a < end and b > start]

    def bytes_of(self, status):
        return sum(b - a for a, b, was in self.ranges if was == status)

    def save(self):
        """Whole or not at all."""
        try:
            self.write(f"{self.path}.new")
        except OSError as error:
            raise Trouble(946, f"{self.path}: {explain(error)}") from error

    def write(self, new):
        with open(new, "w", encoding="utf-8") as file:
            letter, number = self.phase
            print(TITLE + self.copy, "# current_pos  current_status  current_pass", f"0x{self.at:08X}     {letter}               {number}",
                  "#      pos        size  status", sep="\n", file=file)
            for a, b, status in self.ranges:
                print(f"0x{a:08X}  0x{b - a:08X}  {status}", file=file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self.path)

    def remove(self):
        if os.path.exists(self.path):
            os.remove(self.path)
