# SPDX-License-Identifier: GPL-2.0-or-later
"""What `make install` puts where: modes, and programs that find each other there."""
import os
import subprocess

import pytest

from ldmdisk import BUILD, ROOT

MIB = 1 << 20
TOOLS = {"bin/ldmboot-inspect", "bin/mkldm", "sbin/ldmboot-install"}
IMAGES = {f"share/ldmboot/{name}" for name in
          ("ldmboot.img", "ldmboot.iso", "ldmboot.pxe", "ldmboot.lkrn", "BOOTX64.EFI", "BOOTIA32.EFI")}
MANUALS = {f"share/man/man{page.suffix[1:]}/{page.name}" for page in (ROOT / "docs" / "man").iterdir()}
DOCUMENTS = {"share/doc/ldmboot/README.md", "share/doc/ldmboot/CHANGELOG.md"} | {
    f"share/doc/ldmboot/{page.relative_to(ROOT)}" for page in (ROOT / "docs").rglob("*") if page.suffix in (".md", ".png")}
if not all((BUILD / name).exists() for name in ("ldmboot-install", "ldmboot.img", "ldmboot.iso")):
    pytest.skip("the tools or images are not built", allow_module_level=True)


def make(*arguments):
    """make with a umask and variables that must not show in what it writes."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", "--no-print-directory", "-s", *arguments], cwd=ROOT, env=environment, umask=0o077,
                          capture_output=True, text=True, check=False)


def files_below(folder):
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}


# ---------------------------------------------------------------- make install

@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder that is /opt/ldm on the machine that gets it."""
    folder = tmp_path_factory.mktemp("destination")
    done = make("install", f"DESTDIR={folder}", "PREFIX=/opt/ldm")
    assert done.returncode == 0, done.stderr
    assert os.listdir(folder) == ["opt"]
    return folder / "opt" / "ldm"


def test_every_file_is_installed_and_no_other(installed):
    assert set(files_below(installed)) == TOOLS | IMAGES | MANUALS | DOCUMENTS


def test_modes_do_not_depend_on_the_umask(installed):
    for name, path in files_below(installed).items():
        assert path.stat().st_mode & 0o7777 == (0o755 if name in TOOLS else 0o644), name
    for folder in (path for path in installed.rglob("*") if path.is_dir()):
        assert folder.stat().st_mode & 0o7777 == 0o755, folder


def test_manual_pages_are_in_the_section_that_they_name(installed):
    for page in MANUALS:
        title = next(line for line in (installed / page).read_text().splitlines() if line.startswith(".Dt "))
        assert title.split()[2] == page[-1], page


def test_installed_inspect_reads_a_disk(installed, tmp_path):
    disk = tmp_path / "empty.img"
    disk.write_bytes(bytes(MIB))
    done = subprocess.run([installed / "bin/ldmboot-inspect", disk], capture_output=True, text=True, check=False)
    assert "there is no dynamic disk" in done.stdout, done.stderr


def test_installed_installer_finds_image_and_inspect(installed, tmp_path):
    stick = tmp_path / "stick.img"
    stick.write_bytes(bytes(16 * MIB))
    done = subprocess.run([installed / "sbin/ldmboot-install", "stick", "--yes", stick], cwd=tmp_path,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert stick.read_bytes()[:9 * MIB] == (BUILD / "ldmboot.img").read_bytes()
