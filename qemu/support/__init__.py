# SPDX-License-Identifier: GPL-2.0-or-later
"""What the boots share: the machine, its disks, the payloads, and what they look like from outside."""
