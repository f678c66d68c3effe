# SPDX-License-Identifier: GPL-2.0-or-later
"""The nbdkit plugin at work: a server for the length of a test, and copies of what it serves."""
import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import pytest

BUILD = Path(__file__).resolve().parents[2] / "build"
PLUGIN = BUILD / "nbdkit-ldmboot-plugin.so"
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
SECTOR = 512
LIMIT = int(os.environ.get("LDMBOOT_LIMIT", "900"))   # seconds until a program counts as hung, at a load of 20 too

# Loaded into a program, it makes the sectors in BADSECTORS unreadable. LD_PRELOAD splits its value at blanks, which a
# folder may have in its name; LD_LIBRARY_PATH does not.
PRELOAD_BAD_SECTORS = {"LD_PRELOAD": "badsectors.so", "LD_LIBRARY_PATH": str(BUILD / "tests")}

needs_nbdkit = pytest.mark.skipif(not (PLUGIN.exists() and shutil.which("nbdkit", path=PATH) and shutil.which("nbdcopy", path=PATH)),
                                  reason="nbdkit, nbdkit-plugin-dev or libnbd-bin was not there when this was built")


class Server:
    """A running nbdkit. `said`: its lines, complete once it has ended."""

    def __init__(self, process, folder):
        self.process, self.folder = process, folder

    def stop(self):
        """End it, so that it has said all. The process may be a program that runs it."""
        with contextlib.suppress(OSError, ValueError):
            if self.process.poll() is None:    # or the number is another program's by now
                os.kill(int((self.folder / "pid").read_text()), signal.SIGTERM)
        self.process.wait(LIMIT)

    def uri(self, export=""):
        return f"nbd+unix:///{quote(export, safe='')}?socket={self.folder}/socket"

    @property
    def said(self):
        return (self.folder / "said").read_text()

    def codes(self):
        return re.findall(r"^(?:nbdkit: .*?error: )?LDM-(\d{4}): ", self.said, re.M)

    def copy(self, target, export="", check=True):
        done = subprocess.run(["nbdcopy", self.uri(export), target], capture_output=True, text=True)
        assert not check or done.returncode == 0, done.stderr + self.said
        return target

    def read(self, offset, length, export=""):
        """Bytes of an export, by qemu-io's hand: it asks for that range only; None: an error."""
        done = subprocess.run(["qemu-io", "-r", "-f", "raw", "-c", f"read -v {offset} {length}", self.uri(export)],
                              capture_output=True, text=True)
        if "read failed" in done.stdout + done.stderr:
            return None
        assert done.returncode == 0, done.stderr
        return bytes.fromhex("".join(re.findall(r"^[0-9a-f]{8}:  ((?:[0-9a-f]{2} )+)", done.stdout, re.M)))


def wait_until(holds):
    """Whether it does in the end; as long as a program may take that does not hang."""
    deadline = time.monotonic() + LIMIT
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def written(path):
    """A line is in this file: it is there a moment before."""
    return path.exists() and path.read_text().endswith("\n")


@contextlib.contextmanager
def serve(*disks, wrapper=(), environment=None, filters=(), **parameters):
    """nbdkit with these disks; parameters like old_half="yes". Ends it, and checks that no disk has changed."""
    folder = Path(tempfile.mkdtemp(prefix="ldmboot-nbdkit-"))
    before = [fingerprint(disk) for disk in disks]
    words = [f"{key.replace('_', '-')}={value}" for key, value in parameters.items()]
    try:
        with open(folder / "said", "wb") as said:
            process = subprocess.Popen([*wrapper, "nbdkit", "-f", "-U", folder / "socket", "-P", folder / "pid",
                                        *[f"--filter={name}" for name in filters],
                                        PLUGIN, *[f"disk={disk}" for disk in disks], *words],
                                       stdout=said, stderr=said, env={**os.environ, "PATH": PATH, **(environment or {})})
        server = Server(process, folder)
        while process.poll() is None and not written(folder / "pid"):
            time.sleep(0.02)
        yield server
        server.stop()
        assert [fingerprint(disk) for disk in disks] == before, "a disk was written to"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def fingerprint(path):
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns  # not st_blocks: a file system counts them when it writes back


def refused(*disks, **parameters):
    """The numbers that are said when nothing is served."""
    with serve(*disks, **parameters) as server:
        server.process.wait(LIMIT)
        assert server.process.returncode == 1, server.said
        return server.codes()


def pread(path, offset, length):
    with open(path, "rb") as file:
        file.seek(offset)
        return file.read(length)


def same(path, offset, other, other_offset, length, but=()):
    """Equal bytes in two files, sectors in `but` (counted from the beginnings) left out."""
    a, b = bytearray(pread(path, offset, length)), bytearray(pread(other, other_offset, length))
    assert len(a) == len(b) == length
    for sector in but:
        a[sector * SECTOR:(sector + 1) * SECTOR] = b[sector * SECTOR:(sector + 1) * SECTOR] = bytes(SECTOR)
    if a != b:
        at = next(i for i in range(0, length, SECTOR) if a[i:i + SECTOR] != b[i:i + SECTOR])
        raise AssertionError(f"sector {at // SECTOR} differs")
