# SPDX-License-Identifier: GPL-2.0-or-later
"""The harness itself: what it promises about disks must be able to fail."""
import pytest

from support import payloads
from support.harness import BootError, Disk, Machine, first_difference


def other(target, write=False):
    """A disk that says it was started, and writes to itself when told to."""
    data = bytearray(payloads.payload("other").ljust(payloads.SECTOR * 2048, b"\0"))
    data[6] = write
    data[510:512] = b"\x55\xaa"
    target.write_bytes(data)
    return target


def test_a_disk_that_is_left_alone(tmp_path):
    with Machine([Disk(other(tmp_path / "disk.img"), "ahci", boot=0)]) as machine:
        machine.wait_serial("OTHER: started")
        machine.wait_screen("OTHER: started")


def test_a_write_is_noticed_even_of_the_same_bytes(tmp_path):
    machine = Machine([Disk(other(tmp_path / "disk.img", write=True), "ahci", boot=0)])
    with pytest.raises(AssertionError, match="written to"), machine:
        machine.wait_serial("OTHER: started")
    assert machine.process.poll() is not None


def test_an_event_that_does_not_come_tells_the_story(tmp_path):
    machine = Machine([Disk(other(tmp_path / "disk.img"), "ahci", boot=0)])
    with pytest.raises(BootError, match="OTHER: started"), machine:
        machine.wait_serial("OTHER: started")
        machine.wait_serial("never", limit=1)
    assert machine.process.poll() is not None
    assert not machine.folder.exists()


@pytest.mark.parametrize("change", [0, 5000, (1 << 30) - 1])
def test_difference(change, tmp_path):
    """Also where one file has a hole and the other data."""
    for name in "ab":
        with open(tmp_path / name, "wb") as file:
            file.truncate(1 << 30)
    assert first_difference(tmp_path / "a", tmp_path / "b") is None
    payloads.write_at(tmp_path / "b", change, b"x")
    assert first_difference(tmp_path / "a", tmp_path / "b") == change // 512 * 512


def test_difference_in_length(tmp_path):
    (tmp_path / "a").write_bytes(bytes(512))
    (tmp_path / "b").write_bytes(bytes(1024))
    assert first_difference(tmp_path / "a", tmp_path / "b") == 512
