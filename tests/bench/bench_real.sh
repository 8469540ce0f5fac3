# SPDX-License-Identifier: BSD-2-Clause
# 800 modules and a kernel in the shape of FreeBSD's own.
. "$KLDSIM_SRC/tests/bench/common.sh"

echo "== real: 800 modules and a kernel in the shape of FreeBSD's own"
make_real
"$bin/run" "$repetitions" "$results/real.json" \
    -- "kldsim load" "$KLDSIM" load -q "$dir/kernel" "$dir"/modules/mod_*.ko \
    -- "floor" "$bin/floor" 1 "$dir/kernel" "$dir"/modules/mod_*.ko \
    -- "cat" cat "$dir/kernel" "$dir"/modules/mod_*.ko \
    -- "kldsim refs" "$KLDSIM" refs "$dir/kernel" "$dir/modules"
in_process real-library "$dir"/modules/mod_*.ko
write_table
