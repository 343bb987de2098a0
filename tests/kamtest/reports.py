# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tools of scripts/guarded.sh have written, as far as it is about
our modules.

All that a sanitizer reports is: only they are built for it. valgrind sees
the whole server, so of its records those count that have one of our functions
among the callers; what is not our fault there is in tests/valgrind.supp.

As a program: print those of a directory, exit 1 when there are any."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = "|".join(re.escape(path.name) for tree in (
    "registrar", "uac", "common", "tests/modules")
    for path in (ROOT / tree).rglob("*.[ch]") if path.name != "kxguard.c")
OURS = re.compile(r"\((%s):\d+\)|/(registrar|uac)\.so\)" % SOURCES)


def records(file):
    """The texts of a file of reports that are ours."""
    text = file.read_text(errors="replace")
    if not re.match(r"==\d+== ", text) or "AddressSanitizer" in text:
        return [text] if text else []
    # an empty line of valgrind's ends a record
    parts = re.split(r"^==\d+== *\n", text, flags=re.M)
    return [part for part in parts if OURS.search(part)]


def found(directory):
    """{file: its records}"""
    every = {file: records(file) for file in sorted(directory.iterdir())}
    return {file: got for file, got in every.items() if got}


if __name__ == "__main__":
    reports = found(pathlib.Path(sys.argv[1]))
    for file, parts in reports.items():
        print("%s:\n%s" % (file, "\n".join(parts)[:8000]), file=sys.stderr)
    sys.exit(1 if reports else 0)
