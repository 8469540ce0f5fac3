# SPDX-License-Identifier: BSD-2-Clause
# Loading a module and putting the kernel back, with AddressSanitizer on, beside
# the yardstick, which is built with the same flags: in a loop over the same
# modules, and in libFuzzer, which starts from them.
. "$KLDSIM_SRC/tests/bench/common.sh"

modules=40
rounds=5
# Until the sanitizer's memory for what was freed is full, the yardstick is
# always on new pages: a tenth of this many.
runs=300000

# middle FILE: the median of the numbers in it.
middle() {
	sort -n "$1" | sed -n "$(((rounds + 1) / 2))p"
}

# loop RELOCATIONS: executions a second of both, into fuzz-RELOCATIONS.json.
loop() {
	for program in fuzz fz_floor; do
		: >"$results/$program.rounds"
	done
	for round in $(seq "$rounds"); do
		for program in fuzz fz_floor; do
			"$KLDSIM_BUILD-loop/bench/$program" 700 \
			    "$dir/$1"/bm_*.ko >>"$results/$program.rounds"
		done
	done
	printf '{"relocations": %d, "executions": %s, "floor": %s}\n' "$1" \
	    "$(middle "$results/fuzz.rounds")" \
	    "$(middle "$results/fz_floor.rounds")" |
	    tee "$results/fuzz-$1.json"
}

# engine RELOCATIONS: CPU time of both for so many runs in libFuzzer.
engine() {
	options="-seed=1 -runs=$runs -max_len=65536 -verbosity=0"
	seeds=$(echo "$dir/$1"/bm_*.ko | tr ' ' ',')
	# shellcheck disable=SC2086 # a list of words
	"$bin/run" "$rounds" "$results/fuzz-engine.json" \
	    -- "fuzz" "$KLDSIM_BUILD-engine/bench/fuzz" $options \
	        -seed_inputs="$seeds" \
	    -- "fz_floor" "$KLDSIM_BUILD-engine/bench/fz_floor" $options \
	        -seed_inputs="$seeds" \
	    -- "same" "$KLDSIM_BUILD-engine/bench/fz_floor_same" $options \
	        -seed_inputs="$seeds"
}

echo "== fuzz: executions a second, kernel of 40,000 symbols"
dir=$inputs/fuzz
rm -rf "$dir"
mkdir "$dir"
KERNEL=$dir/kernel
export KERNEL
"$bin/gen" fuzz-kernel "$KERNEL" 40000 25000000
for relocations in 20 50 800; do
	mkdir "$dir/$relocations"
	"$bin/gen" fuzz-modules "$dir/$relocations" "$modules" "$relocations"
	loop "$relocations"
done
engine 50
write_table
