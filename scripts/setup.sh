#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Bring in what a make target needs: Debian packages and the Kamailio source
# tree that belongs to the installed Kamailio. Doing it twice does nothing.
#
#   scripts/setup.sh packages GROUP...   groups: build run demo test clients
#                                        browser doc fuzz lint deb debian
#   scripts/setup.sh source DIR          unpack the tree to DIR
#   scripts/setup.sh check-tree DIR      whether DIR can be built against
#   scripts/setup.sh cache               print the cache directory
#
# Environment: KX_CACHE, the directory for what is expensive to fetch.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
cache=${KX_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/kamailio-registrar-uac}
log=$here/build/setup.log

say() { printf '%s\n' "setup: $*"; }
die() {
	printf '%s\n' "setup: $1" >&2
	shift
	for line; do printf '       %s\n' "$line" >&2; done
	exit 1
}

packages_of() {
	case $1 in
		build) echo gcc make libc6-dev dpkg-dev xz-utils pkg-config bison flex \
			kamailio ;;
		run) echo kamailio-sqlite-modules sqlite3 libcap2-bin iproute2 ;;
		demo) echo kamailio-json-modules baresip-core python3 ;;
		test) echo kamailio-mysql-modules kamailio-lua-modules \
			kamailio-python3-modules kamailio-extra-modules \
			kamailio-outbound-modules kamailio-tls-modules \
			kamailio-postgres-modules postgresql \
			check libmariadb3 mariadb-server sip-tester sipsak \
			python3-pytest python3-pytest-xdist python3-yaml valgrind openssl \
			libssl-dev gcovr ;;
		clients) echo linphone-cli twinkle-console ejabberd erlang-p1-sip \
			libnet-sip-perl libio-socket-ssl-perl ;;
		browser) echo chromium chromium-driver python3-selenium ;;
		fuzz) echo clang libclang-rt-14-dev libssl-dev ;;
		lint) echo clang-format pmccabe binutils ;;
		debian) echo debootstrap util-linux iproute2 ;;
		deb) echo build-essential debhelper lintian fakeroot git ;;
		doc) echo libxml2-utils xsltproc docbook-xsl docbook-xml w3m python3 ;;
		*) die "unknown package group $1" ;;
	esac
}

missing_of() {
	for pkg in $(packages_of "$1"); do
		# shellcheck disable=SC2016 # dpkg-query expands it
		st=$(dpkg-query -W -f '${db:Status-Status}' "$pkg" 2>/dev/null) || st=
		[ "$st" = installed ] || printf '%s\n' "$pkg"
	done
}

# Run a command as root: directly, or through sudo without asking in CI.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo ${CI:+-n} env DEBIAN_FRONTEND=noninteractive "$@"
	fi
}

# The server packages would start their service on the standard ports, where
# this project's own instances want to listen. Debian's hook for that is
# policy-rc.d; ours exists only while the packages install.
policy=/usr/sbin/policy-rc.d
policy_made=0
policy_on() {
	[ -e "$policy" ] && return 0
	policy_made=1
	printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
	as_root chmod 755 "$policy"
}
policy_off() {
	[ "$policy_made" = 1 ] || return 0
	policy_made=0
	as_root rm -f "$policy"
}

cmd_packages() {
	want=
	for group; do
		want="$want $(missing_of "$group" | tr '\n' ' ')"
	done
	# shellcheck disable=SC2086 # a list of words
	want=$(printf '%s\n' $want | sort -u | tr '\n' ' ')
	want=${want% }
	[ -n "$want" ] || return 0

	command -v apt-get >/dev/null 2>&1 || die \
		"these packages are missing and there is no apt-get: $want" \
		"this set-up knows Debian 12 and 13; elsewhere install them by hand"
	if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
		die "these packages are missing: $want" \
			"run this command as root, or install sudo, or have root run" \
			"  apt-get install --no-install-recommends $want"
	fi

	mkdir -p "$(dirname "$log")"
	: >"$log"
	export DEBIAN_FRONTEND=noninteractive
	say "installing packages: $want"
	trap policy_off EXIT
	trap 'exit 1' INT TERM HUP
	as_root apt-get update -q >>"$log" 2>&1 || die \
		"apt-get update failed; the end of $log:" "$(tail -n 3 "$log")" \
		"check the package sources of this machine (/etc/apt) and its network"
	policy_on
	# shellcheck disable=SC2086 # a list of words
	as_root apt-get install -q -y --no-install-recommends \
		-o DPkg::Lock::Timeout=600 $want >>"$log" 2>&1 || die \
		"apt-get install failed; the end of $log:" "$(tail -n 5 "$log")" \
		"check that the package sources of this machine have: $want"
	policy_off
	trap - EXIT INT TERM HUP
}

# The source lists of this machine seldom name source packages. Make a copy of
# them that does, keys and options included, in a directory of our own:
# nothing under /etc changes, no root is needed and no host is named here.
make_apt_dir() {
	apt_dir=$1
	mkdir -p "$apt_dir/lists/partial" "$apt_dir/cache/archives/partial" \
		"$apt_dir/parts"
	for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -f "$list" ] || continue
		sed -n 's/^[[:space:]]*deb[[:space:]]/deb-src /p' "$list" \
			>"$apt_dir/parts/$(basename "$list" .list).list"
	done
	for list in /etc/apt/sources.list.d/*.sources; do
		[ -f "$list" ] || continue
		sed 's/^Types:.*/Types: deb-src/' "$list" \
			>"$apt_dir/parts/$(basename "$list")"
	done
	cat "$apt_dir"/parts/* 2>/dev/null | grep -q deb-src || die \
		"this machine names no package sources in /etc/apt" \
		"set KAMAILIO_SRC in config.mak to a Kamailio source tree"
}

apt_src() {
	apt-get -q -o Dir::Etc::SourceList=/dev/null \
		-o Dir::Etc::SourceParts="$apt_dir/parts" \
		-o Dir::State::Lists="$apt_dir/lists" \
		-o Dir::Cache="$apt_dir/cache" "$@"
}

# The files of the source package, here. Not by `apt-get source`: a mirror may
# lack the detached signature of the upstream tarball, and that would be the
# end of it. What counts are the checksums of the signed lists.
fetch_files() {
	apt_src source --print-uris "kamailio=$1" >uris
	while read -r uri file _ checksum; do
		uri=${uri#\'}
		case $file in
			kamailio_*.asc) ;;
			kamailio_*) /usr/lib/apt/apt-helper download-file \
				"${uri%\'}" "$file" "$checksum" || return 1 ;;
		esac
	done <uris
	rm -f uris
	ls ./*.dsc
}

# Fetch the source package to the cache, unless it is there.
fetch_source() {
	dir=$1
	version=$2
	ls "$dir"/*.dsc >/dev/null 2>&1 && return 0
	rm -rf "$dir" "$dir.part"
	mkdir -p "$dir.part"
	trap 'rm -rf "$dir.part"' EXIT
	trap 'exit 1' INT TERM HUP
	say "fetching the source package kamailio $version"
	make_apt_dir "$dir.part/apt"
	apt_src update >>"$log" 2>&1 || die \
		"the source package lists can't be fetched; the end of $log:" \
		"$(tail -n 3 "$log")" \
		"or set KAMAILIO_SRC in config.mak to a Kamailio source tree"
	(cd "$dir.part" && fetch_files "$version") >>"$log" 2>&1 || die \
		"no mirror of this machine has the source of kamailio $version;" \
		"$(tail -n 3 "$log")" \
		"set KAMAILIO_SRC in config.mak to a source tree of that release"
	rm -rf "$dir.part/apt"
	mv "$dir.part" "$dir"
	trap - EXIT INT TERM HUP
}

cmd_source() {
	tree=$1
	[ -e "$tree/.kx-ready" ] && return 0
	mkdir -p "$(dirname "$log")" "$cache"
	# shellcheck disable=SC2016 # dpkg-query expands it
	version=$(dpkg-query -W -f '${source:Version}' kamailio 2>/dev/null) || die \
		"the kamailio package is not installed, so its source is not known" \
		"run make, or set KAMAILIO_SRC in config.mak"
	package_dir=$cache/source/kamailio_$version
	mkdir -p "$(dirname "$package_dir")"
	fetch_source "$package_dir" "$version"
	say "unpacking the source of kamailio $version"
	rm -rf "$tree" "$tree.part"
	mkdir -p "$(dirname "$tree")"
	# A mirror may lack the detached signature of the upstream tarball; the
	# checksums of the .dsc, which apt has verified, are what counts.
	dpkg-source --no-check -x "$package_dir"/*.dsc "$tree.part" \
		>>"$log" 2>&1 || die "the source package can't be unpacked:" \
		"$(tail -n 3 "$log")" "remove $package_dir and run this again"
	# dpkg-source's copy, and what it leaves when it is interrupted
	rm -rf "$(dirname "$tree")"/kamailio_*.orig.tar.*
	# Clean room: these two are what this project replaces, never read.
	rm -rf "$tree.part/src/modules/registrar" "$tree.part/src/modules/uac"
	make -s -C "$tree.part/src" cfg >>"$log" 2>&1 || die \
		"make cfg failed in the Kamailio tree; see $log"
	touch "$tree.part/.kx-ready"
	mv "$tree.part" "$tree"
}

# A tree somebody else brought: say what is missing before the compiler does.
cmd_check_tree() {
	tree=$1
	for need in src/Makefile.defs src/core/sr_module.h \
		src/modules/usrloc/usrloc.h src/modules/tm/tm_load.h; do
		[ -f "$tree/$need" ] || die \
			"KAMAILIO_SRC=$tree is no Kamailio source tree: no $need" \
			"give the directory that has src/ in it, of release 5.6 or later"
	done
	release=$(sed -n 's/^\(VERSION\|PATCHLEVEL\) *= *\([0-9]*\).*/\2/p' \
		"$tree/src/Makefile.defs" | head -n 2 | tr '\n' '.')
	case $release in
		[0-4].* | 5.[0-5].*) die \
			"KAMAILIO_SRC=$tree is Kamailio ${release%.}" \
			"the modules need the tree of release 5.6 or later" ;;
	esac
	[ -f "$tree/src/config.mak" ] && return 0
	[ -w "$tree/src" ] || die \
		"KAMAILIO_SRC=$tree is not configured and can't be written" \
		"run make -C $tree/src cfg there first"
	mkdir -p "$(dirname "$log")"
	make -s -C "$tree/src" cfg >>"$log" 2>&1 || die \
		"make cfg failed in $tree; see $log"
}

case ${1:-} in
	packages) shift && cmd_packages "$@" ;;
	source) cmd_source "${2:?directory}" ;;
	check-tree) cmd_check_tree "${2:?directory}" ;;
	cache) printf '%s\n' "$cache" ;;
	*) die "usage: setup.sh packages GROUP... | source DIR |" \
		"    check-tree DIR | cache" ;;
esac
