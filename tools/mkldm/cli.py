# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line. docs/man/mkldm.1 is the manual."""
import argparse
import struct
import sys

from .description import read_statements, sections_of
from .images import write_section
from .values import DescriptionError


def definition(text):
    name, equals, value = text.partition('=')
    if not equals:
        raise argparse.ArgumentTypeError('NAME=VALUE is wanted')
    return name, value


def main():
    parser = argparse.ArgumentParser(prog='mkldm', description='Write test disks with dynamic volumes; see mkldm(1).')
    parser.add_argument('-o', metavar='DIR', dest='directory', default='.', help='where the images go')
    parser.add_argument('-D', metavar='NAME=VALUE', dest='values', action='append', default=[], type=definition,
                        help='value of $NAME in the description')
    parser.add_argument('description')
    arguments = parser.parse_args()
    try:
        for statements in sections_of(read_statements(arguments.description, arguments.values)):
            write_section(statements, arguments.directory)
    except (DescriptionError, OSError) as reason:
        sys.exit('mkldm: %s' % reason)
    except (OverflowError, ValueError, struct.error) as reason:
        sys.exit('mkldm: %s: a value does not fit into its field (%s)' % (arguments.description, reason))
