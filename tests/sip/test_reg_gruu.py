# SPDX-License-Identifier: GPL-2.0-or-later
"""GRUUs under a key (RFC 5627) and flows of an instance (RFC 5626)."""

import pytest

from kamtest.registrar import Phone, config, parse_contact, request

KEY = "a secret of the operator, 32 byte"
ASK = [("Supported", "gruu")]


@pytest.fixture(scope="module")
def server(kam_module):
    return kam_module(config(params=[("gruu_key", KEY)],
                             usrloc=[("use_domain", 1)]))


@pytest.fixture
def phone(server, udp):
    return Phone(udp(), server)


def instance(phone):
    return ';+sip.instance="<urn:uuid:%s>"' % phone.user


def gruu(reply, kind="temp-gruu"):
    return [p[kind].strip('"') for _, p in map(parse_contact,
                                               reply.contacts())
            if kind in p][0]


def register(phone, **options):
    return phone.register(phone.contact(instance(phone)), headers=ASK,
                          **options)


def test_r5627_3_w_r16_every_register_gives_another_temporary_gruu(phone):
    gruus = [gruu(register(phone)) for _ in range(3)]
    assert len(set(gruus)) == 3
    # all of them lead here, as long as the registration lasts
    for one in gruus:
        shown = phone.ask(ruri=one)
        assert shown.rc == 1
        assert shown.ruri.startswith("sip:%s@" % phone.user)
    # the public one stays the same
    assert gruu(register(phone), "pub-gruu") == gruu(register(phone),
                                                     "pub-gruu")


def test_r5627_2_the_public_gruu_is_the_same_however_the_aor_is_written(
        phone):
    plain = gruu(register(phone), "pub-gruu")
    other = gruu(register(phone, to="<sip:%s%%3%d@EXAMPLE.org>" % (
        phone.user[:-1].upper(), int(phone.user[-1]))), "pub-gruu")
    assert plain == other
    assert phone.ask(ruri=plain).rc == 1


def test_r5627_3_a_new_call_id_ends_the_temporary_gruus(phone):
    old = gruu(register(phone, callid="first", cseq=1))
    new = gruu(register(phone, callid="second", cseq=1))
    assert phone.ask(ruri=old).rc == -1
    assert phone.ask(ruri=new).rc == 1
    phone.register("*", headers=[("Expires", "0")])
    assert phone.ask(ruri=new).rc == -1


def test_r5627_4_a_temporary_gruu_reveals_nothing(phone):
    reply = register(phone)
    ruid = phone.ask().ruid
    user = gruu(reply).partition(":")[2].partition("@")[0]
    assert phone.user not in user and ruid not in user
    assert user.startswith("tgruu-") and user.partition("-")[2].isalnum()


def test_w_r16_a_changed_or_made_up_gruu_leads_nowhere(phone):
    good = gruu(register(phone))
    head, _, tail = good.partition("@")
    for i in (-1, -40, -80, 12):
        bad = list(head)
        bad[i] = "0" if bad[i] != "0" else "1"
        assert phone.ask(ruri="".join(bad) + "@" + tail).rc == -1
    for user in ("tgruu-", "tgruu-00", head[4:-2], head[4:] + "00",
                 "uloc-1-1-1-00000000", "x" * 300):
        assert phone.ask(ruri="sip:%s@%s" % (user, tail)).rc == -1


def test_r5627_2_a_sips_aor_has_sips_gruus(phone):
    reply = phone.register(phone.contact(instance(phone)), headers=ASK,
                           to="<sips:%s@example.org>" % phone.user)
    assert gruu(reply).startswith("sips:")
    assert gruu(reply, "pub-gruu").startswith("sips:")


def test_r5627_2_an_instance_is_escaped_in_the_public_gruu(phone):
    reply = phone.register(
        phone.contact(';+sip.instance="<odd;id=%s>"' % phone.user),
        headers=ASK)
    pub = gruu(reply, "pub-gruu")
    assert pub.endswith(";gr=odd%%3bid%%3d%s" % phone.user)
    assert phone.ask(ruri=pub).rc == 1


def test_r5627_7_a_phone_that_is_away_is_480_by_script(kam, udp):
    """lookup() leaves the Request-URI alone, so that the script can ask."""
    server = kam(config(
        params=[("gruu_key", KEY)], usrloc=[("use_domain", 1)],
        before_lookup='if(!lookup("location")) { $var(rc) = $rc;'
        ' $var(gruu) = is_gruu(); if($var(rc) == -1 && $var(gruu) == 1)'
        ' sl_send_reply("480", "Temporarily Unavailable");'
        ' else sl_send_reply("404", "rc $var(rc)"); exit; }'))
    phone = Phone(udp(), server)
    reply = register(phone)
    phone.register(phone.contact(user="desk"))
    pub, temp = gruu(reply, "pub-gruu"), gruu(reply)

    def answer(ruri):
        phone.peer.send(request(phone.peer, "MESSAGE", ruri), server.addr)
        return phone.peer.recv().status
    assert answer(pub) == answer(temp) == 200
    phone.register(phone.contact(instance(phone) + ";expires=0"))
    # the other phone is no substitute; a temporary one is void for good
    assert answer(pub) == 480
    assert answer(temp) == 404
    assert answer(phone.aor) == 200


def test_r5627_8_the_aor_itself_is_no_gruu(phone):
    register(phone)
    phone.register(phone.contact(user="other"))
    assert len(phone.ask().targets) == 2
    assert len(phone.ask(ruri=gruu(register(phone), "pub-gruu")).targets) == 1


def test_a_short_key_stops_the_start_and_is_not_logged(kam):
    server = kam(config(params=[("gruu_key", "sesame-sesame")]), start=False)
    with pytest.raises(AssertionError):
        server.start()
    server.says("gruu_key has 13 bytes, it needs 16")
    assert "sesame" not in server.log()


@pytest.fixture(scope="module")
def flows(kam_module):
    return kam_module(config(
        params=[("outbound_mode", 1), ("flow_xavp", "flows")],
        usrloc=[("use_domain", 1)],
        show='append_to_reply("X-Spare: $xavp(flows[0]=>uri) '
             '$xavp(flows[1]=>uri)\\r\\n");'
             'append_to_reply("X-Count: $cnt($xavp(flows))\\r\\n");'))


def flow(phone, number, user, q="0.5"):
    return phone.register(
        phone.contact(instance(phone) + ";reg-id=%d;q=%s" % (number, q),
                      user=user),
        headers=[("Supported", "outbound")], callid="flow-%d" % number)


def users(shown):
    return [u.partition("@")[0][4:] for u in shown.targets]


def spare(shown):
    return [u.partition("@")[0][4:] for u in
            shown.reply.get("X-Spare").split() if u != "<null>"]


def test_r5626_8_w_r9_one_flow_per_instance_the_others_for_fail_over(
        flows, udp):
    import time
    phone = Phone(udp(), flows)
    flow(phone, 1, "one")
    flow(phone, 2, "two")
    phone.register(phone.contact(";q=0.1", user="desk"))
    time.sleep(1.1)
    flow(phone, 1, "one")
    shown = phone.ask()
    # of equal q the one refreshed last
    assert users(shown) == ["one", "desk"] and spare(shown) == ["two"]
    flow(phone, 2, "two", q="0.9")
    shown = phone.ask()
    assert users(shown) == ["two", "desk"] and spare(shown) == ["one"]


def test_r5626_8_more_flows_than_branches(flows, udp):
    """The instances fill the branches, all their other flows the XAVP."""
    phone = Phone(udp(), flows)
    for one in range(40):
        phone.register(phone.contact(
            ';+sip.instance="<urn:%d>";reg-id=1;q=0.1' % (one % 4),
            user="f%d" % one).replace("reg-id=1", "reg-id=%d" % (one + 1)),
            headers=[("Supported", "outbound")], callid="f%d" % one)
    shown = phone.ask()
    assert len(shown.targets) == 4
    assert shown.reply.get("X-Count") == "36"


def test_w_r9_no_outbound_is_claimed_when_none_was_used(flows, udp):
    phone = Phone(udp(), flows)
    reply = phone.register(headers=[("Supported", "outbound")])
    assert reply.status == 200 and reply.get("Flow-Timer") is None
