# SPDX-License-Identifier: GPL-2.0-or-later
"""Remote registrations on the wire: a registrar played by hand."""

import pytest

from kamtest import accounts, digest
from kamtest.regs import ask, far, gauges, info, start  # noqa: F401
from kamtest.wait import until


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
    kamailio.says("account 1: the answer's rspauth is wrong")
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
    far.nothing(0.5)
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
