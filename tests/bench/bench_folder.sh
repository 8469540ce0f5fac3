# SPDX-License-Identifier: BSD-2-Clause
# A folder of 800 modules that depend on each other, with a linker.hints of its
# own, loaded by name against a kernel of 40 MB and 65,000 symbols; then how the
# time grows from 100 modules to 800.
. "$KLDSIM_SRC/tests/bench/common.sh"

counts="100 200 400 800"

# One folder for each count, with the first modules of the largest: what a
# module needs is always before it.
make_folders() {
	make_folder
	for count in $counts; do
		[ "$count" != 800 ] || continue
		mkdir "$dir/$count"
		for n in $(seq -f %04g 0 $((count - 1))); do
			ln "$dir/800/bm_$n.ko" "$dir/$count/"
		done
		"$KLDSIM" hints -q "$dir/$count"
	done
	sync # or the host writes them back while we measure
}

# number COUNT PATTERN: what \(...\) matches in the results of that folder.
number() {
	sed -n "s/.*$2.*/\1/p" "$results/folder-$1-library".*
}

least_load() {
	number "$1" '"name": "load".*"us_least": \([0-9]*\)'
}

echo "== folder: 800 modules by name, kernel of 40 MB and 65,000 symbols"
make_folders
# shellcheck disable=SC2046 # names are words
"$bin/run" "$repetitions" "$results/folder.json" \
    -- "kldsim load" "$KLDSIM" load -q -p "$dir/800" "$dir/kernel" \
        $(folder_names 800) \
    -- "floor" "$bin/floor" 1 "$dir/kernel" "$dir"/800/bm_*.ko \
    -- "cat" cat "$dir/kernel" "$dir"/800/bm_*.ko \
    -- "kldsim hints" "$KLDSIM" hints -q -n "$dir/800"
for count in $counts; do
	echo "-- $count modules"
	# shellcheck disable=SC2046
	"$bin/inproc" "$repetitions" "$results/folder-$count-library.json" \
	    "$dir/kernel" -p "$dir/$count" $(folder_names "$count")
	"$bin/floor" "$repetitions" "$dir/kernel" "$dir/$count"/bm_*.ko \
	    >"$results/folder-$count-library.floor"
	cat "$results/folder-$count-library.floor"
	if [ "$(number "$count" '"modules": \([0-9]*\)')" != "$count" ]; then
		echo "folder: not all of $count modules were loaded" >&2
		exit 1
	fi
done
write_table
# time(10n)/time(n) must be below 14: 14 to the power of log10(8) is 10.8.
if [ $(($(least_load 800) * 10)) -gt $(($(least_load 100) * 108)) ]; then
	echo "folder: the time grows faster than the number of modules" >&2
	exit 1
fi
# What is kept: 1.5 times the sections, and the pages of the kernel touched.
private=$(number 800 '"loaded_private_kib": \([0-9]*\)')
booted=$(number 800 '"booted_private_kib": \([0-9]*\)')
if [ $(((private - booted) * 1024)) -gt \
    $(($(number 800 ' bytes=\([0-9]*\)') * 3 / 2)) ]; then
	echo "folder: $private KiB of private memory is too much" >&2
	exit 1
fi
