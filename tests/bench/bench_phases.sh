# SPDX-License-Identifier: BSD-2-Clause
# Where the time of a load goes, and what stands beside it: a folder by name, and
# the world in the shape of FreeBSD's own.  Asks for valgrind, and perf(1).
. "$KLDSIM_SRC/tests/bench/common.sh"

if ! command -v valgrind >/dev/null; then
	echo "phases: there is no valgrind"
	exit 0
fi

# loaded MODULE...: bytes that the floor loads.
loaded() {
	"$bin/floor" 1 "$dir/kernel" "$@" 2>/dev/null |
	    sed -n 's/.* bytes=\([0-9]*\).*/\1/p'
}

# phases NAME MODULES -- ARGUMENT...: those of a load with these arguments.
phases() {
	name=$1
	modules=$2
	shift 3
	# shellcheck disable=SC2086 # modules are words
	"$PYTHON" "$KLDSIM_SRC/tests/bench/phases.py" \
	    "$results/phases-$name.json" -- "$KLDSIM" load -q "$@" \
	    -- floor "$bin/floor" 1 "$dir/kernel" $modules \
	    -- cat cat "$dir/kernel" $modules \
	    -- memcpy "$bin/copy" "$(loaded $modules)"
}

echo "== phases: where the time of a load goes"
make_folder
# shellcheck disable=SC2046 # names are words
phases folder "$(echo "$dir"/800/*.ko)" -- -p "$dir/800" "$dir/kernel" \
    $(folder_names 800)
make_real
phases real "$(echo "$dir"/modules/*.ko)" -- "$dir/kernel" "$dir"/modules/*.ko
write_table
