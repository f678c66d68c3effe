#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Install what building and testing need, where that is allowed; else say how.
set -eu

packages="gcc make nasm clang libclang-rt-dev gnu-efi libcmocka-dev qemu-system-x86 qemu-utils ovmf
mtools dosfstools ntfs-3g python3 python3-pytest python3-hivex libhivex-bin ldmtool sbsigntool xorriso
grub-pc-bin grub-efi-amd64-bin"
