#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Load both modules in the installed server, without starting it.
#   check-load.sh MODULE_DIR
set -eu
dir=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v kamailio >/dev/null 2>&1 || {
	echo "check-load: no kamailio is installed here, the modules are not tried"
	exit 0
}
stock=$(kamailio -I | sed -n 's/^ *Default paths to modules: *//p')
cat >"$work/kamailio.cfg" <<CFG
#!KAMAILIO
mpath="$dir:$stock"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "uac.so"
request_route { exit; }
CFG
if ! kamailio -c -Y "$work" -f "$work/kamailio.cfg" >"$work/out" 2>&1; then
	cat "$work/out" >&2
	if grep -q 'module version mismatch\|module config flags' "$work/out"; then
		echo "check-load: the modules were built for another Kamailio than" \
			"the one installed; set KAMAILIO_SRC to the tree of" \
			"$(kamailio -v | head -n 1)" >&2
	fi
	exit 1
fi
