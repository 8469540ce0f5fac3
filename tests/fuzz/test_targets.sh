#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Every fuzz target stands its seeds, the inputs that failed once, and a change of
# each, with KLDSIM_FULL four: the same ones each time.
set -eu

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$PYTHON" "$KLDSIM_SRC/tests/fuzz/corpus.py" --build "$KLDSIM_BUILD" \
    --fixtures "$KLDSIM_FIXTURES" "$scratch" >"$scratch/log"

changes=1
[ -z "${KLDSIM_FULL-}" ] || changes=4
n=0
for program in "$KLDSIM_BUILD"/fuzz/replay_*; do
	target=${program##*/replay_}
	echo "$target"
	"$program" -n "${KLDSIM_FUZZ_CHANGES:-$changes}" -s 1 "$scratch/$target"
	n=$((n + 1))
done
[ "$n" -gt 5 ]
