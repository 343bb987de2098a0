# SPDX-License-Identifier: GPL-2.0-or-later
"""The Debian package of the modules, and roots it is installed in."""

import hashlib
import os
import pathlib
import stat
import subprocess
import tarfile

from .kamailio import ROOT

NAME = "kamailio-registrar-uac"
SCRIPT = ROOT / "scripts/deb.sh"
DROP_IN = "usr/lib/kamailio-registrar-uac/mpath.cfg"


def run(*words, timeout=60, **options):
    """What a command prints; that it fails is a failure."""
    done = subprocess.run(list(map(str, words)), capture_output=True,
                          text=True, timeout=timeout, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(directory, timeout=600):
    """The package of this tree, made in that directory."""
    tree = os.environ.get("KAM_TREE") or "build/kamailio"
    run("sh", SCRIPT, "build", tree, directory, timeout=timeout, cwd=ROOT)
    return Package(directory)


class Package:
    """What was built in a directory."""

    def __init__(self, directory):
        self.file, = directory.glob(NAME + "_*.deb")
        self.changes, = directory.glob("*.changes")

    def field(self, name):
        return run("dpkg-deb", "-f", self.file, name).strip()

    def members(self, what="--fsys-tarfile"):
        """[tarfile.TarInfo] of its files, or of the control archive's."""
        with subprocess.Popen(["dpkg-deb", what, str(self.file)],
                              stdout=subprocess.PIPE) as tar:
            with tarfile.open(fileobj=tar.stdout, mode="r|") as archive:
                return list(archive)

    def files(self, what="--fsys-tarfile"):
        """Names of what is no directory."""
        return {m.name.removeprefix("./") for m in self.members(what)
                if not m.isdir()}


def snapshot(root, without=()):
    """{path: what it is} of everything below root but these directories."""
    found = {}
    for place, dirs, files in os.walk(root):
        inside = pathlib.Path(place).relative_to(root)
        dirs[:] = [d for d in dirs if str(inside / d) not in without]
        for name in dirs + files:
            found[str(inside / name)] = _described(os.path.join(place, name))
    return found


def _described(path):
    info = os.lstat(path)
    what = (info.st_mode, info.st_uid, info.st_gid)
    if stat.S_ISLNK(info.st_mode):
        return what, os.readlink(path)
    if not stat.S_ISREG(info.st_mode):
        return what, ""
    with open(path, "rb") as file:
        return what, hashlib.sha256(file.read()).hexdigest()
