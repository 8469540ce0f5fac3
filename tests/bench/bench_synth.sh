# SPDX-License-Identifier: BSD-2-Clause
# The builder: small files as a unit test makes them, then a world of a million.
. "$KLDSIM_SRC/tests/bench/common.sh"

echo "== synth: small files, and a million symbols and relocations"
"$bin/synth"
dir=$inputs/synth
rm -rf "$dir"
"$bin/run" 3 "$results/synth.json" \
    -- "build a million" "$KLDSIM" synth --seed 7 --modules 1 \
        --symbols 1000000 --relocs 1000000 -d "$dir"
"$bin/run" 3 "$results/synth-load.json" \
    -- "load a million" "$KLDSIM" load -q "$dir/kernel" "$dir/mod0.ko"
