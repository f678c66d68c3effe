# SPDX-License-Identifier: GPL-2.0-or-later
"""The EFI programs as firmware, shim and a signing tool see them, read from the PE headers by somebody else (objdump),
and the promise that there is no call in them that could write."""
import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
PROGRAMS = ["BOOTX64.EFI", "BOOTIA32.EFI"]
PAGE = 4096


def objdump(option, name):
    program = BUILD / "efi" / name
    assert program.exists(), f"{program} is missing: run make efi"
    return subprocess.run(["objdump", option, program], capture_output=True, text=True, check=True).stdout


def header(text, field):
    return re.search(rf"^{field}\s+(\w+)", text, re.M)[1]


@pytest.mark.parametrize("name", PROGRAMS)
def test_sections_are_pages_and_never_both_written_and_run(name):
    sections = re.findall(r"^ +\d+ (\S+) +(\w+) +(\w+) +\w+ +\w+ +\S+\n +(.*)$", objdump("-h", name), re.M)
    assert [section[0] for section in sections] == [".text", ".rodata", ".sbat", ".reloc", ".data"]
    for section, _, address, flags in sections:
        assert int(address, 16) % PAGE == 0
        assert ("CODE" in flags) == (section == ".text")
        assert ("READONLY" in flags) == (section != ".data")


@pytest.mark.parametrize("name", PROGRAMS)
def test_headers(name):
    text = objdump("-p", name)
    assert int(header(text, "SectionAlignment"), 16) == PAGE
    assert int(header(text, "DllCharacteristics"), 16) & 0x100     # NX_COMPAT
    assert int(header(text, "Subsystem"), 16) == 10                # EFI application
    assert "Thu Jan  1 00:00:00 1970" in text                      # reproducible
    relocations = re.search(r"^Entry 5 (\w+) (\w+) Base Relocation", text, re.M)
    assert int(relocations[2], 16) > 8


def section(name, wanted):
    """The bytes of a section as they are loaded: as long as it says (VirtualSize), padding of the file included."""
    size, offset = re.search(rf"^ +\d+ {re.escape(wanted)} +(\w+) +\w+ +\w+ +(\w+)", objdump("-h", name), re.M).groups()
    start = int(offset, 16)
    return (BUILD / "efi" / name).read_bytes()[start:start + int(size, 16)]


def sbat_rows(data):
    """As shim reads it (its parse_csv_data and parse_sbat_section): rows end in CR, LF or NUL, fields in commas; what is
    not ASCII, has not six fields, an empty one, or a generation that is no number from 1 on, is refused."""
    text = data.rstrip(b"\0").decode("ascii")
    assert "\0" not in text and text.endswith("\n")
    rows = [line.split(",") for line in re.split(r"[\r\n]+", text) if line]
    for row in rows:
        assert len(row) == 6 and all(row), row
        assert re.fullmatch("[1-9][0-9]{0,4}", row[1]), row
    return rows


@pytest.mark.parametrize("name", PROGRAMS)
def test_sbat_is_what_shim_reads(name):
    first, own = sbat_rows(section(name, ".sbat"))
    assert first == ["sbat", "1", "SBAT Version", "sbat", "1", "https://github.com/rhboot/shim/blob/main/SBAT.md"]
    assert own[:5] == ["ldmboot", "1", "ldmboot", "ldmboot", (TOP / "VERSION").read_text().strip()]
    assert re.fullmatch(r"(https?://|mailto:)[!-~]+", own[5])


def test_size():
    """The decoders for compressed system files (LZNT1, XPRESS, LZX) are 10 KiB of it."""
    assert (BUILD / "efi" / "BOOTX64.EFI").stat().st_size <= 160 * 1024  # gcc 14 makes it 2 KB larger than gcc 12


def test_no_call_that_writes():
    """Neither to a disk nor to the firmware's variables: the only WriteBlocks is the one of ours that refuses.
    The only Write is a serial port's."""
    for source in sorted((TOP / "efi").glob("*.[ch]")):
        text = re.sub(r"/\*.*?\*/", "", source.read_text(), flags=re.S)
        if source.name == "serial.c":
            assert re.search(r"EFI_SERIAL_IO_PROTOCOL \*port;", text)
            text = text.replace("port->Write(port, ", "", 1)
        assert not re.search(r"->\s*(WriteBlocks\w*|WriteDisk\w*|SetVariable|Write|Delete|SetInfo|FlushBlocks\w*)\s*\(", text), source
        assert "EFI_FILE_MODE_WRITE" not in text and "EFI_FILE_MODE_CREATE" not in text, source
