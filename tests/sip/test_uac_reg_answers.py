# SPDX-License-Identifier: GPL-2.0-or-later
"""Remote registrations: what each kind of answer leads to."""

import time

import pytest

from kamtest import accounts
from kamtest.regs import far, gauges, info, start  # noqa: F401
from kamtest.wait import until


HOSTILE = [
    ("W-U1 unknown qop", 'Digest realm="far.example", nonce="n", qop="foo"'),
    ("W-U1 qop with a blank", 'Digest realm="far.example", nonce="n",'
     ' qop=" auth"'),
    ("W-U1 qop in capitals", 'Digest realm="far.example", nonce="n",'
     ' qop="AUTH"'),
    ("W-U1b -sess without qop", 'Digest realm="far.example", nonce="n",'
     ' algorithm=MD5-sess'),
    ("W-U2 auth-int first", 'Digest realm="far.example", nonce="n",'
     ' qop="auth-int,auth"'),
    ("W-U2 auth-int only", 'Digest realm="far.example", nonce="n",'
     ' qop="auth-int"'),
    ("W-U3f quoted-pair", 'Digest realm="far.example", nonce="a\\"b"'),
    ("W-U21 nonce of 2,100 bytes", 'Digest realm="far.example", nonce="%s"'
     % ("x" * 2100)),
]


@pytest.mark.parametrize("value", [h[1] for h in HOSTILE],
                         ids=[h[0] for h in HOSTILE])
def test_hostile_challenge(start, far, value):
    kamailio = start([accounts.account("1", far.addr)])
    far.answer(far.get(), 401, "Unauthorized", ("WWW-Authenticate", value))
    if "foo" in value:
        far.nothing(0.3)
        until(lambda: gauges(kamailio), (1, 0, 1))
    else:
        request = far.get()
        header = request.get("Authorization")
        assert 'username="a1"' in header and "response=" in header
        if "\\" not in value:
            far.authorization(request, "p1")
        far.accept(request)
        until(lambda: gauges(kamailio), (1, 1, 0))
    assert kamailio.alive()


@pytest.mark.parametrize("headers, asked", [
    ((("Min-Expires", "900"),), "900"),
    ((("Min-Expires", "4294967295"),), "86400"),
    ((("Min-Expires", "0"),), "1200"),
    ((), "1200"),
], ids=["as told", "absurd", "zero", "none"])
def test_w_u10_interval_too_brief(start, far, headers, asked):
    kamailio = start([accounts.account("1", far.addr)])
    far.answer(far.get(), 423, "Interval Too Brief", *headers)
    request = far.get()
    assert request.get("Expires") == asked
    far.accept(request, int(asked))
    until(lambda: gauges(kamailio), (1, 1, 0))
    assert info(kamailio)["expires"] == 600


@pytest.mark.parametrize("contacts, left", [
    (["<sip:1@127.0.0.1:5999>;expires=300"], 300),
    (["<sip:1@10.0.0.1>;expires=300"], 300),
    (["<sip:x y>;expires=1, <sip:other@h>;expires=2,"
      " <sip:1@127.0.0.1:5999>;expires=300"], 300),
    (["\"a, <b\" <sip:other@h>;expires=2",
      "sip:1@127.0.0.1:5999;expires=300"], 300),
    (["<sip:other@h>;expires=2"], 400),
    ([], 400),
], ids=["ours", "rewritten", "broken before ours", "two headers",
        "foreign only", "none"])
def test_w_u11_own_contact_in_the_answer(start, far, contacts, left):
    kamailio = start([accounts.account("1", far.addr)])
    far.answer(far.get(), 200, "OK", *[("Contact", c) for c in contacts],
               ("Expires", "400"))
    until(lambda: gauges(kamailio), (1, 1, 0))
    assert left - 3 <= info(kamailio)["diff_expires"] <= left


def test_any_2xx_is_success(start, far):
    kamailio = start([accounts.account("1", far.addr)])
    far.answer(far.get(), 202, "Accepted")
    until(lambda: gauges(kamailio), (1, 1, 0))


def test_w_u12_unregister_keeps_the_configured_lifetime(start, far):
    kamailio = start([accounts.account("1", far.addr)])
    far.accept(far.get())
    until(lambda: gauges(kamailio), (1, 1, 0))
    kamailio.rpc("uac.reg_unregister", "l_uuid", "1")
    request = far.get()
    assert request.get("Expires") == "0"
    far.answer(request, 200, "OK")
    until(lambda: gauges(kamailio), (1, 0, 0))
    kamailio.rpc("uac.reg_register", "l_uuid", "1")
    request = far.get()
    assert request.get("Expires") == "600"
    far.accept(request)
    until(lambda: gauges(kamailio), (1, 1, 0))


def test_redirect_is_followed_once(start, far, udp):
    other = accounts.Registrar(udp("other"))
    kamailio = start([accounts.account("1", far.addr)])
    far.answer(far.get(), 302, "Moved", ("Contact", "<sip:%s>" % other.addr))
    request = other.get()
    assert request.ruri == "sip:" + other.addr
    other.answer(request, 302, "Moved", ("Contact", "<sip:%s>" % far.addr))
    far.nothing(0.3)
    assert info(kamailio)["flags"] == 1
    # U3261-12: the next one goes where the row says
    kamailio.rpc("uac.reg_enable", "l_uuid", "1")
    assert far.get().ruri == "sip:" + far.addr


def test_reg_retry_interval_zero_disables(start, far):
    kamailio = start([accounts.account("1", far.addr)])
    far.answer(far.get(), 403, "Forbidden")
    until(lambda: gauges(kamailio), (1, 0, 1))
    listed = kamailio.rpc("uac.reg_list")["accounts"][0]
    assert listed["code"] == 403 and listed["reason"] == "Forbidden"


def test_reg_retry_interval(start, far):
    kamailio = start([accounts.account("1", far.addr)],
                     'modparam("uac", "reg_retry_interval", 1)')
    first = far.get()
    far.answer(first, 500, "Server Error")
    began = time.time()
    second = far.get()
    assert 0.8 < time.time() - began < 10
    assert second.get("Call-ID") != first.get("Call-ID")
    far.accept(second)
    until(lambda: gauges(kamailio), (1, 1, 0))


def test_retry_after_is_no_failure(start, far):
    kamailio = start([accounts.account("1", far.addr)])
    far.answer(far.get(), 503, "Busy", ("Retry-After", "1 (soon)"))
    far.accept(far.get())
    until(lambda: gauges(kamailio), (1, 1, 0))


def test_late_answer_changes_nothing(start, far):
    kamailio = start([accounts.account("1", far.addr)])
    request = far.get()
    kamailio.rpc("uac.reg_disable", "l_uuid", "1")
    far.accept(request)
    time.sleep(0.2)
    assert gauges(kamailio) == (1, 0, 1)
    kamailio.rpc("uac.reg_enable", "l_uuid", "1")
    far.accept(far.get())
    until(lambda: gauges(kamailio), (1, 1, 0))


def test_w_u7b_never_two_requests_of_an_account_at_once(start, far):
    kamailio = start([accounts.account("1", far.addr)],
                     'modparam("tm", "fr_timer", 2000)')
    first = far.get()
    kamailio.rpc("uac.reg_disable", "l_uuid", "1")
    kamailio.rpc("uac.reg_enable", "l_uuid", "1")
    began = time.time()
    while True:
        request = far.get(5)
        if request.get("Call-ID") != first.get("Call-ID"):
            break
    # the first had to end, by tm's timer, before the next was sent
    assert time.time() - began > 1
    far.accept(request)
    until(lambda: gauges(kamailio), (1, 1, 0))


def test_no_answer(start, far):
    kamailio = start([accounts.account("1", far.addr)],
                     'modparam("tm", "fr_timer", 700)\n'
                     'modparam("uac", "reg_retry_interval", 1)')
    first = far.get()
    retry = far.get()
    while retry.get("Call-ID") == first.get("Call-ID"):
        retry = far.get()  # tm repeats the first
    far.accept(retry)
    until(lambda: gauges(kamailio), (1, 1, 0))
