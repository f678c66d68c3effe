#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# mkdist.sh NAME EPOCH FOLDER IMAGE...: what a release consists of, in FOLDER:
# NAME.tar.gz (the tracked files, below NAME/), the boot images, SHA256SUMS.
# The same sources give the same bytes: names sorted, times EPOCH, no owner,
# no umask. Works in an unpacked NAME.tar.gz as well, where there is no git.
set -eu
export LC_ALL=C

name=$1
epoch=$2
folder=$3
shift 3

if [ -e .git ]; then
    sources() { git ls-files; }
else
    sources() { find . \( -path ./build -o -name __pycache__ -o -name .pytest_cache \) -prune -o -type f -print; }
fi

rm -rf "$folder"
install -d -m 755 "$folder"
list=$(mktemp)
trap 'rm -f "$list"' EXIT
sources >"$list"
sed -i 's,^\./,,' "$list"
sort -o "$list" "$list"
tar -c --format=ustar --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@$epoch" \
    --transform="s,^,$name/," --files-from="$list" | gzip -9n >"$folder/$name.tar.gz"
install -m 644 "$@" "$folder"

cd "$folder"
sha256sum -- * >"$list"
install -m 644 "$list" SHA256SUMS
chmod 644 -- *
