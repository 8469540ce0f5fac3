#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# keep.sh makes a failing input smaller and files it; one that does not fail,
# it refuses.
set -eu

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/a.c" <<'END'
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (data[i] == '!')
			abort();
	return (0);
}
END
clang++ -x c -fsanitize=fuzzer -o "$scratch/fuzz_sample" "$scratch/a.c" \
    2>/dev/null || {
	echo "skipped: no clang++ with libFuzzer"
	exit 77
}
KLDSIM_REGRESSIONS=$scratch/kept
export KLDSIM_REGRESSIONS
keep=$KLDSIM_SRC/tests/fuzz/keep.sh

cd "$scratch"
printf 'all is well' >good
if sh "$keep" ./fuzz_sample good well 2>/dev/null; then
	echo "kept what does not fail"
	exit 1
fi
[ ! -e kept ]

printf 'a long input that fails! because of one character' >bad
sh "$keep" ./fuzz_sample bad one-character 5
[ "$(cat kept/sample/one-character)" = '!' ]
