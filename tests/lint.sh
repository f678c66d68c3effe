#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Static analysis: what is found is mended, or stands in the source with the reason why it is none. Called by `make lint`;
# LINT=all: the two analyzers that take minutes, too. What is not installed is skipped, and said.
set -eu
cd "$(dirname "$0")/.."
failed=

# run NAME PROGRAM COMMAND...: PROGRAM is what has to be installed for it.
run() {
    name=$1 program=$2
    shift 2
    if ! command -v "$program" >/dev/null; then
        echo "$name: skipped, no $program"
    elif ( "$@" ); then
        echo "$name: nothing found"
    else
        echo "$name: see above"
        failed="$failed $name"
    fi
}

# In a release there is no git: a star stands for folders, too, in both.
tracked() { git ls-files -- "$@" 2>/dev/null || for pattern; do find . -path "./$pattern" -not -path './build/*'; done; }

# One file after the other; gcc's analyzer gives up silently on a unit that is too large, and these are small. -S: the boot
# sectors that one of them takes in need not be there. Programs for Windows are left to compilers that have its headers.
by_gcc()   { analyze gcc -fanalyzer -O1 -Werror -S -o /dev/null; }
by_clang() { analyze clang --analyze --analyzer-output text -Xclang -analyzer-werror; }
analyze() {
    status=0
    for source in $(tracked 'common/*.c' 'tools/*.c' 'bios/*.c' 'efi/*.c' | grep -v -e _windows.c -e /unit/ -e /proof/ -e /fuzz/); do
        case $source in
        bios/*) machine='-ffreestanding -m32 -march=i386' ;;
        efi/*)  machine='-ffreestanding -fshort-wchar -mno-red-zone -DGNU_EFI_USE_MS_ABI
                         -isystem /usr/include/efi -isystem /usr/include/efi/x86_64' ;;
        *)      machine= ;;
        esac
        # shellcheck disable=SC2086  # $machine is a list
        "$@" -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DLDMBOOT_VERSION='"0"' -DLDMBOOT_URL='"-"' -DBOOTCODE='"/dev/null"' \
            $machine -I. "$source" || status=1
    done
    return $status
}

# pytest's fixtures of tests/host/linux.py are imported to be arguments: pyflakes sees no use in that.
by_pyflakes() { ! pyflakes3 "$@" | grep -Ev "'(linux\.)?(attach|nobody)'"; }
# shellcheck disable=SC2046  # no blanks in names here
run pyflakes pyflakes3 by_pyflakes $(tracked '*.py')
# shellcheck disable=SC2046
run shellcheck shellcheck shellcheck $(tracked '*.sh' .ci/run 'debian/tests/*' | grep -v '/control$')
# Later versions take what is given away by its address for never set, in a dozen places: what stands in the source is for
# Debian 12's.
by_cppcheck() { cppcheck -q -j2 --std=c11 --enable=warning,portability --inline-suppr --suppress=missingIncludeSystem \
    --suppress=unmatchedSuppression --error-exitcode=1 -I. '-DLDMBOOT_VERSION="0"' bios common efi qemu tests tools; }
case $(cppcheck --version 2>/dev/null || echo "Cppcheck 2.10") in
"Cppcheck 2.10"*) run cppcheck cppcheck by_cppcheck ;;
*) echo "cppcheck: skipped: what it finds was judged for Cppcheck 2.10 (Debian 12), here is $(cppcheck --version)" ;;
esac
if [ "${LINT:-}" = all ]; then
    run -fanalyzer gcc by_gcc
    run 'clang --analyze' clang by_clang
fi
[ -z "$failed" ]
