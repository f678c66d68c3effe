# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot-rescue: what it lists, where it copies and where it refuses to, how a copy that was stopped goes on."""
import contextlib
import errno
import glob
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest

from ldmdisk import DISKS, ROOT, SECTOR, make
from served import BUILD, LIMIT, needs_nbdkit, pread, same, wait_until
from linux import attach, device_folder, nobody                  # noqa: F401  (fixtures)
from test_nbdkit import FIRST, HALF, MIB, MIRROR, OLD, OLD_TOO, SIZE, UEFI, UEFI_FIRST, ddrescue_map, faulty, map_lines

sys.path[:0] = str(BUILD / "ldmboot-install"), str(ROOT / "tools")     # the first as in test_install, whichever is read first
from ldmboot_rescue import cli, copy, files, machine, mapfile, medium, passes, plan, server  # noqa: E402
from ldmboot_rescue.messages import MESSAGES, Trouble           # noqa: E402

pytestmark = needs_nbdkit


LEFT = MIRROR.replace("content Volume1 ", """
disk Disk3 table=mbr size=50M
volume Data hint=D: size=4M
  component Data-01 state=STALE
    partition Disk3-03 disk=Disk3 flags=recover
  component Data-02 state=STALE flags=recover
    partition Disk2-02 disk=Disk2 flags=recover
volume Else hint=E: size=4M
  component Else-01
    partition Disk3-01 disk=Disk3
volume Stripe hint=S: size=8M
  component Stripe-01 layout=stripe columns=2
    partition Disk2-03 disk=Disk2 size=4M column=0 offset=0
    partition Disk3-02 disk=Disk3 size=4M column=1 offset=0
content Else file=$data
content Volume1 """)


def rescue(*words, answer="", environment=None, **options):
    return subprocess.run([BUILD / "ldmboot-rescue", *words], input=answer, capture_output=True, text=True,
                          env={**os.environ, **(environment or {})}, timeout=LIMIT, **options)


def refused(*words, number, **options):
    done = rescue(*words, **options)
    assert done.returncode == 1 and f"LDM-{number}: " in done.stderr, done.stdout + done.stderr
    return done.stderr


@pytest.fixture
def disk(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    return tmp_path / "Disk2.img"


def is_the_copy(path, volume):
    same(path, MIB, volume, 0, SIZE * SECTOR, but=(0, SIZE - 1))
    assert pread(path, 510, 2) == b"\x55\xaa" and pread(path, 446, 1) == b"\x80"


def test_list(disk):
    done = rescue("list", disk)
    assert [line.split()[0] for line in done.stdout.splitlines()][:3] == ["basic", "seen", "Volume1"] and done.returncode == 0


def test_list_where_nothing_starts(tmp_path, windows_volume):
    make(OLD.replace(" flags=boot,system", "") + "volume Other size=1M\n  component Other-01\n    partition O disk=Disk2\n",
         tmp_path, volume=windows_volume, missing="yes")
    done = rescue("list", tmp_path / "Disk2.img")
    assert done.returncode == 0 and "Other" in done.stdout and "basic  " not in done.stdout


def test_copy_into_a_new_file(disk, windows_volume, tmp_path):
    done = rescue("copy", "--yes", "--verify", disk, tmp_path / "new.img")
    assert done.returncode == 0, done.stderr
    assert f"partition 1: C: Volume1, NTFS, 20.0 MB, active, sectors {FIRST} to {FIRST + SIZE - 1}\n" in done.stdout
    assert done.stderr == ""                  # no progress bar where nobody looks
    is_the_copy(tmp_path / "new.img", windows_volume)
    assert sorted(p.name for p in tmp_path.glob("new*")) == ["new.img"]     # no map is left
    assert (tmp_path / "new.img").stat().st_blocks * 512 < 40 * MIB


def test_copy_of_an_image_that_ddrescue_did_not_read_whole(disk, windows_volume, tmp_path):
    at = (4000 + 20000) * SECTOR
    ddrescue_map(tmp_path / "Disk2.img.map", (at, at + 10 * SECTOR, "?"))    # a hole of the file
    done = rescue("copy", "--yes", disk, tmp_path / "new.img")
    assert done.returncode == 2 and "LDM-0927: " in done.stderr and "LDM-0936: " in done.stderr and "10 sectors" in done.stderr
    assert ((FIRST + 20000) * SECTOR, 10 * SECTOR, "-") in map_lines(tmp_path / "new.img.map")
    same(tmp_path / "new.img", MIB, windows_volume, 0, SIZE * SECTOR, but=(0, *range(20000, 20010), SIZE - 1))


def test_copy_asks_before(disk, tmp_path):
    refused("copy", disk, tmp_path / "new.img", number="0940", answer="no\n")
    assert not (tmp_path / "new.img").exists()
    assert rescue("copy", disk, tmp_path / "new.img", answer="yes\n").returncode == 0


@pytest.mark.parametrize("name", ["new.qcow2", "new.vhdx", "new.vmdk", "new.vdi"])
def test_copy_for_a_virtual_machine(disk, tmp_path, windows_volume, name):
    """A second copy onto it is a file that exists, whatever is in it."""
    done = rescue("copy", "--yes", "--verify", disk, tmp_path / name)
    assert done.returncode == 0, done.stderr
    refused("copy", "--yes", disk, tmp_path / name, number="0938")
    subprocess.run(["qemu-img", "convert", "-O", "raw", tmp_path / name, tmp_path / "raw"], check=True)
    is_the_copy(tmp_path / "raw", windows_volume)


def test_copy_of_a_uefi_disk(tmp_path, windows_volume):
    make(UEFI, tmp_path, volume=windows_volume, block=512)
    done = rescue("copy", "--yes", "--verify", tmp_path / "Disk1.img", tmp_path / "new.img")
    assert done.returncode == 0, done.stderr
    assert pread(tmp_path / "new.img", 512, 8) == b"EFI PART"


@pytest.mark.parametrize("block", [512, 4096])
def test_what_goes_where_is_said_before_the_question(tmp_path, windows_volume, block):
    """For UEFI, in the disk's own sectors."""
    make(UEFI, tmp_path, volume=windows_volume, block=block)
    said = rescue("copy", tmp_path / "Disk1.img", tmp_path / "new.img", answer="no\n").stdout
    first = UEFI_FIRST * 512 // block
    assert "becomes a basic disk that starts by UEFI:" in said
    assert f"partition 1: EFI system partition, 260.0 MB, sectors {MIB // block} to" in said and "made for the new disk" in said
    assert f"partition 3: C: Volume1, NTFS, 20.0 MB, sectors {first} to {first + SIZE * 512 // block - 1}\n" in said
    assert f"read from Volume1-01 on {tmp_path}/Disk1.img\n" in said and "not used: Volume1-02, Disk2: its disk is not" in said


def test_halves_and_what_stays_behind_are_said_before_the_question(tmp_path, windows_volume, data_volume):
    """Which half it is read from and which helps; a volume of another disk, one with an old half only, one in stripes."""
    make(LEFT, tmp_path, volume=windows_volume, data=data_volume)
    disks = [tmp_path / f"Disk{number}.img" for number in (1, 2, 3)]
    said = rescue("copy", *disks, tmp_path / "new.img", answer="no\n").stdout
    assert (f"read from Volume1-01 on {disks[0]}; what that cannot read from Volume1-02 on {disks[1]}\n") in said
    left = said[said.index("Not copied"):]
    assert re.search(r"^  D: Data, 4.0 MB: Data-0\d.*: \w.*$", left, re.M)
    assert f"  E: Else, 4.0 MB: it is on another disk ({disks[2]})\n" in left
    assert "  S: Stripe, 8.0 MB: it is striped or RAID-5" in left and "Volume1" not in left


def test_disks_have_their_models_and_names_give_no_orders(nobody):       # noqa: F811
    """To the terminal, with a name that a disk gave itself."""
    folder = device_folder(nobody, "sdb", "8:16", device__model="ST3500418AS", device__vendor="ATA")
    nobody.number_at = lambda path: "8:16" if path == "/dev/sdb" else None
    assert folder.exists()
    one = {"number": 1, "active": True, "start": MIB, "bytes": MIB, "name": "Vol\x1b[2J", "letter": None, "file_system": None, "half": "A",
           "disks": ["/dev/sdb"], "other_half": None, "other_disks": [], "unused": []}
    said = "\n".join(plan.lines({"firmware": "bios", "block_size": 512, "bytes": MIB, "partitions": [one], "left_out": []}, "x.img", True,
                                nobody))
    assert "read from A on /dev/sdb (ATA ST3500418AS)" in said and "Vol?[2J" in said and "\x1b" not in said


# ---------------------------------------------------------------- refusals

def test_targets_that_are_refused(disk, tmp_path, windows_volume):
    refused("copy", "--yes", disk, disk, number="0930")
    refused("copy", "--yes", disk, tmp_path, number="0931")
    refused("copy", "--yes", disk, tmp_path / "no" / "where", number="0931")
    other = tmp_path / "other"
    other.mkdir()
    make(HALF, other, volume=windows_volume)
    before = pread(other / "Disk2.img", 0, MIB)
    refused("copy", "--yes", disk, other / "Disk2.img", number="0932")
    assert pread(other / "Disk2.img", 0, MIB) == before
    (tmp_path / "there").write_bytes(b"x")
    refused("copy", "--yes", disk, tmp_path / "there", number="0938")
    assert (tmp_path / "there").read_bytes() == b"x"


def test_names_that_would_mislead(disk, tmp_path):
    """A bare disk in a file called .vhd, and a name that is none: nothing is left of either."""
    assert ".vhdx (Hyper-V)" in refused("copy", "--yes", disk, "new.VHD", number="0952", cwd=tmp_path)
    refused("copy", "--yes", disk, "", number="0931", cwd=tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".ldm"] == ["Disk2.img"]


def test_of_a_volume_only_an_old_half_is_there(tmp_path, windows_volume):
    """Another one starts; this one is not passed over in silence, and its two words show it."""
    make(OLD_TOO, tmp_path, volume=windows_volume)
    disk = tmp_path / "Disk2.img"
    done = rescue("list", disk)
    assert done.returncode == 0 and "LDM-0953: Data, Data-02 on " in done.stderr and "LDM-0915" not in done.stderr, done.stderr
    assert "Data" not in done.stdout
    done = rescue("list", "--component", "Data-02", "--old-half", disk)
    assert "Data" in done.stdout and "LDM-0925: Data-02" in done.stderr, done.stderr


def test_an_old_half_is_refused_as_at_a_boot(tmp_path, windows_volume):
    make(OLD, tmp_path, volume=windows_volume, missing="yes")
    words = "copy", "--yes", "--component", "Volume1-02", tmp_path / "Disk2.img", tmp_path / "new.img"
    assert "LDM-0911" in refused(*words, number="0943")
    assert not (tmp_path / "new.img").exists()
    assert rescue(words[0], "--old-half", *words[1:]).returncode == 0
    said = refused("list", tmp_path / "Disk2.img", number="0943")
    assert said.count("LDM-0533: ") == 1 and "LDM-0912" not in said, "each line once"


@pytest.mark.parametrize("words, numbers", [((), ["0533", "0911"]), (("--component", "Volume1-02"), ["0533", "0911"])])
def test_files_of_an_old_half_only_say_its_mark(tmp_path, windows_volume, words, numbers):
    make(OLD, tmp_path, volume=windows_volume, missing="yes")
    said = refused("files", *words, tmp_path / "Disk2.img", number="0943")
    assert all(f"LDM-{number}: " in said for number in numbers) and "LDM-0912" not in said and "LDM-0915" not in said


def test_a_server_that_ends_meanwhile_has_said_why(disk, tmp_path, monkeypatch, capsys):
    """Its lines while it runs are not in the way of the progress; its last ones are shown."""
    monkeypatch.setattr(sys, "argv", [str(BUILD / "ldmboot-rescue")])
    with server.Server([disk], {}, listen=True) as served:
        with open(served.folder / "said", "a", encoding="utf-8") as said:
            said.write("its last words\n")
        assert "its last words" not in capsys.readouterr().err
        served.process.kill()
        served.process.wait()
    assert capsys.readouterr().err == "its last words\n"


def test_programs_that_are_missing_are_named(disk, tmp_path, monkeypatch):
    """From an empty folder: first the plugin, then nbdkit, then QEMU, then what writes an image."""
    alone = shutil.copy(BUILD / "ldmboot-rescue", tmp_path / "alone")
    done = subprocess.run([alone, "list", disk], capture_output=True, text=True)
    assert done.returncode == 1 and "LDM-0939: nbdkit-ldmboot-plugin.so" in done.stderr and "Traceback" not in done.stderr
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    for run in (lambda: server.Server([disk], {}), lambda: machine.command(None, False, 512, "1", "none", []),
                lambda: medium.Image(str(tmp_path / "new.qcow2"), MIB), files.check_fuse):
        with pytest.raises(Trouble, match=r"LDM-0939: (nbdkit|qemu-system-x86_64|qemu-nbd|nbdfuse) \(package .*is missing"):
            run()
    monkeypatch.setattr(machine, "OVMF", ())
    with pytest.raises(Trouble, match=r"LDM-0939: UEFI firmware for QEMU \(package ovmf\)"):
        machine.firmware(True, tmp_path)
    assert not (tmp_path / "new.qcow2").exists()


def test_what_is_no_disk_is_a_sentence_said_once(disk, tmp_path):
    """A pipe, a folder, nothing, a disk without LDM; and somebody who has read enough."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").write_bytes(bytes(2 * MIB))
    for path, number in ((tmp_path / "pipe", "0910"), (tmp_path, "0910"), (tmp_path / "nothing", "0910"), ("/dev/zero", "0910"),
                         (tmp_path / "empty", "0503")):
        for words in (("list", path), ("copy", "--yes", path, tmp_path / "new"), ("vm", path)):
            said = refused(*words, number="0943")
            assert said.count(f"LDM-{number}: ") == 1 and said.count("LDM-0943") == 1 and "Traceback" not in said, said
        assert "Traceback" not in refused("files", path, number="0943")
    assert not (tmp_path / "new").exists()
    head = subprocess.run(["sh", "-c", '"$0" list "$1" | true', BUILD / "ldmboot-rescue", disk], capture_output=True, text=True)
    assert head.stderr == ""


def test_wrong_usage_is_not_an_incomplete_copy(disk):
    for words in ((), ("copy", disk), ("list",), ("bogus",), ("list", "--firmware", "cp/m", disk), ("list", disk, "--", "-m")):
        assert rescue(*words).returncode == 1


def test_words_that_do_nothing_alone_are_refused(disk, tmp_path):
    new = tmp_path / "new.img"
    for words, why in ((("--seed", "x"), "--seed goes with --identity new"),
                       (("--seed", "x", "--identity", "keep"), "--seed goes with --identity new"),
                       (("--old-half",), "--old-half goes with --component")):
        done = rescue("copy", "--yes", *words, disk, new)
        assert done.returncode == 1 and why in done.stderr and not new.exists()


def test_ctrl_c_at_the_question(disk, tmp_path):
    ours, theirs = os.openpty()
    with subprocess.Popen([BUILD / "ldmboot-rescue", "copy", disk, tmp_path / "new.img"], stdin=theirs, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        said = b""
        while b"Type yes to go on: " not in said:
            said += process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=LIMIT)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 1 and errors == b"ldmboot-rescue: interrupted; nothing was changed\n"
    assert not list(tmp_path.glob("new*"))


def test_what_the_system_refuses_is_a_sentence(disk, tmp_path):
    (tmp_path / "nbdkit").write_text("no program\n")
    (tmp_path / "nbdkit").chmod(0o755)
    said = refused("list", disk, number="0948", environment={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert "Traceback" not in said and "nbdkit" in said


# ---------------------------------------------------------------- bad sectors, full targets

def test_sectors_that_cannot_be_read_are_told_and_tried_again(disk, tmp_path, windows_volume):
    new = tmp_path / "new.img"
    a = next(n for n in range(100, SIZE) if any(pread(windows_volume, n * SECTOR, SECTOR)))    # no hole is read
    b = a + 7
    done = rescue("copy", "--yes", disk, new, environment=faulty(**{str(disk): f"{4000 + a},{4000 + b}"}))
    assert done.returncode == 2 and "LDM-0936" in done.stderr and "2 sectors" in done.stderr
    assert (tmp_path / "new.img.map").read_text().splitlines()[2].split()[1] == "+"      # nothing is left to be tried
    bad = [line for line in map_lines(tmp_path / "new.img.map") if line[2] == "-"]
    assert bad == [((FIRST + n) * SECTOR, SECTOR, "-") for n in (a, b)]
    same(new, MIB, windows_volume, 0, SIZE * SECTOR, but=(0, a, b, SIZE - 1))
    done = rescue("copy", "--yes", "--verify", disk, new)       # another day, the disk reads them
    assert done.returncode == 0 and "goes on" in done.stdout, done.stderr
    is_the_copy(new, windows_volume)


def spoiled(source, bad):
    """What a copy of this source is when these bytes cannot be read: their sectors are zeros."""
    data = bytearray(source.read_bytes())
    for at in bad:
        data[at // 512 * 512:at // 512 * 512 + 512] = bytes(512)
    return bytes(data)


def test_what_is_good_is_read_before_a_bad_place_is_looked_at(tmp_path, source):
    """A hole of 300 KB and a single sector: no part of a sector's size is read before all else is saved; few reads fail before
    that, and each bad sector is asked for once."""
    asked, client = [], Source(source)
    client.bad = {*range(2 * MIB + 5000, 2 * MIB + 305000, 512), 5 * MIB + 77777}
    whole = client.read

    def read(offset, length):
        asked.append((offset, length))
        return whole(offset, length)

    client.read = read
    map_, bad, _ = copied(client, tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == spoiled(source, client.bad) and map_.bytes_of("-") == bad
    assert bad == len({at // 512 for at in client.bad}) * 512
    small = [number for number, (_, length) in enumerate(asked) if length == 512]
    before = asked[:small[0]]
    saved = sum(length for at, length in before[1:] if not any(at <= n < at + length for n in client.bad))
    failed = sum(any(at <= n < at + length for n in client.bad) for at, length in before)
    assert saved >= source.stat().st_size - 2 * MIB - 8 * passes.CLUSTER and failed <= 12
    singles = [at for at, length in asked if length == 512]
    assert len(singles) == len(set(singles))


@pytest.mark.parametrize("kind", ["new", pytest.param("new.qcow2", marks=pytest.mark.long)])
def test_bad_places_and_stops_at_random(tmp_path, source, kind):
    """Stopped again and again in all passes: what can be read is there, what cannot is zeros, and the map says which."""
    chance, new = random.Random(kind), tmp_path / kind
    bad = {chance.randrange(MIB, 7 * MIB) for _ in range(20)}
    bad.update(at + n * 512 for at in (MIB + 1, 4 * MIB, 7 * MIB - 40000) for n in range(70))
    states = set()
    for attempt in range(100):
        client = Source(source, chance.randrange(20, 250))
        client.bad = bad
        try:
            map_, lost, _ = copied(client, new)
            break
        except Trouble as trouble:
            assert trouble.number == 941
            states.update(status for _, _, status in mapfile.Map.load(f"{new}.map", client.size, copy.fingerprint(client)).ranges)
    assert attempt > 4 and states == set("?*/-+") and lost == len({at // 512 for at in bad}) * 512
    assert as_guest_sees(new) == spoiled(source, bad)
    assert {(at, end) for at, end in map_.having("-", 0, map_.size)} == {(at, end) for at, end, state in map_.ranges if state != "+"}
    copied(Source(source), new)                # another day all of it can be read
    assert as_guest_sees(new) == source.read_bytes() and not (tmp_path / f"{kind}.map").exists()


@pytest.mark.skipif(not shutil.which("ddrescuelog"), reason="no gddrescue here")
def test_ddrescue_reads_the_map(tmp_path, source):
    client = Source(source, 60)
    client.bad = set(range(2 * MIB, 3 * MIB, 512))
    with pytest.raises(Trouble, match="LDM-0941"):
        copied(client, tmp_path / "new")
    said = subprocess.run(["ddrescuelog", "--show-status", tmp_path / "new.map"], check=True, capture_output=True, text=True).stdout
    assert re.search(r"non-(trimmed|scraped): +\d+ kB", said) and re.search(r"current status: +(copying|trimming|scraping)", said), said


@pytest.mark.parametrize("happens", [lambda path: os.truncate(path, 3 * MIB), os.remove])
def test_a_disk_that_is_pulled_out_has_no_bad_sectors(tmp_path, source, happens):
    """Or an image that somebody shortens. Connected again, it goes on."""
    new, old = tmp_path / "new", tmp_path / "old"
    old.write_bytes(source.read_bytes())

    class Pulled(Source):
        def read(self, offset, length):
            self.left -= 1
            if self.left < 0:
                happens(old)
                raise OSError(errno.EIO, "cannot be read")
            return pread(source, offset, length)

    map_ = copy.map_of(Source(source), f"{new}.map", new, True)
    with pytest.raises(Trouble, match=f"LDM-0955: {old}: ") as said:
        copy.carry_out(Pulled(source, 12), new, map_, True, False, sources=[old])
    assert said.value.code == 1 and map_.bytes_of("+") and not map_.bytes_of("-")
    copied(Source(source), new)
    assert new.read_bytes() == source.read_bytes()


def test_a_large_bad_place_is_read_anew_the_next_time(tmp_path, source):
    """It may have been a cable: not sector by sector."""
    client = Source(source)
    client.bad = set(range(2 * MIB, 4 * MIB, 512))
    copied(client, tmp_path / "new")
    again = Source(source)
    assert copied(again, tmp_path / "new")[1] == 0 and again.left > (1 << 30) - 40
    assert (tmp_path / "new").read_bytes() == source.read_bytes()


def test_ranges_of_a_map_are_those_of_a_list_of_bytes(tmp_path):
    chance = random.Random(5)
    map_, plain = mapfile.Map(tmp_path / "map", 200, "x"), ["?"] * 200
    for _ in range(3000):
        start = chance.randrange(200)
        end, status = chance.randrange(start, 201), chance.choice("?*/-+")
        map_.set(start, end, status)
        plain[start:end] = status * (end - start)
        assert "".join(status * (b - a) for a, b, status in map_.ranges) == "".join(plain)
        assert all(a[1] == b[0] and a[2] != b[2] for a, b in zip(map_.ranges, map_.ranges[1:]))
    map_.save()
    assert mapfile.Map.load(map_.path, 200, "x").ranges == map_.ranges


def test_a_target_that_fills_up(disk, tmp_path):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (15 * MIB, 15 * MIB))
    refused("copy", "--yes", disk, tmp_path / "new.img", number="0934", preexec_fn=limit)
    done = rescue("copy", "--yes", "--verify", disk, tmp_path / "new.img")
    assert done.returncode == 0 and "goes on" in done.stdout, done.stderr


def test_each_copy_may_have_an_identity_of_its_own(disk, tmp_path):
    signatures = []
    for number, words in enumerate(([], ["--identity", "new"], ["--identity", "new", "--seed", "the second"])):
        assert rescue("copy", "--yes", *words, disk, tmp_path / f"{number}.img").returncode == 0
        signatures.append(pread(tmp_path / f"{number}.img", 440, 4))
    assert len(set(signatures)) == 3


def test_a_map_of_another_copy(disk, tmp_path):
    (tmp_path / "map").write_text("# Mapfile. Created by somebody else\n")
    refused("copy", "--yes", "--map", tmp_path / "map", disk, tmp_path / "new.img", number="0937")


# ---------------------------------------------------------------- stopping, going on

KINDS = ["new", "new.qcow2", "new.vhdx", "new.vmdk"]


def as_guest_sees(path):
    """The bytes of the disk that a file holds."""
    if path.suffix == "":
        return path.read_bytes()
    raw = path.with_suffix(".raw")
    subprocess.run(["qemu-img", "convert", "-f", path.suffix[1:], "-O", "raw", path, raw], check=True)
    return raw.read_bytes()


class Source:
    """A client on a file; after `reads` reads somebody presses Ctrl-C. A read that touches a bad byte fails."""

    def __init__(self, path, reads=1 << 30):
        self.path, self.size, self.left, self.bad = path, os.path.getsize(path), reads, set()

    def read(self, offset, length):
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGINT)
        self.left -= 1
        if any(offset <= at < offset + length for at in self.bad):
            raise OSError(errno.EIO, "cannot be read")
        return pread(self.path, offset, length)

    def extents(self, start, end):
        yield start, end - start, False


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setattr(copy, "CHUNK", 256 << 10)
    monkeypatch.setattr(passes, "CHUNK", 256 << 10)
    path = tmp_path / "source"
    path.write_bytes(b"\x55" * MIB + random.Random(12).randbytes(6 * MIB) + b"\xaa" * MIB)
    return path


def copied(client, to, is_file=True, verify=False):
    """(map, bytes that could not be read, bytes that were not compared)"""
    map_ = copy.map_of(client, f"{to}.map", to, is_file)
    return map_, *copy.carry_out(client, to, map_, is_file, verify)


def stop_once(source, to, is_file=True):
    """A copy that is stopped in its middle."""
    with pytest.raises(Trouble, match="LDM-0941"):
        copied(Source(source, 12), to, is_file)
    begun = mapfile.Map.load(f"{to}.map", source.stat().st_size, copy.fingerprint(Source(source)))
    assert begun.bytes_of("+") and begun.bytes_of("?")


@pytest.mark.parametrize("kind", KINDS)
def test_stopped_anywhere_it_goes_on_and_never_starts_by_half(tmp_path, source, kind):
    chance, new, attempt = random.Random(kind), tmp_path / kind, 0
    while True:
        try:
            _, bad, _ = copied(Source(source, chance.randrange(3, 14)), new)
            break
        except Trouble as trouble:
            assert trouble.number == 941
            assert not any(as_guest_sees(new)[:512]), "sector 0 is there before all else is"
            attempt += 1
    assert attempt > 2 and bad == 0 and as_guest_sees(new) == source.read_bytes()
    assert sorted(p.name for p in tmp_path.glob("new*") if p.suffix != ".raw") == [kind]     # no map is left


@pytest.mark.parametrize("name", ["new.img", "new.vhdx", *(pytest.param(f"new.{kind}", marks=pytest.mark.long)
                                                          for kind in ("qcow2", "vmdk", "vdi"))])
def test_killed_at_any_time_it_goes_on(disk, tmp_path, windows_volume, name):
    """kill -9: nothing can be put in order. No server is left behind either."""
    chance, new = random.Random(name), tmp_path / name
    for _ in range(6):
        process = subprocess.Popen([BUILD / "ldmboot-rescue", "copy", "--yes", disk, new], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        process.stdout.readline()              # the plan: from here on it copies
        while process.poll() is None and not new.exists():
            time.sleep(0.01)
        time.sleep(chance.random() * 0.08)
        process.kill()
        process.communicate(timeout=LIMIT)
        wait_until_nobody_has(new)
        if new.exists() and not (tmp_path / f"{name}.map").exists():
            break                              # it was quicker, and is complete
    else:
        done = rescue("copy", "--yes", "--verify", disk, new)
        if new.suffix == ".vhdx" and "LDM-0956" in done.stderr:      # QEMU 7.2 does not always write it again; then as it says:
            new.unlink()
            (tmp_path / f"{name}.map").unlink()
            done = rescue("copy", "--yes", "--verify", disk, new)
            assert done.returncode == 0, done.stderr
            return
        assert done.returncode == 0 and "goes on" in done.stdout, done.stderr
    subprocess.run(["qemu-img", "convert", "-O", "raw", new, tmp_path / "raw"], check=True)
    is_the_copy(tmp_path / "raw", windows_volume)


def open_files():
    for link in glob.glob("/proc/[0-9]*/fd/*"):
        with contextlib.suppress(OSError):     # it ended meanwhile, or is not ours
            yield os.readlink(link)


def wait_until_nobody_has(path):
    """Neither the file nor anything else of this test's folder is open in a server."""
    assert wait_until(lambda: not any(name.startswith(f"{path.parent}/") for name in open_files())), "a program still has it open"


def test_a_disk_goes_on_where_it_was_and_gets_its_beginning_back(tmp_path, source):
    """A file stands in for the disk. What was on it does not start any more as soon as the copy has begun."""
    disk = tmp_path / "disk"
    disk.write_bytes(b"\x66" * (8 * MIB))
    client = Source(source)
    client.bad = {3 * MIB + 700}
    map_, bad, _ = copied(client, disk, is_file=False)
    assert bad == 512 and map_.having("-", 0, 8 * MIB) == [(3 * MIB + 512, 3 * MIB + 1024)]
    stop_once_more = Source(source, 2)         # another day it is readable; somebody stops
    with pytest.raises(Trouble, match="LDM-0941"):
        copied(stop_once_more, disk, is_file=False)
    assert not any(pread(disk, 0, 512)) and not any(pread(disk, 7 * MIB, MIB))
    assert copied(Source(source), disk, is_file=False, verify=True)[1:] == (0, 0)
    assert disk.read_bytes() == source.read_bytes() and not (tmp_path / "disk.map").exists()


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_writer_that_crashed_is_repaired(tmp_path, source, kind):
    """qemu-io ends without having put anything in order: a log to replay, tables that were not written."""
    new = tmp_path / kind
    stop_once(source, new)
    crashed = subprocess.run(["qemu-io", "-f", kind.split(".")[1], "-c", "write 5M 64k", "-c", "abort", new], capture_output=True)
    assert crashed.returncode != 0
    copied(Source(source), new, verify=True)
    assert as_guest_sees(new) == source.read_bytes()


def test_an_image_that_opens_and_takes_no_write_is_said_to_be_damaged(tmp_path, source):
    """As QEMU 7.2 does with some of those vhdx files whose writer was killed."""
    new = tmp_path / "new.vhdx"
    stop_once(source, new)
    medium_ = medium.open_medium(new, source.stat().st_size, True)
    try:
        def refuse(*_):
            raise OSError(errno.ENOTSUP, "Operation not supported")
        medium_.client.write = refuse
        with pytest.raises(Trouble, match="LDM-0956: .*operation not supported"):
            medium_.write(0, bytes(512))
    finally:
        medium_.close()


def test_an_image_that_cannot_be_opened_is_left_alone(tmp_path, source):
    """Both headers of a vhdx are gone; its next step works."""
    new = tmp_path / "new.vhdx"
    stop_once(source, new)
    with open(new, "r+b") as file:
        file.seek(64 << 10)
        file.write(bytes(128 << 10))
    before = new.read_bytes(), (tmp_path / "new.vhdx.map").read_text()
    with pytest.raises(Trouble, match="LDM-0956: .*No valid VHDX header"):
        copied(Source(source), new)
    assert (new.read_bytes(), (tmp_path / "new.vhdx.map").read_text()) == before
    new.unlink()
    (tmp_path / "new.vhdx.map").unlink()
    copied(Source(source), new)
    assert as_guest_sees(new) == source.read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_map_goes_with_its_target_only(tmp_path, source, kind):
    """The disks were named differently after a restart; a file was replaced."""
    new = tmp_path / kind
    stop_once(source, new)
    if kind == "new":
        new.write_bytes(b"\x77" * source.stat().st_size)
    else:
        new.unlink()
        subprocess.run(["qemu-img", "create", "-q", "-f", kind.split(".")[1], new, "8M"], check=True)
    before = new.read_bytes()
    with pytest.raises(Trouble, match="LDM-0944"):
        copied(Source(source), new)
    assert as_guest_sees(new) == (before if kind == "new" else bytes(8 * MIB))


def test_another_disk_under_the_same_name_is_left_alone(tmp_path, source):
    disk = tmp_path / "disk"
    disk.write_bytes(bytes(8 * MIB))
    stop_once(source, disk, is_file=False)
    disk.write_bytes(b"precious" * MIB)
    with pytest.raises(Trouble, match="LDM-0944"):
        copied(Source(source), disk, is_file=False)
    assert disk.read_bytes() == b"precious" * MIB


def test_a_target_that_is_gone_is_made_anew(tmp_path, source):
    new = tmp_path / "new"
    stop_once(source, new)
    new.unlink()
    copied(Source(source), new)
    assert new.read_bytes() == source.read_bytes()


def test_two_signals_end_it_at_once(tmp_path, source):
    """A disk that does not answer: the map of before is what counts."""
    new = tmp_path / "new"

    class Hangs(Source):
        def read(self, offset, length):
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGINT)
                os.kill(os.getpid(), signal.SIGINT)
                raise AssertionError("the second one did not end it")
            return super().read(offset, length)

    with pytest.raises(Trouble, match="LDM-0941"):
        copied(Hangs(source, 12), new)
    copied(Source(source), new)
    assert new.read_bytes() == source.read_bytes()


# ---------------------------------------------------------------- reading back

@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_that_does_not_read_back(tmp_path, source, kind):
    new = tmp_path / kind
    client = Source(source)
    map_ = copied(client, new, verify=True)[0]
    medium_ = medium.open_medium(new, client.size, True)
    try:
        medium_.write(2 * MIB, b"changed by another program")
        with copy.Stop() as stop, pytest.raises(Trouble, match="LDM-0935.*between bytes 2097152 and") as said:
            copy.Copy(client, new, medium_, map_).verify(stop)
    finally:
        medium_.close()
    assert said.value.code == 2


def test_sectors_that_the_old_disk_does_not_read_again(tmp_path, source, capsys):
    class Dying(Source):
        def read(self, offset, length):
            if offset == 0 and self.left < (1 << 30) - 30:      # reading back begins
                self.bad = {2 * MIB + 1}
            return super().read(offset, length)

    _, bad, lost = copied(Dying(source), tmp_path / "new", verify=True)
    assert (bad, lost) == (0, passes.CLUSTER)          # a disk that is dying is not asked for each sector of it
    assert cli.told("new", "new.map", bad, lost, True) == 2 and "LDM-0933: new, 128 sectors: " in capsys.readouterr().err


def test_stopped_while_it_is_read_back(tmp_path, source):
    new = tmp_path / "new"
    reads = Source(source)
    copied(reads, tmp_path / "first")
    with pytest.raises(Trouble, match="LDM-0945"):
        copied(Source(source, (1 << 30) - reads.left + 3), new, verify=True)
    assert new.read_bytes() == source.read_bytes()
    copied(Source(source), new, verify=True)   # the same command compares it
    assert new.read_bytes() == source.read_bytes() and not (tmp_path / "new.map").exists()


# ---------------------------------------------------------------- no room

@pytest.fixture
def small(tmp_path):
    """A file system of 16 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", folder], capture_output=True).returncode:
        pytest.skip("mounting a small file system takes root")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_disk_that_fills_up_and_gets_room(small, source, kind):
    """Map and copy are on it; what fills it is another program."""
    new, other = small / kind, small / "other"
    other.write_bytes(bytes(13 * MIB))
    with pytest.raises(Trouble, match=r"LDM-0934.*(no space left|Input/output error|input/output error)"):
        copied(Source(source), new)
    other.unlink()
    copied(Source(source), new, verify=True)
    moved = shutil.move(new, small.parent / kind)
    assert as_guest_sees(moved) == source.read_bytes()


def test_too_little_room_is_said_before(disk, tmp_path, small):
    (small / "other").write_bytes(bytes(14 * MIB))
    said = refused("copy", "--yes", disk, small / "new.img", number="0947")
    missing = int(re.search(r"takes \d+ bytes, (\d+) more than are free", said)[1])
    assert 0 < missing < 20 * MIB and not (small / "new.img").exists()


# ---------------------------------------------------------------- map files, progress

def test_maps_that_cannot_be(disk, tmp_path):
    (tmp_path / "folder").mkdir()
    binary = tmp_path / "binary"
    binary.write_bytes(os.urandom(4096))
    for path, number in ((tmp_path / "folder", "0946"), (disk, "0946"), (tmp_path / "new.img", "0946"), (binary, "0937"),
                         (tmp_path / "no" / "where", "0946")):
        refused("copy", "--yes", "--map", path, disk, tmp_path / "new.img", number=number)
        assert not (tmp_path / "new.img").exists()


def test_the_line_of_a_dying_disk_tells_its_bad_sectors(capsys, monkeypatch):
    """And a shorter line leaves nothing of a longer one."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    progress = copy.Progress("inside of bad places", 100 << 30)
    progress.bad = 12345
    progress.add(1 << 30)
    progress.what, progress.bad, progress.last = "copied", 0, 0
    progress.add(1 << 30)
    long, short = capsys.readouterr().err.split("\r")[1:]
    assert len(long) == len(short) == copy.LINE and ", 12345 bad sectors" in long and "bad" not in short


def test_progress_is_for_terminals(disk, tmp_path):
    """Rate and time left; test_copy_into_a_new_file sees that there is none in a file."""
    ours, theirs = os.openpty()
    with subprocess.Popen([BUILD / "ldmboot-rescue", "copy", "--yes", disk, tmp_path / "new.img"], stderr=theirs,
                          stdout=subprocess.DEVNULL) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):     # the end of a terminal
            while piece := os.read(ours, 4096):
                shown += piece
    os.close(ours)
    assert process.returncode == 0 and re.search(rb"\rcopied +\d+ % +[\d.]+ MB/s +\d+:\d\d:\d\d left", shown), shown


def test_a_copy_of_a_block_device(tmp_path, disk, windows_volume, attach):
    """Files have holes, devices do not say: all of it is copied, and compared."""
    device = attach(disk, "--read-only")
    done = rescue("copy", "--yes", "--verify", device, tmp_path / "new.img")
    assert done.returncode == 0, done.stderr
    is_the_copy(tmp_path / "new.img", windows_volume)


# ---------------------------------------------------------------- a virtual machine's display

def test_the_display_is_what_there_is(tmp_path, monkeypatch):
    qemu = tmp_path / "qemu-system-x86_64"
    qemu.write_text("#!/bin/sh\necho Available display backend types:\necho none\necho sdl\n")
    qemu.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    assert machine.display_of(None) == "sdl" and machine.display_of("vnc=:1") == "vnc=:1"
    qemu.write_text("#!/bin/sh\necho curses\n")
    assert machine.display_of(None) == "serial"
    monkeypatch.delenv("DISPLAY")
    assert machine.display_of(None) == "serial"
    assert machine.screen("serial")[-2:] == ["-serial", "mon:stdio"] and machine.screen("none") == ["-display", "none"]


@pytest.fixture
def qemu(tmp_path, monkeypatch):
    """One that only tells how it was called."""
    program = tmp_path / "bin" / "qemu-system-x86_64"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/called\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return tmp_path / "called"


@pytest.mark.skipif(not any(os.path.exists(code) for code, _ in machine.OVMF), reason="no ovmf")
def test_the_machine_has_the_firmware_of_what_it_is_given(tmp_path, windows_volume, data_volume, qemu):
    """A data disk with an MBR comes first; Windows is on one with a GPT. As it is seen, a BIOS starts it, and it has its GPT."""
    make(DISKS / "two-groups.ldm", tmp_path, volume=windows_volume, data=data_volume)
    disks = [tmp_path / "Data.img", tmp_path / "Half.img"]
    for words, is_uefi in ((disks, True), (disks[::-1], True), (["--firmware", "bios", *disks], False),
                           (["--seen", "--firmware", "bios", *disks], False)):
        done = rescue("vm", "--display", "none", *words)
        assert done.returncode == 0, done.stderr
        assert ("pflash" in qemu.read_text()) == is_uefi, words
    said = rescue("copy", "--yes", *disks, tmp_path / "new.img")
    assert said.returncode == 0 and pread(tmp_path / "new.img", 512, 8) == b"EFI PART", said.stderr


def test_every_message_has_its_words_in_the_list_of_errors():
    text = (ROOT / "docs/errors.md").read_text()
    for number, (sentence, _) in MESSAGES.items():
        assert f"### LDM-{number:04}: {sentence}\n" in text
