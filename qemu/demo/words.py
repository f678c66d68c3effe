# SPDX-License-Identifier: GPL-2.0-or-later
"""What both demos say in the end of a disk of yours, and what they leave out of a serial line."""
import re

from support import menus

# What a terminal obeys: the reader's own is not to be cleared, nor its cursor moved.
ESCAPES = re.compile(r"\x1b(?:\[[0-9;=?]*[A-Za-z]|[A-Z=>])")

# When a disk of yours is at its end: started, or given up, or asked about.
ENDS = rf"^LDM-BOOT .*\n|next boot device is tried|{re.escape(menus.KEYS)}"


def verdict(serial: str) -> str:
    """One sentence about how it went."""
    if "LDM-BOOT " in serial:
        return "ldmboot handed over to Windows's own boot code; what that says is above."
    if menus.KEYS in serial:
        return ("ldmboot starts nothing from this disk by itself: it asks a question, and the reason stands in the menu above.\n"
                "Answer it in a window: make qemu DISK=... ; the same in words: build/ldmboot-inspect --explain DISK")
    return ("ldmboot starts nothing from this disk: the reason, with its LDM number, is above.\n"
            "The same in words: build/ldmboot-inspect --explain DISK")
