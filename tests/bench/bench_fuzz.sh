# SPDX-License-Identifier: BSD-2-Clause
# Loading a module and putting the kernel back, with AddressSanitizer on, beside
# a loader without a single check that is built with the same flags.
. "$KLDSIM_SRC/tests/bench/common.sh"

rounds=5

# As the fuzz targets have it (tests/fuzz/common.c).
ASAN_OPTIONS=quarantine_size_mb=16
export ASAN_OPTIONS

# middle FILE: the median of the numbers in it.
middle() {
	sort -n "$1" | sed -n "$(((rounds + 1) / 2))p"
}

echo "== fuzz: executions a second, kernel of 40,000 symbols"
dir=$inputs/fuzz
rm -rf "$dir"
mkdir "$dir"
"$bin/gen" kernel "$dir/kernel" 40000 25000000
"$bin/gen" modules "$dir" 40 800 40000
for program in fuzz fz_floor; do
	: >"$results/$program.rounds"
done
for round in $(seq "$rounds"); do
	for program in fuzz fz_floor; do
		"$KLDSIM_BUILD-asan/bench/$program" 700 "$dir/kernel" \
		    "$dir"/bm_*.ko >>"$results/$program.rounds"
	done
done
printf '{"modules": %d, "executions": %s, "floor_executions": %s}\n' 40 \
    "$(middle "$results/fuzz.rounds")" \
    "$(middle "$results/fz_floor.rounds")" >"$results/fuzz.json"
cat "$results/fuzz.json"
write_table
