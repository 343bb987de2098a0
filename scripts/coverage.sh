#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run the unit tests built for coverage and print the branches taken, file by
# file. Fails when the pure code is below what style allows.
#
#   scripts/coverage.sh DIR     DIR: where the objects and the runner are
set -eu

dir=$1
find "$dir" -name '*.gcda' -exec rm -f {} +
CK_VERBOSITY=silent "$dir/run" >"$dir/tests.log" 2>&1 || {
	cat "$dir/tests.log"
	exit 1
}
gcovr --root . --object-directory "$dir" --branches \
	--exclude-unreachable-branches --exclude-throw-branches \
	--filter 'common/' --filter 'registrar/logic/' --filter 'uac/logic/' \
	--fail-under-branch 90 "$dir" 2>"$dir/gcovr.log" || {
	tail -n 3 "$dir/gcovr.log" >&2
	exit 1
}
