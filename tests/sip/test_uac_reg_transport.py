# SPDX-License-Identifier: GPL-2.0-or-later
"""Remote registrations over TLS, and to hosts that DNS names."""

import os
import ssl

import pytest

from kamtest import accounts
from kamtest.certs import Certificate
from kamtest.dns import A, SRV, NameServer
from kamtest.net import TcpPeer, free_port
from kamtest.wait import until, until_true
from kamtest.regs import gauges


@pytest.fixture
def start(kam, tmp_path):
    """start(row, ..., **options) -> Kamailio with these accounts."""
    def run(*rows, extra="", **options):
        accounts.create(tmp_path / "uac.db")
        accounts.insert(tmp_path / "uac.db", rows)
        return kam(accounts.config(accounts.url(tmp_path / "uac.db"), extra),
                   **options)
    return run


def test_registers_over_tls(start, tmp_path, trace, tcp_listener):
    made = Certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.cert, made.key)
    listener = tcp_listener()
    addr = "127.0.0.1:%d" % listener.port
    row = accounts.account("1", addr,
                           auth_proxy="sip:%s;transport=tls" % addr)
    kamailio = start(row, extra=made.kamailio(), tcp=True,
                     globals_=made.listen(free_port()))
    listener.sock.settimeout(5)
    raw, _ = listener.sock.accept()
    peer = TcpPeer(trace, "registrar",
                   sock=context.wrap_socket(raw, server_side=True))
    accounts.Registrar(peer).serve("1", algorithm="SHA-256")
    until(lambda: gauges(kamailio), (1, 1, 0))
    peer.close()


@pytest.mark.skipif(os.getuid() != 0, reason="port 53 and a mount namespace "
                    "of its own are for root only")
def test_registrar_named_by_srv(start, udp, tmp_path):
    peer = udp("registrar", host="127.0.0.9")
    far = accounts.Registrar(peer)
    records = {
        ("_sip._udp.provider.example", SRV):
            [NameServer.srv(10, 10, peer.port, "one.provider.example")],
        ("one.provider.example", A): [NameServer.a("127.0.0.9")],
    }
    with NameServer(records) as dns:
        kamailio = start(
            accounts.account("1", "provider.example", auth_proxy=""),
            wrap=dns.command(tmp_path),
            globals_="dns_try_ipv6=no\nuse_dns_cache=yes")
        first = far.get()
        assert first.ruri == "sip:provider.example"
        far.challenge(first)
        second = far.get()
        far.authorization(second, "p1")
        far.accept(second)
        until(lambda: gauges(kamailio), (1, 1, 0))
        assert ("_sip._udp.provider.example", SRV) in dns.asked


@pytest.mark.skipif(os.getuid() != 0, reason="port 53 and a mount namespace "
                    "of its own are for root only")
def test_a_name_server_that_is_silent_holds_up_nobody_else(start, udp,
                                                           tmp_path):
    """A name is resolved where the request is sent, for many seconds when
    nobody answers."""
    far = accounts.Registrar(udp("registrar"))
    rows = [accounts.account("dead%d" % i, "one%d.dead.example" % i,
                             auth_proxy="") for i in range(4)]
    rows.append(accounts.account("1", far.addr))
    with NameServer({}, silent="dead.example") as dns:
        kamailio = start(*rows, wrap=dns.command(tmp_path),
                         globals_="dns_try_ipv6=no\nuse_dns_cache=yes\n"
                         "dns_retr_time=1\ndns_retr_no=4")
        far.accept(far.get(), 4)
        # it is refreshed while the dead names are asked for, one after the
        # other
        far.accept(far.get(), 4)
        assert kamailio.log().count("could not resolve") < 4
        assert gauges(kamailio) == (5, 1, 0)
        until_true(lambda: any("dead" in name for name, _ in dns.asked))
        until_true(lambda: "is its name server well?" in kamailio.log(), 60)
        # nor does the end of the server wait for them
        assert kamailio.stop() == 0
