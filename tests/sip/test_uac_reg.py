# SPDX-License-Identifier: GPL-2.0-or-later
"""Remote registrations on the wire: a registrar played by hand."""

import time

import pytest

from kamtest import accounts, digest
from kamtest.message import Message
from kamtest.kamailio import RpcError
from kamtest.net import unique
from kamtest.wait import until

# lookup, lookup by URI and status of what the Request-URI names
ROUTE = """
    $var(a) = "-"; $var(b) = "-";
    $var(r1) = uac_reg_lookup("$rU", "$var(a)");
    $var(r2) = uac_reg_lookup_uri("$ru", "$var(b)");
    $var(r3) = uac_reg_status("$rU");
    $var(r4) = uac_reg_status("$ru");
    sl_send_reply("299", "is $var(r1) $var(a) $var(r2) $var(b) $var(r3) $var(r4)");
    exit;
"""


@pytest.fixture
def far(udp):
    return accounts.Registrar(udp("registrar"))


@pytest.fixture
def start(kam, tmp_path, far):
    """start([rows], extra=...) -> Kamailio with these accounts."""
    path = tmp_path / "uac.db"

    def run(rows, extra="", more="", route=ROUTE, **options):
        accounts.create(path)
        accounts.insert(path, rows)
        extra = 'modparam("uac", "reg_timer_interval", 5)\n' + extra
        kamailio = kam(accounts.config(accounts.url(path), extra, route, more),
                       **options)
        kamailio.db = path
        return kamailio
    return run


def ask(kamailio, peer, uri):
    """What the route above answers: (lookup, local, lookup_uri, uuid,
    status by uuid, status by URI)."""
    peer.send(Message("OPTIONS %s SIP/2.0" % uri, [
        ("Via", "SIP/2.0/UDP %s;branch=z9hG4bK%s" % (peer.addr, unique())),
        ("From", "<sip:test@127.0.0.1>;tag=t"), ("To", "<%s>" % uri),
        ("Call-ID", unique()), ("CSeq", "1 OPTIONS")]), kamailio.addr)
    return peer.recv().reason.split()[1:]


def gauges(kamailio):
    return tuple(kamailio.stat("uac", n)
                 for n in ("regtotal", "regactive", "regdisabled"))


def info(kamailio, name="1"):
    return kamailio.rpc("uac.reg_info", "l_uuid", name)


def test_register_as_the_stock_module_sends_it(start, far):
    start([accounts.account("1", far.addr)])
    request = far.get()
    assert request.ruri == "sip:" + far.addr
    aor = "<sip:r1@%s>" % far.addr
    assert request.get("To") == aor
    assert request.get("From").startswith(aor + ";tag=")
    assert request.get("Contact") == "<sip:1@127.0.0.1:5999>"
    assert request.get("Expires") == "600"
    assert request.cseq == (10, "REGISTER")
    assert request.get("Authorization") is None


@pytest.mark.parametrize("algorithm", [None, "MD5", "SHA-256", "SHA-512-256",
                                       "MD5-sess", "SHA-256-sess"])
def test_answers_a_challenge(start, far, algorithm):
    kamailio = start([accounts.account("1", far.addr)])
    first, second = far.serve("1", algorithm=algorithm)
    assert second.get("Call-ID") == first.get("Call-ID")
    assert second.cseq[0] == first.cseq[0] + 1
    fields = far.authorization(second, "p1")
    assert fields["nc"] == "00000001" and fields["uri"] == second.ruri
    assert fields.get("algorithm") == algorithm
    until(lambda: info(kamailio)["flags"], 20)
    assert 590 <= info(kamailio)["diff_expires"] <= 600


def test_answers_a_proxy_challenge(start, far):
    kamailio = start([accounts.account("1", far.addr)])
    far.challenge(far.get(), code=407)
    request = far.get()
    assert request.get("Authorization") is None
    far.authorization(request, "p1")
    far.accept(request)
    until(lambda: gauges(kamailio), (1, 1, 0))


def test_a_proxy_and_the_registrar_challenge(start, far):
    kamailio = start([accounts.account("1", far.addr)])
    far.challenge(far.get(), "np", code=407)
    far.challenge(far.get(), "nr")
    request = far.get()
    nonces = [digest.parse(request.get(name))[1]["nonce"]
              for name in ("Authorization", "Proxy-Authorization")]
    assert nonces == ["nr", "np"]
    far.accept(request)
    until(lambda: gauges(kamailio), (1, 1, 0))
    # both are kept for the next one
    kamailio.rpc("uac.reg_register", "l_uuid", "1")
    request = far.get()
    assert digest.parse(request.get("Proxy-Authorization"))[1]["nc"] == \
        "00000003"
    assert digest.parse(request.get("Authorization"))[1]["nc"] == "00000002"


def test_an_account_with_ha1(start, far):
    import hashlib
    ha1 = hashlib.md5(b"a1:far.example:p1").hexdigest()
    start([accounts.account("1", far.addr, auth_password="", auth_ha1=ha1)])
    request = far.get()
    # W-U3: the strongest that this credential can answer
    far.answer(request, 401, "Unauthorized",
               ("WWW-Authenticate", 'Digest realm="far.example", nonce="x",'
                ' algorithm=SHA-256, qop="auth"'),
               ("WWW-Authenticate", 'Digest realm="far.example", nonce="x",'
                ' algorithm=MD5, qop="auth"'))
    fields = far.authorization(far.get(), "p1")
    assert fields["algorithm"] == "MD5"


def test_w_u3c_w_u3d_refresh_uses_the_nonce_again(start, far):
    kamailio = start([accounts.account("1", far.addr)],
                     'modparam("uac", "reg_keep_callid", 1)')
    _, second = far.serve("1", expires=2)
    third = far.get()
    before = far.authorization(second, "p1")
    after = far.authorization(third, "p1")
    assert after["nonce"] == "n1" and after["nc"] == "00000002"
    assert after["cnonce"] != before["cnonce"]
    assert third.get("Call-ID") == second.get("Call-ID")
    assert third.cseq[0] == second.cseq[0] + 1
    # stale: answered with the new nonce, from one
    far.challenge(third, "n2", extra=", stale=true")
    fourth = far.get()
    fields = far.authorization(fourth, "p1")
    assert fields["nonce"] == "n2" and fields["nc"] == "00000001"
    far.accept(fourth, 600, ("Authentication-Info", 'nextnonce="n3"'))
    until(lambda: info(kamailio)["flags"], 20)
    assert kamailio.rpc("uac.reg_register", "l_uuid", "1") is not None
    fields = far.authorization(far.get(), "p1")
    assert fields["nonce"] == "n3" and fields["nc"] == "00000001"


def test_a7616_4_rspauth_is_checked(start, far):
    kamailio = start([accounts.account("1", far.addr)])

    def register(proof):
        """Register with a kept nonce; the 200 brings a proof and a nonce."""
        request = far.get()
        fields = far.authorization(request, "p1")
        right = digest.rspauth(fields, "p1")
        far.accept(request, 600, ("Authentication-Info",
                   'rspauth="%s", qop=auth, nextnonce="x%s"'
                   % (proof or right, fields["nonce"])))
        until(lambda: info(kamailio)["flags"] & 6, 4)
        kamailio.rpc("uac.reg_register", "l_uuid", "1")
        return fields["nonce"]

    far.challenge(far.get(), "n")
    assert register(None) == "n"
    assert "rspauth" not in kamailio.log()
    assert register("0" * 32) == "xn"
    until(lambda: "account 1: the answer's rspauth is wrong"
          in kamailio.log(), True)
    # online all the same; but that nonce is nobody's
    assert register(None) == "xn"
    assert kamailio.log().count("rspauth") == 1


def test_a_kept_nonce_that_is_refused_without_stale(start, far):
    start([accounts.account("1", far.addr)])
    far.serve("1", expires=2)
    far.challenge(far.get(), "n2")
    assert far.authorization(far.get(), "p1")["nonce"] == "n2"


def test_a_refused_answer_is_not_repeated(start, far):
    kamailio = start([accounts.account("1", far.addr)])
    far.challenge(far.get())
    far.challenge(far.get(), "n2")
    far.peer.nothing(0.5)
    assert info(kamailio)["flags"] == 1
    assert gauges(kamailio) == (1, 0, 1)


def test_w_u9_stays_online_while_a_refresh_is_under_way(start, far, udp):
    kamailio = start([accounts.account("1", far.addr)])
    far.serve("1", expires=3)
    far.get()  # the refresh, not answered yet
    assert info(kamailio)["flags"] & 6 == 6
    assert gauges(kamailio) == (1, 1, 0)
    assert ask(kamailio, udp(), "sip:1@127.0.0.1")[4] == "1"


def test_w_u8_binding_that_ends_without_a_refresh(start, far, udp):
    kamailio = start([accounts.account("1", far.addr)])
    far.serve("1", expires=3)
    until(lambda: gauges(kamailio), (1, 1, 0))
    until(lambda: gauges(kamailio), (1, 0, 0))
    assert ask(kamailio, udp(), "sip:1@127.0.0.1")[4] == "-2"


def test_lookup_and_status(start, far, udp):
    kamailio = start([accounts.account("1", far.addr, reg_delay=60),
                      accounts.account("2", far.addr, flags=1)])
    peer = udp()
    assert ask(kamailio, peer, "sip:1@x.example") == \
        ["1", "sip:l1@local.example", "-1", "-", "-99", "-1"]
    assert ask(kamailio, peer, "sip:2@x.example")[4] == "-3"
    assert ask(kamailio, peer, "sip:l1@other.example") == \
        ["-1", "-", "1", "1", "-1", "-99"]
    assert ask(kamailio, peer, "sip:r1@x.example") == \
        ["-1", "-", "-1", "-", "-1", "-1"]


def test_w_u30_lookup_of_a_uri_without_user(start, far, udp):
    kamailio = start([accounts.account("1", far.addr, flags=1)])
    assert ask(kamailio, udp(), "sip:local.example")[2] == "-1"
    assert kamailio.alive()


def test_reg_use_domain(start, far, udp):
    kamailio = start([accounts.account("1", far.addr, flags=1),
                      accounts.account("2", far.addr, flags=1, l_username="l1",
                                    l_domain="two.example")],
                     'modparam("uac", "reg_use_domain", 1)')
    peer = udp()
    assert ask(kamailio, peer, "sip:l1@local.example")[3] == "1"
    assert ask(kamailio, peer, "sip:l1@Two.Example")[3] == "2"
    assert ask(kamailio, peer, "sip:l1@three.example")[2] == "-1"


def test_status_while_trying(start, far, udp):
    kamailio = start([accounts.account("1", far.addr)])
    far.get()
    assert ask(kamailio, udp(), "sip:1@127.0.0.1")[4] == "-2"


def test_w_u13_gauges_are_right_at_every_moment(start, far):
    kamailio = start([accounts.account("1", far.addr),
                      accounts.account("2", far.addr, flags=1)])
    assert gauges(kamailio) == (2, 0, 1)
    far.serve("1")
    until(lambda: gauges(kamailio), (2, 1, 1))
    kamailio.rpc("uac.reg_disable", "l_uuid", "2")
    kamailio.rpc("uac.reg_disable", "l_uuid", "1")
    assert gauges(kamailio) == (2, 0, 2)
    with pytest.raises(RpcError) as error:
        kamailio.rpc("uac.reg_enable", "l_uuid", "none")
    assert error.value.code == 404
    assert gauges(kamailio) == (2, 0, 2)
    kamailio.rpc("uac.reg_enable", "r_username", "r1")
    until(lambda: gauges(kamailio), (2, 0, 1))
    request = far.get()
    far.authorization(request, "p1")  # the nonce is kept
    far.accept(request)
    until(lambda: gauges(kamailio), (2, 1, 1))
    kamailio.rpc("uac.reg_remove", "1")
    assert gauges(kamailio) == (1, 0, 1)


def test_rpc_dump_info_and_faults(start, far):
    kamailio = start([accounts.account("1", far.addr, flags=1),
                      accounts.account("2", far.addr, flags=1)])
    dump = kamailio.rpc("uac.reg_dump")
    assert sorted(r["l_uuid"] for r in dump) == ["1", "2"]
    record = info(kamailio)
    assert list(record) == [
        "l_uuid", "l_username", "l_domain", "r_username", "r_domain",
        "realm", "auth_username", "auth_password", "auth_ha1", "auth_proxy",
        "expires", "flags", "diff_expires", "timer_expires", "reg_init",
        "reg_delay", "contact_addr", "socket"]
    # W-U22: no secret is shown
    assert record["auth_password"] == "***" and "p1" not in str(dump)
    assert record["contact_addr"] == "127.0.0.1:5999"
    for args, code in ((("l_uuid", "9"), 404), (("foo", "1"), 400),
                       (("l_uuid",), 400)):
        with pytest.raises(RpcError) as error:
            kamailio.rpc("uac.reg_info", *args)
        assert error.value.code == code


def test_rpc_shows_secrets_when_told(start, far):
    kamailio = start([accounts.account("1", far.addr, flags=1)],
                     'modparam("uac", "reg_dump_secrets", 1)')
    assert info(kamailio)["auth_password"] == "p1"


def test_w_u22b_rpc_list_in_pages(start, far):
    kamailio = start([accounts.account("%03d" % i, far.addr, flags=1)
                      for i in range(30)])
    got = kamailio.rpc("uac.reg_list", "disabled", 10, 15)
    assert got["total"] == 30 and got["states"] == {"disabled": 30}
    assert len(got["accounts"]) == 15 and got["matching"] == 30
    assert kamailio.rpc("uac.reg_list", "online", 0, 5)["accounts"] == []
    with pytest.raises(RpcError):
        kamailio.rpc("uac.reg_list", "nonsense")


def test_w_u4_reload_is_a_difference(start, far):
    rows = [accounts.account(n, far.addr) for n in ("1", "2", "3")]
    kamailio = start(rows, 'modparam("uac", "reload_delta", 0)')
    for _ in rows:
        request = far.get()
        far.accept(request)
    until(lambda: gauges(kamailio), (3, 3, 0))
    kamailio.rpc("uac.reg_reload")
    far.peer.nothing(0.4)
    assert gauges(kamailio) == (3, 3, 0)
    accounts.execute(kamailio.db, "delete from uacreg where l_uuid='1'")
    accounts.execute(kamailio.db,
                  "update uacreg set expires=700 where l_uuid='2'")
    accounts.insert(kamailio.db, [accounts.account("4", far.addr)])
    kamailio.rpc("uac.reg_reload")
    assert gauges(kamailio)[0] == 3
    seen = {}
    for _ in range(2):
        request = far.get()
        seen[request.get("Contact")] = request.get("Expires")
    assert seen == {"<sip:2@127.0.0.1:5999>": "700",
                    "<sip:4@127.0.0.1:5999>": "600"}
    far.peer.nothing(0.3)


def test_w_u4_failed_reload_leaves_all_as_it_is(start, far):
    kamailio = start([accounts.account("1", far.addr, flags=1)],
                     'modparam("uac", "reload_delta", 0)')
    accounts.execute(kamailio.db, "alter table uacreg rename to away")
    with pytest.raises(RpcError) as error:
        kamailio.rpc("uac.reg_reload")
    assert error.value.code == 500
    assert gauges(kamailio) == (1, 0, 1)
    accounts.execute(kamailio.db, "alter table away rename to uacreg")
    kamailio.rpc("uac.reg_reload")


def test_reload_too_soon(start, far):
    kamailio = start([], 'modparam("uac", "reload_delta", 60)')
    kamailio.rpc("uac.reg_reload")
    with pytest.raises(RpcError):
        kamailio.rpc("uac.reg_reload")


def test_w_u6_script_may_ask_about_the_account_being_sent(start, far, udp):
    kamailio = start([accounts.account(str(i), far.addr) for i in range(8)],
                     more="""
event_route[tm:local-request] {
    $var(u) = $(ct{nameaddr.uri}{uri.user});
    $var(s) = uac_reg_status("$var(u)");
    $var(l) = uac_reg_lookup("$var(u)", "$var(d)");
    append_hf("X-Seen: $var(s) $var(l)\\r\\n");
}""")
    for _ in range(8):
        request = far.get()
        assert request.get("X-Seen") == "-2 1"
        far.accept(request)
    until(lambda: gauges(kamailio), (8, 8, 0))
    assert ask(kamailio, udp(), "sip:3@127.0.0.1")[4] == "1"


def test_w_u28_request_dropped_by_the_script(start, far):
    kamailio = start([accounts.account("1", far.addr)],
                     'modparam("uac", "reg_retry_interval", 1)', more="""
event_route[tm:local-request] {
    if($shv(drops) < 1) { $shv(drops) = 1; drop; }
}""".replace("$shv(drops)", "$shv(d)"))
    # the first is dropped, the retry comes through
    far.accept(far.get(4))
    until(lambda: gauges(kamailio), (1, 1, 0))


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
        far.peer.nothing(0.3)
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
    far.peer.nothing(0.3)
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


def test_rows_that_cannot_be_used_are_named(start, far):
    long = "x" * 70
    kamailio = start([
        accounts.account("good", far.addr, flags=1),
        accounts.account("", far.addr), accounts.account("b1", far.addr,
                                                   l_username=""),
        accounts.account("b2", far.addr, r_domain=long),
        accounts.account("b3", far.addr, auth_password=""),
        accounts.account("b4", far.addr, auth_ha1="abc"),
        accounts.account("b5", far.addr, expires=0),
        accounts.account("b6", far.addr, auth_proxy="nonsense"),
        accounts.account("b7", far.addr, r_username="a\r\nX: y")])
    assert gauges(kamailio)[0] == 1
    log = kamailio.log()
    for words in ("account ''", "'b1' can't be used: column l_username is "
                  "empty", "'b2' can't be used: column r_domain is too long",
                  "'b3' can't be used: column auth_password",
                  "'b4' can't be used: column auth_ha1",
                  "'b5' can't be used: column expires",
                  "'b6' can't be used: column auth_proxy makes no SIP URI",
                  "'b7' can't be used: column r_username has a byte"):
        assert words in log, words
    far.peer.nothing(0.2)


def test_w_u19_the_same_l_uuid_twice(kam, tmp_path, far):
    path = tmp_path / "uac.db"
    accounts.create(path)
    accounts.execute(path, "create table u2 as select * from uacreg")
    accounts.execute(path, "drop table uacreg")
    accounts.execute(path, "alter table u2 rename to uacreg")
    accounts.insert(path, [accounts.account("1", far.addr, flags=1, id=i)
                        for i in (1, 2)])
    kamailio = kam(accounts.config(accounts.url(path)))
    assert gauges(kamailio) == (1, 0, 1)
    assert "stands in the table twice" in kamailio.log()


def test_w_u15_database_down_at_start(kam, tmp_path, far):
    path = tmp_path / "late" / "uac.db"
    kamailio = kam(accounts.config(accounts.url(path)))
    assert "no accounts loaded yet" in kamailio.log()
    path.parent.mkdir()
    accounts.create(tmp_path / "ready.db")
    accounts.insert(tmp_path / "ready.db", [accounts.account("1", far.addr)])
    (tmp_path / "ready.db").rename(path)
    far.accept(far.get(8))
    until(lambda: gauges(kamailio), (1, 1, 0))


@pytest.mark.parametrize("extra, words", [
    ('modparam("uac", "reg_timer_interval", 0)', "reg_timer_interval is 0"),
    ('modparam("uac", "reg_timer_interval", -5)', "reg_timer_interval is -5"),
    ('modparam("uac", "reg_contact_addr", "sip:x")', "reg_contact_addr"),
    ('modparam("uac", "reg_contact_addr", "")', "reg_contact_addr"),
    ('modparam("uac", "reg_retry_interval", -1)', "reg_retry_interval is -1"),
], ids=["W-U26 zero", "W-U26 negative", "sip: in the contact", "no contact",
        "negative retry"])
def test_bad_parameter_is_named(kam, tmp_path, extra, words):
    path = tmp_path / "uac.db"
    accounts.create(path)
    kamailio = kam(accounts.config(accounts.url(path), extra), start=False)
    with pytest.raises(AssertionError) as error:
        kamailio.start()
    assert words in str(error.value)


def test_script_operations(start, far, udp):
    kamailio = start([accounts.account("1", far.addr, flags=1)], route="""
    $var(a) = uac_reg_enable("l_uuid", "1");
    $var(b) = uac_reg_enable("l_uuid", "9");
    $var(c) = uac_reg_disable("foo", "1");
    $var(d) = uac_reg_refresh("1");
    $var(e) = uac_reg_refresh("9");
    $var(f) = uac_reg_send_register("l_uuid", "1");
    $var(g) = uac_reg_send_unregister("l_uuid", "9");
    sl_send_reply("299", "is $var(a) $var(b) $var(c) $var(d) $var(e) $var(f) $var(g)");
    exit;""")
    assert ask(kamailio, udp(), "sip:x@y") == \
        ["1", "-2", "-3", "1", "-1", "1", "-2"]
    far.accept(far.get())


def test_uac_reg_request_to(start, far, udp):
    kamailio = start([accounts.account("1", far.addr, flags=1,
                                    auth_ha1="0" * 32)], """
modparam("uac", "auth_username_avp", "$avp(u)")
modparam("uac", "auth_password_avp", "$avp(p)")
modparam("uac", "auth_realm_avp", "$avp(r)")""", route="""
    $var(m) = $(rd{s.int});
    $var(r) = uac_reg_request_to("$rU", "$var(m)");
    sl_send_reply("299", "is $var(r) $ru $du $avp(u) $avp(p) $avp(r)");
    exit;""")
    peer = udp()
    found = ["1", "sip:r1@" + far.addr, "sip:" + far.addr, "a1"]
    assert ask(kamailio, peer, "sip:1@0") == found + ["p1", "far.example"]
    assert ask(kamailio, peer, "sip:l1@1") == found + ["p1", "far.example"]
    assert ask(kamailio, peer, "sip:1@2") == found + ["0" * 32,
                                                      "far.example"]
    assert ask(kamailio, peer, "sip:r1@1")[0] == "-1"
    assert ask(kamailio, peer, "sip:1@7")[0] == "-1"


def test_ten_thousand_rows_load_with_default_private_memory(start, far):
    kamailio = start([accounts.account("u%d" % i, far.addr, flags=1)
                      for i in range(10000)], pkg=8)
    assert gauges(kamailio) == (10000, 0, 10000)
