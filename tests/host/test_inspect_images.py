# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot-inspect and the images that a person has: ddrescue's map beside one, the commands that mount the volumes."""
import contextlib
import hashlib
import json
import os
import random
import re
import subprocess

import pytest

from conftest import make_volume
from ldmdisk import BUILD, DISKS, make
from linux import attach         # noqa: F401  (a fixture)

INSPECT = BUILD / "ldmboot-inspect"
SIZE = 50 << 20
START, SECTORS = 2048, 40960  # of the half on Disk2
DATABASE = SIZE - (1 << 20)


def inspect(*arguments, exit_status=None, **more):
    done = subprocess.run([INSPECT, *map(str, arguments)], capture_output=True, check=False, text=True, **more)
    if exit_status is not None:
        assert done.returncode == exit_status, done.stdout + done.stderr
    return done


def document(*arguments, exit_status=None):
    return json.loads(inspect("--json", *arguments, exit_status=exit_status).stdout)


@pytest.fixture(scope="module")
def server(tmp_path_factory, windows_volume):
    """Two halves of a mirror, both good."""
    return make("""
define volume ""
group Dg0
disk Disk1 table=mbr size=50M
disk Disk2 table=mbr size=50M
volume Volume1 hint=C: flags=boot,system size=20M
  component Volume1-01
    partition Disk1-01 disk=Disk1
  component Volume1-02
    partition Disk2-01 disk=Disk2 lba=2048
content Volume1 file=$volume boot=ntfs hidden=63
""", tmp_path_factory.mktemp("server"), volume=windows_volume)


HEAD = """# Mapfile. Created by GNU ddrescue version 1.27
# Command line: ddrescue -d /dev/sdb """ + "x" * 600 + """ disk.img disk.map
# Start time:   2026-11-28 02:11:09
# Finished
# current_pos  current_status  current_pass
0x00000000     +               1
#      pos        size  status
"""


def map_of(path, *unread, size=SIZE):
    """A map as ddrescue writes it; unread: (start, end, state)."""
    lines, at = [], 0
    for start, end, state in unread:
        lines += [(at, start, "+"), (start, end, state)]
        at = end
    lines.append((at, size, "+"))
    path.write_text(HEAD + "".join(f"0x{a:08X}  0x{b - a:08X}  {s}\n" for a, b, s in lines if b > a))
    return path


def half(answer, name):
    return next(c for g in answer["groups"] for v in g["volumes"] for c in v["components"] if c["name"] == name)


def test_a_map_without_holes_changes_nothing(server, tmp_path):
    image = server / "Disk2.img"
    mapped = inspect("--json", "--map", map_of(tmp_path / "m"), image, exit_status=0)
    assert mapped.stdout == inspect("--json", image, exit_status=0).stdout


@pytest.mark.parametrize("state", "?*/-")
def test_a_database_that_was_not_read_is_unreadable_and_not_empty(server, tmp_path, state):
    image = server / "Disk2.img"
    damage = map_of(tmp_path / "m", (DATABASE, SIZE, state))
    alone = document("--map", damage, image, exit_status=2)
    assert alone["plan"]["result"] == "none" and not alone["groups"]
    assert any("cannot be read" in n["text"] or "read error" in n["text"] or "failed" in n["text"]
               for n in alone["disks"][0]["messages"]), alone["disks"][0]
    # What the other disk's database says of it still holds; the map is that of the image behind it, not of the other.
    both = document(server / "Disk1.img", "--map", damage, image)
    assert [d["status"] == "ok" for d in both["disks"]] == [True, False]
    other = document("--map", damage, server / "Disk1.img", image)
    assert [d["status"] == "ok" for d in other["disks"]] == [False, True]


def test_data_that_was_not_read_does_not_start(server, tmp_path):
    first = START * 512
    damage = map_of(tmp_path / "m", (first, first + 65536, "-"), (first + (1 << 20), first + (2 << 20), "*"))
    alone = document("--map", damage, server / "Disk2.img")
    assert alone["plan"]["result"] != "boot", alone["plan"]
    both = document("--map", damage, server / "Disk2.img", server / "Disk1.img", exit_status=0)
    assert both["plan"]["component"] == "Volume1-01"
    swapped = document("--map", damage, server / "Disk1.img", "--", server / "Disk2.img", exit_status=0)
    assert swapped["disks"][0]["path"] == str(server / "Disk1.img")


def test_what_a_map_does_not_reach_was_not_read(server, tmp_path):
    damage = map_of(tmp_path / "m", size=DATABASE)
    assert document("--map", damage, server / "Disk2.img", exit_status=2)["plan"]["result"] == "none"


@pytest.mark.parametrize("text", [
    b"", b"# Mapfile\n", b"0x0 ?\n", b"0x0 ? 1\n0x0 0x200 x\n", b"0x0 ? 1\n0x0 0x200 +\n0x400 0x200 +\n",
    b"0x0 ? 1\n0x0 -5 +\n", b"0x0 ? 1\n0x200 0xffffffffffffffff +\n", b"0x0 ? 1\n0x0 0x99999999999999999 +\n",
    b"0x0 ? 1\n0x0 0x200 + 7\n", b"0x0 ? 1\n0x0 0x200\n", b"\0" * 4096, bytes(range(256)) * 64,
    b"0x0 ? 1\n0x0 0x400 +\n0x200 0x200 +\n",
], ids=range(13))
def test_a_broken_map_is_one_sentence(server, tmp_path, text):
    broken = tmp_path / "broken"
    broken.write_bytes(text)
    done = inspect("--map", broken, server / "Disk2.img", exit_status=1)
    assert done.stdout == "" and len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"ldmboot-inspect: {broken}: this is no whole map file of ddrescue: line ")


def test_a_map_that_cannot_be_read_or_has_no_image(server, tmp_path):
    image, good = server / "Disk2.img", map_of(tmp_path / "m")
    for arguments, words in [(("--map", tmp_path / "none", image), "No such file"), (("--map", tmp_path, image), "directory"),
                             ((image, "--map", good), "no image follows it"), (("--map", good), "no image follows it"),
                             (("--map", good, "--map", good, image), "has a map already")]:
        done = inspect(*arguments, exit_status=1)
        assert words in done.stderr and len(done.stderr.splitlines()) == 1 and done.stdout == ""


@pytest.mark.parametrize("tail", ["map", "mapfile"])
def test_a_map_beside_an_image_is_named_and_not_used(server, tmp_path, tail):
    image = tmp_path / "Disk2.img"
    image.symlink_to(server / "Disk2.img")
    damage = map_of(tmp_path / f"Disk2.img.{tail}", (DATABASE, SIZE, "-"))
    done = inspect("--json", image, exit_status=0)
    assert len(done.stderr.splitlines()) == 1 and str(damage) in done.stderr and "not used" in done.stderr
    assert inspect("--json", "--map", damage, image, exit_status=2).stderr == ""
    damage.unlink()
    damage.mkdir()
    assert inspect(image, exit_status=0).stderr == ""


# ---- --mount: what the commands name is the volume, byte for byte

STUBS = {
    "losetup": r"""
import sys
a = sys.argv[1:]
assert a[0] == "-r"
offset = limit = None
if a[1] == "-o":
    offset, limit = int(a[2]), int(a[4])
    assert a[3] == "--sizelimit"
    a = a[4:]
assert a[1:3] == ["-f", "--show"] and len(a) == 4
n = len([p for p in here.iterdir() if p.name.startswith("loop")])
(here / f"loop{n}").write_text(json.dumps([a[3], offset, limit]))
print(here / f"loop{n}")
""",
    "dmsetup": r"""
import sys
create, only, name = sys.argv[1:]
assert (create, only) == ("create", "--readonly")
(here / name).write_text(sys.stdin.read())
""",
    "mount": r"""
import sys
(here / "mounts").open("a").write(json.dumps(sys.argv[1:]) + "\n")
""",
    "mkdir": "",
}


class Linux:
    """Runs the printed lines in a shell whose losetup, dmsetup and mount write down what they were asked, and answers
    what a mounted device holds, by the manuals of those programs."""

    def __init__(self, folder):
        self.folder, commands = folder, folder / "bin"
        commands.mkdir(parents=True)
        for name, text in STUBS.items():
            (commands / name).write_text("#!/usr/bin/python3\nimport json, pathlib\n"
                                         f"here = pathlib.Path({str(folder)!r})\n{text}")
            (commands / name).chmod(0o755)

    def run(self, script, cwd=None):
        subprocess.run(["/bin/sh", "-eu"], input=script, text=True, check=True, cwd=cwd,
                       env={"PATH": f"{self.folder / 'bin'}:/nowhere"})
        return [json.loads(line) for line in (self.folder / "mounts").read_text().splitlines()]

    def holds(self, device, cwd):
        if device.startswith("/dev/mapper/"):
            return self.mapped((self.folder / device.split("/")[-1]).read_text(), cwd)
        path, offset, limit = json.loads(open(device, encoding="utf-8").read())
        data = (cwd / path).read_bytes()
        return data if offset is None else data[offset:offset + limit]

    def mapped(self, table, cwd):
        out = b""
        for line in table.splitlines():
            start, length, kind, *rest = line.split()
            start, length = int(start) * 512, int(length) * 512
            assert start == len(out)
            if kind == "linear":
                at = int(rest[1]) * 512
                out += self.holds(rest[0], cwd)[at:at + length]
            else:
                out += self.striped(length, rest, cwd)
        return out

    def striped(self, length, rest, cwd):
        columns, chunk = int(rest[0]), int(rest[1]) * 512
        pairs = [(self.holds(d, cwd), int(o) * 512) for d, o in zip(rest[2::2], rest[3::2])]
        assert len(pairs) == columns and length % (columns * chunk) == 0
        return b"".join(data[o + row * chunk:o + (row + 1) * chunk]
                        for row in range(length // (columns * chunk)) for data, o in pairs)


def commands_of(done):
    return done.stdout[done.stdout.index("# To look at the volumes"):]


def random_volume(path, megabytes):
    data = random.Random(megabytes).randbytes(megabytes << 20)
    path.write_bytes(data)
    return data


def test_one_piece_is_a_loop_device(server, tmp_path, windows_volume):
    odd = tmp_path / "it's a; disk.img"
    odd.symlink_to(server / "Disk2.img")
    (mount,) = Linux(tmp_path / "linux").run(commands_of(inspect("--mount", odd, exit_status=0)))
    assert mount[:4] == ["-t", "ntfs3", "-o", "ro"]
    volume = Linux.holds(None, mount[4], tmp_path)
    # mkldm puts boot code and hidden sectors into the boot sector; the rest is the volume as it was made.
    assert len(volume) == SECTORS * 512 and volume[:512] == (server / "Disk2.img").read_bytes()[START * 512:][:512]
    assert volume[8192:20 << 20] == windows_volume.read_bytes()[8192:]


PIECES = """
define volume ""
group Dg0
disk Disk1 table=mbr size=20M
disk Disk2 table=gpt size=50M
volume Volume1 hint=D: size=12M
  component Volume1-01 {layout}
{partitions}
volume Volume2 size=1M
  component Volume2-01
    partition Disk1-09 disk=Disk1 lba=30000
content Volume1 file=$volume
"""
SPANNED = """
    partition Disk1-02 disk=Disk1 lba=22000 size=3M
    partition Disk2-01 disk=Disk2 size=5M
    partition Disk1-01 disk=Disk1 lba=2048 size=4M"""
STRIPED = """
    partition Disk1-01 disk=Disk1 lba=2048 size=6M
    partition Disk2-01 disk=Disk2 size=6M"""


@pytest.mark.parametrize("layout, partitions, kinds", [("", SPANNED, ["linear"] * 3), ("layout=stripe", STRIPED, ["striped"])],
                         ids=["spanned", "striped"])
def test_several_pieces_are_a_table(tmp_path, layout, partitions, kinds):
    data = random_volume(tmp_path / "volume", 12)
    make(PIECES.format(layout=layout, partitions=partitions), tmp_path, volume=tmp_path / "volume")
    linux = Linux(tmp_path / "linux")
    mounts = linux.run(commands_of(inspect("--mount", "Disk2.img", "Disk1.img", cwd=tmp_path)), cwd=tmp_path)
    assert [m[:2] for m in mounts] == [["-o", "ro"]] * 2
    assert [line.split()[2] for line in (tmp_path / "linux" / "ldmboot-1").read_text().splitlines()] == kinds
    assert linux.holds(mounts[0][2], tmp_path) == data
    assert len(linux.holds(mounts[1][2], tmp_path)) == 1 << 20
    # One disk alone: no command for what is not all there, and its own volume all the same.
    alone = commands_of(inspect("--mount", "Disk1.img", cwd=tmp_path))
    assert "# Volume1, D:: no command; none of its halves is usable\n" in alone and alone.count("losetup -r") == 1


def test_a_width_of_stripes_that_no_disk_has_is_no_division_by_zero(tmp_path):
    """Twice as much is 0 in 64 bits."""
    whole = PIECES.format(layout=f"layout=stripe stripe={1 << 63}", partitions=STRIPED)
    make(whole.replace("content Volume1 file=$volume\n", ""), tmp_path)
    told = commands_of(inspect("--mount", "Disk2.img", "Disk1.img", cwd=tmp_path))
    assert "# Volume1, D:: no command; its stripes do not end with a whole row" in told


def test_mount_beside_json_and_with_a_map(server, tmp_path):
    damage = map_of(tmp_path / "m", (40 << 20, 41 << 20, "-"))
    done = inspect("--json", "--mount", "--map", damage, server / "Disk2.img", exit_status=0)
    json.loads(done.stdout)
    assert "losetup -r -o 1048576 --sizelimit 20971520 " in done.stderr and "does not call read" in done.stderr
    assert "losetup" not in inspect(server / "Disk2.img").stdout


# ---- --mount on this very Linux

UNDO = """
undo() {
    for place in /mnt/ldmboot-*; do ! mountpoint -q "$place" || umount "$place"; done
    for table in /dev/mapper/ldmboot-*; do ! test -e "$table" || dmsetup remove "$table"; done
    for image in *.img; do losetup -n -O NAME -j "$image" | xargs -r losetup -d; done
}
trap undo EXIT
test -e /run/udev/control || export DM_DISABLE_UDEV=1
mount -t tmpfs none /mnt
"""
LOOK = """
cat /mnt/ldmboot-1/NTLDR
cut -d' ' -f2,4 /proc/self/mounts | grep ^/mnt/ldmboot
! touch /mnt/ldmboot-1/new 2>/dev/null
"""


def contents_of(folder, names="*.img"):
    return {path.name: hashlib.sha256(path.read_bytes()).digest() for path in folder.glob(names)}


def mount_here(folder, *options):
    """Run the printed lines, as root and in /mnt of a mount namespace of their own; the mounts that there were, and options.
    The volume has a file, which is read."""
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace can be made (a chroot whose root is no mount)")
    before = contents_of(folder)
    images = sorted(path.name for path in folder.glob("*.img"))
    commands = commands_of(inspect("--mount", *options, *images, cwd=folder))
    done = subprocess.run(["unshare", "--mount", "sh", "-eu"], cwd=folder, input=UNDO + commands + LOOK, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, commands + done.stdout + done.stderr
    assert contents_of(folder) == before
    text, *mounts = done.stdout.replace("a loader", "a loader\n", 1).split("\n")
    assert text == "a loader"
    return commands, dict(line.split() for line in mounts if line)


@pytest.mark.parametrize("name", ["simple", "stale", "4kn"])
def test_the_commands_mount_here(attach, tmp_path, windows_volume, name):     # noqa: F811
    """A mirror, of which only the half that is not old is shown; a volume that is none; blocks of 4096 bytes."""
    make(DISKS / f"{name}.ldm", tmp_path, volume=windows_volume)
    attach(next(tmp_path.glob("*.img")))
    commands, mounts = mount_here(tmp_path)
    assert list(mounts) == ["/mnt/ldmboot-1"] and "ro" in mounts["/mnt/ldmboot-1"].split(",")
    assert ("Disk1.img" in commands, "Disk2.img" in commands) == (name != "stale", name == "stale")


@pytest.mark.xdist_group("mapper")     # a table has the same name in both, and that is known to the whole computer
@pytest.mark.parametrize("layout, partitions", [("", SPANNED), ("layout=stripe", STRIPED)], ids=["spanned", "striped"])
def test_the_tables_mount_here(attach, tmp_path, layout, partitions):     # noqa: F811
    if subprocess.run(["dmsetup", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no dmsetup, or no device mapper in this kernel")
    volume = make_volume(tmp_path / "volume", "12M", ("NTLDR", b"a loader"))
    make(PIECES.format(layout=layout, partitions=partitions), tmp_path, volume=volume)
    attach(tmp_path / "Disk1.img")
    commands, mounts = mount_here(tmp_path)
    assert "dmsetup create --readonly" in commands and "ro" in mounts["/mnt/ldmboot-1"].split(",")


# ---- --color

def plain_of(text):
    return re.sub("\x1b\\[[0-9]*m", "", text)


def on_terminal(*arguments, **environment):
    """What stands on a terminal; standard error is none."""
    screen, terminal = os.openpty()
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    with subprocess.Popen([INSPECT, *arguments], stdout=terminal, env=kept | environment):
        os.close(terminal)
        shown = b""
        with contextlib.suppress(OSError):
            while more := os.read(screen, 65536):
                shown += more
    os.close(screen)
    return shown.decode().replace("\r\n", "\n")


@pytest.fixture(scope="module")
def stale(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stale")
    make(DISKS / "stale.ldm", folder)
    return folder / "Disk1.img", folder / "Disk2.img"


def test_colors_are_asked_for(stale):
    plain = inspect("--explain", *stale).stdout
    assert "\x1b" not in plain and plain == inspect("--explain", "--color=never", *stale).stdout
    colored = inspect("--color", "always", "--explain", *stale, exit_status=3).stdout
    assert plain_of(colored) == plain
    for text, color in (("stale", 31), ("active", 32), ("LDM-0516:", 33)):
        assert f"\x1b[{color}m{text}\x1b[0m" in colored
    assert len(re.findall("\x1b\\[3[0-9]m", colored)) == len(re.findall("^LDM-|^    Volume", plain, re.M))
    assert "\x1b" not in inspect("--json", "--color", "always", *stale).stdout


@pytest.mark.parametrize("environment, colors", [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": ""}, True),
                                                 ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({}, False)])
def test_colors_of_a_terminal(stale, environment, colors):
    shown = on_terminal(*stale, **environment)
    assert ("\x1b[32mactive\x1b[0m" in shown) == colors == ("\x1b" in shown)
    assert plain_of(shown) == inspect(*stale).stdout
    assert "\x1b" not in on_terminal("--color", "never", *stale, **environment)


def test_a_wrong_color_is_refused(stale):
    done = inspect("--color", "red", *stale, exit_status=1)
    assert done.stderr == "ldmboot-inspect: bad value 'red' (see --help)\n"


def test_a_name_on_a_disk_makes_no_color(stale, tmp_path):
    """What stands on a disk, or in the name of an image, is text."""
    odd = tmp_path / "a\x1b[31mb.img"
    odd.symlink_to(stale[1])
    for when in ("always", "never"):
        assert "a?[31mb.img" in inspect("--color", when, odd).stdout
