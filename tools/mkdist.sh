#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# mkdist.sh NAME EPOCH FOLDER [[PLACE=]FILE...]: what a release consists of, in FOLDER (without a FILE: the sources only):
# NAME/, for who uses it: the files, each at its PLACE, and SHA256SUMS; NAME.zip, the same in one file;
# NAME.tar.gz, the sources (the tracked files); SHA256SUMS of both archives, and its signature by the key in $KEY.
# The same sources give the same bytes: names sorted, times EPOCH, no owner,
# no umask. Works in an unpacked NAME.tar.gz as well, where there is no git.
# It is made beside FOLDER first: when something fails, the release that was there stays.
set -eu
export LC_ALL=C

name=$1
epoch=$2
folder=$3
shift 3

if [ -e .git ]; then
    # Root, in a clone of somebody else's, reads it too.
    sources() { git -c safe.directory="$PWD" ls-files; }
else
    sources() { find . \( -path ./build -o -name __pycache__ -o -name .pytest_cache \) -prune -o -type f -print; }
fi

new=$folder.new
rm -rf "$new"
install -d -m 755 "$new"
list=$(mktemp)
trap 'rm -rf "$list" "$new"' EXIT
trap 'exit 1' HUP INT TERM
sources >"$list"
sed -i 's,^\./,,' "$list"
sort -o "$list" "$list"
tar -c --format=ustar --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@$epoch" \
    --transform="s,^,$name/," --files-from="$list" >"$new/$name.tar"
gzip -9n "$new/$name.tar"

# For who uses it, not builds it: [PLACE=]FILE...
release() {
    for file; do
        case $file in
        *=*) place=${file%%=*} ;;
        *) place=$(basename "$file") ;;
        esac
        mode=644
        [ ! -x "${file#*=}" ] || mode=755
        install -D -m "$mode" "${file#*=}" "$new/$name/$place"
    done
    find "$new" -type d -exec chmod 755 {} +
    (
        cd "$new/$name"
        find . -type f | sed 's,^\./,,' | sort | xargs -d '\n' sha256sum -- >"$list"
        install -m 644 "$list" SHA256SUMS
    )
    "$(dirname "$0")/mkzip.py" "$new" "$name" "$epoch"
    (
        cd "$new"
        sha256sum -- "$name.tar.gz" "$name.zip" >"$list"
        install -m 644 "$list" SHA256SUMS
    )
    if [ -n "${KEY:-}" ]; then
        openssl dgst -sha256 -sign "$KEY" -out "$new/SHA256SUMS.sig" "$new/SHA256SUMS"
    fi
}
if [ $# -gt 0 ]; then
    release "$@"
fi
find "$new" -type f -maxdepth 1 -exec chmod 644 {} +
rm -rf "$folder"
mv "$new" "$folder"
