# SPDX-License-Identifier: GPL-2.0-or-later
"""uac_req_send(): what goes on the wire for each key, and what is refused."""

import re
import time

import pytest

from kamtest.net import Timeout, free_port
from kamtest.uacreq import MODULES, Events, answer, config, order, reply
from kamtest.wait import until_true

SECOND = "127.0.0.2"


@pytest.fixture(scope="module")
def second_port():
    return free_port(SECOND)


@pytest.fixture(scope="module")
def server(kam_module, second_port):
    return kam_module(
        config(), tcp=True,
        globals_="listen=udp:%s:%d" % (SECOND, second_port))


@pytest.fixture
def peer(udp):
    return udp("peer")


@pytest.fixture
def send(server, udp, peer):
    """Order a request to the peer; returns (return code, request)."""
    def run(**keys):
        keys.setdefault("ruri", "sip:r@" + peer.addr)
        rc = order(server, udp("order"), **keys)
        return rc, answer(peer, 200) if rc > 0 else None
    return run


def test_the_example_of_the_manual_runs_as_written(kam, udp):
    """seeds/uac.txt 4.8 and 6.1, but for the name of the host."""
    peer = udp("peer")
    server = kam(MODULES + """
request_route {
$uac_req(method)="OPTIONS";
$uac_req(ruri)="sip:kamailio.org";
$uac_req(furi)="sip:kamailio.org";
$uac_req(turi)="sip:kamailio.org";
$uac_req(callid)=$(mb{s.md5});
$uac_req(evroute)=1;
uac_req_send();
sl_send_reply("200", "rc 1");
}
event_route[uac:reply] {
    xlog("received reply code is: $uac_req(evcode)\\n");
}
""".replace("sip:kamailio.org", "sip:" + peer.addr))
    assert order(server, udp("order")) == 1
    request = answer(peer, 486)
    assert request.method == "OPTIONS"
    assert re.fullmatch("[0-9a-f]{32}", request.get("Call-ID"))
    until_true(lambda: "received reply code is: 486" in server.log())


def test_a_request_as_the_stock_module_sends_it(send, peer, server):
    rc, got = send(furi="sip:f@from.test", turi="sip:t@to.test")
    assert rc == 1
    assert got.start == "OPTIONS sip:r@%s SIP/2.0" % peer.addr
    assert re.fullmatch(r"<sip:f@from\.test>;tag=\S+", got.get("From"))
    assert got.get("To") == "<sip:t@to.test>"
    assert got.cseq == (10, "OPTIONS")
    assert got.get("Max-Forwards") == "70"
    assert got.get("Content-Length") == "0"
    assert got.get("Call-ID").endswith("@127.0.0.1")


def test_from_and_to_default_to_the_request_uri(send, peer):
    _, got = send()
    uri = "<sip:r@%s>" % peer.addr
    assert got.get("To") == uri
    assert got.get("From").startswith(uri + ";tag=")


def test_names_and_brackets(send, peer):
    _, got = send(ruri='"R" <sip:q@%s>' % peer.addr,
                  furi='"F N" <sip:f@from.test>;p=1',
                  turi="<sip:t@to.test>")
    assert got.ruri == "sip:q@" + peer.addr
    assert got.get("From").startswith('"F N" <sip:f@from.test>;p=1;tag=')
    assert got.get("To") == "<sip:t@to.test>"


def test_each_request_has_ids_of_its_own(send):
    _, one = send()
    _, two = send()
    assert one.get("Call-ID") != two.get("Call-ID")
    assert one.get("From").split("tag=")[1] != two.get("From").split("tag=")[1]


def test_ids_can_be_given_on_every_release(send):
    _, got = send(callid="my-id@here", ftag="ft1", ttag="tt2", cseqno=4711)
    assert got.get("Call-ID") == "my-id@here"
    assert got.get("From").endswith(">;tag=ft1")
    assert got.get("To").endswith(">;tag=tt2")
    assert got.cseq == (4711, "OPTIONS")


def test_ouri_is_where_it_goes(send, peer):
    _, got = send(ruri="sip:elsewhere@nowhere.invalid", ouri="sip:" + peer.addr)
    assert got.ruri == "sip:elsewhere@nowhere.invalid"


def test_body_and_headers(send):
    _, got = send(method="MESSAGE", hdrs="Content-Type: text/plain",
                  body=b"hello", body_is="body")
    assert got.method == "MESSAGE"
    assert got.get("Content-Type") == "text/plain"
    assert got.get("Content-Length") == "5"
    assert got.body == b"hello"


@pytest.mark.parametrize("text", [
    b"X-A: 1\r\nX-B: 2\r\n", b"X-A: 1\r\nX-B: 2", b"X-A: 1\nX-B: 2\n",
    b"X-A: 1\nX-B: 2", b"X-A: 1\r\nX-B: 2\r\n\r\n"])
def test_w_u25c_headers_stay_apart_whatever_ends_them(server, udp, peer, text):
    order(server, udp("order"), ruri="sip:r@" + peer.addr, body=text,
          body_is="hdrs")
    data, source = peer.sock.recvfrom(65536)
    head, _, rest = data.partition(b"\r\n\r\n")
    assert b"\r\nX-A: 1\r\nX-B: 2" in head
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert rest == b""


def test_w_u25_long_values_arrive_whole(server, udp, peer, send):
    long = {"method": "M" * 60, "callid": "c" * 500 + "@h",
            "furi": "sip:%s@from.test" % ("f" * 2000),
            "turi": "sip:%s@to.test" % ("t" * 2000),
            "ruri": "sip:%s@%s" % ("r" * 2000, peer.addr),
            "ftag": "T" * 300, "hdrs": "X-Long: " + "h" * 9000}
    _, got = send(**long)
    assert got.method == long["method"]
    assert got.ruri == long["ruri"]
    assert got.get("Call-ID") == long["callid"]
    assert got.get("From") == "<%s>;tag=%s" % (long["furi"], long["ftag"])
    assert got.get("To") == "<%s>" % long["turi"]
    assert got.get("X-Long") == "h" * 9000

    body = b"b" * 50000
    order(server, udp("order"), ruri="sip:r@" + peer.addr, body=body,
          body_is="body")
    assert peer.recv().body == body


@pytest.mark.parametrize("key, value", [
    ("method", "NOT ONE"), ("method", "A/B"), ("ruri", "sip:a b@host"),
    ("ruri", "sip:a@host>"), ("turi", "sip:a@host>"),
    ("ouri", "sip:a@host b"), ("callid", "two words"), ("ftag", "a b"),
    ("ttag", "a b"), ("evroute", "-1"), ("cseqno", "-1")])
def test_w_u25_a_value_that_cannot_be_taken_sends_nothing(
        server, udp, peer, key, value):
    keys = {"ruri": "sip:r@" + peer.addr, key: value}
    mark = len(server.log())
    assert order(server, udp("order"), **keys) == -1
    server.says("$uac_req(%s) can't take" % key, mark)
    peer.nothing(0.05)


@pytest.mark.parametrize("key, body", [
    ("hdrs", b"X-A: 1\r\n\r\nINJECTED"), ("hdrs", b"\r\nX-A: 1"),
    ("hdrs", b"X-A: 1\rX-B: 2"), ("hdrs", b"X-A: 1\0\r\n"),
    ("ruri", b"sip:r@127.0.0.1 SIP/2.0\r\nX-A: 1\r\n")])
def test_w_u25_nobody_writes_a_message_of_his_own(
        server, udp, peer, key, body):
    assert order(server, udp("order"), ruri="sip:r@" + peer.addr, body=body,
                 body_is=key) == -1
    peer.nothing(0.05)


def test_lines_that_are_no_headers_send_nothing(server, udp, peer):
    assert order(server, udp("order"), ruri="sip:r@" + peer.addr,
                 hdrs="nonsense") == -1
    peer.nothing(0.05)


@pytest.mark.parametrize("keys", [
    {"method": "", "ruri": "sip:r@127.0.0.1:9"}, {"ruri": ""},
    {"ruri": "nonsense"}, {"ruri": "sip:r@127.0.0.1:9", "ouri": "nonsense"},
    {"ruri": "sip:r@nowhere.invalid"}])
def test_what_cannot_be_sent_returns_minus_one(server, udp, keys):
    assert order(server, udp("order"), **keys) == -1


def test_sock_is_what_it_leaves_from(server, send, second_port):
    _, got = send(sock="udp:%s:%d" % (SECOND, second_port))
    assert got.source == (SECOND, second_port)
    _, got = send()
    assert got.source == server.addr


def test_an_unknown_socket_is_told_and_the_default_taken(server, send):
    mark = len(server.log())
    rc, got = send(sock="udp:192.0.2.1:5060")
    assert rc == 1 and got.source == server.addr
    server.says("not one of our sockets", mark)


def test_default_socket(kam, udp):
    port = free_port(SECOND)
    server = kam(config(
        params='modparam("uac", "default_socket", "udp:%s:%d")'
        % (SECOND, port)), globals_="listen=udp:%s:%d" % (SECOND, port))
    peer = udp("peer")
    order(server, udp("order"), ruri="sip:r@" + peer.addr)
    assert answer(peer, 200).source == (SECOND, port)
    order(server, udp("order"), ruri="sip:r@" + peer.addr,
          sock="udp:%s:%d" % server.addr)
    assert answer(peer, 200).source == server.addr


def test_a_default_socket_that_is_not_ours_is_found_at_start(kam):
    server = kam(config(params='modparam("uac", "default_socket", '
                               '"udp:192.0.2.1:5060")'), start=False)
    with pytest.raises(AssertionError, match="did not start"):
        server.start()
    server.says("default_socket udp:192.0.2.1:5060")


def test_over_tcp(server, udp, tcp_listener):
    listener = tcp_listener("server")
    order(server, udp("order"), wait=False, evroute=1,
          ruri="sip:r@127.0.0.1:%d;transport=tcp" % listener.port,
          hdrs="X-Long: " + "h" * 9000)
    events = Events(server)
    peer = listener.accept()
    request = peer.recv()
    peer.send(reply(request, 200))
    assert "/TCP" in request.get("Via")
    assert request.get("X-Long") == "h" * 9000
    assert events.wait(1)[0]["code"] == "200"
    peer.close()


def test_ack_is_sent_without_a_transaction(server, udp, peer):
    events = Events(server)
    assert order(server, udp("order"), method="ACK", evroute=1,
                 ruri="sip:r@" + peer.addr) == 1
    assert peer.recv().method == "ACK"
    with pytest.raises(Timeout):
        peer.recv(0.7)
    assert events.read() == []


def test_an_invite_is_acknowledged(server, udp, peer):
    for code in (200, 486):
        events = Events(server)
        assert order(server, udp("order"), method="INVITE", evroute=1,
                     ruri="sip:r@" + peer.addr) == 1
        invite = answer(peer, code, headers=[
            ("Contact", "<sip:c@%s>" % peer.addr)])
        ack = peer.recv()
        assert ack.method == "ACK"
        assert ack.get("Call-ID") == invite.get("Call-ID")
        assert events.wait(1)[0]["code"] == str(code)


def test_fr_timeout_ends_the_wait_on_every_release(server, udp, peer):
    events = Events(server)
    began = time.time()
    order(server, udp("order"), ruri="sip:r@" + peer.addr, evroute=1,
          fr_timeout=300)
    got = events.wait(1)[0]
    assert (got["code"], got["type"]) == ("408", "2")
    assert time.time() - began < 4  # tm would wait 30


def test_fr_inv_timeout_ends_the_ringing(server, udp, peer):
    events = Events(server)
    assert order(server, udp("order"), method="INVITE", evroute=1,
                 ruri="sip:r@" + peer.addr, fr_inv_timeout=400) == 1
    invite = peer.recv()
    peer.send(reply(invite, 180, "Ringing"), invite.source)
    began = time.time()
    cancel = peer.recv()
    assert cancel.method == "CANCEL" and time.time() - began < 10
    peer.send(reply(cancel, 200), cancel.source)
    peer.send(reply(invite, 487), invite.source)
    assert events.wait(1)[0]["code"] in ("408", "487")

