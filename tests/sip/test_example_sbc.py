# SPDX-License-Identifier: GPL-2.0-or-later
"""examples/sbc/kamailio.cfg between a PBX and a provider, both sockets: the
PBX registers or is known by its address, and has two trunks."""

import hashlib
import sqlite3

import pytest

from kamtest import accounts, digest
from kamtest.kamailio import OURS, ROOT, STOCK, Kamailio
from kamtest.net import Trace, UdpPeer, free_port
from kamtest.registrar import parse_contact
from kamtest.served import Phone, confirm, finish_call, routes

DOMAIN = "sbc.example"
PROVIDER = "provider.example"
NUMBER = "+49301234567"
CFG = ROOT / "examples/sbc/kamailio.cfg"
SETTINGS = {"MODULE_PATH": "%s:%s" % (OURS, STOCK)}
# number of the PBX -> l_uuid, account, password
TRUNKS = {"100": ("tr-a1", "4930100", "one"),
          "200": ("tr-b2", "4930200", "two")}


class Sbc(Kamailio):
    """Runs that file as it is, its settings given on the command line."""

    def __init__(self, settings, peer, **options):
        super().__init__("", **options)
        self.rpc_socket = self.dir / "kamailio_rpc.sock"
        self.inside = (self.host, free_port(self.host))
        settings = {"INSIDE": "%s:%d" % self.inside,
                    "OUTSIDE": "%s:%d" % self.addr, "RUN_DIR": self.dir,
                    "DB_URL": "sqlite:///%s" % (self.dir / "kamailio.db"),
                    **SETTINGS, **settings}
        self.args += ["--substdef=!%s!%s!g" % item
                      for item in settings.items()]
        self.args += ["-A", "WITH_STATE"]
        self.args += ["-A", "WITH_PEER"] if peer else []

    def _write(self):
        self.config = CFG.read_text()
        super()._write()

    def database(self, provider):
        """The tables: a password for the PBX, its trunks."""
        path = self.dir / "kamailio.db"
        accounts.create(path, ("standard", "uac", "auth_db",
                               "uacreg_state"))
        with sqlite3.connect(path) as db:
            for user in ("pbx", "other"):
                ha1 = ("%s:%s:pw" % (user, DOMAIN)).encode()
                db.execute("INSERT INTO subscriber (username, domain, ha1)"
                           " VALUES (?, ?, ?)",
                           (user, DOMAIN, hashlib.md5(ha1).hexdigest()))
        db.close()
        accounts.insert(path, [accounts.account(
            uuid, provider, l_username=number, l_domain=DOMAIN,
            r_username=account, r_domain=PROVIDER, realm=PROVIDER,
            auth_username=account, auth_password=password)
            for number, (uuid, account, password) in TRUNKS.items()])


class World:
    """The server, its PBX and its provider."""

    def __init__(self, factory, peer):
        self.provider = UdpPeer(Trace(), "provider")
        self.pbx = UdpPeer(Trace(), "pbx")
        self.sbc = factory({"PBX_IP": self.pbx.host,
                            "PBX_PORT": self.pbx.port}, peer=peer, kind=Sbc,
                           start=False)
        self.sbc.database(self.provider.addr)
        factory.start(self.sbc)
        self.far = Phone(self.provider, "0401", self.sbc.addr,
                         domain=PROVIDER)
        self.registered = {}
        for _ in TRUNKS:
            request = self.far.recv()
            self.registered[parse_contact(request.contacts()[0])[0]] = request
            self.far.answer(request, 200, "OK", ("Expires", "600"),
                            ("Contact", request.get("Contact")))

    def phone(self, number="100"):
        """The PBX, calling with one of its numbers."""
        phone = Phone(self.pbx, number, self.sbc.inside, "pw", DOMAIN)
        phone.seen = self.far.seen  # what came before is old
        return phone

    def close(self):
        self.provider.close()
        self.pbx.close()


@pytest.fixture(scope="module", params=["registers", "peer"])
def world(request, kam_module):
    world = World(kam_module, request.param == "peer")
    world.peer = request.param == "peer"
    if not world.peer:
        pbx = world.phone("pbx")
        assert pbx.register().status == 200
    yield world
    world.close()


def call(world, phone, to=NUMBER):
    """The PBX's INVITE, answering for its password where it has one."""
    ruri = "sip:%s@%s" % (to, DOMAIN)
    if world.peer:
        request = phone.request("INVITE", ruri, ruri)
        phone.peer.send(request, phone.server)
        return request
    number, phone.user = phone.user, "pbx"
    try:
        return phone.invite(ruri)
    finally:
        phone.user = number


def challenged(world, phone):
    """A call as far as the INVITE that answers the provider's challenge."""
    call(world, phone)
    invited = world.far.asked()
    assert invited.get("Proxy-Authorization") is None
    challenge = ("Proxy-Authenticate",
                 'Digest realm="%s", nonce="n1", qop="auth"' % PROVIDER)
    world.far.answer(invited, 407, "Proxy Authentication Required", challenge)
    assert world.far.asked().method == "ACK"
    return world.far.asked(), challenge


def test_both_trunks_are_registered(world):
    assert set(world.registered) == {
        "sip:%s@%s:%d" % (uuid, *world.sbc.addr)
        for uuid, _, _ in TRUNKS.values()}
    assert {r.source for r in world.registered.values()} == {world.sbc.addr}


@pytest.mark.parametrize("number", TRUNKS)
def test_call_out_by_the_trunk_of_its_number(world, number):
    _, account, password = TRUNKS[number]
    pbx = world.phone(number)
    invited, _ = challenged(world, pbx)
    assert invited.ruri == "sip:%s@%s" % (NUMBER, PROVIDER)
    assert parse_contact(invited.get("From"))[0] \
        == "sip:%s@%s" % (account, PROVIDER)
    assert parse_contact(invited.get("To"))[0] == invited.ruri
    right, fields = digest.verify(invited.get("Proxy-Authorization"),
                                  "INVITE", password)
    assert right and fields["username"] == account
    assert invited.source == world.sbc.addr
    world.far.answer(invited, 200, "OK",
                     ("Contact", "<%s>" % world.far.contact))
    answered = pbx.final()
    assert parse_contact(answered.get("From"))[0] == pbx.aor
    assert parse_contact(answered.get("To"))[0] \
        == "sip:%s@%s" % (NUMBER, DOMAIN)
    confirm(pbx, answered)
    assert world.far.asked().method == "ACK"
    bye = hang_up_seen(world.far, pbx, answered)
    assert parse_contact(bye.get("From"))[0] \
        == "sip:%s@%s" % (account, PROVIDER)


def hang_up_seen(callee, caller, answered):
    """BYE of the caller as the callee got it."""
    caller.peer.send(caller.request(
        "BYE", parse_contact(answered.contacts()[0])[0], answered.get("To"),
        *routes(answered, reverse=True)), caller.server)
    bye = callee.asked()
    assert bye.method == "BYE"
    callee.answer(bye, 200, "OK")
    assert caller.final().status == 200
    return bye


def call_in(world, number, aor):
    """(provider's side, PBX's, INVITE) of a call for the trunk."""
    pbx = world.phone(number)
    caller = Phone(world.provider, "0401", world.sbc.addr, domain=PROVIDER)
    caller.seen, caller.aor = world.far.seen, aor
    target = "sip:%s@%s:%d" % (TRUNKS[number][0], *world.sbc.addr)
    caller.peer.send(caller.request("INVITE", target, target), caller.server)
    return caller, pbx, pbx.asked()


@pytest.mark.parametrize("number", TRUNKS)
def test_call_in_reaches_the_pbx_for_its_number(world, number):
    caller, pbx, invited = call_in(world, number, "sip:0401@" + PROVIDER)
    assert invited.ruri == "sip:%s@%s" % (number, world.pbx.addr)
    assert parse_contact(invited.get("From"))[0] == "sip:0401@" + DOMAIN
    assert parse_contact(invited.get("To"))[0] \
        == "sip:%s@%s" % (number, DOMAIN)
    assert invited.source == world.sbc.inside
    pbx.answer(invited, 200, "OK", ("Contact", "<%s>" % pbx.contact))
    answered = caller.final()
    assert answered.status == 200
    assert parse_contact(answered.get("From"))[0] == caller.aor
    finish_call(caller, pbx, invited, answered)


def test_caller_without_a_name(world):
    caller, pbx, invited = call_in(world, "100", "sip:" + PROVIDER)
    assert parse_contact(invited.get("From"))[0] == "sip:anonymous@" + DOMAIN
    pbx.answer(invited, 486, "Busy Here")
    assert pbx.asked().method == "ACK"
    reply = caller.final()
    assert reply.status == 486
    assert parse_contact(reply.get("From"))[0] == caller.aor


def test_wrong_password_of_a_trunk_is_not_asked_of_the_pbx(world):
    pbx = world.phone()
    again, challenge = challenged(world, pbx)
    world.far.answer(again, 407, "Proxy Authentication Required", challenge)
    assert world.far.asked().method == "ACK"
    reply = pbx.final()
    assert reply.status == 500 and reply.get("Proxy-Authenticate") is None


def test_a_number_without_a_trunk(world):
    pbx = world.phone("300")
    call(world, pbx)
    assert pbx.final().status == 404
    world.far.nothing()


def test_others_do_not_call_through_it(world, udp):
    """Not even with a password, if it is not the PBX's."""
    other = Phone(udp("other"), "other", world.sbc.addr, "pw", DOMAIN)
    other.aor = "sip:100@" + DOMAIN
    if world.peer:
        ruri = "sip:%s@%s" % (NUMBER, DOMAIN)
        assert other.send("INVITE", ruri, ruri).status == 403
        assert other.send("REGISTER", "sip:" + DOMAIN,
                          other.aor).status == 403
    else:
        other.invite("sip:%s@%s" % (NUMBER, DOMAIN))
        assert other.final().status == 403
        other.aor = "sip:other@" + DOMAIN
        assert other.register().status == 403
    world.far.nothing()
