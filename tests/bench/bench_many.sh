# SPDX-License-Identifier: BSD-2-Clause
# 200 modules of about 800 relocations against a kernel of 40,000 symbols.
. "$KLDSIM_SRC/tests/bench/common.sh"

echo "== many: 200 modules of 800 relocations, kernel of 40,000 symbols"
make_inputs many 40000 25000000 200 800
compare many
in_process many-library "$dir"/bm_*.ko
write_table
