# SPDX-License-Identifier: BSD-2-Clause
# What debuggers wait for: a core, and answers to packets.
. "$KLDSIM_SRC/tests/bench/common.sh"

echo "== debuggers: a core beside its bytes, packets beside an echo"
scratch=$(TMPDIR=/dev/shm mktemp -d 2>/dev/null || mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$bin/debuggers" "$repetitions" "$results/debuggers.json" "$scratch/core"
write_table
