# SPDX-License-Identifier: GPL-2.0-or-later
"""
The forms in which Windows Overlay Filter stores compressed files, made by wimlib: they are those of a WIM file's resources.
"""
import shutil
import struct
import subprocess

WIMLIB = shutil.which("wimlib-imagex")

# Number in the reparse point, wimlib's name, bytes of a chunk.
ALGORITHMS = {"xpress4k": (0, "xpress", 4096), "lzx": (1, "lzx", 32768), "xpress8k": (2, "xpress", 8192),
              "xpress16k": (3, "xpress", 16384)}
COMPRESSED, METADATA = 4, 2     # of a resource


def packed(folder, data, algorithm):
    """The compressed form of these bytes; None when they stay as they are. `folder`: a new one, for files on the way."""
    _, kind, chunk = ALGORITHMS[algorithm]
    source = folder / "source"
    source.mkdir(parents=True)
    (source / "file").write_bytes(data)
    wim = folder / "file.wim"
    subprocess.run([WIMLIB, "capture", source, wim, f"--compress={kind}", f"--chunk-size={chunk}", "--no-acls"],
                   check=True, capture_output=True)
    image = wim.read_bytes()
    size, at, _ = struct.unpack_from("<QQQ", image, 0x30)       # the table of resources
    table = image[at:at + (size & (1 << 56) - 1)]
    for entry in range(0, len(table), 50):
        size, at, original = struct.unpack_from("<QQQ", table, entry)
        if original == len(data) and size >> 56 & COMPRESSED and not size >> 56 & METADATA:
            return image[at:at + (size & (1 << 56) - 1)]
    return None


def argument(path, size, algorithm):
    """What ntfsput wants before the '=' (tests/tools/ntfsput.c)."""
    return f"{path},wof:{ALGORITHMS[algorithm][0]}:{size}"
