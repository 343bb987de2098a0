# SPDX-License-Identifier: GPL-2.0-or-later
"""$ulc, expiry events, and the module as others use it: KEMI from Lua and
Python, the C API from the distribution's tsilo."""

import pathlib
import time

import pytest

from kamtest import kemi, memory
from kamtest.kamailio import STOCK
from kamtest.registrar import MODULES, Phone, config, request
from kamtest.wait import until, until_true

KEYS = ("aor domain aorhash addr path received expires callid q cseq flags "
        "cflags user_agent socket modified methods count ruid regid instance "
        "conid server_id").split()
SHOW_KEYS = "".join(
    'append_to_reply("X-%s: $(ulc(c=>%s)[$var(n)])\\r\\n");'
    % (key, key) for key in KEYS)
SCRIPT = '''
    $var(n) = 0;
    if(is_present_hf("X-N")) $var(n) = $(hdr(X-N){s.int});
    if($hdr(X-Do) == "fetch") {
        reg_fetch_contacts("location", "$ru", "c");
        $var(rc) = $rc;
        %s
        reg_free_contacts("c");
        append_to_reply("X-Freed: $ulc(c=>count) $rc\\r\\n");
        route(SHOW);
    }
''' % SHOW_KEYS


@pytest.fixture(scope="module")
def server(kam_module):
    return kam_module(config(
        params=[("use_path", 1), ("received_avp", "$avp(rcv)"),
                ("regid_mode", 1), ("min_expires", 1)],
        usrloc=[("use_domain", 1), ("timer_interval", 60)],
        before_save='if(is_present_hf("X-Rcv")) $avp(rcv) = $hdr(X-Rcv);',
        before_lookup=SCRIPT), tcp=True)


def test_all_22_keys(server, tcp):
    phone = Phone(tcp("phone", to=server.addr), server)
    phone.register(
        phone.contact(';q=0.25;+sip.instance="<urn:uuid:7>";reg-id=3'
                      ';methods="INVITE,ACK"'),
        headers=[("Path", "<sip:127.0.0.3;lr>"), ("Supported", "path"),
                 ("X-Rcv", "sip:127.0.0.1:9"), ("X-Bflags", "y"),
                 ("User-Agent", "Phone/1")])
    stored = server.rpc("ul.lookup", "location", phone.user + "@example.org")
    stored = stored["Contacts"][0]["Contact"]
    shown = phone.ask("fetch")
    got = {key: shown.reply.get("X-" + key) for key in KEYS}
    now = int(time.time())
    assert shown.rc == 1
    assert abs(int(got.pop("expires")) - now - 3600) <= 2
    assert abs(int(got.pop("modified")) - now) <= 2
    assert int(got.pop("aorhash")) > 0
    assert got == {
        "aor": phone.user + "@example.org", "domain": "location",
        "addr": "sip:%s@%s" % (phone.user, phone.peer.addr),
        "path": "<sip:127.0.0.3;lr>", "received": "sip:127.0.0.1:9",
        "callid": phone.callid, "q": "250", "cseq": "1", "flags": "0",
        "cflags": "8", "user_agent": "Phone/1",
        "socket": "tcp:127.0.0.1:%d" % server.port, "methods": "5",
        "count": "1", "ruid": stored["Ruid"], "regid": "3",
        "instance": "<urn:uuid:7>", "conid": str(stored["Tcpconn-Id"]),
        "server_id": "0"}
    assert shown.reply.get("X-Freed") == "<null> 1"


def test_indices(server, udp):
    phone = Phone(udp(), server)
    phone.register(phone.contact(";q=0.9", user="a"),
                   phone.contact(";q=0.1", user="b"))

    def at(n):
        reply = phone.ask("fetch", headers=[("X-N", str(n))]).reply
        return reply.get("X-addr").split("@")[0], reply.get("X-count")
    # as the stock module: below zero the first, behind the end nothing
    assert at(0) == ("sip:a", "2")
    assert at(1) == ("sip:b", "2")
    assert at(-1) == at(-7) == ("sip:a", "2")
    assert at(2) == at(2147483647) == ("<null>", "<null>")


def test_w_r19_fetch_leaves_out_the_expired(server, udp):
    phone = Phone(udp(), server)
    phone.register(phone.contact(";expires=1", user="old"))
    phone.register(phone.contact(user="new"))
    time.sleep(2.1)
    shown = phone.ask("fetch")
    assert shown.reply.get("X-count") == "1"
    assert shown.reply.get("X-addr").startswith("sip:new@")
    assert phone.ask("fetch", ruri="sip:nobody@example.org").rc == -1


def test_a_key_that_is_none_stops_the_start(kam):
    server = kam(config(before_lookup='xlog("$ulc(c=>nothing)\\n");'),
                 start=False)
    with pytest.raises(AssertionError):
        server.start()
    server.says("no attribute of $ulc")


EVENT = '''
event_route[usrloc:contact-expired] {
    xlog("L_ERR", "EXPIRED $ulc(exp=>aor) $ulc(exp=>addr) $ulc(exp=>count)\\n");
    # all this would dead-lock or crash with usrloc's lock held
    if(registered("location", "sip:$ulc(exp=>aor)"))
        xlog("L_ERR", "ANOTHER $ulc(exp=>aor)\\n");
    unregister("location", "sip:$ulc(exp=>aor)");
    reg_fetch_contacts("location", "sip:other@example.org", "x");
    xlog("L_ERR", "OTHER $ulc(x=>addr)\\n");
}
'''


def wait_for(server, text):
    until_true(lambda: text in server.log())


def test_w_r23_event_route_runs_outside_of_usrlocs_lock(kam, udp):
    server = kam(config(
        params=[("min_expires", 1)],
        usrloc=[("use_domain", 1), ("timer_interval", 1)], routes=EVENT))
    phone = Phone(udp(), server)
    other = Phone(phone.peer, server, "other")
    other.register(other.contact())
    phone.register(phone.contact(";expires=1", user="old"))
    phone.register(phone.contact(user="new"))
    wait_for(server, "EXPIRED %s@example.org sip:old@%s 1"
             % (phone.user, phone.peer.addr))
    wait_for(server, "ANOTHER %s@example.org" % phone.user)
    wait_for(server, "OTHER sip:other@")
    assert phone.uris() == []


def test_memory_is_flat_over_many_expiries(kam, udp):
    server = kam(config(
        params=[("min_expires", 1)],
        usrloc=[("use_domain", 1), ("timer_interval", 1)],
        routes='event_route[usrloc:contact-expired] {'
               ' $avp(a) = "kept" + $ulc(exp=>aor); $xavp(b=>c) = "kept"; }'))
    peer = udp()

    def burst(n):
        for i in range(n):
            phone = Phone(peer, server)
            phone.register(phone.contact(";expires=1"))
        until(lambda: server.stat("usrloc", "location_contacts"), 0)
        time.sleep(1.1)  # the event route runs within a second
    burst(40)
    before = memory.at_rest(server)
    burst(40)
    memory.stays(server, before, 4096)


KEMI_USRLOC = [("use_domain", 1), ("preload", "location"),
               ("timer_interval", 1), ("xavp_contact", "ulx")]
LUA = '''
function ksr_request_route()
    local r = KSR.registrar
    local rc = 0
    local todo = KSR.hdr.get("X-Do")
    local out = {}
    if KSR.pv.get("$rm") == "REGISTER" then
        local q = KSR.hdr.get("X-Q")
        if q then r.set_q_override(q) end
        local uri = KSR.hdr.get("X-Uri")
        if uri then r.save_uri("location", 0, uri)
        elseif KSR.hdr.get("X-Later") then
            r.save("location", 2)
            r.reg_send_reply()
        else r.save("location", 0) end
        return 1
    end
    local ru = KSR.pv.get("$ru")
    if todo == "lookup" then rc = r.lookup("location")
    elseif todo == "lookup_uri" then rc = r.lookup_uri("location", ru)
    elseif todo == "dset" then rc = r.lookup_to_dset("location", ru)
    elseif todo == "branches" then rc = r.lookup_branches("location")
    elseif todo == "xavp" then
        rc = r.lookup_xavp("location", ru, "rr", "cc")
        out[1] = KSR.pv.get("$xavp(cc[0]=>uri)")
    elseif todo == "registered" then rc = r.registered("location")
    elseif todo == "registered_uri" then rc = r.registered_uri("location", ru)
    elseif todo == "registered_flags" then
        rc = r.registered_flags("location", ru, 1)
    elseif todo == "registered_action" then
        rc = r.registered_action("location", ru, 0, 1)
    elseif todo == "sockhdr" then rc = r.add_sock_hdr("Sock-Info")
    elseif todo == "fetch" then
        rc = r.reg_fetch_contacts("location", ru, "p")
        out[1] = r.ulc_rget("p", "aor")
        out[2] = r.ulc_rget("p", "count")
        out[3] = r.ulc_cget("p", "addr", 0)
        out[4] = r.ulc_cget("p", "socket", 0)
        out[5] = r.reg_free_contacts("p")
        out[6] = r.ulc_rget("p", "count")
    elseif todo == "from" then rc = r.reg_from_user("location", ru, 1)
    elseif todo == "unregister_ruid" then
        rc = r.unregister_ruid("location", ru, KSR.hdr.get("X-Ruid"))
    elseif todo == "unregister" then rc = r.unregister("location", ru)
    end
    for i = 1, 6 do
        KSR.hdr.append_to_reply("X-Out: " .. tostring(out[i]) .. "\\r\\n")
    end
    KSR.hdr.append_to_reply("X-Rc: " .. tostring(rc) .. "\\r\\n")
    KSR.hdr.append_to_reply("X-Ruri: " .. tostring(KSR.pv.get("$ru")) .. "\\r\\n")
    KSR.hdr.append_to_reply("X-Ruid: " .. tostring(KSR.pv.get("$ruid")) .. "\\r\\n")
    KSR.hdr.append_to_reply("X-Branches: " .. tostring(KSR.pv.get("$branch(count)")) .. "\\r\\n")
    KSR.sl.send_reply(200, "shown")
    return 1
end

function ksr_event(evname)
    KSR.err("KEMI " .. evname .. " " .. KSR.pv.get("$ulc(exp=>aor)") .. "\\n")
    return 1
end
'''
PYTHON = kemi.PYTHON + '''
    def ksr_event(self, msg, evname):
        KSR.err("KEMI %s %s\\n" % (evname, KSR.pv.get("$ulc(exp=>aor)")))
        return 1

    def ksr_request_route(self, msg):
        r = KSR.registrar
        if KSR.pv.get("$rm") == "REGISTER":
            q = KSR.hdr.get("X-Q")
            if q:
                r.set_q_override(q)
            uri = KSR.hdr.get("X-Uri")
            if uri:
                r.save_uri("location", 0, uri)
            elif KSR.hdr.get("X-Later"):
                r.save("location", 2)
                r.reg_send_reply()
            else:
                r.save("location", 0)
            return 1
        ru = KSR.pv.get("$ru")
        todo = KSR.hdr.get("X-Do")
        out = [None] * 6
        calls = {
            "lookup": lambda: r.lookup("location"),
            "lookup_uri": lambda: r.lookup_uri("location", ru),
            "dset": lambda: r.lookup_to_dset("location", ru),
            "branches": lambda: r.lookup_branches("location"),
            "xavp": lambda: r.lookup_xavp("location", ru, "rr", "cc"),
            "registered": lambda: r.registered("location"),
            "registered_uri": lambda: r.registered_uri("location", ru),
            "registered_flags": lambda: r.registered_flags("location", ru, 1),
            "registered_action":
                lambda: r.registered_action("location", ru, 0, 1),
            "sockhdr": lambda: r.add_sock_hdr("Sock-Info"),
            "fetch": lambda: r.reg_fetch_contacts("location", ru, "p"),
            "from": lambda: r.reg_from_user("location", ru, 1),
            "unregister_ruid": lambda: r.unregister_ruid(
                "location", ru, KSR.hdr.get("X-Ruid")),
            "unregister": lambda: r.unregister("location", ru)}
        rc = calls[todo]()
        if todo == "xavp":
            out[0] = KSR.pv.get("$xavp(cc[0]=>uri)")
        if todo == "fetch":
            out = [r.ulc_rget("p", "aor"), r.ulc_rget("p", "count"),
                   r.ulc_cget("p", "addr", 0), r.ulc_cget("p", "socket", 0),
                   r.reg_free_contacts("p"), r.ulc_rget("p", "count")]
        for value in out:
            KSR.hdr.append_to_reply(
                "X-Out: %s\\r\\n" % ("nil" if value is None else value))
        KSR.hdr.append_to_reply("X-Rc: %d\\r\\n" % rc)
        KSR.hdr.append_to_reply("X-Ruri: %s\\r\\n" % KSR.pv.get("$ru"))
        KSR.hdr.append_to_reply("X-Ruid: %s\\r\\n" % KSR.pv.get("$ruid"))
        KSR.hdr.append_to_reply("X-Branches: %s\\r\\n"
                                % KSR.pv.get("$branch(count)"))
        KSR.sl.send_reply(200, "shown")
        return 1
'''
LANGUAGES = {"lua": ("app_lua", LUA, "kamailio.lua"),
             "python3": ("app_python3", PYTHON, "kamailio.py")}


@pytest.fixture(scope="module", params=sorted(LANGUAGES))
def kemi(request, kam_module):
    module, text, name = LANGUAGES[request.param]
    lines = ['loadmodule "%s.so"' % m
             for m in [*MODULES, "usrloc", "registrar", module]]
    for name_, value in KEMI_USRLOC:
        lines.append('modparam("usrloc", "%s", %s)' % (
            name_, value if isinstance(value, int) else '"%s"' % value))
    lines += ['modparam("registrar", "min_expires", 1)',
              'modparam("registrar", "xavp_cfg", "reg")',
              'modparam("registrar", "event_callback", "ksr_event")']
    server = kam_module("", start=False, name=request.param)
    script = server.dir / name
    script.write_text(text)
    lines += ['modparam("%s", "load", "%s")' % (module, script),
              'cfgengine "%s"' % ("lua" if module == "app_lua" else "python")]
    server.config += "\n".join(lines) + "\n"
    return kam_module.start(server)


def call(phone, do, **options):
    headers = [("X-Do", do), *options.pop("headers", [])]
    phone.peer.send(request(phone.peer, "OPTIONS",
                            options.pop("ruri", phone.aor), headers),
                    phone.addr)
    reply = phone.peer.recv()
    assert reply.status == 200
    return int(reply.get("X-Rc")), reply


def test_kemi_has_all_21_functions(kemi, udp):
    phone = Phone(udp(), kemi)
    contact = "sip:%s@%s" % (phone.user, phone.peer.addr)
    for do in ("lookup", "lookup_uri", "dset", "registered", "fetch"):
        assert call(phone, do)[0] == -1
    assert len(phone.register(phone.contact()).contacts()) == 1
    reply = phone.register(phone.contact(user="b"), headers=[
        ("X-Later", "y"), ("X-Q", "0.7")])
    assert len(reply.contacts()) == 2 and ";q=0.7" in reply.get("Contact")
    assert phone.register(phone.contact(), headers=[
        ("X-Uri", "sip:%s-2@example.org" % phone.user)]).status == 200
    assert call(phone, "lookup", ruri="sip:%s-2@example.org"
                % phone.user)[0] == 1

    for do in ("lookup", "lookup_uri", "branches"):
        rc, reply = call(phone, do)
        assert (rc, reply.get("X-Branches")) == (1, "1"), do
        assert reply.get("X-Ruri").startswith("sip:b@")
    rc, reply = call(phone, "dset")
    assert (rc, reply.get("X-Branches")) == (1, "2")
    rc, reply = call(phone, "xavp")
    assert (rc, reply.get("X-Out")[:6]) == (1, "sip:b@")
    for do in ("registered", "registered_uri", "registered_flags",
               "registered_action", "from", "sockhdr"):
        assert call(phone, do)[0] == 1, do
    rc, reply = call(phone, "fetch")
    assert rc == 1
    assert reply.all("X-Out") == [
        phone.user + "@example.org", "2", "sip:b@%s" % phone.peer.addr,
        "udp:127.0.0.1:%d" % kemi.port, "1", "nil"]
    ruid = call(phone, "lookup")[1].get("X-Ruid")
    assert call(phone, "unregister_ruid",
                headers=[("X-Ruid", ruid)])[0] == 1
    assert phone.uris() == [contact]
    assert call(phone, "unregister")[0] == 1
    assert phone.uris() == []


def test_kemi_event_callback(kemi, udp):
    phone = Phone(udp(), kemi)
    phone.register(phone.contact(";expires=1"))
    wait_for(kemi, "KEMI usrloc:contact-expired %s@example.org" % phone.user)


def test_the_distributions_tsilo_adds_a_later_registration(kam, udp):
    server = kam(config(
        usrloc=[("use_domain", 1)], modules=[],
        extra='loadmodule "tsilo.so"\nloadmodule "tmx.so"',
        save='save("location"); ts_append("location", "$tu"); exit;',
        before_lookup='if(method == "INVITE") {'
                      ' t_newtran(); ts_store("$ru");'
                      ' if(!lookup("location")) { t_reply("404", "None");'
                      ' exit; } t_relay(); exit; }'))
    caller, first, second = udp("caller"), udp("first"), udp("second")
    one = Phone(first, server)
    one.register(one.contact())
    caller.send(request(caller, "INVITE", one.aor), server.addr)
    assert first.recv().method == "INVITE"
    # the worker that sent it is still busy with the transaction, and tm takes
    # a branch from another one amiss in that moment
    time.sleep(0.2)
    two = Phone(second, server, one.user)
    second.send(two.message(two.contact()), server.addr)
    got = {second.recv().start.split()[0] for _ in range(2)}
    # the answer to the REGISTER, and the call that was waiting
    assert got == {"SIP/2.0", "INVITE"}


def test_app_lua_sr_binds_the_c_api(kam, udp):
    if not pathlib.Path(STOCK, "app_lua_sr.so").exists():
        pytest.skip("this Debian does not package app_lua_sr")
    server = kam(config(
        usrloc=[("use_domain", 1)], modules=["app_lua", "app_lua_sr"],
        extra='modparam("app_lua_sr", "register", "registrar")',
        save='lua_run("store"); exit;',
        before_lookup='lua_run("find"); $var(rc) = $avp(found);'
                      ' route(SHOW);'), start=False)
    script = server.dir / "bound.lua"
    script.write_text(
        'function store() sr.registrar.save("location", 0) end\n'
        'function find()\n'
        '    sr.pv.seti("$avp(found)", sr.registrar.lookup("location"))\n'
        'end\n')
    server.config = server.config.replace(
        'modparam("app_lua_sr"',
        'modparam("app_lua", "load", "%s")\nmodparam("app_lua_sr"' % script)
    kam.start(server)
    phone = Phone(udp(), server)
    assert len(phone.register(phone.contact()).contacts()) == 1
    shown = phone.ask()
    assert shown.rc == 1 and shown.ruri.startswith("sip:%s@" % phone.user)


def test_memory_is_flat_over_mixed_requests(kam, udp):
    server = kam(config(
        params=[("use_path", 1), ("xavp_rcd", "rcd"), ("max_contacts", 3),
                ("gruu_key", "0123456789abcdef"), ("keep_params", 1),
                ("contact_match", 1)],
        usrloc=[("use_domain", 1), ("xavp_contact", "ulx")],
        before_lookup=SCRIPT), children=1)
    phone = Phone(udp(), server)

    def mixed(n):
        for i in range(n):
            phone.register(
                phone.contact(';audio;+sip.instance="<urn:%d>"' % (i % 5)),
                headers=[("Path", "<sip:127.0.0.3;lr>"),
                         ("Supported", "path, gruu")])
            phone.register(phone.contact(";q=9"))
            phone.ask()
            phone.ask("fetch")
            phone.ask("registered", headers=[("X-Uri", phone.aor)])
            phone.ask("dset", ruri="sip:x@example.org;gr")
            if i % 10 == 9:
                phone.register("*", headers=[("Expires", "0")])
    mixed(80)
    before = memory.at_rest(server)
    mixed(120)
    memory.stays(server, before, 1024)
