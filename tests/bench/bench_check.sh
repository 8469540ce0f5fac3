# SPDX-License-Identifier: BSD-2-Clause
# A check of 800 modules, each alone in both ways, beside one load of all.
. "$KLDSIM_SRC/tests/bench/common.sh"

echo "== check: 800 modules in the shape of FreeBSD's own, each alone"
[ "$repetitions" -le 5 ] || repetitions=5 # of seconds each
make_real
"$bin/check" "$repetitions" "$results/check.json" "$dir/kernel" \
    "$dir/modules"
write_table

# number NAME: of the results.
number() {
	sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" "$results/check.json"
}

# The times are the least of all repetitions; two jobs need two idle CPUs.
if [ "$(number ratio_percent)" -gt 150 ]; then
	echo "check: a relocation costs more than 1.5 times a load's" >&2
	exit 1
fi
if [ "$(number memory_percent)" -gt 150 ]; then
	echo "check: private memory is more than 1.5 times a load's" >&2
	exit 1
fi
if [ "$(number two_jobs_percent)" -gt 60 ]; then
	echo "check: two jobs take more than 0.6 of one's time" >&2
	exit 1
fi
