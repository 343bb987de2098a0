# SPDX-License-Identifier: GPL-2.0-or-later
"""lookup() and its kin, registered(), unregister(): what the script sees."""

import re

import pytest

from kamtest.registrar import Phone, config, parse_contact, request

SCRIPT = '''
    if(is_present_hf("X-Du")) $du = $hdr(X-Du);
    if(is_present_hf("X-Br")) append_branch("$hdr(X-Br)");
    if(is_present_hf("X-Own")) $xavp(ulx=>note) = $hdr(X-Own);
    if(is_present_hf("X-Rlf")) $xavp(reg=>rlf_bflags) = 8;
    if(is_present_hf("X-Mc")) $xavp(reg=>match_callid) = $hdr(X-Mc);
    if(is_present_hf("X-Mr")) $xavp(reg=>match_received) = $hdr(X-Mr);
    if(is_present_hf("X-Mk")) $xavp(reg=>match_contact) = $hdr(X-Mk);
    if($hdr(X-Do) == "branches") {
        lookup_branches("location");
        $var(rc) = $rc;
        route(SHOW);
    }
    if($hdr(X-Do) == "xavp") {
        lookup_xavp("location", "$hdr(X-Uri)", "rr", "cc");
        $var(rc) = $rc;
        append_to_reply("X-Rec: $xavp(rr=>aor) $xavp(rr=>count)\\r\\n");
        append_to_reply("X-C0: $xavp(cc[0]=>uri) $xavp(cc[0]=>dsturi) $xavp(cc[0]=>socket) $xavp(cc[0]=>q) $xavp(cc[0]=>path)\\r\\n");
        append_to_reply("X-C1: $xavp(cc[1]=>uri) $xavp(cc[1]=>dsturi) $xavp(cc[1]=>socket)\\r\\n");
        route(SHOW);
    }
    if($hdr(X-Do) == "from") {
        if($hdr(X-Mode) == "1") reg_from_user("location", "$hdr(X-Uri)", "1");
        else if($hdr(X-Mode) == "3") reg_from_user("location", "$hdr(X-Uri)", "3");
        else reg_from_user("location", "$hdr(X-Uri)", "0");
        $var(rc) = $rc;
        route(SHOW);
    }
    if($hdr(X-Do) == "sockhdr") {
        add_sock_hdr("Sock-Info");
        $var(rc) = $rc;
        msg_apply_changes();
        append_to_reply("X-S: $hdr(Sock-Info)\\r\\n");
        route(SHOW);
    }
'''
RCD = '''append_to_reply("X-Rcd0: $xavp(rcd[0]=>contact) $xavp(rcd[0]=>expires) $xavp(rcd[0]=>ruid) $xavp(rcd[0]=>received) $xavp(rcd[0]=>path)\\r\\nX-Rcd1: $xavp(rcd[1]=>contact)\\r\\n");'''


@pytest.fixture(scope="module")
def server(kam_module):
    return kam_module(config(
        params=[("use_path", 1), ("received_avp", "$avp(rcv)"),
                ("xavp_rcd", "rcd"), ("xavp_cfg", "reg"),
                ("lookup_filter_mode", 1), ("method_filtering", 1)],
        usrloc=[("use_domain", 1), ("xavp_contact", "ulx")],
        before_save='if(is_present_hf("X-Rcv")) $avp(rcv) = $hdr(X-Rcv);'
                    'if(is_present_hf("X-Keep"))'
                    ' $xavp(ulx=>note) = $hdr(X-Keep);',
        before_lookup=SCRIPT, modules=["textopsx"],
        show=RCD + 'append_to_reply("X-Note: $xavp(ulx=>note)\\r\\n");'
        'append_to_reply("X-Notes: $xavp(ulx[0]=>note) $xavp(ulx[1]=>note)'
        ' $xavp(ulx[2]=>note) $xavp(ulx[3]=>note)\\r\\n");'))


@pytest.fixture
def phone(server, udp):
    return Phone(udp(), server)


def users(shown):
    return [u.partition("@")[0][4:] for u in shown.targets]


def test_order_is_by_q_then_by_age(phone):
    phone.register(phone.contact(";q=0.3", user="low"))
    phone.register(phone.contact(";q=0.9", user="high"))
    phone.register(phone.contact(";q=0.3", user="low2"))
    shown = phone.ask()
    assert shown.rc == 1
    assert users(shown) == ["high", "low", "low2"]


def test_w_r14_a_refreshed_q_changes_the_order(phone):
    phone.register(phone.contact(";q=0.9", user="a"))
    phone.register(phone.contact(";q=0.5", user="b"))
    phone.register(phone.contact(";q=0.1", user="a"))
    assert users(phone.ask()) == ["b", "a"]


def test_nobody_is_minus_1_and_the_request_is_untouched(phone):
    shown = phone.ask(headers=[("X-Du", "sip:127.0.0.9:9")])
    assert shown.rc == -1
    assert shown.targets == [phone.aor]
    assert shown.duri == "sip:127.0.0.9:9"


def test_a_bad_uri_is_minus_3(phone):
    phone.register(phone.contact())
    assert phone.ask(headers=[("X-Uri", "bla")]).rc == -3
    assert phone.ask("registered", headers=[("X-Uri", "bla")]).rc == -1
    assert phone.ask("unregister", headers=[("X-Uri", "bla")]).rc == -1


@pytest.mark.parametrize("do", ["lookup", "dset", "registered", "xavp",
                                "from"])
def test_an_empty_uri_is_nobody(phone, do):
    phone.register(phone.contact())
    assert phone.ask(do, headers=[("X-Uri", phone.aor)]).rc == 1
    shown = phone.ask(do, headers=[("X-Uri", "")])
    assert shown.rc == -1 and shown.targets == [phone.aor]


def test_uri_argument_of_lookup(phone):
    phone.register(phone.contact())
    shown = phone.ask(ruri="sip:other@example.org",
                      headers=[("X-Uri", phone.aor)])
    assert shown.rc == 1 and users(shown) == [phone.user]


def test_lookup_forgets_a_former_next_hop(phone):
    phone.register(phone.contact())
    assert phone.ask(headers=[("X-Du", "sip:127.0.0.9:9")]).duri is None


def test_received_is_the_next_hop(phone):
    phone.register(phone.contact(),
                   headers=[("X-Rcv", "sip:127.0.0.1:9;transport=tcp")])
    shown = phone.ask()
    assert shown.duri == "sip:127.0.0.1:9;transport=tcp"


def test_r3327_1_path_is_the_route_of_lookup(server, phone, udp):
    first, second = udp("first"), udp("second")
    path = "<sip:%s;lr>, <sip:%s;lr>" % (first.addr, second.addr)
    reply = phone.register(phone.contact(), headers=[
        ("Path", path), ("Supported", "path")])
    assert reply.get("Path").replace(" ", "") == path.replace(" ", "")
    assert phone.ask().duri == "sip:%s;lr" % first.addr
    phone.peer.send(request(phone.peer, "INVITE", phone.aor,
                            [("X-Do", "relay")]), server.addr)
    invite = first.recv()
    assert invite.ruri.startswith("sip:%s@" % phone.user)
    routes = re.findall("<[^>]*>", ",".join(invite.all("Route")))
    assert routes == ["<sip:%s;lr>" % first.addr, "<sip:%s;lr>" % second.addr]


def test_branch_flags_ruid_and_agent_are_restored(phone):
    phone.register(phone.contact(";q=0.9", user="a"), headers=[
        ("X-Bflags", "y"), ("User-Agent", "Phone/1")])
    phone.register(phone.contact(";q=0.1", user="b"), headers=[
        ("User-Agent", "Phone/2")])
    shown = phone.ask()
    assert shown.bflags == 8 and shown.ua == "Phone/1" and shown.ruid
    params = shown.branches[0][1]
    assert params["flags"] == "0" and params["ua"] == '"Phone/2"'
    assert params["ruid"].startswith("uloc-") and params["ruid"] != shown.ruid
    assert shown.sock.startswith("udp:127.0.0.1:")


def test_lookup_to_dset_leaves_the_request_uri(phone):
    phone.register(phone.contact(";q=0.9", user="a"),
                   phone.contact(";q=0.1", user="b"))
    shown = phone.ask("dset")
    assert shown.rc == 1
    assert shown.ruri == phone.aor
    assert users(shown)[1:] == ["a", "b"]
    assert phone.ask("dset", ruri="sip:nobody@example.org").rc == -1


def test_w_r20_lookup_branches_fills_branches_in_place(server, phone, udp):
    other = Phone(phone.peer, server)
    phone.register(phone.contact(";q=0.9", user="a1"),
                   phone.contact(";q=0.1", user="a2"))
    other.register(other.contact(";q=0.9", user="b1"),
                   other.contact(";q=0.1", user="b2"))
    shown = phone.ask("branches", headers=[("X-Br", other.aor)])
    assert shown.rc == 1
    assert users(shown) == ["a1", "b1", "a2", "b2"]
    for _, params in shown.branches:
        assert params["ruid"].startswith("uloc-") and params["ua"] == '"n/a"'
    # one that nobody knows stays what it was
    shown = phone.ask("branches", headers=[("X-Br", "sip:no@example.org")])
    assert users(shown) == ["a1", "no", "a2"]


def test_lookup_branches_returns_what_the_last_look_up_does(phone):
    phone.register(phone.contact(), headers=[("Allow", "INVITE")])
    nobody, bad = "sip:no@example.org", [("X-Br", "bla")]
    assert phone.ask("branches").rc == -2
    assert phone.ask("branches", headers=[("X-Br", nobody)]).rc == -1
    assert phone.ask("branches", ruri=nobody, headers=bad).rc == -3
    assert phone.ask("branches", ruri=nobody,
                     headers=[("X-Br", phone.aor)]).rc == -2
    assert phone.ask("branches", method="INVITE", headers=bad).rc == 1


def test_lookup_xavp_of_all_contacts_in_order(phone):
    phone.register(phone.contact(";q=0.2", user="a"),
                   headers=[("Path", "<sip:127.0.0.3:5060;lr>"),
                            ("Supported", "path")])
    phone.register(phone.contact(";q=0.9", user="b"),
                   headers=[("X-Rcv", "sip:127.0.0.1:9")])
    shown = phone.ask("xavp", headers=[("X-Uri", phone.aor)])
    assert shown.rc == 1 and shown.targets == [phone.aor]
    assert shown.reply.get("X-Rec") == "%s@example.org 2" % phone.user
    sock = "udp:127.0.0.1:%d" % phone.server.port
    assert shown.reply.get("X-C0") == "sip:b@%s sip:127.0.0.1:9 %s 900 " \
        "<null>" % (phone.peer.addr, sock)
    assert shown.reply.get("X-C1") == "sip:a@%s sip:127.0.0.3:5060;lr %s" \
        % (phone.peer.addr, sock)
    assert phone.ask("xavp", headers=[("X-Uri", "sip:no@example.org")]).rc \
        == -1


def test_xavp_rcd_has_one_record_per_contact(phone):
    phone.register(phone.contact(";q=0.9", user="a"),
                   headers=[("X-Rcv", "sip:127.0.0.1:9")])
    phone.register(phone.contact(";q=0.1", user="b"))
    shown = phone.ask()
    contact, expires, ruid, received, path = shown.reply.get("X-Rcd0").split()
    assert contact == shown.ruri and ruid == shown.ruid
    assert 3590 <= int(expires) <= 3600
    assert (received, path) == ("sip:127.0.0.1:9", "<null>")
    assert shown.reply.get("X-Rcd1") == shown.branches[0][0]


def test_xavp_rcd_after_save_is_of_the_last_binding_listed(kam, udp):
    server = kam(config(
        params=[("xavp_rcd", "rcd")], save="""
            save("location", "0x02");
            append_to_reply("X-Rcd: $xavp(rcd[0]=>contact)");
            append_to_reply(" $xavp(rcd[1]=>contact)\\r\\n");
            sl_send_reply("200", "seen"); exit;"""))
    phone = Phone(udp(), server)

    def record(*contacts):
        return phone.register(*contacts).get("X-Rcd")
    contact = "sip:%s@" + phone.peer.addr + " <null>"
    assert record(phone.contact(";q=0.1", user="a")) == contact % "a"
    assert record(phone.contact(";q=0.9", user="b")) == contact % "a"
    assert record() == contact % "a"
    assert record(phone.contact(";expires=0", user="a")) == contact % "b"
    assert record(phone.contact(";expires=0", user="b")) == "<null> <null>"


@pytest.mark.parametrize("mask, gone", [
    (1, 2), (2, 0), (4, 1), (8, 3), (16, 4)])
def test_xavp_rcd_mask_leaves_out(kam, udp, mask, gone):
    server = kam(config(
        params=[("xavp_rcd", "rcd"), ("xavp_rcd_mask", mask),
                ("use_path", 1), ("received_avp", "$avp(rcv)")],
        before_save='$avp(rcv) = "sip:127.0.0.1:9";', show=RCD))
    phone = Phone(udp(), server)
    phone.register(phone.contact(), headers=[
        ("Path", "<sip:127.0.0.3;lr>"), ("Supported", "path")])
    values = phone.ask().reply.get("X-Rcd0").split()
    assert [i for i, v in enumerate(values) if v == "<null>"] == [gone]


def test_method_filtering(phone):
    phone.register(phone.contact(), headers=[("Allow", "OPTIONS, BYE")])
    assert phone.ask(method="OPTIONS").rc == 1
    assert phone.ask(method="MESSAGE").rc == -2
    # within a dialog nothing is filtered
    assert phone.ask(method="MESSAGE", to="<%s>;tag=x" % phone.aor).rc == 1
    phone.register(phone.contact(';methods="MESSAGE"', user="b"))
    assert users(phone.ask(method="MESSAGE")) == ["b"]


def test_lookup_filter_mode_1_takes_matching_branch_flags(phone):
    phone.register(phone.contact(user="plain"))
    phone.register(phone.contact(user="flagged"), headers=[("X-Bflags", "y")])
    assert users(phone.ask()) == ["plain", "flagged"]
    assert users(phone.ask(headers=[("X-Rlf", "y")])) == ["flagged"]


def test_lookup_filter_mode_2_takes_living_connections(kam, udp, tcp):
    server = kam(config(params=[("lookup_filter_mode", 2)]), tcp=True)
    alive, gone = (Phone(tcp(name, to=server.addr), server, "mobile")
                   for name in ("alive", "gone"))
    alive.register(alive.contact(";q=0.1", user="alive"))
    gone.register(gone.contact(";q=0.9", user="gone"))
    asker = Phone(udp(), server, "mobile")
    asker.register(asker.contact(";q=0.5", user="udp"))
    assert users(asker.ask()) == ["gone", "udp", "alive"]
    gone.peer.close()
    for _ in range(50):
        if "gone" not in users(asker.ask()):
            break
    assert users(asker.ask()) == ["udp", "alive"]


def test_append_branches_0_takes_the_best_only(kam, udp):
    server = kam(config(params=[("append_branches", 0)]))
    phone = Phone(udp(), server)
    phone.register(phone.contact(";q=0.1", user="a"),
                   phone.contact(";q=0.9", user="b"))
    assert users(phone.ask()) == ["b"]
    shown = phone.ask("dset")
    assert (shown.rc, shown.branches) == (1, [])
    server.rpc("cfg.set_now_int", "registrar", "append_branches", 1)
    assert users(phone.ask()) == ["b", "a"]


def test_more_contacts_than_branches(kam, udp):
    server = kam(config())
    phone = Phone(udp(), server)
    for i in range(16):
        phone.register(phone.contact(";q=0.%d" % (i % 10), user="u%d" % i))
    shown = phone.ask()
    assert shown.rc == 1 and len(shown.targets) == 12
    assert users(shown)[0] == "u9"
    server.says("4 contacts passed over")


def test_use_expired_contacts_at_run_time(kam, udp):
    server = kam(config(params=[("min_expires", 1)],
                        usrloc=[("timer_interval", 60)]))
    phone = Phone(udp(), server)
    phone.register(phone.contact(";expires=1"))
    import time
    time.sleep(2.1)
    assert phone.ask().rc == -1
    assert phone.ask("registered", headers=[("X-Uri", phone.aor)]).rc == -1
    server.rpc("cfg.set_now_int", "registrar", "use_expired_contacts", 1)
    assert phone.ask().rc == 1
    server.rpc("cfg.set_now_int", "registrar", "use_expired_contacts", 0)
    assert phone.ask().rc == -1


def test_path_check_local_passes_over_this_server(kam, udp):
    hops = "<sip:127.0.0.1:%d;lr>;x=1 , <sip:127.0.0.8:5060;lr>"
    for local, next_hop in ((0, "sip:127.0.0.1:%d;lr"),
                            (1, "sip:127.0.0.8:5060;lr")):
        server = kam(config(params=[("use_path", 1),
                                    ("path_check_local", local)]))
        phone = Phone(udp(), server)
        phone.register(phone.contact(), headers=[
            ("Path", hops % server.port), ("Supported", "path")])
        want = next_hop % server.port if "%d" in next_hop else next_hop
        assert phone.ask().duri == want


def test_w_r17_w_r17c_path_check_local_keeps_the_rest_of_the_route(kam, udp):
    server = kam(config(params=[("use_path", 1), ("path_check_local", 1)]))
    target = udp("edge")
    phone = Phone(udp(), server)
    # header parameters and blanks, on which the stock module stumbles
    phone.register(phone.contact(), headers=[
        ("Path", '"me" <sip:127.0.0.1:%d;lr>;a="x,y" ,  <sip:%s;lr>;b'
         % (server.port, target.addr)), ("Supported", "path")])
    phone.peer.send(request(phone.peer, "INVITE", phone.aor,
                            [("X-Do", "relay")]), server.addr)
    invite = target.recv()
    assert invite.all("Route") == ["<sip:%s;lr>;b" % target.addr]


def test_registered_match_options(phone):
    phone.register(phone.contact(), headers=[
        ("X-Rcv", "sip:127.0.0.1:9"), ("X-Keep", "remembered")])
    uri = ("X-Uri", phone.aor)
    contact = "sip:%s@%s" % (phone.user, phone.peer.addr)
    assert phone.ask("registered", headers=[uri]).rc == 1
    for match, name, right in (("1", "X-Mc", phone.callid),
                               ("2", "X-Mr", "sip:127.0.0.1:9"),
                               ("4", "X-Mk", contact)):
        for value, rc in ((right, 1), ("other", -1)):
            assert phone.ask("registered", headers=[
                uri, ("X-Match", match), (name, value)]).rc == rc
        # what the XAVP does not say is not compared
        assert phone.ask("registered", headers=[uri, ("X-Match", match)]).rc \
            == 1


def test_registered_actions(phone):
    phone.register(phone.contact(), headers=[("X-Keep", "remembered")])
    uri = ("X-Uri", phone.aor)
    plain = phone.ask("registered", headers=[uri])
    assert plain.reply.get("X-Rcd0").split()[0].startswith("sip:")
    assert plain.reply.get("X-Note") == "<null>"
    both = phone.ask("registered", headers=[uri, ("X-Match", "7/3")])
    assert both.reply.get("X-Rcd0").split()[0] == "<null>"
    assert both.reply.get("X-Note") == "remembered"
    assert both.ruri == phone.aor and both.branches == []


def test_xavp_contact_of_all_targets(phone):
    phone.register(phone.contact(";q=0.9", user="a"), headers=[("X-Keep", "A")])
    phone.register(phone.contact(";q=0.5", user="b"))
    phone.register(phone.contact(";q=0.1", user="c"), headers=[("X-Keep", "C")])

    def notes(do="lookup", *headers):
        return phone.ask(do, headers=list(headers)).reply.get("X-Notes")
    own = ("X-Own", "own")
    # index 0 is of the Request-URI, those of branches follow
    assert notes() == "A <null> C <null>"
    assert notes("branches") == "A <null> C <null>"
    assert notes("dset") == "<null> A <null> C"
    assert notes("lookup", ("X-Br", "sip:x@127.0.0.9")) == "A <null> <null> C"
    # the script's own goes behind the Request-URI's
    assert notes("dset", own) == "own A <null> C"
    assert notes("lookup", own) == "A own C <null>"


def test_w_r19_reg_from_user(kam, udp, server):
    peer = udp()
    phone = Phone(peer, server)
    # an unreadable one and an expired one before the right one
    phone.register(phone.contact(user="x"),
                   headers=[("X-Rcv", "sip:127.0.0.5:%d" % peer.port)])
    headers = [("X-Uri", phone.aor)]
    assert phone.ask("from", headers=headers).rc == -1
    phone.register(phone.contact(";q=0.1"))
    assert phone.ask("from", headers=headers).rc == 1
    assert phone.ask("from", headers=[*headers, ("X-Mode", "3")]).rc == 1
    other = Phone(udp(), server)
    assert other.ask("from", headers=headers).rc == 1
    assert other.ask("from", headers=[*headers, ("X-Mode", "1")]).rc == -1


def test_add_sock_hdr_names_the_socket(phone):
    shown = phone.ask("sockhdr")
    assert shown.rc == 1
    assert shown.reply.get("X-S") == "udp:127.0.0.1:%d" % phone.server.port


def test_r5627_lookup_by_gruu(phone):
    reply = phone.register(
        phone.contact(';+sip.instance="<urn:uuid:a-1>"', user="a"),
        phone.contact(user="b"), headers=[("Supported", "gruu")])
    params = [p for u, p in map(parse_contact, reply.contacts())
              if u.startswith("sip:a@")][0]
    pub, temp = (params[n].strip('"') for n in ("pub-gruu", "temp-gruu"))
    assert pub == phone.aor + ";gr=urn:uuid:a-1"
    for gruu in (pub, temp):
        shown = phone.ask(ruri=gruu)
        assert (shown.rc, users(shown)) == (1, ["a"])
    assert phone.ask(ruri=pub.replace("a-1", "a-2")).rc == -1
    assert phone.ask(ruri=temp.replace("uloc-", "uloc-0")).rc == -1
    assert phone.ask(ruri="sip:x@example.org;gr").rc == -1


def test_w_r22_a_contact_that_fits_nowhere_leaves_the_request_alone(
        kam, udp):
    server = kam(config(params=[("contact_max_size", 2000)],
                        before_lookup=SCRIPT.split("if(is_present_hf("
                                                   "\"X-Br")[0]))
    phone = Phone(udp(), server)
    # longer than the core keeps as a Request-URI or with a branch
    phone.register("<sip:%s@127.0.0.1>" % ("x" * 1100))
    assert len(phone.uris()) == 1
    for do in ("lookup", "dset"):
        shown = phone.ask(do, headers=[("X-Du", "sip:127.0.0.9:9")])
        assert shown.rc == -1
        assert shown.targets == [phone.aor]
        assert shown.duri == "sip:127.0.0.9:9"
    # and another one is found in spite of it
    phone.register(phone.contact(user="good"))
    assert users(phone.ask()) == ["good"]


def test_lookup_xavp_has_no_limit(kam, udp):
    server = kam(config(
        usrloc=[("use_domain", 1)],
        before_lookup='lookup_xavp("location", "$ru", "rr", "cc"); '
        '$var(rc) = $rc; append_to_reply("X-All: $xavp(rr=>count) '
        '$xavp(cc[0]=>uri) $xavp(cc[69]=>uri) $xavp(cc[70]=>uri)\\r\\n"); '
        'route(SHOW);'))
    phone = Phone(udp(), server)
    for first in (0, 35):
        phone.register(*[phone.contact(";q=0.%03d" % (500 - i), user="u%d" % i)
                         for i in range(first, first + 35)])
    shown = phone.ask()
    assert shown.rc == 1
    assert shown.reply.get("X-All") == "70 sip:u0@%s sip:u69@%s <null>" % (
        phone.peer.addr, phone.peer.addr)
