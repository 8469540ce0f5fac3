# SPDX-License-Identifier: BSD-2-Clause
# Comparing 800 modules with a kernel of 60,000 types, beside inflating the types
# of all of them; and two kernels with modules that have none, beside loading
# these.  Forty modules stand for 800, each twenty times: what is compared twice
# is compared anew.
. "$KLDSIM_SRC/tests/bench/common.sh"

dir=$inputs/kbi
rm -rf "$dir"
mkdir -p "$dir/kernel" "$dir/modules" "$dir/bare"
"$KLDSIM" synth --seed 1 -r 15.0 --types 60000 --symbols 2000 --modules 1 \
    -d "$dir/kernel"
"$KLDSIM" synth --seed 1 -r 15.0 --types 4000 --symbols 100 --modules 40 \
    -d "$dir/modules"
for n in $(seq 0 39); do
	for copy in $(seq 20 39); do
		ln "$dir/modules/mod$n.ko" "$dir/modules/mod$n-$copy.ko"
	done
	llvm-objcopy --remove-section=.SUNW_ctf "$dir/modules/mod$n.ko" \
	    "$dir/bare/mod$n.ko"
done
sync # or the host writes them back while we measure

echo "== kbi: 800 modules against a kernel of 60,000 types"
"$bin/run" "$repetitions" "$results/kbi.json" \
    -- "kldsim kbi" "$KLDSIM" kbi -q "$dir/kernel/kernel" \
        "$dir"/modules/mod*-*.ko \
    -- "inflate" "$bin/inflate" "$dir/kernel/kernel" \
        "$dir"/modules/mod*-*.ko
echo "== kbi: two kernels, 40 modules without types"
"$bin/run" "$repetitions" "$results/kbi-against.json" \
    -- "kldsim kbi --against" "$KLDSIM" kbi -q \
        --against "$dir/modules/kernel" "$dir/kernel/kernel" \
        "$dir"/bare/mod*.ko \
    -- "kldsim load" "$KLDSIM" load -q "$dir/kernel/kernel" \
        "$dir"/bare/mod*.ko
