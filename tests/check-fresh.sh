#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-fresh.sh ARCHIVE: do the README's two commands work on a machine that
# has nothing? A new Debian (debootstrap, with make) in a folder gets the
# release archive, and runs `make demo` and `make check` there.
#
# Needs root, network, 8 GB below TMPDIR (/var/tmp) and an hour, so it is no
# part of `make check`. SUITE and MIRROR say which Debian. Disk images that
# Windows wrote are taken along when LDMBOOT_DATA has them.
#
# All mounts are made in a mount namespace of its own: they are gone with it,
# whatever ends it, and removing the folder cannot reach what was mounted.
set -eu

suite=${SUITE:-bookworm}
mirror=${MIRROR:-http://deb.debian.org/debian}

refuse() {
    echo "make check-fresh: $*" >&2
    exit 1
}

# fresh_machine ROOT ARCHIVE: in the namespace.
fresh_machine() {
    root=$1
    debootstrap --variant=minbase --include=make "$suite" "$root" "$mirror"
    mkdir -p "$root/ldmboot" "$root/data"
    tar -xzf "$2" -C "$root/ldmboot" --strip-components=1
    if [ -d "${LDMBOOT_DATA:-}" ]; then
        cp -R "$LDMBOOT_DATA/." "$root/data"
    fi
    for folder in dev proc sys; do
        mount --rbind "/$folder" "$root/$folder"
    done
    for goal in demo check; do
        echo "=== make $goal, on a fresh $suite"
        chroot "$root" env -i ${http_proxy:+http_proxy="$http_proxy"} HOME=/root TERM=dumb LANG=C.UTF-8 \
            LDMBOOT_DATA=/data PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            make -C /ldmboot "$goal" </dev/null
    done
}

if [ "$1" = --in-namespace ]; then
    fresh_machine "$2" "$3"
    exit
fi

[ "$(id -u)" = 0 ] || refuse "only root may mount and chroot: run it as root"
command -v debootstrap >/dev/null || refuse "debootstrap is missing: apt-get install debootstrap"
root=$(mktemp -d "${TMPDIR:-/var/tmp}/ldmboot-fresh.XXXXXX")
chmod 755 "$root"
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 1' HUP INT TERM
unshare --mount --propagation private "$0" --in-namespace "$root" "$1"
echo "Both commands work on a fresh $suite."
