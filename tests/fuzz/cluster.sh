#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs .clusterfuzzlite/build.sh as the containers do, but here, and then every
# program that it made, for a moment.
#
# usage: cluster.sh WORK OUT [RUNS]
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1/src" "$2"
WORK=$(cd "$1" && pwd)
OUT=$(cd "$2" && pwd)
SRC=$WORK/src
runs=${3:-10}
ln -sfn "$root" "$SRC/kldsim"
CC=${FUZZ_CC:-clang}
CXX=${FUZZ_CXX:-clang++}
flags="-O1 -g -fno-omit-frame-pointer -fsanitize=address,fuzzer-no-link"
CFLAGS=$flags
CXXFLAGS=$flags
LIB_FUZZING_ENGINE=-fsanitize=fuzzer,address
export WORK OUT SRC CC CXX CFLAGS CXXFLAGS LIB_FUZZING_ENGINE
sh "$root/.clusterfuzzlite/build.sh"

n=0
for program in "$OUT"/fuzz_*; do
	case $program in
	*.dict | *.options | *.zip) continue ;;
	esac
	seeds=$WORK/run/${program##*/}
	rm -rf "$seeds"
	mkdir -p "$seeds"
	if [ -f "${program}_seed_corpus.zip" ]; then
		"${PYTHON:-python3}" -m zipfile -e \
		    "${program}_seed_corpus.zip" "$seeds"
	fi
	echo "${program##*/}"
	(cd "$WORK/run" && "$program" -runs="$runs" -seed=1 \
	    -dict="$program.dict" -artifact_prefix="$WORK/run/" "$seeds") \
	    >"$WORK/run/log" 2>&1 || {
		cat "$WORK/run/log"
		exit 1
	}
	n=$((n + 1))
done
echo "$n programs ran"
[ "$n" -gt 0 ]
