# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbers and texts as LDM structures have them; what lines say of one copy of a structure."""

FILETIME_2012 = 0x01CD901CF2FAA120


def be(size, value):
    return value.to_bytes(size, 'big')


def with_checksum(block):
    """PRIVHEAD and TOCBLOCK: the sum of all bytes, the field itself (offset 8) taken as zero."""
    block = block[:8] + bytes(4) + block[12:]
    return block[:8] + be(4, sum(block)) + block[12:]


def fixed_text(text, size):
    return text.encode()[:size].ljust(size, b'\0')


def p_int(value):
    """A length byte, then the number in as few bytes as it needs."""
    length = max(1, (value.bit_length() + 7) // 8)
    return bytes([length]) + be(length, value)


def p_int_or_none(value):
    return None if value is None else p_int(value)


def p_text(text):
    data = text.encode()
    return bytes([len(data)]) + data


def optional(*fields):
    """Fields that are (record flag, bytes), or (flag, None) when not there -> the flags and the bytes together."""
    present = [(flag, data) for flag, data in fields if data is not None]
    return sum(flag for flag, _ in present), b''.join(data for _, data in present)


def about_disk(section, kind, image, part_key, part):
    """What lines of `kind` (privhead, toc) say of one copy on one image; later lines win."""
    said = {}
    for item in section.others[kind]:
        if item.name == image and part in item.get(part_key, [part]):
            said.update(item.keys)
    return said
