#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""seeds.py FOLDER: the first inputs of the fuzz targets, a folder each: the lines of seeds.txt, and the files of seeds/."""

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent


def lines():
    for line in (HERE / "seeds.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            target, name, data = line.split(maxsplit=2)
            yield target, name, bytes.fromhex(data)


def main():
    out = Path(sys.argv[1])
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(HERE / "seeds", out)
    for target, name, data in lines():
        (out / target).mkdir(exist_ok=True)
        with (out / target / name).open("xb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
