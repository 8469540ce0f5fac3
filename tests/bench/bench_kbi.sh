# SPDX-License-Identifier: BSD-2-Clause
# Comparing 800 modules with a kernel of 60,000 types, beside inflating the types
# of all of them.  And two kernels with 800 modules that have no types, beside one
# load of all: these are in the shape of FreeBSD's own, and in the later one a
# member of one structure of fifty has another name.  GENERIC has about 30,000
# types (C-04, C-18).
. "$KLDSIM_SRC/tests/bench/common.sh"

dir=$inputs/kbi
rm -rf "$dir"
mkdir -p "$dir/kernel"
"$KLDSIM" synth --seed 1 -r 15.0 --types 60000 --symbols 2000 --modules 1 \
    -d "$dir/kernel"
for types in 1000 4000; do
	mkdir "$dir/$types"
	"$KLDSIM" synth --seed 1 -r 15.0 --types $types --symbols 2000 \
	    --modules 800 --deps tree --set-bytes 1 -d "$dir/$types"
done
for types in 30000 60000; do
	bare=$dir/bare-$types
	mkdir "$bare"
	"$bin/gen_real" "$bare.kernel" "$bare" $types "$bare.later"
done
sync # or the host writes them back while we measure

for types in 1000 4000; do
	echo "== kbi: 800 modules of $types types, a kernel of 60,000"
	"$bin/run" "$repetitions" "$results/kbi-$types.json" \
	    -- "kldsim kbi" "$KLDSIM" kbi -q "$dir/kernel/kernel" \
	        "$dir/$types"/mod*.ko \
	    -- "inflate" "$bin/inflate" "$dir/kernel/kernel" \
	        "$dir/$types"/mod*.ko
done
for types in 30000 60000; do
	bare=$dir/bare-$types
	echo "== kbi: two kernels of $types types, 800 modules without types"
	"$bin/run" "$repetitions" "$results/kbi-against-$types.json" \
	    -- "kldsim kbi --against" "$KLDSIM" kbi \
	        --against "$bare.kernel" "$bare.later" "$bare"/mod_*.ko \
	    -- "kldsim kbi --against itself" "$KLDSIM" kbi \
	        --against "$bare.kernel" "$bare.kernel" "$bare"/mod_*.ko \
	    -- "kldsim load" "$KLDSIM" load "$bare.kernel" "$bare"/mod_*.ko
done
write_table
