# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests of the script that are challenged: who gets an answer, how often,
and with what."""

import hashlib

import pytest

from kamtest import digest
from kamtest.uacreq import (Events, answer, config, order, reply,
                            settle_shm)

USER, PASSWORD = "al ice", "secret"


@pytest.fixture(scope="module")
def server(kam_module):
    return kam_module(config(), children=1)


@pytest.fixture
def peer(udp):
    return udp("peer")


@pytest.fixture
def send(server, udp, peer):
    def run(**keys):
        keys = {"auser": USER, "apasswd": PASSWORD, **keys}
        return order(server, udp("order"), ruri="sip:r@" + peer.addr, **keys)
    return run


def challenge(nonce, more="", realm="r", proxy=False, scheme="Digest"):
    return ("Proxy-Authenticate" if proxy else "WWW-Authenticate",
            '%s realm="%s", nonce="%s"%s' % (scheme, realm, nonce, more))


def ha1(realm, name="md5"):
    text = "%s:%s:%s" % (USER, realm, PASSWORD)
    return hashlib.new(name, text.encode()).hexdigest()


def right(request, header="Authorization", method="OPTIONS", body=b""):
    """The fields of an answer that is right."""
    ok, fields = digest.verify(request.get(header), method, PASSWORD, body)
    assert ok, request.get(header)
    return fields


def test_401_and_407(send, peer):
    for code, header in ((401, "Authorization"),
                         (407, "Proxy-Authorization")):
        send(hdrs="X-A: 1", callid="same-%d" % code, furi="sip:f@x.test")
        first = answer(peer, code, headers=[
            challenge("n%d" % code, ', qop="auth", opaque="op"',
                      proxy=code == 407)])
        second = answer(peer, 200)
        fields = right(second, header)
        assert fields["username"] == USER and fields["opaque"] == "op"
        assert fields["uri"] == second.ruri == first.ruri
        assert fields["nc"] == "00000001" and fields["qop"] == "auth"
        # RFC 3261 22.2: the same but for the CSeq
        assert second.cseq == (11, "OPTIONS")
        for name in ("Call-ID", "From", "To", "X-A"):
            assert second.get(name) == first.get(name)


@pytest.mark.parametrize("code, qop, body, is_right", [
    (401, "auth", b"", True), (401, "auth", b"", False),
    (407, "auth", b"", True), (407, "auth", b"", False),
    (401, "auth-int", b"reply", True), (401, "auth-int", b"other", False)])
def test_a7616_4_rspauth_is_checked(server, send, peer, code, qop, body,
                                    is_right):
    send(evroute=1)
    events = Events(server)
    answer(peer, code, headers=[challenge("n", ', qop="%s"' % qop,
                                          proxy=code == 407)])
    request = peer.recv()
    fields = right(request, "Authorization" if code == 401
                   else "Proxy-Authorization")
    proof = digest.rspauth(fields, PASSWORD if is_right else "guess",
                           b"reply" if body else b"")
    peer.send(reply(request, 200, body=body, headers=[
        ("Proxy-Authentication-Info" if code == 407
         else "Authentication-Info", 'rspauth="%s", qop=%s' % (proof, qop))]),
        request.source)
    # warned of, and told to the script as any 200
    assert [e["code"] for e in events.wait(2)][-1] == "200"
    log = server.log()[events.mark:]
    assert ("the answer's rspauth is wrong" in log) == (not is_right)
    assert PASSWORD not in log


def test_body_and_cseq_go_with_the_answer(send, peer):
    send(method="MESSAGE", body=b"hello\r\n", body_is="body", cseqno=70,
         ttag="tt")
    answer(peer, 401, headers=[challenge("n", ', qop="auth-int"')])
    second = answer(peer, 200)
    assert right(second, method="MESSAGE",
                 body=b"hello\r\n")["qop"] == "auth-int"
    assert second.body == b"hello\r\n" and second.cseq[0] == 71
    assert second.get("To").endswith(";tag=tt")


@pytest.mark.parametrize("name, algorithm", [
    ("md5", "MD5"), ("sha256", "SHA-256"), ("sha256", "SHA-256-sess")])
def test_w_u25_an_ha1_of_any_algorithm_fits(send, peer, name, algorithm):
    send(apasswd=ha1("r", name), flags=1)
    answer(peer, 401, headers=[
        challenge("h" + algorithm, ', qop="auth", algorithm=' + algorithm)])
    assert right(answer(peer, 200))["algorithm"] == algorithm


def test_w_u3_an_md5_ha1_answers_the_challenge_it_can(send, peer):
    send(apasswd=ha1("r"), flags=1)
    answer(peer, 401, headers=[
        challenge("s", ", algorithm=SHA-256"), challenge("m")])
    assert right(answer(peer, 200))["nonce"] == "m"


def test_w_u3b_ha1_is_a_matter_of_one_request(send, peer):
    for secret, flags in ((ha1("r"), 1), (PASSWORD, 0), (ha1("r"), 1)):
        send(apasswd=secret, flags=flags)
        answer(peer, 401, headers=[challenge("n%s%d" % (secret, flags))])
        right(answer(peer, 200))


def test_an_ha1_that_cannot_answer_does_not(send, peer):
    send(apasswd=ha1("r"), flags=1)
    answer(peer, 401, headers=[challenge("n", ", algorithm=SHA-256")])
    peer.nothing(0.1)


@pytest.mark.parametrize("again", [
    challenge("n"), challenge("other"), challenge("n", ", stale=true"),
    challenge("other", realm="elsewhere"),
    challenge("other", ", stale=true", realm="elsewhere")])
def test_a_refused_answer_is_not_repeated(send, peer, server, again):
    """RFC 3261 22.2; W-U25e: one answer for a nonce."""
    events = Events(server)
    send(evroute=1)
    answer(peer, 401, headers=[challenge("n")])
    right(answer(peer, 401, headers=[again]))
    peer.nothing(0.1)
    assert [e["code"] for e in events.wait(2)] == ["401", "401"]


def test_a_stale_nonce_is_replaced_once(send, peer):
    send()
    answer(peer, 401, headers=[challenge("a")])
    right(answer(peer, 401, headers=[challenge("b", ", stale=true")]))
    third = answer(peer, 401, headers=[challenge("c", ", stale=true")])
    assert right(third)["nonce"] == "b" and third.cseq[0] == 12
    peer.nothing(0.1)


def test_only_one_realm_gets_an_answer(send, peer):
    send()
    answer(peer, 401, headers=[
        challenge("1", realm="first"), challenge("2", realm="second")])
    second = answer(peer, 200)
    assert right(second)["realm"] == "first"
    assert len(second.all("Authorization")) == 1


def test_a_proxy_and_a_server_of_one_realm(send, peer):
    send()
    answer(peer, 407, headers=[challenge("p", ', qop="auth"', proxy=True)])
    answer(peer, 401, headers=[challenge("s", ', qop="auth"')])
    third = answer(peer, 200)
    assert right(third)["nonce"] == "s"
    fields = right(third, "Proxy-Authorization")
    # the proxy's nonce is used a second time
    assert (fields["nonce"], fields["nc"]) == ("p", "00000002")
    assert third.cseq[0] == 12


def test_a22_4_a_proxy_then_a_server_of_another_realm(send, peer, server):
    """Each is answered, and once."""
    events = Events(server)
    send(evroute=1)
    answer(peer, 407, headers=[challenge("p", realm="edge", proxy=True)])
    second = answer(peer, 401, headers=[challenge("s", realm="core")])
    assert right(second, "Proxy-Authorization")["realm"] == "edge"
    third = answer(peer, 401, headers=[challenge("s2", realm="core")])
    assert right(third)["realm"] == "core"
    assert right(third, "Proxy-Authorization")["nonce"] == "p"
    peer.nothing(0.1)
    assert [e["code"] for e in events.wait(3)] == ["407", "401", "401"]


@pytest.mark.parametrize("more, is_answered", [
    (', qop="foo"', False), (', qop="AUTH"', True), (', qop=" auth"', True),
    (", qop=", True), (", algorithm=MD5-sess", True),
    (", algorithm=WHAT", False), (", algorithm=", False)])
def test_w_u1_odd_challenges_end_nothing(
        send, peer, server, more, is_answered):
    """The stock server ended by some of them, and answers others wrongly."""
    send()
    answer(peer, 401, headers=[challenge("odd", more)])
    if is_answered:
        right(answer(peer, 200))
    else:
        peer.nothing(0.1)
    assert server.alive()


@pytest.mark.parametrize("headers", [
    [], [challenge("x", scheme="Basic")], [("WWW-Authenticate", "Digest")],
    [("WWW-Authenticate", 'Digest realm="r"')],
    [("WWW-Authenticate", ",,,")]])
def test_what_is_no_challenge_gets_no_answer(send, peer, headers):
    send()
    answer(peer, 401, headers=headers)
    peer.nothing(0.1)


def test_a_long_nonce_is_answered_whole(send, peer):
    """W-U25c: the stock module cut the headers at 2 kB."""
    send(hdrs="X-Long: " + "h" * 3000)
    answer(peer, 401, headers=[challenge("n" * 8000)])
    second = answer(peer, 200)
    assert right(second)["nonce"] == "n" * 8000
    assert second.get("X-Long") == "h" * 3000


def test_w_u24_no_credentials_no_answer(send, peer, server, udp):
    send()
    answer(peer, 401, headers=[challenge("n")])
    right(answer(peer, 200))
    order(server, udp("order"), ruri="sip:r@" + peer.addr)
    answer(peer, 401, headers=[challenge("n")])
    peer.nothing(0.1)


def test_an_invite_is_answered_and_acknowledged(send, peer):
    send(method="INVITE")
    first = answer(peer, 401, headers=[challenge("i")])
    got = [peer.recv(), peer.recv()]
    ack, second = sorted(got, key=lambda message: message.method)
    assert ack.method == "ACK" and ack.cseq == (10, "ACK")
    assert second.cseq == (11, "INVITE")
    right(second, method="INVITE")
    assert second.get("Call-ID") == first.get("Call-ID")
    peer.send(reply(second, 486), second.source)
    assert peer.recv().method == "ACK"


def test_the_password_is_in_no_log_and_nothing_stays(send, peer, server):
    send(apasswd="do-not-tell")
    answer(peer, 401, headers=[challenge("n")])
    answer(peer, 403)
    assert settle_shm(server, "new_block") == 0
    assert "do-not-tell" not in server.log()
