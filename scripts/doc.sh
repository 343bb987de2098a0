#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Make the admin guides: check each against the DTD, then HTML, text and
# manual pages. DTD and stylesheets are Debian's, nothing is fetched.
#   doc.sh OUTPUT_DIR
set -eu
out=$1
here=$(cd "$(dirname "$0")/.." && pwd)
xsl=/usr/share/xml/docbook/stylesheet/docbook-xsl
log=$out/log
mkdir -p "$out/src" "$out/man"
out=$(cd "$out" && pwd)

transform() { xsltproc --nonet "$@" 2>"$log" || { cat "$log" >&2; exit 1; }; }

for name in registrar uac; do
	src=$out/src/$name
	/usr/bin/python3 "$here/scripts/guides.py" "$out/src" "$name"
	xmllint --nonet --noout --valid "$src.xml" "$src-man.xml"
	transform --stringparam generate.toc "book toc" \
		--stringparam html.stylesheet guide.css \
		--stringparam toc.section.depth 1 --stringparam section.autolabel 1 \
		--output "$out/$name.html" "$xsl/html/docbook.xsl" "$src.xml"
	w3m -dump -cols 100 -T text/html "$out/$name.html" >"$out/README.$name"
	transform --stringparam man.output.quietly 1 \
		--stringparam man.authors.section.enabled 0 \
		--stringparam man.output.in.separate.dir 1 \
		--stringparam man.output.base.dir "$out/man/" \
		"$xsl/manpages/docbook.xsl" "$src-man.xml"
done
cp "$here/doc/guide.css" "$out/"
rm -f "$log"
echo "doc: $out: registrar.html, uac.html, README.registrar, README.uac," \
	"man/man7"
