# SPDX-License-Identifier: BSD-2-Clause
# A kernel of 40 MB and 65,000 symbols boots: no modules.
. "$KLDSIM_SRC/tests/bench/common.sh"

echo "== boot: a kernel of 40 MB and 65,000 symbols"
make_inputs boot 65000 40000000 0 0
repetitions=201
in_process boot-library
private=$(sed -n 's/.*"booted_private_kib": \(-*[0-9]*\).*/\1/p' \
    "$results/boot-library.json")
write_table
# A kernel costs the pages touched, not a copy.
if [ "$private" -gt 4096 ]; then
	echo "boot: $private KiB of private memory is too much" >&2
	exit 1
fi
