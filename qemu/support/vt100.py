# SPDX-License-Identifier: GPL-2.0-or-later
"""
The screen of a VT100 at the end of a serial line, as far as text goes: what ldmboot's menu sends
(position, erase line, clear, reverse) and what a firmware sends around it.

Facts: VT100 user guide, chapter 3; ECMA-48 for the form of sequences.
"""
import re
from typing import List

COLUMNS, ROWS = 80, 25
SEQUENCE = re.compile(r"\x1b(?:\[([0-9;?]*)[ -/]*([@-~])|[()][0-9A-Za-z]|[=>78DEHM])")


class Vt100:
    """Feed it text; `rows()` is what stands on the screen, blanks at the ends of rows left out."""

    def __init__(self, text: str = ""):
        self.clear()
        self.feed(text)

    def clear(self) -> None:
        self.cells = [[" "] * COLUMNS for _ in range(ROWS)]
        self.row = self.column = 0

    def rows(self) -> List[str]:
        return ["".join(row).rstrip() for row in self.cells]

    def text(self) -> str:
        return "\n".join(self.rows()).rstrip()

    def feed(self, text: str) -> None:
        position = 0
        while position < len(text):
            sequence = SEQUENCE.match(text, position)
            if sequence:
                self.act(sequence[2] or "", [int(n or 0) for n in (sequence[1] or "").strip("?").split(";")])
                position = sequence.end()
            else:
                self.put(text[position])
                position += 1

    def act(self, final: str, numbers: List[int]) -> None:
        if final == "H":
            self.row = min(max(numbers[0], 1), ROWS) - 1
            self.column = min(max((numbers + [1])[1], 1), COLUMNS) - 1
        elif final == "J" and numbers[0] == 2:
            row, column = self.row, self.column
            self.clear()
            self.row, self.column = row, column
        elif final == "K" and numbers[0] == 0:
            self.cells[self.row][self.column:] = [" "] * (COLUMNS - self.column)

    def put(self, character: str) -> None:
        if character == "\n":               # the harness leaves carriage returns out
            self.column = 0
            self.next_row()
        elif character >= " ":
            if self.column == COLUMNS:
                self.column = 0
                self.next_row()
            self.cells[self.row][self.column] = character
            self.column += 1

    def next_row(self) -> None:
        self.row += 1
        if self.row == ROWS:
            self.cells = self.cells[1:] + [[" "] * COLUMNS]
            self.row -= 1
