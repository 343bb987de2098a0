# SPDX-License-Identifier: GPL-2.0-or-later
"""uac_req_send(): combinations of $uac_req's keys, authentication, event
routes, side by side."""

import hashlib
import itertools
import random

import pytest

from .scene import Scenario
from .uac_intended import REQUESTS
from .uac_requests import PASSWORDS, Order, setup

PLAIN = setup("req")
# Few of these: the packaged module may end its server some time later.
EVENTS = setup("req-evroute-1")
FAILURES = setup("req-evroute-2")

LINES = "X-One: 1\r\nX-Two: 2\r\n"
CHALLENGE = 'Digest realm="far.example", nonce="{me}-%d"'


def challenge(n=1, more="", code=401):
    return code, ("WWW-Authenticate" if code == 401 else
                  "Proxy-Authenticate", CHALLENGE % n + more)


def ha1(user):
    return hashlib.md5(("%s:far.example:%s" % (
        user, PASSWORDS[user])).encode()).hexdigest()


CREDENTIALS = {"auser": "alice", "apasswd": "secret"}
KEYS = {
    "method": ("OPTIONS", "MESSAGE", "INFO", "SUBSCRIBE", "INVITE", "FOO",
               "ACK", "CANCEL", ""),
    "ruri": ("sip:{me}@{p0};x=y", "sip:{p0};m={me}", "sips:{me}@{p0}",
             "<sip:{me}@{p0}>", "tel:+49{me}", "{me}", None, "",
             "sip:{me}@{p0}?h=v", "sip:%41{me}@{p0}"),
    "turi": ("sip:{me}to@b.example", "tel:+4930", "<sip:{me}@b>", "",
             '"T" <sip:{me}@b>', "sip:{me}@b.example;x=y", "rubbish"),
    "furi": ("sip:{me}from@a.example", "tel:+4930", "<sip:{me}@b>", "",
             '"F" <sip:{me}@b>', "sip:{me}@b.example;x=y", "rubbish"),
    "ouri": ("sip:{p1}", "sip:{p1};lr", "sip:out@{p1}", "", "rubbish",
             "sip:{p1};transport=udp"),
    "sock": ("udp:{second}", "udp:{server}", "{second}", "udp:127.0.0.1:9",
             "", "rubbish", "tcp:{server}"),
    "callid": ("{me}-call", "{me}@host", "", "with blank {me}"),
    "hdrs": ("X-One: 1", "Contact: <sip:{me}@{c}>", "Subject: {me}", "",
             "rubbish", "Max-Forwards: 5", "User-Agent: {me}"),
    "body": ("text {me}", ""), "evparam": ("param {me}", ""),
    "cseqno": (7, 0), "ftag": ("{me}ft",), "ttag": ("{me}tt",)}


def each():
    for key, values in KEYS.items():
        for value in values:
            yield "%s %s" % (key, value), Order(**{key: value, "evroute": 1})
    for key, text in (("hdrs", LINES), ("hdrs", LINES + "X-Three: 3"),
                      ("body", "line\r\nline\r\n")):
        yield "lines of %s %d" % (key, len(text)), Order(
            body=text, body_is=key)
    yield "headers without an end, authenticated", Order(
        challenge(), hdrs="X-One: {me}", **CREDENTIALS)
    yield "headers and type", Order(hdrs="Content-Type: text/plain",
                                    body="hello", method="MESSAGE")


def authenticated(evroutes):
    codes = ((401,), (407,), (401, 401), (401, 407), (401, 403), (200,),
             (404,), (503,), (302,))
    for evroute, (n, status), known in itertools.product(
            evroutes, enumerate(codes), (True, False)):
        replies = [challenge(i, code=c) if c in (401, 407) else (c,)
                   for i, c in enumerate(status)]
        keys = dict(CREDENTIALS) if known else {}
        yield "evroute %d, %s, %s" % (evroute, status, known), Order(
            *replies, evroute=evroute, evparam="{me} %d" % n, **keys)


def challenges():
    for qop, algorithm, opaque in itertools.product(
            ("", ', qop="auth"', ', qop="auth,auth-int"'),
            ("", ", algorithm=MD5"), ("", ', opaque="o p"')):
        yield "challenge" + qop + algorithm + opaque, Order(
            challenge(more=qop + algorithm + opaque), method="MESSAGE",
            body="hello", **CREDENTIALS)
    yield "HA1", Order(challenge(), auser="alice", apasswd=ha1("alice"),
                       flags=1)
    yield "HA1, qop", Order(challenge(more=', qop="auth"'), auser="alice",
                            apasswd=ha1("alice"), flags=1)
    yield "long password", Order(challenge(), auser="bob",
                                 apasswd=PASSWORDS["bob"])
    yield "blanks", Order(challenge(), auser="carol",
                          apasswd=PASSWORDS["carol"])
    yield "no password", Order(challenge(), auser="alice")
    yield "no challenge", Order((401,), **CREDENTIALS)
    yield "basic", Order((401, ("WWW-Authenticate", 'Basic realm="x"')),
                         **CREDENTIALS)
    yield "unknown qop", Order(challenge(more=', qop="foo"'), **CREDENTIALS)
    yield "auth-int", Order(challenge(more=', qop="auth-int"'),
                            **CREDENTIALS)
    yield "SHA-256", Order(challenge(more=", algorithm=SHA-256"),
                           **CREDENTIALS)
    yield "unknown algorithm", Order(challenge(more=", algorithm=foo"),
                                     **CREDENTIALS)
    yield "empty opaque", Order(challenge(more=', opaque=""'), **CREDENTIALS)
    yield "long values", Order(
        method="M" * 40, callid="{me}" + "c" * 140, auser="u" * 140,
        evroute=1)


def provisional():
    for code in (180, 183):
        yield "%d" % code, Order((code,), method="INVITE", evroute=1)


def by_chance(count, seed=6):
    rng = random.Random(seed)
    for n in range(count):
        keys = {k: v[0] if rng.random() < 0.6 else v[1]
                for k, v in KEYS.items()
                if rng.random() < 0.4 and k not in ("ruri",)
                and len(v) > 1}
        keys["evroute"] = rng.choice((0, 1))
        if not keys["evroute"]:
            keys.update(CREDENTIALS)
        replies = rng.choice(([], [challenge()], [(404,)],
                              [challenge(code=407), (486,)]))
        yield "by chance %d" % n, Order(*replies, **keys)


# The first: a server that died meanwhile has none left.
SCENARIOS = [Scenario(PLAIN, "credentials are left", [
    Order(challenge(), **CREDENTIALS), Order(challenge(2), leave=True)])]
SCENARIOS += [Scenario(PLAIN, name, [step]) for name, step in (
    *each(), *authenticated((0,)), *challenges(), *provisional(),
    *by_chance(60))]
SCENARIOS += [Scenario(where, name, [step])
              for where, evroute in ((EVENTS, 1), (FAILURES, 2))
              for name, step in authenticated((evroute,))]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_request(peers, scenario):
    peers.check(scenario, REQUESTS)
