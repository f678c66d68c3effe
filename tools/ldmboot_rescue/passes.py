# SPDX-License-Identifier: GPL-2.0-or-later
"""The order in which a disk that may be dying is read: what is good first, and around the bad places, which are only looked at
closely once all else is saved.

Facts: GNU ddrescue manual, "Algorithm". Copying: forwards, then backwards over what was skipped, then over all that is left;
trimming: a cluster that failed from both its ends, up to the first bad sector; scraping: what is between them, sector by
sector; and sectors that an earlier run found bad once more.
"""
from .mapfile import BAD, OPEN, UNSCRAPED, UNTRIMMED

CHUNK = 4 << 20              # as long as nothing is the matter
CLUSTER = 64 << 10           # near a place that is not good
SKIP_PART, SKIP_MOST = 100, 1 << 30      # of the disk, and bytes: the largest jump


class Passes:
    """attempt(at, length): copy it, False when some of it cannot be read. give_up(at, length): it is bad.
    sector: what is never divided; phase(letter, number): one begins"""

    def __init__(self, map_, sector, attempt, give_up, phase=lambda *_: None):
        self.map, self.sector, self.attempt, self.give_up, self.phase = map_, sector, attempt, give_up, phase
        self.largest_skip = max(CLUSTER, min(map_.size // SKIP_PART, SKIP_MOST) // CLUSTER * CLUSTER)

    def over(self, start, end):
        """All of them, on a range of the disk. Then each byte of it is copied or bad."""
        again = self.reopen(start, end)
        for number, (backwards, may_skip) in enumerate(((False, True), (True, True), (False, False)), 1):
            self.phase(OPEN, number)
            for a, b in self.map.having(OPEN, start, end)[::-1 if backwards else 1]:
                self.copy(a, b, backwards, may_skip)
        self.phase(UNTRIMMED, 1)
        for a, b in self.map.having(UNTRIMMED, start, end):
            self.trim(a, b)
        self.phase(UNSCRAPED, 1)
        for a, b in self.map.having(UNSCRAPED, start, end):
            self.scrape(a, b)
        self.phase(BAD, 1)
        for a, b in again:
            self.scrape(a, b)

    def reopen(self, start, end):
        """What an earlier run found bad: what is larger than a bad place is, a disk that did not answer perhaps, is read like
        all else; the rest comes last."""
        bad = self.map.having(BAD, start, end)
        for a, b in bad:
            if b - a >= CLUSTER:
                self.map.set(a, b, OPEN)
        return [(a, b) for a, b in bad if b - a < CLUSTER]

    def copy(self, start, end, backwards, may_skip):
        step, skip, good = CHUNK, 0, 0
        while start < end:
            size = min(step, end - start)
            at = end - size if backwards else start
            if self.attempt(at, size):
                skip, good = 0, good + size
                step = CHUNK if good >= CHUNK else step
                jump = size
            elif size > CLUSTER:
                step, good, jump = CLUSTER, 0, 0           # the same place, less of it
            else:
                self.map.set(at, at + size, UNTRIMMED)
                skip = min(max(2 * skip, CLUSTER), self.largest_skip) if may_skip else 0
                good, jump = 0, size + skip
            start, end = (start, end - jump) if backwards else (start + jump, end)

    def trim(self, start, end):
        good = True
        while good and start < end:
            good = self.one(start, end)
            start += self.sector
        good = True
        while good and start < end:
            end = max(end - self.sector, start)
            good = self.one(end, end + self.sector)
        if start < end:
            self.map.set(start, end, UNSCRAPED)

    def scrape(self, start, end):
        for at in range(start, end, self.sector):
            self.one(at, end)

    def one(self, at, end):
        """A sector, or what is left of one."""
        length = min(self.sector, end - at)
        good = self.attempt(at, length)
        if not good:
            self.give_up(at, length)
        return good
