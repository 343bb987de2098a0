# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory of requests from scripts: only what is used, and nothing stays."""

import re
import select
import threading

import pytest

from kamtest import memory, module
from kamtest.uacreq import (answer, config, order, reply, settle_shm,
                            shm_of_uac)
from kamtest.wait import until_true

BURST = 50
# sends a burst for each order
MANY = """
route(SET);
$var(i) = 0;
while($var(i) < %d) {
    uac_req_send();
    $var(i) = $var(i) + 1;
}
sl_send_reply("200", "rc 1");
exit;
""" % BURST


KEPT = re.compile(rb"^(?:Via|From|To|Call-ID|CSeq): .*\r\n", re.M)
CALL_ID = re.compile(rb"^Call-ID: (.*)\r\n", re.M)


class Refuser(threading.Thread):
    """A peer that answers 401 forever, each time with another nonce. It
    works on bytes: there are many."""

    def __init__(self, peer):
        super().__init__(daemon=True)
        self.sock = peer.sock
        self.addr = peer.addr
        self.first = set()
        self.authorized = {}
        self.stopping = False

    def run(self):
        n = 0
        while not self.stopping:
            if not select.select([self.sock], [], [], 0.1)[0]:
                continue
            data, source = self.sock.recvfrom(65536)
            call = CALL_ID.search(data).group(1)
            if b"\r\nAuthorization: " in data:
                # a request again has the same Via
                self.authorized.setdefault(call, set()).add(
                    data.split(b"branch=", 1)[1].split(b"\r", 1)[0])
            else:
                self.first.add(call)
            n += 1
            self.sock.sendto(
                b"SIP/2.0 401 No\r\n" + b"".join(KEPT.findall(data))
                + b'WWW-Authenticate: Digest realm="r", qop="auth", '
                b'nonce="n%d"\r\nContent-Length: 0\r\n\r\n' % n, source)


@pytest.fixture
def refuser(udp):
    thread = Refuser(udp("peer"))
    thread.start()
    yield thread
    thread.stopping = True
    thread.join()


def test_10000_requests_to_a_peer_that_refuses_forever(kam, udp, refuser):
    """Bug class "sharing one callback parameter between two transactions":
    the stock module frees twice here."""
    server = kam(config(MANY, event="$var(ran) = 1;"), children=2, shm=128)
    orderer = udp("order")

    def run(n):
        for _ in range(n // BURST):
            want = len(refuser.authorized) + BURST
            order(server, orderer, ruri="sip:r@" + refuser.addr, evroute=1,
                  auser="u", apasswd="p", body=b"b" * 2000, body_is="body")
            until_true(lambda: len(refuser.authorized) >= want)
        assert settle_shm(server, "new_block", 20) == 0

    run(1000)
    before = memory.at_rest(server)
    run(9000)
    # each is answered once, and never more
    assert len(refuser.first) == len(refuser.authorized) == 10000
    assert all(len(seen) == 1 for seen in refuser.authorized.values())
    memory.stays(server, before, 20000)


def test_w_u25b_a_request_keeps_only_what_it_uses(kam, udp):
    """The stock module takes 42 kB for each."""
    server = kam(config(MANY), children=1)
    peer = udp("peer")
    order(server, udp("order"), ruri="sip:r@" + peer.addr, evroute=1,
          evparam="p")
    assert 0 < shm_of_uac(server)["new_block"] < BURST * 1024
    order(server, udp("order"), ruri="sip:r@" + peer.addr)
    # nothing to wait for: nothing kept
    assert shm_of_uac(server)["new_block"] < BURST * 1024


FAULTY = """
route(SET);
$var(n) = $(hdr(X-Fault){s.int});
fault_alloc("$var(n)");
%s
$var(rc) = $rc;
xlog("L_ERR", "MADE $fault\\n");
fault_alloc("0");
sl_send_reply("200", "rc $var(rc)");
exit;
"""
SETS = """$uac_req(hdrs) = "X-A: 1";
if($uac_req(hdrs) == $null) xlog("L_ERR", "HDRS are gone\\n");
uac_req_send();"""


def test_a_failing_allocation_sends_all_or_nothing(kam, udp):
    """One after the other fails: the request is sent whole and the script
    told so, or it isn't; nothing is left. W-U25e."""
    server = kam(config(FAULTY % SETS,
                        modules='loadmodule "%s"' % module.build("kxfault")),
                 children=1, debug=1)
    peer, outcomes = udp("peer"), []
    for n in range(1, 60):
        mark = len(server.log())
        rc = order(server, udp("order"), ruri="sip:r@" + peer.addr, evroute=1,
                   auser="u", apasswd="p", body=b"body", body_is="body",
                   ttag="t", fr_timeout=500, Fault=n)
        outcomes.append(rc)
        log = server.log()[mark:]
        if rc == 1:
            request = answer(peer, 200)
            assert request.get("X-A") == "1" and request.body == b"body"
            assert "HDRS are gone" not in log
        if int(re.findall(r"MADE (\d+)", log)[-1]) < n:
            break
    assert outcomes[-1] == 1 and -1 in outcomes
    peer.nothing(0.05)
    assert settle_shm(server, "new_block") == 0


def test_a_failing_allocation_leaves_a_challenge_unanswered(kam, udp):
    server = kam(config(
        'fault_alloc("0"); route(SET); route(SEND);',
        more="""reply_route {
            $var(n) = $(hdr(X-Fault){s.int});
            fault_alloc("$var(n)");
        }
        """, event=None,
        modules='loadmodule "%s"' % module.build("kxfault")),
        children=1, debug=1)
    peer, answered = udp("peer"), []
    for n in range(1, 40):
        order(server, udp("order"), ruri="sip:r@" + peer.addr,
              auser="u", apasswd="p", fr_timeout=500)
        answer(peer, 401, headers=[
            ("WWW-Authenticate", 'Digest realm="r", nonce="n"'),
            ("X-Fault", str(n))])
        try:
            second = peer.recv(0.4)
        except AssertionError:
            answered.append(False)
        else:
            assert "response=" in second.get("Authorization")
            peer.send(reply(second, 200, headers=[("X-Fault", "0")]),
                      second.source)
            answered.append(True)
            if answered[-2:] == [True, True]:
                break
    assert False in answered and answered[-1]
    assert settle_shm(server, "new_block") == 0


def test_one_answer_to_a_challenge_that_comes_twice(kam, udp):
    """Two processes may see the same reply at the same time."""
    server = kam(config(), children=4)
    peer, seen = udp("peer"), []
    for n in range(30):
        order(server, udp("order"), ruri="sip:r@" + peer.addr, evroute=1,
              auser="u", apasswd="p", callid="c%d@h" % n)
        request = peer.recv()
        refusal = reply(request, 401, headers=[
            ("WWW-Authenticate", 'Digest realm="r", nonce="n%d"' % n)])
        for _ in range(4):
            peer.send(refusal, request.source)
        second = answer(peer, 200)
        assert second.get("Authorization") is not None
        seen.append(second.get("Call-ID"))
    peer.nothing(0.2)
    assert seen == ["c%d@h" % n for n in range(30)]
    assert settle_shm(server, "new_block") == 0


def test_shutdown_with_requests_under_way(kam, udp):
    """Bug class "Shutdown crashes"."""
    server = kam(config(MANY), children=2)
    peer = udp("peer")
    order(server, udp("order"), ruri="sip:r@" + peer.addr, evroute=1,
          auser="u", apasswd="p")
    request = answer(peer, 401, headers=[
        ("WWW-Authenticate", 'Digest realm="r", nonce="n"')])
    assert request.method == "OPTIONS"
    server.may_die = True
    assert server.stop() == 0
    assert not re.search("BUG|core was generated|signal 11", server.log())
