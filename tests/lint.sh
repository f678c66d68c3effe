#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Static analysis: what is found is mended, or stands in the source with the reason why it is none. Called by `make lint`;
# LINT=all: clang's analyzer, too, which takes minutes (tests/lint.mk). What is not installed is skipped, and said; the last
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
# Later versions take what is given away by its address for never set, in a dozen places: what stands in the source is for
# Debian 12's.
by_cppcheck() { cppcheck -q -j2 --std=c11 --enable=warning,portability --inline-suppr --suppress=missingIncludeSystem \
    --suppress=unmatchedSuppression --error-exitcode=1 -I. '-DLDMBOOT_VERSION="0"' bios common efi qemu tests tools; }
case $(cppcheck --version 2>/dev/null || echo "Cppcheck 2.10") in
"Cppcheck 2.10"*) run cppcheck cppcheck by_cppcheck ;;
*) echo "cppcheck: skipped: what it finds was judged for Cppcheck 2.10 (Debian 12), here is $(cppcheck --version)"
   skipped="$skipped cppcheck" ;;
esac
analyze() { ${MAKE:-make} -k --no-print-directory "analyze-$1"; }
case $(gcc -dumpversion 2>/dev/null || echo 12) in
12*) run 'gcc -fanalyzer' gcc analyze gcc ;;
*) echo "gcc -fanalyzer: skipped: what it finds was judged for gcc 12 (Debian 12), here is $(gcc -dumpversion)"
   skipped="$skipped gcc -fanalyzer" ;;
esac
if [ "${LINT:-}" = all ]; then
    run 'clang --analyze' clang analyze clang
else
    skipped="$skipped clang --analyze (LINT=all)"
fi
[ -z "$failed" ] || echo "lint: something found by:$failed"
[ -z "$skipped" ] && echo "lint: the whole of it was run" || echo "lint: not run:$skipped"
[ -z "$failed" ]
