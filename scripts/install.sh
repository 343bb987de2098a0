#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Put the two modules into a directory of their own, beside the one of the
# installed Kamailio or under PREFIX; never where another package's are.
#
#   install.sh MODULE_DIR DESTDIR PREFIX
set -eu
from=$1
destdir=${2:-}
prefix=${3:-}
name=modules-registrar-uac

die() {
	printf 'install: %s\n' "$1" >&2
	shift
	for line; do printf '         %s\n' "$line" >&2; done
	exit 1
}

stock=$(kamailio -I 2>/dev/null |
	sed -n 's/^ *Default paths to modules: *//p') || :
if [ -n "$prefix" ]; then
	case $prefix in
		/*) ;;
		*) die "PREFIX=$prefix is no absolute path" ;;
	esac
	to=${prefix%/}/lib/kamailio/$name
elif [ -n "$stock" ]; then
	first=${stock%%:*}
	to=$(dirname "${first%/}")/$name
else
	die "no kamailio is installed here, so its module directory is not known" \
		"give a place: make install PREFIX=/usr/local"
fi

for so in registrar.so uac.so; do
	[ -f "$from/$so" ] || die "$from/$so is not built" "run make"
done
if [ -z "$destdir" ] && [ -e "$to" ] && owner=$(dpkg-query -S "$to/registrar.so" "$to/uac.so" \
	2>/dev/null || :) && [ -n "$owner" ]; then
	die "what is in $to belongs to a package (${owner%%:*})" \
		"give another place: make install PREFIX=/usr/local"
fi
mkdir -p "$destdir$to" 2>/dev/null || :
[ -w "$destdir$to" ] || die "$destdir$to can't be written" \
	"run it as root, or give another place: make install PREFIX=DIR"

# A running Kamailio has the old files mapped: replace them, don't rewrite.
for so in registrar.so uac.so; do
	install -m 644 "$from/$so" "$destdir$to/$so.new"
	mv "$destdir$to/$so.new" "$destdir$to/$so"
done

printf '%s\n' "installed $destdir$to/registrar.so and uac.so" \
	"Kamailio finds them with this line in kamailio.cfg, before the first" \
	"loadmodule and instead of another mpath line:" "" \
	"  mpath=\"$to:${stock:-/usr/lib/kamailio/modules}\"" ""
