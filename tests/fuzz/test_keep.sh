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
sh "$keep" ./fuzz_sample bad one-character 2
[ "$(cat kept/sample/one-character)" = '!' ]
[ ! -e kept/sample/one-character.yaml ]

# One that fails because of a symbol's name, beside others.
sed 's/data\[i\] == .!./size - i > 6 \&\& data[0] == 0x7f \&\&\
	    memcmp(data + i, "wanted", 6) == 0/; 1s/^/#include <string.h>\n/' \
    a.c >b.c
clang++ -x c -fsanitize=fuzzer -o fuzz_named b.c
cat >module.yaml <<'END'
machine: amd64
kind: module
functions: [before, wanted, behind]
objects: [{name: count, int: 3}]
versions: [module]
END
"$KLDSIM" synth module.yaml -o module.ko
sh "$keep" ./fuzz_named module.ko by-name 1
cat >expected <<'END'
machine: amd64
kind: rel
symbols:
  - {name: wanted}
END
diff expected kept/named/by-name.yaml
