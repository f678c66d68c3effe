#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
make demo SCENE=windows-only: a server whose "System Reserved" partition, with BOOTMGR and the boot store, was on the disk
that died. Only Windows's own volume was mirrored. The machine alone starts nothing; ldmboot makes a system volume
in memory, and the stand-in for BOOTMGR finds store and Windows by it.
"""
import sys

from support import bootmgr
from demo.bios import FOLDER, boot_alone, boot_with_stick, heading, say


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    image = bootmgr.server(FOLDER, bootmgr.windows_volume(FOLDER / "windows.img"))
    heading("A server of which only Windows itself survived")
    say("Disk 1 had the system volume and one half of C:. It is gone. What is left is the other half of C:,\n"
        "with everything on it, and nothing on the disk that could start it.\n")
    say(f"The disk: {image}")
    boot_alone(image, overlay=False)
    return 0 if boot_with_stick(image, overlay=False) else 1


if __name__ == "__main__":
    sys.exit(main())
