#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mkzipapp.py - one executable file of a Python package (PEP 441); the same input gives the same bytes.

    mkzipapp.py OUT PACKAGE.MODULE:FUNCTION VERSION FILE...
                                FILES are modules of the package; FUNCTION is called, what it returns is the exit code;
                                VERSION, a file, becomes the package's VERSION
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


# A signal that comes while the modules are read ends the program with a sentence, not with Python's own words. Then it is
# the program's again.
MAIN = """\
import os, signal, sys

def stop(*_):
    os.write(2, b"{program}: interrupted; nothing was changed\\n")
    os._exit(1)

before = {{}}
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    if signal.getsignal(number) != signal.SIG_IGN:
        before[number] = signal.signal(number, stop)
from {module} import {function}
for number in before:
    signal.signal(number, before[number])
sys.exit({function}())
"""


def build(program, start, version, files):
    module, function = start.split(":")
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        add(archive, "__main__.py", MAIN.format(program=program, module=module, function=function))
        add(archive, f"{module.split('.', maxsplit=1)[0]}/VERSION", Path(version).read_bytes())
        for file in sorted(map(Path, files)):
            add(archive, f"{file.parent.name}/{file.name}", file.read_bytes())
    return b"#!/usr/bin/python3 -I\n" + data.getvalue()


def main(argv):
    if len(argv) < 5:
        sys.exit(__doc__)
    out = Path(argv[1])
    out.write_bytes(build(out.name, argv[2], argv[3], argv[4:]))
    os.chmod(out, 0o755)


if __name__ == "__main__":
    main(sys.argv)
