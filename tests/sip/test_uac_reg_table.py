# SPDX-License-Identifier: GPL-2.0-or-later
"""Remote registrations: the table of accounts while it changes."""

import re
import select
import threading

import pytest

from kamtest import accounts, memory
from kamtest.kamailio import RpcError, cpu_ns
from kamtest.wait import until
from kamtest.regs import ask, far, gauges, start  # noqa: F401

KEPT = re.compile(rb"^(?:Via|From|To|Call-ID|CSeq|Contact): .*\r\n", re.M)


class Content(threading.Thread):
    """A registrar that accepts whatever comes."""

    def __init__(self, peer):
        super().__init__(daemon=True)
        self.sock = peer.sock
        self.stopping = False
        self.seen = 0

    def run(self):
        while not self.stopping:
            if not select.select([self.sock], [], [], 0.1)[0]:
                continue
            data, source = self.sock.recvfrom(65536)
            self.seen += 1
            self.sock.sendto(
                b"SIP/2.0 200 OK\r\nExpires: 600\r\n"
                + b"".join(KEPT.findall(data))
                + b"Content-Length: 0\r\n\r\n", source)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        self.stopping = True
        self.join()


class Churn(threading.Thread):
    """Commands for each account, by the socket or by kamcmd: two processes of
    the server carry them out at the same time."""

    def __init__(self, call, names):
        super().__init__(daemon=True)
        self.call = call
        self.names = names
        self.is_over = False

    def round(self):
        for name in self.names:
            for method in ("uac.reg_refresh", "uac.reg_register",
                           "uac.reg_disable", "uac.reg_remove"):
                self.call(method, name)

    def run(self):
        while not self.is_over:
            self.round()


def test_w_u5_w_u5b_w_u5c_accounts_are_removed_while_they_are_in_use(
        start, far, udp):  # noqa: F811
    names = ["%d" % i for i in range(20)]
    kamailio = start([accounts.account(n, far.addr) for n in names],
                     'modparam("uac", "reload_delta", 0)')

    def by_rpc(method, name):
        args = ("l_uuid", name) if "refresh" not in method \
            and "remove" not in method else (name,)
        try:
            kamailio.rpc(method, *args)
        except RpcError:
            pass  # the other one has just removed it

    def by_kamcmd(method, name):
        args = ["l_uuid", "s:" + name] if "refresh" not in method \
            and "remove" not in method else ["s:" + name]
        kamailio.kamcmd(method, *args)

    peer = udp()
    with Content(far.peer) as content:
        by_socket = Churn(by_rpc, names)
        by_socket.start()
        slower = threading.Thread(target=Churn(by_kamcmd, names[::-1]).round)
        slower.start()
        while slower.is_alive():
            by_rpc("uac.reg_reload", "")
            ask(kamailio, peer, "sip:%s@x" % names[0])
        by_socket.is_over = True
        by_socket.join()
        assert content.seen > 20
        assert kamailio.log().count("rows read") > 2
        kamailio.rpc("uac.reg_reload")
        for name in names:
            kamailio.rpc("uac.reg_enable", "l_uuid", name)
        until(lambda: gauges(kamailio), (20, 20, 0))
    accounts.execute(kamailio.db, "delete from uacreg")
    kamailio.rpc("uac.reg_reload")
    assert gauges(kamailio) == (0, 0, 0)


def worker_us(kamailio, peer, names):
    """CPU of the worker for a look-up of each."""
    pid, = kamailio.pids()
    before = cpu_ns(pid)
    for name in names:
        assert ask(kamailio, peer, "sip:%s@x" % name)[0] == "1"
    return (cpu_ns(pid) - before) / 1000 / len(names)


def test_w_u6b_a_lookup_among_many_accounts(start, far, udp):  # noqa: F811
    """The stock module's table has as many chains as reg_hash_size says."""
    count = 20000
    kamailio = start(
        [accounts.account("u%d" % i, far.addr, flags=1)
         for i in range(count)], 'modparam("uac", "reg_hash_size", 1)',
        children=1)
    peer = udp()
    few = worker_us(kamailio, peer, ["u1"] * 300)
    many = worker_us(kamailio, peer,
                     ["u%d" % (i * 7919 % count) for i in range(300)])
    # a walk through thousands of accounts would be a hundred times as much
    assert many < 5 * few


def test_w_u17_reloads_leak_nothing(start, far):  # noqa: F811
    kamailio = start([accounts.account("%d" % i, far.addr, flags=1)
                      for i in range(50)],
                     'modparam("uac", "reload_delta", 0)')

    def run(count):
        for i in range(count):
            kamailio.rpc("uac.reg_reload")
            kamailio.rpc("uac.reg_refresh", "%d" % (i % 50))
            with pytest.raises(RpcError):
                kamailio.rpc("uac.reg_refresh", "nobody")

    run(40)
    before = memory.at_rest(kamailio)
    run(200)
    memory.stays(kamailio, before, 2000)


@pytest.mark.parametrize("call", [
    'uac_reg_send_register("r_username", "x")',
    'uac_reg_send_unregister("auth_username", "x")',
    'uac_reg_lookup("x", "$var(d)")', 'uac_reg_status("x")',
    'uac_reg_enable("l_uuid", "x")', 'uac_reg_refresh("x")'])
def test_w_u27_registrations_are_not_configured(kam, udp, call):
    kamailio = kam(accounts.config("x", route="""
    $var(r) = %s;
    sl_send_reply("299", "is $var(r)");
    exit;""" % call).replace('modparam("uac", "reg_', "#"))
    assert int(ask(kamailio, udp(), "sip:x@y")[0]) < 0
    assert kamailio.alive()


def test_w_u27_one_that_is_under_way_is_not_sent_twice(
        start, far, udp):  # noqa: F811
    kamailio = start([accounts.account("1", far.addr)], route="""
    $var(r) = uac_reg_send_register("l_uuid", "1");
    sl_send_reply("299", "is $var(r)");
    exit;""")
    request = far.get()
    assert ask(kamailio, udp(), "sip:x@y") == ["1"]
    far.nothing(0.4)
    far.accept(request)
    until(lambda: gauges(kamailio), (1, 1, 0))
    assert ask(kamailio, udp(), "sip:x@y") == ["1"]
    far.accept(far.get())
