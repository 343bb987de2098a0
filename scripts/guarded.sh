#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run wire tests with every Kamailio under a tool that sees wrong accesses to
# memory: the modules of build/asan in AddressSanitizer and UBSan, or those of
# build/modules in valgrind. What the tests start as `kamailio` is a wrapper.
#
#   guarded.sh asan|valgrind PYTEST-ARGUMENT...
#
# Fails when a test does, and when the tool has reported anything. (UBSan writes
# to the server's log, where the tests look.)
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
tool=$1
shift
dir=$here/build/guarded/$tool
python=/usr/bin/python3
real=$(command -v kamailio)
guard=$(PYTHONPATH=$here/tests $python -m kamtest.module kxguard)

rm -rf "$dir"
mkdir -p "$dir/bin" "$dir/reports"
case $tool in
	asan)
		# gcc's runtime has to come first; of leaks it would tell what the
		# server itself leaves at its end
		run="env LD_PRELOAD=$(gcc -print-file-name=libasan.so)
			ASAN_OPTIONS=detect_leaks=0:log_path=$dir/reports/asan
			UBSAN_OPTIONS=print_stacktrace=1
			$real"
		export KX_MODULES="$here/build/asan/modules"
		;;
	valgrind)
		run="valgrind --quiet --trace-children=no --child-silent-after-fork=no
			--leak-check=full --show-leak-kinds=definite
			--errors-for-leak-kinds=definite --num-callers=30
			--suppressions=$here/tests/valgrind.supp
			--log-file=$dir/reports/%p $real"
		;;
	*)
		echo "guarded: $tool is neither asan nor valgrind" >&2
		exit 1
		;;
esac
# shellcheck disable=SC2086 # $run is a list of words
printf '#!/bin/sh\nexec %s "$@" --loadmodule=%s\n' \
	"$(echo $run)" "$guard" >"$dir/bin/kamailio"
chmod 755 "$dir/bin/kamailio"

status=0
cd "$here"
KX_GUARDED=$tool KX_REPORTS=$dir/reports PATH=$dir/bin:$PATH \
	"$python" -m pytest -q -p no:cacheprovider "$@" || status=$?

PYTHONPATH=$here/tests "$python" -m kamtest.reports "$dir/reports" || status=1
exit $status
