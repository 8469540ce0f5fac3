# SPDX-License-Identifier: BSD-2-Clause
# 800 modules and a kernel in the shape of FreeBSD's own, by name.
. "$KLDSIM_SRC/tests/bench/common.sh"

echo "== real: 800 modules and a kernel in the shape of FreeBSD's own"
make_real
# shellcheck disable=SC2046 # names are words
"$bin/run" "$repetitions" "$results/real.json" \
    -- "kldsim load" "$KLDSIM" load -q -p "$dir/modules" "$dir/kernel" \
        $(real_names) \
    -- "floor" "$bin/floor" 1 "$dir/kernel" "$dir"/modules/mod_*.ko \
    -- "cat" cat "$dir/kernel" "$dir"/modules/mod_*.ko \
    -- "kldsim refs" "$KLDSIM" refs "$dir/kernel" "$dir/modules"
# shellcheck disable=SC2046
in_process real-library -p "$dir/modules" $(real_names)
write_table
