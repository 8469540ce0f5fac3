# SPDX-License-Identifier: BSD-2-Clause
# One module of 100,000 relocations, then one of 1,000,000.
. "$KLDSIM_SRC/tests/bench/common.sh"

for relocations in 100000 1000000; do
	echo "== one: a module of $relocations relocations"
	make_inputs "one-$relocations" 40000 25000000 1 "$relocations"
	compare "one-$relocations"
	in_process "one-$relocations-library" "$dir"/bm_*.ko
done
write_table
