# SPDX-License-Identifier: GPL-2.0-or-later
"""The private header (PRIVHEAD)."""
import struct
import zlib

from .codec import about_disk, be, FILETIME_2012, fixed_text, with_checksum
from .toc import toc_pair
from .values import SECTOR


def privhead(section, geometry, image, copy):
    said = about_disk(section, 'privhead', image, 'copy', copy)
    group, blocks = section.group, geometry.blocks
    pair = {1: (1, 4), 2: (2, 3)}[toc_pair(section)]
    toc_blocks = said.get('toc', [blocks(geometry.tocs[slot]) for slot in pair])
    private_size = said.get('private-size', geometry.private_size)
    out = (b'PRIVHEAD' + bytes(4) + struct.pack('>HH', *said.get('version', geometry.version))
           + be(8, said.get('time', group.get('time', FILETIME_2012)))
           + be(8, said.get('sequence', section.sequence))
           + be(8, blocks(geometry.privheads[3] - geometry.private))
           + be(8, blocks(geometry.privheads[2] - geometry.private))
           + fixed_text(str(said.get('disk-guid', section.guid_of(geometry.disk))), 64)
           + fixed_text(str(said.get('host-guid', section.guid_of(group, 'host'))), 64)
           + fixed_text(str(said.get('group-guid', section.guid_of(group))), 64)
           + fixed_text(said.get('group-name', group.name), 31)
           + be(4, said.get('block', geometry.block_bytes))
           + be(4, said.get('flags', group.get('privhead-flags', 0))) + bytes(4)
           + be(8, blocks(said.get('public', geometry.public)))
           + be(8, said.get('public-size', geometry.public_size) // geometry.unit)
           + be(8, blocks(said.get('private', geometry.private))) + be(8, blocks(private_size))
           + be(8, toc_blocks[0]) + be(8, toc_blocks[1]) + struct.pack('>II', 1, 1)
           + be(8, blocks(geometry.config_size)) + be(8, blocks(geometry.log_size))
           + be(4, said.get('identity', group.get('identity', zlib.crc32(group.name.encode())))))
    return with_checksum(out.ljust(SECTOR, b'\0'))
