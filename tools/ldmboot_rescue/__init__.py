# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot-rescue: save what is on the surviving half, replace the disk, rehearse the start.

docs/man/ldmboot-rescue.1 is its manual. The modules, from the outside inward:

    cli         commands, what is asked and said
    plan        what goes where, in words
    machine     a virtual machine on what is served
    files       volumes, mounted read only for as long as this program runs
    copy        a copy onto a disk or into a file: order, resuming, progress, reading back
    passes      what is read when of a disk that may be dying
    medium      the disk or file that is written to
    target      where a copy may go; what is refused
    mapfile     what is copied already, in ddrescue's form
    server      nbdkit with the plugin, for as long as this program runs
    nbd         a client of it
    programs    those that it runs
    messages    numbered sentences

Checks of devices and tables are ldmboot_install's.
"""
