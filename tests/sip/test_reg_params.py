# SPDX-License-Identifier: GPL-2.0-or-later
"""Every parameter of registrar that a client or an operator can see."""

import pytest

from kamtest.registrar import Phone, config, parse_contact


@pytest.fixture
def site(kam, udp):
    """site(params, **config): a phone at a server with these."""
    def make(*params, usrloc=(("use_domain", 1),), tcp=False, globals_="",
             **rest):
        server = kam(config(params=params, usrloc=list(usrloc), **rest),
                     tcp=tcp, globals_=globals_)
        return Phone(udp(), server)
    return make


def lifetime(reply):
    return int(parse_contact(reply.get("Contact"))[1]["expires"])


def sibling(phone, user=None, domain=None):
    return Phone(phone.peer, phone.server, user, domain or phone.domain)


def test_default_expires(site):
    phone = site(("default_expires", 1800))
    assert lifetime(phone.register(phone.contact())) == 1800


def test_default_expires_range(site):
    phone = site(("default_expires", 1000), ("default_expires_range", 50))
    seen = set()
    for _ in range(12):
        one = sibling(phone)
        seen.add(lifetime(one.register(one.contact())))
        # what a client asks for is not touched by it
        assert lifetime(one.register(one.contact(";expires=700"))) == 700
    assert all(500 <= n <= 1000 for n in seen) and len(seen) > 2


def test_expires_range(site):
    phone = site(("expires_range", 50))
    seen = set()
    for _ in range(12):
        one = sibling(phone)
        seen.add(lifetime(one.register(one.contact(";expires=1000"))))
        assert lifetime(one.register(one.contact())) == 3600
    assert all(500 <= n <= 1000 for n in seen) and len(seen) > 2


def test_expires_range_never_goes_below_min_expires(site):
    phone = site(("expires_range", 100), ("min_expires", 500))
    for _ in range(8):
        one = sibling(phone)
        assert 500 <= lifetime(one.register(
            one.contact(";expires=600"))) <= 600


def test_min_and_max_expires(site):
    phone = site(("min_expires", 300), ("max_expires", 900))
    assert lifetime(phone.register(phone.contact(";expires=10"))) == 300
    assert lifetime(phone.register(phone.contact(";expires=9999"))) == 900
    assert lifetime(phone.register(phone.contact(";expires=600"))) == 600


def test_min_expires_mode_1_answers_423(site):
    phone = site(("min_expires", 300), ("min_expires_mode", 1))
    reply, rc = phone.save(phone.contact(";expires=10"))
    assert (reply.status, rc) == (423, -1)
    assert reply.reason == "Interval Too Brief"
    assert reply.get("Min-Expires") == "300"
    assert phone.uris() == []
    assert phone.register(phone.contact(";expires=0")).status == 200


def test_w_r4c_r3261_13_no_423_for_an_hour_or_more(site):
    phone = site(("min_expires", 7200), ("min_expires_mode", 1))
    assert phone.register(phone.contact(";expires=3599")).status == 423
    assert lifetime(phone.register(phone.contact(";expires=3600"))) == 7200


def test_r3261_10_a_malformed_expires_is_the_default(site):
    phone = site(("default_expires", 1234))
    assert lifetime(phone.register(phone.contact(";expires=soon"))) == 1234


def test_default_q(site):
    phone = site(("default_q", 380))
    contact = phone.register(phone.contact()).get("Contact")
    assert parse_contact(contact)[1]["q"] == "0.38"
    contact = phone.register(phone.contact(";q=0.5")).get("Contact")
    assert parse_contact(contact)[1]["q"] == "0.5"


def test_case_sensitive(site):
    for value, found in ((0, 1), (1, -1)):
        phone = site(("case_sensitive", value))
        upper = sibling(phone, phone.user.upper() + "Q")
        upper.register(upper.contact())
        assert phone.ask(ruri="sip:%sq@example.org" % phone.user).rc == found
        # the domain never counts
        assert phone.ask(ruri="sip:%sQ@EXAMPLE.org"
                         % phone.user.upper()).rc == 1


def test_realm_prefix(site):
    phone = site(("realm_prefix", "sip."))
    other = sibling(phone, domain="sip.example.com")
    other.register(other.contact())
    assert phone.ask(ruri="sip:%s@example.com" % other.user).rc == 1
    assert phone.ask(ruri="sip:%s@SIP.example.com" % other.user).rc == 1


RECEIVED = 'if(is_present_hf("X-Rcv")) $avp(rcv) = $hdr(X-Rcv);'


@pytest.mark.parametrize("param, shown", [
    ("received", ';received="sip:127.0.0.1:9"'),
    ("rcv", ';rcv="sip:127.0.0.1:9"'), ("", "")])
def test_received_avp_and_received_param(site, param, shown):
    phone = site(("received_avp", "$avp(rcv)"), ("received_param", param),
                 before_save=RECEIVED)
    reply = phone.register(phone.contact(),
                           headers=[("X-Rcv", "sip:127.0.0.1:9")])
    assert reply.get("Contact").endswith(";expires=3600" + shown)
    assert phone.ask().duri == "sip:127.0.0.1:9"


def test_received_with_the_distributions_nathelper(site):
    phone = site(("received_avp", "$avp(RECEIVED)"),
                 modules=["nathelper"],
                 extra='modparam("nathelper", "received_avp", '
                       '"$avp(RECEIVED)")',
                 before_save="fix_nated_register();")
    reply = phone.register("<sip:x@10.0.0.1>")
    source = "sip:%s" % phone.peer.addr
    assert 'received="%s"' % source in reply.get("Contact")
    assert phone.ask().duri == source


def test_received_too_long_is_refused(site):
    phone = site(("received_avp", "$avp(rcv)"), before_save=RECEIVED)
    reply = phone.register(phone.contact(),
                           headers=[("X-Rcv", "sip:" + "a" * 252)])
    assert reply.status == 400
    assert phone.register(phone.contact(), headers=[
        ("X-Rcv", "sip:" + "a" * 251)]).status == 200


def test_retry_after_only_on_5xx(site):
    phone = site(("retry_after", 25), ("max_contacts", 1))
    phone.register(phone.contact(user="a"))
    assert phone.register(phone.contact(user="b")).get("Retry-After") == "25"
    assert phone.register(phone.contact(";q=5")).get("Retry-After") is None


def socket_of(phone, user=None):
    got = phone.server.rpc("ul.lookup", "location",
                           "%s@example.org" % (user or phone.user))
    return got["Contacts"][0]["Contact"]["Socket"]


def test_sock_flag_and_sock_hdr_name(kam, udp):
    from kamtest.net import free_port
    port = free_port()
    server = kam(config(
        params=[("sock_flag", 18), ("sock_hdr_name", "Sock-Info")],
        usrloc=[("use_domain", 1)],
        before_save='if(is_present_hf("X-Flag")) setflag(18);'),
        globals_="listen=udp:127.0.0.1:%d" % port)
    phone = Phone(udp(), server)
    named, own = "udp:127.0.0.1:%d" % port, "udp:127.0.0.1:%d" % server.port
    phone.register(phone.contact(), headers=[("Sock-Info", named)])
    assert socket_of(phone) == own
    phone.register(phone.contact(), headers=[("Sock-Info", named),
                                             ("X-Flag", "y")])
    assert socket_of(phone) == named
    phone.register(phone.contact(), headers=[("Sock-Info", "udp:127.0.0.1:1"),
                                             ("X-Flag", "y")])
    assert socket_of(phone) == own


def test_sock_mode_stores_the_advertised_address(kam, udp):
    from kamtest.net import free_port
    port = free_port()
    server = kam(config(params=[("sock_mode", 1)],
                        usrloc=[("use_domain", 1)]),
                 globals_="listen=udp:127.0.0.1:%d advertise 192.0.2.9:5061"
                          % port)
    phone = Phone(udp(), server)
    phone.peer.send(phone.message(phone.contact()), ("127.0.0.1", port))
    assert phone.peer.recv().status == 200
    assert socket_of(phone) == "udp:192.0.2.9:5061"
    # what a request is sent by is the socket itself
    assert phone.ask().sock == "udp:127.0.0.1:%d" % port


PATH = [("Path", "<sip:127.0.0.3;lr>"), ("Supported", "path")]


def test_use_path_0_stores_no_path(site):
    phone = site()
    reply = phone.register(phone.contact(), headers=PATH)
    assert reply.status == 200 and reply.get("Path") is None
    assert phone.ask().duri is None


@pytest.mark.parametrize("mode, supported, status, echoed, stored", [
    (0, True, 200, False, True), (0, False, 200, False, True),
    (1, True, 200, True, True), (1, False, 200, False, True),
    (2, True, 200, True, True), (2, False, 420, True, False)])
def test_w_r8_r3327_2_path_mode(site, mode, supported, status, echoed,
                                stored):
    phone = site(("use_path", 1), ("path_mode", mode))
    reply, rc = phone.save(phone.contact(),
                           headers=PATH if supported else PATH[:1])
    assert reply.status == status
    assert rc == (1 if status == 200 else -1)
    assert (reply.get("Path") == "<sip:127.0.0.3;lr>") == echoed
    assert (reply.get("Unsupported") == "path") == (status == 420)
    # the answer 420 means that nothing was stored
    assert phone.ask().rc == (1 if stored else -1)
    assert (phone.ask().duri == "sip:127.0.0.3;lr") == stored


def test_r3327_4_5_path_follows_the_refresh(site):
    phone = site(("use_path", 1))
    phone.register(phone.contact(), headers=PATH)
    phone.register(phone.contact(), headers=[
        ("Path", "<sip:127.0.0.4;lr>"), ("Supported", "path")])
    assert phone.ask().duri == "sip:127.0.0.4;lr"
    reply = phone.register(phone.contact())
    assert reply.get("Path") is None and phone.ask().duri is None


@pytest.mark.parametrize("path", [
    "sip:127.0.0.3;lr", "<sip:127.0.0.3;lr", "<>", "<tel:1>",
    "<sip:127.0.0.3;lr>, garbage", "<sip:127.0.0.3>",
    "<sip:" + "a" * 300 + ";lr>"])
def test_w_r17b_a_path_that_is_none_is_refused(site, path):
    phone = site(("use_path", 1))
    reply, rc = phone.save(phone.contact(), headers=[
        ("Path", path), ("Supported", "path")])
    assert (reply.status, rc) == (400, -1)
    assert phone.uris() == []


def test_w_r17_path_use_received(site):
    phone = site(("use_path", 1), ("path_use_received", 1),
                 usrloc=(("use_domain", 1), ("nat_bflag", 5)))
    reply = phone.register(phone.contact(), headers=[
        ("Path", "<sip:127.0.0.3;lr;received=sip:192.0.2.1:77%3Btransport"
                 "%3Dtcp>"), ("Supported", "path")])
    assert parse_contact(reply.get("Contact"))[1]["received"] \
        == '"sip:192.0.2.1:77;transport=tcp"'
    assert phone.ask().bflags == 1 << 5


XAVP = {
    "max_contacts": '$xavp(reg=>max_contacts) = $(hdr(X-V){s.int});',
    "expires": '$xavp(reg=>expires) = $(hdr(X-V){s.int});',
    "q": '$xavp(reg=>q) = $(hdr(X-V){s.int});',
    "socket": '$xavp(reg=>socket) = $hdr(X-V);',
    "tcpconn_id": '$xavp(reg=>tcpconn_id) = $(hdr(X-V){s.int});'}


def xavp_site(site, key, *params, **rest):
    return site(("xavp_cfg", "reg"), *params, before_save=
                'if(is_present_hf("X-V")) %s' % XAVP[key], **rest)


def test_xavp_max_contacts(site):
    phone = xavp_site(site, "max_contacts", ("max_contacts", 1))
    phone.register(phone.contact(user="a"))
    assert phone.register(phone.contact(user="b")).status == 503
    assert phone.register(phone.contact(user="b"),
                          headers=[("X-V", "2")]).status == 200


def test_w_r4b_xavp_expires_is_no_registration_for_0(site):
    phone = xavp_site(site, "expires")
    value = [("X-V", "777")]
    assert lifetime(phone.register(phone.contact(";expires=100"),
                                   headers=value)) == 777
    reply, rc = phone.save(phone.contact(";expires=0"), headers=value)
    assert (rc, reply.contacts()) == (3, [])


def test_xavp_q(site):
    phone = xavp_site(site, "q")
    contact = phone.register(phone.contact(";q=0.1"),
                             headers=[("X-V", "700")]).get("Contact")
    assert parse_contact(contact)[1]["q"] == "0.7"


@pytest.mark.parametrize("params, flag, is_taken", [
    ([("sock_flag", 18)], True, True), ([("sock_flag", 18)], False, False),
    ([], True, False),
    ([("sock_flag", 18), ("sock_hdr_name", "Sock-Info")], True, False)])
def test_xavp_socket_is_for_sock_flag_without_a_header(site, params, flag,
                                                       is_taken):
    from kamtest.net import free_port
    second = "127.0.0.1:%d" % free_port()
    phone = site(("xavp_cfg", "reg"), *params, globals_="listen=udp:" + second,
                 before_save=XAVP["socket"] + ("setflag(18);" if flag else ""))
    phone.register(phone.contact(), headers=[("X-V", "udp:" + second)])
    assert (socket_of(phone) == "udp:" + second) == is_taken


def test_xavp_tcpconn_id(site):
    phone = xavp_site(site, "tcpconn_id")
    phone.register(phone.contact(), headers=[("X-V", "42")])
    got = phone.server.rpc("ul.lookup", "location",
                           "%s@example.org" % phone.user)
    assert got["Contacts"][0]["Contact"]["Tcpconn-Id"] == 42


INSTANCE = ';+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"'


def test_gruu_enabled(site):
    for value in (1, 0):
        phone = site(("gruu_enabled", value))
        reply = phone.register(phone.contact(INSTANCE),
                               headers=[("Supported", "gruu")])
        assert ("pub-gruu" in reply.get("Contact")) == bool(value)
        assert ("temp-gruu" in reply.get("Contact")) == bool(value)
        # what is matched by instance does not depend on it
        reply = phone.register(phone.contact(INSTANCE, user="moved"))
        assert [parse_contact(c)[0] for c in reply.contacts()] == [
            "sip:moved@" + phone.peer.addr]
        assert "+sip.instance" in reply.get("Contact")


def test_r5627_1_no_gruu_without_being_asked(site):
    phone = site()
    reply = phone.register(phone.contact(INSTANCE))
    assert "gruu" not in reply.get("Contact")
    reply = phone.register(phone.contact(user="b"),
                           headers=[("Supported", "gruu")])
    assert [c for c in reply.contacts() if "sip:b@" in c and "gruu" in c] == []


def test_regid_mode(site):
    for value in (0, 1):
        phone = site(("regid_mode", value))
        reply = phone.register(phone.contact(INSTANCE + ";reg-id=2"))
        assert (";reg-id=2" in reply.get("Contact")) == bool(value)


def test_outbound_mode_0(site):
    phone = site()
    reply = phone.register(phone.contact(), headers=[
        ("Require", "outbound"), ("Supported", "path")])
    assert reply.status == 420 and reply.get("Unsupported") == "outbound"
    reply = phone.register(phone.contact(), headers=[
        ("Supported", "outbound")])
    assert reply.status == 200 and reply.get("Require") is None


def test_outbound_mode_1_and_flow_timer(site):
    phone = site(("outbound_mode", 1), ("flow_timer", 25), ("use_path", 1))
    reply = phone.register(phone.contact(INSTANCE + ";reg-id=1"), headers=[
        ("Supported", "path, outbound")])
    assert reply.status == 200
    assert reply.get("Require") == "outbound"
    assert reply.get("Flow-Timer") == "25"
    assert ";reg-id=1" in reply.get("Contact")
    reply = phone.register(phone.contact(user="plain"))
    assert reply.status == 200 and reply.get("Require") is None
    assert reply.get("Flow-Timer") is None


def test_outbound_mode_2_requires_it(site):
    phone = site(("outbound_mode", 2))
    reply = phone.register(phone.contact())
    assert reply.status == 421 and reply.get("Require") == "outbound"


def test_r5626_6_an_edge_without_outbound_is_439(site):
    phone = site(("outbound_mode", 1), ("use_path", 1))
    message = phone.message(phone.contact(INSTANCE + ";reg-id=1"), headers=[
        ("Supported", "path, outbound"), ("Path", "<sip:127.0.0.3;lr>")])
    message.headers.insert(
        1, ("Via", "SIP/2.0/UDP 127.0.0.3;branch=z9hG4bKedge"))
    phone.peer.send(message, phone.addr)
    assert phone.peer.recv().status == 439
    message.set("Path", "<sip:127.0.0.3;lr;ob>")
    phone.peer.send(message, phone.addr)
    assert phone.peer.recv().status == 200


def test_r5626_3_two_flows_in_one_request_are_refused(site):
    phone = site(("outbound_mode", 1))
    reply = phone.register(
        phone.contact(INSTANCE + ";reg-id=1", user="a"),
        phone.contact(INSTANCE + ";reg-id=2", user="b"),
        headers=[("Supported", "outbound")])
    assert reply.status == 400
    assert phone.uris() == []


def test_r5626_4_a_flow_stays_when_another_one_registers(site):
    phone = site(("outbound_mode", 1))
    for flow in (1, 2):
        reply = phone.register(
            phone.contact(INSTANCE + ";reg-id=%d" % flow),
            headers=[("Supported", "outbound")], callid="flow-%d" % flow)
        assert len(reply.contacts()) == flow
    # the second registration of a flow takes its place
    reply = phone.register(phone.contact(INSTANCE + ";reg-id=2", user="new"),
                           headers=[("Supported", "outbound")],
                           callid="flow-3")
    assert len(reply.contacts()) == 2


def test_outbound_works_with_the_distributions_outbound_module(site):
    phone = site(("outbound_mode", 1), modules=["outbound"])
    reply = phone.register(phone.contact(INSTANCE + ";reg-id=1"),
                           headers=[("Supported", "outbound")])
    assert reply.get("Require") == "outbound"


def test_contact_max_size(site):
    phone = site(("contact_max_size", 60))
    fits = "sip:" + "a" * (60 - 4 - 10) + "@127.0.0.1"
    assert len(fits) == 60
    assert phone.register("<%s>" % fits).status == 200
    reply = phone.register("<%s>" % fits.replace("@", "b@"))
    assert reply.status == 400
    assert reply.get("P-Registrar-Error") == "Contact/received too long"


@pytest.mark.parametrize("mode, again, rc", [
    (0, {}, 2), (1, {"callid": "other"}, 1), (2, {"path": "x"}, 1),
    (3, {"user": "other"}, 2)])
def test_usrlocs_matching_mode(site, mode, again, rc):
    phone = site(("use_path", 1), usrloc=(("use_domain", 1),
                                          ("matching_mode", mode)))
    phone.register(phone.contact(), headers=PATH, callid="first")
    path = [("Path", "<sip:127.0.0.4;lr>"), PATH[1]] if "path" in again \
        else PATH
    _, got = phone.save(phone.contact(user=again.get("user")), headers=path,
                        callid=again.get("callid", "first"))
    assert got == rc
