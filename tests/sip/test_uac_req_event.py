# SPDX-License-Identifier: GPL-2.0-or-later
"""event_route[uac:reply]: when it runs and what it sees (bug class
"Events"), and from which routes uac_req_send() can be called."""

import time

import pytest

from kamtest.net import Timeout
from kamtest.uacreq import (EVENT, Events, answer, config, order, reply,
                            settle_shm)

CHALLENGE = ("WWW-Authenticate", 'Digest realm="r", nonce="n%d"')


@pytest.fixture(scope="module")
def server(kam_module):
    return kam_module(config(
        more="""
event_route[tm:local-request] { if(is_present_hf("X-Drop")) drop; }
"""), children=1)


@pytest.fixture
def peer(udp):
    return udp("peer")


def send(server, udp, peer, **keys):
    return order(server, udp("order"), ruri="sip:r@" + peer.addr, **keys)


@pytest.mark.parametrize("evroute", [0, 1, 2, 3])
@pytest.mark.parametrize("codes", [(200,), (404,), (401, 200), (401, 403)])
def test_events_count_and_codes(server, udp, peer, evroute, codes):
    events = Events(server)
    send(server, udp, peer, evroute=evroute, auser="u", apasswd="p",
         evparam="my-%d" % evroute)
    for i, code in enumerate(codes):
        answer(peer, code, headers=[
            (CHALLENGE[0], CHALLENGE[1] % i), ("X-T", "t%d" % i)])
    want = [] if evroute == 0 else [
        ("%d" % code, "1", "my-%d" % evroute, "%d" % code, "t%d" % i)
        for i, code in enumerate(codes) if evroute != 2 or code >= 300]
    got = events.wait(len(want))
    assert [(e["code"], e["type"], e["param"], e["rs"], e["x"])
            for e in got] == want


@pytest.mark.parametrize("evroute", [1, 2])
@pytest.mark.parametrize("auser", ["", "u"])
def test_an_answer_that_never_comes_is_an_event(
        server, udp, peer, evroute, auser):
    """As with the stock module, the script sees a faked request then."""
    events = Events(server)
    send(server, udp, peer, evroute=evroute, fr_timeout=200, auser=auser,
         apasswd="p")
    got = events.wait(1)[0]
    assert (got["code"], got["type"], got["rs"]) == ("408", "2", "<null>")
    assert got["method"] == "OPTIONS"


def test_w_u25d_evroute_2_and_authentication_get_along(server, udp, peer):
    events = Events(server)
    send(server, udp, peer, evroute=2, auser="u", apasswd="p")
    answer(peer, 401, headers=[(CHALLENGE[0], CHALLENGE[1] % 0)])
    assert answer(peer, 200).get("Authorization") is not None
    assert [e["code"] for e in events.wait(1)] == ["401"]


def test_the_event_sees_the_reply_and_its_own_request(server, udp, peer):
    events = Events(server)
    send(server, udp, peer, evroute=1, evparam="one", callid="first@here",
         auser="someone")
    first = peer.recv()
    # the same process has made another request meanwhile
    send(server, udp, peer, evroute=1, evparam="two", method="INFO")
    second = peer.recv()
    peer.send(reply(first, 480), first.source)
    one = events.wait(1)[0]
    assert one["param"] == "one" and one["method"] == "OPTIONS"
    assert one["ci"] == one["callid"] == "first@here"
    assert one["cs"] == "10" and one["si"] == "127.0.0.1"
    assert one["auser"] == "someone" and one["rt"] == "480"
    peer.send(reply(second, 200), second.source)
    two = events.wait(2)[1]
    assert two["param"] == "two" and two["method"] == "INFO"
    # W-U24: nothing of the first
    assert two["auser"] == "<null>" and two["callid"] == "<null>"


def test_a_reply_again_is_no_event_again(server, udp, peer):
    events = Events(server)
    send(server, udp, peer, evroute=1, auser="u", apasswd="p")
    request = answer(peer, 404)
    for _ in range(3):
        peer.send(reply(request, 404), request.source)
    events.wait(1)


def test_what_an_event_sets_is_gone_after_it(kam, udp, peer):
    server = kam(config(
        main="""if($rU == "look") {
            xlog("EV|method=$uac_req(method)|auser=$uac_req(auser)|\\n");
            sl_send_reply("200", "rc 1"); exit; }
            route(SET); $uac_req(auser) = "mine"; route(SEND);""",
        event="""$uac_req(all) = $null; $uac_req(method) = "BYE";
            $uac_req(auser) = "other";""" + EVENT), children=1)
    events = Events(server)
    send(server, udp, peer, evroute=1)
    answer(peer, 200)
    assert events.wait(1)[0]["auser"] == "other"
    order(server, udp("order"), user="look")
    got = events.wait(2)[1]
    assert got == {"method": "OPTIONS", "auser": "mine"}


def test_an_event_can_send_the_next_request(kam, udp, peer):
    server = kam(config(event="""
        if($uac_req(evparam) == "again") {
            $uac_req(evparam) = "last";
            $uac_req(hdrs) = "X-Second: yes\\r\\n";
            uac_req_send();
        }""" + EVENT), children=1)
    events = Events(server)
    send(server, udp, peer, evroute=1, evparam="again")
    answer(peer, 200)
    assert answer(peer, 202).get("X-Second") == "yes"
    assert [e["code"] for e in events.wait(2)] == ["200", "202"]


def test_dropped_requests_return_as_ever_and_leak_nothing(
        server, udp, peer):
    """Bug class "Free of uninitialised pointer"; the stock module keeps
    42 kB of each."""
    events = Events(server)
    for _ in range(20):
        assert send(server, udp, peer, evroute=1, auser="u", apasswd="p",
                    hdrs="X-Drop: 1") == 1
    peer.nothing(0.05)
    assert settle_shm(server, "new_block") == 0
    assert events.read() == []


def test_a_dropped_answer_to_a_challenge_leaks_nothing(kam, udp, peer):
    server = kam(config(more="""event_route[tm:local-request] {
        if(is_present_hf("Authorization")) drop; }"""), children=1)
    send(server, udp, peer, evroute=1, auser="u", apasswd="p")
    answer(peer, 401, headers=[(CHALLENGE[0], CHALLENGE[1] % 0)])
    peer.nothing(0.1)
    assert settle_shm(server, "new_block") == 0


def test_without_a_route_nothing_runs(kam, udp, peer):
    server = kam(config(event=None), children=1)
    send(server, udp, peer, evroute=1)
    answer(peer, 200)
    time.sleep(0.05)
    assert settle_shm(server, "new_block") == 0
    assert "ERROR" not in server.log()


ROUTES = """
route[GO] {
    $uac_req(all) = $null;
    $uac_req(method) = "INFO";
    $uac_req(ruri) = "sip:r@" + $sht(peer=>addr);
    $uac_req(hdrs) = "X-From: " + $var(from) + "\\r\\n";
    uac_req_send();
}
branch_route[B] { $var(from) = "branch"; route(GO); }
failure_route[F] { $var(from) = "failure"; route(GO); }
onreply_route[R] { $var(from) = "reply"; route(GO); }
event_route[tm:branch-failure:BF] { $var(from) = "event"; route(GO); }
event_route[tm:local-request] {
    if(is_method("MESSAGE")) { $var(from) = "local"; route(GO); }
}
"""


def test_it_can_be_called_in_any_route(kam, udp, peer):
    server = kam(config(
        main="""$sht(peer=>addr) = $hdr(X-Peer);
            if(is_method("MESSAGE")) { route(SET); route(SEND); }
            $var(from) = "request"; route(GO);
            t_on_branch("B"); t_on_reply("R"); t_on_failure("F");
            t_on_branch_failure("BF");
            $ru = "sip:callee@" + $hdr(X-Callee);
            t_relay(); exit;""",
        more=ROUTES, modules='loadmodule "htable.so"\n'
        'modparam("htable", "htable", "peer=>size=1;")\n'), children=1)
    callee, caller = udp("callee"), udp("caller")
    order(server, caller, wait=False, Peer=peer.addr, Callee=callee.addr)
    answer(callee, 480)
    seen = set()
    for _ in range(5):
        try:
            seen.add(answer(peer, 200).get("X-From"))
        except Timeout:
            break
    assert seen == {"request", "branch", "reply", "failure", "event"}

    order(server, caller, order_as="MESSAGE", wait=False, method="MESSAGE",
          Peer=peer.addr, ruri="sip:r@" + callee.addr)
    answer(callee, 200)
    assert answer(peer, 200).get("X-From") == "local"


def test_a_reply_that_tm_keeps_is_seen_whole(kam, udp):
    """With DNS failover the answer of the first address may win, when the
    second one's is no better: it is in shared memory then."""
    server = kam(config(), globals_="use_dns_failover=on\ndns=on",
                 children=1)
    first = udp("first")
    second = udp("second", "127.0.0.3", first.port)
    for host in (first.host, second.host):
        server.rpc("dns.add_a", "two.test", 60, host, 0)
    events = Events(server)
    order(server, udp("order"), ruri="sip:r@two.test:%d" % first.port,
          evroute=1, fr_timeout=600)
    for _ in range(2):
        for peer in (first, second):
            try:
                request = peer.recv(0.2)
            except Timeout:
                continue
            peer.send(reply(request, 503, headers=[("X-T", peer.name)]),
                      request.source)
    got = events.wait(1)[0]
    assert got["code"] == got["rs"] == "503" and got["type"] == "1"
    assert got["x"] == "first"
