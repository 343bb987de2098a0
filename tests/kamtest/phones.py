# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones that nobody here wrote, each steered as it wants to be: one account,
one transport, calls are answered at once, and leaving means unregistering."""

import os
import signal
import subprocess

from .baresip import Baresip
from .kamailio import ROOT
from .net import free_port

PROGRAMS = ROOT / "tests/clients/programs"


class Account:
    """What every phone is told."""

    def __init__(self, user, password, domain, over, port, certificate):
        self.user = user
        self.password = password
        self.domain = domain
        self.over = over
        self.port = port  # of the registrar, which is its outbound proxy
        self.certificate = certificate


class Program:
    """One of them in a home directory of its own."""

    farewell = None  # what it is told on its input to unregister; or SIGTERM
    answer = None  # the same to take a call; or it does so by itself

    def __init__(self, account, home):
        self.account = account
        self.home = home
        self.home.mkdir()
        self.log = home / "output"
        command = self.prepare(account)
        with open(self.log, "wb") as log:
            self.proc = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
                env={**os.environ, "HOME": str(home)})

    def prepare(self, account):
        """Write the configuration, return the command."""
        raise NotImplementedError

    def say(self, words):
        self.proc.stdin.write(words.encode() + b"\n")
        self.proc.stdin.flush()

    def leave(self):
        """Have it unregister."""
        if self.farewell is None:
            self.proc.terminate()
        else:
            self.say(self.farewell)

    def stop(self):
        try:
            os.killpg(self.proc.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.proc.stdin.close()
        self.proc.wait()

    def output(self):
        return self.log.read_text(errors="replace")


class BaresipPhone:
    """libre's stack. Only with these methods, it starts by itself."""

    answer = None
    transports = ("udp", "tcp", "tls")

    def __init__(self, account, home):
        ca = account.certificate.cert if account.over == "tls" else None
        self.phone = Baresip(account.user, account.password, account.domain,
                             account.port, home, account.over, ca)

    def leave(self):
        self.phone.stop()

    stop = leave

    def output(self):
        return (self.phone.dir / "log").read_text(errors="replace")


class Linphone(Program):
    """belle-sip's stack. Its certificates are for host names, not for
    addresses."""

    transports = ("udp", "tcp", "tls")
    farewell = "quit"

    def prepare(self, account):
        (self.home / ".local/share/linphone").mkdir(parents=True)
        ports = {name: -1 if name == account.over else 0
                 for name in self.transports}  # -1: any
        server = "<sip:localhost:%d;transport=%s>" % (account.port,
                                                      account.over)
        (self.home / "rc").write_text("\n".join([
            "[sip]", "bind_address=127.0.0.1", "use_ipv6=0",
            "sip_port=%(udp)d\nsip_tcp_port=%(tcp)d\nsip_tls_port=%(tls)d"
            % ports, "root_ca=%s" % account.certificate.cert,
            "default_proxy=0",
            "[auth_info_0]", "username=" + account.user,
            "passwd=" + account.password, "realm=" + account.domain,
            "domain=" + account.domain,
            "[proxy_0]", "reg_proxy=" + server, "reg_route=" + server,
            "reg_identity=sip:%s@%s" % (account.user, account.domain),
            "reg_expires=600", "reg_sendregister=1", "publish=0",
            "[rtp]", "audio_rtp_port=%d" % free_port(), ""]))
        return ["linphonec", "-a", "-c", str(self.home / "rc")]


class NetSip(Program):
    """The stack of Perl's Net::SIP."""

    transports = ("udp", "tcp", "tls")

    def prepare(self, account):
        return ["perl", str(PROGRAMS / "netsip_phone.pl"), account.user,
                account.password, account.domain, account.over,
                str(account.port), str(free_port()),
                str(account.certificate.cert), str(account.certificate.key)]


class Twinkle(Program):
    """Twinkle's own stack; it knows no TLS. Told to quit after a call, it
    crashes."""

    transports = ("udp", "tcp")
    farewell = "deregister"
    answer = "answer"

    def prepare(self, account):
        files = self.home / ".twinkle"
        files.mkdir()
        server = "127.0.0.1:%d" % account.port
        (files / (account.user + ".cfg")).write_text("\n".join([
            "user_name=" + account.user, "user_domain=" + account.domain,
            "auth_name=" + account.user, "auth_pass=" + account.password,
            "registrar=" + server, "outbound_proxy=" + server,
            "register_at_startup=yes", "registration_time=600",
            "sip_transport=" + account.over, ""]))
        (files / "twinkle.sys").write_text("\n".join([
            "dev_ringtone=alsa:null", "dev_speaker=alsa:null",
            "dev_mic=alsa:null", "sip_udp_port=%d" % free_port(),
            "rtp_port=%d" % free_port(),
            "start_user_profile=" + account.user, ""]))
        return ["twinkle-console"]


PHONES = {"baresip": BaresipPhone, "linphone": Linphone,
          "net-sip": NetSip, "twinkle": Twinkle}
