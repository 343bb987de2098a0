#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run fuzz targets and print a line for each. What a run found worth keeping
# stays under DIR and is where the next run begins; an input that broke
# something is left there, too, and makes the script fail.
#
#   scripts/fuzz.sh DIR LIMIT [NAME...]   default: every target in DIR
#
# LIMIT is a time ("20s" each), or a number of executions ("100000"): these are
# the same ones in every run, of the seeds alone and from one start of the
# random numbers, so that a check of what was committed says the same twice.
set -eu

dir=$1
limit=$2
shift 2
case $limit in
	*s) limit=-max_total_time=${limit%s} ;;
	*) limit="-seed=1 -runs=$limit" ;;
esac
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

failed=0
for name; do
	kept=$dir/corpus/$name
	seeds=tests/fuzz/corpus/$name
	log=$dir/$name.log
	case $limit in *-runs=*) kept=$dir/same/$name && rm -rf "$kept" ;; esac
	mkdir -p "$kept"
	[ -d "$seeds" ] || seeds=
	if "$dir/$name" $limit -max_len=4096 -timeout=10 \
		-rss_limit_mb=1024 -print_final_stats=1 -verbosity=1 \
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
