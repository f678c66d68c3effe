#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Static analysis: what is found is mended, or stands in the source with the reason why it is none. Called by `make lint`;
# LINT=all: clang's analyzer to its end, which takes minutes (tests/lint.mk). What is not installed is skipped, and said; the last
# line says whether the whole was run.
set -eu
cd "$(dirname "$0")/.."
failed=
skipped=

# run NAME PROGRAM COMMAND...: PROGRAM is what has to be installed for it.
run() {
    name=$1 program=$2
    shift 2
    if ! command -v "$program" >/dev/null; then
        echo "$name: skipped, no $program"
        skipped="$skipped $name"
    elif ( "$@" ); then
        echo "$name: nothing found"
    else
        echo "$name: see above"
        failed="$failed $name"
    fi
}

# In a release there is no git: a star stands for folders, too, in both.
tracked() { git ls-files -- "$@" 2>/dev/null || for pattern; do find . -path "./$pattern" -not -path './build/*'; done; }

# pytest's fixtures of tests/host/linux.py are imported to be arguments: pyflakes sees no use in that.
by_pyflakes() { ! pyflakes3 "$@" | grep -Ev "'(linux\.)?(attach|nobody)'"; }
# shellcheck disable=SC2046  # no blanks in names here
run pyflakes pyflakes3 by_pyflakes $(tracked '*.py')
# shellcheck disable=SC2046
run shellcheck shellcheck shellcheck $(tracked '*.sh' .ci/run 'debian/tests/*' | grep -v '/control$')
# What these find is judged for the version of Debian 12, and stands in the source: others find other things that are none.
# judged NAME PROGRAM VERSION COMMAND...
judged() {
    name=$1 program=$2 version=$3
    shift 3
    case $("$program" --version 2>/dev/null | head -1 || :) in
    '' | *" $version"*) run "$name" "$program" "$@" ;;
    *) echo "$name: skipped: what it finds was judged for $program $version (Debian 12), here is $("$program" --version | head -1)"
       skipped="$skipped $name" ;;
    esac
}
by_cppcheck() { cppcheck -q -j2 --std=c11 --enable=warning,portability --inline-suppr --suppress=missingIncludeSystem \
    --suppress=unmatchedSuppression --error-exitcode=1 -I. '-DLDMBOOT_VERSION="0"' bios common efi qemu tests tools; }
judged cppcheck cppcheck 2.10 by_cppcheck
analyze() { ${MAKE:-make} -k --no-print-directory "analyze-$1" LINT="${LINT:-}"; }
judged 'gcc -fanalyzer' gcc 12. analyze gcc
judged 'clang --analyze' clang 14. analyze clang
[ "${LINT:-}" = all ] || skipped="$skipped clang --analyze to its end (LINT=all)"
[ -z "$failed" ] || echo "lint: something found by:$failed"
[ -z "$skipped" ] && echo "lint: the whole of it was run" || echo "lint: not run:$skipped"
[ -z "$failed" ]
