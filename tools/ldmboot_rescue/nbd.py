# SPDX-License-Identifier: GPL-2.0-or-later
"""A client for NBD over a local socket: as much of the protocol as copying takes.

Facts: the NBD protocol's description (github.com/NetworkBlockDevice/nbd, doc/proto.md): fixed newstyle negotiation,
structured replies, base:allocation.
"""
import errno
import os
import socket
import struct

OPTION_MAGIC = 0x49484156454F5054       # "IHAVEOPT"
OPTION_REPLY = 0x3E889045565A9
REQUEST, SIMPLE_REPLY, CHUNK = 0x25609513, 0x67446698, 0x668E33EF
OPT_ABORT, OPT_LIST, OPT_GO, OPT_STRUCTURED, OPT_SET_CONTEXT = 2, 3, 7, 8, 10
REP_ACK, REP_SERVER, REP_INFO, REP_CONTEXT = 1, 2, 3, 4
READ, WRITE, DISCONNECT, FLUSH, BLOCK_STATUS = 0, 1, 2, 3, 7
MAX_WRITE = 4 << 20
NONE, OFFSET_DATA, OFFSET_HOLE, STATUS, ERROR_BIT = 0, 1, 2, 5, 1 << 15
MAX_STATUS = 1 << 30
HOLE, ZERO = 1, 2


class ProtocolError(OSError):
    """The server said what it must not say, or went away."""


class Client:
    """One export. size: bytes"""

    def __init__(self, path, export=""):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.handle, self.size = 0, None
        greeting = self.take(18)
        if greeting[:8] != b"NBDMAGIC":
            raise ProtocolError("not an NBD server")
        self.socket.sendall(struct.pack(">I", 3))      # fixed newstyle, no zeroes
        if export is not None:
            self.go(export.encode())

    def take(self, length):
        data = bytearray()
        while len(data) < length:
            piece = self.socket.recv(min(length - len(data), 1 << 20))
            if not piece:
                raise ProtocolError("the server went away")
            data += piece
        return bytes(data)

    # ------------------------------------------------------------ negotiation

    def option(self, number, data=b""):
        self.socket.sendall(struct.pack(">QII", OPTION_MAGIC, number, len(data)) + data)

    def answers(self, number):
        """(type, data) of each reply before the last one."""
        while True:
            magic, option, kind, length = struct.unpack(">QIII", self.take(20))
            data = self.take(length)
            if magic != OPTION_REPLY or option != number or kind & 1 << 31:
                raise ProtocolError(data.decode(errors="replace") or "refused by the server")
            if kind == REP_ACK:
                return
            yield kind, data

    def go(self, name):
        self.option(OPT_STRUCTURED)
        list(self.answers(OPT_STRUCTURED))
        context = b"base:allocation"
        self.option(OPT_SET_CONTEXT, struct.pack(f">I{len(name)}sII{len(context)}s", len(name), name, 1, len(context), context))
        list(self.answers(OPT_SET_CONTEXT))
        self.option(OPT_GO, struct.pack(f">I{len(name)}sH", len(name), name, 0))
        for kind, data in self.answers(OPT_GO):
            if kind == REP_INFO and data[:2] == b"\0\0":
                self.size = struct.unpack_from(">Q", data, 2)[0]

    def exports(self):
        """(name, description) of all exports; for a client that was made without one."""
        self.option(OPT_LIST)
        for kind, data in self.answers(OPT_LIST):
            if kind == REP_SERVER:
                length, = struct.unpack_from(">I", data)
                yield data[4:4 + length].decode(), data[4 + length:].decode(errors="replace")

    # ------------------------------------------------------------ requests

    def request(self, kind, offset, length, data=b""):
        self.handle += 1
        self.socket.sendall(struct.pack(">IHHQQI", REQUEST, 0, kind, self.handle, offset, length))
        self.socket.sendall(data)

    def chunks(self):
        """(type, data) of a structured reply; an error becomes an OSError once all of it is here."""
        error = None
        while True:
            magic, = struct.unpack(">I", self.take(4))
            if magic == SIMPLE_REPLY:
                number, _ = struct.unpack(">IQ", self.take(12))
                if number == 0:
                    return
                raise OSError(number, os.strerror(number))
            if magic != CHUNK:
                raise ProtocolError("an answer that is none")
            flags, kind, _, length = struct.unpack(">HHQI", self.take(16))
            data = self.take(length)
            if kind & ERROR_BIT:
                number, = struct.unpack_from(">I", data)
                error = OSError(number, os.strerror(number))
            elif kind != NONE:
                yield kind, data
            if flags & 1:
                break
        if error:
            raise error

    def read(self, offset, length):
        """Bytes; OSError (EIO) when some of them cannot be read."""
        self.request(READ, offset, length)
        data = bytearray(length)
        for kind, piece in self.chunks():
            if kind == OFFSET_DATA:
                at = struct.unpack_from(">Q", piece)[0] - offset
                data[at:at + len(piece) - 8] = piece[8:]
        return bytes(data)

    def write(self, offset, data):
        for at in range(0, len(data), MAX_WRITE):
            piece = data[at:at + MAX_WRITE]
            self.request(WRITE, offset + at, len(piece), piece)
            list(self.chunks())

    def flush(self):
        self.request(FLUSH, 0, 0)
        list(self.chunks())

    def extents(self, start, end):
        """(offset, length, is a hole) from start to end."""
        while start < end:
            self.request(BLOCK_STATUS, start, min(end - start, MAX_STATUS))
            for kind, data in self.chunks():
                for at in range(4, len(data) if kind == STATUS else 0, 8):
                    length, flags = struct.unpack_from(">II", data, at)
                    length = min(length, end - start)
                    if length:
                        yield start, length, flags & (HOLE | ZERO) == HOLE | ZERO
                    start += length

    def close(self):
        """Also more than once."""
        try:
            if self.size is None:
                self.option(OPT_ABORT)
            else:
                self.request(DISCONNECT, 0, 0)
        except OSError:
            pass
        self.socket.close()


def is_unreadable(error):
    return error.errno == errno.EIO and not isinstance(error, ProtocolError)
