# SPDX-License-Identifier: BSD-2-Clause
# Reading a kernel's types, beside inflating them.
. "$KLDSIM_SRC/tests/bench/common.sh"

echo "== types: of a kernel as large as GENERIC, and up to a million"
"$bin/types" "$repetitions" "$results/types.json"
write_table
