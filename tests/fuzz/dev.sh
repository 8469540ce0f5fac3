# SPDX-License-Identifier: BSD-2-Clause
#
# ./dev fuzz, which reads this file.

# Seeds come from the ordinary build, as its tables of malformed files do.
do_cluster_build() {
	need_build
	need clang - found clang
	need libclang-rt-dev - sanitizes
	install_needed
	configure_gcc && compile gcc
	say "building build/cluster-out"
	KLDSIM_SEEDS=$PWD/build/gcc PYTHON=$python
	export KLDSIM_SEEDS PYTHON
	quietly build/cluster.log sh tests/fuzz/cluster.sh build/cluster \
	    build/cluster-out
	tail -n 1 build/cluster.log
}

# Fuzz one target for some time, all of them one after the other without one.
do_fuzz() {
	engine=libfuzzer
	case ${1-} in
	--cluster-build) do_cluster_build; return ;;
	--afl) engine=afl; shift ;;
	-*) usage >&2; exit 2 ;;
	esac
	targets=
	case ${1-} in
	'' | [0-9]*) for source in tests/fuzz/target_*.c; do
			source=${source##*/target_}
			targets="$targets ${source%.c}"
		done ;;
	*) [ -f "tests/fuzz/target_$1.c" ] ||
		die "there is no target $1; see tests/fuzz/README.md"
		targets=$1
		shift ;;
	esac
	case ${1-60} in
	'' | *[!0-9]*) die "for how many seconds? '$1' is no number" ;;
	0*[1-9]*) die "for how many seconds? '$1' begins with 0" ;;
	0*) die "for how many seconds? '$1' is less than 1" ;;
	esac
	fuzz_targets "${1-60}"
}

# fuzz_targets SECONDS: $targets, with $engine.
fuzz_targets() {
	need_build
	need clang - found clang
	need libclang-rt-dev - sanitizes
	[ "$engine" != afl ] || need afl++ afl++ found afl-fuzz
	install_needed
	configure_gcc && compile gcc
	"build_$engine"
	quietly build/fuzz.log "$python" tests/fuzz/corpus.py \
	    --build build/gcc "build/$tree/corpus"
	work_in_memory
	status=0
	: >"build/$tree/table"
	for target in $targets; do
		say "fuzzing $target for $1 seconds"
		mkdir -p "build/$tree/found/$target" "build/$tree/failed"
		"run_$engine" "$target" "$1" || status=1
	done
	fuzz_table
	return $status
}

# What was run, in one line each; CPU seconds of AFL++'s programs are not known.
fuzz_table() {
	printf '\n%-12s %12s %9s %7s %7s %6s %7s %7s\n' target executions \
	    'a second' edges of new 'CPU s' failed
	while IFS=' ' read -r target runs rate edges of new cpu failures; do
		printf '%-12s %12s %9s %7s %7s %6s %7s %7s\n' "$target" \
		    "$runs" "$rate" "$edges" "$of" "$new" "$cpu" "$failures"
	done <"build/$tree/table"
	cat <<END

New inputs are in build/$tree/found, failures in build/$tree/failed; what to do with
one of these tells tests/fuzz/README.md.
END
}

# failures TARGET: how many of the files in build/$tree/failed are of it.
failures() {
	find "build/$tree/failed" -type f -name "$1-*" | wc -l | tr -d ' '
}

build_libfuzzer() {
	tree=fuzz
	configure_sanitized fuzz address,undefined -DKLDSIM_FUZZ=ON \
	    -DKLDSIM_TESTS=OFF -DKLDSIM_TEST_LIBRARY=OFF \
	    -DCMAKE_CXX_COMPILER=clang++
	compile_targets
}

# Compiling all of them takes minutes.
compile_targets() {
	set --
	for target in $targets; do
		set -- "$@" "fuzz_$target"
	done
	compile "$tree" --target "$@"
}

# run_libfuzzer TARGET SECONDS
run_libfuzzer() {
	log=build/fuzz/$1.log
	good=true
	before=$(failures "$1")
	(
		"build/fuzz/fuzz/fuzz_$1" -max_total_time="$2" \
		    -max_len=65536 -timeout=30 -print_final_stats=1 \
		    -dict=tests/fuzz/kldsim.dict \
		    -artifact_prefix="build/fuzz/failed/$1-" \
		    "build/fuzz/found/$1" "build/fuzz/corpus/$1" >"$log" 2>&1
		ended=$?
		times >"build/fuzz/$1.times"
		exit $ended
	) || good=false
	# Minutes and seconds of the shell, then of what it ran.
	cpu=$(awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, /[ms]/)
	    sum += 60 * t[1] + t[2] } printf "%.1f", sum }' \
	    "build/fuzz/$1.times")
	awk -v target="$1" -v cpu="$cpu" -v seconds="$2" \
	    -v failures="$(($(failures "$1") - before))" '
	    /^INFO: Loaded .* inline 8-bit counters/ {
		for (i = 1; i < NF; i++)
			if ($i ~ /^\([0-9]+$/) of = substr($i, 2) }
	    / cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1) }
	    /^stat::number_of_executed_units:/ { runs = $2 }
	    /^stat::average_exec_per_sec:/ { rate = $2 }
	    /^stat::new_units_added:/ { new = $2 }
	    END { print target, runs + 0, rate + 0, cov + 0, of + 0, new + 0,
		cpu, failures }' "$log" >>build/fuzz/table
	$good || tail -n 40 "$log"
	$good
}

build_afl() {
	tree=afl
	AFL_QUIET=1
	export AFL_QUIET
	configure afl -DKLDSIM_FUZZ=ON -DKLDSIM_TESTS=OFF \
	    -DKLDSIM_TEST_LIBRARY=OFF -DCMAKE_C_COMPILER=afl-clang-fast \
	    -DKLDSIM_SANITIZE=address,undefined
	compile_targets
}

# run_afl TARGET SECONDS: goes on from where the last run of it ended.
run_afl() {
	found=build/afl/found/$1/default
	log=build/afl/$1.log
	before=$(failures "$1")
	AFL_NO_UI=1 AFL_NO_COLOR=1 AFL_AUTORESUME=1 AFL_NO_AFFINITY=1 \
	    AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
	    AFL_CUSTOM_MUTATOR_LIBRARY=$PWD/build/gcc/lib/libkldsim_mutator_afl.so \
	    afl-fuzz -V "$2" -t 10000 -m none -G 65536 \
	    -x tests/fuzz/kldsim.dict -i "build/afl/corpus/$1" \
	    -o "build/afl/found/$1" -- "build/afl/fuzz/fuzz_$1" \
	    >"$log" 2>&1 || {
		tail -n 40 "$log"
		return 1
	}
	for input in "$found"/crashes*/id* "$found"/hangs*/id*; do
		[ ! -f "$input" ] || cp "$input" \
		    "build/afl/failed/$1-$(cksum <"$input" | tr ' ' -)"
	done
	failures=$(($(failures "$1") - before))
	awk -v target="$1" -v failures="$failures" '
	    { value[$1] = $3 }
	    END { printf "%s %d %d %d %d %d - %d\n", target,
		value["execs_done"], value["execs_per_sec"],
		value["edges_found"], value["total_edges"],
		value["corpus_found"], failures }' "$found/fuzzer_stats" \
	    >>build/afl/table
	[ "$failures" -eq 0 ]
}
