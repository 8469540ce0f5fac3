#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What ClusterFuzzLite builds can be built and runs.  The seeds come from the
# build that is tested; what was built stays there, to be built on next time.
# ./dev test runs it with --full: it compiles everything once more.
set -eu

skip() {
	echo "skipped: $*"
	exit 77
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf '%s\n' '#include <stddef.h>' '#include <stdint.h>' \
    'int LLVMFuzzerTestOneInput(const uint8_t *, size_t);' \
    'int LLVMFuzzerTestOneInput(const uint8_t *a, size_t b)' \
    '{ (void)a; (void)b; return (0); }' >"$scratch/a.c"
clang++ -x c -fsanitize=fuzzer,address -o "$scratch/a" "$scratch/a.c" \
    2>/dev/null || skip "no clang++ with libFuzzer"
command -v ninja >/dev/null || skip "no ninja"

KLDSIM_SEEDS=$KLDSIM_BUILD
work=$KLDSIM_BUILD/fuzz/cluster
export KLDSIM_SEEDS
rm -rf "$work/out"
sh "$KLDSIM_SRC/tests/fuzz/cluster.sh" "$work" "$work/out"
for target in "$work"/out/fuzz_*.options; do
	[ -f "${target%.options}.dict" ]
done
