#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run fuzz targets and print a line for each. What a run found worth keeping
# stays under DIR and is where the next run begins; an input that broke
# something is left there, too, and makes the script fail.
#
#   scripts/fuzz.sh DIR SECONDS [NAME...]   default: every target in DIR
#
# FUZZ_JOBS of them run at the same time, by default as many as there are cores.
# With FUZZ_SEED set, a run begins at the seeds alone and at this start of the
# random numbers: its executions are the first ones of any longer run with the
# same number, so that a check of what was committed says the same twice.
set -eu

dir=$1
seconds=$2
seed=${FUZZ_SEED:-}
shift 2
if [ $# -eq 0 ]; then
	for source in tests/fuzz/fuzz_*.c; do
		name=${source#tests/fuzz/fuzz_}
		set -- "$@" "${name%.c}"
	done
fi

# A number of libFuzzer's final statistics.
stat_of() {
	sed -n "s/^stat::$2: *//p" "$1"
}

if [ $# -gt 1 ]; then
	printf '%s\n' "$@" |
		xargs -n 1 -P "${FUZZ_JOBS:-$(nproc)}" sh "$0" "$dir" "$seconds"
	exit
fi

failed=0
for name; do
	kept=$dir/corpus/$name
	seeds=tests/fuzz/corpus/$name
	log=$dir/$name.log
	if [ -n "$seed" ]; then
		kept=$dir/seeded/$name
		rm -rf "$kept"
	fi
	mkdir -p "$kept"
	[ -d "$seeds" ] || seeds=
	if "$dir/$name" -max_total_time="$seconds" -seed="${seed:-0}" \
		-max_len=4096 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -verbosity=1 \
		-artifact_prefix="$dir/$name-" "$kept" ${seeds:+"$seeds"} \
		>"$log" 2>&1; then
		printf '%-16s ok    %10s executions, %5s a second, %5s inputs kept\n' \
			"$name" "$(stat_of "$log" number_of_executed_units)" \
			"$(stat_of "$log" average_exec_per_sec)" \
			"$(find "$kept" -type f | wc -l)"
	else
		failed=1
		printf '%-16s FAILED\n' "$name"
		grep -E 'ERROR|SUMMARY|runtime error|Test unit written' "$log" |
			sed 's/^/    /'
		printf '    all of it is in %s\n' "$log"
	fi
done
exit $failed
