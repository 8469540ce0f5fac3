#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The unit tests of a build under valgrind's memcheck, which sees what is read
# before it was written; no sanitizer of ours does.  Leaks are AddressSanitizer's.
#
# usage: memcheck.sh BUILD LOG
set -u
unset KLDSIM_FULL	# a sample will do: it takes 25 times as long

build=$1
log=$2
bad=0
: >"$log"
# check NAME PROGRAM [ARGUMENT]
check() {
	name=$1
	shift
	KLDSIM_SRC=$PWD KLDSIM_BUILD=$PWD/$build \
	    KLDSIM_FIXTURES=${KLDSIM_FIXTURES:-$PWD/build/fixtures} \
	    valgrind -q --error-exitcode=99 --leak-check=no "$@" \
	    >"$log.one" 2>&1 && return
	bad=$((bad + 1))
	cat "$log.one" >>"$log"
	echo "  memcheck: $name (see $log)"
}

for test in $("$build/unit/unit_tests"); do
	check "$test" "$build/unit/unit_tests" "$test"
done
for test in "$build"/unit/test_*; do
	check "${test##*/}" "$test"
done
rm -f "$log.one"
[ "$bad" -eq 0 ]
