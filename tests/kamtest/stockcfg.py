# SPDX-License-Identifier: GPL-2.0-or-later
"""Kamailio's own default kamailio.cfg, as the package installs it."""

import hashlib
import pathlib
import re
import shutil
import subprocess

from .kamailio import ROOT, Kamailio

DOMAIN = "localhost"  # a name that every program finds an address for
PASSWORDS = {"alice": "wonder", "bob": "builder"}
# with passwords, NAT traversal and bindings in MariaDB, for a domain, its
# URL and the port of an RTP proxy
LOCAL = '''
#!define WITH_MYSQL
#!define WITH_AUTH
#!define WITH_USRLOCDB
#!define WITH_NAT
alias="%s"
#!define DBURL "%s"
#!subst "/udp:127.0.0.1:7722/udp:127.0.0.1:%d/"
'''
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

    def bindings(self, user):
        """The contacts of a user: {address: the rest of ul.dump}."""
        aors = self.rpc("ul.dump")["Domains"][0]["Domain"].get("AoRs", [])
        return {c["Contact"]["Address"]: c["Contact"]
                for aor in aors if aor["Info"]["AoR"] == user
                for c in aor["Info"]["Contacts"]}
