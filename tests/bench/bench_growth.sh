# SPDX-License-Identifier: BSD-2-Clause
# How time grows with relocations, symbols, sections and modules.
. "$KLDSIM_SRC/tests/bench/common.sh"

echo "== growth: ten times as much of one thing"
"$bin/growth" "$results/growth.json"
write_table
