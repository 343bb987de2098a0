#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Use another Debian than this machine's: 13, whose Kamailio is the second
# release the modules are made for, or 12. Roots are made by debootstrap once
# and kept in the cache directory (KX_CACHE, see setup.sh).
#
#   debian.sh 12|13 make TARGET...   make targets of this checkout in a root
#                                    that keeps the packages they install
#   debian.sh 12|13 deb              make the Debian package, here if this is
#                                    that Debian; install, use and remove it
#   debian.sh 12|13 try COMMAND...   run COMMAND here with KX_DEB_ROOT, a copy
#                                    of a root that has Kamailio and no more;
#                                    with no network but loopback
#
# Needs root: debootstrap and chroot do.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
cache=$(sh "$here/scripts/setup.sh" cache)
release=${1:-}
root=$cache/debian$release/root
clean=$cache/debian$release/clean
log=$here/build/debian$release.log
# checkouts that use one root have each a directory in it
src=/srv/modules-$(printf %s "$here" | cksum | cut -d' ' -f1)

die() {
	printf '%s\n' "debian: $1" >&2
	shift
	for line; do printf '        %s\n' "$line" >&2; done
	exit 1
}

case $release in
	12) suite=bookworm ;;
	13) suite=trixie ;;
	*) die "which Debian? e.g. scripts/debian.sh 13 make unit sip" ;;
esac
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

# make_root DIR PACKAGES: with these, separated by commas.
make_root() {
	[ -e "$1/.kx-ready" ] && return 0
	sh "$here/scripts/setup.sh" packages debian
	site=$(mirror)
	[ -n "$site" ] || die "apt's sources name no Debian mirror" \
		"see apt-get indextargets"
	echo "debian: making $1, once"
	rm -rf "$1" "$1.part"
	mkdir -p "$1.part"
	debootstrap --variant=minbase --include="ca-certificates,$2" \
		"$suite" "$1.part" "$site" >"$log" 2>&1 || die \
		"debootstrap failed; the end of $log:" "$(tail -n 3 "$log")"
	printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
		"$site" "$suite" /usr/share/keyrings/debian-archive-keyring.gpg \
		>"$1.part/etc/apt/sources.list.d/debian.sources"
	rm -f "$1.part/etc/apt/sources.list"
	copy_apt "$1.part"
	touch "$1.part/.kx-ready"
	mv "$1.part" "$1"
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
	facts=$(sh "$here/scripts/deb.sh" facts 2>/dev/null) || facts=
	unshare --mount --fork --kill-child sh -eu -c '
		root=$1 src=$2
		shift 2
		mount --bind "$root" "$root"
		mount --bind /proc "$root/proc"
		mount --bind /sys "$root/sys"
		mount --bind /dev "$root/dev"
		exec chroot "$root" env -i PATH="$PATH" HOME=/tmp TERM=dumb \
			KX_CACHE=/var/cache/kamailio-registrar-uac \
			LC_ALL=C.UTF-8 ${CI:+CI="$CI"} ${0:+KX_DEB_FACTS="$0"} \
			${PYTEST_ARGS:+PYTEST_ARGS="$PYTEST_ARGS"} \
			make -C "$src" --no-print-directory "$@"
	' "$facts" "$root" "$src" "$@"
}

# What COMMAND changes is in an overlay that nobody sees or keeps.
try() {
	unshare --mount --net --fork --kill-child sh -eu -c '
		clean=$1
		shift
		mount -t tmpfs none /mnt
		mkdir /mnt/upper /mnt/work /mnt/root
		mount -t overlay none /mnt/root \
			-o "lowerdir=$clean,upperdir=/mnt/upper,workdir=/mnt/work"
		mount --bind /proc /mnt/root/proc
		mount --bind /dev /mnt/root/dev
		ip link set lo up
		KX_DEB_ROOT=/mnt/root "$@"
	' sh "$clean" "$@"
}

make_inside() {
	make_root "$root" git,gcc,make,libc6-dev
	copy_tree
	run "$@"
}

try_package() {
	if grep -qx "VERSION_ID=\"$release\"" /etc/os-release; then
		make -C "$here" --no-print-directory deb
		package=$here/build/deb
	else
		make_inside deb
		package=$here/build/deb/debian$release
		rm -rf "$package"
		mkdir -p "$here/build/deb"
		cp -R "$root$src/build/deb" "$package"
		echo "debian: it is also in $package"
	fi
	make_root "$clean" kamailio
	KX_DEB=$package try /usr/bin/python3 -m pytest -q -rs \
		-p no:cacheprovider "$here/tests/install/in_root.py"
}

action=${2:-}
shift 2 2>/dev/null || :
case $action in
	make) make_inside "$@" ;;
	deb) try_package ;;
	try)
		make_root "$clean" kamailio
		try "$@"
		;;
	*) die "do what? e.g. scripts/debian.sh 13 make unit sip" ;;
esac
