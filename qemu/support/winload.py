#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A winload.efi of our own: a PE file with a pattern that qemu/payloads/efi-standin.c knows.

By hand: winload.py OUT [x64|ia32] [BYTES] [ACTION]. Its last 20 bytes: "LDMWINLD", what the stand-in does after
PASS, the file's size, CRC-32 of all before the CRC.
"""
import random
import struct
import sys
import zlib

MACHINES = {"x64": 0x8664, "ia32": 0x014C, "ia64": 0x0200, "arm64": 0xAA64}     # the last two: to be refused, with ia32's headers
ACTIONS = {"return": 0, "shutdown": 1, "reset": 2, "return-error": 3, "return-no-mapping": 4}
BOOT_APPLICATION = 16        # subsystem, as the real file has
HEADERS = 0x200
TRAILER = 20


def pe_headers(machine: str, data_bytes: int) -> bytes:
    """MS-DOS, COFF and optional header, one section of data."""
    wide = machine == "x64"
    image_bytes = -(-(0x1000 + data_bytes) // 0x1000) * 0x1000
    optional = struct.pack("<HBBIIIII", 0x20B if wide else 0x10B, 14, 0, 0, data_bytes, 0, 0x1000, 0x1000)
    optional += struct.pack("<Q" if wide else "<II", *([0x10000000] if wide else [0x1000, 0x10000000]))
    optional += struct.pack("<IIHHHHHHIIIIHH", 0x1000, 0x200, 6, 0, 0, 0, 6, 0, 0, image_bytes, HEADERS, 0,
                            BOOT_APPLICATION, 0x100)
    optional += struct.pack("<QQQQII" if wide else "<IIIIII", 0, 0, 0, 0, 0, 16) + bytes(16 * 8)
    coff = struct.pack("<HHIIIHH", MACHINES[machine], 1, 0, 0, 0, len(optional), 0x22 if wide else 0x102)
    section = struct.pack("<8sIIIIIIHHI", b".data", data_bytes, 0x1000, data_bytes, HEADERS, 0, 0, 0, 0, 0x40000040)
    dos = b"MZ" + bytes(0x3A) + struct.pack("<I", 0x40)
    return (dos + b"PE\0\0" + coff + optional + section).ljust(HEADERS, b"\0")


def winload(machine: str = "x64", size: int = 1_500_000, action: str = "return", seed: int = 1) -> bytes:
    """The file: no 512 bytes of it are the same, so that a sector read from the wrong place shows."""
    headers = pe_headers(machine, size - HEADERS)
    body = headers + random.Random(seed).randbytes(size - HEADERS - TRAILER)
    body += struct.pack("<8sII", b"LDMWINLD", ACTIONS[action], size)
    return body + struct.pack("<I", zlib.crc32(body))


if __name__ == "__main__":
    out, rest = sys.argv[1], sys.argv[2:]
    with open(out, "wb") as f:
        f.write(winload(*rest[:1], *map(int, rest[1:2]), *rest[2:3]))
