# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot-rescue files: what is mounted, and that nothing of it stays."""
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from ldmdisk import DISKS, make
from served import BUILD, LIMIT, PATH, needs_nbdkit, pread, serve, wait_until
from test_nbdkit import HALF, MIB, MIRROR, faulty
from test_rescue import Trouble, open_files, refused, rescue

from ldmboot_rescue import files                # noqa: E402  (test_rescue knows where it is)
from ldmboot_rescue.nbd import Client           # noqa: E402

PROGRAM = BUILD / "ldmboot-rescue"
FUSE = os.path.exists("/dev/fuse") and os.access("/dev/fuse", os.R_OK | os.W_OK) and shutil.which("nbdfuse")


def have(name):
    return shutil.which(name, path=PATH) is not None


def vfat():
    return "\tvfat\n" in Path("/proc/filesystems").read_text() or have("fusefat")


pytestmark = [needs_nbdkit]
needs_fuse = pytest.mark.skipif(not FUSE, reason="no /dev/fuse that this user may use, or no nbdfuse")
needs_ntfs = pytest.mark.skipif(os.geteuid() or not have("ntfs-3g"), reason="ntfs-3g mounts for root only, or is not there")

TWO = HALF.replace("size=50M", "size=100M") + """
volume "My Data" hint=D: size=60000
  component Data-01
    partition Disk2-02 disk=Disk2
volume Raw size=1M
  component Raw-01
    partition Disk2-03 disk=Disk2
content Data-01 file=$fat
"""


@pytest.fixture
def disk(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    return tmp_path / "Disk2.img"


@pytest.fixture
def disk_of_three(tmp_path, windows_volume):
    """A volume with NTFS, one with FAT, one with nothing."""
    (tmp_path / "letter").write_text("Dear Sir or Madam")
    fat = tmp_path / "fat.img"
    subprocess.run(["mkfs.fat", "-C", "-F", "16", fat, "30000"], check=True, capture_output=True, env={**os.environ, "PATH": PATH})
    subprocess.run(["mcopy", "-i", fat, tmp_path / "letter", "::/LETTER.TXT"], check=True)
    make(TWO, tmp_path, volume=windows_volume, fat=fat)
    return tmp_path / "Disk2.img"


class Running:
    """ldmboot-rescue files while it runs. lines: what it has said so far"""

    def __init__(self, *words, prefix=(), **options):
        self.process = subprocess.Popen([*prefix, PROGRAM, "files", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, **options)
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith("They are there until"):
                break
        self.folder = Path(self.lines[-1].split("--unmount ")[1].strip()) if self.lines else None

    def ended(self):
        """(exit code, stderr). Nothing is left: no mount, no file, no program."""
        out, errors = self.process.communicate(timeout=LIMIT)
        assert "All is unmounted." in out, errors
        self.nothing_is_left()
        return self.process.returncode, errors

    def nothing_is_left(self):
        def left():
            mounts = Path("/proc/self/mountinfo").read_text()
            open_ = [name for name in open_files() if name.startswith(str(self.folder))]
            return str(self.folder) not in mounts and not open_ and str(self.folder) not in commands()
        assert wait_until(left), f"{self.folder} is not left alone"       # what was killed takes its time

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.ended()


def commands():
    """The command lines of all other programs."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if path.parts[2] != str(os.getpid()):
                found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return "\n".join(found)


@needs_fuse
@needs_ntfs
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_volume_is_mounted_read_only_until_a_signal(disk, windows_volume, number):
    before = disk.read_bytes()
    run = Running(disk)
    assert (run.folder / "Volume1" / "NTLDR").read_bytes() == b"a loader"
    with pytest.raises(OSError):
        (run.folder / "Volume1" / "NTLDR").write_bytes(b"changed")
    with pytest.raises(OSError):
        (run.folder / "Volume1" / "new").touch()
    assert pread(run.folder / "Volume1.img", MIB, MIB) == pread(windows_volume, MIB, MIB)
    assert run.stop(number) == (0, "") and not run.folder.exists()
    assert disk.read_bytes() == before


@needs_fuse
@needs_ntfs
def test_all_volumes_of_all_file_systems(disk_of_three):
    run = Running(disk_of_three)
    said = "".join(run.lines)
    assert (run.folder / "Volume1" / "NTLDR").exists()
    if vfat():
        assert (run.folder / "My Data" / "LETTER.TXT").read_text() == "Dear Sir or Madam"
    assert (run.folder / "Raw.img").stat().st_size == MIB and not (run.folder / "Raw").exists()
    assert "Raw-01" in said and "as one file: not mounted (it begins with no file system" in said
    assert run.stop()[0] == 0


@needs_fuse
@pytest.mark.skipif(os.geteuid() or not vfat(), reason="not root, or neither vfat nor fusefat is there")
def test_one_volume_by_its_letter_at_a_place_of_ones_own(disk_of_three, tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "mine").write_text("stays")
    run = Running("--at", tmp_path / "here", disk_of_three, "d:")
    assert (tmp_path / "here" / "My Data" / "LETTER.TXT").read_text() == "Dear Sir or Madam"
    assert not list((tmp_path / "here").glob("Volume1*"))
    done = rescue("files", "--unmount", tmp_path / "here")
    assert done.returncode == 0, done.stderr
    assert run.ended() == (0, "")
    assert [p.name for p in (tmp_path / "here").iterdir()] == ["mine"]
    assert (tmp_path / "here" / "mine").read_text() == "stays"


@needs_fuse
@needs_ntfs
def test_an_unmount_of_ones_own_ends_it(disk):
    run = Running(disk, "volume1")
    subprocess.run(["umount", run.folder / "Volume1"], check=True)
    assert run.ended() == (0, "")


@needs_fuse
@needs_ntfs
def test_somebody_stands_in_it(disk):
    run = Running(disk)
    with subprocess.Popen(["sleep", str(2 * LIMIT)], cwd=run.folder / "Volume1") as there:
        run.process.send_signal(signal.SIGINT)
        run.process.send_signal(signal.SIGINT)             # impatient
        out, _ = run.process.communicate(timeout=LIMIT)
        assert "All is unmounted." in out and str(run.folder) not in Path("/proc/self/mountinfo").read_text()
        there.kill()
    run.nothing_is_left()


@needs_fuse
@needs_ntfs
def test_killed_it_leaves_no_program_behind(disk):
    run = Running(disk)
    run.process.kill()
    run.process.communicate()
    run.nothing_is_left()
    shutil.rmtree(run.folder)


@needs_fuse
@needs_ntfs
def test_bad_sectors_come_from_the_other_half(tmp_path, windows_volume):
    """What is mounted is the plugin's export, not one half."""
    make(MIRROR, tmp_path, volume=windows_volume)
    both = [tmp_path / "Disk1.img", tmp_path / "Disk2.img"]
    bad = faulty(**{str(both[0]): "1063-2063", str(both[1]): "9000-9100"})
    run = Running(*both, env={**os.environ, **bad})
    assert (run.folder / "Volume1.img").read_bytes()[MIB:-512] == windows_volume.read_bytes()[MIB:-512]
    assert run.stop()[0] == 0


@needs_fuse
@needs_ntfs
@pytest.mark.parametrize("names, volume", [(["ldm-2003r2-mirrored-2"], "Volume3"), (["ldm-2008r2-mirrored-2"], "Volume3"),
                                           (["ldm-2003r2-spanned-1", "ldm-2003r2-spanned-2"], "Volume2")])
def test_volumes_that_windows_wrote(real, names, volume):
    run = Running(*[real[name] for name in names], volume)
    assert any((run.folder / volume).iterdir()) or "as one file" in "".join(run.lines), run.lines
    assert run.stop()[0] == 0


@pytest.fixture
def nobodys(windows_volume):
    """nobodys(words for fuse.conf): ldmboot-rescue files as an ordinary user, with a private /dev/fuse as udev makes it, open to
    everybody, and a private fuse.conf; and the words before a command that becomes that user."""
    user = "setpriv --reuid=65534 --regid=65534 --clear-groups"
    with tempfile.TemporaryDirectory(prefix="ldmboot-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        make(HALF, folder, volume=windows_volume)

        def run(allowed):
            if subprocess.run(["sh", "-c", f"{user} test -x {PROGRAM}"], check=False).returncode:
                pytest.skip("others may not run what was built here")
            (folder / "conf").write_text(allowed + "\n")
            prefix = ["unshare", "--mount", "sh", "-ec", f"test -e {folder}/fuse || mknod {folder}/fuse c 10 229; chmod 666 {folder}/fuse; "
                      f"mount --bind {folder}/fuse /dev/fuse; mount --bind {folder}/conf /etc/fuse.conf; exec {user} \"$@\"", "sh"]
            if not os.path.exists("/etc/fuse.conf") or subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
                pytest.skip("no mount namespace, no device nodes, or no fuse.conf here")
            return Running(folder / "Disk2.img", prefix=prefix)
        yield run, user


def cat_of(user, run, name):
    return subprocess.run(["sh", "-c", f"{user} cat '/proc/{run.process.pid}/root{run.folder}/{name}'"], capture_output=True,
                          check=True).stdout


needs_nobody = pytest.mark.skipif(os.geteuid() != 0 or not have("setpriv"), reason="only root can become somebody else")


@needs_fuse
@needs_nobody
def test_without_root_a_volume_is_one_file(nobodys, windows_volume):
    """ntfs-3g runs as root, which may not see what another user has mounted."""
    start, user = nobodys
    run = start("# user_allow_other")
    said = "".join(run.lines)
    assert "Volume1.img  volume Volume1 C:" in said and "guestfish --ro" in said and "root can mount more" in said, said
    assert "with user_allow_other in /etc/fuse.conf so can you" in said
    assert cat_of(user, run, "Volume1.img")[MIB:-512] == windows_volume.read_bytes()[MIB:-512]
    assert run.stop()[0] == 0


@needs_fuse
@needs_nobody
@pytest.mark.skipif(not have("ntfs-3g") or not os.stat(shutil.which("ntfs-3g", path=PATH)).st_mode & 0o4000, reason="no ntfs-3g that mounts for users")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_without_root_ntfs_is_mounted_where_fuse_allows_it(nobodys, number):
    """Nothing of it stays, whatever becomes of the program."""
    start, user = nobodys
    run = start("user_allow_other")
    assert "Volume1/  the files of volume Volume1 C:" in "".join(run.lines), run.lines
    assert cat_of(user, run, "Volume1/NTLDR") == b"a loader"
    if number == signal.SIGINT:
        assert run.stop()[0] == 0
        return
    run.process.kill()
    run.process.communicate()
    run.nothing_is_left()
    shutil.rmtree(run.folder)


def test_volumes_of_one_name_in_two_groups_are_all_there(tmp_path, windows_volume):
    """By the server's own answers, without a mount: each has its letter, its GUID, its bytes."""
    data = tmp_path / "data"
    data.write_bytes(b"NOT THE WINDOWS VOLUME".ljust(MIB, b"."))
    make(DISKS / "two-groups.ldm", tmp_path, volume=windows_volume, data=data)
    with serve(tmp_path / "Data.img", tmp_path / "Half.img", layout="volume") as served:
        served.client = lambda name: Client(served.folder / "socket", name)
        volumes = {volume.hint: volume for volume in files.volumes_of(served)}
        assert sorted(volumes) == ["C:", "E:"] and {v.name for v in volumes.values()} == {"Volume1 (Own-Dg0)", "Volume1 (Other-Dg0)"}
        assert files.kind_of(served, volumes["C:"]) == "ntfs" and files.kind_of(served, volumes["E:"]) is None
        assert [v.hint for v in files.wanted(list(volumes.values()), "c:")] == ["C:"]
        assert len(files.wanted(list(volumes.values()), "Volume1")) == 2
        assert [v.hint for v in files.wanted(list(volumes.values()), "volume1 (own-dg0)")] == ["E:"]


def test_a_second_ctrl_c_before_the_first_has_taken_effect(tmp_path, monkeypatch):
    """It comes when all is about to be taken away, and takes nothing of that."""
    folder, held = tmp_path / "here", files.held

    def pretend(mounts, *_):
        (mounts.folder / "Volume1.img").touch()
        mounts.made.append((mounts.folder / "Volume1.img", subprocess.Popen(["sleep", str(LIMIT)])))
        mounts.served.append(mounts.folder)

    def twice():
        signal.raise_signal(signal.SIGINT)
        return held()

    for name, does in (("volumes_of", lambda _: ["one"]), ("wanted", lambda found, _: found), ("kind_of", lambda *_: None), ("show", pretend),
                       ("check_fuse", lambda: None), ("is_mounted", lambda point: point == folder), ("held", twice)):
        monkeypatch.setattr(files, name, does)
    with pytest.raises(KeyboardInterrupt), subprocess.Popen(["sleep", str(LIMIT)]) as server:
        try:
            files.carry_out(SimpleNamespace(process=server), None, folder, lambda *_: signal.raise_signal(signal.SIGINT))
        finally:
            server.kill()
    assert not folder.exists()


def test_a_program_that_ends_while_proc_is_listed(tmp_path, monkeypatch):
    really = os.scandir

    def scandir(path="."):
        if Path(path).parent.parent == Path("/proc") and Path(path).name == "fd":
            raise FileNotFoundError(path)
        return really(path)
    monkeypatch.setattr(os, "scandir", scandir)
    assert files.holder_of(tmp_path) is None


# ---------------------------------------------------------------- where it cannot be

def test_where_nothing_can_be_mounted_the_commands_are_said(disk, monkeypatch):
    monkeypatch.setattr(files, "FUSE", "/nonexistent/fuse")
    monkeypatch.setattr(files, "program", lambda name, package: name)
    with pytest.raises(Trouble, match="LDM-0949: /nonexistent/fuse is not there: it cannot be mounted here"):
        files.check_fuse()
    monkeypatch.setattr(files, "plugin", lambda: "/plugin.so")
    said = "\n".join(files.commands([disk], {"layout": "volume", "volume": "My Data"}))
    assert f"disk={disk}" in said and "volume='My Data'" in said and "nbd-client -unix" in said and "guestfish --ro" in said


def test_names_that_mean_nothing(disk, tmp_path):
    assert "(volumes here: Volume1)" in refused("files", disk, "E:", number="0950")
    assert "LDM-0910" in refused("files", disk, "./missing.img", number="0943")
    refused("files", "--unmount", tmp_path, number="0951")
    done = rescue("files")
    assert done.returncode == 1 and "files takes disks, or --unmount DIR" in done.stderr
    assert rescue("files", "--unmount", tmp_path, disk).returncode == 1


@needs_fuse
def test_a_place_that_cannot_be(disk, tmp_path):
    (tmp_path / "file").write_text("x")
    said = refused("files", "--at", tmp_path / "file", disk, number="0949")
    assert "Traceback" not in said
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "Volume1.img").write_text("mine")
    refused("files", "--at", tmp_path / "there", disk, number="0949")
    assert (tmp_path / "there" / "Volume1.img").read_text() == "mine"
