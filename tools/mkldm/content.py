# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in the volumes: files, boot sectors."""
import os
import struct

from .geometry import component_map, volume_size
from .values import number, SECTOR


def ntfs_boot_sector(volume_sectors, block_bytes):
    """A boot sector with a sane NTFS BPB and no file system behind it; it halts when run."""
    per_cluster = 8 * SECTOR // block_bytes
    bpb = struct.pack('<HBHBHHBHHHII', block_bytes, per_cluster, 0, 0, 0, 0, 0xF8, 0, 63, 255, 63, 0)
    bpb += struct.pack('<IQQQbxxxbxxxQI', 0x00800080, volume_sectors * SECTOR // block_bytes - 1, 4, 8, -10, 1,
                       0x1122334455667788, 0)
    return (b'\xeb\x52\x90NTFS    ' + bpb + b'\xfa\xf4\xeb\xfd').ljust(510, b'\0') + b'\x55\xaa'


class Content:
    """What goes into a component or to a place of a disk: a file, and sectors laid over it."""

    def __init__(self, path, size):
        self.path = path
        self.size = size
        self.over = {}          # sector -> bytes that replace those of the file

    def runs(self):
        """(first sector, bytes) of the file's data, holes left out, at most 1 MiB each."""
        if self.path:
            with open(self.path, 'rb') as source:
                for start, end in data_ranges(source):
                    for offset in range(start, end, 1 << 20):
                        yield offset // SECTOR, pread(source, offset, min(end - offset, 1 << 20))
        yield from sorted(self.over.items())

    def sector(self, index):
        if index in self.over:
            return self.over[index]
        if not self.path:
            return bytes(SECTOR)
        with open(self.path, 'rb') as source:
            return pread(source, index * SECTOR, SECTOR)

    def patch_hidden(self, hidden):
        """Set HiddenSectors in the boot sector and its spare copy (NTFS: behind the volume; FAT32: BPB[32h])."""
        first = self.sector(0)
        spare = None
        if first[3:7] == b'NTFS':
            factor = struct.unpack_from('<H', first, 0x0B)[0] // SECTOR
            spare = struct.unpack_from('<Q', first, 0x28)[0] * factor
        elif first[0x52:0x57] == b'FAT32':
            spare = struct.unpack_from('<H', first, 0x32)[0]
        for index in (0, spare):
            if index is not None and index < self.size and self.sector(index)[510:] == b'\x55\xaa':
                old = self.sector(index)
                self.over[index] = old[:0x1C] + struct.pack('<I', hidden & 0xFFFFFFFF) + old[0x20:]


def pread(source, offset, length):
    """Whole sectors of a file; behind its end there are zeros. Past Python's buffer, which does not know that data_ranges()
    moves the position below it (Python 3.14 then reads from the wrong place)."""
    data = b''
    while len(data) < length:
        piece = os.pread(source.fileno(), length - len(data), offset + len(data))
        if not piece:
            break
        data += piece
    return data.ljust(-(-length // SECTOR) * SECTOR, b'\0')


def data_ranges(source):
    """(start, end) of what is not a hole, from sector boundaries on."""
    end = 0
    size = os.fstat(source.fileno()).st_size
    while end < size:
        try:
            start = os.lseek(source.fileno(), end, os.SEEK_DATA)
        except OSError:                                     # no data behind `end`
            return
        end = min(os.lseek(source.fileno(), start, os.SEEK_HOLE), size)
        yield start // SECTOR * SECTOR, end


def content_of(line, component, section, geometry):
    """The content of one component as a `content` line asks for it."""
    volume_sectors = volume_size(component.parent)
    path = line.get('file', '')
    content = Content(path, volume_sectors)
    if path and os.path.getsize(path) > volume_sectors * SECTOR:
        raise line.error('%s is longer than %s' % (path, component.name))
    if not path and line['boot'] == 'ntfs':
        boot = ntfs_boot_sector(volume_sectors, geometry.block_bytes)
        content.over = {0: boot, volume_sectors - geometry.unit: boot}
    if line['hidden'] is not None and (path or content.over):
        content.patch_hidden(hidden_sectors(line, component, geometry))
    return content


def hidden_sectors(line, component, geometry):
    """HiddenSectors as asked for; "right" is where the first partition of the component lies."""
    if line['hidden'] != 'right':
        return number(line['hidden'])
    first = min(component.children, key=lambda part: part['offset'])
    return geometry.public + first['start']


def components_named(section, line):
    """`content` names a volume (all its halves) or one component."""
    component = section.find('component', line.name)
    if component:
        return [component]
    volume = section.find('volume', line.name)
    if not volume:
        raise line.error('no such volume, component or disk')
    return volume.children


def write_component(image, content, component, geometry):
    for first, data in content.runs():
        for part, in_part, sector, count in component_map(component, first, len(data) // SECTOR):
            if part.disk is geometry.disk:
                offset = (sector - first) * SECTOR
                image.write(geometry.public + part['start'] + in_part, data[offset:offset + count * SECTOR])


def write_content(image, section, geometry):
    for line in section.others['content']:
        if line.name in (image.name, geometry.disk.name):
            for first, data in Content(line.get('file', ''), geometry.size).runs():
                image.write(line.get('lba', 0) + first, data)
        elif not section.find('disk', line.name) and not section.is_clone(line.name):
            for component in components_named(section, line):
                write_component(image, content_of(line, component, section, geometry), component, geometry)
