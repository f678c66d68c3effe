# SPDX-License-Identifier: GPL-2.0-or-later
"""What a copy is written to: a disk, a file, or a file that is a virtual machine's disk. All of them are written and read
at any place, so that all of them are copied in the same order, and go on after an interruption.

Facts: qemu-img(1), qemu-nbd(8).
"""
import contextlib
import errno
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from ldmboot_install.device import explain, forget

from .messages import Trouble
from .nbd import Client
from .programs import child, end, ends_with_this, program, wait_for

FORMATS = {".qcow2": "qcow2", ".vhdx": "vhdx", ".vmdk": "vmdk", ".vdi": "vdi"}


def format_of(path):
    """qemu's word for the kind of disk that a file's name ends in, or None."""
    return FORMATS.get(os.path.splitext(path)[1].lower())


class Plain:
    """A disk, or a file of its bytes. has_holes: what is not written reads as zeros"""

    def __init__(self, path, size, is_file):
        self.has_holes = is_file
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if is_file else os.O_EXCL)
        try:
            self.fd = os.open(path, flags, 0o600)
            if is_file:
                os.ftruncate(self.fd, size)
        except OSError as error:
            raise Trouble(934, f"{path}: {explain(error)}") from error

    def write(self, offset, data):
        view = memoryview(data)
        while view:
            count = os.pwrite(self.fd, view, offset)
            view, offset = view[count:], offset + count

    def read(self, offset, length):
        return os.pread(self.fd, length, offset)

    def settle(self):
        os.fsync(self.fd)

    def forget(self):
        """What is read next comes from the medium."""
        forget(self.fd)

    def close(self):
        with contextlib.suppress(OSError):
            os.close(self.fd)


class Image:
    """A file that qemu-nbd writes, for as long as this program runs."""

    has_holes = True

    def __init__(self, path, size):
        self.kind, self.path = format_of(path), path
        was_there = os.path.exists(path)
        if not was_there:
            self.create(size)
        why = self.start()
        if why and was_there:                  # its writer was killed, perhaps
            self.repair()
            why = self.start()
        if why:
            raise Trouble(956 if was_there else 934, f"{path}: {why}")
        self.read, self.settle = self.client.read, self.client.flush

    def write(self, offset, data):
        """ENOTSUP: QEMU 7.2 does not always write a vhdx whose writer was killed, although it opens it."""
        try:
            self.client.write(offset, data)
        except OSError as error:
            if error.errno == errno.ENOTSUP:
                raise Trouble(956, f"{self.path}: {explain(error)}") from error
            raise

    def start(self):
        """None, or why it cannot be served."""
        self.client, self.folder = None, Path(tempfile.mkdtemp(prefix="ldmboot-rescue-"))
        socket, said = self.folder / "socket", self.folder / "said"
        # SIGKILL: 7.2 forgets a SIGTERM that comes while it starts, and would wait for a client for ever.
        with open(said, "wb") as file:
            self.process = child([program("qemu-nbd", "qemu-utils"), "-f", self.kind, "-k", socket, "--cache=writeback",
                                  os.path.abspath(self.path)], file, signal.SIGKILL)
        if wait_for(self.process, lambda: self.connect(socket)):
            return None
        why = said.read_text(errors="replace").strip() or "qemu-nbd does not answer"
        self.end()
        return why

    def connect(self, socket):
        """True as soon as it listens, which is a little later than its socket is there."""
        with contextlib.suppress(OSError):
            self.client = self.client or Client(socket)
        return self.client is not None

    def image_tool(self, *words):
        """qemu-img, which ends with this program."""
        return subprocess.run([program("qemu-img", "qemu-utils"), *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", check=False, umask=0o077,    # somebody's files are in it
                              preexec_fn=ends_with_this(signal.SIGKILL))

    def create(self, size):
        """Under another name until it is whole."""
        program("qemu-nbd", "qemu-utils")      # else nothing would ever be written to it
        part = f"{self.path}.part"
        done = self.image_tool("create", "-q", "-f", self.kind, part, str(size))
        if done.returncode:
            with contextlib.suppress(OSError):
                os.remove(part)
            raise Trouble(934, f"{self.path}: {done.stderr.strip()}")
        os.replace(part, self.path)

    def repair(self):
        """By the format's own means; formats that have none are as they are."""
        self.image_tool("check", "-q", "-r", "all", "-f", self.kind, os.path.abspath(self.path))

    def forget(self):
        """qemu-nbd keeps no data; the file's own are written and read again."""

    def close(self):
        self.client.close()
        self.end()

    def end(self):
        end(self.process, "poll")              # it ends by itself when its client has gone, and writes its tables before
        shutil.rmtree(self.folder, ignore_errors=True)


def open_medium(path, size, is_file):
    return Image(path, size) if is_file and format_of(path) else Plain(path, size, is_file)
