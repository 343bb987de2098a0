#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run make targets of this checkout in a Debian 13, whose Kamailio is the
# second release the modules are made for. The root is made by debootstrap
# once and kept in the cache directory (KX_CACHE, see setup.sh), with the
# packages that the targets' own set-up installs in it.
#
#   scripts/debian13.sh TARGET...
#
# Needs root: debootstrap and chroot do.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
cache=$(sh "$here/scripts/setup.sh" cache)
root=$cache/debian13/root
log=$here/build/debian13.log
src=/srv/modules

die() {
	printf '%s\n' "debian13: $1" >&2
	shift
	for line; do printf '          %s\n' "$line" >&2; done
	exit 1
}

[ "$(id -u)" = 0 ] || die "this needs root" "run it as root, or with sudo"
mkdir -p "$here/build"

# The mirror this machine installs from: none is named here.
mirror() {
	apt-get indextargets --format '$(SITE)' 2>/dev/null |
		grep '/debian/*$' | head -n 1
}

# Settings of this machine's apt the other one needs as well: proxies, keys.
copy_apt() {
	for file in /etc/apt/apt.conf.d/99*; do
		[ -f "$file" ] && cp "$file" "$1/etc/apt/apt.conf.d/"
	done
	cp /etc/resolv.conf "$1/etc/resolv.conf"
}

make_root() {
	[ -e "$root/.kx-ready" ] && return 0
	sh "$here/scripts/setup.sh" packages debian13
	site=$(mirror)
	[ -n "$site" ] || die "apt's sources name no Debian mirror" \
		"see apt-get indextargets"
	echo "debian13: making the root, once"
	rm -rf "$root" "$root.part"
	mkdir -p "$root.part"
	debootstrap --variant=minbase --include=ca-certificates,git,gcc,make,libc6-dev \
		trixie "$root.part" "$site" >"$log" 2>&1 || die \
		"debootstrap failed; the end of $log:" "$(tail -n 3 "$log")"
	printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: %s\n' \
		"$site" /usr/share/keyrings/debian-archive-keyring.gpg \
		>"$root.part/etc/apt/sources.list.d/debian.sources"
	rm -f "$root.part/etc/apt/sources.list"
	copy_apt "$root.part"
	touch "$root.part/.kx-ready"
	mv "$root.part" "$root"
}

# What is committed and what is not, without what was built here. What was
# built there stays, so that a second run has little to do.
copy_tree() {
	mkdir -p "$root$src"
	find "$root$src" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
	(cd "$here" && tar -cf - --exclude=./build --exclude=./.git .) |
		tar -xf - -C "$root$src"
}

# The mounts are of a name space of their own and go away with it.
run() {
	unshare --mount --fork --kill-child sh -eu -c '
		root=$1 src=$2
		shift 2
		mount --bind "$root" "$root"
		mount --bind /proc "$root/proc"
		mount --bind /sys "$root/sys"
		mount --bind /dev "$root/dev"
		exec chroot "$root" env -i PATH="$PATH" HOME=/tmp TERM=dumb \
			KX_CACHE=/var/cache/kamailio-registrar-uac \
			LC_ALL=C.UTF-8 ${CI:+CI="$CI"} \
			${PYTEST_ARGS:+PYTEST_ARGS="$PYTEST_ARGS"} \
			make -C "$src" --no-print-directory "$@"
	' sh "$root" "$src" "$@"
}

[ $# -gt 0 ] || die "which targets? e.g. scripts/debian13.sh unit sip"
make_root
copy_tree
run "$@"
