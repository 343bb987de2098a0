# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts shared among servers: messages that are forged, broken, old, late,
or of a server that does its part badly."""

import re
import time

from kamtest.fakenode import key_of
from kamtest.message import Message
from kamtest.net import unique
from kamtest.uacluster import (TIMEOUT, addresses, all_are_from, live, mariadb,
                               played, provider, servers,
                               settled)  # noqa: F401
from kamtest.wait import PATIENCE, until, until_true

# messages that are not from a server of the cluster

ALIVE = ("uacreg 1", "type: alive", "node: %(node)s", "boot: %(boot)d",
         "seq: %(seq)d", "weight: 1", "leaving: 0", "gone: 0", "settled: 1",
         "view: 0000000000000001", "heard: ")


def kdmq(peer, node, body, claimed):
    """A KDMQ to the channel, from whoever it claims to be."""
    peer.send(Message("KDMQ sip:uac@%s:%d SIP/2.0" % node.addr, [
        ("Via", "SIP/2.0/UDP %s;branch=z9hG4bK%s" % (peer.addr, unique())),
        ("From", "<%s>;tag=t" % claimed), ("To", "<sip:uac@x>"),
        ("Call-ID", unique()), ("CSeq", "1 KDMQ"), ("Max-Forwards", "1"),
        ("Content-Type", "text/plain")], body), node.addr)
    assert peer.recv().start.startswith("SIP/2.0 200")


def beat(cluster, **changes):
    """What the second server could say to the first."""
    fields = {"node": cluster[1].uri, "boot": 99999999999999, "seq": 1}
    fields.update(changes)
    return "".join(line + "\r\n" for line in ALIVE) % fields


def test_forged_broken_and_later_messages_change_nothing(
        servers, provider, udp):
    cluster = servers(2, rows=10)
    all_are_from(provider, 10, addresses(cluster))
    node = cluster[0]
    peer = udp()
    view = node.rpc("uac.cluster")["view"]
    refused = node.stat("uac", "reg_cluster_refused")
    good = beat(cluster)
    bad = [good,  # from an address that is not that server's
           good.replace("node: sip:", "node: sip:x"),
           beat(cluster, node="sip:10.9.8.7:5060"),
           beat(cluster, node=node.uri),
           good.replace("uacreg 1", "uacreg 2"),
           good.replace("uacreg 1", "uacreg 4294967297"),
           good.replace("boot: ", "boot: -"), good[:40], "", "\r\n" * 20,
           "uacreg 1\r\ntype: tell\r\nnode: %s\r\nboot: 1\r\nseq: 1\r\n"
           "uuid: 31\r\ncommand: disable\r\n" % cluster[1].uri,
           "x" * 5000, "uacreg 1\r\n" + "heard: " + "0/0 " * 900]
    for claimed in (cluster[1].uri, "sip:nobody@192.0.2.1", node.uri):
        for body in bad:
            kdmq(peer, node, body, claimed)
    until(lambda: node.stat("uac", "reg_cluster_refused") - refused,
          3 * len(bad))
    assert node.rpc("uac.cluster")["view"] == view
    assert node.stat("uac", "regdisabled") == 0
    assert settled(cluster)



def test_a_password_keeps_strangers_out(servers, provider):
    def extra(place):
        word = "good" if place.index < 2 else "bad"
        return 'modparam("uac", "reg_cluster_passwd", "%s")' % word
    cluster = servers(3, rows=10, extra=extra, settle=False)
    for node in cluster.nodes[:2]:
        until(lambda: node.rpc("uac.cluster")["live"], 2)
        until_true(lambda: node.stat("uac", "reg_cluster_refused") > 0)
    assert cluster[2].rpc("uac.cluster")["live"] == 1
    cluster[0].says("check value")
    assert "good" not in cluster[0].log()


def refused(node):
    return node.stat("uac", "reg_cluster_refused")


def test_a_server_that_does_not_hear_us_is_not_live(played):
    node, fake = played
    # also not when it hears the process we were before
    for hears in (False, "%016x/%016x" % (key_of(node.uri), 1),
                  "%016x/%016x" % (7, 11), True):
        heard = node.stat("uac", "reg_cluster_heard")
        fake.send(node, fake.alive(node, hears))
        until(lambda: node.stat("uac", "reg_cluster_heard"), heard + 1)
        if hears is not True:
            time.sleep(0.3)
            assert live(node) == 1
    until(lambda: live(node), 2)
    assert fake.their("heard").split("/")[0] == "%016x" % key_of(fake.name)


def test_messages_that_come_again_change_nothing(played):
    node, fake = played
    first = fake.alive(node)
    fake.send(node, first)
    until(lambda: live(node), 2)
    leaving = fake.alive(node, leaving=1)
    fake.send(node, leaving)
    until(lambda: node.rpc("uac.cluster")["nodes"][1]["state"], "leaving")
    before = refused(node)
    # a replay of before, one of an earlier life, and one of a later process
    # that does not hear us yet
    fake.send(node, first)
    until(lambda: refused(node), before + 1)
    fake.send(node, fake.alive(node, boot=fake.boot - 1))
    until(lambda: refused(node), before + 2)
    assert node.rpc("uac.cluster")["nodes"][1]["state"] == "leaving"
    fake.send(node, fake.alive(node, gone=1))
    until(lambda: live(node), 1)
    # it is gone: what it said before does not bring it back
    for body in (first, leaving):
        fake.send(node, body)
    until(lambda: refused(node), before + 4)
    assert live(node) == 1
    # the next life does
    fake.boot += 1
    fake.seq = 0
    fake.send(node, fake.alive(node))
    until(lambda: live(node), 2)


def test_a_server_that_starts_anew_is_waited_for(played, provider):
    """Its accounts go nowhere while it gets to know the others again."""
    node, fake = played
    until(lambda: len(provider.registered()), 10)
    fake.send(node, fake.alive(node))
    until(lambda: live(node), 2)
    until_true(lambda: node.rpc("uac.cluster")["nodes"][0]["settled"])

    def state():
        return [live(node), node.rpc("uac.cluster")["nodes"][0]["accounts"],
                len(provider.asked())]
    before = state()
    assert 0 < before[1] < 10
    heard = node.stat("uac", "reg_cluster_heard")
    began = time.monotonic()
    fake.send(node, fake.alive(node))
    until(lambda: node.stat("uac", "reg_cluster_heard"), heard + 1)
    fake.boot += 1
    fake.seq = 0
    while time.monotonic() - began < TIMEOUT - 1:
        fake.send(node, fake.alive(node, False))
        time.sleep(0.3)
        now = state()
        if time.monotonic() - began < TIMEOUT:
            assert now == before
    # it is not for ever
    until(lambda: live(node), 1)


def test_a_node_that_can_not_be_sent_to_cuts_off_nobody(played):
    """dmq gives up a message to all at the first one that it can't send to,
    and puts who came last first."""
    node, fake = played
    fake.send(node, fake.alive(node))
    until(lambda: live(node), 2)
    fake.others = ["sip:127.0.0.1:9;transport=tcp"]
    until(lambda: len(node.rpc("dmq.list_nodes")), 3)
    at = len(fake.heard)
    until_true(lambda: len(fake.heard) > at + 3)
    said = [int(n) for n in re.findall(r"^seq: (\d+)", "".join(
        body for body in fake.heard if "type: alive" in body), re.M)]
    assert len(set(said)) == len(said)
    node.rpc("uac.reg_disable", "l_uuid", "3")
    until_true(lambda: any("command: disable" in body for body in fake.heard))
    # once by each of the two processes that send
    until(lambda: node.log().count("each is sent to by itself"), 2)


def test_commands_count_once_and_only_from_who_is_there(played):
    node, fake = played

    def tell(seq, boot=None):
        fake.send(node, "uacreg 1\r\ntype: tell\r\nnode: %s\r\nboot: %d\r\n"
                  "seq: %d\r\nuuid: 3\r\ncommand: disable\r\n"
                  % (fake.name, boot or fake.boot, seq))
    before = refused(node)
    tell(1)
    until(lambda: refused(node), before + 1)
    assert node.stat("uac", "regdisabled") == 0
    fake.send(node, fake.alive(node))
    until(lambda: live(node), 2)
    tell(1, fake.boot - 1)
    tell(1, fake.boot + 1)
    until(lambda: refused(node), before + 3)
    assert node.stat("uac", "regdisabled") == 0
    tell(1)
    until(lambda: node.stat("uac", "regdisabled"), 1)
    node.rpc("uac.reg_enable", "l_uuid", "3")
    until(lambda: node.stat("uac", "regdisabled"), 0)
    tell(1)
    until(lambda: refused(node), before + 4)
    assert node.stat("uac", "regdisabled") == 0


def test_a_server_that_never_settles_holds_nobody_up_for_long(
        played, provider):
    node, fake = played
    share = None
    began = time.monotonic()
    while len(provider.registered()) < (share or 1) \
            and time.monotonic() - began < PATIENCE:
        fake.send(node, fake.alive(node, settled=0, view="0000000000000007"))
        time.sleep(0.3)
        share = node.rpc("uac.cluster")["nodes"][0]["accounts"]
    assert len(provider.registered()) == share
    assert time.monotonic() - began < TIMEOUT + PATIENCE / 2


def test_rubbish_from_a_known_address(played):
    node, fake = played
    fake.send(node, fake.alive(node))
    until(lambda: live(node), 2)
    good = fake.alive(node)
    before, sent = refused(node), 0
    cuts = [n for n in range(0, len(good), 7) if good[n - 1:n] != "\n"]
    for body in [good[:n] for n in cuts] + [
            good.replace("uacreg 1", "uacreg 2"),
            good.replace("weight: 1", "weight: 1001"),
            good.replace("weight: 1", "weight: -1"),
            good + good, good.replace("node: ", "node:\r\nnode: "),
            good.replace("seq: %d" % fake.seq, "seq: 0"),
            good.replace("heard: ", "heard: " + "1/1 " * 129),
            "\0" * 100, "uacreg 1\r\n" + "a" * 30000]:
        fake.send(node, body)
        sent += 1
        until(lambda: (body, refused(node)), (body, before + sent))
    # that took longer than it may be silent, on a busy machine
    fake.send(node, fake.alive(node))
    until(lambda: live(node), 2)
