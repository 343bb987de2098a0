# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a registrar's answers end: lists too long to send, AoRs without a
user, bindings without an end, contacts that lead back here."""

import sqlite3

import pytest

from kamtest.registrar import Database, Phone, config

FLOW = ';+sip.instance="<urn:uuid:%s>";reg-id=1'


@pytest.fixture(scope="module", params=[0, 1], ids=["memory", "database"])
def large(request, kam_module):
    """A server, and an AoR with half of what one UDP reply can list."""
    db = Database()
    rows = db.usrloc(1) if request.param else []
    yield kam_module(config(usrloc=[("use_domain", 1), *rows],
                            modules=["db_sqlite"] if rows else []),
                     tcp=True, pkg=16, globals_="tcp_rd_buf_size=65536")
    db.close()


def long_contacts(phone, first, n):
    return [phone.contact(user="%d-%s" % (i, "x" * 440))
            for i in range(first, first + n)]


def test_r3261_17_19_a_list_too_long_for_udp_is_refused_as_a_whole(
        large, udp, tcp):
    phone = Phone(udp(), large)
    fits = 120
    for first in range(0, fits, 40):
        reply = phone.register(*long_contacts(phone, first, 40))
    assert reply.status == 200 and len(reply.contacts()) == fits
    assert len(reply.encode()) > 55000
    before = phone.bindings()
    more = long_contacts(phone, fits, 40)
    # as it was before: also what is refreshed or dropped on the way
    reply, rc = phone.save(*more, phone.contact(";expires=0",
                                                user="0-" + "x" * 440))
    assert (reply.status, rc) == (500, -1)
    assert reply.get("P-Registrar-Error") == "Too many bindings to list"
    assert reply.contacts() == []
    assert sorted(u for u, _ in before) == sorted(phone.uris())
    # a stream has no such limit
    far = Phone(tcp("far", to=large.addr), large, user=phone.user)
    far.callid, far.cseq = phone.callid, phone.cseq
    reply = far.register(*more)
    assert reply.status == 200 and len(reply.contacts()) == fits + 40
    assert len(reply.encode()) > 65535
    assert len(far.uris()) == fits + 40
    # where they can't be listed nothing is said to be there or not
    phone.cseq = far.cseq
    assert phone.register().status == 500
    assert len(phone.ask().targets) > 1
    assert phone.register("*", headers=[("Expires", "0")]).status == 200
    assert phone.uris() == []


def test_an_aor_without_a_user_is_nobodys(kam, udp):
    server = kam(config(usrloc=[("use_domain", 0)]))
    phone = Phone(udp(), server)
    reply, rc = phone.save(phone.contact(), to="<sip:example.org>")
    assert (reply.status, rc) == (400, -1)
    assert reply.get("P-Registrar-Error") == "No user in Address Of Record"
    assert phone.save(phone.contact(), headers=[
        ("X-Uri", "sip:other.example")])[0].status == 400
    assert phone.ask(ruri="sip:example.org").rc == -1
    assert phone.ask("registered", headers=[
        ("X-Uri", "sip:example.org")]).rc == -1


def test_an_aor_may_be_a_domain_with_use_domain(kam, udp):
    server = kam(config(usrloc=[("use_domain", 1)]))
    phone = Phone(udp(), server)
    assert phone.save(phone.contact(), to="<sip:example.org>")[1] == 1
    assert phone.ask(ruri="sip:example.org").rc == 1


def test_a_permanent_binding_is_not_shown_as_ended(kam, udp):
    server = kam(config(params=[("xavp_rcd", "rcd")],
                        show='append_to_reply("X-Left: '
                        '$xavp(rcd=>expires)\\r\\n");'))
    phone = Phone(udp(), server)
    server.rpc("ul.add", "location", phone.user, "sip:p@127.0.0.1:9", 0, 1.0,
               "", 0, 0, 0)
    (_, params), = phone.bindings()
    # the longest that is granted, 68 years
    assert params["expires"] == "2147483647"
    assert phone.ask().reply.get("X-Left") == "2147483647"


LOOPS = ["%s", "%s:5060", "%s;transport=udp", "%s;line=7", "%s:%%d",
         "%s:%%d;transport=tcp;x=y"]
PHONES = ["%s:7", "%s;maddr=127.0.0.9", "%s:7;transport=tcp"]


@pytest.mark.parametrize("contact, status", [
    *((c, 400) for c in LOOPS), *((c, 200) for c in PHONES)])
def test_w_r3_a_contact_that_leads_back_here_is_refused(
        kam_module, udp, contact, status):
    server = _loop_server(kam_module)
    phone = Phone(udp(), server)
    text = contact % phone.aor
    if "%d" in text:
        text %= server.port
    assert phone.register("<%s>" % text).status == status
    assert len(phone.uris()) == (status == 200)


def _loop_server(kam_module):
    for server in kam_module.made:
        if server.name == "loop":
            return server
    return kam_module(config(usrloc=[("use_domain", 1)]), name="loop")


@pytest.mark.parametrize("use_path", [0, 1])
def test_r5626_6_the_edge_is_seen_without_use_path(kam, udp, use_path):
    server = kam(config(params=[("outbound_mode", 1), ("use_path", use_path)],
                        usrloc=[("use_domain", 1)]))
    phone = Phone(udp(), server)

    def status(*path):
        return phone.register(phone.contact(FLOW % 1), headers=[
            ("Via", "SIP/2.0/UDP 127.0.0.9;branch=z9hG4bK1"),
            ("Supported", "path, outbound"),
            *(("Path", p) for p in path)]).status
    assert status("<sip:edge@127.0.0.9;lr;ob>", "<sip:b@127.0.0.8;lr>") == 200
    assert status("<sip:edge@127.0.0.9;lr>") == 439
    assert status("<sip:b@127.0.0.8;lr>", "<sip:edge@127.0.0.9;lr;ob>") == 439
    assert status() == 439
    # what is not used is not judged either
    assert status("nothing") == (400 if use_path else 439)


def test_r3261_15_an_expired_binding_orders_nothing(kam, udp):
    db = Database()
    try:
        # usrloc's timer does not come: the binding stays, expired
        server = kam(config(usrloc=[("use_domain", 1), ("timer_interval", 600),
                                    *db.usrloc(3)], modules=["db_sqlite"]))
        phone = Phone(udp(), server)
        for contact in (phone.contact(), phone.contact(FLOW % 2)):
            phone.register(contact, callid="one", cseq=50)
            with sqlite3.connect(db.path, timeout=10) as con:
                con.execute("update location set expires = "
                            "datetime('now', 'localtime', '-9 seconds')")
            assert phone.uris() == []
            reply, rc = phone.save(contact, callid="one", cseq=3)
            assert reply.status == 200 and rc in (1, 2)
            assert len(phone.uris()) == 1
            phone.save("*", headers=[("Expires", "0")], callid="x")
    finally:
        db.close()


def test_a_user_agent_without_room_in_the_table_is_not_kept(kam, udp):
    phone = Phone(udp(), kam(config()))
    for length, kept in ((254, "U" * 254), (255, "n/a")):
        phone.register(phone.contact(), headers=[("User-Agent", "U" * length)])
        assert phone.ask().ua == kept
