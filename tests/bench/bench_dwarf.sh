# SPDX-License-Identifier: BSD-2-Clause
# Reading the DWARF of a kernel.debug of ten million DIEs.
. "$KLDSIM_SRC/tests/bench/common.sh"

echo "== dwarf: kldsim types, beside llvm-dwarfdump --statistics"
python3 "$KLDSIM_SRC/tests/bench/dwarf.py" "$KLDSIM" "$inputs/dwarf"
