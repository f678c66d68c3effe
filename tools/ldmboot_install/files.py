# SPDX-License-Identifier: GPL-2.0-or-later
"""Files on mounted file systems: written beside their place, read back, then moved there: each is old or new."""
import contextlib
import os
from pathlib import Path

from . import interrupt
from .errors import Refusal


class Staged:
    """Files that are on the disk, each beside its place. commit() moves them; leaving without it removes them."""

    def __init__(self):
        self.waiting = []     # (temporary, target)
        self.made = []        # folders

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for temporary, _target in self.waiting:
            with contextlib.suppress(OSError):
                temporary.unlink()
        for folder in reversed(self.made):
            with contextlib.suppress(OSError):     # not empty: it is in use
                folder.rmdir()

    def add(self, target, data):
        interrupt.check()
        target = Path(target)
        temporary = target.with_name(target.name + ".new")
        try:
            self.make_folder(target.parent)
            with open(temporary, "xb") as file:     # a person's own file of that name stays
                self.waiting.append((temporary, target))
                write_through(file, data)
            found = read_again(temporary)
        except FileExistsError as error:
            raise Refusal(f"{error.filename} is in the way; remove or rename it. Nothing was changed") from error
        except OSError as error:
            raise Refusal(f"{target} cannot be written: {error.strerror.lower()}; nothing was changed") from error
        if found != data:
            raise Refusal(f"{target} reads back differently than written; nothing was changed")

    def make_folder(self, folder):
        missing = []
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for each in reversed(missing):
            each.mkdir()
            self.made.append(each)

    def commit(self, changed=()):
        """Move all into place; says which are there when it fails on the way, and what was `changed` before."""
        done = list(changed)
        for temporary, target in self.waiting:
            try:
                os.replace(temporary, target)
                done.append(str(target))
                sync_folder(target.parent)
            except OSError as error:
                raise Refusal(f"{target} cannot be written: {error.strerror.lower()}. "
                              f"Changed: {', '.join(done) or 'nothing'}") from error


def write_through(file, data):
    file.write(data)
    file.flush()
    os.fsync(file.fileno())


def sync_folder(path):
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def read_again(path):
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return file.read()
