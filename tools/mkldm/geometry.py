# SPDX-License-Identifier: GPL-2.0-or-later
"""Where on a disk each structure lies, and which sectors of a component lie where."""
from .description import COMING, CONCAT, RAID5, STRIPE
from .values import SECTOR

GPT_ENTRIES, GPT_ENTRY_BYTES = 128, 128     # what Windows makes


def is_dynamic(disk):
    return disk.get('dynamic', True) and disk['table'] != 'none'


class Geometry:
    """Where the structures of a disk lie (docs/ldm-format.md, "Where to look"); lengths in 512-byte sectors.

    On 4096-byte blocks everything keeps its place to within a block: the format describes none,
    Windows's positions (in sectors) are divided by 8 and rounded so that nothing overlaps.
    """

    def __init__(self, disk, section):
        self.disk = disk
        self.block_bytes = disk.get('block', SECTOR)
        self.unit = self.block_bytes // SECTOR
        self.gpt = disk['table'] == 'gpt'
        self.size = disk.get('size', 0)
        self.dynamic = is_dynamic(disk)
        self.gpt_array = GPT_ENTRIES * GPT_ENTRY_BYTES // SECTOR
        self.first_usable = 2 * self.unit + max(self.gpt_array, self.unit)
        self.last_usable = self.size - self.unit - self.gpt_array - 1
        self.private_size = disk.get('private-size', 2048)
        self.private = disk.get('private', self.first_usable if self.gpt else self.size - self.private_size)
        self._public(disk)
        self.config = disk.get('config', self.up(17))
        self.config_size = disk.get('config-size', self.down(1481))
        self.log = self.config + self.config_size
        self.log_size = self.down(224)
        self.version = section.version

    def up(self, count):
        return -(-count // self.unit) * self.unit

    def down(self, count):
        return count // self.unit * self.unit

    def blocks(self, count):
        if count % self.unit:
            raise self.disk.error('%d is not on a block boundary' % count)
        return count // self.unit

    def _public(self, disk):
        if self.gpt:
            usual_msr = self.up((32 << 11) - 2048 if self.size < (16 << 21) else (128 << 11) - 2048)
            self.msr = disk.get('msr', usual_msr)                  # Windows: 32 or 128 MB with the metadata
            start = self.private + self.private_size + self.msr
            end = self.last_usable + 1
        else:
            cylinder = 255 * 63
            start = 63 * self.unit
            whole = self.private // cylinder * cylinder         # Windows: whole cylinders
            end = whole if whole and self.unit == 1 else self.private
        self.public = disk.get('public', start)
        self.public_size = disk.get('public-size', max(end, start) - self.public)

    @property
    def privheads(self):
        """Copy number -> absolute sector. Copy 1 is LBA 6 of MBR disks; 3 is Windows's primary, 2 its secondary."""
        copies = {2: self.private + self.disk.get('privhead2', self.down(1856)), 3: self.private + self.private_size - self.unit}
        return copies if self.gpt else {1: 6 * self.unit, **copies}

    @property
    def tocs(self):
        """Slot number -> sector in the private region: 1, 2 and 2045, 2046; none where the config region is."""
        last = self.private_size
        slots = {1: self.unit, 2: 2 * self.unit, 3: last - 3 * self.unit, 4: last - 2 * self.unit}
        return {slot: at for slot, at in slots.items() if not self.config <= at < self.log}


def volume_size(volume):
    """As given, else what its first component holds."""
    if volume['size'] is not None:
        return volume['size']
    if not volume.children:
        return 0
    component = volume.children[0]
    columns = {}
    for part in component.children:
        columns[part['column']] = columns.get(part['column'], 0) + part['size']
    if component.get('layout', CONCAT) == CONCAT:
        return sum(columns.values())
    parity = 1 if component['layout'] == RAID5 else 0
    return min(columns.values()) * (len(columns) - parity)


def component_map(component, first, count):
    """Where sectors of a component lie: yields (part, sector in the part, sector of the volume, sectors)."""
    layout = component.get('layout', CONCAT)
    parts = [part for part in component.children if part.status != COMING]
    if layout == RAID5:
        raise component.error('content of RAID-5 is not supported')
    columns = component.get('columns', len({part['column'] for part in parts}))
    stripe = component.get('stripe', 128)
    done = 0
    while done < count:
        sector = first + done
        if layout == STRIPE:
            row, column = divmod(sector // stripe, columns)
            in_column, step = row * stripe + sector % stripe, stripe - sector % stripe
        else:
            column, in_column, step = 0, sector, count - done
        part = next((p for p in parts if p['column'] == column
                     and p['offset'] <= in_column < p['offset'] + p['size']), None)
        if part is None:
            raise component.error('has no place for sector %d of its content' % sector)
        in_part = in_column - part['offset']
        step = min(step, count - done, part['size'] - in_part)
        yield part, in_part, sector, step
        done += step
