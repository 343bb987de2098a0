# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory of requests from scripts: only what is used, and nothing stays."""

import re
import select
import threading
import time

import pytest

from kamtest.uacreq import config, order, settle_shm, shm_of_uac

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

    def used():
        return server.rpc("core.shmmem", "b")["used"]

    def run(n):
        for _ in range(n // BURST):
            want = len(refuser.authorized) + BURST
            order(server, orderer, ruri="sip:r@" + refuser.addr, evroute=1,
                  auser="u", apasswd="p", body=b"b" * 2000, body_is="body")
            end = time.time() + 5
            while len(refuser.authorized) < want and time.time() < end:
                time.sleep(0.001)
        assert settle_shm(server, "new_block", 20) == 0

    run(1000)
    before = used()
    run(9000)
    # each is answered once, and never more
    assert len(refuser.first) == len(refuser.authorized) == 10000
    assert all(len(seen) == 1 for seen in refuser.authorized.values())
    assert used() - before < 20000


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
