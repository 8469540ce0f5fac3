#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Builds the fuzz targets as ClusterFuzzLite and OSS-Fuzz want them: $OUT gets,
# for each target, the program, its seeds, dictionary and options, and the
# libraries that the machines that fuzz do not have.
#
# Takes CC, CXX, CFLAGS, CXXFLAGS, LIB_FUZZING_ENGINE, SRC, OUT and WORK.  With
# KLDSIM_SEEDS, a build folder, the seeds are made by the programs there.
# `./dev fuzz --cluster-build` runs this without containers.
set -eu

source=$SRC/kldsim
python=${PYTHON:-python3}

# The programs that make seeds are not fuzzed: no instrumentation.
if [ -z "${KLDSIM_SEEDS-}" ]; then
	KLDSIM_SEEDS=$WORK/seeds
	env -u CFLAGS -u CXXFLAGS cmake -S "$source" -B "$KLDSIM_SEEDS" \
	    -G Ninja
	cmake --build "$KLDSIM_SEEDS"
fi
"$python" "$source/tests/fuzz/corpus.py" --build "$KLDSIM_SEEDS" \
    "$WORK/corpus"

# What is linked dynamically is found beside the program.
cmake -S "$source" -B "$WORK/fuzz" -G Ninja -DKLDSIM_TESTS=OFF \
    -DKLDSIM_TEST_LIBRARY=OFF -DKLDSIM_FUZZ=ON \
    -DKLDSIM_FUZZ_ENGINE="$LIB_FUZZING_ENGINE" -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_EXE_LINKER_FLAGS="-Wl,--disable-new-dtags,-rpath,'\$ORIGIN/lib'"
targets=$(ninja -C "$WORK/fuzz" -t targets all |
    sed -n 's/^\(fuzz_[a-z_]*\): phony$/\1/p')
# shellcheck disable=SC2086 # a list of words
cmake --build "$WORK/fuzz" --target $targets

mkdir -p "$OUT/lib"
for target in $targets; do
	cp "$WORK/fuzz/fuzz/$target" "$OUT/"
	cp "$source/tests/fuzz/kldsim.dict" "$OUT/$target.dict"
	printf '[libfuzzer]\nmax_len = 65536\ntimeout = 30\n' \
	    >"$OUT/$target.options"
	seeds=$WORK/corpus/${target#fuzz_}
	if [ -d "$seeds" ]; then
		(cd "$seeds" && "$python" -m zipfile -c \
		    "$OUT/${target}_seed_corpus.zip" ./*)
	fi
	ldd "$WORK/fuzz/fuzz/$target" |
	    sed -En 's/.*=> (.*lib(elf|yaml|z|zstd|lzma|bz2)[-.].*) \(.*/\1/p' |
	    while read -r library; do
		cp -L "$library" "$OUT/lib/"
	done
done
