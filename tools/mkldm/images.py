# SPDX-License-Identifier: GPL-2.0-or-later
"""All of it into sparse files, then the chosen damage."""
import os

from .content import write_content
from .damage import damage, patch, resize
from .geometry import Geometry
from .gpt import gpt_table
from .klog import klog
from .mbr import mbr_table
from .privhead import privhead
from .section import check_places, Section
from .toc import tocblock
from .values import SECTOR
from .vblk import vblks
from .vmdb import vmdb


class Image:
    """A sparse file, addressed in sectors."""

    def __init__(self, path, name, size):
        self.name = name
        self.file = open(path, 'w+b')
        self.file.truncate(size * SECTOR)

    def write(self, sector, data):
        self.write_bytes(sector * SECTOR, data)

    def write_bytes(self, offset, data):
        self.file.seek(offset)
        self.file.write(data)

    def read_bytes(self, offset, length):
        self.file.seek(offset)
        return self.file.read(length)

    def resize(self, size):
        self.file.truncate(size * SECTOR)

    def close(self):
        self.file.close()


def metadata(section, geometry, image):
    """[(first sector, bytes)] of everything in the private region, and of the PRIVHEAD at LBA 6."""
    private = geometry.private
    pieces = [(private + geometry.config, vmdb(section, geometry) + vblks(section, geometry)),
              (private + geometry.log, klog(section))]
    pieces += [(place, privhead(section, geometry, image, copy)) for copy, place in geometry.privheads.items()]
    pieces += [(private + place, tocblock(section, geometry, image, slot)) for slot, place in geometry.tocs.items()]
    return pieces


def write_image(path, name, disk, section):
    geometry = Geometry(disk, section)
    image = Image(path, name, geometry.size)
    tables = {'mbr': mbr_table, 'gpt': gpt_table, 'none': lambda *_: []}[disk.get('table', 'mbr')]
    pieces = tables(section, geometry, name)
    if geometry.dynamic:
        pieces += metadata(section, geometry, name)
    for sector, data in pieces:
        image.write(sector, data)
    write_content(image, section, geometry)
    for kind, act in (('patch', patch), ('damage', damage), ('clip', resize), ('grow', resize)):
        for line in section.others[kind]:
            if line.name == name:
                act(image, line, geometry)
    image.close()


def images_of(section):
    """(image name, disk name, file name) of every disk that is present, and of every clone of one."""
    for disk in section.objects['disk']:
        if not disk['missing']:
            yield disk.name, disk.name, disk.get('file', disk.name + '.img')
    for clone in section.others['clone']:
        yield clone.name, clone['of'], clone.get('file', clone.name + '.img')


def write_section(statements, directory):
    general = Section(statements)
    for name, disk_name, file_name in images_of(general):
        section = Section(statements, name)
        check_places(section)
        disk = section.find('disk', disk_name)
        if not disk or not disk['size']:
            raise general.group.error('%s: no such disk, or it has no size' % (disk_name or name))
        write_image(os.path.join(directory, file_name), name, disk, section)
