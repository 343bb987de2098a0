# SPDX-License-Identifier: GPL-2.0-or-later
"""A.16: the functions of registrations from Lua and Python; those that send a
REGISTER, and the modes with an HA1, are there on every release."""

import pytest

from kamtest import accounts, kemi
from kamtest.message import Message
from kamtest.net import unique

AVPS = '''
modparam("uac", "auth_username_avp", "$avp(u)")
modparam("uac", "auth_realm_avp", "$avp(r)")
modparam("uac", "auth_password_avp", "$avp(p)")
'''

LUA = '''
function ksr_request_route()
    local what = KSR.kx.get_ruser()
    local name = KSR.hdr.get("X-Name")
    local out = ""
    if what == "lookup" then
        out = KSR.uac.uac_reg_lookup(name, "$var(x)") .. " "
            .. KSR.pv.get("$var(x)")
    elseif what == "lookup_uri" then
        out = KSR.uac.uac_reg_lookup_uri("sip:" .. name .. "@127.0.0.1:5999",
            "$var(x)") .. " " .. KSR.pv.get("$var(x)")
    elseif what == "status" then
        out = KSR.uac.uac_reg_status(name)
    elseif what == "request_to" then
        out = KSR.uac.uac_reg_request_to(name, tonumber(KSR.hdr.get("X-Mode")))
            .. " " .. KSR.pv.gete("$avp(u)") .. " " .. KSR.pv.gete("$avp(p)")
    elseif what == "enable" then
        out = KSR.uac.uac_reg_enable("l_uuid", name)
    elseif what == "disable" then
        out = KSR.uac.uac_reg_disable("l_uuid", name)
    elseif what == "register" then
        out = KSR.uac.uac_reg_send_register("l_uuid", name)
    elseif what == "unregister" then
        out = KSR.uac.uac_reg_send_unregister("l_uuid", name)
    elseif what == "refresh" then
        out = KSR.uac.uac_reg_refresh(name)
    end
    KSR.sl.sl_send_reply(299, "is " .. out)
    return 1
end
'''

PYTHON = kemi.PYTHON + '''
    def ksr_reply_route(self, msg):
        return 1

    def ksr_request_route(self, msg):
        what = KSR.kx.get_ruser()
        name = KSR.hdr.get("X-Name")
        out = ""
        if what == "lookup":
            out = "%d %s" % (KSR.uac.uac_reg_lookup(name, "$var(x)"),
                             KSR.pv.get("$var(x)"))
        elif what == "lookup_uri":
            out = "%d %s" % (KSR.uac.uac_reg_lookup_uri(
                "sip:" + name + "@127.0.0.1:5999", "$var(x)"),
                KSR.pv.get("$var(x)"))
        elif what == "status":
            out = KSR.uac.uac_reg_status(name)
        elif what == "request_to":
            out = "%d %s %s" % (
                KSR.uac.uac_reg_request_to(name, int(KSR.hdr.get("X-Mode"))),
                KSR.pv.gete("$avp(u)"), KSR.pv.gete("$avp(p)"))
        elif what == "enable":
            out = KSR.uac.uac_reg_enable("l_uuid", name)
        elif what == "disable":
            out = KSR.uac.uac_reg_disable("l_uuid", name)
        elif what == "register":
            out = KSR.uac.uac_reg_send_register("l_uuid", name)
        elif what == "unregister":
            out = KSR.uac.uac_reg_send_unregister("l_uuid", name)
        elif what == "refresh":
            out = KSR.uac.uac_reg_refresh(name)
        KSR.sl.sl_send_reply(299, "is %s" % out)
        return 1
'''


@pytest.fixture(params=["lua", "python3"])
def kemi(request, kam, udp, tmp_path):
    """(order, far): an account 1 that is disabled, its registrar, and a way to
    call a function."""
    far = accounts.Registrar(udp("registrar"))
    engine, suffix, text = (("lua", "lua", LUA) if request.param == "lua"
                            else ("python", "py", PYTHON))
    script = tmp_path / ("route." + suffix)
    script.write_text(text)
    path = tmp_path / "uac.db"
    accounts.create(path)
    accounts.insert(path, [accounts.account("1", far.addr, flags=1,
                                            auth_ha1="0" * 32)])
    module = "app_" + request.param
    config = accounts.config(
        accounts.url(path), AVPS + 'loadmodule "kemix.so"\n'
        'loadmodule "%s.so"\nmodparam("%s", "load", "%s")\ncfgengine "%s"\n'
        % (module, module, script, engine))
    server = kam(config.replace("request_route { exit; }", ""))
    peer = udp("order")

    def order(what, name="1", **headers):
        peer.send(Message("OPTIONS sip:%s@%s:%d SIP/2.0"
                          % (what, *server.addr), [
            ("Via", "SIP/2.0/UDP %s;branch=z9hG4bK%s" % (peer.addr, unique())),
            ("From", "<sip:t@127.0.0.1>;tag=t"), ("To", "<sip:t@127.0.0.1>"),
            ("Call-ID", unique()), ("CSeq", "1 OPTIONS"), ("X-Name", name),
            *headers.items()]), server.addr)
        return peer.recv().reason.split()[1:]
    return order, far


def test_kemi_registrations(kemi):
    order, far = kemi
    assert order("lookup") == ["1", "sip:l1@local.example"]
    assert order("lookup", "9")[0] == "-1"
    assert order("lookup_uri", "l1") == ["1", "1"]
    assert order("status") == ["-3"]
    assert order("refresh") == ["1"] and order("refresh", "9") == ["-1"]
    assert order("enable", "9") == ["-2"] and order("enable") == ["1"]
    far.accept(far.get())
    assert order("unregister", "9") == ["-2"]
    assert order("unregister") == ["1"]
    request = far.get()
    assert request.get("Expires") == "0"
    far.accept(request, 0)
    assert order("register", "9") == ["-2"] and order("register") == ["1"]
    request = far.get()
    assert request.get("Expires") == "600"
    far.accept(request)
    assert order("disable") == ["1"] and order("status") == ["-3"]


def test_kemi_request_to_with_a_password_or_an_ha1(kemi):
    order, _ = kemi
    assert order("request_to", **{"X-Mode": "0"}) == ["1", "a1", "p1"]
    assert order("request_to", "l1", **{"X-Mode": "1"}) == ["1", "a1", "p1"]
    assert order("request_to", **{"X-Mode": "2"}) == ["1", "a1", "0" * 32]
    assert order("request_to", "l1", **{"X-Mode": "3"}) == \
        ["1", "a1", "0" * 32]
    assert order("request_to", **{"X-Mode": "4"})[0] == "-1"
