# SPDX-License-Identifier: GPL-2.0-or-later
"""conftest.py of the tree: what tests made is gone when they passed, and there to be looked at when they failed."""
import shutil
import subprocess
import sys

import pytest

from ldmdisk import ROOT

TESTS = """
import pytest

@pytest.fixture(scope="session")
def disk(tmp_path_factory):
    path = tmp_path_factory.mktemp("session") / "disk"
    path.write_text("of the whole run")
    return path

@pytest.fixture
def broken_end(tmp_path):
    yield
    assert not tmp_path.exists(), "at the end"

def test_good(tmp_path, disk):
    (tmp_path / "disk").write_text("good")

def test_without_a_folder(disk):
    pass

def test_skipped(tmp_path):
    (tmp_path / "disk").write_text("skipped")
    pytest.skip("why not")
"""
BAD = """
def test_bad(tmp_path):
    (tmp_path / "disk").write_text("bad")
    assert False

def test_bad_end(tmp_path, broken_end):
    (tmp_path / "disk").write_text("bad end")
"""


@pytest.mark.parametrize("tests, status, left", [
    (TESTS, 0, []),
    (TESTS + BAD, 1, ["bad", "bad end", "of the whole run"])], ids=["passed", "failed"])
@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["one process", "a worker"])
def test_what_passed_leaves_no_files(tmp_path, tests, status, left, workers):
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_it.py").write_text(tests)
    room = tmp_path / "room"
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", *workers, "--basetemp", room, "test_it.py"],
                          cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    assert sorted(file.read_text() for file in room.rglob("disk")) == left
