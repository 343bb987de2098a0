# SPDX-License-Identifier: GPL-2.0-or-later
"""Kamailio's own default kamailio.cfg, as the package installs it."""

import hashlib
import pathlib
import re
import shutil
import subprocess

from .kamailio import ROOT, Kamailio

INSTALLED = pathlib.Path("/etc/kamailio/kamailio.cfg")


def default_cfg():
    """The file of the package; where an operator has changed that, the same
    one in the source tree."""
    files = subprocess.run(["dpkg-query", "-W", "-f", "${Conffiles}",
                            "kamailio"], capture_output=True, text=True).stdout
    packaged = re.search(r"%s (\w+)" % INSTALLED, files)
    if packaged and INSTALLED.exists() and packaged.group(1) \
            == hashlib.md5(INSTALLED.read_bytes()).hexdigest():
        return INSTALLED
    return ROOT / "build/kamailio/etc/kamailio.cfg"


class DefaultKamailio(Kamailio):
    """Runs that file without a change. What is set is in the file that it
    includes for that, kamailio-local.cfg: where to listen and to find
    modules, and the lines of `local`."""

    def __init__(self, local, modules="ours", **options):
        super().__init__("", modules=modules, **options)
        self.rpc_socket = self.dir / "kamailio_rpc.sock"
        self.ctl_socket = self.dir / "kamailio_ctl"
        self.local = "\n".join([*self.place, local, ""])

    def _write(self):
        shutil.copy(default_cfg(), self.dir / "kamailio.cfg")
        (self.dir / "kamailio-local.cfg").write_text(self.local)
