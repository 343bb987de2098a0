# SPDX-License-Identifier: GPL-2.0-or-later
"""`make bench`: runs every bench_*.py beside it and prints one table; a
number that was asked for and is not met makes it fail."""

import importlib
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]


def main(names):
    failed = 0
    if not names:
        names = sorted(p.stem for p in HERE.glob("bench_*.py"))
    for name in names:
        module = importlib.import_module(name)
        print("== %s: %s" % (name, module.__doc__.strip().split("\n")[0]))
        for what, got, asked, ok in module.run():
            failed += not ok
            print("   %-52s %16s %16s %s"
                  % (what, got, asked, "" if ok else "MISSED"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
