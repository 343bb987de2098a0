# SPDX-License-Identifier: GPL-2.0-or-later
"""What RFCs ask of a registrar, point by point: the ids are those of
doc/rfcmap.md. Where the stock module answers otherwise, a parameter switches
it on."""

import email.utils
import re
import time

import pytest

from kamtest import memory
from kamtest.net import unique
from kamtest.registrar import Database, Phone, config, parse_contact

INSTANCE = ';+sip.instance="<urn:uuid:%s>"'


@pytest.fixture(scope="module")
def stock(kam_module):
    """As an existing configuration has it: nothing new switched on."""
    return kam_module(config(params=[("regid_mode", 1)],
                             usrloc=[("use_domain", 1)]))


@pytest.fixture(scope="module")
def strict(kam_module):
    """All of RFC 3261 that is off by default."""
    return kam_module(config(
        params=[("contact_match", 1), ("date_header", 1),
                ("check_domain", 1), ("check_require", 1),
                ("max_contacts", 3), ("max_contacts_code", 403),
                ("max_contacts_reason", "Too Many Phones"),
                ("retry_after", 9)],
        usrloc=[("use_domain", 1)]))


@pytest.fixture
def db():
    made = Database()
    yield made
    made.close()


@pytest.fixture
def keeper(db, kam):
    """keeper(db_mode) -> a server that keeps what it does not know."""
    return lambda mode: kam(config(
        params=[("keep_params", 1)],
        usrloc=[("use_domain", 1), ("xavp_contact", "ulx"),
                *(db.usrloc(mode) if mode else [])],
        modules=["db_sqlite"] if mode else []))


@pytest.fixture
def old(stock, udp):
    return Phone(udp(), stock)


@pytest.fixture
def phone(strict, udp):
    return Phone(udp(), strict)


def users(phone):
    return sorted(u.partition("@")[0][4:] for u in phone.uris())


def test_r3261_2_w_r13_unknown_require_is_420(phone, old):
    headers = [("Require", "path, x-one"), ("Require", "gruu,x-two")]
    reply, rc = phone.save(phone.contact(), headers=headers)
    assert (reply.status, rc) == (420, -1)
    assert reply.get("Unsupported") == "path, x-one, x-two"
    assert phone.uris() == []
    assert phone.save(phone.contact(),
                      headers=[("Require", "gruu")])[0].status == 200
    assert old.save(old.contact(), headers=headers)[0].status == 200


def test_r3261_3_an_aor_of_another_domain_is_404(phone, old):
    reply, rc = phone.save(phone.contact(),
                           to="<sip:%s@elsewhere.example>" % phone.user)
    assert (reply.status, rc) == (404, -1)
    assert phone.save(phone.contact(), to="<sip:%s@EXAMPLE.org>"
                      % phone.user)[0].status == 200
    assert old.save(old.contact(), to="<sip:%s@elsewhere.example>"
                    % old.user)[0].status == 200


def test_r3261_4_the_canonical_aor(old):
    old.register(old.contact(), to="<sip:%s%%61@EXAMPLE.ORG:5060;x=y>"
                 % old.user.upper())
    assert old.ask(ruri="sip:%sa@example.org" % old.user).rc == 1


def test_r3261_8_w_r7b_star_respects_the_order_of_requests(old):
    old.register(old.contact(user="a"), callid="call-1", cseq=5)
    reply, rc = old.save("*", headers=[("Expires", "0")], callid="call-1",
                         cseq=4)
    assert (reply.status, rc) == (400, -1) and users(old) == ["a"]
    assert old.save("*", headers=[("Expires", "0")], callid="call-1",
                    cseq=6)[1] == 3
    old.register(old.contact(user="a"), callid="call-1", cseq=7)
    # another Call-ID removes it without more ado
    assert old.save("*", headers=[("Expires", "0")], callid="call-2",
                    cseq=1)[1] == 3
    assert users(old) == []


def test_w_r7_an_older_request_is_refused_also_by_instance(old):
    contact = old.contact(INSTANCE % old.user)
    old.register(contact, callid="call-1", cseq=10)
    reply, rc = old.save(contact + ";expires=0", callid="call-1", cseq=9)
    assert (reply.status, rc) == (400, -1) and len(old.uris()) == 1
    # a retransmission is answered, and changes nothing
    assert old.save(contact, callid="call-1", cseq=10)[0].status == 200
    assert len(old.uris()) == 1


EQUAL = [("sip:%s@ATLANTA.com", "sip:%s@atlanta.COM"),
         ("sip:%s@a.com;transport=TCP", "sip:%s@A.com;Transport=tcp"),
         ("sip:%s@a.com;a=1;b=2", "sip:%s@a.com;b=2;a=1"),
         ("sip:%%61%s@a.com", "sip:a%s@a.com")]
DIFFERENT = [("sip:%s@a.com", "sip:%s@a.com:5060"),
             ("sip:%s@a.com", "sip:X%s@a.com"),
             ("sip:%s@a.com", "sip:%s@a.com;transport=udp"),
             ("sip:%s@a.com", "sips:%s@a.com")]


@pytest.mark.parametrize("first, second, same", [
    (a, b, True) for a, b in EQUAL] + [(a, b, False) for a, b in DIFFERENT])
def test_r3261_14_w_r15_contacts_are_compared_as_uris(
        phone, old, first, second, same):
    first, second = first % phone.user, second % phone.user
    phone.register("<%s>" % first)
    assert phone.save("<%s>" % second)[1] == (2 if same else 1)
    assert len(phone.uris()) == (1 if same else 2)
    old.register("<%s>" % first)
    assert old.save("<%s>" % second)[1] == 1


def test_w_r15_a_contact_that_gets_an_instance_is_not_there_twice(phone):
    phone.register(phone.contact())
    _, rc = phone.save(phone.contact(INSTANCE % phone.user))
    assert rc == 2 and len(phone.uris()) == 1
    assert "+sip.instance" in phone.bindings()[0][1]


def test_r3261_20_w_r24_date_header(phone, old):
    date = phone.register().get("Date")
    at = email.utils.parsedate_to_datetime(date).timestamp()
    assert abs(at - time.time()) < 3 and date.endswith(" GMT")
    assert re.match(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} ", date)
    assert old.register().get("Date") is None


def test_r3261_21_record_route_means_nothing(old):
    # the core echoes it in the answer; for the binding it counts for nothing
    reply = old.register(old.contact(), headers=[
        ("Record-Route", "<sip:127.0.0.2;lr>")])
    assert reply.status == 200
    assert old.ask().duri is None


def test_r3261_23_q_is_echoed(old):
    for text, shown in (("0.5", "0.5"), ("1", "1"), ("0", "0"),
                        ("0.125", "0.125"), ("1.000", "1")):
        contact = old.register(old.contact(";q=" + text)).get("Contact")
        assert parse_contact(contact)[1]["q"] == shown


@pytest.mark.parametrize("contact", [
    "<sip:a@b c>", "<sip:>", "<garbage>", "<sip:a@[::1>", "<sip:a@b:99999>",
    "<sip:a@b:0x1>", '<sip:a"b@c>', "<sip:a@>"])
def test_w_r3_a_contact_that_is_no_uri_is_refused(old, contact):
    reply, rc = old.save(contact)
    assert (reply.status, rc) == (400, -1)
    assert old.uris() == []


def test_w_r3_a_contact_that_is_the_aor_itself_is_refused(old):
    reply, rc = old.save("<%s>" % old.aor)
    assert (reply.status, rc) == (400, -1)
    # but it can be removed, should one have been stored long ago
    assert old.save("<%s>;expires=0" % old.aor)[0].status == 200


def test_r5627_5_w_r3_a_contact_that_is_a_gruu_is_403(old):
    reply, rc = old.save("<%s;gr=urn:uuid:1>" % old.aor)
    assert (reply.status, rc) == (403, -1)


def test_w_r11_code_and_reason_for_too_many(phone, old):
    for user in "abc":
        phone.register(phone.contact(user=user))
    reply, rc = phone.save(phone.contact(user="d"))
    assert (reply.status, reply.reason, rc) == (403, "Too Many Phones", -2)
    # Retry-After is for 5xx
    assert reply.get("Retry-After") is None
    assert users(phone) == ["a", "b", "c"]


@pytest.mark.parametrize("policy, kept", [
    (1, ["long", "new"]), (2, ["new", "short"])])
def test_w_r12_a_binding_makes_room(kam, udp, policy, kept):
    server = kam(config(params=[("max_contacts", 2),
                                ("max_contacts_policy", policy)],
                        usrloc=[("use_domain", 1)]))
    one = Phone(udp(), server)
    # refreshed longest ago, but expires last; or the other way round
    one.register(one.contact(";expires=%d" % (900 if policy == 1 else 600),
                             user="short" if policy == 1 else "long"))
    time.sleep(1.1)
    one.register(one.contact(";expires=%d" % (3600 if policy == 1 else 9000),
                             user="long" if policy == 1 else "short"))
    reply, rc = one.save(one.contact(";expires=7000", user="new"))
    assert (reply.status, rc) == (200, 1)
    assert len(reply.contacts()) == 2
    assert users(one) == kept
    # more in one request than there may be is still too many
    assert one.save(*[one.contact(user="x%d" % i) for i in range(3)])[1] == -2
    assert users(one) == kept


def test_w_r18_an_unreadable_aor_is_answered_and_counted(old):
    before = old.server.stat("registrar", "rejected_regs")
    for to in ("<sip:%zz@example.org>", "<sip:%00@example.org>"):
        reply, rc = old.save(old.contact(), to=to)
        assert (reply.status, rc) == (400, -1)
    reply, rc = old.save(old.contact(), to="<sip:%s@example.org>" % ("u" * 1500))
    assert (reply.status, rc) == (500, -1)
    assert old.server.stat("registrar", "rejected_regs") == before + 3


def test_w_r27_flags_may_be_a_variable(kam, udp):
    server = kam(config(usrloc=[("use_domain", 1)],
                        save='save("location", "$hdr(X-F)", "$tu");'
                             '$var(rc) = $rc;'))
    one = Phone(udp(), server)
    assert one.save(one.contact(), headers=[("X-F", "0x02")]) == (None, 1)
    assert one.save(one.contact(), headers=[("X-F", "0")])[0].status == 200
    assert one.save(one.contact(), headers=[("X-F", "many")])[1] == -1


def test_w_r26_save_for_another_aor_in_between(kam, udp):
    """Buffers belong to a request: nested work on another AoR mixes nothing
    up."""
    server = kam(config(
        usrloc=[("use_domain", 1)],
        save='save("location", "2", "sip:x-$tU@example.org");'
             'save("location", "2"); registered("location", '
             '"sip:x-$tU@example.org"); reg_send_reply(); $var(rc) = 0;'))
    one = Phone(udp(), server)
    reply = one.register(one.contact())
    assert reply.status == 200 and len(reply.contacts()) == 1


def test_r3261_6_19_a_query_shows_all_with_what_is_left(old):
    old.register(old.contact(";expires=500", user="a"),
                 old.contact(";expires=900", user="b"))
    got = {u.partition("@")[0][4:]: int(p["expires"])
           for u, p in old.bindings()}
    assert 498 <= got["a"] <= 500 and 898 <= got["b"] <= 900


def test_r3261_18_two_workers_never_lose_a_binding(kam, udp):
    server = kam(config(params=[("max_contacts", 5)],
                        usrloc=[("use_domain", 1)]), children=4)
    one = Phone(udp(), server)
    for i in range(20):
        one.peer.send(one.message(one.contact(user="u%d" % i),
                                  callid=unique("c")), one.addr)
    codes = sorted(one.peer.recv().status for _ in range(20))
    assert codes == [200] * 5 + [503] * 15
    assert len(one.uris()) == 5


def test_w_r10_no_race_past_max_contacts_without_usrlocs_lock(db, kam, udp):
    """db_mode 3: usrloc does not lock, this module does."""
    server = kam(config(params=[("max_contacts", 1)],
                        usrloc=[("use_domain", 1), *db.usrloc(3)],
                        modules=["db_sqlite"]), children=4)
    one = Phone(udp(), server)
    for i in range(12):
        one.peer.send(one.message(one.contact(user="u%d" % i),
                                  callid=unique("c")), one.addr)
    codes = sorted(one.peer.recv().status for _ in range(12))
    assert codes.count(200) == 1
    assert len(db.contacts(one.user)) == 1


def test_w_r10_registered_leaks_nothing_in_db_mode_3(db, kam, udp):
    server = kam(config(
        params=[("xavp_cfg", "reg")],
        usrloc=[("use_domain", 1), *db.usrloc(3)],
        before_lookup='$xavp(reg=>match_callid) = "none";',
        modules=["db_sqlite"]), children=1)
    one = Phone(udp(), server)
    one.register(one.contact())
    headers = [("X-Uri", one.aor), ("X-Match", "1")]

    def ask(n):
        for _ in range(n):
            assert one.ask("registered", headers=headers).rc == -1
    ask(30)
    before = memory.at_rest(server)
    ask(150)
    memory.stays(server, before, 2048)


@pytest.mark.parametrize("mode", [0, 1, 3])
def test_r3261_24_r3840_1_unknown_contact_parameters_are_kept(keeper, udp, mode):
    one = Phone(udp(), keeper(mode))
    one.register(
        one.contact(';audio;expires=600;+sip.rendering="no,x"'
                    ';mobility="mobile"', user="a"),
        one.contact(user="b"))
    got = {u.partition("@")[0][4:]: p for u, p in one.bindings()}
    assert got["a"]["audio"] is None
    assert got["a"]["mobility"] == '"mobile"'
    assert got["b"].keys() == {"expires"}
    assert got["a"]["+sip.rendering"] == '"no,x"'
    assert got["a"].keys() == {"audio", "expires", "+sip.rendering",
                               "mobility"}
    # a refresh says anew what there is
    one.register(one.contact(";video", user="a"))
    got = {u.partition("@")[0][4:]: p for u, p in one.bindings()}
    assert got["a"].keys() == {"expires", "video"}


def test_keep_params_needs_a_place(kam):
    server = kam(config(params=[("keep_params", 1)]), start=False)
    with pytest.raises(AssertionError):
        server.start()
    server.says("keep_params needs usrloc's parameter xavp_contact")


@pytest.mark.parametrize("mode", [0, 1])
def test_r3261_24_a_display_name_is_kept(keeper, udp, mode):
    one = Phone(udp(), keeper(mode))

    def shown():
        return [c.partition(";expires")[0]
                for c in one.register().contacts()]
    uri = one.contact()
    quoted = '"Desk; \\"1\\", <upper> floor"'
    reply = one.register(quoted + " " + uri + ";audio")
    assert reply.get("Contact") == "%s %s;expires=3600;audio" % (
        quoted, uri)
    assert shown() == [quoted + " " + uri]
    one.register("Desk Two " + uri)
    assert shown() == ["Desk Two " + uri]
    one.register(uri)
    assert shown() == [uri]
    assert one.ask().ruri == uri.strip("<>")


def test_r3608_1_service_route_in_every_200(kam, udp):
    route = "<sip:orig@s.example;lr>, <sips:t.example:5061;lr>"
    server = kam(config(params=[("service_route", route),
                                ("min_expires_mode", 1)]))
    one = Phone(udp(), server)
    assert one.register(one.contact()).get("Service-Route") == route
    # also to a query: its absence would clear what the client has
    assert one.register().get("Service-Route") == route
    reply = one.register(one.contact(";expires=1"))
    assert reply.status == 423 and reply.get("Service-Route") is None


def test_r3608_1_a_strict_router_stops_the_start(kam):
    server = kam(config(params=[("service_route", "<sip:s.example>")]),
                 start=False)
    with pytest.raises(AssertionError):
        server.start()
    server.says("service_route is no list of <sip:...;lr>")


def test_r8599_1_2_4_push_providers(kam, udp):
    server = kam(config(params=[("push_providers", "fcm, apns")]))
    one = Phone(udp(), server)

    def contact(provider, params=""):
        return "<sip:%s@%s;pn-provider%s;pn-prid=00ff>%s" % (
            one.user, one.peer.addr, provider, params)
    reply, rc = one.save(contact("=acme"))
    assert (reply.status, reply.reason, rc) == (
        555, "Push Notification Service Not Supported", -1)
    assert reply.get("Feature-Caps") is None and one.uris() == []
    reply = one.register(contact("=apns"))
    assert reply.status == 200
    assert reply.all("Feature-Caps") == ['*;+sip.pns="apns"']
    assert reply.contacts()[0].startswith(contact("=apns"))
    assert one.register(contact("")).all("Feature-Caps") == [
        '*;+sip.pns="fcm"', '*;+sip.pns="apns"']
    assert one.register(one.contact()).get("Feature-Caps") is None
    # what was let in before the list was shortened can be removed
    assert one.register(contact("=acme", ";expires=0")).status == 200


def test_r6140_1_gin_is_refused_with_what_is_not_supported(phone):
    """A trunk that registers for many numbers is told that nobody here
    expands them (RFC 6140 5.2)."""
    reply = phone.register("<sip:%s;bnc>" % phone.peer.addr,
                           headers=[("Require", "gin")])
    assert reply.status == 420 and reply.get("Unsupported") == "gin"
    assert phone.uris() == []
