# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes where, in words, before anybody is asked: from what the plugin wrote about its basic disk (docs/interfaces.md,
"contents")."""
from ldmboot_install.content import printable
from ldmboot_install.system import size_text

from . import target


def disk_text(path, system):
    """A disk with its model, where it has one."""
    folder = target.folder_of(path, system)
    model = system.model(folder) if folder else ""
    return f"{path} ({model})" if model else path


def half_text(name, disks, system):
    return f"{name} on {' and '.join(disk_text(path, system) for path in disks)}"


def title(one):
    return ", ".join(filter(None, (" ".join(filter(None, (one.get("letter"), one["name"]))), one.get("file_system"),
                                   size_text(one["bytes"]))))


def place(one, block):
    start = one["start"]
    return f"sectors {start // block} to {(start + one['bytes']) // block - 1}"


def partition_lines(one, block, system):
    yield f"  partition {one['number']}: {title(one)}{', active' if one['active'] else ''}, {place(one, block)}"
    if "half" not in one:
        yield "      made for the new disk"
        return
    other = f"; what that cannot read from {half_text(one['other_half'], one['other_disks'], system)}" if one["other_half"] else ""
    yield f"      read from {half_text(one['half'], one['disks'], system)}{other}"
    yield from (f"      not used: {text}" for text in one["unused"])


def lines(contents, to, is_file, system):
    """is_file: a new one, that does not exist yet"""
    firmware = "UEFI" if contents["firmware"] == "uefi" else "a BIOS"
    size = size_text(contents["bytes"])
    what = f"{to} ({size}, a new file)" if is_file else f"{disk_text(to, system)}, {size}: everything on it will be lost. It"
    yield f"{what} becomes a basic disk that starts by {firmware}:"
    block = contents["block_size"]
    for one in contents["partitions"]:  # names come from disks: nothing of them is an order to the terminal
        yield from map(printable, partition_lines(one, block, system))
    if contents["left_out"]:
        yield "Not copied (ldmboot-rescue files shows what can be read of them):"
    for one in contents["left_out"]:
        where = f" ({' and '.join(one['disks'])})" if one["disks"] else ""
        yield printable(f"  {title(one)}: {one['why']}{where}")
