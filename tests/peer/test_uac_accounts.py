# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts that register at a registrar of a test, side by side."""

import hashlib

import pytest

from .uac_accounts import OK, account, binding, setup
from .uac_accounts_intended import ACCOUNTS

GIVES_UP = setup("reg")
RETRIES = setup("reg-retry", reg_retry_interval=2)
KEEPS = setup("reg-keep", reg_keep_callid=1)
COUNTED = setup("reg-counted", is_counted=True)
REFRESHES = setup("reg-refresh", quiet_s=7)

DIGEST = 'Digest realm="far.example", nonce="{me}-%d"'
BRIEF = ("Min-Expires", "900")


def asks(n=1, more="", code=401):
    return code, ("WWW-Authenticate" if code == 401 else
                  "Proxy-Authenticate", DIGEST % n + more)


# 200 and what it says about the binding
GRANTS = {
    "contact": (200, binding()), "contact 3600": (200, binding(3600)),
    "expires header": (200, ("Contact", "{contact}"), ("Expires", "500")),
    "both": (200, binding(700), ("Expires", "500")),
    "no lifetime": (200, ("Contact", "{contact}")),
    "no contact": (200,), "no contact but expires": (200, ("Expires", "500")),
    "addr-spec": (200, ("Contact", "{uri};expires=600")),
    "display name": (200, ("Contact", '"L" {contact};expires=600')),
    "q and expires": (200, ("Contact", "{contact};q=0.5;expires=600")),
    "quoted": (200, ("Contact", '{contact};expires="600"')),
    "ours second": (200, ("Contact", "<sip:x@192.0.2.9>;expires=60"),
                    binding()),
    "ours first": (200, binding(), ("Contact",
                                    "<sip:x@192.0.2.9>;expires=60")),
    "one header, ours second": (200, (
        "Contact", "<sip:x@192.0.2.9>;expires=60, {contact};expires=600")),
    "only another": (200, ("Contact", "<sip:x@192.0.2.9>;expires=60")),
    "uri parameter": (200, ("Contact", "<{uri};x=y>;expires=600")),
    "a bad one first": (200, ("Contact", "<rubbish>;expires=600"),
                        binding()),
    "expires 0": (200, binding(0)), "202": (202, binding()),
    "204": (204, binding()), "upper case": (200, (
        "Contact", "{contact};EXPIRES=600")),
    "star": (200, ("Contact", "*"))}
CHALLENGES = {
    "401": [asks()], "407": [asks(code=407)],
    "401 qop": [asks(more=', qop="auth"')],
    "407 qop": [asks(more=', qop="auth"', code=407)],
    "401 MD5": [asks(more=", algorithm=MD5")],
    "401 opaque": [asks(more=', opaque="o"')],
    "401 opaque, qop, algorithm":
        [asks(more=', opaque="o", qop="auth,auth-int", algorithm=MD5')],
    "401 twice": [asks(), asks(2)],
    "401 stale": [asks(), asks(2, ", stale=true")],
    "401 then 403": [asks(), (403,)], "401 then 500": [asks(), (500,)],
    "401 then 423": [asks(), (423, BRIEF)],
    "401 then 407": [asks(), asks(2, code=407)],
    "401 of another realm": [(401, ("WWW-Authenticate",
                                    'Digest realm="x", nonce="{me}"'))],
    "401 without a challenge": [(401,)],
    "401 basic": [(401, ("WWW-Authenticate", 'Basic realm="x"'))],
    "401 SHA-256": [asks(more=", algorithm=SHA-256")],
    "401 auth-int": [asks(more=', qop="auth-int"')],
    "401 unknown algorithm": [asks(more=", algorithm=foo")]}
REFUSALS = {
    "%d%s" % (code, "".join(" " + n for n, _ in headers)): [(code, *headers)]
    for code, headers in (
        (423, [BRIEF]), (423, []), (403, []), (404, []), (500, []),
        (503, []), (503, [("Retry-After", "1")]), (408, []), (600, []),
        (302, [("Contact", "<sip:{p1}>")]), (302, []), (480, []),
        (420, [("Unsupported", "path")]), (403, [("Retry-After", "1")]))}


def ha1():
    return hashlib.md5(b"user:far.example:secret").hexdigest()


ROWS = {
    "expires": {"expires": 60}, "disabled": {"flags": 1},
    "delayed": {"reg_delay": 1}, "contact": {"contact_addr": "192.0.2.7:99"},
    "proxy": {"auth_proxy": "sip:{p1}"},
    "proxy with parameters": {"auth_proxy": "sip:{p1};transport=udp"},
    "no realm": {"realm": ""}, "ip domain": {"r_domain": "192.0.2.1"},
    "port in the domain": {"r_domain": "far.example:5070"},
    "HA1": {"auth_username": "user", "auth_password": "",
            "auth_ha1": ha1()},
    "HA1 and password": {"auth_username": "user", "auth_password": "secret",
                         "auth_ha1": ha1()},
    "odd password": {"auth_password": "p w:\u00e4\"x"},
    "flags": {"flags": 16}}


def fill(where):
    for name, answer in GRANTS.items():
        yield account(where, "grant " + name, answer)
    for name, answers in {**CHALLENGES, **REFUSALS}.items():
        yield account(where, name, *answers, count=len(answers) + 1)


def lives(where):
    """Bindings that are short, so that they are refreshed."""
    for seconds in (6, 8):
        yield account(where, "grant of %d" % seconds,
                      (200, binding(seconds)), OK, count=2)
        yield account(where, "challenged grant of %d" % seconds, asks(),
                      (200, binding(seconds)), OK, count=3)
        yield account(where, "challenged grant of %d, then refused" % seconds,
                      asks(), (200, binding(seconds)), (403,), count=3)


SCENARIOS = [*fill(GIVES_UP), *fill(RETRIES), *lives(REFRESHES),
             *(account(KEEPS, "grant " + name, GRANTS[name])
               for name in ("contact", "expires header")),
             *(account(KEEPS, name, *CHALLENGES[name])
               for name in ("401", "407", "401 then 423")),
             account(COUNTED, "401", asks()),
             *(account(GIVES_UP, "row, " + name, asks(), **row)
               for name, row in ROWS.items())]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_account(peers, scenario):
    peers.check(scenario, ACCOUNTS)
