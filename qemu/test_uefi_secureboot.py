# SPDX-License-Identifier: GPL-2.0-or-later
"""Secure Boot with the "snakeoil" key of Debian's OVMF enrolled, which everybody has: `make sign` makes programs that
it lets run; what is not signed is refused, by the firmware or with our explanation, never started by other means."""
import shutil
import struct
from pathlib import Path

import pytest

from support import disks, media, uefi
from support.harness import ROOT, Disk
from test_uefi_boot import server

SHIM = Path("/usr/lib/shim")
KEY, CERT = (Path("/usr/share/ovmf") / f"PkKek-1-snakeoil.{kind}" for kind in ("key", "pem"))

pytestmark = pytest.mark.skipif(not (uefi.have("snakeoil") and KEY.exists() and shutil.which("sbsign")
                                     and shutil.which("openssl")),
                                reason="no OVMF with a test key, no sbsign, or no openssl")


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """The key without its password, which is public."""
    plain = tmp_path_factory.mktemp("key") / "key.pem"
    disks.run("openssl", "rsa", "-in", KEY, "-passin", "pass:snakeoil", "-out", plain)
    return plain


@pytest.fixture(scope="module")
def own_key(tmp_path_factory):
    """A key that nobody else has, its certificate, and that as MokManager reads it."""
    folder = tmp_path_factory.mktemp("own")
    own, certificate, der = folder / "own.key", folder / "own.pem", folder / "own.der"
    disks.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=ldmboot test/",
              "-keyout", own, "-out", certificate)
    disks.run("openssl", "x509", "-in", certificate, "-outform", "DER", "-out", der)
    return own, certificate, der.read_bytes()


@pytest.fixture(scope="module")
def signed_stick(built, key, tmp_path_factory):
    folder = tmp_path_factory.mktemp("signed")
    disks.run("make", "-s", "-C", ROOT, "sign", f"KEY={key}", f"CERT={CERT}", f"SIGNED={folder}")
    return uefi.put_files(folder / "ldmboot.img", {"ldmboot.cfg": quick_config(folder)})


def quick_config(folder: Path) -> Path:
    file = folder / "ldmboot.cfg"
    file.write_text("timeout = 0\n")
    return file


def test_signed_programs_run(tmp_path, signed_stick, windows, key):
    boot_manager = tmp_path / "signed.efi"
    disks.run("sbsign", "--key", key, "--cert", CERT, "--output", boot_manager, uefi.standin())
    image = server(tmp_path, uefi.windows_volume(tmp_path / "volume.img", bootmgfw=boot_manager))
    with uefi.start(signed_stick, [image], flavour="snakeoil") as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
        assert "Secure Boot on." in machine.serial


@pytest.mark.skipif(not (SHIM / "shimx64.efi.signed").exists(), reason="shim-signed is not installed")
def test_shim_starts_it(tmp_path, built, key, windows):
    """Without Secure Boot; with it, a key has to be enrolled by hand in MokManager first (docs/uefi.md)."""
    disks.run("make", "-s", "-C", ROOT, "sign", f"KEY={key}", f"CERT={CERT}", f"SIGNED={tmp_path}", f"SHIM={SHIM}")
    stick = uefi.put_files(tmp_path / "ldmboot.img", {"ldmboot.cfg": quick_config(tmp_path)})
    for name, file in (("BOOTX64.EFI", SHIM / "shimx64.efi.signed"), ("grubx64.efi", tmp_path / "BOOTX64.EFI"),
                       ("mmx64.efi", SHIM / "mmx64.efi.signed")):
        disks.run("mcopy", "-i", f"{stick}@@{disks.STICK_PARTITION}", f"::EFI/BOOT/{name}", tmp_path / "from-stick")
        assert (tmp_path / "from-stick").read_bytes() == file.read_bytes()
        (tmp_path / "from-stick").unlink()
    image = server(tmp_path, windows())
    with uefi.start(stick, [image]) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())


@pytest.mark.skipif(not ((SHIM / "shimx64.efi.signed").exists() and uefi.have("ms")),
                    reason="shim-signed, or an OVMF with Microsoft's keys, is not installed")
@pytest.mark.parametrize("enrolled", [True, False], ids=["enrolled", "not enrolled"])
def test_shim_starts_it_with_secure_boot_on(enrolled, tmp_path, built, windows, own_key):
    """A key of our own in shim's list: shim, signed by Microsoft, starts the program. A boot manager that nobody
    signed is refused all the same. Without the key shim does not start it."""
    own, certificate, der = own_key
    disks.run("make", "-s", "-C", ROOT, "sign", f"KEY={own}", f"CERT={certificate}", f"SIGNED={tmp_path}", f"SHIM={SHIM}")
    stick = uefi.put_files(tmp_path / "ldmboot.img", {"ldmboot.cfg": quick_config(tmp_path)})
    image = server(tmp_path, windows())
    with uefi.start(stick, [image], flavour="ms", mok=der if enrolled else None) as machine:
        if enrolled:
            machine.wait_serial(uefi.GAVE_UP)
            assert "Secure Boot on." in machine.serial
            assert "LDM-0830: \\Windows\\Boot\\EFI\\bootmgfw.efi" in machine.serial
            assert "Behind shim it can also be shim that refused" in machine.serial
        else:
            machine.wait_serial(r"Security Violation|Verification failed|MOK management")
            assert "It reads disks and never writes" not in machine.serial


@pytest.mark.skipif(not ((SHIM / "shimx64.efi.signed").exists() and uefi.have("ms")),
                    reason="shim-signed, or an OVMF with Microsoft's keys, is not installed")
def test_shim_starts_it_from_the_cd_with_secure_boot_on(tmp_path, built, windows, own_key):
    """The CD that `make sign SHIM=` makes beside the stick: shim, which Microsoft signed, finds ldmboot beside itself."""
    own, certificate, der = own_key
    disks.run("make", "-s", "-C", ROOT, "sign", f"KEY={own}", f"CERT={certificate}", f"SIGNED={tmp_path}", f"SHIM={SHIM}")
    image = server(tmp_path, windows())
    iso = media.iso(tmp_path / "cd.iso", source=tmp_path / "ldmboot.iso")
    with uefi.UefiMachine([Disk(image, "ahci")], flavour="ms", mok=der, extra=media.cd(iso)) as machine:
        machine.wait_serial(uefi.GAVE_UP)
        assert "Secure Boot on." in machine.serial
        assert "LDM-0830: \\Windows\\Boot\\EFI\\bootmgfw.efi" in machine.serial
        assert "Behind shim it can also be shim that refused" in machine.serial


def test_the_signed_cd_has_the_signed_programs(signed_stick):
    folder = signed_stick.parent
    iso = folder / "ldmboot.iso"
    start = struct.unpack_from("<I", iso.read_bytes()[:512], 454)[0] * disks.SECTOR
    for name in ("BOOTX64.EFI", "BOOTIA32.EFI"):
        disks.run("mcopy", "-i", f"{iso}@@{start}", f"::EFI/BOOT/{name}", folder / "from-cd")
        assert (folder / "from-cd").read_bytes() == (folder / name).read_bytes()
        disks.run("sbverify", "--cert", CERT, folder / "from-cd")
        (folder / "from-cd").unlink()


def test_an_unsigned_boot_manager_is_refused_with_the_way_out(tmp_path, signed_stick, windows):
    image = server(tmp_path, windows())
    with uefi.start(signed_stick, [image], flavour="snakeoil") as machine:
        assert "LDM-0830" in machine.wait_refusal()
        assert "LDM-0830: \\Windows\\Boot\\EFI\\bootmgfw.efi" in machine.serial
        assert "The firmware answered EFI_" in machine.serial
        assert "Enrol the key that is missing, or switch Secure Boot off in the set-up" in machine.serial


def test_the_other_copy_of_the_boot_manager_is_tried(tmp_path, signed_stick, windows, key):
    """The firmware does not take the usual one; the one of 2023, in EFI_EX, has a signature that it knows."""
    other = tmp_path / "signed.efi"
    disks.run("sbsign", "--key", key, "--cert", CERT, "--output", other, uefi.standin())
    image = server(tmp_path, windows(more=(f"Windows/Boot/EFI_EX/bootmgfw_EX.efi={other}",)))
    with uefi.start(signed_stick, [image], flavour="snakeoil") as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
        assert "LDM-0844: \\Windows\\Boot\\EFI\\bootmgfw.efi" in machine.serial
        assert "loading \\Windows\\Boot\\EFI_EX\\bootmgfw_EX.efi" in machine.serial
        assert "LDM-0830" not in machine.serial


def test_the_unsigned_program_does_not_run(tmp_path, stick, windows):
    image = server(tmp_path, windows())
    with uefi.start(stick, [image], flavour="snakeoil") as machine:
        machine.wait_serial(r"BdsDxe: failed to load Boot0001 .*: Access Denied")
        assert "ldmboot" not in machine.serial
