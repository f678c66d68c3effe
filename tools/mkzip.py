#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mkzip.py FOLDER NAME EPOCH - FOLDER/NAME.zip of all that is below FOLDER/NAME; the same input gives the same bytes."""
import sys
import time
import zipfile
from pathlib import Path


def main(folder, name, epoch):
    when = max(time.gmtime(int(epoch))[:6], (1980, 1, 1, 0, 0, 0))   # zip knows no earlier time
    top = Path(folder) / name
    with zipfile.ZipFile(Path(folder) / f"{name}.zip", "w") as archive:
        for path in sorted(path for path in top.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), when)
            entry.create_system = 3   # Unix: the rights below are its own
            entry.external_attr = path.stat().st_mode << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)


if __name__ == "__main__":
    main(*sys.argv[1:])
