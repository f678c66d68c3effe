# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot's menu, as a person at a terminal sees and uses it."""
import re
from typing import Callable, List

from . import disks
from .harness import Machine
from .vt100 import Vt100

KEYS = "b next device"            # in the last row, once the list is painted whole
PAGE_KEYS = "any other key back"  # the same of a page of text: until then, the list's last row is still there
UP, DOWN, ESCAPE = "\x1b[A", "\x1b[B", "\x1b"


LIST_PAGE = """\
 ldmboot {version} ({firmware})                                       disks are only read

 A key stopped the countdown. Nothing starts by itself now.



    Volume                  Size  Half             Disk    State    Can start
{halves}

{reason}

{bars}


 Up Down 1-9  Enter start  d details  o options  l log  r rescan  b next device"""
LIST_ROWS, REASON_ROWS = 7, 2


def list_page(firmware: str, halves: str, reason: str, bars: str) -> str:
    """The list as a whole, after a countdown that a key stopped: its rows, those about the selected half, the bars of three disks."""
    def rows(text: str, count: int) -> str:
        return text + "\n" * (count - text.count("\n") - 1)
    return LIST_PAGE.format(version=(disks.ROOT / "VERSION").read_text().strip(), firmware=firmware,
                            halves=rows(halves, LIST_ROWS), reason=rows(reason, REASON_ROWS), bars=bars)


def on_terminal(machine: Machine) -> str:
    """What a VT100 at the serial line shows."""
    return Vt100(machine.serial).text()


def wait_terminal(machine: Machine, *texts: str) -> str:
    """Wait until the terminal shows all of these; returns its screen."""
    def shown():
        text = on_terminal(machine)
        return text if all(part in text for part in texts) else None
    return machine.wait(shown, f"terminal {texts}")


def wait_list(machine: Machine, *texts: str) -> str:
    return wait_terminal(machine, KEYS, *texts)


def wait_page(machine: Machine, *texts: str) -> str:
    """The same for a page of text: details or log."""
    return wait_terminal(machine, PAGE_KEYS, *texts)


def number_of(screen: str, half: str) -> str:
    """The number in the list of the line with this half."""
    return re.search(rf"^ (\d)  .* {re.escape(half)} ", screen, re.MULTILINE)[1]


def choose(machine: Machine, half: str, send: Callable[[str], None] = None) -> None:
    """Wait for the list, and start a half from it. send: how a key gets there; by default through the serial line."""
    send = send or machine.type_serial
    send(number_of(wait_list(machine), half))
    send("\r")


def by_keyboard(machine: Machine) -> Callable[[str], None]:
    names = {"\r": "ret", " ": "spc", ESCAPE: "esc", UP: "up", DOWN: "down"}
    return lambda key: machine.press(names.get(key, key))


def without_art(screen: str) -> List[str]:
    """The rows, with the glyphs of the bars, which each console has its own for, as one and the same."""
    return [re.sub(r"[#=░▒█\ufffd]", "=", row) if "Disk" in row else row for row in screen.split("\n")]
