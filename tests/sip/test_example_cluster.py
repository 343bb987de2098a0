# SPDX-License-Identifier: GPL-2.0-or-later
"""examples/cluster/kamailio.cfg as an operator starts it, on three nodes:
phones with TCP and UDP, calls between nodes, nodes that are killed."""

import hashlib
import json
import re
import time

import pytest

from kamtest import digest
from kamtest.cluster import active
from kamtest.kamailio import OURS, ROOT, STOCK, Kamailio, RpcError
from kamtest.mariadb import MariaDB
from kamtest.message import Message
from kamtest.net import TcpPeer, Trace, UdpPeer, free_port
from kamtest.registrar import parse_contact
from kamtest.served import Phone, confirm, finish_call, routes
from kamtest.uacluster import all_settled
from kamtest.wait import until, until_true

DOMAIN = "registrar.example"
CFG = ROOT / "examples/cluster/kamailio.cfg"
# each test has users of its own
USERS = ["user%03d" % i for i in range(200)]
NODES = 3


class Node(Kamailio):
    """Runs that file as it is, its settings given on the command line."""

    def __init__(self, index, ports, database, defines, **options):
        hosts = ["127.0.1.%d" % (21 + i) for i in range(NODES)]
        self.cluster_addrs = {"%s:%d" % (host, ports[1]) for host in hosts}
        super().__init__("", name="node%d" % (index + 1), host=hosts[index],
                         port=ports[0], **options)
        self.rpc_socket = self.dir / "kamailio_rpc.sock"
        others = [host for host in hosts if host != self.host]
        settings = {
            "SIP_HOST": self.host, "SIP_PORT": ports[0],
            "NODE_ID": index + 1, "CLUSTER_PORT": ports[1],
            "OTHER_NODE": "%s:%d" % (others[0], ports[1]),
            "THIRD_NODE": "%s:%d" % (others[1], ports[1]),
            "SECRET": "of this test", "DB_URL": database.url,
            "RUN_DIR": self.dir, "MODULE_PATH": "%s:%s" % (OURS, STOCK)}
        self.args += ["--substdef=!%s!%s!g" % item
                      for item in settings.items()]
        self.args += ["-A%s" % define for define in defines]

    def _write(self):
        self.config = CFG.read_text()
        super()._write()

    def know_each_other(self):
        until(lambda: self.cluster_addrs - active(self), set())


@pytest.fixture(scope="module")
def database():
    with MariaDB(("standard", "auth_db", "usrloc", "uac",
                  "uacreg_state")) as server:
        server.insert("subscriber", [
            {"username": user, "domain": DOMAIN, "ha1": hashlib.md5(
                ("%s:%s:pw" % (user, DOMAIN)).encode()).hexdigest()}
            for user in USERS])
        yield server


@pytest.fixture(scope="module")
def users():
    return iter(USERS)


def started(factory, database, defines=()):
    """The nodes, which know each other."""
    ports = free_port(), free_port()
    nodes = [factory(index, ports=ports, database=database, kind=Node,
                     defines=defines, start=False) for index in range(NODES)]
    for node in nodes:
        factory.start(node)
    for node in nodes:
        node.know_each_other()
    return nodes


@pytest.fixture(scope="module", params=["memory", "database"])
def nodes(request, kam_module, database):
    nodes = started(kam_module, database,
                    ["WITH_DB_LOCATION"] * (request.param == "database"))
    yield nodes
    for node in nodes:
        node.stop()


@pytest.fixture
def phone(trace, users):
    """phone(name, node, over): a Phone of a user of this test, registered
    unless told not to. It is behind a NAT: nobody gets there by the address
    it believes to have."""
    made, named = [], {}

    def make(name, node, over, registered=True):
        peer = TcpPeer(trace, name, to=node.addr) if over == "tcp" \
            else UdpPeer(trace, name)
        if name not in named:
            named[name] = next(users)
        one = Phone(peer, named[name], node.addr, "pw", DOMAIN)
        one.shown = "10.9.9.%d:5060" % (len(made) + 1)
        made.append(one)
        if registered:
            assert one.register().status == 200
        return one
    yield make
    for one in made:
        one.peer.close()


def known(nodes, phone, count=1):
    """Until every node finds so many contacts of the phone's user."""
    def contacts(node):
        try:
            return len(node.rpc("ul.lookup", "location",
                                phone.user)["Contacts"])
        except RpcError:
            return 0  # no such AoR
    for node in nodes:
        until(lambda: contacts(node), count)


def call(caller, callee):
    """As far as the 200: (INVITE as the callee has it, 200)."""
    caller.invite(callee.aor, sdp="v=0\r\n")
    invited = callee.asked()
    assert invited.method == "INVITE" and invited.ruri == callee.contact
    assert invited.get("Proxy-Authorization") is None
    callee.answer(invited, 180, "Ringing")
    callee.answer(invited, 200, "OK", ("Contact", "<%s>" % callee.contact))
    answered = caller.final()
    assert answered.status == 200
    return invited, answered


def hang_up(caller, callee, answered):
    """BYE of the caller, as the callee got it and answered it."""
    caller.peer.send(caller.request(
        "BYE", parse_contact(answered.contacts()[0])[0], answered.get("To"),
        *routes(answered, reverse=True)), caller.server)
    bye = callee.asked()
    assert bye.method == "BYE" and bye.ruri == callee.contact
    callee.answer(bye, 200, "OK")
    assert caller.final().status == 200


@pytest.mark.parametrize("called_over", ["tcp", "udp"])
@pytest.mark.parametrize("caller_over", ["tcp", "udp"])
def test_call_from_another_node(nodes, phone, called_over, caller_over):
    """Over the connection of the phone, both ways and to the end."""
    bob = phone("bob", nodes[0], called_over)
    alice = phone("alice", nodes[1], caller_over)
    known(nodes, bob)
    invited, answered = call(alice, bob)
    finish_call(alice, bob, invited, answered)
    invited, answered = call(alice, bob)
    confirm(alice, answered)
    assert bob.asked().method == "ACK"
    hang_up(alice, bob, answered)


def test_call_within_a_node(nodes, phone):
    bob, alice = phone("bob", nodes[2], "tcp"), phone("alice", nodes[2], "tcp")
    finish_call(alice, bob, *call(alice, bob))


def test_phones_of_a_user_at_all_nodes_ring(nodes, phone):
    bobs = [phone("bob", node, "tcp") for node in nodes]
    known(nodes, bobs[0], len(bobs))
    alice = phone("alice", nodes[1], "udp")
    alice.invite(bobs[0].aor)
    rings = [bob.asked() for bob in bobs]
    for bob, invited in zip(bobs, rings):
        assert invited.method == "INVITE" and invited.ruri == bob.contact
        bob.answer(invited, 180, "Ringing", tag=bob.tag + bob.shown)
    bobs[0].answer(rings[0], 200, "OK", ("Contact", bobs[0].contact))
    assert alice.final().status == 200
    for bob, invited in zip(bobs[1:], rings[1:]):
        cancel = bob.asked()
        assert cancel.method == "CANCEL"
        bob.answer(cancel, 200, "OK")
        bob.answer(invited, 487, "Request Terminated")
        assert bob.asked().method == "ACK"


def test_busy_at_another_node(nodes, phone):
    bob = phone("bob", nodes[0], "tcp")
    known(nodes, bob)
    alice = phone("alice", nodes[2], "tcp")
    alice.invite(bob.aor)
    bob.answer(bob.asked(), 486, "Busy Here")
    assert bob.asked().method == "ACK"
    assert alice.final().status == 486


def test_message_to_another_node(nodes, phone):
    bob = phone("bob", nodes[0], "tcp")
    known(nodes, bob)
    alice = phone("alice", nodes[1], "udp")
    uri = bob.aor
    asked = alice.send("MESSAGE", uri, uri)
    assert asked.status == 407
    alice.peer.send(alice.request("MESSAGE", uri, uri, (
        "Proxy-Authorization", digest.answer(
            asked.get("Proxy-Authenticate"), "MESSAGE", uri, alice.user,
            "pw"))), alice.server)
    got = bob.asked()
    assert got.method == "MESSAGE"
    bob.answer(got, 200, "OK")
    assert alice.final().status == 200


def test_connection_that_is_gone(nodes, phone):
    """Nobody opens one to where it came from, the caller hears it at once."""
    bob = phone("bob", nodes[0], "tcp")
    known(nodes, bob)
    bob.peer.close()
    for node in nodes[:2]:
        alice = phone("alice", node, "udp")
        began = time.time()
        alice.invite(bob.aor)
        assert alice.final().status == 480
        assert time.time() - began < 5
    again = phone("bob", nodes[2], "tcp", registered=False)
    again.shown = bob.shown
    assert again.register().status == 200
    until(lambda: path_of(nodes[0], bob), "sip:%s:%d" % nodes[2].addr)
    alice = phone("alice", nodes[0], "udp")
    finish_call(alice, again, *call(alice, again))


def path_of(node, phone):
    """Where a node sends calls for the phone's user: the first Path URI."""
    contacts = node.rpc("ul.lookup", "location", phone.user)["Contacts"]
    return contacts[0]["Contact"]["Path"].strip("<").partition(";")[0]


def test_nobody_who_is_not_registered(nodes, phone):
    alice = phone("alice", nodes[0], "udp")
    alice.invite("sip:nobody@" + DOMAIN)
    assert alice.final().status == 404


def test_challenge_of_one_node_answered_at_another(nodes, phone):
    carol = phone("carol", nodes[0], "udp", registered=False)
    ruri = "sip:" + DOMAIN
    asked = carol.send("REGISTER", ruri, carol.aor)
    assert asked.status == 401
    carol.server = nodes[1].addr
    reply = carol.send(
        "REGISTER", ruri, carol.aor, ("Expires", "0"),
        ("Authorization", digest.answer(asked.get("WWW-Authenticate"),
                                        "REGISTER", ruri, carol.user, "pw")))
    assert reply.status == 200
    assert carol.register("wrong").status == 401


def test_a_path_that_a_phone_brings_is_not_believed(nodes, phone, udp):
    victim = udp("victim")
    bob = phone("bob", nodes[0], "udp", registered=False)
    request = bob.request
    bob.request = lambda *args, **more: request(*args, (
        "Path", "<sip:%s;lr>" % victim.addr), **more)
    assert bob.register().status == 200
    bob.request = request
    known(nodes, bob)
    alice = phone("alice", nodes[1], "udp")
    alice.invite(bob.aor)
    assert bob.asked().method == "INVITE"
    victim.nothing()


def test_others_do_not_send_along_a_path(nodes, phone, udp):
    """What nodes may send to each other is not for phones."""
    victim = udp("victim")
    mallory = phone("carol", nodes[0], "udp", registered=False)
    uri = "sip:someone@elsewhere.example"
    route = ("Route", "<sip:%s:%d;lr;received=sip:%s>"
             % (*nodes[0].addr, victim.addr))
    assert mallory.send("INVITE", uri, uri, route).status == 403
    uri = "sip:nobody@" + DOMAIN
    assert mallory.send("INVITE", uri, uri, route).status == 407
    victim.nothing()


def test_others_do_not_speak_as_a_node(nodes, phone, udp):
    """At the port of phones a message of dmq is nothing."""
    peer = udp("mallory")
    mallory = Phone(peer, "mallory", nodes[0].addr, domain=DOMAIN)
    message = mallory.request("KDMQ", "sip:usrloc@%s:%d" % nodes[0].addr,
                              "sip:usrloc@%s:%d" % nodes[0].addr)
    message.set("Content-Type", "application/json")
    message.body = json.dumps({
        "action": 1, "aor": mallory.user, "ruid": "x",
        "c": "sip:" + peer.addr, "expires": int(time.time()) + 600}).encode()
    peer.send(message, nodes[0].addr)
    peer.nothing()
    known(nodes, mallory, 0)


def test_nothing_went_wrong_in_the_script(nodes):
    """Last of the shared nodes: their logs after all of the above, but for
    what tm says of a connection that is gone."""
    for node in nodes:
        bad = [line for line in node.log().splitlines()
               if re.search(" (ERROR|CRITICAL): ", line)
               and not re.search("tcp_send failed|send(ing| on| req)", line)]
        assert bad == []


@pytest.mark.parametrize("defines", [[], ["WITH_DB_LOCATION"]],
                         ids=["memory", "database"])
def test_a_node_is_killed_and_comes_back(kam, database, phone, defines):
    """Who was connected to it is called at the next node it goes to; who was
    not notices nothing; started again it knows everybody."""
    nodes = started(kam, database, defines)
    bob = phone("bob", nodes[0], "tcp")
    carol = phone("carol", nodes[2], "tcp")
    known(nodes, bob)
    known(nodes, carol)
    nodes[0].kill()
    alice = phone("alice", nodes[1], "tcp")
    finish_call(alice, carol, *call(alice, carol))
    alice.invite(bob.aor)
    assert alice.recv().status == 100
    again = phone("bob", nodes[2], "tcp", registered=False)
    again.shown = bob.shown
    assert again.register().status == 200
    known(nodes[1:], bob)
    other = phone("alice", nodes[1], "tcp")
    finish_call(other, again, *call(other, again))
    # its connection and its node are gone: after fr_timer, 10 s
    assert alice.final().status == 480
    nodes[0].may_die = False
    kam.start(nodes[0])
    for node in nodes:
        node.know_each_other()
    known(nodes, bob)
    known(nodes, carol)
    late = phone("alice", nodes[0], "udp")
    finish_call(late, again, *call(late, again))


def test_call_from_a_provider_to_a_phone_of_another_node(
        kam, database, phone, udp):
    provider = udp("provider")
    nodes = started(kam, database, ["WITH_UAC_CLUSTER"])
    # a server that comes later takes its share of what the others have
    until_true(lambda: all_settled(nodes))
    alice = phone("alice", nodes[0], "tcp")
    known(nodes, alice)
    names = ["tr-%d" % i for i in range(12)]
    database.insert("uacreg", [{
        "l_uuid": name, "l_username": alice.user, "l_domain": DOMAIN,
        "r_username": "4930", "r_domain": "provider.example",
        "realm": "provider.example", "auth_username": "4930",
        "auth_password": "pw", "auth_proxy": "sip:" + provider.addr,
        "expires": 600} for name in names])
    for node in nodes:
        node.rpc("uac.reg_reload")
    owners = registered(provider, names, nodes)
    kept = "select count(*) from uacreg_state where registered_until > 0"
    until(lambda: database.sql(kept), [[str(len(names))]])
    # the phone is at the first node, the account of this call is not
    name = next(n for n in names if owners[n] is not nodes[0])
    rings(provider, owners[name], name, alice)
    # the node that had the account is gone: another one has it now, and the
    # provider knows no address but its own
    gone = owners[name]
    gone.kill()
    left = [node for node in nodes if node is not gone]
    owners.update(registered(
        provider, [n for n in names if owners[n] is gone], left, gone))
    rings(provider, owners[name], name, alice)


def registered(provider, names, nodes, former=None):
    """{account: node that registers it}, of all these accounts and no other.
    A request that comes again, because the answer was late, is answered
    again."""
    owners = {}
    while len(owners) < len(names):
        name, owner = register(provider, nodes, former)
        assert name in names and owners.setdefault(name, owner) is owner
    return owners


def register(provider, nodes, former):
    """The next account and the node that registers it, and takes the former's
    contact away."""
    request = provider.recv()
    assert request.method == "REGISTER"
    owner, = (n for n in nodes if n.addr == request.source)
    name = re.search("sip:([^@]+)@", request.get("Contact"))[1]
    contacts = ["<sip:%s@%s:%d>" % (name, *owner.addr)]
    if former:
        contacts.append("<sip:%s@%s:%d>;expires=0" % (name, *former.addr))
    assert request.all("Contact") == contacts
    provider.send(Message("SIP/2.0 200 OK", [
        (n, v + ";tag=p" if n == "To" else v) for n, v in request.headers
        if n in ("Via", "From", "To", "Call-ID", "CSeq")]
        + [("Contact", contacts[0] + ";expires=600")]), request.source)
    return name, owner


def rings(provider, node, name, alice):
    """A call from the provider to the account reaches a phone of whichever
    node."""
    far = Phone(provider, "0401", node.addr, domain="provider.example")
    target = "sip:%s@%s:%d" % (name, *node.addr)
    provider.send(far.request("INVITE", target, target), node.addr)
    invited = alice.asked()
    assert invited.method == "INVITE" and invited.ruri == alice.contact
    alice.answer(invited, 486, "Busy Here")
    assert alice.asked().method == "ACK"
    while (reply := far.recv()).is_request or reply.status < 200:
        pass
    assert reply.status == 486
