#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# mkdeb.sh VERSION EPOCH TREE OUT: a Debian package of what `make install` put
# into TREE/usr, which is changed to what Debian asks for: programs stripped,
# manual pages and changelog compressed, a copyright file (Debian Policy 10.1,
# 12.1, 12.5, 12.7). Needs dpkg-deb, no network and no root.
# The same sources give the same bytes; lintian judges it where it is installed.
# DEBFULLNAME and DEBEMAIL say who made it, as for other Debian tools.
set -eu
export LC_ALL=C
umask 022

version=$1
epoch=$2
tree=$3
out=$4
maker="${DEBFULLNAME:-The ldmboot authors} <${DEBEMAIL:-ldmboot@ldmboot.invalid}>"

if ! command -v dpkg-deb >/dev/null; then
    echo "make deb: dpkg-deb is missing: apt-get install dpkg" >&2
    exit 1
fi

chmod 755 "$tree" "$tree/usr"
strip "$tree/usr/bin/ldmboot-inspect"
plugin=$tree/usr/lib/nbdkit/plugins/nbdkit-ldmboot-plugin.so  # where nbdkit was there to build it
[ ! -e "$plugin" ] || strip --strip-unneeded "$plugin"

documents=$tree/usr/share/doc/ldmboot
cat >"$documents/changelog" <<END
ldmboot ($version) unstable; urgency=medium

  * What is new is in CHANGELOG.md.

 -- $maker  $(date -u -d "@$epoch" '+%a, %d %b %Y %T +0000')
END
find "$tree/usr/share/man" "$documents/changelog" -type f -exec gzip -9n {} +
cat >"$documents/copyright" <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: ldmboot

Files: *
Copyright: 2026 The ldmboot authors
License: GPL-2.0-or-later
 The full text of version 2 of the licence is in /usr/share/common-licenses/GPL-2.
END

# As dpkg-gencontrol counts: what du says depends on the file system.
size=$(find "$tree/usr" -type f -printf '%s\n' | awk '{ sum += int(($1 + 1023) / 1024) } END { print sum }')
# The C library that ldmboot-inspect asks for: the newest of its versioned symbols.
libc=$(objdump -T "$tree/usr/bin/ldmboot-inspect" | sed -n 's/.*GLIBC_\([0-9.]*\).*/\1/p' | sort -V | tail -n 1)

mkdir "$tree/DEBIAN"
(cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
cat >"$tree/DEBIAN/control" <<END
Package: ldmboot
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: $maker
Installed-Size: $size
Depends: libc6 (>= $libc), python3
Recommends: mtools
Suggests: efibootmgr, nbdkit, libnbd-bin, ntfs-3g, qemu-utils
Section: admin
Priority: optional
Description: start Windows from the surviving half of a mirrored dynamic volume
 When the first disk of a Windows software mirror has died, the second one has
 everything and does not boot. ldmboot, started from a stick, a spare partition,
 a CD or the network by legacy BIOS or UEFI, starts Windows's own boot code from
 it, and writes nothing to any disk.
 .
 This package has its boot images, the program that puts them on a stick or a
 partition, and the one that shows what a machine would do with a disk.
END

find "$tree" -exec touch -h -d "@$epoch" {} +
# One thread: the number of threads shows in what xz writes.
SOURCE_DATE_EPOCH=$epoch DPKG_DEB_THREADS_MAX=1 dpkg-deb --root-owner-group -Zxz --build "$tree" "$out" >/dev/null

if command -v lintian >/dev/null; then
    lintian --allow-root --fail-on error "$out"
else
    echo "make deb: $out is not checked; for that: apt-get install lintian" >&2
fi
