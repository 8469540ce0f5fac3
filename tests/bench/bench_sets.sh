# SPDX-License-Identifier: BSD-2-Clause
# Modules whose time goes into the propagation of their sets.
. "$KLDSIM_SRC/tests/bench/common.sh"

echo "== sets: 256 CPUs, 1,000 vnets"
"$bin/sets" "$repetitions" "$results/sets.json"
write_table
