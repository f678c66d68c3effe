# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands of ldmboot-rescue: look, say, ask, do. docs/man/ldmboot-rescue.1 is the manual."""
import argparse
import importlib.resources
import os
import sys

from ldmboot_install.errors import Refusal
from ldmboot_install.interrupt import raise_at_once
from ldmboot_install.system import System, size_text

from . import copy, files, machine, medium, plan, target
from .messages import Trouble, text
from .nbd import ProtocolError
from .server import Server

PROGRAM = "ldmboot-rescue"
INCOMPLETE = 2


def say(*lines):
    """Whoever reads may have seen enough (head): then the rest goes nowhere."""
    try:
        for line in lines:
            print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def block_of(client):
    """A GPT's header is in the second block."""
    return 4096 if client.read(4096, 8) == b"EFI PART" and client.read(512, 8) != b"EFI PART" else 512


def parameters_of(options, layout="basic"):
    """For the plugin."""
    given = {"layout": layout, "firmware": options.firmware, "volume": options.volume, "component": options.component,
             "old-half": "yes" if options.old_half else None, "identity": getattr(options, "identity", None),
             "seed": getattr(options, "seed", None)}
    return {key: value for key, value in given.items() if value}


# ---------------------------------------------------------------- list

NOTHING_AT_ALL = "LDM-0910", "LDM-0503"     # a disk that cannot be opened, none that is dynamic: no volumes either


def list_(options):
    """Everything there is, also when nothing of it starts."""
    parameters = parameters_of(options)
    server = Server(options.disks, parameters, listen=True)
    try:
        show(server)
    except Trouble as trouble:
        if trouble.number != 943 or any(number in server.said for number in NOTHING_AT_ALL):
            raise
        show(Server(options.disks, {**parameters, "layout": "volume"}, listen=True, known=server.said),
             "Nothing here starts by itself, so there is no basic disk to be had without more words; the volumes:")


def show(server, *before):
    with server:
        say(*before)
        client = server.client(None)
        found = list(client.exports())
        client.close()
        for name, about in found:
            one = server.client(name)
            say(f"{name:38} {size_text(one.size):>10}  {about}")
            one.close()


# ---------------------------------------------------------------- copy

def agreed(options):
    if options.yes:
        return
    print("Type yes to go on: ", end="", flush=True)
    if sys.stdin is None or sys.stdin.readline().strip() != "yes":
        raise Trouble(940, options.to)


def told(to, map_path, bad, lost, verified, sector=512):
    """How it went; the exit code."""
    if bad:
        print(text(936, f"{to}, {bad // sector} sectors, {map_path}"), file=sys.stderr)
    if lost:
        print(text(933, f"{to}, {lost // sector} sectors"), file=sys.stderr)
    if bad or lost:
        return INCOMPLETE
    say(f"{to} is done{', and reads back as it was written' if verified else ''}.")
    if not medium.format_of(to):
        say("Take the old disk out before you start from this one.")
    return 0


def copy_(options):
    system, to = System(), options.to
    map_path = options.map or (f"ldmboot-rescue-{os.path.basename(to)}" if target.folder_of(to, system) else to) + ".map"
    target.check(to, options.disks, map_path, system)
    size = target.size_of(to, system)
    parameters = {**parameters_of(options), "unreadable": "at-once"}
    if size:
        parameters["size"] = size
    with Server(options.disks, parameters, listen=True, contents=True) as server:
        client = server.client()
        contents = server.contents
        sector = contents["block_size"]
        target.refuse_block_size(to, sector, system)
        map_ = copy.map_of(client, map_path, to, size is None)
        say(*plan.lines(contents, to, size is None, system))
        if map_.is_old:
            say(f"The copy goes on where {map_path} says that it stopped.")
        if size is None:
            target.refuse_full(to, copy.needed(client, map_))
        agreed(options)
        bad, lost = copy.carry_out(client, to, map_, size is None, options.verify, sector, options.disks)
    return told(to, map_path, bad, lost, options.verify, sector)


# ---------------------------------------------------------------- vm, files

def about_display(display):
    if display == machine.SERIAL:
        yield ("Its serial port and text screen are this terminal; Ctrl-A X ends it. To see its screen: "
               "--display vnc=127.0.0.1:0, and a VNC viewer.")
    if not machine.usable_kvm() and os.access("/dev/kvm", os.R_OK | os.W_OK):
        yield "It is slow without KVM, which this system seems to have: LDMBOOT_KVM=1 in the environment uses it."


def vm(options):
    layout, display = "seen" if options.seen else "basic", machine.display_of(options.display)
    with Server(options.disks, parameters_of(options, layout), filters=("cow",)) as server:
        client = server.client()
        block = block_of(client)
        is_uefi = not options.seen and client.read(block, 8) == b"EFI PART"     # what is seen has the old disk's GPT; a BIOS starts it
        client.close()
        say("A virtual machine starts from these disks. What it writes is kept aside and gone when it ends: "
            "nothing of it reaches the disks.", *about_display(display))
        return machine.run(server, is_uefi, block, options.memory, display, options.qemu)


def split_volume(words):
    """(disks, volume or None): the last word may be a volume, where it is not a file."""
    if len(words) > 1 and not os.path.lexists(words[-1]) and "/" not in words[-1]:
        return words[:-1], words[-1]
    return words, None


def files_(options):
    if options.unmount:
        files.unmount(options.unmount)
        say(f"{options.unmount} is unmounted.")
        return 0
    disks, volume = split_volume(options.disks)
    parameters = parameters_of(options, "volume")
    with Server(disks, parameters) as server:
        try:
            files.carry_out(server, volume, options.at, say)
        except Trouble as trouble:
            if trouble.number in (939, 949):
                say(*files.commands(disks, {**parameters, **({"volume": volume} if volume else {})}))
            raise
        except KeyboardInterrupt:
            pass
    say("All is unmounted.")
    return 0


# ---------------------------------------------------------------- the command line

class Parser(argparse.ArgumentParser):
    """Its own exit code for wrong usage is what means an incomplete copy here."""

    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}\n")


def parser():
    top = Parser(prog=PROGRAM, description="Save, replace or rehearse what is on the surviving half of a "
                                  "mirrored Windows dynamic volume. The disks are opened for reading only.")
    version = (importlib.resources.files(__package__) / "VERSION").read_text(encoding="ascii").strip()
    top.add_argument("--version", action="version", version=f"{PROGRAM} {version}")
    which = argparse.ArgumentParser(add_help=False)
    which.add_argument("--firmware", choices=("bios", "uefi"), help="default: as the disk's table asks")
    which.add_argument("--volume", help="name, GUID or letter, as in ldmboot.cfg(5)")
    which.add_argument("--component", help="which half, by name")
    which.add_argument("--old-half", action="store_true", help="what is held against that half is known")
    commands = top.add_subparsers(dest="command", required=True)
    one = commands.add_parser("list", parents=[which], help="what there is")
    one.set_defaults(run=list_)
    one.add_argument("disks", nargs="+", metavar="DISK")
    one = commands.add_parser("copy", parents=[which], help="a basic disk that starts by itself, on a disk or in a file")
    one.set_defaults(run=copy_)
    one.add_argument("--yes", action="store_true", help="do not ask")
    one.add_argument("--verify", action="store_true", help="read back and compare")
    one.add_argument("--map", help="what is copied already, and what cannot be read (default: TO.map)")
    one.add_argument("--identity", choices=("keep", "new"), help="disk signature and GUIDs (default: keep)")
    one.add_argument("--seed", metavar="WORD", help="with --identity new: another word, another identity")
    one.add_argument("disks", nargs="+", metavar="DISK")
    one.add_argument("to", metavar="TO", help="a disk, or a new file; .qcow2, .vhdx, .vmdk, .vdi for a virtual machine")
    one = commands.add_parser("vm", parents=[which], help="a virtual machine; what it writes goes elsewhere")
    one.set_defaults(run=vm)
    one.add_argument("--memory", default="2048", help="MB (default: 2048)")
    one.add_argument("--display", help="of QEMU, or serial: this terminal (default: a window where there is a display, else serial)")
    one.add_argument("--seen", action="store_true", help="the disk as ldmboot shows it at a boot, instead of a basic one")
    one.add_argument("disks", nargs="+", metavar="DISK")
    one = commands.add_parser("files", parents=[which], help="the volumes' files, read only, until Ctrl-C",
                              usage=f"{PROGRAM} files [which] [--at DIR] DISK... [VOLUME]\n       {PROGRAM} files --unmount DIR")
    one.set_defaults(run=files_)
    one.add_argument("--at", metavar="DIR", help="where they are mounted (default: a new folder)")
    one.add_argument("--unmount", metavar="DIR", help="end the ldmboot-rescue that mounted there")
    one.add_argument("disks", nargs="*", metavar="DISK", help="behind the disks: a volume by name, GUID or letter (default: all)")
    return top


def refuse_usage(top, options):
    """Words that do nothing without others."""
    if options.command == "files" and bool(options.unmount) == bool(options.disks):
        top.error("files takes disks, or --unmount DIR")
    if options.old_half and not options.component:
        top.error("--old-half goes with --component, which names the half")
    if options.command == "copy" and options.seed and options.identity != "new":
        top.error("--seed goes with --identity new")
    if options.qemu and options.command != "vm":
        top.error("what follows -- is for vm")


def main():
    words = sys.argv[1:]
    more = words[words.index("--") + 1:] if "--" in words else []
    top = parser()
    options = top.parse_args(words[:words.index("--")] if "--" in words else words)
    options.qemu = more
    refuse_usage(top, options)
    raise_at_once()
    try:
        return options.run(options) or 0
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return trouble.code
    except Refusal as reason:
        print(text(931, str(reason)), file=sys.stderr)
    except (ProtocolError, BrokenPipeError, ConnectionError) as reason:
        print(text(943, str(reason)), file=sys.stderr)
    except OSError as reason:
        print(text(948, str(reason)), file=sys.stderr)
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted; nothing was changed", file=sys.stderr)
    return 1
