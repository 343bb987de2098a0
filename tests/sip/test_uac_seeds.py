# SPDX-License-Identifier: GPL-2.0-or-later
"""seeds/uac.txt 3.1 to 3.11, 4.3, 4.6: its examples as written, each in a
server of its own, and what they are for. 4.1, 4.2, 4.4 and 4.5 are in
test_uac_replace.py, 4.7 in test_uac_auth_config.py, 4.8 in
test_uac_req_send.py."""

import re

import pytest

from kamtest.call import DIALOG, Call, proxy, seen
from kamtest.challenger import TrunkCall, challenge, check
from kamtest.challenger import config as trunk_config

A, B = '"Alice" <sip:alice@a.example>', '"Bob" <sip:bob@b.example>'
CHANGE = [("X-From", "sip:x@y"), ("X-To", "sip:z@y")]
THEIRS = ('"Alice" <sip:x@y>', '"Bob" <sip:z@y>')


def whole(kamailio, udp):
    """A call up to the BYE of the callee; the INVITE the callee got."""
    call = Call(kamailio.addr, udp("caller"), udp("callee"), A, B, CHANGE)
    got = call.invite()
    assert seen(got) == THEIRS
    assert seen(call.reply(got, 200)) == (A, B)
    assert seen(call.ack(call.caller, 1)) == THEIRS
    bye = call.request(call.callee, "BYE")
    assert seen(bye) == (B, A)
    assert seen(call.reply(bye, 200, call.caller)) == THEIRS[::-1]
    return got.get("Record-Route")


@pytest.mark.parametrize("example, name", [
    ('modparam("uac","rr_from_store_param","my_param")', "my_param"),
    ('modparam("uac","rr_to_store_param","my_param")', "my_param"),
    ('modparam("uac","restore_mode","auto")', "vsf"),
    ('modparam("uac","restore_passwd","my_secret_passwd")', "vst"),
    ('modparam("uac","restore_from_avp","$avp(original_uri_from)")', "vsf"),
    ('modparam("uac","restore_to_avp","$avp(original_uri_to)")', "vst"),
], ids=["3.1", "3.2", "3.3", "3.5", "3.6", "3.7"])
def test_seed_3_a_call_with(kam, udp, example, name):
    kamailio = kam(proxy(params=example))
    assert re.search(";%s=[A-Za-z0-9_-]+" % name, whole(kamailio, udp))


def test_seed_3_4_restore_dlg(kam, udp):
    kamailio = kam(proxy(modules=DIALOG, first="dlg_manage();",
                         params='modparam("uac", "restore_dlg", 1)'))
    route = whole(kamailio, udp)
    assert "vsf" not in route and "vst" not in route


@pytest.mark.parametrize("example, function, shown", [
    ("4.3", "uac_restore_from();", ('"Bob" <sip:z@y>', A)),
    ("4.6", "uac_restore_to();", (B, '"Alice" <sip:x@y>'))])
def test_seed_restore_by_hand(kam, udp, example, function, shown):
    """The From of the call, which is the To of what the callee sends: as the
    stock module does it (tests/peer), not as its document may be read."""
    kamailio = kam(proxy(within=function,
                         params='modparam("uac","restore_mode","manual")'))
    call = Call(kamailio.addr, udp("caller"), udp("callee"), A, B, CHANGE)
    call.reply(call.invite(), 200)
    call.ack(call.caller, 1)
    assert seen(call.request(call.callee, "BYE")) == shown


def test_seed_3_8_credential(kam, udp):
    server = kam(trunk_config(
        'modparam("uac","credential","username:domain:password")'))
    one = TrunkCall(server, udp("caller"), udp("trunk")).send()
    one.challenged(challenge("domain"))
    fields = check(one.accepted(), "password", "domain")
    assert fields["username"] == "username"


def test_seed_3_9_3_10_3_11_the_variables(kam, udp):
    """Also: an empty realm is whatever the reply says."""
    params = '''
modparam("uac","auth_realm_avp","$avp(i:10)")
modparam("uac","auth_username_avp","$avp(i:11)")
modparam("uac","auth_password_avp","$avp(i:12)")
'''
    server = kam(trunk_config(params, first='''
    $avp(i:10) = $hdr(X-Realm);
    $avp(i:11) = "user";
    $avp(i:12) = "pass";'''))
    one = TrunkCall(server, udp("caller"), udp("trunk"),
                    headers=[("X-Realm", "one.example")]).send()
    one.challenged(challenge("one.example"))
    assert check(one.accepted(), "pass", "one.example")["username"] == "user"
    one = TrunkCall(server, udp("caller"), udp("trunk"),
                    headers=[("X-Realm", "one.example")]).send()
    one.challenged(challenge("two.example"))
    one.refused()
    one = TrunkCall(server, udp("caller"), udp("trunk")).send()
    one.challenged(challenge("two.example"))
    check(one.accepted(), "pass", "two.example")
