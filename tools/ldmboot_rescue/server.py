# SPDX-License-Identifier: GPL-2.0-or-later
"""nbdkit with ldmboot's plugin, for as long as this program runs: it ends with it, whatever becomes of it."""
import contextlib
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from .messages import Trouble
from .nbd import Client

PLUGIN = "nbdkit-ldmboot-plugin.so"
START_SECONDS = 120     # disks that are failing take their time
PATIENCE = 30


def program(name, package):
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise Trouble(939, f"{name} (package {package})")
    return found


def plugin():
    """Beside this program when built, else below its own prefix: where make install puts it, or Debian its libraries."""
    home = Path(sys.argv[0]).resolve().parent
    kept = f"nbdkit/plugins/{PLUGIN}"
    for path in (home / PLUGIN, home.parent / "lib" / kept, *home.parent.glob(f"lib/*-linux-gnu/{kept}")):
        if path.exists():
            return path
    raise Trouble(939, f"{PLUGIN} (built where nbdkit-plugin-dev is installed)")


PR_SET_PDEATHSIG = 1    # linux/prctl.h


def ends_with_this(number):
    """For a child, before it becomes another program: it gets this signal when this program is gone, whatever the reason."""
    parent = os.getpid()

    def run():
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)
    return run


def end(process, first="terminate"):
    """One that hangs in a read of a dying disk is left to the system, which ends it when the read does."""
    for step in (first, "terminate", "kill"):
        getattr(process, step)()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
            break


class Server:
    """parameters: of the plugin; filters: of nbdkit; listen: what it says at start is kept in `said`, too, and shown but for lines of
    `known`, that another one has said"""

    def __init__(self, disks, parameters, filters=(), listen=False, known=""):
        words = [program("nbdkit", "nbdkit"), "-f", "--exit-with-parent", "-r" if "cow" not in filters else "--foreground"]
        so = plugin()
        self.folder = Path(tempfile.mkdtemp(prefix="ldmboot-rescue-"))
        self.socket, self.listen, self.said, self.known = self.folder / "socket", listen, "", known.splitlines(True)
        self.process, self.clients = None, []
        self.command = [*words, "-U", self.socket, "-P", self.folder / "pid", *[f"--filter={name}" for name in filters], so,
                        *[f"disk={disk}" for disk in disks], *[f"{key}={value}" for key, value in parameters.items()]]

    def __enter__(self):
        try:
            self.start()
        except BaseException:                  # Ctrl-C, too
            self.__exit__()
            raise
        return self

    def start(self):
        # The pid is written once it listens. Not in the terminal's group: Ctrl-C is for this program, which ends it in order.
        with open(self.folder / "said", "w+", encoding="utf-8", errors="replace") as said:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, start_new_session=True,
                                            stderr=said if self.listen else None)
            until = time.monotonic() + START_SECONDS
            while not (self.folder / "pid").exists() and self.process.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
            said.seek(0)
            self.said = said.read()
        print("".join(line for line in self.said.splitlines(True) if line not in self.known), end="", file=sys.stderr, flush=True)
        if self.process.poll() is not None or not (self.folder / "pid").exists():
            raise Trouble(943, "ldmboot-rescue")

    def __exit__(self, *_):
        for client in self.clients:            # it would wait for them
            client.close()
        if self.process:
            end(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self, export=""):
        made = Client(self.socket, export)
        self.clients.append(made)
        return made

    def uri(self, export=""):
        return f"nbd+unix:///{quote(export, safe='')}?socket={self.socket}"
