# SPDX-License-Identifier: GPL-2.0-or-later
"""`make bench`: runs every bench_*.py beside it and prints one table; a
number that was asked for and is not met makes it fail. A run of all of them
writes doc/benchmarks.md."""

import datetime
import importlib
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
REPORT = HERE.parents[1] / "doc" / "benchmarks.md"
sys.path[:0] = [str(HERE), str(HERE.parent)]


def _machine():
    """What it was measured on, in a line."""
    cpu = re.search(r"^model name\s*: (.*)$",
                    pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    kamailio = subprocess.run(["kamailio", "-v"], capture_output=True,
                              text=True, check=True).stdout.split("\n")[0]
    system = re.search(r'^PRETTY_NAME="(.*)"$',
                       pathlib.Path("/etc/os-release").read_text(), re.M)
    return "%s, %d of %s; %s; load average before %.1f, after" % (
        system.group(1), os.cpu_count(),
        cpu.group(1) if cpu else "an unknown CPU", kamailio,
        os.getloadavg()[0])


class Report:
    """The tables, as text now and as Markdown at the end."""

    def __init__(self):
        self.machine = _machine()
        self.lines = []
        self.missed = 0

    def begin(self, name, text):
        print("== %s: %s" % (name, text.split("\n")[0]), flush=True)
        self.lines += ["", "## " + name, "", text, "",
                       "| what | measured | asked | |", "|---|---|---|---|"]

    def row(self, what, got, asked, is_met):
        self.missed += not is_met
        verdict = "" if is_met else "MISSED"
        print("   %-64s %18s %12s %s" % (what, got, asked, verdict),
              flush=True)
        self.lines.append("| %s | %s | %s | %s |"
                          % (what, got, asked, verdict.lower()))

    def write(self):
        head = ["# Benchmarks", "",
                "Written by `make bench`. %s, on %s %.1f. Ours beside the "
                "packaged modules in the same run."
                % (datetime.date.today().isoformat(), self.machine,
                   os.getloadavg()[0])]
        REPORT.write_text("\n".join(head + self.lines) + "\n")


def main(names):
    report = Report()
    for name in names or sorted(p.stem for p in HERE.glob("bench_*.py")):
        module = importlib.import_module(name)
        report.begin(name, module.__doc__.strip())
        for row in module.run():
            report.row(*row)
    if not names:
        report.write()
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
