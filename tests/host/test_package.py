# SPDX-License-Identifier: GPL-2.0-or-later
"""What `make install`, `make dist` and `make deb` make: which files, in which modes, programs that find each other
there, and the same bytes every time."""
import email.utils
import fnmatch
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from ldmdisk import BUILD, ROOT

# One worker makes each of them once. (That two at a time do not meet is a test of its own below.)
pytestmark = pytest.mark.xdist_group("package")
MIB = 1 << 20
TOOLS = {"bin/ldmboot-inspect", "bin/ldmboot-rescue", "bin/mkldm", "sbin/ldmboot-install"}
PLUGIN = {"lib/nbdkit/plugins/nbdkit-ldmboot-plugin.so"} if os.path.exists("/usr/include/nbdkit-plugin.h") else set()
IMAGES = {f"share/ldmboot/{name}" for name in
          ("ldmboot.img", "ldmboot.iso", "ldmboot-144.img", "ldmboot-floppy.iso", "ldmboot.pxe", "ldmboot.lkrn", "BOOTX64.EFI", "BOOTIA32.EFI")}
MANUALS = {f"share/man/man{page.suffix[1:]}/{page.name}" for page in (ROOT / "docs" / "man").iterdir()}
DOCUMENTS = {f"share/doc/ldmboot/{name}" for name in ("README.md", "CHANGELOG.md", "LICENSE")} | {
    f"share/doc/ldmboot/{page.relative_to(ROOT)}" for kind in ("*.md", "*.png") for page in (ROOT / "docs").rglob(kind)}
COMPLETIONS = {f"share/bash-completion/completions/{name.split('/')[1]}" for name in TOOLS}
if not all((BUILD / name).exists() for name in ("ldmboot-install", "ldmboot.img", "ldmboot.iso", "ldmboot-144.img")):
    pytest.skip("the tools or images are not built", allow_module_level=True)


def make(*arguments, umask=0o077, **variables):
    """make, with a umask that must not show in what it writes."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(["make", "--no-print-directory", "-s", *arguments], cwd=ROOT, env=environment | variables,
                          umask=umask, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def files_below(folder):
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}


# ---------------------------------------------------------------- make install

@pytest.mark.parametrize("goal", ["install", "dist"])
def test_all_that_leaves_is_built_first(goal, tmp_path):
    """In a tree where nothing is built yet (only said here what would run), every image has its rule."""
    would_run = subprocess.run(["make", "-n", f"B={tmp_path}", goal], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    made, _, _ = would_run.partition({"install": "install -d", "dist": "mkdist.sh"}[goal])
    for name in IMAGES:
        assert f"{os.path.basename(name)}\n" in made.replace("'; ", "\n").replace(" ", "\n"), name


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder that is /opt/ldm on the machine that gets it."""
    folder = tmp_path_factory.mktemp("destination")
    make("install", f"DESTDIR={folder}", "PREFIX=/opt/ldm")
    assert os.listdir(folder) == ["opt"]
    return folder / "opt" / "ldm"


def test_every_file_is_installed_and_no_other(installed):
    assert set(files_below(installed)) == TOOLS | PLUGIN | IMAGES | MANUALS | DOCUMENTS | COMPLETIONS


def test_links_of_the_documents_lead_somewhere(installed):
    """In the installed tree, where there are no sources beside them."""
    seen = 0
    for page in (installed / "share/doc/ldmboot").rglob("*.md"):
        for link in re.findall(r"\]\(([^)#]+)", page.read_text()):
            if not link.startswith(("http://", "https://")):
                assert (page.parent / link).exists(), f"{page.name}: {link}"
                seen += 1
    assert seen > 50


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


# ---------------------------------------------------------------- make dist

VERSION = (ROOT / "VERSION").read_text().strip()
NAME = f"ldmboot-{VERSION}"
ARCHIVE = f"{NAME}.tar.gz"


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    folder = tmp_path_factory.mktemp("release") / "dist"
    make("dist", f"DIST={folder}")
    return folder


def contents(folder):
    return {name: path.read_bytes() for name, path in files_below(folder).items()}


def check_sums(folder):
    done = subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.count(b": OK\n")


def test_release_is_a_folder_its_zip_sources_and_sums(release):
    assert set(os.listdir(release)) == {NAME, f"{NAME}.zip", ARCHIVE, "SHA256SUMS"}
    assert check_sums(release) == 2
    assert check_sums(release / NAME) == len(files_below(release / NAME)) - 1
    documents = {f"texts/{page.stem}.txt" for page in (ROOT / "docs").glob("*.md")}
    manuals = {f"manuals/{page.name}.{kind}" for page in (ROOT / "docs" / "man").iterdir() for kind in ("txt", "html")}
    windows = {f"windows/{path.name}" for path in (BUILD / "windows").glob("*.exe")}
    assert set(files_below(release / NAME)) == documents | manuals | windows | {image.split("/")[-1] for image in IMAGES} | {
        "START-HERE.txt", "SHA256SUMS", "LICENSE", "ldmboot.cfg", "ldmboot-inspect", "ldmboot-install", "mkldm"}


@pytest.fixture(scope="module")
def unpacked(release, tmp_path_factory):
    """The release on another computer: unpacked from its zip, nothing of the sources beside it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-c", "import shutil, sys; shutil.unpack_archive(*sys.argv[1:])",
                    release / f"{NAME}.zip", folder], check=True)
    assert contents(folder / NAME) == contents(release / NAME)
    with zipfile.ZipFile(release / f"{NAME}.zip") as archive:
        for entry in archive.infolist():
            (folder / entry.filename).chmod(entry.external_attr >> 16 & 0o777)   # as unzip does
    return folder / NAME


def test_every_file_of_the_release_is_of_a_kind_that_is_tested(unpacked):
    """Media are started by qemu/test_release.py, Windows's programs are those that test_windows.py runs, tools run below, and
    what is for reading is compared with what it was made of."""
    starts = (ROOT / "qemu" / "test_release.py").read_text()
    for name in set(files_below(unpacked)) - {"ldmboot-inspect", "ldmboot-install", "mkldm", "START-HERE.txt", "SHA256SUMS"}:
        folder, _, file = name.rpartition("/")
        if folder in ("texts", "manuals"):
            source = (ROOT / "docs" / f"{file[:-4]}.md") if folder == "texts" else ROOT / "docs" / "man" / os.path.splitext(file)[0]
            assert source.is_file() and (unpacked / name).stat().st_size > 500, name
        elif name in ("LICENSE", "ldmboot.cfg"):
            source = ROOT / ("LICENSE" if name == "LICENSE" else "bios/stick/ldmboot.cfg")
            assert (unpacked / name).read_bytes().replace(b"\r\n", b"\n") == source.read_bytes()
        elif folder == "windows":
            assert (unpacked / name).read_bytes() == (BUILD / name).read_bytes()
        else:
            assert f'    "{name}": ' in starts, f"no test starts {name} of the release"


@pytest.mark.parametrize("image", sorted(IMAGES))
def test_boot_images_of_the_release_are_those_that_the_boots_start(unpacked, image):
    name = image.split("/")[-1]
    built = BUILD / name if (BUILD / name).exists() else BUILD / "efi" / name
    assert (unpacked / name).read_bytes() == built.read_bytes()


def test_tools_of_the_release_run_where_nothing_else_is(unpacked, tmp_path):
    """No library, no source: an empty folder, an empty environment."""
    def run(*arguments):
        return subprocess.run(arguments, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
    (tmp_path / "disk.ldm").write_text((ROOT / "tests" / "disks" / "stale.ldm").read_text())
    made = run(unpacked / "mkldm", "-o", tmp_path, "disk.ldm")
    assert made.returncode == 0, made.stderr
    images = sorted(path.name for path in tmp_path.glob("*.img"))
    seen = run(unpacked / "ldmboot-inspect", "--json", *images)
    assert seen.stdout == run(BUILD / "ldmboot-inspect", "--json", *images).stdout and seen.stdout
    headers = subprocess.run(["readelf", "-l", unpacked / "ldmboot-inspect"], capture_output=True, text=True, check=True)
    assert "INTERP" not in headers.stdout and "DYNAMIC" not in headers.stdout
    for command, image in (("stick", "ldmboot.img"), ("floppy", "ldmboot-144.img")):
        size = (unpacked / image).stat().st_size
        (tmp_path / command).write_bytes(bytes(size))
        done = run(unpacked / "ldmboot-install", command, "--yes", command)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / command).read_bytes() == (unpacked / image).read_bytes()
    assert run(unpacked / "ldmboot-inspect", "--config", unpacked / "ldmboot.cfg", *images).returncode == seen.returncode


def test_start_here_names_files_that_are_there(unpacked):
    text = (unpacked / "START-HERE.txt").read_bytes()
    assert text.count(b"\r\n") == text.count(b"\n") and max(map(len, text.splitlines())) <= 80
    text = text.decode("ascii")
    assert text.count("\r\n") <= 120, "two pages"
    named = set(re.findall(r"(?:texts|windows)\\[\w.-]+|\b(?:ldmboot[\w.-]*\.(?:img|iso|pxe|lkrn|cfg)|BOOTX64\.EFI)", text))
    assert len(named) >= 9
    for name in named:
        if name.startswith("windows") and not (BUILD / "windows").exists():
            continue
        assert (unpacked / name.replace("\\", "/")).is_file(), name


def test_first_screen_leads_from_a_windows_laptop_to_a_stick(unpacked):
    """Three lines of the README's first thirty, and what they name is in the release."""
    screen = (ROOT / "README.md").read_text().splitlines()[:30]
    at = next(n for n, line in enumerate(screen) if "Windows laptop" in line)
    steps = screen[at + 2:at + 5]
    assert [line[:3] for line in steps] == ["1. ", "2. ", "3. "] and screen[at + 5] == ""
    for name in ("ldmboot.img", "START-HERE.txt"):
        assert f"`{name}`" in " ".join(steps) and (unpacked / name).is_file()


@pytest.mark.parametrize("image", sorted(image.split("/")[-1] for image in IMAGES))
def test_ways_to_start_has_a_row_for_each_image(image):
    """BOOTIA32.EFI stands in for the other one where firmware has 32 bits."""
    text = (ROOT / "docs/ways-to-start.md").read_text()
    assert re.search(rf"^\|.*`(efi/)?{re.escape(image)}`.*\|$", text, re.M) or (image == "BOOTIA32.EFI" and f"`{image}` for" in text)


def test_manuals_read_without_man(unpacked):
    for page in (ROOT / "docs" / "man").iterdir():
        text = (unpacked / "manuals" / f"{page.name}.txt").read_text(encoding="ascii")
        assert "SYNOPSIS" in text or "DESCRIPTION" in text
        assert "\x08" not in text and "</html>" in (unpacked / "manuals" / f"{page.name}.html").read_text()


def test_release_is_signed_by_a_key(tmp_path):
    key, public = tmp_path / "key.pem", tmp_path / "key.pub"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    subprocess.run(["openssl", "rsa", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
    subprocess.run(["tools/mkdist.sh", "ldmboot-9", "0", tmp_path / "dist", "README.md"], cwd=ROOT, check=True,
                   env=dict(os.environ, KEY=str(key)))
    verify = ["openssl", "dgst", "-sha256", "-verify", public, "-signature", "SHA256SUMS.sig", "SHA256SUMS"]
    assert b"Verified OK" in subprocess.run(verify, cwd=tmp_path / "dist", capture_output=True, check=True).stdout
    (tmp_path / "dist" / "SHA256SUMS").write_text("another\n")
    assert subprocess.run(verify, cwd=tmp_path / "dist", capture_output=True, check=False).returncode != 0


def test_release_is_the_same_bytes_in_other_surroundings(release, tmp_path):
    make("dist", f"DIST={tmp_path / 'dist'}", umask=0o002, TZ="Asia/Tokyo", LC_ALL="C.UTF-8", SOURCE_DATE_EPOCH="1")
    assert contents(tmp_path / "dist") == contents(release)


def test_archive_holds_sources_and_nothing_else(release):
    with tarfile.open(release / ARCHIVE) as archive:
        members = archive.getmembers()
    names = [member.name for member in members]
    assert names == sorted(names) and len({member.mtime for member in members}) == 1
    assert {name.split("/")[0] for name in names} == {f"ldmboot-{VERSION}"}
    inside = {member.name.split("/", 1)[1]: member for member in members}
    assert {"Makefile", "common/base/status.def", "docs/man/mkldm.1", "tests/host/test_package.py"} <= set(inside)
    assert not [name for name in inside if name.startswith("build/") or "__pycache__" in name]
    assert inside["Makefile"].mode == 0o644 and inside["tools/mkdist.sh"].mode == 0o755


def test_archive_of_an_unpacked_archive_is_the_same(release, tmp_path):
    """Who has the archive and no git can make the archive again."""
    with tarfile.open(release / ARCHIVE) as archive:
        archive.extractall(tmp_path)
        epoch = archive.getmembers()[0].mtime
    tree = tmp_path / f"ldmboot-{VERSION}"
    subprocess.run(["tools/mkdist.sh", tree.name, str(epoch), "build/dist", "README.md"], cwd=tree, check=True)
    assert (tree / "build/dist" / ARCHIVE).read_bytes() == (release / ARCHIVE).read_bytes()


def test_release_that_cannot_be_made_leaves_the_old_one(release, tmp_path):
    shutil.copytree(release, tmp_path / "dist")
    done = subprocess.run(["tools/mkdist.sh", "ldmboot-9", "0", tmp_path / "dist", "no-such-image"], cwd=ROOT,
                          capture_output=True, check=False)
    assert done.returncode != 0
    assert contents(tmp_path / "dist") == contents(release)
    assert os.listdir(tmp_path) == ["dist"]


# ---------------------------------------------------------------- make deb

ARCHITECTURES = {"ldmboot": "amd64", "ldmboot-doc": "all"}
DEBIAN_PLUGIN = "lib/x86_64-linux-gnu/nbdkit/plugins/nbdkit-ldmboot-plugin.so"


@pytest.fixture(scope="module")
def built_packages(tmp_path_factory):
    """A folder with the Debian packages. `make deb` fails when lintian is there and finds an error or a warning."""
    if not shutil.which("dpkg-checkbuilddeps"):
        pytest.skip("the Debian packages are not made: dpkg-dev is not installed")
    lacking = subprocess.run(["dpkg-checkbuilddeps"], cwd=ROOT, capture_output=True, text=True, check=False)
    if lacking.returncode != 0:
        pytest.skip(f"the Debian packages are not made: {lacking.stderr.strip()}")
    folder = tmp_path_factory.mktemp("package") / "one"
    make("deb", f"DEB={folder}")
    return folder


@pytest.fixture(scope="module")
def packages(built_packages):
    return {name: built_packages / f"{name}_{VERSION}_{architecture}.deb" for name, architecture in ARCHITECTURES.items()}


@pytest.fixture(scope="module")
def root(packages, tmp_path_factory):
    """A system that has both packages, as far as files go."""
    folder = tmp_path_factory.mktemp("root")
    for package in packages.values():
        deb("--extract", package, folder)
    return folder


def deb(*arguments):
    return subprocess.run(["dpkg-deb", *arguments], capture_output=True, check=True).stdout


@pytest.mark.long
def test_packages_are_the_same_bytes_in_other_surroundings(built_packages, tmp_path):
    (tmp_path / "another").mkdir()
    folder = tmp_path / "another" / "folder"
    make("deb", f"DEB={folder}", umask=0o002, TZ="Asia/Tokyo", LC_ALL="C.UTF-8")
    assert contents(folder) == contents(built_packages)
    assert len(contents(folder)) >= 2


def test_packages_leave_nothing_in_the_sources(built_packages):
    made = {".debhelper", "files", "tmp", "ldmboot", "ldmboot-doc", "debhelper-build-stamp"}
    assert built_packages and not made & set(os.listdir(ROOT / "debian"))


@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
def test_package_holds_what_is_installed(packages, name):
    own = {f"share/doc/{name}/changelog.gz", f"share/doc/{name}/copyright"}
    expected = {"ldmboot": TOOLS | IMAGES | COMPLETIONS | {DEBIAN_PLUGIN} | {f"{page}.gz" for page in MANUALS},
                "ldmboot-doc": DOCUMENTS}[name] | own
    with tarfile.open(fileobj=io.BytesIO(deb("--fsys-tarfile", packages[name]))) as archive:
        members = archive.getmembers()
    assert {member.name for member in members if member.isfile()} == {f"./usr/{file}" for file in expected}
    for member in members:
        file = member.name.removeprefix("./usr/")
        assert (member.uid, member.gid) == (0, 0), member.name
        assert member.mode == (0o755 if member.isdir() or file in TOOLS else 0o644), member.name


@pytest.mark.parametrize("image", sorted(IMAGES))
def test_boot_images_of_the_package_are_those_that_the_boots_start(root, image):
    name = image.split("/")[-1]
    built = BUILD / name if (BUILD / name).exists() else BUILD / "efi" / name
    assert (root / "usr" / image).read_bytes() == built.read_bytes()


def test_package_says_what_it_needs(packages):
    text = deb("--field", packages["ldmboot"]).decode()
    fields = dict(line.split(": ", 1) for line in text.splitlines() if line[0] != " ")
    assert (fields["Package"], fields["Version"]) == ("ldmboot", VERSION)
    assert re.fullmatch(r"python3:any, libc6 \(>= 2\.\d+\)", fields["Depends"])
    assert suggested() <= set(fields["Suggests"].split(", "))


def suggested():
    control = (ROOT / "debian/control").read_text()
    return set(re.split(r",\s+", re.search(r"^Suggests: ((?:.*,\n)*.*)$", control, re.M)[1]))


def test_what_the_programs_ask_for_is_suggested_and_in_the_readme():
    """A package that a refusal names. Those for other ways, for FAT and for the package's build are in no command of README's."""
    text = "".join(path.read_text() for path in (ROOT / "tools/ldmboot_rescue").glob("*.py"))
    asked = set(re.findall(r'program\("[^"]+", "([^"]+)"\)', text)) | set(re.findall(r"packages? ([a-z][a-z0-9-]+)[);]", text))
    asked |= {package for _, package in re.findall(r'\("([a-z0-9-]+)", "([a-z0-9-]+)", \(', text)}
    asked -= {"coreutils", "mount"}   # essential: there is no Debian without them
    assert {"nbdkit", "qemu-system-x86", "ovmf", "nbd-client", "libguestfs-tools", "fusefat"} <= asked
    assert asked <= suggested()
    command = re.search(r"^sudo apt-get install .*\bnbdkit .*$", (ROOT / "README.md").read_text(), re.M)[0].split()
    assert asked - {"fusefat", "nbd-client", "libguestfs-tools"} <= set(command) and "nbdkit-plugin-dev" in command


def test_version_of_the_package_is_that_of_the_release():
    """dpkg-buildpackage takes version and time from there."""
    changelog = (ROOT / "debian/changelog").read_text()
    epoch = re.search(r"^EPOCH\s*:= (\d+)$", (ROOT / "tools/packages.mk").read_text(), re.M)[1]
    assert changelog.startswith(f"ldmboot ({VERSION}) ")
    date = changelog.split(">  ")[1].splitlines()[0]
    assert email.utils.parsedate_to_datetime(date).timestamp() == int(epoch)


def test_program_of_the_package_is_hardened(root):
    """What lintian calls hardening-no-bindnow and hardening-no-fortify-functions."""
    program = root / "usr/bin/ldmboot-inspect"
    dynamic = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True).stdout
    symbols = subprocess.run(["objdump", "-T", program], capture_output=True, text=True, check=True).stdout
    assert "BIND_NOW" in dynamic or "NOW" in dynamic.split("FLAGS_1")[1]
    assert "__fprintf_chk" in symbols or "__snprintf_chk" in symbols


@pytest.mark.parametrize("test", ["inspect", "install"])
def test_tests_of_the_package_pass_on_its_programs(root, test, tmp_path):
    """debian/tests, which autopkgtest runs in a system that has the package installed."""
    assert test in (ROOT / "debian/tests/control").read_text().splitlines()[0].removeprefix("Tests: ").split(", ")
    path = f"{root}/usr/sbin:{root}/usr/bin:{os.environ['PATH']}"
    done = subprocess.run([ROOT / "debian/tests" / test], cwd=ROOT, env=dict(os.environ, PATH=path, AUTOPKGTEST_TMP=str(tmp_path)),
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_rescue_of_the_package_finds_the_plugin(root, tmp_path):
    if not shutil.which("nbdkit"):
        pytest.skip("nbdkit is not installed")
    path = f"{root}/usr/sbin:{root}/usr/bin:{os.environ['PATH']}"
    subprocess.run([root / "usr/bin/mkldm", "-o", tmp_path, ROOT / "tests/disks/simple.ldm"], check=True, capture_output=True)
    done = subprocess.run([root / "usr/bin/ldmboot-rescue", "list", *tmp_path.glob("*.img")], env=dict(os.environ, PATH=path),
                          capture_output=True, text=True, check=False)
    assert "nbdkit-ldmboot-plugin.so" not in done.stderr and "Volume1" in done.stdout + done.stderr, done.stderr


def test_make_deb_says_what_to_install(tmp_path):
    """One sentence, where debhelper is missing: PATH is a folder that has all else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for place in ("/usr/bin", "/usr/sbin"):
        for program in os.listdir(place):
            if program != "dh" and not (folder / program).exists():
                (folder / program).symlink_to(f"{place}/{program}")
    done = subprocess.run(["make", "-s", "deb", "MISSING=", f"DEB={tmp_path / 'deb'}", f"PATH={folder}"], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    assert done.returncode != 0 and done.stderr.splitlines()[0] == "make deb: debhelper is missing: apt-get install debhelper"
    assert not (tmp_path / "deb").exists()


# ---------------------------------------------------------------- make deps

def script(path, *lines):
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)


@pytest.fixture
def distribution(tmp_path):
    """deps.sh for an ordinary user, where all is installed but Frama-C, which this distribution does not have."""
    script(tmp_path / "dpkg-query", 'for last; do :; done', '[ "$last" = frama-c-base ] || echo "install ok installed"')
    script(tmp_path / "id", "echo 1000")
    script(tmp_path / "sudo", "exit 1")
    script(tmp_path / "apt-get", f"touch '{tmp_path}/called'")

    def deps(policy_of_dpkg):
        script(tmp_path / "apt-cache", f'[ "$1 $2" != "policy dpkg" ] || echo "{policy_of_dpkg}"')
        done = subprocess.run([ROOT / "tools/deps.sh"], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        assert not (tmp_path / "called").exists()
        return done

    return deps


def test_what_the_distribution_does_not_have_is_not_missing(distribution):
    """Debian 13 has no frama-c-base: make check does without, also for whom apt-get is not allowed."""
    done = distribution("        500 http://deb.debian.org/debian trixie/main amd64 Packages")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "ldmboot: no package frama-c-base here; what needs it is skipped\n"


def test_without_package_lists_what_is_not_installed_is_asked_for(distribution):
    done = distribution("        100 /var/lib/dpkg/status")
    assert done.returncode == 1
    assert "sudo apt-get install --no-install-recommends frama-c-base" in done.stderr


# ---------------------------------------------------------------- descriptions for other systems

def placed(installed):
    """The names of the files below PREFIX, the plugin where a 64-bit RPM has it."""
    return {name.replace("lib/nbdkit/", "lib64/nbdkit/") for name in files_below(installed)}


@pytest.mark.parametrize("name, line", [("ldmboot.spec", r"^Version: +(\S+)$"), ("PKGBUILD", r"^pkgver=(\S+)$")])
def test_descriptions_are_of_this_version(name, line):
    assert re.search(line, (ROOT / "tools" / name).read_text(), re.M)[1] == VERSION


def test_rpm_takes_every_file_that_is_installed(installed):
    macros = {"_bindir": "bin", "_prefix/": "", "_libdir": "lib64", "_datadir": "share", "_mandir": "share/man", "name": "ldmboot"}
    text = (ROOT / "tools/ldmboot.spec").read_text().partition("\n%files\n")[2]
    for macro, folder in macros.items():
        text = text.replace(f"%{{{macro}}}", folder)
    patterns = [line.split()[-1].replace("%{_prefix}/", "") for line in text.splitlines()]
    taken = {pattern: {name for name in placed(installed) if fnmatch.fnmatch(name, pattern) or name.startswith(pattern + "/")}
             for pattern in patterns}
    plugin = [pattern for pattern in taken if "nbdkit" in pattern and not PLUGIN]
    assert [pattern for pattern, names in taken.items() if not names] == plugin
    assert set().union(*taken.values()) == placed(installed)


@pytest.mark.long
def test_rpm_is_built_from_the_archive(release, installed, tmp_path):
    if not shutil.which("rpmbuild"):
        pytest.skip("there is no rpmbuild")
    if not PLUGIN:
        pytest.skip("there is no nbdkit-plugin.h, which the package is built with")
    subprocess.run(["rpmbuild", "-tb", "--nodeps", "--define", f"_topdir {tmp_path}", release / ARCHIVE], check=True,
                   capture_output=True, env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")})
    (package,) = tmp_path.glob("RPMS/x86_64/*.rpm")
    listed = subprocess.run(["rpm", "-qp", "--qf", "[%{FILEMODES:octal} %{FILENAMES}\n]", package], capture_output=True, text=True,
                            check=True).stdout
    files = dict(reversed(line.split(" ", 1)) for line in listed.splitlines() if line.startswith("10"))
    assert {name.removeprefix("/usr/").removesuffix(".gz") for name in files} == placed(installed)  # Fedora packs manuals
    assert {name for name, mode in files.items() if mode == "100755"} >= {f"/usr/{name}" for name in TOOLS}


def source_of_arch(tmp_path, commands):
    """Run `commands` in a bash that has read PKGBUILD."""
    return subprocess.run(["bash", "-eu", "-c", f". {shlex.quote(str(ROOT / 'tools/PKGBUILD'))}; {commands}"], cwd=tmp_path, check=True, text=True,
                          capture_output=True, env=dict(os.environ, pkgdir=str(tmp_path / "package"), MAKEFLAGS="")).stdout


def test_package_of_arch_has_every_file(installed, tmp_path):
    """Its package() on the tree that was built here; nothing in sbin, which is a link there."""
    (tmp_path / NAME).symlink_to(ROOT)
    assert source_of_arch(tmp_path, 'echo "${source[0]}"').strip() == ARCHIVE
    source_of_arch(tmp_path, "package")
    assert set(files_below(tmp_path / "package" / "usr")) == {name.replace("sbin/", "bin/") for name in files_below(installed)}


@pytest.mark.long
def test_package_of_arch_is_built_from_the_archive(release, tmp_path):
    if not all(map(shutil.which, ("makepkg", "pacman", "bsdtar"))) or os.geteuid():
        pytest.skip("makepkg, pacman or bsdtar is not here, or this is not root, who can be another user")
    shutil.copy(ROOT / "tools/PKGBUILD", tmp_path)
    shutil.copy(release / ARCHIVE, tmp_path)
    for path in (tmp_path, *tmp_path.iterdir()):
        os.chown(path, 65534, 65534)
    for parent in tmp_path.parents[:3]:
        parent.chmod(parent.stat().st_mode | 0o011)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PKGEXT": ".pkg.tar", "CARCH": "x86_64"}
    done = subprocess.run(["makepkg", "--nodeps"], cwd=tmp_path, user=65534, group=65534, env=environment, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    with tarfile.open(next(tmp_path.glob("*.pkg.tar"))) as archive:
        names = set(archive.getnames())
    assert {"usr/bin/ldmboot-install", "usr/bin/ldmboot-inspect", "usr/share/ldmboot/ldmboot.img", ".PKGINFO"} <= names


# ---------------------------------------------------------------- make check-fresh: what it refuses

def check_fresh(folder, **programs):
    """Run it with nothing in PATH but what it needs to refuse, and `programs` (name: shell commands, or, in capitals, a
    variable)."""
    variables = {name: programs.pop(name) for name in list(programs) if name.isupper()}
    for name, commands in programs.items():
        script(folder / name, commands)
    return subprocess.run(["/bin/sh", ROOT / "tests/check-fresh.sh", "archive.tar.gz"], env={"PATH": str(folder)} | variables,
                          capture_output=True, text=True, check=False)


def test_check_fresh_asks_for_root(tmp_path):
    done = check_fresh(tmp_path, id="echo 1000")
    assert done.returncode == 1 and "run it as root" in done.stderr


def test_check_fresh_names_a_system_that_the_mirror_has_not(tmp_path):
    """One that was asked for is an error; of those that it tries by itself, some must be there."""
    for name in ("mktemp", "chmod", "rm", "ls"):
        (tmp_path / name).symlink_to(shutil.which(name))
    nothing = {"id": "echo 0", "debootstrap": "exit 1", "wget": "exit 8"}
    done = check_fresh(tmp_path, TMPDIR=str(tmp_path), SUITE="nosuch", **nothing)
    assert done.returncode == 1 and "has no nosuch" in done.stderr
    done = check_fresh(tmp_path, TMPDIR=str(tmp_path), **nothing)
    assert done.returncode == 1 and "has no trixie: left out" in done.stderr and "no system was tried" in done.stderr


def test_check_fresh_says_what_to_install(tmp_path):
    done = check_fresh(tmp_path, id="echo 0")
    assert done.returncode == 1 and "apt-get install debootstrap" in done.stderr
