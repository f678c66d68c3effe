#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mkvolume - make the image of an NTFS or FAT volume with files in it, without root.

    mkvolume [-t ntfs|fat12|fat16|fat32] -s SIZE [-c CLUSTER] [-b SECTOR] [-p HIDDEN] [-l LABEL]
             [--boot-code FILE] IMAGE [PATH=HOSTFILE | PATH/]...

For the contents of mkldm's volumes. For example:

    mkvolume -s 40M system.img NTLDR=build/payload/ntldr boot.ini=tests/data/boot.ini
    mkvolume -s 100M windows.img '\\Windows\\System32\\winload.efi=winload.efi' '\\Windows\\Boot\\EFI\\'

SIZE is in bytes, with k, M or G; -c and -b are the bytes of a cluster and of a sector (512 or 4096);
-p sets HiddenSectors. PATH may have slashes or backslashes; directories are made on the way; a
PATH that ends in one is a directory. --boot-code puts code (512 bytes; for NTFS up to 8192) into
the boot sector and the sectors after it, around the BPB, which stays: that of mkntfs and mkfs.fat
is neither Windows's nor ours.

It runs mkntfs (ntfs-3g) and ntfsput (tests/tools/ntfsput.c, built beside this program), or mkfs.fat
(dosfstools) and mtools. Equal arguments give an equal image.
"""

import argparse
import os
import re
import struct
import subprocess
import sys

SECTOR = 512
FIXED_TIME = '1293840000'       # 2011-01-01, for every time stamp
FAT_VOLUME_ID = '4c444d31'
NTFS_BOOT_BYTES = 8192          # the file $Boot
# File system -> offset of the boot code behind the BPB
CODE_OFFSET = {'ntfs': 0x54, 'fat12': 0x3E, 'fat16': 0x3E, 'fat32': 0x5A}


class VolumeError(Exception):
    """The volume cannot be made; the text says why."""


def size_bytes(text):
    match = re.fullmatch(r'(\d+)([kMG]?)', text)
    if not match:
        raise argparse.ArgumentTypeError('not a size: ' + text)
    return int(match[1]) << {'': 0, 'k': 10, 'M': 20, 'G': 30}[match[2]]


def run(*command):
    """Run a program whose output matters only when it fails."""
    environment = {**os.environ, 'SOURCE_DATE_EPOCH': FIXED_TIME, 'MTOOLS_SKIP_CHECK': '1',
                   'PATH': os.environ.get('PATH', '') + ':/usr/sbin:/sbin'}
    try:
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
    except FileNotFoundError as reason:
        raise VolumeError('%s is not installed' % command[0]) from reason
    if done.returncode:
        raise VolumeError('%s failed:\n%s' % (' '.join(command), done.stdout))


def beside(program):
    """A program that the Makefile builds: beside this one, or in build/ when run from tools/."""
    here = os.path.dirname(os.path.realpath(__file__))
    for directory in (here, os.path.join(here, '..', 'build')):
        if os.path.exists(os.path.join(directory, program)):
            return os.path.join(directory, program)
    raise VolumeError('%s is not built: run make build/%s (it needs the package ntfs-3g-dev)' % (program, program))


def make_ntfs(arguments):
    run('mkntfs', '--force', '--fast', '--zero-time', '--sector-size', str(arguments.sector),
        '--cluster-size', str(arguments.cluster or max(4096, arguments.sector)), '--label', arguments.label,
        '--partition-start', str(arguments.hidden), '--heads', '255', '--sectors-per-track', '63', arguments.image)
    if arguments.files:
        run(beside('ntfsput'), arguments.image, *arguments.files)


def make_fat(arguments):
    command = ['mkfs.fat', '--invariant', '-F', arguments.type[3:], '-S', str(arguments.sector),
               '-h', str(arguments.hidden), '-n', arguments.label or 'NO NAME',
               '-i', FAT_VOLUME_ID]
    if arguments.cluster:
        command += ['-s', str(arguments.cluster // arguments.sector)]
    run(*command, arguments.image)
    made = set()
    for file in arguments.files:
        put_fat(arguments.image, file, made)


def put_fat(image, argument, made):
    """Copy one file, or make a directory; `made` holds the directories that are there."""
    path, _, host_path = argument.partition('=')
    parts = [part for part in re.split(r'[/\\]', path) if part]
    directories = parts[:-1] if host_path else parts
    for depth in range(1, len(directories) + 1):
        directory = '/'.join(directories[:depth])
        if directory.upper() not in made:
            run('mmd', '-i', image, '::/' + directory)
            made.add(directory.upper())
    if host_path:
        run('mcopy', '-i', image, host_path, '::/' + '/'.join(parts))


def put_boot_code(arguments):
    """Lay the code around jump, OEM name and BPB; the spare copy of the sector gets it as well."""
    with open(arguments.boot_code, 'rb') as source:
        code = source.read()
    most = NTFS_BOOT_BYTES if arguments.type == 'ntfs' else SECTOR
    if not SECTOR <= len(code) <= most:
        raise VolumeError('boot code for %s must have %d to %d bytes' % (arguments.type, SECTOR, most))
    offset = CODE_OFFSET[arguments.type]
    with open(arguments.image, 'r+b') as image:
        first = image.read(SECTOR)
        boot_sector = code[:3] + first[3:offset] + code[offset:510] + b'\x55\xaa'
        image.seek(0)
        image.write(boot_sector + code[SECTOR:])
        spare = spare_boot_sector(arguments.type, first)
        if spare is not None:
            image.seek(spare)
            image.write(boot_sector)


def spare_boot_sector(file_system, boot_sector):
    """Byte offset of the copy: NTFS behind the last sector that the BPB counts, FAT32 as the BPB says."""
    sector_bytes = struct.unpack_from('<H', boot_sector, 0x0B)[0]
    if file_system == 'ntfs':
        return struct.unpack_from('<Q', boot_sector, 0x28)[0] * sector_bytes
    if file_system == 'fat32':
        return struct.unpack_from('<H', boot_sector, 0x32)[0] * sector_bytes
    return None


def main():
    parser = argparse.ArgumentParser(prog='mkvolume', description='Make an NTFS or FAT volume image with files in it.')
    parser.add_argument('-t', dest='type', choices=sorted(CODE_OFFSET), default='ntfs')
    parser.add_argument('-s', dest='size', type=size_bytes, required=True)
    parser.add_argument('-c', dest='cluster', type=size_bytes, default=0)
    parser.add_argument('-b', dest='sector', type=int, choices=(512, 4096), default=512)
    parser.add_argument('-p', dest='hidden', type=int, default=63)
    parser.add_argument('-l', dest='label', default='')
    parser.add_argument('--boot-code', metavar='FILE')
    parser.add_argument('image')
    parser.add_argument('files', nargs='*', metavar='PATH=HOSTFILE')
    arguments = parser.parse_args()
    try:
        with open(arguments.image, 'wb') as image:
            image.truncate(arguments.size)
        (make_ntfs if arguments.type == 'ntfs' else make_fat)(arguments)
        if arguments.boot_code:
            put_boot_code(arguments)
    except (VolumeError, OSError) as reason:
        sys.exit('mkvolume: %s' % reason)


if __name__ == '__main__':
    main()
