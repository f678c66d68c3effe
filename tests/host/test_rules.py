# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of the tree that a compiler does not check: who may include whom,
common/ knows no firmware, no line of the boot program writes to a disk, every
error number is documented."""
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ldmdisk import BUILD

TOP = Path(__file__).resolve().parents[2]
ROOMS = ("bios", "efi", "tools", "tests", "qemu")

# common/ is one street along the way of the data (docs/how-it-works.md): a room may include itself and the floors below.
FLOORS = {
    "base": 1,
    "disk": 2, "settings": 2,
    "ldm": 3, "fs": 3,
    "windows": 4,
    "decide": 5,
    "ui": 6, "present": 6,
}


MADE = {"build", "__pycache__", ".pytest_cache"}     # as in .gitignore


def tracked():
    """Files of the tree: what git knows, or, in an unpacked archive, what is there and was not made by working in it."""
    try:
        out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=TOP, text=True,
                             capture_output=True, check=True).stdout
        return [p for p in map(TOP.joinpath, out.splitlines()) if p.is_file()]
    except (subprocess.CalledProcessError, FileNotFoundError):
        return [p for p in TOP.rglob("*") if p.is_file() and not MADE & set(p.relative_to(TOP).parts)]


def sources(*rooms, suffixes=(".c", ".h", ".asm", ".inc", ".S", ".def")):
    return [p for p in tracked() if p.relative_to(TOP).parts[0] in rooms and p.suffix in suffixes]


def includes(path):
    return re.findall(r'^\s*[#%]\s*include\s+([<"][^>"]+)', path.read_text(), re.M)


def included(path, name):
    """The file that `path` means: of its own folder, or named from the top of the tree."""
    return (path.parent / name[1:] if "/" not in name else TOP / name[1:]).resolve()


def test_there_is_something_to_check():
    assert len(sources("common")) > 20


@pytest.mark.parametrize("path", sources("common"), ids=str)
def test_common_includes_only_itself_and_freestanding_headers(path):
    for name in includes(path):
        if name[0] == "<":
            assert name[1:] in ("stddef.h", "stdint.h", "stdbool.h", "stdarg.h"), f"{path}: {name}"
        else:
            assert included(path, name).is_relative_to(TOP / "common"), f"{path}: {name}"


@pytest.mark.parametrize("path", sources("common"), ids=str)
def test_every_file_of_common_stands_in_a_room(path):
    assert len(path.relative_to(TOP / "common").parts) == 2 and path.parent.name in FLOORS, \
        f"{path}: common/ROOM/FILE, and the room in FLOORS"


@pytest.mark.parametrize("path", sources("common"), ids=str)
def test_a_room_includes_only_itself_and_the_floors_below(path):
    home = path.parent.name
    for name in includes(path):
        room = included(path, name).parent.name
        if name[0] == '"' and room != home:
            assert FLOORS[room] < FLOORS[home], f"{path}: {name} is on floor {FLOORS[room]}, {home}/ on {FLOORS[home]}"


def test_the_page_has_these_floors():
    """docs/how-it-works.md: the table of rooms, and no path that is not there."""
    text = (TOP / "docs/how-it-works.md").read_text()
    assert {room: int(floor) for floor, room in re.findall(r"^\| (\d) \| `common/(\w+)/` \|", text, re.M)} == FLOORS
    for path in re.findall(r"`((?:common|bios|efi|tools|tests|qemu)/[\w./-]*)`", text):
        assert (TOP / path).exists() or "X." in path, f"docs/how-it-works.md names {path}"


def unit(path):
    """X.h and X.c are one thing: common/ROOM/X."""
    return str(path.relative_to(TOP).with_suffix(""))


def arrows_by_include():
    for path in sources("common"):
        for name in includes(path):
            if name[0] == '"' and unit(included(path, name)) != unit(path):
                yield unit(path), unit(included(path, name)), f"includes {name[1:]}"


def symbols(path):
    """What the object compiled from this file defines, and what it wants from others."""
    built = BUILD / "host" / path.relative_to(TOP).with_suffix(".o")
    assert built.exists() and built.stat().st_mtime >= path.stat().st_mtime, f"{built} is not there, or old: make tools"
    listed = subprocess.run(["nm", built], text=True, capture_output=True, check=True).stdout
    lines = [line.split() for line in listed.splitlines()]
    return ({fields[-1] for fields in lines if fields[-2] in "TDBRC"}, {fields[-1] for fields in lines if fields[-2] == "U"})


def arrows_by_symbol():
    # mem.c is what the host has a C library for.
    found = {unit(path): symbols(path) for path in sources("common", suffixes=(".c",)) if path.name != "mem.c"}
    home = {name: at for at, (defined, _) in found.items() for name in defined}
    for at, (_, wanted) in found.items():
        for name in wanted & home.keys():
            yield at, home[name], f"uses {name}"


def circles(arrows):
    """What can be taken away, again and again, is what nothing left points to, or what points to nothing left."""
    arrows = {(a, b) for a, b, _ in arrows}
    while True:
        sources_left, targets_left = {a for a, _ in arrows}, {b for _, b in arrows}
        left = {(a, b) for a, b in arrows if a in targets_left and b in sources_left}
        if left == arrows:
            return arrows
        arrows = left


def test_no_circle_between_files_of_common():
    """By what they include, and by what they call: a declaration may stand in another header than its own."""
    arrows = [*arrows_by_include(), *arrows_by_symbol()]
    assert len(arrows) > 200
    left = circles(arrows)
    assert not left, "\n".join(sorted(f"{a} {why}, of {b}" for a, b, why in arrows if (a, b) in left))


KNOWS_LDM = re.compile(r"\bldm_\w+|\bLDM_\w+|\b(?:PRIVHEAD|TOCBLOCK|VMDB|VBLK|KLOG)\b|\bLDM\b(?!-)|\bdynamic (?:disk|volume)", re.I)


@pytest.mark.parametrize("path", [p for p in sources("common", suffixes=(".h",)) if p.parent.name == "base"], ids=str)
def test_base_does_not_know_ldm(path):
    """Nothing of it in code or comments; the LDM-0123 of a message is only how numbers are printed."""
    assert not KNOWS_LDM.findall(path.read_text()), path


# ---------------------------------------------------------------- comments that stay true

@pytest.mark.parametrize("path", sources(*ROOMS, "common", suffixes=(".c", ".h", ".asm", ".inc", ".S", ".def", ".py", ".sh")),
                         ids=str)
def test_no_comment_lists_who_uses_a_file(path):
    """Such lists are true on the day they are written. Ask the tree: git grep -l '"common/ROOM/FILE.h"'."""
    assert not re.search(r"\bUsed" r" by\b", path.read_text()), path


@pytest.mark.parametrize("path", sources("common"), ids=str)
def test_files_that_common_names_exist(path):
    names = {p.name for p in tracked()}
    comments = " ".join(re.findall(r"/\*.*?\*/", path.read_text(), re.S))
    for name in re.findall(r"(?<![\w*.-])[\w-]+\.(?:c|h|asm|inc|def|py|md)\b(?![\w(.])", comments):
        assert name in names, f"{path} speaks of {name}"


# ---------------------------------------------------------------- what no compiler knows of

@pytest.mark.parametrize("path", sources("common"), ids=str)
def test_common_knows_no_firmware(path):
    bad = re.findall(r"^\s*#\s*(?:if|ifdef|ifndef|elif)\b.*\b(?:BIOS|EFI|UEFI|HOST|TEST)\b.*", path.read_text(), re.M)
    assert not bad


@pytest.mark.parametrize("path", sources(*ROOMS), ids=str)
def test_rooms_do_not_include_each_other(path):
    home = path.relative_to(TOP).parts[0]
    for name in includes(path):
        for room in ROOMS:
            if room != home:
                assert not name[1:].startswith(room + "/") and f"../{room}/" not in name, f"{path}: {name}"


@pytest.mark.parametrize("path", sources("common", "bios", "efi"), ids=str)
def test_the_boot_program_never_writes(path):
    """Names of writing calls may stand only where they are refused."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if re.search(r"\b(SetVariable|O_RDWR|O_WRONLY)\b", line):
            pytest.fail(f"{path}:{number}: {line.strip()}")
        if path.name == "serial.c":
            line = line.replace("port->Write(port, ", "")  # of Serial I/O
        if re.search(r"->\s*WriteBlocks\s*\(|->\s*Write(Disk)?\s*\(|->\s*FlushBlocks\s*\(", line):
            pytest.fail(f"{path}:{number} calls a writing service: {line.strip()}")


@pytest.mark.parametrize("path", sources("common", "bios", "efi", "tools", "tests", "qemu",
                                         suffixes=(".c", ".h", ".asm", ".inc", ".S", ".py", ".sh", ".def", ".lds", ".ld", ".mk")), ids=str)
def test_licence_line(path):
    if path.name != "__init__.py":
        assert "SPDX-License-Identifier: GPL-2.0-or-later" in "\n".join(path.read_text().splitlines()[:3])


def status_list():
    """(name, number, sentence, next step): of all programs, and what nbdkit's plugin and ldmboot-rescue have to say beyond that."""
    text = "".join((TOP / name).read_text() for name in ("common/base/status.def", "tools/nbdkit/messages.def"))
    python = (TOP / "tools/ldmboot_rescue/messages.py").read_text()
    found = [(f"MESSAGES[{number}]", number, sentence, step)
             for number, sentence, step in re.findall(r'^    (\d+): \("([^"]*)", "([^"]*)"\)', python, re.M)]
    found += re.findall(r'^(?:STATUS|MESSAGE)\((\w+),\s*(\d+),\s*"([^"]*)",\s*"([^"]*)"\)', text, re.M)
    assert len(found) == len(re.findall(r"^(?:STATUS|MESSAGE)\(", text, re.M)) + len(re.findall(r"^    \d+: \(", python, re.M))
    return [(name, int(number), sentence, step) for name, number, sentence, step in found]


def documented():
    """{number: (sentence, the words below it)} of docs/errors.md."""
    text = (TOP / "docs/errors.md").read_text()
    return {int(number): (sentence, below) for number, sentence, below in
            re.findall(r"^### LDM-(\d{4}): (.*)$\n((?:(?!##).*\n?)*)", text, re.M)}


def test_every_error_number_is_documented():
    in_docs = documented()
    for name, number, sentence, _ in status_list():
        assert number in in_docs, f"docs/errors.md does not list LDM-{number:04} ({name})"
        assert in_docs[number][0] == sentence, f"docs/errors.md words LDM-{number:04} differently"
    assert set(in_docs) <= {number for _, number, _, _ in status_list()}


def test_messages_in_assembler_say_what_the_list_says():
    sentences = {f"{number:04}": sentence for _, number, sentence, _ in status_list()}
    found = [(number, text) for path in sources("bios", suffixes=(".asm", ".inc"))
             for number, text in re.findall(r'"LDM-(\d{4}): ([^"]*)"', path.read_text())]
    assert found
    for number, text in found:
        assert text.startswith(sentences[number]), number


def test_sizes_are_counted_in_one_unit():
    """MB, GB as Windows counts them (1 MB = 1,048,576 bytes), on screens and in what people read; never MiB beside it."""
    pages = [TOP / "README.md", *(TOP / "docs").rglob("*.md"), *(TOP / "docs/man").iterdir(), *(TOP / "bios/stick").iterdir()]
    literals = [literal for path in sources("common", "bios", "efi", "tools", suffixes=(".c", ".h", ".def", ".asm", ".inc", ".py"))
                for literal in re.findall(r'(?<!")"(?!")[^"\n]*"', path.read_text())]
    for text in [*(path.read_text() for path in pages), *literals]:
        assert not re.search(r"\b[KMGT]iB\b", text), text if len(text) < 200 else text[:200]


def test_every_error_number_has_a_cause_and_a_next_step():
    """The next step begins with the words that the screen shows, or says why there is none to take. A link of the page
    is the path that the screen shows."""
    in_docs = documented()
    for _, number, _, on_screen in status_list():
        found = re.fullmatch(r"\n\*Cause:\* \S.*\n\n\*Next step:\* (\S.*\.\)?)\n*", in_docs[number][1])
        assert found, f"docs/errors.md: LDM-{number:04} has no cause with a next step below it"
        step = re.sub(r"\[([^]]*)\]\(([^)]*)\)", r"docs/\2", found[1]).replace("`", "")
        assert step.lower().startswith(on_screen.replace("\\\\", "\\").lower()), f"docs/errors.md: next step of LDM-{number:04}"
        if not on_screen:
            assert len(step.split()) >= 5, f"docs/errors.md: LDM-{number:04} needs no next step, and does not say why"


# A test that gives a status to the product, or prints the list, provokes nothing.
NOT_PROVOKED = re.compile(r"memdisk_fail\(|note_add\(|log_error\(")
ABOUT_THE_LIST = ("test_status.c", "test_log.c", "test_report.c", "test_rules.py")


def named_in(paths, leave_out=None):
    """The codes, by name or number, in the lines of these files; without the lines that match."""
    found = set()
    for path in paths:
        for line in path.read_text().splitlines():
            if not (leave_out and leave_out.search(line)):
                found.update(re.findall(r"\b(?:STATUS|MESSAGE)_(\w+)|LDM-(\d{4})|[\"'](0\d{3})[\"']", line))
    return {word for words in found for word in words if word}


def test_every_error_number_has_a_test_that_provokes_it():
    """It stands in a test program, and not where that plays a fault or prints something."""
    tests = [p for p in sources("tests", "qemu", "bios", suffixes=(".c", ".py"))
             if p.name.startswith("test_") and p.name not in ABOUT_THE_LIST]
    provoked = named_in(tests, NOT_PROVOKED)
    for name, number, _, _ in status_list():
        assert name in provoked or f"{number:04}" in provoked, f"no test provokes LDM-{number:04} ({name})"


def test_every_error_number_can_be_given():
    product = [p for p in sources("common", "bios", "efi", "tools", suffixes=(".c", ".h", ".asm", ".py"))
               if not p.name.startswith("test_") and p.name not in ("status.c", "status.h", "messages.py")]
    given = named_in(product)
    python = "".join(p.read_text() for p in product if p.suffix == ".py")
    for name, number, _, _ in status_list():
        assert name in given or f"{number:04}" in given or f"({number}" in python, f"nothing gives LDM-{number:04} ({name})"


@pytest.mark.skipif(not shutil.which("clang"), reason="no clang")
def test_clang_takes_the_tools(tmp_path):
    """make CC=clang: the same flags, no code made. (common/ is compiled by clang for fuzzing.)"""
    would_run = subprocess.run(["make", "-n", "CC=clang", f"B={tmp_path}", "tools"], cwd=TOP, capture_output=True, text=True, check=True).stdout
    commands = dict(re.findall(r"; (clang .* -c (tools/\S+\.c)) -o ", would_run.replace("\\\n", "")))
    assert commands
    for command in commands:
        done = subprocess.run(re.sub(r"-MMD .*? -c ", "-fsyntax-only ", command), shell=True, cwd=TOP, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_no_large_or_foreign_files():
    for path in tracked():
        assert path.stat().st_size <= 262144, f"{path} is {path.stat().st_size} bytes"
        assert path.suffix not in (".img", ".iso", ".efi", ".exe", ".qcow2"), path


@pytest.mark.parametrize("path", sources("common"), ids=str)
def test_bytes_of_a_span_are_read_by_its_accessors(path):
    """What tests/proof/ shows of decoders rests on this (tests/proof/proof.h): nobody but span.h indexes a span's bytes."""
    if path.name != "span.h":
        assert not re.findall(r"(?:\.|->)data\[", path.read_text())
