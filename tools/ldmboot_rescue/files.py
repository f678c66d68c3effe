# SPDX-License-Identifier: GPL-2.0-or-later
"""The volumes' files, for as long as this program runs: each volume as a file, and that mounted read only where it can be.

DIR/NAME.img is the volume, by nbdfuse, without root; DIR/NAME its files, by ntfs-3g, fusefat or the kernel's own drivers.

Facts: nbdfuse(1), ntfs-3g(8), fusefat(1), mount(8), proc(5) "mountinfo".
"""
import contextlib
import glob
import os
import re
import shlex
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from ldmboot_install.interrupt import held
from ldmboot_install.system import System

from .copy import Stop
from .messages import Trouble
from .programs import PATIENCE, child, end, program, wait_for
from .server import plugin

FUSE, FUSE_CONF = "/dev/fuse", "/etc/fuse.conf"
ABOUT = re.compile(r"volume (?P<rest>.*), .* on .*", re.DOTALL)      # exports.c
CALLED = re.compile(r"(.*?)(?: (\w:))?", re.DOTALL)
KINDS = ((3, b"NTFS    ", "ntfs"), (54, b"FAT", "fat"), (82, b"FAT32", "fat"))
# By file system: (program, its package, its words); the first that works. %s: the image, the folder.
WAYS = {"ntfs": (("ntfs-3g", "ntfs-3g", ("-o", "ro,no_detach")),),
        "fat": (("mount", "mount", ("-t", "vfat", "-o", "ro,loop")), ("fusefat", "fusefat", ("-f", "-o", "ro"))),
        None: ()}


class Volume:
    """name: for people, and for a file, "Volume1 (Dg0)" where one of another group is called Volume1; hint: "C:"; export: its GUID,
    where no other has that."""

    def __init__(self, about, export):
        found = ABOUT.fullmatch(about)
        self.about, self.export = about, export
        self.name, self.hint = CALLED.fullmatch(found["rest"] if found else export).groups(default="")
        self.file_name = re.sub(r"[^\w. ()-]", "_", self.name).lstrip(".") or "volume"

    def is_called(self, word):
        """A name that another group has, too, stands before the group's: it means both."""
        name, word = self.name.casefold(), word.casefold()
        return word in (name, self.export.casefold(), self.hint.casefold()) or name.startswith(f"{word} (")


def volumes_of(server):
    """Each has one or two exports, with one description: by name and then by GUID, unless that is another's, too."""
    client = server.client(None)
    found = {about: name for name, about in client.exports() if about.startswith("volume ")}
    client.close()
    return [Volume(about, name) for about, name in found.items()]


def wanted(volumes, word):
    found = [volume for volume in volumes if word is None or volume.is_called(word)]
    if not found:
        raise Trouble(950, f"{word} (volumes here: {', '.join(volume.name for volume in volumes)})")
    return found


def kind_of(server, volume):
    """By its boot sector."""
    client = server.client(volume.export)
    try:
        sector = client.read(0, 512)
    except OSError:
        return None
    finally:
        client.close()
    return next((kind for at, mark, kind in KINDS if sector.startswith(mark, at)), None)


def is_mounted(path):
    return any(point == str(path) for _, point in System().mounts())


def reason_of(said):
    """The line of a program that failed that tells most: the first."""
    lines = said.read_text(errors="replace").split("\n")
    return next((line.strip() for line in lines if line.strip()), "it ended without a word")


def may_share():
    """May somebody who is not root let root, as whom Debian's ntfs-3g runs, read what he mounts? See fuse(8)."""
    with contextlib.suppress(OSError), open(FUSE_CONF, encoding="utf-8", errors="replace") as file:
        return any(line.split("#")[0].strip() == "user_allow_other" for line in file)
    return False


def keeper():
    """What runs as somebody else does not notice that this program is gone (prctl(2)); what started it does, and ends it."""
    return [program("timeout", "coreutils"), "--foreground", "0"] if os.geteuid() else []


class Patient(Stop):
    """A second Ctrl-C makes nothing quicker: what was mounted is taken away, all of it. It is looked for, and comes nowhere by
    itself, so that there is no moment at which it could come between."""

    def ask(self, *_):
        self.asked = True


class Mounts:
    """What is below one folder. Leaving takes all of it away again, in whatever state it is."""

    def __init__(self, server, folder, stop):
        self.server, self.stop, self.ours = server, stop, folder is None or not os.path.lexists(folder)
        self.folder = Path(folder or tempfile.mkdtemp(prefix="ldmboot-rescue-files-")).resolve()
        self.made, self.served, self.mounted = [], [], []

    def __enter__(self):
        try:
            self.folder.mkdir(exist_ok=True)
            self.fd = os.open(self.folder, os.O_PATH | os.O_DIRECTORY)    # by which --unmount finds this program
        except OSError as error:
            raise Trouble(949, f"{self.folder}: {error.strerror.lower()}") from error
        return self

    def start(self, command, point):
        """A program that stays as long as it is mounted there; why it does not, or None."""
        said = self.server.folder / "said"
        with open(said, "wb") as file:
            process = child(command, file)
        self.made.append((point, process))
        if wait_for(process, lambda: self.stop.check() or is_mounted(point)):
            return None
        end(process)
        return reason_of(said)

    def serve(self, volume):
        """The volume as a file."""
        path = self.folder / f"{volume.file_name}.img"
        if path in (point for point, _ in self.made):
            path = self.folder / f"{volume.file_name}-{volume.export}.img"
        try:
            path.touch(0o600, exist_ok=False)
        except OSError as error:
            raise Trouble(949, f"{path}: {error.strerror.lower()}") from error
        sharing = ["-o", "allow_root"] if os.geteuid() and may_share() else []
        why = self.start([program("nbdfuse", "libnbd-bin"), "-r", *sharing, path, self.server.uri(volume.export)], path)
        if why:
            raise Trouble(949, f"{path}: {why}")
        self.served.append(path)
        return path

    def mount(self, image, kind):
        """Its files; None, or why there are none."""
        folder, why = image.with_suffix(""), "it begins with no file system that this knows"
        folder.mkdir(exist_ok=True)
        for name, package, words in WAYS[kind]:
            try:
                why = self.start([*keeper(), program(name, package), *words, image, folder], folder)
            except Trouble as trouble:
                why = trouble.subject + " is missing"
            if why is None:
                self.mounted.append(folder)
                return None
        folder.rmdir()
        return why

    def wait(self):
        """Until somebody unmounts all that was mounted, or the server is gone."""
        watched = self.mounted or self.served
        while self.server.process.poll() is None and any(map(is_mounted, watched)):
            self.stop.check()
            time.sleep(0.2)
        if self.server.process.poll() is not None:
            raise Trouble(943, str(self.folder))

    def __exit__(self, *_):
        with held():                           # from umount, too
            for point, process in reversed(self.made):
                end(process)                   # of fuse: it unmounts
                self.unmount(point)
                with contextlib.suppress(OSError):
                    point.rmdir() if point.is_dir() else point.unlink()
            os.close(self.fd)
            if self.ours:
                with contextlib.suppress(OSError):
                    self.folder.rmdir()

    @staticmethod
    def unmount(point):
        """Also while somebody stands in it."""
        for command in (["umount", point], ["umount", "-l", point], ["fusermount3", "-u", "-z", point]):
            if not is_mounted(point):
                return
            with contextlib.suppress(Trouble):
                subprocess.run([program(command[0], "mount"), *command[1:]], capture_output=True, check=False)


def check_fuse():
    """Before anything is mounted."""
    program("nbdfuse", "libnbd-bin")
    if not os.access(FUSE, os.R_OK | os.W_OK):
        raise Trouble(949, f"{FUSE} {'may not be used' if os.path.exists(FUSE) else 'is not there'}")


def show(mounts, volume, kind, say):
    image = mounts.serve(volume)
    why = mounts.mount(image, kind)
    if why is None:
        say(f"  {image.with_suffix('')}/  the files of {volume.about}, read only")
        return
    hint = ""
    if os.geteuid():
        hint = "; root can mount more" + ("" if may_share() else f", and with user_allow_other in {FUSE_CONF} so can you")
    say(f"  {image}  {volume.about}, as one file: not mounted ({why}{hint}).",
        f"    To look into it: guestfish --ro --format=raw -a {shlex.quote(str(image))} -m /dev/sda   (package libguestfs-tools)")


def carry_out(server, word, folder, say):
    """Until Ctrl-C, --unmount, or an umount of the person's own."""
    volumes = wanted(volumes_of(server), word)     # first: a name that means nothing means nothing in the other ways, too
    check_fuse()
    with Patient() as stop, Mounts(server, folder, stop) as mounts:
        for volume in volumes:
            show(mounts, volume, kind_of(server, volume), say)
        say(f"They are there until you press Ctrl-C here, or type elsewhere: ldmboot-rescue files --unmount {mounts.folder}")
        mounts.wait()


def commands(disks, parameters):
    """What a person can type where nothing can be mounted from here."""
    words = " ".join([*(f"disk={shlex.quote(os.path.abspath(disk))}" for disk in disks),
                      *(f"{key}={shlex.quote(value)}" for key, value in parameters.items())])
    served = f"nbdkit -r -U - {shlex.quote(str(plugin()))} {words}"
    return ("To look at the volume's files without root, in a shell of guestfish (package libguestfs-tools):",
            f"  {served} --run 'guestfish --ro --format=raw -a \"$uri\" -m /dev/sda'",
            "To mount it read only as root (package nbd-client; ntfs-3g for NTFS):",
            f"  {served.replace('-U -', '-U /run/ldmboot-rescue.socket')} && modprobe nbd && "
            "nbd-client -unix /run/ldmboot-rescue.socket /dev/nbd0 -R && mount -o ro /dev/nbd0 /mnt",
            "and when you are done: umount /mnt && nbd-client -d /dev/nbd0")


# ---------------------------------------------------------------- --unmount

def holder_of(folder):
    """Where /proc shows that an ldmboot-rescue has this folder open, or None."""
    for fd in map(Path, glob.iglob("/proc/[0-9]*/fd/*")):      # Path.glob fails when a program ends meanwhile
        with contextlib.suppress(OSError):
            words = (fd.parents[1] / "cmdline").read_bytes().split(b"\0")
            if b"files" in words and os.readlink(fd) == str(folder):
                return fd
    return None


def unmount(folder):
    """Ask the program that mounted it to end, and wait until it has."""
    holder = holder_of(Path(folder).resolve())
    if holder is None:
        raise Trouble(951, folder)
    with contextlib.suppress(ProcessLookupError):              # it has ended in this moment
        os.kill(int(holder.parts[2]), signal.SIGTERM)
    until = time.monotonic() + 4 * PATIENCE
    while os.path.lexists(holder) and time.monotonic() < until:
        time.sleep(0.05)
