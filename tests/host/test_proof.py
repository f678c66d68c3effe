# SPDX-License-Identifier: GPL-2.0-or-later
"""`make prove` notices: a bound that is wrong by one is an alarm of the harness that has it.

That every harness goes through on the tree as it is, `make prove` itself says, which `make check` runs.
"""
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]

# harness, file, what stands there, what a slip of the pen would make of it
SLIPS = [
    ("lznt1", "common/fs/copy_back.h", "end > len", "end > len + 1"),
    ("bootp", "common/settings/bootp.c", "folder > sizeof out->name - name_size", "folder > sizeof out->name"),
    ("bootini", "common/windows/bootini.c", "out->count < BOOTINI_MAX_ENTRIES", "out->count <= BOOTINI_MAX_ENTRIES"),
    ("span", "common/base/span.h", "return off <= all && len <= all - off;", "return off <= all && len <= all - off + 1;"),
]


def has_frama_c():
    """The version that `make prove` asks for."""
    return bool(shutil.which("frama-c")) and \
        subprocess.run(["frama-c", "-version"], capture_output=True, text=True).stdout.startswith("25.")


@pytest.mark.skipif(not has_frama_c(), reason="no Frama-C 25")
@pytest.mark.parametrize("harness, file, right, wrong", SLIPS, ids=[slip[0] for slip in SLIPS])
def test_a_slip_is_an_alarm(tmp_path, harness, file, right, wrong):
    top = tmp_path / "with a blank"
    for folder in ("common", "bios", "tests/proof"):
        shutil.copytree(TOP / folder, top / folder)
    source = top / file
    text = source.read_text()
    assert text.count(right) == 1
    source.write_text(text.replace(right, wrong))
    done = subprocess.run([top / "tests/proof/prove.py", "-j", "1", harness], capture_output=True, text=True)
    assert done.returncode == 1
    assert "not proved" in done.stdout and ("out of bounds" in done.stderr or "precondition" in done.stderr)
