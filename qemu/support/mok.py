# SPDX-License-Identifier: GPL-2.0-or-later
"""Put a certificate into MokList, the list of shim's own keys, in a file with OVMF's variables: what a person does in
MokManager. Form: UEFI's authenticated variable store (EDK II, MdeModulePkg/Include/Guid/VariableFormat.h)."""
import struct
import uuid
from pathlib import Path

STORE = uuid.UUID("aaf32c78-947b-439a-a180-2e144ec37792").bytes_le    # EFI_AUTHENTICATED_VARIABLE_GUID
SHIM = uuid.UUID("605dab50-e046-4300-abb6-3dd810dd8b23").bytes_le     # SHIM_LOCK_GUID
X509 = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072").bytes_le     # EFI_CERT_X509_GUID
STORE_HEADER, VARIABLE_HEADER, VARIABLE = 28, 60, 0x55AA
ADDED, NON_VOLATILE_BOOT_SERVICE = 0x3F, 3
ERASED = b"\xff"


def signature_list(certificate: bytes, owner: bytes = SHIM) -> bytes:
    """EFI_SIGNATURE_LIST with one X.509 certificate (DER)."""
    size = 16 + len(certificate)
    return X509 + struct.pack("<3I", 28 + size, 0, size) + owner + certificate


def variable(name: str, vendor: bytes, data: bytes) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    header = struct.pack("<HBBIQ16xI2I", VARIABLE, ADDED, 0, NON_VOLATILE_BOOT_SERVICE, 0, 0, len(text), len(data)) + vendor
    assert len(header) == VARIABLE_HEADER
    return header + text + data


def enrol(variables: Path, certificate: bytes) -> None:
    """Append MokList behind the variables that are there."""
    image = bytearray(variables.read_bytes())
    store = image.index(STORE)
    end = store + struct.unpack_from("<I", image, store + 16)[0]
    at = store + STORE_HEADER
    while struct.unpack_from("<H", image, at)[0] == VARIABLE:
        name, data = struct.unpack_from("<2I", image, at + 36)
        at += -(-(VARIABLE_HEADER + name + data) // 4) * 4
    new = variable("MokList", SHIM, signature_list(certificate))
    assert at + len(new) < end and image[at:at + len(new)] == ERASED * len(new)
    image[at:at + len(new)] = new
    variables.write_bytes(image)
