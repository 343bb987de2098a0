# SPDX-License-Identifier: GPL-2.0-or-later
"""Kamailio's default kamailio.cfg with passwords, NAT traversal and bindings
in MariaDB, as it is packaged: our modules are dropped in by the module path,
and phones register, call and are refused. The packaged modules take the same
tests, so that none of them asks for something only we do."""

import pytest

from kamtest.kamailio import OURS
from kamtest.net import unique
from kamtest.served import Phone, finish_call
from kamtest.stockcfg import DOMAIN, LOCAL, PASSWORDS, DefaultKamailio

SDP = "\r\n".join([
    "v=0", "o=- 1 1 IN IP4 %s", "s=-", "c=IN IP4 %s", "t=0 0",
    "m=audio 4000 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", ""])
PRIVATE = "10.1.2.3"  # where a phone behind a NAT believes to be


@pytest.fixture(scope="module", params=["ours", "stock"])
def server(request, kam_module, mariadb, rtpproxy):
    mariadb.sql("delete from location")
    return kam_module(LOCAL % (DOMAIN, mariadb.url, rtpproxy.port),
                      kind=DefaultKamailio, modules=request.param, tcp=True,
                      name=request.param)


@pytest.fixture
def phone(udp, tcp, server):
    """phone(user, over="udp", nat=False), whose contact goes with the test"""
    made = []

    def make(user, over="udp", nat=False):
        peer = udp(user) if over == "udp" else tcp(user, to=server.addr)
        phone = Phone(peer, user, server.addr, PASSWORDS.get(user, "none"),
                      DOMAIN)
        if nat:
            phone.shown = "%s:%d" % (PRIVATE, 5060)
        made.append(phone)
        return phone
    yield make
    for phone in made:
        if server.bindings(phone.user):
            server.rpc("ul.rm", "location", phone.user)


def test_module_is_the_one_that_is_tried(server, request):
    maps = open("/proc/%d/maps" % server.proc.pid).read()
    side = request.node.callspec.params["server"]
    assert (str(OURS / "registrar.so") in maps) == (side == "ours")
    assert "/registrar.so" in maps


@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_registration(server, phone, over):
    alice = phone("alice", over)
    reply = alice.register()
    assert reply.status == 200
    assert reply.contacts() == ["<%s>;expires=300" % alice.contact]
    assert list(server.bindings("alice")) == [alice.contact]
    assert alice.register(expires=0).status == 200
    assert server.bindings("alice") == {}


@pytest.mark.parametrize("password,as_user", [
    ("wrong", "alice"), (PASSWORDS["bob"], "bob")])
def test_registration_with_a_password_that_is_not_hers(server, phone, password,
                                                       as_user):
    reply = phone("alice").register(password, as_user=as_user)
    assert reply.status == 401 and reply.contacts() == []
    assert server.bindings("alice") == {}


@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_call_between_two_phones(phone, over):
    alice, bob = phone("alice"), phone("bob", over)
    assert bob.register().status == 200
    alice.invite("sip:bob@" + DOMAIN)
    invited = bob.recv()
    assert invited.method == "INVITE" and invited.ruri == bob.contact
    assert invited.get("Proxy-Authorization") is None
    bob.answer(invited, 180, "Ringing")
    bob.answer(invited, 200, "OK", ("Contact", "<%s>" % bob.contact))
    answered = alice.final()
    assert answered.status == 200
    finish_call(alice, bob, invited, answered)


def test_call_with_a_wrong_password(phone):
    alice, bob = phone("alice"), phone("bob")
    assert bob.register().status == 200
    alice.invite("sip:bob@" + DOMAIN, password="wrong")
    assert alice.final().status == 407
    bob.nothing()


def test_call_to_a_phone_that_is_away(phone):
    alice = phone("alice")
    alice.invite("sip:%s@%s" % (unique("u"), DOMAIN))
    assert alice.final().status == 404


def test_call_to_a_phone_behind_a_nat(server, rtpproxy, phone):
    alice, bob = phone("alice"), phone("bob", nat=True)
    assert bob.register().status == 200
    assert server.bindings("bob")[bob.contact]["Received"] \
        == "sip:" + bob.peer.addr
    rtpproxy.asked.clear()
    alice.invite("sip:bob@" + DOMAIN, sdp=SDP % (("127.0.0.1",) * 2))
    invited = bob.recv() # at the address it registered from
    assert invited.ruri == bob.contact
    assert b"m=audio 300" in invited.body # the proxy's port
    bob.answer(invited, 200, "OK", ("Contact", "<%s>" % bob.contact),
               sdp=SDP % (PRIVATE, PRIVATE))
    answered = alice.final()
    assert answered.status == 200
    assert PRIVATE not in answered.body.decode().split("c=")[1]
    assert ";alias=" in answered.get("Contact")
    finish_call(alice, bob, invited, answered)
    assert [command[0] for command in rtpproxy.asked] == ["U", "L", "D"]


def test_registrations_outlive_a_restart(kam_module, mariadb, server, phone):
    """Last of its server."""
    alice, bob = phone("alice"), phone("bob", nat=True)
    assert bob.register().status == 200
    server.stop()
    rows = mariadb.sql("select username, contact, received from location")
    assert rows == [["bob", bob.contact, "sip:" + bob.peer.addr]]
    kam_module.start(server)
    assert list(server.bindings("bob")) == [bob.contact]
    alice.invite("sip:bob@" + DOMAIN)
    assert bob.recv().ruri == bob.contact


def test_nothing_went_wrong(server):
    bad = [line for line in server.log().splitlines()
           if (" ERROR: " in line or " CRITICAL: " in line)
           # whoever asked whether it is there yet did not wait for that
           and "jsonrpc_dgram_send_data" not in line]
    assert bad == []
