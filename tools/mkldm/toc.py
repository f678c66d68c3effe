# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of contents of the private region (TOCBLOCK)."""
from .codec import about_disk, be, fixed_text, with_checksum
from .values import SECTOR

TOC_REGION_TAIL = bytes.fromhex('0006000100000000')     # of each region, seen


def toc_pair(section):
    """Windows writes a new TOCBLOCK into the other pair of slots: (1, 2046) or (2, 2045), seen both."""
    return section.group.get('toc', 2 if section.sequence == 1 else 1)


def tocblock(section, geometry, image, slot):
    """One TOCBLOCK, or a blank sector. The older pair is one step behind and its log is marked disabled (seen)."""
    said = about_disk(section, 'toc', image, 'slot', slot)
    current = slot in {1: (1, 4), 2: (2, 3)}[toc_pair(section)]
    if said.get('blank', not current and section.sequence <= 1 and 'sequence' not in said):
        return bytes(SECTOR)
    usual = {'config': (0, geometry.config, geometry.config_size),
             'log': (0 if current else 8, geometry.log, geometry.log_size)}
    out = b'TOCBLOCK' + bytes(4) + be(8, said.get('sequence', section.sequence - (0 if current else 1))) + bytes(16)
    for name in said.get('order', ['config', 'log']):
        region_flags, start, size = usual[name]
        out += (fixed_text(name, 8) + be(2, said.get(name + '-flags', region_flags))
                + be(8, geometry.blocks(said.get(name + '-start', start)))
                + be(8, geometry.blocks(said.get(name + '-size', size))) + TOC_REGION_TAIL)
    return with_checksum(out.ljust(SECTOR, b'\0'))
