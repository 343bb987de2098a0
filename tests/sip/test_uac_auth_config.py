# SPDX-License-Identifier: GPL-2.0-or-later
"""uac_auth() in other routes, other scripts, with the dialog module, and its
parameters."""

import hashlib
import re
import subprocess

import pytest

from kamtest import kemi
from kamtest.kamailio import OURS, Kamailio
from kamtest.net import Timeout
from kamtest.challenger import (AVPS, Answers, TrunkCall, challenge,
                           check, config, credentials)

ONE = credentials("al:trunk.example:pw")


def start(server, udp, **options):
    return TrunkCall(server, udp("caller"), udp("trunk"), **options).send()


# --- policy ---

@pytest.mark.parametrize("params, headers, want", [
    ('modparam("uac", "auth_prefer", "topmost")',
     [challenge(algorithm="AKAv1-MD5"), challenge(algorithm="MD5"),
      challenge(algorithm="SHA-256")], "MD5"),
    ('modparam("uac", "auth_min_algorithm", "SHA-256")',
     [challenge(algorithm="MD5"), challenge(algorithm="SHA-256")], "SHA-256"),
    ('modparam("uac", "auth_min_algorithm", "SHA-256")',
     [challenge(), challenge(algorithm="MD5-sess")], None),
], ids=["a8760_1_topmost", "a8760_5_stronger", "a8760_5_none"])
def test_the_policy_parameters(kam, udp, params, headers, want):
    one = start(kam(config(ONE + "\n" + params)), udp)
    one.challenged(*headers)
    if want is None:
        one.refused()
    else:
        assert check(one.accepted(), "pw")["algorithm"] == want


@pytest.mark.parametrize("params, words", [
    (credentials("al:trunk.example"), "user:realm:password"),
    (credentials("al:trunk.example:"), "user:realm:password"),
    (credentials(":trunk.example:pw"), "user:realm:password"),
    (credentials(""), "user:realm:password"),
    ('modparam("uac", "auth_prefer", "best")', "auth_prefer"),
    ('modparam("uac", "auth_min_algorithm", "SHA-3")', "auth_min_algorithm"),
    ('modparam("uac", "auth_username_avp", "$avp(u)")', "together"),
    (AVPS.replace("$avp(realm)", "nonsense"), "auth_realm_avp"),
])
def test_a_wrong_parameter_is_named_and_no_secret_shown(kam, params, words):
    server = kam(config(params + "\n" + credentials("a:b:Secret1")),
                 start=False)
    with pytest.raises(AssertionError, match="did not start"):
        server.start()
    assert words in server.log() and "Secret1" not in server.log()


def test_the_module_brings_no_openssl_into_a_process():
    """The tls module must be the first to touch it."""
    needed = subprocess.run(["readelf", "-d", str(OURS / "uac.so")],
                            capture_output=True, text=True, check=True).stdout
    names = re.findall(r"NEEDED.*\[(.*)\]", needed)
    assert names and not [n for n in names if "ssl" in n or "crypto" in n]


# --- routes ---

BRANCH_FAILURE = '''
request_route {
    $du = $hdr(X-Trunk);
    t_on_branch_failure("TRUNK");
    t_relay();
}
event_route[tm:branch-failure:TRUNK] {
    if(!t_check_status("401|407")) exit;
    if(uac_auth()) {
        t_on_branch_failure("TRUNK");
        t_relay();
    }
}
'''


@pytest.mark.parametrize("method", ["INVITE", "MESSAGE"])
def test_in_a_branch_failure_route(kam, udp, method):
    """A.13: since 5.7, here on every release"""
    one = start(kam(config(ONE, routes=BRANCH_FAILURE)), udp, method=method)
    one.challenged(challenge(qop="auth"))
    check(one.accepted(), "pw")


FORK = '''
request_route {
    $ru = "sip:one@trunk.example";
    $du = $hdr(X-Trunk);
    t_on_failure("TRUNK");
    t_on_branch("OUT");
    t_relay();
}
branch_route[OUT] {
    $rU = "from-branch-route";
}
failure_route[TRUNK] {
    if(t_check_status("401")) {
        $ru = "sip:changed@elsewhere.example";
        if($avp(next) != $null) $du = $avp(next);
        if(uac_auth()) {
            t_on_failure("TRUNK");
            t_relay();
            exit;
        }
    }
    if(t_check_status("503")) {
        $avp(next) = $hdr(X-Second);
        $du = $avp(next);
        $rU = "two";
        t_on_failure("TRUNK");
        t_relay();
    }
}
'''


def test_the_answer_goes_where_the_challenge_came_from(kam, udp):
    """to the Request-URI of the challenged branch, whatever $ru is now; after
    another trunk took over it gets nothing of the first one's answer"""
    server = kam(config(ONE, routes=FORK))
    second = udp("second")
    one = start(server, udp, headers=[
        ("X-Second", "sip:%s:%d" % (second.host, second.port))])
    one.challenged(challenge())
    again = one.arrives()
    assert again.ruri == "sip:from-branch-route@trunk.example"
    check(again, "pw")
    one.reply(again, 503)
    one.trunk = second
    first = one.challenged(challenge(nonce="other"))
    assert len(Answers(first)) == 0
    assert check(one.accepted(), "pw")["nonce"] == "other"


TWICE = '''
request_route {
    $du = $hdr(X-Trunk);
    t_on_failure("TRUNK");
    t_relay();
}
failure_route[TRUNK] {
    if(!t_check_status("401")) exit;
    uac_auth();
    uac_auth();
    xlog("L_NOTICE", "TWICE $rc\\n");
    t_relay();
}
'''


def test_w_u3h_a_second_call_in_a_route_replaces_the_first(kam, udp):
    one = start(kam(config(ONE, routes=TWICE)), udp)
    one.challenged(challenge(qop="auth"))
    again = one.accepted()
    check(again, "pw")
    assert len(Answers(again)) == 1


def test_without_a_reply_it_says_no(kam, udp):
    """a timeout, and a route without a transaction: no crash"""
    routes = TWICE.replace('if(!t_check_status("401")) exit;', "")
    server = kam(config(
        ONE + '\nmodparam("tm", "fr_timer", 200)', routes=routes))
    one = start(server, udp)
    one.arrives()
    assert one.final().status == 408
    server.says("TWICE -1")


def test_outside_of_its_routes_the_script_is_refused():
    server = Kamailio(config(ONE, routes="onreply_route { uac_auth(); }"))
    try:
        ok, output = server.check()
    finally:
        server.remove()
    assert not ok and "uac_auth" in output


def test_before_there_is_a_transaction_it_says_no(kam, udp):
    """Kamailio counts a request route among the event routes"""
    server = kam(config(ONE, routes='''
        request_route {
            uac_auth();
            if($rc == -1) sl_send_reply("480", "uac_auth said -1");
        }'''))
    start(server, udp).refused()


# --- the dialog module ---

DIALOG = '''
loadmodule "dialog.so"
modparam("dialog", "track_cseq_updates", 1)
modparam("dialog", "enable_stats", 0)
'''


def test_a22_2_the_dialog_module_raises_the_cseq(kam, udp):
    """W-U3h: from the answered INVITE to the BYE the trunk sees numbers that
    grow, the caller its own"""
    server = kam(config(ONE, modules=DIALOG, first='''
        if(is_method("INVITE") && !has_totag()) dlg_manage();'''))
    one = start(server, udp, method="INVITE")
    assert one.challenged(challenge(qop="auth")).cseq == (7, "INVITE")
    again = one.arrives()
    assert again.cseq == (8, "INVITE")
    check(again, "pw")
    one.reply(again, 200)
    ok = one.final()
    assert (ok.status, ok.cseq) == (200, (7, "INVITE"))
    within = dict(
        headers=[("Route", v) for v in ok.all("Record-Route")],
        ruri=ok.get("Contact").strip("<>"), dialog=[
            ("From", ok.get("From")), ("To", ok.get("To")),
            ("Call-ID", ok.get("Call-ID"))])
    ack = TrunkCall(server, one.caller, one.trunk, "ACK", **within)
    ack.send()
    message = one.trunk.recv()
    while message.method != "ACK" or message.cseq[0] == 7:
        message = one.trunk.recv()  # tm's own ACK of the 401
    assert message.cseq == (8, "ACK")
    bye = TrunkCall(server, one.caller, one.trunk, "BYE", cseq=8, **within)
    bye.send()
    got = bye.arrives()
    assert got.cseq == (9, "BYE")
    bye.reply(got, 200)
    assert bye.final().cseq == (8, "BYE")


# --- KEMI ---

LUA = '''
function ksr_request_route()
    if KSR.is_method_in("A") then
        return 1
    end
    KSR.setdsturi(KSR.hdr.get("X-Trunk"))
    KSR.tm.t_on_failure("ksr_failure")
    KSR.tm.t_relay()
    return 1
end
function ksr_failure()
    local ret
    if KSR.hdr.is_present("X-Mode") > 0 then
        ret = KSR.uac.uac_auth_mode(1)
    else
        ret = KSR.uac.uac_auth()
    end
    if ret > 0 then
        KSR.tm.t_relay()
    else
        KSR.tm.t_reply(480, "uac_auth said -1")
    end
    return 1
end
'''

PYTHON = kemi.PYTHON + '''
    def ksr_onsend_route(self, msg):
        return 1

    def ksr_reply_route(self, msg):
        return 1

    def ksr_request_route(self, msg):
        if KSR.is_method_in("A"):
            return 1
        KSR.setdsturi(KSR.hdr.get("X-Trunk"))
        KSR.tm.t_on_failure("ksr_failure")
        KSR.tm.t_relay()
        return 1

    def ksr_failure(self, msg):
        if KSR.hdr.is_present("X-Mode") > 0:
            ret = KSR.uac.uac_auth_mode(1)
        else:
            ret = KSR.uac.uac_auth()
        if ret > 0:
            KSR.tm.t_relay()
        else:
            KSR.tm.t_reply(480, "uac_auth said -1")
        return 1
'''


@pytest.fixture(scope="module", params=["lua", "python3"])
def kemi(request, kam_module, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kemi")
    script = folder / ("route.lua" if request.param == "lua" else "route.py")
    script.write_text(LUA if request.param == "lua" else PYTHON)
    module = "app_%s" % request.param
    return kam_module(config(
        credentials("al:trunk.example:pw", "ha:ha1.example:%s"
                    % hashlib.md5(b"ha:ha1.example:pw").hexdigest()),
        modules='loadmodule "%s.so"\nmodparam("%s", "load", "%s")\n' % (
            module, module, script), routes='cfgengine "%s"\n' % (
                "lua" if request.param == "lua" else "python")))


def test_kemi_uac_auth(kemi, udp):
    one = start(kemi, udp)
    one.challenged(challenge(qop="auth", algorithm="SHA-512-256"))
    check(one.accepted(), "pw")


def test_kemi_uac_auth_mode_and_refusal(kemi, udp):
    """A.16: HA1 by mode; a password taken for an HA1 answers nothing"""
    one = start(kemi, udp, headers=[("X-Mode", "1")])
    one.challenged(challenge("ha1.example"))
    assert check(one.accepted(), "pw", "ha1.example")["username"] == "ha"
    one = start(kemi, udp, headers=[("X-Mode", "1")])
    one.challenged(challenge())
    one.refused()


# --- seeds/uac.txt 4.7, its example as written ---

EXAMPLE_PARAMS = '''
modparam("uac","auth_username_avp","$avp(auser)")
modparam("uac","auth_password_avp","$avp(apass)")
modparam("uac","auth_realm_avp","$avp(arealm)")
'''
EXAMPLE = '''
request_route {
   $du = $hdr(X-Trunk);
   if(is_method("INVITE")) {
      t_on_failure("TRUNKAUTH");
   }
   t_relay();
}

failure_route[TRUNKAUTH] {

    if (t_is_canceled()) {
        exit;
    }
    if(t_check_status("401|407")) {
        $avp(auser) = "test";
        $avp(apass) = "test";
        uac_auth();
        t_relay();
        exit;
    }
}
'''


def test_seed_4_7_the_example_as_written(kam, udp):
    server = kam(config(EXAMPLE_PARAMS, routes=EXAMPLE))
    one = start(server, udp, method="INVITE")
    one.challenged(challenge("nobody knew"))
    assert check(one.accepted(), "test", "nobody knew")["username"] == "test"
    one = start(server, udp, method="INVITE")
    one.challenged(challenge("nobody knew"))
    one.challenged(challenge("nobody knew", nonce="n2"))
    assert one.final().status == 401
    with pytest.raises(Timeout):
        one.arrives(0.05)
