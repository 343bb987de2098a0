# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrars that share their bindings: by the stock module dmq_usrloc, or in
one MariaDB with usrloc's db_mode 3."""

import time

import pytest

from kamtest.cluster import Cluster, active, cut
from kamtest.flood import Loss
from kamtest.kamailio import RELEASE
from kamtest.mariadb import MariaDB
from kamtest.registrar import Phone, request
from kamtest.shared import (by_database, by_dmq, by_dmq_with_cuts,
                            by_lossy_dmq)
from kamtest.wait import PATIENCE, until


# a binding that outlives a network that is cut
LASTS_S = 30


@pytest.fixture(scope="module")
def mariadb():
    with MariaDB(("standard", "usrloc")) as server:
        yield server


@pytest.fixture(scope="module", params=[
    "dmq_usrloc-2", "dmq_usrloc-3", "mariadb-2", "mariadb-3"])
def cluster(request, kam_module):
    kind, _, count = request.param.partition("-")
    make = by_dmq
    if kind == "mariadb":
        make = by_database(request.getfixturevalue("mariadb").url)
    cluster = Cluster(kam_module, int(count), make)
    cluster.has_database = kind == "mariadb"
    yield cluster
    for node in cluster.nodes:
        node.stop()


@pytest.fixture
def phone(cluster, udp):
    """At the first node; phone.server moves it to another one."""
    return Phone(udp("phone"), cluster[0])


def found(phone, node):
    """The contacts that a look-up at a node finds for a phone's AoR."""
    shown = Phone(phone.peer, node, phone.user).ask()
    return shown.targets if shown.rc == 1 else []


def everywhere(cluster, phone, want):
    """Every node finds that many contacts; dmq takes its moment."""
    for node in cluster.nodes:
        until(lambda: len(found(phone, node)), want)


def test_registered_at_one_and_found_at_all(cluster, phone):
    reply, rc = phone.save(phone.contact(";q=0.7;expires=600"))
    assert rc == 1
    everywhere(cluster, phone, 1)
    for node in cluster.nodes:
        phone.server = node
        (uri, params), = phone.bindings()
        assert uri == "sip:%s@%s" % (phone.user, phone.peer.addr)
        assert params["q"] == "0.7"
        assert 500 < int(params["expires"]) <= 600


def test_called_at_another_node(cluster, phone, udp):
    phone.save(phone.contact())
    everywhere(cluster, phone, 1)
    caller = udp("caller")
    for node in cluster.nodes[1:]:
        caller.send(request(caller, "INVITE", phone.aor,
                            [("X-Do", "relay"),
                             ("Contact", "<sip:c@%s>" % caller.addr)]),
                    node.addr)
        invited = phone.peer.recv()
        assert invited.method == "INVITE" and invited.source == node.addr
        assert invited.ruri == "sip:%s@%s" % (phone.user, phone.peer.addr)
        phone.peer.send(answer(invited, 486, "Busy Here"), invited.source)
        assert phone.peer.recv().method == "ACK"
        while (reply := caller.recv()).status == 100:
            pass
        assert reply.status == 486
        caller.send(ack(caller, reply, phone.aor), node.addr)


def answer(invited, status, reason):
    reply = type(invited)("SIP/2.0 %d %s" % (status, reason), [
        (name, value) for name, value in invited.headers
        if name.lower() in ("via", "from", "to", "call-id", "cseq")])
    return reply.set("To", invited.get("To") + ";tag=callee")


def ack(caller, reply, ruri):
    return type(reply)("ACK %s SIP/2.0" % ruri, [
        ("Via", reply.get("Via")), ("Max-Forwards", "70"),
        ("From", reply.get("From")), ("To", reply.get("To")),
        ("Call-ID", reply.get("Call-ID")),
        ("CSeq", "%d ACK" % reply.cseq[0])])


def test_unregistered_at_the_last_and_gone_at_all(cluster, phone):
    phone.save(phone.contact())
    everywhere(cluster, phone, 1)
    phone.server = cluster[-1]
    assert phone.save(phone.contact(";expires=0"))[1] == 3
    everywhere(cluster, phone, 0)


def test_refreshed_at_another_node(cluster, phone):
    """It stays one binding with what the refresh brought, whoever had it
    first; an older REGISTER is refused at every node."""
    phone.save(phone.contact(";expires=100;q=0.1"))
    everywhere(cluster, phone, 1)
    phone.server = cluster[1]
    reply, rc = phone.save(phone.contact(";expires=900;q=0.9"))
    assert rc == 2 and len(reply.contacts()) == 1
    for node in cluster.nodes:
        phone.server = node
        until(lambda: [p["q"] for _, p in phone.bindings()], ["0.9"])
        (_, params), = phone.bindings()
        assert int(params["expires"]) > 800
        assert phone.register(phone.contact(), cseq=1).status == 400


def test_phones_of_one_user_at_different_nodes(cluster, udp):
    phones = [Phone(udp("phone%d" % i), node, "crowd%d" % len(cluster))
              for i, node in enumerate(cluster.nodes)]
    for i, phone in enumerate(phones):
        assert phone.save(phone.contact(";q=0.%d" % (i + 1)))[1] == 1
    everywhere(cluster, phones[0], len(cluster))
    for node in cluster.nodes:
        assert [uri.rpartition("@")[2] for uri in found(phones[0], node)] \
            == [phone.peer.addr for phone in reversed(phones)]
    # all of them at one
    assert phones[-1].save("*", headers=[("Expires", "0")])[1] == 3
    everywhere(cluster, phones[0], 0)


def test_instance_and_path_go_along(cluster, phone):
    """Two contacts of one instance are one binding, at whichever node."""
    instance = ';+sip.instance="<urn:uuid:%s>"' % phone.user
    path = [("Path", "<sip:127.0.0.9:5070;lr>")]
    phone.save(phone.contact(instance, user="a"), headers=path)
    everywhere(cluster, phone, 1)
    for node in cluster.nodes:
        shown = Phone(phone.peer, node, phone.user).ask()
        assert shown.duri == "sip:127.0.0.9:5070;lr"
    phone.server = cluster[-1]
    assert phone.save(phone.contact(instance, user="b"))[1] == 2
    for node in cluster.nodes:
        until(lambda: [u.partition("@")[0] for u in found(phone, node)],
              ["sip:b"])


def test_parameters_that_are_kept(cluster, phone):
    """A database has them; dmq_usrloc carries them from 6.0 on, before that
    only the node of the phone shows them."""
    carried = cluster.has_database or RELEASE >= (6, 0)
    home = phone.server

    def shown(node):
        phone.server = node
        try:
            return [params.get("mobility") for _, params in phone.bindings()]
        finally:
            phone.server = home
    for value in ("fixed", "mobile"):
        phone.save(phone.contact(";mobility=" + value))
        assert shown(cluster[0]) == [value]
        everywhere(cluster, phone, 1)
        for node in cluster.nodes[1:]:
            until(lambda: shown(node), [value if carried else None])


def test_a_connection_of_another_node_is_not_taken_for_an_own_one(
        kam, mariadb, udp, tcp, tcp_listener):
    """The row has the number that the node of the phone gave its connection;
    here that number is somebody else's."""
    cluster = Cluster(kam, 2, by_database(
        mariadb.url, "tcp_set_otcpid_flag(1);", ["tcpops"]), tcp=True)
    listener = tcp_listener()
    called = Phone(tcp("called", to=cluster[0].addr), cluster[0], "called")
    other = Phone(tcp("other", to=cluster[1].addr), cluster[1], "other")
    assert called.save("<sip:called@%s:%d;transport=tcp>" % (
        listener.host, listener.port))[1] == 1
    assert other.save(other.contact(";transport=tcp"))[1] == 1
    numbers = mariadb.sql("select connection_id from location where username"
                          " in ('called', 'other')")
    assert numbers[0] == numbers[1]
    caller = udp("caller")

    def call(node):
        caller.send(request(caller, "OPTIONS", called.aor,
                            [("X-Do", "relay")]), node.addr)
    call(cluster[0])
    assert called.peer.recv().method == "OPTIONS"
    call(cluster[1])
    assert listener.accept().recv().method == "OPTIONS"
    other.peer.sock.setblocking(False)
    with pytest.raises(BlockingIOError):
        other.peer.sock.recv(1)


def test_a_connection_of_before_a_restart_is_not_taken_for_a_new_one(
        kam, mariadb, udp, tcp, tcp_listener):
    """The same node counts its connections anew."""
    cluster = Cluster(kam, 1, by_database(
        mariadb.url, "tcp_set_otcpid_flag(1);", ["tcpops"]), tcp=True)
    listener = tcp_listener()
    node = cluster[0]
    called = Phone(tcp("called", to=node.addr), node)
    assert called.save("<sip:called@%s:%d;transport=tcp>" % (
        listener.host, listener.port))[1] == 1
    time.sleep(1)  # a server that starts in that second can't tell
    node.stop()
    called.peer.close()
    cluster.start(0)
    other = Phone(tcp("other", to=node.addr), node)
    assert other.save(other.contact(";transport=tcp"))[1] == 1
    caller = udp("caller")
    caller.send(request(caller, "OPTIONS", called.aor, [("X-Do", "relay")]),
                node.addr)
    assert listener.accept().recv().method == "OPTIONS"


def test_nodes_that_do_not_reach_each_other(kam, udp):
    """Each goes on with what it has. Afterwards what was made meanwhile comes
    with a refresh, and what was removed stays at the others until it expires:
    the chapter of the guide says so."""
    cluster = Cluster(kam, 2, by_dmq_with_cuts)
    here, there = cluster.nodes
    made = Phone(udp("made"), here)
    removed = Phone(udp("removed"), here)
    lasts = time.time() + LASTS_S
    removed.save(removed.contact(";expires=%d" % LASTS_S))
    everywhere(cluster, removed, 1)
    cut(cluster, True)
    made.save(made.contact())
    removed.save(removed.contact(";expires=0"))
    # dmq has given up when it holds the other node for gone
    for node in cluster.nodes:
        until(lambda: len(active(node)), 1)
    assert [len(found(made, node)) for node in cluster.nodes] == [1, 0]
    cut(cluster, False)
    cluster.wait()
    assert [len(found(made, node)) for node in cluster.nodes] == [1, 0]
    assert [len(found(removed, node)) for node in cluster.nodes] == [0, 1]
    assert time.time() < lasts, "too late to show anything"
    made.save(made.contact())
    everywhere(cluster, made, 1)
    until(lambda: len(found(removed, there)), 0, LASTS_S + PATIENCE)
    assert time.time() >= lasts - 1


# tm repeats a request after so long
RETRANSMIT_S = 0.5
# and what the processes of a busy machine wait for their turn
LATE_S = 1.0
RATE, SECONDS = 1000, 3


def killed(kam, udp, make, name):
    """Three nodes, the first killed while it takes RATE REGISTERs a second."""
    cluster = Cluster(kam, 3, make, shm=256, children=4)
    loss = Loss(cluster, RATE, SECONDS, name)
    print("%s: %.0f REGISTER/s answered, %d in all, %d missing after the "
          "kill, the oldest answered %.3f s before it"
          % (name, loss.rate, len(loss.acked), loss.count(), loss.age()))
    # else it was not in the middle of them
    assert len(loss.acked) > RATE * SECONDS / 4
    assert loss.killed_at - max(loss.acked.values()) < LATE_S
    # who is left goes on
    phone = Phone(udp("after"), cluster[1])
    phone.save(phone.contact())
    until(lambda: len(found(phone, cluster[2])), 1)
    return loss


def test_killed_while_it_replicates(kam, udp):
    """What was answered was sent to the others before: nothing is missing but
    what a datagram that was lost had, and that is not repeated."""
    loss = killed(kam, udp, by_dmq, "dmq")
    assert loss.age() < RETRANSMIT_S + LATE_S
    assert loss.count() < RATE * RETRANSMIT_S


def test_killed_while_datagrams_are_lost(kam, udp):
    """The worst: of each message the first copy is lost. What is missing was
    answered within the time of a retransmission; before it, nothing is."""
    loss = killed(kam, udp, by_lossy_dmq, "lossy")
    assert loss.count() > 0, "nothing was lost: the test shows nothing"
    assert loss.age() < RETRANSMIT_S + LATE_S


def test_killed_while_it_writes_to_the_database(kam, udp, mariadb):
    """The row is written before the 200 is sent."""
    loss = killed(kam, udp, by_database(mariadb.url), "database")
    assert loss.missing == {1: set(), 2: set()}
