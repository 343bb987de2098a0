# SPDX-License-Identifier: GPL-2.0-or-later
"""uac_req_send() and $uac_req from Lua and Python 3, and the function that
event_callback names."""

import pytest

from kamtest import kemi
from kamtest.uacreq import MODULES, Events, answer, order
from kamtest.wait import until_true

LUA = """
function ksr_request_route()
    KSR.pv.unset("$uac_req(all)")
    KSR.pv.sets("$uac_req(method)", "OPTIONS")
    KSR.pv.sets("$uac_req(ruri)", KSR.hdr.get("X-ruri"))
    KSR.pv.sets("$uac_req(hdrs)", "X-A: 1\\r\\n")
    KSR.pv.sets("$uac_req(auser)", "u")
    KSR.pv.sets("$uac_req(apasswd)", "p")
    KSR.pv.seti("$uac_req(evroute)", 1)
    if KSR.hdr.is_present("X-bad") > 0 then
        KSR.pv.sets("$uac_req(method)", "NOT ONE")
    end
    local rc = KSR.uac.uac_req_send()
    KSR.sl.sl_send_reply(200, "rc " .. rc)
end

function reply_event(name)
    KSR.err("EV|name=" .. name .. "|code=" .. KSR.pv.get("$uac_req(evcode)")
        .. "|rs=" .. KSR.pv.gete("$rs")
        .. "|body=" .. tostring(KSR.pv.get("$uac_req(body)")) .. "|\\n")
    return 1
end
"""

PYTHON = kemi.PYTHON + """
    def ksr_request_route(self, msg):
        KSR.pv.unset("$uac_req(all)")
        KSR.pv.sets("$uac_req(method)", "OPTIONS")
        KSR.pv.sets("$uac_req(ruri)", KSR.hdr.get("X-ruri"))
        KSR.pv.sets("$uac_req(hdrs)", "X-A: 1\\r\\n")
        KSR.pv.sets("$uac_req(auser)", "u")
        KSR.pv.sets("$uac_req(apasswd)", "p")
        KSR.pv.seti("$uac_req(evroute)", 1)
        if KSR.hdr.is_present("X-bad") > 0:
            KSR.pv.sets("$uac_req(method)", "NOT ONE")
        rc = KSR.uac.uac_req_send()
        KSR.sl.sl_send_reply(200, "rc %d" % rc)
        return 1

    def ksr_reply_route(self, msg):
        return 1

    def reply_event(self, msg, name):
        KSR.err("EV|name=%s|code=%d|rs=%s|body=%s|\\n" % (
            name, KSR.pv.get("$uac_req(evcode)"), KSR.pv.gete("$rs"),
            KSR.pv.get("$uac_req(body)") or "nil"))
        return 1
"""

ENGINES = {"lua": ("app_lua.so", "app_lua", LUA, "lua"),
           "python": ("app_python3.so", "app_python3", PYTHON, "py")}


@pytest.fixture(scope="module", params=sorted(ENGINES))
def server(request, kam_module, tmp_path_factory):
    module, name, text, ending = ENGINES[request.param]
    script = tmp_path_factory.mktemp("kemi") / ("script." + ending)
    script.write_text(text)
    return kam_module(MODULES + """
loadmodule "%s"
modparam("%s", "load", "%s")
modparam("uac", "event_callback", "reply_event")
cfgengine "%s"
""" % (module, name, script, request.param))


def test_a_request_its_answer_and_the_event(server, udp):
    peer = udp("peer")
    events = Events(server)
    assert order(server, udp("order"), ruri="sip:r@" + peer.addr) == 1
    assert answer(peer, 401, headers=[
        ("WWW-Authenticate", 'Digest realm="r", nonce="n"')]
        ).get("X-A") == "1"
    assert answer(peer, 200).get("Authorization") is not None
    assert events.wait(2) == [
        {"name": "uac:reply", "code": code, "rs": code, "body": "nil"}
        for code in ("401", "200")]


def test_a_refused_value_sends_nothing(server, udp):
    assert order(server, udp("order"), bad=1,
                 ruri="sip:r@" + udp("peer").addr) == -1


def test_event_callback_without_an_engine_is_told(kam, udp):
    peer = udp("peer")
    server = kam(MODULES + """
modparam("uac", "event_callback", "reply_event")
request_route {
    $uac_req(method) = "OPTIONS";
    $uac_req(ruri) = $hdr(X-ruri);
    $uac_req(evroute) = 1;
    uac_req_send();
    sl_send_reply("200", "rc 1");
}
""")
    order(server, udp("order"), ruri="sip:r@" + peer.addr)
    answer(peer, 200)
    until_true(lambda: "no KEMI engine" in server.log())
