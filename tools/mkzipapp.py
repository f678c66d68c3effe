#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mkzipapp.py - one executable file of a Python package (PEP 441); the same input gives the same bytes.

    mkzipapp.py OUT PACKAGE.MODULE:FUNCTION FILE...
                                FILES are modules of the package; FUNCTION is called, what it returns is the exit code
"""
import io
import os
import sys
import zipfile
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)    # the first that a zip archive can hold


def add(archive, name, data):
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data)


def build(start, files):
    module, function = start.split(":")
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        add(archive, "__main__.py", f"import sys\nfrom {module} import {function}\nsys.exit({function}())\n")
        for file in sorted(map(Path, files)):
            add(archive, f"{file.parent.name}/{file.name}", file.read_bytes())
    return b"#!/usr/bin/python3 -I\n" + data.getvalue()


def main(argv):
    if len(argv) < 4:
        sys.exit(__doc__)
    out = Path(argv[1])
    out.write_bytes(build(argv[2], argv[3:]))
    os.chmod(out, 0o755)


if __name__ == "__main__":
    main(sys.argv)
