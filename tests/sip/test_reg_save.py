# SPDX-License-Identifier: GPL-2.0-or-later
"""save(): what a REGISTER does to the bindings and what is answered."""

import pytest

from kamtest.registrar import Phone, config, parse_contact
from kamtest.net import unique


@pytest.fixture(scope="module")
def server(kam_module):
    return kam_module(config(usrloc=[("use_domain", 1)]))


@pytest.fixture
def phone(server, udp):
    return Phone(udp(), server)


def lifetime(reply, index=0):
    return int(parse_contact(reply.contacts()[index])[1]["expires"])


def test_insert_answers_200_with_the_binding(phone):
    reply, rc = phone.save(phone.contact())
    assert (reply.status, rc) == (200, 1)
    uri, params = parse_contact(reply.get("Contact"))
    assert uri == "sip:%s@%s" % (phone.user, phone.peer.addr)
    assert params == {"expires": "3600"}


def test_update_returns_2_and_keeps_one_binding(phone):
    phone.save(phone.contact())
    reply, rc = phone.save(phone.contact(";expires=600"))
    assert rc == 2
    assert len(reply.contacts()) == 1
    assert lifetime(reply) == 600


def test_delete_returns_3(phone):
    phone.save(phone.contact())
    reply, rc = phone.save(phone.contact(";expires=0"))
    assert (reply.status, rc) == (200, 3)
    assert reply.contacts() == []


def test_query_returns_4_and_changes_nothing(phone):
    phone.save(phone.contact())
    reply, rc = phone.save()
    assert (reply.status, rc, len(reply.contacts())) == (200, 4, 1)


def test_query_of_nobody_lists_nothing(phone):
    reply, rc = phone.save()
    assert (reply.status, rc, reply.get("Contact")) == (200, 4, None)


def test_star_removes_everything(phone):
    phone.save(phone.contact(user="a"), phone.contact(user="b"))
    reply, rc = phone.save("*", headers=[("Expires", "0")])
    assert (reply.status, rc) == (200, 3)
    assert phone.uris() == []


@pytest.mark.parametrize("contacts, expires", [
    (("*",), "3600"), (("*",), None), (("*", "<sip:a@127.0.0.1>"), "0")])
def test_r3261_7_star_is_refused_with_others_or_a_lifetime(
        phone, contacts, expires):
    phone.save(phone.contact())
    headers = [("Expires", expires)] if expires else []
    reply, rc = phone.save(*contacts, headers=headers)
    assert (reply.status, rc) == (400, -1)
    assert len(phone.uris()) == 1


def test_several_contacts_in_one_header_and_in_several(phone):
    reply, rc = phone.save(
        phone.contact(user="a") + ", " + phone.contact(user="b"),
        phone.contact(user="c"))
    assert rc == 1
    assert sorted(parse_contact(c)[0].split("@")[0]
                  for c in reply.contacts()) == ["sip:a", "sip:b", "sip:c"]


def test_r3261_9_parameter_before_header_before_default(phone):
    reply, _ = phone.save(phone.contact(";expires=700"),
                          headers=[("Expires", "800")])
    assert lifetime(reply) == 700
    reply, _ = phone.save(phone.contact(), headers=[("Expires", "800")])
    assert lifetime(reply) == 800
    reply, _ = phone.save(phone.contact())
    assert lifetime(reply) == 3600


def test_lifetime_below_the_minimum_is_raised(phone):
    reply, _ = phone.save(phone.contact(";expires=10"))
    assert lifetime(reply) == 60


@pytest.mark.parametrize("value", ["2147483648", "4294967295", "99999999999"])
@pytest.mark.parametrize("where", ["parameter", "header"])
def test_w_r4_r3261_11_the_largest_lifetimes_live(phone, value, where):
    if where == "parameter":
        reply, rc = phone.save(phone.contact(";expires=" + value))
    else:
        reply, rc = phone.save(phone.contact(), headers=[("Expires", value)])
    assert (reply.status, rc) == (200, 1)
    assert lifetime(reply) >= 2**31 - 2
    assert phone.ask("registered", headers=[("X-Uri", phone.aor)]).rc == 1


@pytest.mark.parametrize("regid", ["0", "abc", "2147483648", "-1"])
def test_w_r1_bad_reg_id_is_400_and_no_200(kam_regid, udp, regid):
    phone = Phone(udp(), kam_regid)
    reply, rc = phone.save(phone.contact(
        ';+sip.instance="<urn:uuid:1>";reg-id=%s' % regid))
    assert (reply.status, rc) == (400, -1)
    assert phone.uris() == []


@pytest.fixture(scope="module")
def kam_regid(kam_module):
    return kam_module(config(
        params=[("regid_mode", 1), ("received_avp", "$avp(rcv)")],
        usrloc=[("use_domain", 1)],
        before_save='if(is_present_hf("X-Rcv")) $avp(rcv) = $hdr(X-Rcv);'))


def test_w_r2_no_binding_of_another_user_in_an_answer(kam, udp):
    server = kam(config(usrloc=[("use_domain", 1)]), children=1)
    peer = udp()
    alice, bob = Phone(peer, server, "alice"), Phone(peer, server, "bob")
    silent, rc = alice.save(alice.contact(), headers=[("X-Flags", "2")])
    assert (silent, rc) == (None, 1)
    reply = bob.register("*", headers=[("Expires", "5")])
    assert reply.status == 400
    assert "alice" not in reply.encode().decode()
    reply = bob.register()
    assert reply.contacts() == []


def test_w_r5_r5626_5_second_contact_inherits_nothing(kam_regid, udp):
    phone = Phone(udp(), kam_regid)
    reply = phone.register(
        phone.contact(';+sip.instance="<urn:uuid:2>";reg-id=3'
                      ';received="sip:192.0.2.1:5060"', user="a"),
        phone.contact(user="b"))
    assert reply.status == 200
    params = {parse_contact(c)[0].split("@")[0]: parse_contact(c)[1]
              for c in reply.contacts()}
    assert params["sip:a"]["reg-id"] == "3"
    assert params["sip:a"]["received"] == '"sip:192.0.2.1:5060"'
    assert "reg-id" not in params["sip:b"]
    assert "received" not in params["sip:b"]
    assert "+sip.instance" not in params["sip:b"]


@pytest.mark.parametrize("bad", [
    ";q=7", ";expires=300;q=x", ';reg-id=0;+sip.instance="<urn:uuid:4>"'])
def test_w_r6_r3261_17_all_or_nothing(kam_regid, udp, bad):
    phone = Phone(udp(), kam_regid)
    phone.save(phone.contact(user="old"))
    before = phone.bindings()
    reply, rc = phone.save(phone.contact(user="new"),
                           phone.contact(";expires=0", user="old"),
                           phone.contact(bad, user="bad"))
    assert (reply.status, rc) == (400, -1)
    assert [u for u, _ in phone.bindings()] == [u for u, _ in before]


def test_r3261_15_older_cseq_of_the_same_call_is_refused(phone):
    phone.save(phone.contact(), cseq=10)
    reply, rc = phone.save(phone.contact(";expires=0"), cseq=9)
    assert (reply.status, rc) == (400, -1)
    assert reply.get("P-Registrar-Error") == "Invalid CSeq number"
    assert len(phone.uris()) == 1


def test_r3261_16_another_call_id_may_change_the_binding(phone):
    phone.save(phone.contact(), cseq=10)
    reply, rc = phone.save(phone.contact(), cseq=1, callid=unique("other"))
    assert (reply.status, rc) == (200, 2)


def test_flag_1_memory_only_is_seen_by_lookup(phone):
    _, rc = phone.save(phone.contact(), headers=[("X-Flags", "1")])
    assert rc == 1
    assert phone.ask().ruri.startswith("sip:%s@" % phone.user)


def test_flag_2_sends_no_reply(phone):
    reply, rc = phone.save(phone.contact(), headers=[("X-Flags", "2")])
    assert (reply, rc) == (None, 1)
    assert len(phone.uris()) == 1


def test_flag_4_keeps_one_binding(phone):
    phone.save(phone.contact(user="a"), phone.contact(user="b"))
    reply, rc = phone.save(phone.contact(user="c"),
                           headers=[("X-Flags", "4")])
    assert rc == 1
    assert len(reply.contacts()) == 1
    assert phone.uris()[0].startswith("sip:c@")


def test_flag_8_leaves_the_lifetime_alone(kam, udp):
    server = kam(config(params=[("expires_range", 90),
                                ("default_expires_range", 90)],
                        usrloc=[("use_domain", 1)]))
    peer = udp()
    seen = set()
    for _ in range(8):
        phone = Phone(peer, server)
        reply, _ = phone.save(phone.contact(";expires=1000"))
        seen.add(lifetime(reply))
        reply, _ = phone.save(phone.contact(";expires=1000"),
                              headers=[("X-Flags", "8")])
        assert lifetime(reply) == 1000
        reply, _ = phone.save(phone.contact(), headers=[("X-Flags", "8")])
        assert lifetime(reply) == 3600
    assert all(100 <= n <= 1000 for n in seen) and len(seen) > 1


def test_flag_16_leaves_the_headers_for_the_scripts_own_reply(kam, udp):
    server = kam(config(
        usrloc=[("use_domain", 1)],
        save='save("location", "0x12"); sl_send_reply("200", "by script");'))
    phone = Phone(udp(), server)
    reply = phone.register(phone.contact())
    assert reply.reason == "by script"
    assert len(reply.contacts()) == 1


def test_flag_16_alone_changes_nothing(phone):
    reply, rc = phone.save(phone.contact(), headers=[("X-Flags", "16")])
    assert (reply.status, rc, len(reply.contacts())) == (200, 1, 1)


def test_uri_argument_takes_the_place_of_to(phone):
    reply, rc = phone.save(phone.contact(),
                           headers=[("X-Uri", "sip:%s-x@other.example"
                                     % phone.user)])
    assert (reply.status, rc) == (200, 1)
    assert phone.uris() == []
    assert phone.ask(ruri="sip:%s-x@other.example" % phone.user).rc == 1


def test_w_r12_too_many_contacts(kam, udp):
    server = kam(config(params=[("max_contacts", 2), ("retry_after", 30)],
                        usrloc=[("use_domain", 1)]))
    phone = Phone(udp(), server)
    phone.save(phone.contact(user="a"))
    phone.save(phone.contact(user="b"))
    reply, rc = phone.save(phone.contact(user="c"))
    assert (reply.status, rc) == (503, -2)
    assert reply.get("Retry-After") == "30"
    assert reply.get("P-Registrar-Error") == "Too many registered contacts"
    # a refresh and an exchange are fine
    assert phone.save(phone.contact(user="b"))[1] == 2
    assert phone.save(phone.contact(user="c"),
                      phone.contact(";expires=0", user="a"))[0].status == 200
    assert sorted(u[:5] for u in phone.uris()) == ["sip:b", "sip:c"]


def test_statistics_count_answers(server, phone):
    before = [server.stat("registrar", n)
              for n in ("accepted_regs", "rejected_regs")]
    phone.save(phone.contact())
    phone.save(phone.contact(";q=9"))
    after = [server.stat("registrar", n)
             for n in ("accepted_regs", "rejected_regs")]
    assert [a - b for a, b in zip(after, before)] == [1, 1]


def test_save_in_a_failure_route(kam, udp):
    server = kam(config(
        usrloc=[("use_domain", 1)],
        save='t_on_failure("REFUSED"); $du = "sip:127.0.0.1:" + $hdr(X-Port);'
             't_relay(); exit;',
        routes='failure_route[REFUSED] { save("location"); }'))
    peer, other = udp(), udp("upstream")
    phone = Phone(peer, server)
    peer.send(phone.message(phone.contact(),
                            headers=[("X-Port", str(other.port))]),
              server.addr)
    asked = other.recv()
    other.send(_answer(asked, "500 Down"), asked.source)
    replies = [peer.recv()]
    while replies[-1].status < 200:
        replies.append(peer.recv())
    assert replies[-1].status == 200
    assert len(replies[-1].contacts()) == 1


def test_save_in_a_reply_route_stores_the_contact_of_the_reply(kam, udp):
    server = kam(config(
        usrloc=[("use_domain", 1)],
        save='t_on_reply("ANSWER"); $du = "sip:127.0.0.1:" + $hdr(X-Port);'
             't_relay(); exit;',
        routes='onreply_route[ANSWER] { if(status == 200) save("location"); }'))
    peer, other = udp(), udp("registrar")
    phone = Phone(peer, server)
    peer.send(phone.message(phone.contact(),
                            headers=[("X-Port", str(other.port))]),
              server.addr)
    asked = other.recv()
    other.send(_answer(asked, "200 OK",
                       [("Contact", phone.contact(";expires=500"))]),
               asked.source)
    replies = [peer.recv()]
    while replies[-1].status < 200:
        replies.append(peer.recv())
    assert replies[-1].status == 200
    assert phone.ask().rc == 1


def _answer(asked, line, headers=()):
    from kamtest.message import Message
    rows = [(n, v) for n, v in asked.headers
            if n.lower() in ("via", "from", "to", "call-id", "cseq")]
    rows = [(n, v + ";tag=up" if n.lower() == "to" else v) for n, v in rows]
    return Message("SIP/2.0 " + line, rows + list(headers))
