#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-fresh.sh ARCHIVE: do the README's commands work on a machine that has
# nothing? A new system (debootstrap, with make) in a folder gets the release
# archive in a folder with a blank in its name. There the README's commands for
# the stick run, into a file; then root runs `make deps`, and an ordinary user
# `make demo` and `make check`.
#
# Needs root, network, 10 GB below TMPDIR (/var/tmp) and an hour or two for each
# system, so it is no part of `make check`. SUITE names the systems ("bookworm
# trixie noble"; those of them that the mirror has), MIRROR where one comes from,
# GOALS what the user makes. Disk images that Windows wrote are taken along when
# LDMBOOT_DATA has them; KEEP=1 leaves the folder of a system where something
# failed. The last lines are a table for docs/verified.md.
#
# All mounts are made in a mount namespace of its own: they are gone with it,
# whatever ends it, and removing the folder cannot reach what was mounted.
set -eu

suites=${SUITE:-bookworm trixie noble}
goals=${GOALS:-demo check}
place='/home/tester/ldm boot'

refuse() {
    echo "make check-fresh: $*" >&2
    exit 1
}

is_ubuntu() {
    case $1 in
        bookworm | trixie | forky | sid | unstable | testing | stable) false ;;
        *) true ;;
    esac
}

mirror_of() {
    if [ "${MIRROR:-}" ]; then
        echo "$MIRROR"
    elif is_ubuntu "$1"; then
        echo http://archive.ubuntu.com/ubuntu
    else
        echo http://deb.debian.org/debian
    fi
}

# install_system SUITE ROOT. An older debootstrap does not know a newer suite, but its family.
install_system() {
    script=
    if [ ! -e "/usr/share/debootstrap/scripts/$1" ]; then
        if is_ubuntu "$1"; then script=gutsy; else script=sid; fi
        script=/usr/share/debootstrap/scripts/$script
    fi
    if is_ubuntu "$1"; then
        debootstrap --variant=minbase --components=main,universe --include=make "$1" "$2" "$(mirror_of "$1")" $script
    else
        debootstrap --variant=minbase --include=make "$1" "$2" "$(mirror_of "$1")" $script
    fi
}

# in_system ROOT USER COMMAND...
in_system() {
    system=$1
    user=$2
    shift 2
    home=/root
    [ "$user" = root ] || home=/home/$user
    # What an ordinary user of Debian has in PATH, and root too: nothing of sbin.
    chroot "$system" setpriv --reuid="$user" --regid="$user" --init-groups \
        env -i ${http_proxy:+http_proxy="$http_proxy"} HOME="$home" TERM=dumb LANG=C.UTF-8 LDMBOOT_DATA=/data \
        PATH=/usr/local/bin:/usr/bin:/bin "$@" </dev/null
}

# administer ROOT COMMAND...: as root. Not in_system: dpkg wants root's whole PATH.
administer() {
    system=$1
    shift
    chroot "$system" env -i ${http_proxy:+http_proxy="$http_proxy"} HOME=/root TERM=dumb LANG=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" </dev/null
}

# make_stick SUITE ROOT: the README's way to a stick, with what it says to install and no more; a file is the stick.
make_stick() {
    echo "=== the README's commands for a stick, on a fresh $1"
    install=$(sed -n 's/^sudo \(apt-get install .* nasm .*\)$/\1/p' "$2$place/README.md")
    administer "$2" apt-get update -qq
    # shellcheck disable=SC2086  # the command and its options
    administer "$2" ${install:?} -y -qq
    in_system "$2" tester make -C "$place"
    # Beside the tree, in which a test looks for files that do not belong there.
    # shellcheck disable=SC2016
    in_system "$2" tester sh -c 'truncate -s 64M "$2" && "$1/build/ldmboot-install" stick --yes "$2"' \
        sh "$place" "$place.stick.img"
}

# fresh_machine SUITE ROOT ARCHIVE: in the namespace.
fresh_machine() {
    suite=$1
    root=$2
    install_system "$suite" "$root"
    for folder in dev proc sys; do
        mount --rbind "/$folder" "$root/$folder"
    done
    chroot "$root" useradd --create-home tester
    mkdir -p "$root$place" "$root/data"
    tar -xzf "$3" -C "$root$place" --strip-components=1
    chroot "$root" chown -R tester: "$place"
    if [ -d "${LDMBOOT_DATA:-}" ]; then
        cp -R "$LDMBOOT_DATA/." "$root/data"
    fi
    chmod -R a+rX "$root/data"
    echo "=== make, on a fresh $suite: it must say what to do"
    if in_system "$root" tester make -C "$place" >"$root/tmp/first" 2>&1; then
        refuse "make worked on a machine without a compiler"
    fi
    cat "$root/tmp/first"
    grep -q 'make deps' "$root/tmp/first"
    make_stick "$suite" "$root"
    echo "=== make deps, as root, on a fresh $suite"
    administer "$root" make -C "$place" deps
    for goal in $goals; do
        echo "=== make $goal, by an ordinary user, on a fresh $suite"
        in_system "$root" tester make -C "$place" "$goal"
    done
    versions "$suite" "$root"
}

# One line of a table: what these goals ran with.
versions() {
    # shellcheck disable=SC2016  # the shell in there is to expand it
    in_system "$2" tester sh -c '
        version() { dpkg-query -W -f "\${Version}" "$1" 2>/dev/null || echo -; }
        echo "| $1 | $(version gcc) | $(version binutils) | $(version qemu-system-x86) | $(version seabios) | $(version ovmf) | $2 |"' \
        versions "$1" "$goals" >"$2.versions"
}

if [ "$1" = --in-namespace ]; then
    fresh_machine "$2" "$3" "$4"
    exit
fi

[ "$(id -u)" = 0 ] || refuse "only root may mount and chroot: run it as root"
command -v debootstrap >/dev/null || refuse "debootstrap is missing: apt-get install debootstrap"
folder=$(mktemp -d "${TMPDIR:-/var/tmp}/ldmboot-fresh.XXXXXX")
chmod 755 "$folder"
# What a failed run leaves, and says so, is for who asked for it by KEEP.
tidy() {
    if [ "$1" != 0 ] && [ "${KEEP:-}" ]; then
        echo "make check-fresh: kept: $folder" >&2
    else
        rm -rf --one-file-system "$folder"
    fi
}
trap 'tidy $?' EXIT
trap 'exit 1' HUP INT TERM
for suite in $suites; do
    if ! wget -q --spider "$(mirror_of "$suite")/dists/$suite/Release"; then
        [ "${SUITE:-}" ] && refuse "$(mirror_of "$suite") has no $suite"
        echo "make check-fresh: $(mirror_of "$suite") has no $suite: left out" >&2
        continue
    fi
    unshare --mount --propagation private "$0" --in-namespace "$suite" "$folder/$suite" "$1"
    rm -rf --one-file-system "${folder:?}/$suite"
    echo "The commands work on a fresh $suite."
done
ls "$folder"/*.versions >/dev/null 2>&1 || refuse "no system was tried"
echo
echo '| system | gcc | binutils | QEMU | SeaBIOS | OVMF | made by an ordinary user in a path with a blank |'
echo '|---|---|---|---|---|---|---|'
cat "$folder"/*.versions
