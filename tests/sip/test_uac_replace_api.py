# SPDX-License-Identifier: GPL-2.0-or-later
"""Other ways to uac_replace_from/to: modules of the distribution that bind
the C API, and KEMI scripts."""

import pytest

from kamtest import kemi, module
from kamtest.call import Call, proxy, seen

A, B = '"Alice" <sip:alice@a.example>', '"Bob" <sip:bob@b.example>'


def whole(kamailio, udp, headers, want):
    """INVITE to BYE from the callee: each side sees what it must."""
    call = Call(kamailio.addr, udp("caller"), udp("callee"), A, B, headers)
    got = call.invite()
    assert seen(got) == want
    assert seen(call.reply(got, 200)) == (A, B)
    assert seen(call.ack(call.caller, 1)) == want
    got = call.request(call.callee, "BYE")
    assert seen(got) == (B, A)
    assert seen(call.reply(got, 200, call.caller)) == want[::-1]


RTJSON = '''
    $du = $null;
    $var(json) = '{"version":"1.0","routing":"serial","routes":[{"uri":'
        + '"sip:x@' + $hdr(X-To-Addr) + '","headers":{' + $hdr(X-Json) + '}}]}';
    rtjson_init_routes("$var(json)");
    rtjson_push_routes();
    t_on_branch("JSON");
'''


@pytest.fixture(scope="module")
def rtjson(kam_module):
    kamailio = kam_module(proxy(modules='loadmodule "rtjson.so"',
                                relay=RTJSON)
                          + "branch_route[JSON] { rtjson_update_branch(); }")
    assert "bind_uac" not in kamailio.log()
    return kamailio


@pytest.mark.parametrize("json,want", [
    ('"from":{"uri":"sip:n@n"}', ('"Alice" <sip:n@n>', B)),
    ('"from":{"display":"New"}', ("New <sip:alice@a.example>", B)),
    ('"from":{"display":"New","uri":"sip:n@n"},'
     '"to":{"display":"\\"Z\\"","uri":"sip:z@z"}',
     ("New <sip:n@n>", '"Z" <sip:z@z>')),
    ('"to":{"uri":"tel:+4912"}', (A, '"Bob" <tel:+4912>')),
])
def test_rtjson(rtjson, udp, json, want):
    whole(rtjson, udp, [("X-Json", json)], want)


@pytest.fixture(scope="module")
def pvh(kam_module):
    """pv_headers: its variables stand for headers and are applied at once."""
    return kam_module(proxy(
        modules='loadmodule "pv_headers.so"\n'
                'modparam("pv_headers", "auto_msg", 0)',
        first="pvh_collect_headers();",
        after='''if($hdr(X-Fu) != $null) $x_fu = $hdr(X-Fu);
            if($hdr(X-Fn) != $null) $x_fn = $hdr(X-Fn);
            if($hdr(X-Td) != $null) $x_td = $hdr(X-Td);
            pvh_apply_headers();'''))


@pytest.mark.parametrize("headers,want", [
    ([("X-Fu", "sip:n@n")], ('"Alice"  <sip:n@n>', B)),
    ([("X-Fn", "New")], ("New  <sip:alice@a.example>", B)),
    ([("X-Td", "d.example")], (A, '"Bob"  <sip:bob@d.example>')),
])
def test_pv_headers(pvh, udp, headers, want):
    # the two blanks are what pv_headers asks for
    call = Call(pvh.addr, udp("caller"), udp("callee"), A, B, headers)
    got = call.invite()
    assert seen(got) == want
    assert seen(call.reply(got, 200)) == (A, B)
    call.ack(call.caller, 1)
    from_, to = seen(call.request(call.callee, "BYE"))
    assert (from_.replace("  ", " "), to.replace("  ", " ")) == (B, A)


def test_the_functions_of_the_c_api(kam, udp):
    """By a module that binds them; req_send is uac_req_send()."""
    kamailio = kam(proxy(after='''
        bound_replace_to("sip:bound@b");
        $uac_req(all) = $null;
        $uac_req(method) = "MESSAGE";
        $uac_req(ruri) = "sip:sent@" + $hdr(X-To-Addr);
        $uac_req(furi) = "sip:f@f.example";
        $uac_req(turi) = "sip:t@t.example";
        $uac_req(callid) = "bound";
        bound_req_send();
        xlog("L_NOTICE", "SENT $rc\\n");
    ''').replace('loadmodule "uac.so"', 'loadmodule "uac.so"\nloadmodule "%s"'
               % module.build("kxbind")))
    callee = udp("callee")
    call = Call(kamailio.addr, udp("caller"), callee, A, B)
    call.caller.send(call.first(), kamailio.addr)
    by_method = {m.method: m for m in (call.next(callee), call.next(callee))}
    assert seen(by_method["INVITE"]) == (A, '"Bob" <sip:bound@b>')
    assert by_method["MESSAGE"].ruri == "sip:sent@" + callee.addr
    kamailio.says("SENT 1")


LUA = '''
function ksr_request_route()
	if KSR.is_method("CANCEL") then
		if KSR.tm.t_check_trans() > 0 then KSR.tm.t_relay() end
		return 1
	end
	if KSR.siputils.has_totag() > 0 then
		KSR.rr.loose_route()
		if KSR.hdr.get("X-Restore") ~= nil then
			KSR.notice("RESTORE " .. KSR.uac.uac_restore_from() .. " "
				.. KSR.uac.uac_restore_to() .. "\\n")
		end
		KSR.tm.t_relay()
		return 1
	end
	local case = KSR.hdr.get("X-Case")
	if case == "uri" then
		KSR.notice("REPLACE " .. KSR.uac.uac_replace_from_uri("sip:n@n") .. " "
			.. KSR.uac.uac_replace_to_uri("sip:z@z") .. "\\n")
	elseif case == "both" then
		KSR.notice("REPLACE " .. KSR.uac.uac_replace_from("New", "sip:n@n")
			.. " " .. KSR.uac.uac_replace_to("", "") .. "\\n")
	else
		KSR.notice("REPLACE " .. KSR.uac.uac_replace_from_uri("no uri") .. " "
			.. KSR.uac.uac_replace_to("\\"", "") .. "\\n")
	end
	KSR.rr.record_route()
	KSR.pv.sets("$du", "sip:" .. KSR.hdr.get("X-To-Addr"))
	KSR.tm.t_relay()
	return 1
end
'''

PYTHON = kemi.PYTHON + '''
    def ksr_onsend_route(self, msg):
        return 1

    def ksr_request_route(self, msg):
        if KSR.is_method("CANCEL"):
            if KSR.tm.t_check_trans() > 0:
                KSR.tm.t_relay()
            return 1
        if KSR.siputils.has_totag() > 0:
            KSR.rr.loose_route()
            if KSR.hdr.get("X-Restore") is not None:
                KSR.notice("RESTORE %d %d\\n" % (KSR.uac.uac_restore_from(),
                                                KSR.uac.uac_restore_to()))
            KSR.tm.t_relay()
            return 1
        case = KSR.hdr.get("X-Case")
        if case == "uri":
            answers = (KSR.uac.uac_replace_from_uri("sip:n@n"),
                       KSR.uac.uac_replace_to_uri("sip:z@z"))
        elif case == "both":
            answers = (KSR.uac.uac_replace_from("New", "sip:n@n"),
                       KSR.uac.uac_replace_to("", ""))
        else:
            answers = (KSR.uac.uac_replace_from_uri("no uri"),
                       KSR.uac.uac_replace_to('"', ""))
        KSR.notice("REPLACE %d %d\\n" % answers)
        KSR.rr.record_route()
        KSR.pv.sets("$du", "sip:" + KSR.hdr.get("X-To-Addr"))
        KSR.tm.t_relay()
        return 1
'''

KEMI = '''
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "uac.so"
modparam("rr", "append_fromtag", 1)
loadmodule "%(engine)s.so"
modparam("%(engine)s", "load", "%(script)s")
cfgengine "%(name)s"
'''

ENGINES = {"lua": ("app_lua", "lua", LUA),
           "python": ("app_python3", "py", PYTHON)}


@pytest.fixture(scope="module", params=ENGINES)
def kemi(request, kam_module, tmp_path_factory):
    engine, suffix, text = ENGINES[request.param]
    script = tmp_path_factory.mktemp("kemi") / ("script." + suffix)
    script.write_text(text)
    return kam_module(KEMI % {"engine": engine, "script": script,
                              "name": request.param}, name=request.param,
                      pkg=16)


@pytest.mark.parametrize("case,want,answer", [
    ("uri", ('"Alice" <sip:n@n>', '"Bob" <sip:z@z>'), "REPLACE 1 1"),
    ("both", ("New <sip:n@n>", "<sip:bob@b.example>"), "REPLACE 1 1"),
    ("bad", (A, B), "REPLACE -1 -1"),
])
def test_kemi(kemi, udp, case, want, answer):
    mark = len(kemi.log())
    whole(kemi, udp, [("X-Case", case)], want)
    kemi.says(answer, mark)


def test_kemi_restore(kemi, udp):
    call = Call(kemi.addr, udp("caller"), udp("callee"), A, B,
                [("X-Case", "uri")])
    call.reply(call.invite(), 200)
    call.ack(call.caller, 1)
    mark = len(kemi.log())
    message = call.within(call.callee, "BYE")
    message.headers.append(("X-Restore", "1"))
    call.callee.send(message, kemi.addr)
    assert seen(call.next(call.caller)) == (B, A)
    kemi.says("RESTORE 1 1", mark)
