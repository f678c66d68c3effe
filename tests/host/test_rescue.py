# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot-rescue: what it lists, where it copies and where it refuses to, how a copy that was stopped goes on."""
import os
import random
import resource
import signal
import subprocess
import sys

import pytest

from ldmdisk import ROOT, SECTOR, make
from served import BUILD, needs_nbdkit, pread, same
from test_nbdkit import FIRST, HALF, MIB, OLD, SIZE, UEFI, faulty, map_lines

sys.path.insert(0, str(ROOT / "tools"))
from ldmboot_install.system import System                       # noqa: E402
from ldmboot_rescue import copy, mapfile, target                # noqa: E402
from ldmboot_rescue.messages import MESSAGES, Trouble           # noqa: E402

pytestmark = needs_nbdkit


def rescue(*words, answer="", environment=None, **options):
    return subprocess.run([BUILD / "ldmboot-rescue", *words], input=answer, capture_output=True, text=True,
                          env={**os.environ, **(environment or {})}, timeout=300, **options)


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
    assert f"type 07, active, sectors {FIRST} to {FIRST + SIZE - 1}" in done.stdout
    assert done.stderr == ""                  # no progress bar where nobody looks
    is_the_copy(tmp_path / "new.img", windows_volume)
    assert sorted(p.name for p in tmp_path.glob("new*")) == ["new.img"]     # no map is left
    assert (tmp_path / "new.img").stat().st_blocks * 512 < 40 * MIB


def test_copy_asks_before(disk, tmp_path):
    refused("copy", disk, tmp_path / "new.img", number="0940", answer="no\n")
    assert not (tmp_path / "new.img").exists()
    assert rescue("copy", disk, tmp_path / "new.img", answer="yes\n").returncode == 0


@pytest.mark.parametrize("name", ["new.qcow2", "new.vhdx", "new.vmdk"])
def test_copy_for_a_virtual_machine(disk, tmp_path, windows_volume, name):
    done = rescue("copy", "--yes", "--verify", disk, tmp_path / name)
    assert done.returncode == 0, done.stderr
    subprocess.run(["qemu-img", "convert", "-O", "raw", tmp_path / name, tmp_path / "raw"], check=True)
    is_the_copy(tmp_path / "raw", windows_volume)


def test_copy_of_a_uefi_disk(tmp_path, windows_volume):
    make(UEFI, tmp_path, volume=windows_volume, block=512)
    done = rescue("copy", "--yes", "--verify", tmp_path / "Disk1.img", tmp_path / "new.img")
    assert done.returncode == 0 and "c12a7328" in done.stdout, done.stderr
    assert pread(tmp_path / "new.img", 512, 8) == b"EFI PART"


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


def test_an_old_half_is_refused_as_at_a_boot(tmp_path, windows_volume):
    make(OLD, tmp_path, volume=windows_volume, missing="yes")
    words = "copy", "--yes", "--component", "Volume1-02", tmp_path / "Disk2.img", tmp_path / "new.img"
    assert "LDM-0911" in refused(*words, number="0943")
    assert not (tmp_path / "new.img").exists()
    assert rescue(words[0], "--old-half", *words[1:]).returncode == 0


def test_programs_that_are_missing_are_named(disk, tmp_path):
    text = refused("copy", "--yes", disk, tmp_path / "new.img", number="0939", environment={"PATH": "/nonexistent"}) \
        if not os.path.exists("/usr/sbin/nbdkit") else ""
    assert "nbdkit" in text or os.path.exists("/usr/sbin/nbdkit")


class FakeSystem(System):
    """A machine with one disk of 4096-byte sectors, in use."""

    def block_bytes(self, disk):
        return 4096

    def folder(self, number):
        return ROOT


def test_sectors_of_another_size(monkeypatch):
    monkeypatch.setattr(target, "disk_of", lambda path, system: ROOT)
    with pytest.raises(Trouble, match="LDM-0942"):
        target.refuse_block_size("/dev/sdx", 512, FakeSystem())
    target.refuse_block_size("/dev/sdx", 4096, FakeSystem())


# ---------------------------------------------------------------- bad sectors, full targets

def test_sectors_that_cannot_be_read_are_told_and_tried_again(disk, tmp_path, windows_volume):
    new = tmp_path / "new.img"
    a = next(n for n in range(100, SIZE) if any(pread(windows_volume, n * SECTOR, SECTOR)))    # no hole is read
    b = a + 7
    done = rescue("copy", "--yes", disk, new, environment=faulty(**{str(disk): f"{4000 + a},{4000 + b}"}))
    assert done.returncode == 2 and "LDM-0936" in done.stderr and "2 sectors" in done.stderr
    bad = [line for line in map_lines(tmp_path / "new.img.map") if line[2] == "-"]
    assert bad == [((FIRST + n) * SECTOR, SECTOR, "-") for n in (a, b)]
    same(new, MIB, windows_volume, 0, SIZE * SECTOR, but=(0, a, b, SIZE - 1))
    done = rescue("copy", "--yes", "--verify", disk, new)       # another day, the disk reads them
    assert done.returncode == 0 and "goes on" in done.stdout, done.stderr
    is_the_copy(new, windows_volume)


def test_a_target_that_fills_up(disk, tmp_path):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (15 * MIB, 15 * MIB))
    refused("copy", "--yes", disk, tmp_path / "new.img", number="0934", preexec_fn=limit)


def test_a_map_of_another_copy(disk, tmp_path):
    (tmp_path / "map").write_text("# Mapfile. Created by somebody else\n")
    refused("copy", "--yes", "--map", tmp_path / "map", disk, tmp_path / "new.img", number="0937")


# ---------------------------------------------------------------- stopping, going on

def test_stopped_by_a_signal_and_gone_on(disk, tmp_path, windows_volume):
    new = tmp_path / "new.img"
    process = subprocess.Popen([BUILD / "ldmboot-rescue", "copy", "--yes", disk, new], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    process.stdout.readline()                  # the plan: from here on it copies
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=120)
    if process.returncode != 0:                # it may have been quicker
        assert process.returncode == 1 and ("LDM-0941" in errors or "interrupted" in errors), errors
        assert not new.exists() or not any(pread(new, 0, MIB))
    if process.returncode != 0 or not new.exists():
        done = rescue("copy", "--yes", "--verify", disk, new)
        assert done.returncode == 0 or "LDM-0938" in done.stderr, done.stderr
        if done.returncode:                    # stopped before its first map
            new.unlink()
            assert rescue("copy", "--yes", disk, new).returncode == 0
    is_the_copy(new, windows_volume)


class Source:
    """A client on a file; after `reads` reads somebody presses Ctrl-C."""

    def __init__(self, path, reads):
        self.path, self.size, self.left = path, os.path.getsize(path), reads

    def read(self, offset, length):
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGINT)
        self.left -= 1
        return pread(self.path, offset, length)

    def extents(self, start, end):
        yield start, end - start, False


def test_stopped_anywhere_it_goes_on_and_never_starts_by_half(tmp_path, monkeypatch):
    monkeypatch.setattr(copy, "CHUNK", 256 << 10)
    chance = random.Random(12)
    source, new = tmp_path / "source", tmp_path / "new"
    source.write_bytes(b"\x55" * MIB + chance.randbytes(6 * MIB) + b"\xaa" * MIB)
    for attempt in range(100):
        client = Source(source, chance.randrange(3, 12))
        map_ = mapfile.Map.load(tmp_path / "map", client.size, "the same")
        try:
            assert copy.carry_out(client, new, map_, True, False) == 0
            break
        except Trouble as trouble:
            assert trouble.number == 941
            assert not all(pread(new, 0, MIB)), "the beginning is there before all else is"
    assert attempt > 2 and new.read_bytes() == source.read_bytes()
    assert not (tmp_path / "map").exists()


def test_a_copy_that_does_not_read_back(tmp_path):
    source, new = tmp_path / "source", tmp_path / "new"
    source.write_bytes(os.urandom(4 * MIB))
    client = Source(source, 1000)
    map_ = mapfile.Map(tmp_path / "map", client.size, "x")
    assert copy.carry_out(client, new, map_, True, True) == 0
    with open(new, "r+b") as file:
        file.seek(2 * MIB)
        file.write(b"changed by another program")
    fd = os.open(new, os.O_RDWR)
    with pytest.raises(Trouble, match="LDM-0935"):
        copy.Copy(client, new, fd, map_, True, 3 * MIB).verify()
    os.close(fd)


def test_every_message_has_its_words_in_the_list_of_errors():
    text = (ROOT / "docs/errors.md").read_text()
    for number, (sentence, _) in MESSAGES.items():
        assert f"### LDM-{number:04}: {sentence}\n" in text
