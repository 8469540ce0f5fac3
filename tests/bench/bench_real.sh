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

# Text and JSON; and one small module, beside a program that maps the kernel.
"$bin/run" "$repetitions" "$results/report.json" \
    -- "text" "$KLDSIM" load "$dir/kernel" "$dir"/modules/mod_*.ko \
    -- "JSON" "$KLDSIM" load --json "$dir/kernel" "$dir"/modules/mod_*.ko
small=$dir/modules/mod_0600.ko
"$bin/run" "$repetitions" "$results/small.json" \
    -- "kldsim load" "$KLDSIM" load -q "$dir/kernel" "$small"
faults=$(sed -n 's/.*"minor_faults": \([0-9]*\).*/\1/p' "$results/small.json")
"$bin/run" $((repetitions * 3)) "$results/small.json" \
    -- "kldsim load" "$KLDSIM" load -q "$dir/kernel" "$small" \
    -- "touch" "$bin/touch" "$dir/kernel" "$faults" \
    -- "kldsim --version" "$KLDSIM" --version
in_process real-library "$dir"/modules/mod_*.ko
# What it costs to find out which of all modules has a name.
cat >"$dir/lost.yaml" <<END
machine: amd64
kind: module
functions: [lost_modevent]
relocs: [{in: .text, at: 1, type: R_X86_64_PLT32, symbol: m399_acpi_add, addend: -4}]
modules: [{name: lost, handler: lost_modevent}]
END
"$KLDSIM" synth "$dir/lost.yaml" -o "$dir/lost.ko"
refused="\"\$@\" || [ \$? -eq 1 ]"
"$bin/run" "$repetitions" "$results/real-names.json" \
    -- "all modules" sh -c "$refused" sh \
        "$KLDSIM" load -q -p "$dir/modules" "$dir/kernel" "$dir/lost.ko" \
    -- "nowhere" sh -c "$refused" sh \
        "$KLDSIM" load -q -p "$dir" "$dir/kernel" "$dir/lost.ko"
write_table
