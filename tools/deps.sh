#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Install what building and testing need (Debian, Ubuntu). As root, or with a
# sudo that works, it runs apt-get; otherwise it prints the one command to run.
# Does nothing, and needs no network, when everything is there.
set -eu
export LC_ALL=C  # apt-cache's answers are read below

packages="
    gcc make git nasm clang libc6-dev
    gnu-efi libcmocka-dev mandoc
    qemu-system-x86 qemu-utils seabios ovmf ovmf-ia32
    bochs bochs-term bochsbios vgabios u-boot-qemu
    mtools dosfstools xorriso ntfs-3g ntfs-3g-dev wimtools
    python3 python3-pytest python3-pytest-xdist python3-hivex libhivex-bin
    nbdkit nbdkit-plugin-dev libnbd-bin fuse3 fusefat gdisk fdisk e2fsprogs strace
    cppcheck shellcheck pyflakes3
    ldmtool sbsigntool efitools grub-efi-amd64-bin grub-pc-bin isolinux pxelinux syslinux syslinux-common xz-utils openssl
"

# More than a gigabyte, which nobody has to wait for who only wants to see the demo. (A package's build asks for
# build-essential by name, whatever else is there.)
[ "${1:-}" = demo ] || packages="$packages frama-c-base debhelper build-essential"

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q '^install ok installed'; }

# libFuzzer's runtime is named after clang's version.
clang_runtime() {
    apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/libclang-rt-\1-dev/p' | head -n 1
}

missing() {
    for p in $packages $(clang_runtime); do
        installed "$p" || printf '%s ' "$p"
    done
}

# Those of the arguments that this distribution has: an older Ubuntu lacks some, Debian after 13 has no ovmf-ia32.
# (apt-cache show succeeds for a package that is only a name in others.)
# Tests that need one of the others say that they are skipped.
available() {
    for p in "$@"; do
        if apt-cache policy "$p" 2>/dev/null | grep -q 'Candidate: [0-9]'; then
            printf '%s ' "$p"
        else
            echo "ldmboot: no package $p here; what needs it is skipped" >&2
        fi
    done
}

# Without the lists of apt-get update nobody knows what this distribution has. (dpkg is in each of them.)
listed() { apt-cache policy dpkg 2>/dev/null | grep -q ' Packages$'; }

if ! command -v apt-get >/dev/null; then
    # shellcheck disable=SC2086  # on one line
    echo "ldmboot: this is not Debian or Ubuntu; install by hand:" $packages >&2
    exit 0
fi
todo=$(missing)
# shellcheck disable=SC2086  # one word a package
if [ -n "$todo" ] && listed; then todo=$(available $todo); fi
[ -n "$todo" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null || { [ -t 0 ] && sudo true; }; then
    as_root=sudo
else
    echo "ldmboot: some packages are missing. Run this, then try again:" >&2
    echo "  sudo apt-get install --no-install-recommends $todo" >&2
    exit 1
fi

echo "ldmboot: installing $todo"
$as_root apt-get update -qq
# shellcheck disable=SC2046  # one word a package
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(available $(missing)) >/dev/null
