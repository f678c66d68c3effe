#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every test, in the order in which a failure says most: the rules of the tree,
# units (plain, then with sanitizers), host tools, fuzzing smoke, boots.
# Called by `make check`, which has installed what is needed; LONG=yes, by
# `make check-long`: those marked long, too. A host test that fails does not keep
# the boots from running: a new distribution shows all that it breaks in one run.
set -eu
cd "$(dirname "$0")/.."
jobs=$(nproc)
chosen='not long'
[ "${LONG:-}" ] && chosen=
pytest() { /usr/bin/python3 -m pytest -q -rs -n 2 -m "$chosen" "$@"; }
step() { printf '\n=== %s (%s)\n' "$*" "$(date +%T)"; }

# What one of them cannot write looks like a fault of the program, twenty minutes from here.
room=$(df -Pm "${TMPDIR:-/tmp}" | awk 'NR == 2 { print $4 }')
[ "$room" -ge 500 ] || {
	echo "make check: ${TMPDIR:-/tmp} has room for $room MB, and the tests' disks take some 300 (TMPDIR=FOLDER: another place)" >&2
	exit 1
}

step "build"
make -j"$jobs" all
make -j"$jobs" test-programs

step "unit tests"
make unit

step "unit tests under AddressSanitizer and UndefinedBehaviorSanitizer"
make unit-san

step "proofs"
make prove

step "static analysis"
make -j"$jobs" lint ${LONG:+LINT=all}

step "fuzzing, a short smoke run"
make fuzz-smoke

failed=
step "rules of the tree, host tools, peers"
pytest --dist loadgroup tests/host || failed="$failed host"

step "regression boots"
pytest qemu || failed="$failed boots"

[ -z "$failed" ] || { echo "make check: failed:$failed" >&2; exit 1; }
