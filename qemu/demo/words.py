# SPDX-License-Identifier: GPL-2.0-or-later
"""What both demos say in the end of a disk of yours, and what they leave out of a serial line."""
import re
import subprocess
from pathlib import Path
from typing import Optional

from support import menus

# What a terminal obeys: the reader's own is not to be cleared, nor its cursor moved.
ESCAPES = re.compile(r"\x1b(?:\[[0-9;=?]*[A-Za-z]|[A-Z=>])")

# When a disk of yours is at its end: started, or given up, or asked about.
ENDS = rf"^LDM-BOOT .*\n|next boot device is tried|{re.escape(menus.KEYS)}"


def cannot_be_shown(path: Path) -> Optional[str]:
    """Why this disk of yours cannot be booted in QEMU: one sentence, or None when it can."""
    if not path.exists():
        return "there is no such file"
    if not (path.is_file() or path.is_block_device()):
        return "this is neither an image file nor a disk device" + (", but a folder" if path.is_dir() else "")
    try:
        with open(path, "rb") as disk:
            if disk.seek(0, 2) == 0:
                return "this is empty: it holds no disk"
    except OSError as error:
        return f"{error.strerror}; a disk device can be read by root"
    opened = subprocess.run(["qemu-img", "info", path], capture_output=True, text=True, check=False)
    return None if opened.returncode == 0 else f"QEMU cannot open it: {opened.stderr.strip()}"


def judged(passed: bool) -> str:
    """What the stand-in for Windows's loader found, and no more: it is not Windows."""
    if passed:
        return "Everything is as Windows's loader needs it. No Windows ran here: what it does from here on, no stand-in can show."
    return "Not everything is as Windows's loader needs it: see the lines with BAD."


def verdict(serial: str) -> str:
    """One sentence about how it went."""
    if "LDM-BOOT " in serial:
        return "ldmboot handed over to Windows's own boot code; what that says is above."
    if menus.KEYS in serial:
        return ("ldmboot starts nothing from this disk by itself: it asks a question, and the reason stands in the menu above.\n"
                "Answer it in a window: make qemu DISK=... ; the same in words: build/ldmboot-inspect --explain DISK")
    return ("ldmboot starts nothing from this disk: the reason, with its LDM number, is above.\n"
            "The same in words: build/ldmboot-inspect --explain DISK")
