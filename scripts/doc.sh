#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Check the DocBook sources against their DTD and make HTML of them. Both come
# from Debian's packages, nothing is fetched.
#   doc.sh OUTPUT_DIR
set -eu
out=$1
xsl=/usr/share/xml/docbook/stylesheet/docbook-xsl/html/docbook.xsl
mkdir -p "$out"
for src in doc/*.xml; do
	name=$(basename "$src" .xml)
	xmllint --nonet --noout --valid "$src"
	xsltproc --nonet --stringparam generate.toc "chapter toc" \
		--output "$out/$name.html" "$xsl" "$src"
done
