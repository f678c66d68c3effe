# SPDX-License-Identifier: GPL-2.0-or-later
"""nbdkit with ldmboot's plugin, for as long as this program runs: it ends with it, whatever becomes of it."""
import contextlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from .messages import Trouble
from .nbd import Client
from .programs import child, end, program, wait_for

PLUGIN = "nbdkit-ldmboot-plugin.so"


def plugin():
    """Beside this program when built, else below its own prefix: where make install puts it, or Debian its libraries."""
    home = Path(sys.argv[0]).resolve().parent
    kept = f"nbdkit/plugins/{PLUGIN}"
    for path in (home / PLUGIN, home.parent / "lib" / kept, *home.parent.glob(f"lib/*-linux-gnu/{kept}")):
        if path.exists():
            return path
    raise Trouble(939, f"{PLUGIN} (built where nbdkit-plugin-dev is installed)")


class Server:
    """parameters: of the plugin; filters: of nbdkit; listen: what it says at start is kept in `said`, too, and shown but for lines of
    `known`, that another one has said; contents: what goes where on the basic disk is wanted"""

    def __init__(self, disks, parameters, filters=(), listen=False, known="", contents=False):
        words = [program("nbdkit", "nbdkit"), "-f", *(["-r"] if "cow" not in filters else [])]
        so = plugin()
        self.folder = Path(tempfile.mkdtemp(prefix="ldmboot-rescue-"))
        self.socket, self.listen, self.said, self.known = self.folder / "socket", listen, "", known.splitlines(True)
        self.process, self.clients = None, []
        list_ = [f"contents={self.folder / 'contents'}"] if contents else []
        self.command = [*words, "-U", self.socket, "-P", self.folder / "pid", *[f"--filter={name}" for name in filters], so,
                        *[f"disk={disk}" for disk in disks], *[f"{key}={value}" for key, value in parameters.items()], *list_]

    def __enter__(self):
        try:
            self.start()
        except BaseException:                  # Ctrl-C, too
            self.__exit__()
            raise
        return self

    def start(self):
        with open(self.folder / "said", "a+", encoding="utf-8", errors="replace") as said:
            self.process = child(self.command, said if self.listen else None)
            listens = wait_for(self.process, (self.folder / "pid").exists)     # it is written once it listens
            said.seek(0)
            self.said = said.read()
        print("".join(line for line in self.said.splitlines(True) if line not in self.known), end="", file=sys.stderr, flush=True)
        if not listens or self.process.poll() is not None:
            raise Trouble(943, "ldmboot-rescue")

    @property
    def contents(self):
        return json.loads((self.folder / "contents").read_text(encoding="utf-8"))

    def tell_rest(self):
        """What it said before it ended by itself."""
        with contextlib.suppress(OSError):
            rest = (self.folder / "said").read_text(encoding="utf-8", errors="replace")[len(self.said):]
            print(rest, end="", file=sys.stderr, flush=True)

    def __exit__(self, *_):
        if self.process and self.listen and self.process.poll() is not None:
            self.tell_rest()
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
