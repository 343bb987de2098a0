# SPDX-License-Identifier: GPL-2.0-or-later
"""Modules for tests, compiled when a test wants them."""

import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def build(name, *more):
    """Compile tests/modules/NAME.c; the path of NAME.so, for loadmodule.
    With further options of the compiler it is another file."""
    source = ROOT / "tests" / "modules" / (name + ".c")
    target = ROOT / "build" / "testmodules" / "".join([name, *more, ".so"])
    flags = {}
    for line in (ROOT / "build" / "kamflags.mk").read_text().splitlines():
        key, _, value = line.partition(" := ")
        flags[key] = value
    if target.exists() and target.stat().st_mtime > source.stat().st_mtime:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".%d.part" % os.getpid())
    subprocess.run(
        ["gcc", "-std=gnu11", "-O1", "-g", "-fPIC", "-shared", "-pthread",
         "-fno-strict-aliasing", *shlex.split(flags["KAM_DEFS"]),
         "-DKSR_PTHREAD_MUTEX_SHARED", '-DMOD_NAME="%s"' % name,
         "-DMOD_NAMEID=%s" % name, *more,
         "-isystem", flags["KAM_TREE_SEEN"] + "/src", str(source),
         "-o", str(part)], check=True, timeout=60)
    part.rename(target)
    return target


if __name__ == "__main__":
    print(build(sys.argv[1]))
