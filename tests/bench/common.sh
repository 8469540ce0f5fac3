# SPDX-License-Identifier: BSD-2-Clause
#
# What the benchmarks share; sourced by bench_*.sh, which ./dev bench runs.
set -eu
bin=$KLDSIM_BUILD/bench
inputs=$KLDSIM_BUILD/inputs
results=$KLDSIM_BUILD/results
repetitions=${REPETITIONS-11}
mkdir -p "$inputs" "$results"

# make_inputs NAME SYMBOLS KERNEL-BYTES MODULES RELOCATIONS: fills $dir, anew.
make_inputs() {
	dir=$inputs/$1
	rm -rf "$dir"
	mkdir "$dir"
	"$bin/gen" kernel "$dir/kernel" "$2" "$3"
	"$bin/gen" object "$dir/kernel.o" "$2"
	"$bin/gen" modules "$dir" "$4" "$5" "$2"
	"$bin/gen" root "$dir/root.o" "$4"
	sync # or the host writes them back while we measure
}

# make_real: fills $dir, anew, with a kernel and modules as FreeBSD has them.
make_real() {
	dir=$inputs/real
	rm -rf "$dir"
	mkdir -p "$dir/modules"
	"$bin/gen_real" "$dir/kernel" "$dir/modules"
	sync # or the host writes them back while we measure
}

# make_folder: fills $dir, anew, with a kernel and, in $dir/800, a folder.
make_folder() {
	dir=$inputs/folder
	rm -rf "$dir"
	mkdir -p "$dir/800"
	"$bin/gen" kernel "$dir/kernel" 65000 40000000
	"$bin/gen" folder "$dir/800" 800 65000
	"$KLDSIM" hints -q "$dir/800"
}

# folder_names COUNT: the last module of each chain needs all the others.  The
# last chain is first, for it needs some of each.
folder_names() {
	seq -f unit_%04g $(($1 - 1)) -5 4
}

# Debian gives it a name of its own, but not in the folder of the others.
jitlink() {
	command -v llvm-jitlink || echo "$(llvm-config --bindir)/llvm-jitlink"
}

# compare NAME: the same files through everything that can take them.  The
# linkers get one thread: with more they are sooner done, for more CPU time.
compare() {
	set -- "$1" "$dir"/bm_*.ko
	name=$1
	shift
	"$bin/run" "$repetitions" "$results/$name.json" \
	    -- "kldsim load" "$KLDSIM" load -q "$dir/kernel" "$@" \
	    -- "floor" "$bin/floor" 1 "$dir/kernel" "$@" \
	    -- "cat" cat "$dir/kernel" "$@" \
	    -- "llvm-rtdyld" llvm-rtdyld -verify \
	        -triple=x86_64-unknown-freebsd "$dir/kernel.o" "$@" \
	    -- "llvm-jitlink" "$(jitlink)" -noexec -entry=main \
	        -slab-allocate=512Mb -slab-page-size=4096 \
	        -slab-address=0xffffffff82000000 \
	        "$dir/root.o" "$dir/kernel.o" "$@" \
	    -- "ld.lld" ld.lld --threads=1 --just-symbols="$dir/kernel" \
	        --image-base=0xffffffff82000000 --noinhibit-exec \
	        -o /dev/null "$@" \
	    -- "ld.bfd" ld.bfd --just-symbols="$dir/kernel" \
	        -Ttext-segment=0xffffffff82000000 --noinhibit-exec \
	        -o /dev/null "$@"
}

# in_process NAME [MODULE...]: the library alone, and the floor's own clock.
in_process() {
	name=$1
	shift
	"$bin/inproc" "$repetitions" "$results/$name.json" "$dir/kernel" "$@"
	"$bin/floor" "$repetitions" "$dir/kernel" "$@" 2>/dev/null \
	    >"$results/$name.floor"
	cat "$results/$name.floor"
}

# The tables of all benchmarks run so far; copied to docs/benchmarks.md by hand.
write_table() {
	"$PYTHON" "$KLDSIM_SRC/tests/bench/table.py" "$results" \
	    >"$KLDSIM_BUILD/benchmarks.md"
	echo "see $KLDSIM_BUILD/benchmarks.md"
}
