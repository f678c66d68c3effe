# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot's menu, as a person at a terminal sees and uses it. Used by the boots in which a person has to choose."""
import re
from typing import Callable, List

from harness import Machine
from vt100 import Vt100

KEYS = "b next device"            # in the last row, once the list is painted whole
PAGE_KEYS = "any other key back"  # the same of a page of text: until then, the list's last row is still there
UP, DOWN, ESCAPE = "\x1b[A", "\x1b[B", "\x1b"


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
