# SPDX-License-Identifier: GPL-2.0-or-later
"""What a copy is written to: a disk, a file, or a file that is a virtual machine's disk. All of them are written and read
at any place, so that all of them are copied in the same order, and go on after an interruption.

Facts: qemu-img(1), qemu-nbd(8).
"""
import contextlib
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
        kind = format_of(path)
        qemu_nbd = program("qemu-nbd", "qemu-utils")
        if not os.path.exists(path):
            self.create(kind, path, size)
        self.folder = Path(tempfile.mkdtemp(prefix="ldmboot-rescue-"))
        socket = self.folder / "socket"
        # SIGKILL: 7.2 forgets a SIGTERM that comes while it starts, and would wait for a client for ever.
        with open(self.folder / "said", "wb") as said:
            self.process = child([qemu_nbd, "-f", kind, "-k", socket, "--cache=writeback", os.path.abspath(path)], said,
                                 signal.SIGKILL)
        self.client = None
        if not wait_for(self.process, lambda: self.connect(socket)):
            reason = (self.folder / "said").read_text(errors="replace").strip() or "qemu-nbd does not answer"
            self.end()
            raise Trouble(934, f"{path}: {reason}")
        self.write, self.read, self.settle = self.client.write, self.client.read, self.client.flush

    def connect(self, socket):
        """True as soon as it listens, which is a little later than its socket is there."""
        with contextlib.suppress(OSError):
            self.client = self.client or Client(socket)
        return self.client is not None

    @staticmethod
    def create(kind, path, size):
        """Under another name until it is whole."""
        part = f"{path}.part"
        done = subprocess.run([program("qemu-img", "qemu-utils"), "create", "-q", "-f", kind, part, str(size)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
                              umask=0o077, preexec_fn=ends_with_this(signal.SIGKILL))     # 077: somebody's files are in it
        if done.returncode:
            with contextlib.suppress(OSError):
                os.remove(part)
            raise Trouble(934, f"{path}: {done.stderr.strip()}")
        os.replace(part, path)

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
