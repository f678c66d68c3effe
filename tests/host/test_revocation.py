# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that Secure Boot must not start: efitools makes the list, sbsign the signatures, and we have to see the same."""
import shutil
import subprocess

import pytest

from ldmdisk import BUILD

HASH = shutil.which("hash-to-efi-sig-list")
PROGRAMS = [BUILD / "efi" / name for name in ("BOOTX64.EFI", "BOOTIA32.EFI")]


def revoked(esl, program):
    return subprocess.run([BUILD / "tests/revoked", esl, program], check=False).returncode == 0


@pytest.mark.skipif(not HASH, reason="hash-to-efi-sig-list (efitools) is not installed")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_by_hash(tmp_path, program):
    esl = tmp_path / "dbx.esl"
    subprocess.run([HASH, program, esl], check=True, capture_output=True)
    assert revoked(esl, program)
    for other in PROGRAMS:
        assert revoked(esl, other) == (other == program)
    changed = bytearray(program.read_bytes())
    changed[-1] ^= 1
    (tmp_path / "changed.efi").write_bytes(changed)
    assert not revoked(esl, tmp_path / "changed.efi")


@pytest.mark.skipif(not (HASH and shutil.which("sbsign") and shutil.which("openssl")), reason="no efitools, sbsign, openssl")
def test_a_signature_does_not_change_the_hash(tmp_path):
    key, certificate, signed = tmp_path / "key.pem", tmp_path / "cert.pem", tmp_path / "signed.efi"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-subj", "/CN=Test/"], check=True, capture_output=True)
    subprocess.run(["sbsign", "--key", key, "--cert", certificate, "--output", signed, PROGRAMS[0]], check=True,
                   capture_output=True)
    subprocess.run([HASH, signed, tmp_path / "dbx.esl"], check=True, capture_output=True)
    assert revoked(tmp_path / "dbx.esl", signed)


def test_by_the_certificate_of_2011(tmp_path):
    name = b"\x30\x1eMicrosoft Windows Production PCA 2011"
    program, other = tmp_path / "bootmgfw.efi", tmp_path / "other.efi"
    other.write_bytes(PROGRAMS[0].read_bytes().replace(b"PCA 2011", b"PCA ...."))  # ours knows the name it looks for
    program.write_bytes(other.read_bytes() + name)
    for entry, answer in [(name, True), (b"Microsoft Windows Production PCA 2012", False), (b"", False)]:
        (tmp_path / "dbx.esl").write_bytes(bytes(40) + entry + bytes(9))
        assert revoked(tmp_path / "dbx.esl", program) == answer
    (tmp_path / "dbx.esl").write_bytes(name)
    assert not revoked(tmp_path / "dbx.esl", other)
