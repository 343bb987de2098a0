# SPDX-License-Identifier: GPL-2.0-or-later
"""uac_auth(): a call through a trunk that challenges and verifies."""

import hashlib

import pytest

from kamtest.net import Timeout
from kamtest.challenger import (AVPS, PROXY, Answers, TrunkCall, challenge, check,
                           config, credentials)

CREDENTIALS = credentials(
    "al:trunk.example:pw", "old:twice.example:no", "new:twice.example:yes",
    "al:my own realm:pass word", "co:colon.example:a:b:c",
    " ed : edge.example : spaced ", 'q\\"u:quote.example:pw', "any:*:anywhere",
    "ha:ha1.example:%s" % hashlib.md5(b"ha:ha1.example:pw").hexdigest(),
    "ha:ha256.example:%s" % hashlib.sha256(
        b"ha:ha256.example:pw").hexdigest(),
    "ha:bad.example:abc")


@pytest.fixture(scope="module")
def server(kam_module):
    return kam_module(config(CREDENTIALS + AVPS), tcp=True, children=1)


@pytest.fixture
def call(server, udp, tcp_listener):
    def make(method="MESSAGE", over="udp", **options):
        trunk = udp("trunk") if over == "udp" else tcp_listener("trunk")
        return TrunkCall(server, udp("caller"), trunk, method,
                         **options).send()
    return make


@pytest.mark.parametrize("method", ["INVITE", "MESSAGE"])
@pytest.mark.parametrize("code", [401, 407])
@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_a22_1_a_challenged_request_is_sent_again(call, over, code, method):
    name, header = (("Authorization", "WWW-Authenticate") if code == 401 else
                    ("Proxy-Authorization", PROXY))
    one = call(method, over, body="hello")
    first = one.challenged(challenge(header=header, qop="auth", opaque="o"),
                           code=code)
    assert len(Answers(first)) == 0
    again = one.accepted()
    fields = check(again, "pw", header=name)
    assert (fields["username"], fields["opaque"]) == ("al", "o")
    assert "algorithm" not in fields
    assert len(Answers(again)) == 1
    assert again.body == b"hello"


@pytest.mark.parametrize("qop", [None, "auth", "auth-int"])
@pytest.mark.parametrize("algorithm", [
    "MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256",
    "SHA-512-256-sess"])
def test_w_u3g_every_algorithm_and_qop(call, algorithm, qop):
    """W-U3g, W-U1b, W-U2, A22-6, A7616-3, A7616-5, A8760-4"""
    extra = {"qop": qop} if qop else {}
    one = call(body="some text")
    one.challenged(challenge(algorithm=algorithm, **extra))
    fields = check(one.accepted(), "pw")
    assert fields["algorithm"] == algorithm
    assert fields.get("qop") == qop
    assert ("cnonce" in fields) == bool(qop or "sess" in algorithm)


def test_a22_6_auth_int_of_an_empty_body(call):
    one = call()
    one.challenged(challenge(qop="auth-int"))
    assert check(one.accepted(), "pw")["qop"] == "auth-int"


def test_w_u2_auth_is_chosen_where_both_are_offered(call):
    one = call()
    one.challenged(challenge(qop="auth-int,auth"))
    assert check(one.accepted(), "pw")["qop"] == "auth"


@pytest.mark.parametrize("headers, algorithm", [
    ([challenge(), challenge(algorithm="SHA-256")], "SHA-256"),
    ([challenge(algorithm="SHA-512-256"), challenge(algorithm="SHA-256")],
     "SHA-512-256"),
    ([("WWW-Authenticate", 'Basic realm="trunk.example"'),
      challenge(algorithm="AKAv1-MD5"),
      challenge(qop="foo", algorithm="SHA-256"), challenge(algorithm="MD5")],
     "MD5"),
    ([("WWW-Authenticate", ", ".join((
        'Digest realm="other.example", nonce="x", algorithm=SHA-512-256',
        "Negotiate", challenge(algorithm="SHA-256")[1], challenge()[1])))],
     "SHA-256"),
])
def test_a22_8_the_strongest_usable_challenge_is_answered(call, headers,
                                                          algorithm):
    """A22-8, A22-10, A8760-2, W-U3g: unknown ones are passed, joined ones
    are split"""
    one = call()
    one.challenged(*headers)
    assert check(one.accepted(), "pw")["algorithm"] == algorithm


def test_w_u3c_random_cnonce_and_a_counted_nonce(call):
    """A7616-1, A7616-2"""
    seen = []
    for count in (1, 2, 3):
        one = call()
        one.challenged(challenge(nonce="again", qop="auth"))
        fields = check(one.accepted(), "pw")
        assert fields["nc"] == "%08x" % count
        assert len(fields["cnonce"]) == 32
        seen.append(fields["cnonce"])
    assert len(set(seen)) == 3
    one = call()
    one.challenged(challenge(nonce="other", qop="auth"))
    assert check(one.accepted(), "pw")["nc"] == "00000001"


def test_a7616_6_quoted_characters_both_ways(call):
    """W-U3f: what came escaped is hashed plain and goes back as it came"""
    one = call(headers=[("X-User", 'q"u'), ("X-Password", "p\\w")])
    one.challenged(("WWW-Authenticate",
                    r'Digest realm="a \"b\" \\c", nonce="n\1", opaque="\o"'))
    again = one.accepted()
    value = again.get("Authorization")
    assert r'username="q\"u"' in value
    assert r'realm="a \"b\" \\c"' in value and r'nonce="n\1"' in value
    assert r'opaque="\o"' in value
    check(again, "p\\w", realm='a "b" \\c')


def test_a7616_7_the_name_is_hashed_when_asked_for(call):
    one = call()
    one.challenged(challenge(userhash="true", algorithm="SHA-256"))
    fields = Answers(one.accepted()).of("trunk.example")[1]
    assert fields["username"] == hashlib.sha256(
        b"al:trunk.example").hexdigest()
    assert fields["userhash"] == "true"


# --- credentials ---

@pytest.mark.parametrize("realm, user, password", [
    ("my own realm", "al", "pass word"),
    ("colon.example", "co", "a:b:c"),
    ("edge.example", "ed", "spaced"),
    ("twice.example", "new", "yes"),
    ("quote.example", 'q"u', "pw"),
    ("Trunk.example", "any", "anywhere"),
    ("", "any", "anywhere"),
])
def test_w_u3i_the_credential_of_a_realm(call, realm, user, password):
    """blanks inside, colons in passwords, blanks around dropped, the last of
    two, any realm; realms are compared exactly"""
    one = call()
    one.challenged(challenge(realm=realm))
    assert check(one.accepted(), password, realm=realm)["username"] == user


@pytest.mark.parametrize("headers, user, password", [
    ([("X-User", "u"), ("X-Realm", "trunk.example"), ("X-Password", "p q")],
     "u", "p q"),
    ([("X-User", "u"), ("X-Password", "p")], "u", "p"),
    ([("X-User", "u"), ("X-Realm", "other"), ("X-Password", "p")],
     "al", "pw"),
    ([("X-User", "u"), ("X-Realm", "trunk.example")], "al", "pw"),
    ([("X-Password", "u")], "al", "pw"),
    ([("X-Int", "77")], "1001", "77"),
    ([("X-User", "u" * 3000), ("X-Password", "p" * 5000)], "u" * 3000,
     "p" * 5000),
], ids=["all", "any-realm", "other-realm", "no-password", "no-user", "numbers",
        "long"])
def test_the_variables_go_before_the_parameters(call, headers, user, password):
    one = call(headers=headers)
    one.challenged(challenge(qop="auth"))
    assert check(one.accepted(), password)["username"] == user


@pytest.mark.parametrize("how", ["", "mode"])
def test_ha1_by_mode_then_a_password_in_the_same_worker(call, how):
    """W-U3b: the mode of one call is forgotten by the next"""
    one = call(headers=[("X-Mode", "1"), ("X-Call", how)])
    one.challenged(challenge(realm="ha1.example", qop="auth"))
    check(one.accepted(), "pw", realm="ha1.example")
    one = call()
    one.challenged(challenge(qop="auth"))
    check(one.accepted(), "pw")
    one = call(headers=[("X-Mode", "0"), ("X-Call", how)])
    one.challenged(challenge(qop="auth"))
    check(one.accepted(), "pw")


@pytest.mark.parametrize("realm, algorithm", [("ha1.example", "MD5"),
                                              ("ha256.example", "SHA-256")])
def test_w_u3_an_ha1_answers_the_algorithm_it_fits(call, realm, algorithm):
    one = call(headers=[("X-Mode", "1")])
    one.challenged(challenge(realm, algorithm="SHA-512-256"),
                   challenge(realm, algorithm="SHA-256"), challenge(
                       realm, algorithm="MD5"))
    assert check(one.accepted(), "pw", realm)["algorithm"] == algorithm


@pytest.mark.parametrize("realm, algorithm", [
    ("ha1.example", "SHA-256"), ("ha256.example", "MD5"),
    ("bad.example", "MD5")])
def test_w_u3_an_ha1_that_fits_nothing_sends_nothing(call, realm, algorithm):
    one = call(headers=[("X-Mode", "1")])
    one.challenged(challenge(realm, algorithm=algorithm))
    one.refused()


# --- realms ---

def test_a22_5_the_digest_uri_is_the_request_uri_quoted(call):
    uri = "sip:bob;x=y@trunk.example;user=phone;p=%22q%22?subject=a%20b"
    one = call(ruri=uri)
    one.challenged(challenge(qop="auth"))
    again = one.accepted()
    check(again, "pw")
    assert again.ruri == uri
    assert ', uri="%s",' % uri in again.get("Authorization")


@pytest.mark.parametrize("headers, is_answered", [
    ([("WWW-Authenticate", 'Basic realm="trunk.example"')], False),
    ([("WWW-Authenticate", 'Basic realm="trunk.example"'), challenge()], True),
    ([("WWW-Authenticate", 'Basic realm="trunk.example", '
       + challenge()[1])], True),
    ([("WWW-Authenticate", 'Basic realm="trunk.example", nonce="n"')], False)])
def test_a22_10_basic_is_never_used(call, headers, is_answered):
    one = call()
    one.challenged(*headers)
    if not is_answered:
        one.refused()
        return
    again = one.accepted()
    check(again, "pw")
    assert [value.split()[0] for _, value, _ in Answers(again).fields] == [
        "Digest"]


@pytest.mark.parametrize("domain", [
    "sip:trunk.example", "sip:a sip:b", "", "x,y"])
def test_a7616_8_a_domain_does_not_disturb(call, domain):
    one = call()
    one.challenged(challenge(domain=domain, qop="auth"))
    assert "domain" not in check(one.accepted(), "pw")


def test_a8760_3_no_algorithm_is_md5(call):
    one = call()
    one.challenged(challenge(qop="auth"))
    fields = check(one.accepted(), "pw")
    assert "algorithm" not in fields and len(fields["response"]) == 32


def test_a22_4_all_realms_of_a_reply_are_answered(call):
    one = call()
    one.challenged(challenge("twice.example", header=PROXY, nonce="p"),
                   challenge(), challenge("colon.example", nonce="c"),
                   challenge(algorithm="SHA-256"), code=407)
    again = one.accepted()
    assert len(Answers(again)) == 3
    check(again, "pw")
    check(again, "yes", "twice.example", "Proxy-Authorization")
    check(again, "a:b:c", "colon.example")


def test_a22_4_one_realm_after_the_other(call):
    """a proxy on the way, then the server behind it: both are answered, the
    proxy's nonce is counted on"""
    one = call("INVITE")
    one.challenged(challenge("colon.example", header=PROXY, nonce="p1",
                             qop="auth", opaque="o", algorithm="SHA-256"),
                   code=407)
    second = one.challenged(challenge(nonce="s1"))
    assert check(second, "a:b:c", "colon.example",
                 "Proxy-Authorization")["nc"] == "00000001"
    third = one.accepted()
    assert len(Answers(third)) == 2
    check(third, "pw")
    fields = check(third, "a:b:c", "colon.example", "Proxy-Authorization")
    assert (fields["nc"], fields["opaque"]) == ("00000002", "o")


def test_w_u3h_an_old_answer_of_the_realm_is_replaced(call):
    theirs = ('Digest username="me", realm="trunk.example", nonce="z", '
              'uri="sip:x", response="0"')
    other = theirs.replace("trunk.example", "their.example")
    one = call(headers=[("Authorization", theirs), ("Authorization", other),
                        ("Proxy-Authorization", theirs)])
    one.challenged(challenge())
    again = one.accepted()
    check(again, "pw")
    assert other in again.all("Authorization")
    assert again.all("Proxy-Authorization") == [theirs]
    assert len(Answers(again)) == 3


def test_another_realm_gets_nothing(server, udp, kam):
    """a hostile peer never gets credentials of another realm"""
    alone = kam(config(credentials("al:trunk.example:pw") + AVPS))
    one = TrunkCall(alone, udp("caller"), udp("trunk")).send()
    one.challenged(challenge("evil.example"), challenge("TRUNK.example"),
                   challenge("trunk.example "), challenge(""))
    one.refused()
    one = TrunkCall(alone, udp("caller"), udp("trunk")).send()
    one.challenged(challenge("evil.example"), challenge())
    assert len(Answers(one.accepted())) == 1


# --- refusals ---

@pytest.mark.parametrize("second", [
    challenge(nonce="n1"), challenge(nonce="n2"),
    challenge(nonce="n1", stale="true"), challenge(nonce="n2", stale="false"),
], ids=["same", "new", "same-stale", "not-stale"])
def test_a22_3_a_refused_answer_is_not_repeated(call, second):
    one = call()
    one.challenged(challenge(nonce="n1", qop="auth"))
    check(one.challenged(second), "pw")
    one.refused()


@pytest.mark.parametrize("method", ["INVITE", "MESSAGE"])
def test_w_u3d_a_stale_nonce_is_replaced_once(call, method):
    one = call(method)
    one.challenged(challenge(nonce="n1", qop="auth"))
    one.challenged(challenge(nonce="n2", qop="auth", stale="TRUE"))
    third = one.challenged(challenge(nonce="n3", qop="auth", stale="TRUE"))
    assert check(third, "pw")["nonce"] == "n2"
    assert len(Answers(third)) == 1
    one.refused()


def test_an_answer_of_the_callers_own_is_no_refusal_of_ours(call):
    theirs = ('Digest username="me", realm="trunk.example", nonce="n1", '
              'uri="sip:x", response="0"')
    one = call(headers=[("Authorization", theirs)])
    one.challenged(challenge(nonce="n1"))
    check(one.accepted(), "pw")


def test_what_is_no_challenge_is_not_answered(call):
    one = call()
    one.challenged(("X", "y"))
    one.refused()


# --- dialogs ---

@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_a_re_invite_is_answered(call, server, over):
    """through the record-route, by the URI of the peer's contact"""
    one = call("INVITE", over)
    first = one.arrives()
    one.reply(first, 200)
    ok = one.final()
    dialog = [("From", ok.get("From")), ("To", ok.get("To")),
              ("Call-ID", ok.get("Call-ID"))]
    ruri = ok.get("Contact").strip("<>")
    route = [("Route", value) for value in ok.all("Record-Route")]
    if over == "tcp":
        ruri += ";transport=tcp"
    again = TrunkCall(server, one.caller, one.trunk, "INVITE", headers=route,
                      ruri=ruri, dialog=dialog, cseq=8).send()
    again.challenged(challenge(qop="auth"))
    second = again.accepted()
    check(second, "pw")
    assert second.ruri == ruri
    assert second.get("Route") is None


def test_t_is_canceled_ends_it(call):
    """a CANCEL after the challenge: nothing more is sent"""
    one = call("INVITE")
    first = one.arrives()
    one.reply(first, 180)
    cancel = one.request
    cancel.start = cancel.start.replace("INVITE", "CANCEL")
    cancel.set("CSeq", "7 CANCEL")
    one.send()
    assert one.arrives().method == "CANCEL"
    one.reply(first, 401, [challenge()])
    with pytest.raises(Timeout):
        one.arrives(0.1)
