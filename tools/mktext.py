#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mktext.py SOURCE TARGET - a text for the stick, which Notepad of any Windows shows: lines end with CRLF, and of Markdown
(SOURCE ends with .md) links, marks and tables are left out: what an error screen points to is read without the network."""
import re
import sys
import textwrap
from pathlib import Path

WIDTH = 78
ON_THE_STICK = {"errors.md": "ERRORS.TXT", "after-boot.md": "AFTER.TXT", "troubleshooting.md": "TROUBLE.TXT"}


def plain(line):
    line = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", line)
    line = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line)
    for document, name in ON_THE_STICK.items():
        line = re.sub(rf"(docs/)?\b{re.escape(document)}", name, line)
    return line.replace("**", "").replace("`", "").replace("\\|", "|")


def cells(row):
    return [plain(cell).strip() for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def from_markdown(text):
    """Lines of at most WIDTH columns. A table's row becomes a paragraph: its first cell, the others below it."""
    for line in text.splitlines():
        if re.fullmatch(r"\|[-|: ]+\|", line):
            continue
        if line.startswith("|"):
            first, *others = cells(line)
            yield from textwrap.wrap(first, WIDTH) or [""]
            for cell in filter(None, others):
                yield from textwrap.wrap(cell, WIDTH, initial_indent="    ", subsequent_indent="    ")
            yield ""
        elif line.startswith("#"):
            heading = plain(line.lstrip("# "))
            yield from [heading, ("=" if line.startswith("# ") else "-") * min(len(heading), WIDTH)]
        elif line.startswith("    "):
            yield line
        else:
            indent = "  " * bool(re.match(r"[-*] ", line))
            text = re.sub(r"^\*([^*]+)\*", r"\1", plain(line))
            yield from textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False) or [""]


def main(source, target):
    text = Path(source).read_text(encoding="utf-8")
    lines = from_markdown(text) if source.endswith(".md") else text.splitlines()
    Path(target).write_bytes("".join(line + "\r\n" for line in lines).encode("utf-8"))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
