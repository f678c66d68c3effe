# SPDX-License-Identifier: GPL-2.0-or-later
"""The chosen damage: places by name, zeros, noise, other bytes, another size."""
import random

from .codec import with_checksum
from .gpt import gpt_places
from .values import number, SECTOR
from .vblk import FIRST_SLOT, VBLK_BYTES


def place(text, geometry, line):
    """(byte offset, bytes) of 'sector:6', 'toc2', 'vblk:17', 'klog:0', 'sector:6+3' (3 of them)."""
    name, plus, count = text.partition('+')
    word, _, index_text = name.partition(':')
    index = number(index_text) if index_text else 0
    config = (geometry.private + geometry.config) * SECTOR
    units = {'sector0': (0, geometry.unit), 'sector': (index, 1),
             'vmdb': (config // SECTOR, 1), 'klog': (geometry.private + geometry.log + index, 1)}
    units.update({'privhead%d' % copy: (at, geometry.unit) for copy, at in geometry.privheads.items()})
    units.update({'toc%d' % slot: (geometry.private + at, geometry.unit) for slot, at in geometry.tocs.items()})
    if geometry.gpt:
        units.update(gpt_places(geometry))
    if word == 'vblk':
        offset, length = config + SECTOR + (index - FIRST_SLOT) * VBLK_BYTES, VBLK_BYTES
    elif word in units:
        offset, length = units[word][0] * SECTOR, units[word][1] * SECTOR
    else:
        raise line.error('no such place on this disk: %s' % text)
    return offset, length * (number(count) if plus else 1)


def damage(image, line, geometry):
    offset, length = place(line['at'], geometry, line)
    how = line.get('how', 'zero')
    if how == 'zero':
        data = bytes(length)
    elif how == 'random':
        data = random.Random(line.get('seed', 0)).getrandbits(8 * length).to_bytes(length, 'little')
    else:
        data = bytes(byte ^ 0xFF for byte in image.read_bytes(offset, length))
    image.write_bytes(offset, data)


def patch(image, line, geometry):
    """Bytes at an offset of a place; checksum=yes makes the checksum of a PRIVHEAD or TOCBLOCK right again."""
    offset, _ = place(line['at'], geometry, line)
    image.write_bytes(offset + line.get('offset', 0), line['hex'])
    if line['checksum']:
        image.write_bytes(offset, with_checksum(image.read_bytes(offset, SECTOR)))


def resize(image, line, geometry):
    size = line['size']
    if (size > geometry.size) != (line.kind == 'grow'):
        raise line.error('size= must be %s than the disk' % ('greater' if line.kind == 'grow' else 'smaller'))
    image.resize(size)
