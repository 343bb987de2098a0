# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrars that nobody here wrote, each with one account and a password,
on loopback over UDP, TCP and TLS."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from .baresip import eventually
from .kamailio import ROOT
from .net import free_port

DOMAIN = "localhost"
USER = "acct"
PASSWORD = "far-secret"
EJABBERD = '''
hosts: [%s]
loglevel: info
auth_method: [mnesia]
auth_password_format: plain
certfiles: [%s]
listen:
  - {port: %d, ip: "127.0.0.1", transport: udp, module: ejabberd_sip}
  - {port: %d, ip: "127.0.0.1", transport: tcp, module: ejabberd_sip}
  - {port: %d, ip: "127.0.0.1", transport: tcp, module: ejabberd_sip, tls: true}
modules:
  mod_sip: {}
'''


class Registrar:
    """One of them in a directory of its own, ended by pid. It is ready when
    its output has the word."""

    word = "ready"

    def __init__(self, certificate):
        self.ports = {"udp": free_port(), "tls": free_port()}
        self.ports["tcp"] = self.ports["udp"]
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="kx-far-"))
        self.log = self.dir / "output"
        with open(self.log, "wb") as log:
            self.proc = subprocess.Popen(
                self.prepare(certificate), stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, cwd=self.dir,
                start_new_session=True, env={
                    **os.environ, "HOME": str(self.dir), **self.environment})

    environment = {}

    def prepare(self, certificate):
        """Write the configuration, return the command."""
        raise NotImplementedError

    def wait(self, timeout=60):
        eventually("%s is ready" % type(self).__name__, lambda: (
            self.proc.poll() is not None or self.word in self.output()),
            timeout)
        assert self.proc.poll() is None, self.output()[-3000:]

    def output(self):
        return self.log.read_text(errors="replace")

    def stop(self):
        try:
            os.killpg(self.proc.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.proc.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


class NetSip(Registrar):
    """The registrar of Perl's Net::SIP."""

    def prepare(self, certificate):
        return ["perl", str(ROOT / "tests/clients/programs"
                            / "netsip_registrar.pl"), USER, PASSWORD, DOMAIN,
                str(certificate.cert), str(certificate.key),
                *["%s=%d" % pair for pair in self.ports.items()]]


class Ejabberd(Registrar):
    """mod_sip of ejabberd, without a node name: then there is no epmd."""

    def prepare(self, certificate):
        pem = self.dir / "pem"
        pem.write_bytes(certificate.key.read_bytes()
                        + certificate.cert.read_bytes())
        (self.dir / "ejabberd.yml").write_text(EJABBERD % (
            DOMAIN, pem, self.ports["udp"], self.ports["tcp"],
            self.ports["tls"]))
        (self.dir / "db").mkdir()
        libs = sorted(pathlib.Path("/usr/lib").glob("*/ejabberd-*"))
        self.environment = {"ERL_LIBS": str(libs[0].parent)}
        return ["erl", "-noinput", "-mnesia", "dir", '"%s"' % (self.dir / "db"),
                "-ejabberd", "config", '"%s"' % (self.dir / "ejabberd.yml"),
                "log_path", '"%s"' % (self.dir / "log"), "-s", "ejabberd",
                "-eval", 'ok = ejabberd_auth:try_register(<<"%s">>, <<"%s">>,'
                ' <<"%s">>), io:format("ready~n").' % (USER, DOMAIN, PASSWORD)]
