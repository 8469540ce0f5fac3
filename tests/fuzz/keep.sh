#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Makes an input that fails as small as it gets and keeps it for good.
#
# usage: keep.sh PROGRAM INPUT NAME [SECONDS]
#
# PROGRAM is a libFuzzer program fuzz_TARGET.  The smaller input becomes
# tests/fuzz/regressions/TARGET/NAME, if it still fails.  Where a spec can tell
# of it, the smallest that fails lies beside it, NAME.yaml: a test in words is
# better than bytes.
set -eu

[ $# -ge 3 ] || {
	sed -n 's/^# usage: /usage: /p' "$0" >&2
	exit 2
}
program=$(cd "$(dirname "$1")" && pwd)/${1##*/}
input=$2
name=$3
seconds=${4:-60}
root=$(cd "$(dirname "$0")/../.." && pwd)
target=${program##*/fuzz_}
folder=${KLDSIM_REGRESSIONS:-$root/tests/fuzz/regressions}/$target

# Whether a file makes the program fail.
fails() {
	! "$program" -timeout=30 "$1" >/dev/null 2>&1
}

fails "$input" || {
	echo "$input does not fail" >&2
	exit 1
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$input" "$scratch/best"
# What it ends with says nothing: it may have run out of time.
"$program" -minimize_crash=1 -max_total_time="$seconds" -timeout=30 \
    -exact_artifact_path="$scratch/smaller" "$scratch/best" \
    >"$scratch/log" 2>&1 || true
if [ -f "$scratch/smaller" ] && fails "$scratch/smaller"; then
	cp "$scratch/smaller" "$scratch/best"
fi
mkdir -p "$folder"
cp "$scratch/best" "$folder/$name"
echo "kept: $folder/$name ($(wc -c <"$folder/$name") bytes)"
kldsim=${KLDSIM:-$root/build/gcc/bin/kldsim}

# As a spec, made small; what engines make small is an ELF file no more.
reduce() {
	"$kldsim" synth --from "$1" -o "$scratch/input.yaml" 2>/dev/null &&
	    "$kldsim" reduce --test "! '$program' -timeout=30 input" \
		"$scratch/input.yaml" -o "$scratch/reduced" >/dev/null 2>&1
}

if reduce "$folder/$name" || reduce "$input"; then
	cp "$scratch/reduced/input.yaml" "$folder/$name.yaml"
	cat "$folder/$name.yaml"
fi
