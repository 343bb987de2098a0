#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Make a Debian package of the two modules, for the Kamailio installed here.
#
#   deb.sh facts                 what the package takes from the commit: its
#                                version, its time, its maintainer
#   deb.sh build KAM_TREE OUT    build it and leave it in OUT
#   deb.sh depends KAMFLAGS      the release it needs, as a substvar
#
# Two builds of one commit are the same to the last byte. KX_DEB_FACTS, the
# output of `facts`, stands in for a git that is not there.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
package=kamailio-registrar-uac

die() {
	printf 'deb: %s\n' "$1" >&2
	shift
	for line; do printf '     %s\n' "$line" >&2; done
	exit 1
}

# Which Debian: a package built for the next one is the newer one.
suffix() {
	(. /etc/os-release && printf '%s' "+$ID$VERSION_ID") | sed 's/debian/deb/'
}

commit() { TZ=UTC git -C "$here" log -1 "$@" 2>/dev/null; }

facts() {
	if [ -n "${KX_DEB_FACTS:-}" ]; then
		printf '%s\n' "$KX_DEB_FACTS"
		return
	fi
	when=$(commit --date=format-local:%Y%m%d --format=%cd) || die \
		"git does not tell the commit, which the version is made of" \
		"run it in a clone, as the user it belongs to"
	changed=
	[ -z "$(git -C "$here" status --porcelain)" ] || changed=+mod
	printf '%s\n' "0~git$when.$(git -C "$here" rev-list --count HEAD).$(
		commit --format=%H | cut -c1-7)$changed" \
		"$(commit --format=%ct)" "$(commit --format='%an <%ae>')"
}

# The tree as it is here, with debian/ where Debian's tools look for it.
copy_tree() {
	rm -rf "$1"
	mkdir -p "$1"
	(cd "$here" && tar -cf - --exclude=./build --exclude=./.git \
		--exclude=__pycache__ .) | tar -xf - -C "$1" --no-same-owner
	cp -R "$here/scripts/debian" "$1/debian"
	sed "s|@MAINTAINER@|$maintainer|" "$here/scripts/debian/control" \
		>"$1/debian/control"
	printf '%s\n' "$package ($version) unstable; urgency=medium" "" \
		"  * Built from the repository; its history tells what changed." "" \
		" -- $maintainer  $(LC_ALL=C date -u -R -d "@$epoch")" \
		>"$1/debian/changelog"
	find "$1" -exec touch -h -d "@$epoch" {} +
}

build() {
	tree=$(cd "$1" && pwd)
	mkdir -p "$2"
	out=$(cd "$2" && pwd)
	log=$out/log
	facts >"$out/facts"
	version=$(sed -n 1p "$out/facts")$(suffix)
	epoch=$(sed -n 2p "$out/facts")
	maintainer=$(sed -n 3p "$out/facts")
	rm -f "$out"/*.deb "$out"/*.changes "$out"/*.buildinfo "$out/facts"
	copy_tree "$out/src"
	(cd "$out/src" && KAM_TREE=$tree SOURCE_DATE_EPOCH=$epoch LC_ALL=C.UTF-8 \
		dpkg-buildpackage -b -us -uc -j"$(nproc)") >"$log" 2>&1 || die \
		"the package can't be built; the end of $log:" \
		"$(tail -n 5 "$log")"
	rm -rf "$out/src"
	ls "$out/${package}_$version"_*.deb
}

# A release such as 5.6.3: this one and below the next.
depends() {
	release=$(sed -n 's/^KAM_RELEASE := //p' "$1" | sed 's/-/~/')
	last=${release##*.}
	next=${release%.*}.$((${last%%[!0-9]*} + 1))
	printf '%s\n' \
		"kamailio:Depends=kamailio (>= $release), kamailio (<< $next~)"
}

case ${1:-} in
	facts) facts ;;
	build) build "${2:?Kamailio tree}" "${3:?directory}" ;;
	depends) depends "${2:?kamflags.mk}" ;;
	*) die "usage: deb.sh facts | build KAM_TREE OUT | depends KAMFLAGS" ;;
esac
