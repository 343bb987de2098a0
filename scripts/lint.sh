#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a compiler does not look at: layout, budgets of size, banned functions,
# who may know whom, and that the pure code is pure. Says nothing when all is
# well; needs build/obj. Exceptions have a name and a reason in lint.allow.
set -eu

cd "$(dirname "$0")/.."
allow=scripts/lint.allow
found=$(mktemp)
trap 'rm -f "$found"' EXIT

# Only the last lines of a pipe know; so findings go to a file.
report() { sed "s|^|$1: |" >>"$found"; }

# Drop the findings that lint.allow names: the first field is the subject.
unless_allowed() {
	awk -v rule="$1" -v allow="$allow" '
		BEGIN {
			while((getline line < allow) > 0) {
				split(line, f, " ")
				if(f[1] == rule) ok[f[2]] = 1
			}
		}
		!($1 in ok)'
}

product() { find common registrar uac -name '*.[ch]' | sort; }
all_c() { find common registrar uac tests -name '*.[ch]' | sort; }

check_format() {
	all_c | xargs clang-format --dry-run -Werror 2>&1 |
		sed -n 's/: error: code should be.*//p' |
		awk -F: '!seen[$1]++ {print $1 ":" $2 " is not as clang-format has it"}' |
		report format
	# every file says under which licence and what for
	all_c | while read -r f; do
		head -n 1 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' ||
			echo "$f has no SPDX line"
	done | report format
}

check_banned() {
	all_c | xargs grep -nE \
		'(^|[^a-zA-Z0-9_])(v?sprintf|strcat|strncat|strcpy|strncpy|stpcpy|atoi|atol|atoll|strtok|strtok_r|alloca|gets)[[:space:]]*\(' |
		report banned
}

# `who_may INCLUDE FILES WHERE`: of the files WHERE only FILES include it.
who_may() {
	# shellcheck disable=SC2086 # WHERE is a list of patterns
	grep -nE "^#include \"($1)" $3 /dev/null |
		grep -vE "^($2):" | sed "s|:#include| may not include|" |
		report include
}

check_includes() {
	# logic knows logic and common; common knows itself and the str type
	for dir in registrar/logic uac/logic common; do
		for f in "$dir"/*.[ch]; do
			sed -n 's/^#include "\([^"]*\)".*/\1/p' "$f" | while read -r h; do
				[ "$h" = core/str.h ] && [ "$dir" = common ] && continue
				case $h in */*) ;; *)
					[ -e "$dir/$h" ] || [ -e "common/$h" ] && continue ;;
				esac
				echo "$f may not include $h"
			done
			sed -n 's/^#include <\([^>]*\)>.*/\1/p' "$f" | while read -r h; do
				case $h in
					stddef.h | stdint.h | string.h | strings.h | limits.h) ;;
					*) echo "$f may not include <$h>" ;;
				esac
			done
		done
	done | report include

	who_may 'modules/usrloc/' 'registrar/reg_store[a-z_]*\.[ch]' \
		'registrar/*.[ch] uac/*.[ch]'
	who_may 'modules/sl/' 'registrar/reg_reply\.c' \
		'registrar/*.[ch] uac/*.[ch]'
	who_may 'lib/srdb1/' 'registrar/reg_store_db\.c|uac/reg_db[a-z_]*\.[ch]' \
		'registrar/*.[ch] uac/*.[ch]'
	who_may 'modules/tm/tm_load' 'uac/reg_run\.c' 'uac/reg_*.[ch]'
	who_may 'modules/dmq/' 'uac/reg_cluster_msg\.c' 'uac/*.[ch]'
	who_may 'modules/(dialog|rr)/' 'uac/ua_replace[a-z_]*\.[ch]' \
		'registrar/*.[ch] uac/*.[ch]'
	# messages, URIs and the To the core has read are everybody's; reading
	# the other headers is not
	who_may 'core/parser/(contact|parse_[^tu])' \
		'registrar/reg_msg\.c' 'registrar/*.[ch]'

	# entries are for the frame, not for each other
	grep -E '^#include "[a-z_]*_(script|kemi|rpc)\.h"' \
		registrar/*.[ch] uac/*.[ch] |
		sed 's/:#include "\(.*\)"/:\1/' |
		awk -F: '{
			own = $1; sub(/.*\//, "", own); sub(/\.c$/, ".h", own)
			if($1 !~ /_mod\.c$/ && own != $2)
				print $1 ":" $2 " includes an entry"
		}' | unless_allowed entry | report entry
}

# Undefined in the archives of the pure code, less what they define.
check_purity() {
	libs='build/obj/libkx.a build/obj/librgr.a build/obj/libuax.a'
	for lib in $libs; do
		[ -e "$lib" ] || echo "$lib is not built" | report purity
	done
	# shellcheck disable=SC2086 # a list of files
	nm -A $libs 2>/dev/null | awk '
		NF < 3 {next}
		$(NF - 1) == "U" {
			where = $1; sub(/:$/, "", where)
			used[$NF] = where
			next
		}
		{defined[$NF] = 1}
		END {
			n = split("memchr memcmp memcpy memmove memset strchr strlen " \
				"strncasecmp strcasecmp explicit_bzero __explicit_bzero_chk " \
				"__memcpy_chk __memmove_chk __memset_chk __stack_chk_fail " \
				"_GLOBAL_OFFSET_TABLE_", ok, " ")
			for(i = 1; i <= n; i++) defined[ok[i]] = 1
			for(name in used)
				if(!(name in defined)) print used[name] " uses " name
		}' | report purity
}

check_budgets() {
	# pmccabe: complexity, the same with every case, statements, first line,
	# lines, FILE(LINE): NAME
	product | grep '\.c$' | xargs pmccabe |
		sed 's/(\([0-9]*\)): /:/' >"$found.m"
	awk '$5 > 80 {print $6 " has " $5 " lines, 80 are allowed"}' "$found.m" |
		unless_allowed length | report length
	awk '$2 > 20 {print $6 " has a complexity of " $2 ", 20 is allowed"}' \
		"$found.m" | unless_allowed complexity | report complexity
	rm -f "$found.m"
	{ all_c; find tests scripts -name '*.py' -o -name '*.sh'; } | xargs wc -l |
		awk '$2 != "total" && $1 > 500 {print $2 " has " $1 " lines, 500 are allowed"}' |
		unless_allowed lines | report lines
	# indented: in a function; what is not const can be written
	product | xargs grep -nE '^[[:space:]]+static ' |
		grep -vE 'static (const |inline )|\*const [a-z_]*\[?|\(\*const ' |
		sed 's/:/ line /' | unless_allowed static | report static
}

# Nothing of the machine it was written on, nothing a fuzzer dropped.
check_strays() {
	find . \( -name .git -o -name build -o -name __pycache__ \) -prune -o \
		-type f -print | grep -v '^\./scripts/lint' >"$found.f"
	xargs grep -IlE '(^|[^a-z.])/(work|root|home/[a-z]+)/' <"$found.f" |
		sed 's/$/ names a path of one machine/' | report stray
	grep -E '/(crash|leak|timeout|oom|slow-unit)-[0-9a-f]{16,}$' "$found.f" |
		sed 's/$/ was dropped by a fuzzer/' | report stray
	rm -f "$found.f"
}

# A grep that finds nothing is what we hope for.
set +e
check_format
check_banned
check_includes
check_purity
check_budgets
check_strays
if [ -s "$found" ]; then
	cat "$found"
	echo "lint: $(wc -l <"$found") findings" >&2
	exit 1
fi
