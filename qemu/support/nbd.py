# SPDX-License-Identifier: GPL-2.0-or-later
"""
A disk that is there and answers no read: an NBD server that takes requests and is silent, as a drive that hangs.
The protocol as far as QEMU needs it: doc/proto.md of the NBD project (fixed newstyle, NBD_OPT_GO, simple replies).
"""
import socket
import struct
import tempfile
import threading
from pathlib import Path
from typing import List

GREETING, OPTION_MAGIC, REPLY_MAGIC = b"NBDMAGICIHAVEOPT", 0x49484156454F5054, 0x3E889045565A9
FIXED_NEWSTYLE, NO_ZEROES = 1, 2
OPT_GO = 7
REP_ACK, REP_INFO, REP_ERR_UNSUP = 1, 3, 0x80000001
INFO_EXPORT = 0
HAS_FLAGS = 1
REQUEST = struct.Struct(">IHHQQI")
CMD_READ, CMD_DISC = 0, 2


class SilentDisk:
    """Serves `size` bytes at a socket until it is closed; `requests` has the command of each request that came."""

    def __init__(self, size: int):
        self.folder = tempfile.TemporaryDirectory(prefix="ldmboot-")       # of a test's own the name can be too long for a socket
        self.path, self.size = Path(self.folder.name) / "silent.nbd", size
        self.requests: List[int] = []
        self.connections: List[socket.socket] = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen(4)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as stream:
            try:
                self.negotiate(connection, stream)
                while True:
                    _, _, command, _, _, length = REQUEST.unpack(stream.read(REQUEST.size))
                    self.requests.append(command)
                    if command == CMD_DISC:
                        return
                    if command == 1:
                        stream.read(length)
            except (OSError, struct.error):
                return

    def negotiate(self, connection: socket.socket, stream) -> None:
        connection.sendall(GREETING + struct.pack(">H", FIXED_NEWSTYLE | NO_ZEROES))
        stream.read(4)                                    # the client's flags
        while True:
            _, option, length = struct.unpack(">QII", stream.read(16))
            stream.read(length)
            if option != OPT_GO:
                self.reply(connection, option, REP_ERR_UNSUP)
                continue
            self.reply(connection, option, REP_INFO, struct.pack(">HQH", INFO_EXPORT, self.size, HAS_FLAGS))
            self.reply(connection, option, REP_ACK)
            return

    @staticmethod
    def reply(connection: socket.socket, option: int, kind: int, data: bytes = b"") -> None:
        connection.sendall(struct.pack(">QIII", REPLY_MAGIC, option, kind, len(data)) + data)

    def close(self) -> None:
        """Whoever still waits for an answer gets an error."""
        for end in [self.listener, *self.connections]:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
        self.folder.cleanup()
