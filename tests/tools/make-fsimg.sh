#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make-fsimg.sh MKNTFSIMG FOLDER: the file systems that the unit tests of
# common/fs read. Written by mkntfs, ntfs-3g's library, mkfs.fat and mtools:
# nothing here shares code with the readers. No root, no FUSE.
set -eu

mkntfsimg=$1
out=$2
mkdir -p "$out"
export MTOOLS_SKIP_CHECK=1

# ntfs NAME SIZE SECTOR CLUSTER: one file system, the same files in each (tests/unit/fs/test_ntfs.c knows them).
ntfs() {
    image=$out/ntfs-$1.img
    rm -f "$image"
    truncate -s "$2" "$image"
    mkntfs -q -F -f -s "$3" -c "$4" -p 63 -H 255 -S 63 "$image" >/dev/null 2>&1
    "$mkntfsimg" "$image" <<END
pattern /BOOTMGR 383786 1
pattern /boot.ini 211 2
pattern /empty 0 3
mkdir /Windows/Boot/EFI
scatter /Windows/Boot/EFI/bootmgfw.efi $5 4
mkdir /Windows/System32
many /Windows/System32 $6
pattern /Windows/System32/winload.efi 70001 5
pattern /Windows/System32/A-first.dll 600 6
pattern /Windows/System32/ärger.txt 100 7
sparse /sparse.bin 5000000 8 4194304
mkdir /packed
compress /packed
pattern /packed/file.txt 200000 9
zeros /packed/zeros.bin 300000 11 262000
mkdir /Programme
pattern /Programme/read-me-first.txt 1000 10
shortname /Programme/read-me-first.txt READ-M~1.TXT
END
}

# The scattered file needs an attribute list wherever a record cannot hold that many runs.
ntfs 512     24M 512  512      400000 1500
ntfs 4k      32M 512  4096    3000001 3000
ntfs 64k     64M 512  65536   3000001  200
ntfs 2m      1G  512  2097152 9000001  200
ntfs 4kn     32M 4096 4096    3000001 1500

# fat NAME SIZE BITS CLUSTER_SECTORS
fat() {
    image=$out/fat$1.img
    rm -f "$image"
    truncate -s "$2" "$image"
    mkfs.fat -F "$1" -s "$3" "$image" >/dev/null
    mmd -i "$image" ::/EFI ::/EFI/Microsoft ::/EFI/Microsoft/Boot ::/many
    mcopy -i "$image" "$out/host-big" "::/NTLDR"
    mcopy -i "$image" "$out/host-small" "::/ldmboot.cfg"
    mcopy -i "$image" "$out/host-small" "::/a rather long name, longer than one entry.text"
    mcopy -i "$image" "$out/host-small" "::/EFI/Microsoft/Boot/bootmgfw.efi"
    i=0
    mkdir -p "$out/host-many"
    while [ $i -lt 300 ]; do
        : >"$out/host-many/file with a long name $i.dat"
        i=$((i + 1))
    done
    mcopy -i "$image" "$out"/host-many/* ::/many/
    # Every second cluster is given back and taken again by one file: as fragmented as can be.
    mmd -i "$image" ::/gaps
    i=0
    while [ $i -lt 40 ]; do
        mcopy -i "$image" "$out/host-small" "::/gaps/$i"
        i=$((i + 1))
    done
    i=0
    while [ $i -lt 40 ]; do
        mdel -i "$image" "::/gaps/$i"
        i=$((i + 2))
    done
    mcopy -i "$image" "$out/host-big" "::/gaps/big.bin"
    mcopy -i "$image" "$out/host-small" "::/many/zz-last.txt"
}

# 100,003 and 777 bytes, no two sectors alike; the tests compare with these two files.
seq 1 20000 | head -c 100003 >"$out/host-big"
head -c 777 "$out/host-big" >"$out/host-small"

fat 12 4M  4
fat 16 32M 2
fat 32 40M 1
