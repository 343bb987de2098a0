# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts shared among servers: reg_cluster. The remote registrar tells who
is registered, by whom, with which Call-ID and CSeq."""

import time

import pytest

from kamtest import accounts
from kamtest.cluster import KDMQ, places
from kamtest.fakenode import key_of
from kamtest.message import Message
from kamtest.net import unique
from kamtest.regs import options
from kamtest.uacluster import (CONFIG, HEARTBEAT, TIMEOUT, addresses,
                               all_are_from, live, mariadb, owners, played,
                               provider, saved, servers, settled)  # noqa: F401
from kamtest.wait import PATIENCE, until, until_true


def test_each_account_is_registered_by_one(servers, provider):
    cluster = servers(2)
    all_are_from(provider, 30, addresses(cluster))
    counts = owners(provider)
    assert set(counts) == set(addresses(cluster))
    assert min(counts.values()) >= 5
    assert len(provider.asked(code=200)) == 30
    for node in cluster.nodes:
        told = node.rpc("uac.cluster")
        assert told["live"] == 2
        shares = {n["node"].split(":", 1)[1]: n["accounts"]
                  for n in told["nodes"]}
        assert shares == counts


def test_a_server_that_is_killed_loses_its_accounts_to_the_others(
        servers, provider, mariadb):
    cluster = servers(3, 60)
    all_are_from(provider, 60, addresses(cluster))
    before = {r.user: r for r in provider.asked(code=200)}
    lost = {u for u, r in before.items()
            if r.contacts[0][0].endswith(addresses(cluster)[0])}
    assert lost
    saved(mariadb, 60)
    killed = time.monotonic()
    cluster.kill(0)
    all_are_from(provider, 60, addresses(cluster)[1:])
    took = time.monotonic() - killed
    after = [r for r in provider.asked(since=killed)]
    print("taken over in %.1f s, %d messages for %d accounts"
          % (took, len(after), len(lost)))
    assert {r.user for r in after} == lost
    assert len(after) <= 2.05 * len(lost)
    for r in after:
        assert r.callid == before[r.user].callid
        # what was saved may be older than the last request of one that was
        # killed
        assert r.cseq == before[r.user].cseq + 16 + 1
        # one request brings the new contact and takes the old one away
        assert [e for _, e in r.contacts] == [600, 0]
        assert r.contacts[1][0] == before[r.user].contacts[0][0]
    assert took < TIMEOUT + 10


def test_a_server_that_stops_hands_over(servers, provider):
    cluster = servers(2)
    all_are_from(provider, 30, addresses(cluster))
    until_true(lambda: settled(cluster))
    before = {r.user: r for r in provider.asked(code=200)}
    stopped = time.monotonic()
    cluster[0].stop()
    all_are_from(provider, 30, addresses(cluster)[1:])
    # it did not have to be missed first
    assert time.monotonic() - stopped < TIMEOUT
    for r in provider.asked(since=stopped):
        assert (r.callid, r.cseq) == (before[r.user].callid,
                                      before[r.user].cseq + 1)
        # the nonce goes on as well: one message each
        assert r.code == 200
    # and takes its share when it comes back
    cluster.start(0)
    all_are_from(provider, 30, addresses(cluster))
    until_true(lambda: len(owners(provider)) == 2)
    assert provider.double_for == 0


def test_a_shared_address_waits_for_the_refresh(servers, provider, mariadb):
    cluster = servers(2, contact="192.0.2.1:5060")
    until_true(lambda: len(provider.registered()) == 30)
    until_true(lambda: settled(cluster))
    saved(mariadb, 30)
    killed = time.monotonic()
    cluster.kill(0)
    until(lambda: cluster[1].rpc("uac.cluster")["nodes"][0]["accounts"], 30)
    until(lambda: cluster[1].stat("uac", "regactive"), 30)
    time.sleep(1.0)
    assert provider.asked(since=killed) == []


def test_every_server_answers_for_every_account(servers, provider, udp):
    cluster = servers(2)
    all_are_from(provider, 30, addresses(cluster))
    peer = udp()
    for node in cluster.nodes:
        for i in range(30):
            def said():
                return options(node, peer, "sip:%d@x" % i).reason.split()
            until(lambda: said()[1:3], ["1", "1"])
            words = said()
            host = provider.contacts("r%d" % i)[0].split("@")[1]
            assert words[3] == "sip:l%d@local.example" % i
            assert words[4] == "sip:" + host
        listed = node.rpc("uac.reg_list", "all", 0, 100)
        assert len(listed["accounts"]) == 30
        assert all(a["online"] for a in listed["accounts"])
        for a in listed["accounts"]:
            host = provider.contacts("r" + a["l_uuid"])[0].split("@")[1]
            assert a["owner"] == "sip:" + host


def test_commands_reach_the_owner(servers, provider):
    cluster = servers(2, rows=10)
    all_are_from(provider, 10, addresses(cluster))
    until_true(lambda: settled(cluster))
    for i in range(10):
        cluster[0].rpc("uac.reg_disable", "l_uuid", "%d" % i)
    for node in cluster.nodes:
        until(lambda: node.stat("uac", "regdisabled"), 10)
    # also of a server that takes over
    cluster[1].stop()
    until(lambda: cluster[0].rpc("uac.cluster")["live"], 1)
    asked = len(provider.asked())
    for i in range(10):
        cluster[0].rpc("uac.reg_enable", "l_uuid", "%d" % i)
    until(lambda: [r for r in provider.asked()[asked:] if r.code != 401][:0] or len(provider.asked(code=200)), 20)
    assert len(provider.asked()) > asked
    cluster[0].rpc("uac.reg_unregister", "l_uuid", "3")
    until(lambda: provider.contacts("r3"), [])


def test_a_server_gives_all_away_and_comes_back(servers, provider):
    cluster = servers(2)
    all_are_from(provider, 30, addresses(cluster))
    until_true(lambda: settled(cluster))
    cluster[0].rpc("uac.cluster_leave")
    all_are_from(provider, 30, addresses(cluster)[1:])
    assert cluster[0].stat("uac", "regactive") == 0
    cluster[0].rpc("uac.cluster_join")
    until_true(lambda: len(owners(provider)) == 2)
    all_are_from(provider, 30, addresses(cluster))
    assert provider.double_for == 0


def test_a_network_that_is_cut_and_heals(servers, provider, mariadb):
    cluster = servers(2)
    all_are_from(provider, 30, addresses(cluster))
    until_true(lambda: settled(cluster))
    share = dict(owners(provider))
    before = provider.registered()
    saved(mariadb, 30)
    for node in cluster.nodes:
        node.rpc("pv.shvSet", "cut", "int", 1)
    for node in cluster.nodes:
        until(lambda: node.rpc("uac.cluster")["live"], 1)
    # each serves all accounts in its own view, and took the other's contacts away
    until(lambda: {u: uris for u, uris in provider.registered().items()
                   if uris == before[u]}, {})
    # who had them before refreshes some, and there are two contacts
    refreshed = time.monotonic()
    for node in cluster.nodes:
        for i in range(0, 30, 3):
            node.rpc("uac.reg_register", "l_uuid", "%d" % i)
    until_true(lambda: any(len(u) == 2
                           for u in provider.registered().values()))
    until(lambda: len(provider.asked(since=refreshed, code=200)), 20)
    healed = time.monotonic()
    for node in cluster.nodes:
        node.rpc("pv.shvSet", "cut", "int", 0)
    for node in cluster.nodes:
        until(lambda: node.rpc("uac.cluster")["live"], 2, timeout=40)
    until_true(lambda: settled(cluster))
    all_are_from(provider, 30, addresses(cluster))
    until(lambda: owners(provider), share)
    assert len(provider.asked(since=healed)) <= 2.05 * 30


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
    until_true(lambda: settled(cluster))
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
    cluster = servers(3, rows=10, extra=extra)
    for node in cluster.nodes[:2]:
        until(lambda: node.rpc("uac.cluster")["live"], 2)
        until_true(lambda: node.stat("uac", "reg_cluster_refused") > 0)
    assert cluster[2].rpc("uac.cluster")["live"] == 1
    assert "check value" in cluster[0].log()
    assert "good" not in cluster[0].log()


@pytest.mark.parametrize("what,extra,words", [
    ("dmq", "", "reg_cluster needs the module dmq"),
    ("state", "", "reg_cluster needs reg_state_table"),
    ("timeout", 'modparam("uac", "reg_cluster_timeout", 3)\n'
     'modparam("uac", "reg_cluster_heartbeat", 2)', "at least twice"),
    ("weight", 'modparam("uac", "reg_cluster_weight", 1001)',
     "reg_cluster_weight is 1001, it must be 0 to 1000"),
    ("order", "", "must be loaded before uac"),
])
def test_what_a_cluster_needs(kam, mariadb, what, extra, words):
    place = places(2)[0]
    text = CONFIG % {"dmq": place.text, "db": mariadb.url, "kdmq": KDMQ,
                     "contact": "127.0.0.1:5060", "extra": extra,
                     "heartbeat": HEARTBEAT, "timeout": TIMEOUT}
    if what in ("dmq", "order"):
        text = text.replace(place.text, "").replace(KDMQ, "")
    if what == "order":
        text = text.replace('modparam("pv"', place.text + '\nmodparam("pv"')
    if what == "state":
        text = text.replace('modparam("uac", "reg_state_table", "uacreg_state")',
                            "")
    node = kam(text, start=False, host=place.host, port=place.port)
    with pytest.raises(AssertionError) as failure:
        kam.start(node)
    assert words in str(failure.value)


def test_a_weight_of_nothing_owns_nothing(servers, provider):
    cluster = servers(2, extra=lambda place: 'modparam("uac", '
                      '"reg_cluster_weight", %d)' % (0 if place.index else 3))
    all_are_from(provider, 30, addresses(cluster)[:1])
    assert cluster[1].stat("uac", "regactive") == 0
    until(lambda: cluster[1].stat("uac", "reg_state_elsewhere"), 30)


def test_an_account_put_in_by_hand_stays_where_it_is(
        servers, provider, mariadb):
    cluster = servers(2, rows=4)
    all_are_from(provider, 4, addresses(cluster))
    for node, name in zip(cluster.nodes, "AB"):
        row = accounts.account(name, provider.addr)
        node.rpc("uac.reg_add", *[row[c] or "." for c in (
            "l_uuid", "l_username", "l_domain", "r_username", "r_domain",
            "realm", "auth_username", "auth_password", "auth_ha1",
            "auth_proxy")], 600, 0, 0, ".", ".")
    for name, addr in zip("AB", addresses(cluster)):
        until(lambda: provider.contacts("r" + name),
              ["sip:%s@%s" % (name, addr)])
    saved(mariadb, 6)
    cluster.kill(0)
    until(lambda: cluster[1].rpc("uac.cluster")["live"], 1)
    all_are_from(provider, 4, addresses(cluster)[1:])
    assert provider.contacts("rB") == ["sip:B@" + addresses(cluster)[1]]


def test_new_accounts_are_registered_by_their_owner(
        servers, provider, mariadb):
    cluster = servers(2, rows=4)
    all_are_from(provider, 4, addresses(cluster))
    mariadb.insert("uacreg", (accounts.account("%d" % i, provider.addr)
                              for i in range(4, 40)))
    for node in cluster.nodes:
        node.rpc("uac.reg_reload")
    all_are_from(provider, 40, addresses(cluster))
    assert len(owners(provider)) == 2
    assert len(provider.asked(code=200)) == 40


def test_a_server_that_comes_back_before_it_was_missed(
        servers, provider, mariadb):
    cluster = servers(2)
    all_are_from(provider, 30, addresses(cluster))
    until_true(lambda: settled(cluster))
    saved(mariadb, 30)
    killed = time.monotonic()
    cluster.kill(0)
    cluster.start(0)
    until_true(lambda: settled(cluster))
    share = cluster[0].rpc("uac.cluster")["nodes"][0]["accounts"]
    until(lambda: cluster[0].stat("uac", "regactive"), share)
    if time.monotonic() - killed < TIMEOUT:
        # nobody had to register anything
        assert provider.asked(since=killed) == []
    all_are_from(provider, 30, addresses(cluster))


def test_the_database_away_costs_only_the_warmth(servers, provider, mariadb):
    cluster = servers(2)
    all_are_from(provider, 30, addresses(cluster))
    until_true(lambda: settled(cluster))
    saved(mariadb, 30)
    mariadb.stop()
    try:
        cluster.kill(0)
        until(lambda: cluster[1].stat("uac", "regactive"), 30, timeout=40)
        until_true(lambda: all(
            any(uri.endswith(addresses(cluster)[1]) for uri in uris)
            for uris in provider.registered().values()))
        assert "can't be told how the accounts of other servers stand" \
            in cluster[1].log()
    finally:
        mariadb.start()


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
    assert live(node) == 2


def test_when_all_leave_they_share_again(servers, provider):
    cluster = servers(2)
    all_are_from(provider, 30, addresses(cluster))
    until_true(lambda: settled(cluster))
    share = owners(provider)
    cluster[0].rpc("uac.cluster_leave")
    all_are_from(provider, 30, addresses(cluster)[1:])
    cluster[1].rpc("uac.cluster_leave")
    until(lambda: owners(provider), share)
    # so a server that left goes on alone when the others fail
    cluster.kill(0)
    all_are_from(provider, 30, addresses(cluster)[1:])


def test_one_that_is_killed_while_it_takes_over_leaves_no_contact_behind(
        servers, provider, mariadb):
    # what it did is not in the table yet
    cluster = servers(2, extra='modparam("uac", "reg_state_interval", 60)')
    until_true(lambda: settled(cluster))
    all_are_from(provider, 30, addresses(cluster))
    cluster[0].stop()
    all_are_from(provider, 30, addresses(cluster)[1:])
    cluster.kill(1)
    cluster.start(0)
    all_are_from(provider, 30, addresses(cluster)[:1])
    cluster.start(1)
    until(lambda: len(owners(provider)), 2)
    all_are_from(provider, 30, addresses(cluster))

def test_an_account_that_was_disabled_leaves_no_contact_behind(
        servers, provider, mariadb):
    cluster = servers(2, rows=10)
    all_are_from(provider, 10, addresses(cluster))
    saved(mariadb, 10)
    for i in range(10):
        cluster[0].rpc("uac.reg_disable", "l_uuid", "%d" % i)
    until(lambda: mariadb.sql("select count(*) from uacreg_state where "
                              "state = 'disabled'"), [["10"]])
    cluster.kill(1)
    until(lambda: [live(cluster[0]), settled(cluster)], [1, True])
    # one that starts now knows it from the table
    cluster.start(1)
    until(lambda: cluster[1].stat("uac", "regdisabled"), 10)
    cluster.kill(1)
    until(lambda: [live(cluster[0]), settled(cluster)], [1, True])
    for i in range(10):
        cluster[0].rpc("uac.reg_enable", "l_uuid", "%d" % i)
    all_are_from(provider, 10, addresses(cluster)[:1])


def test_a_server_that_starts_answers_at_once(servers, provider, mariadb,
                                              udp):
    cluster = servers(2, rows=10)
    all_are_from(provider, 10, addresses(cluster))
    saved(mariadb, 10)
    cluster.kill(0)
    cluster.start(0)
    answers = [options(cluster[0], udp(), "sip:%d@x" % i).reason.split()[1:3]
               for i in range(10)]
    assert answers == [["1", "1"]] * 10


def test_doubt_is_handed_on_with_the_account(servers, provider, mariadb):
    # server 2 registered, and what it did is in no row when it is killed; what
    # it does not know in its next life it can't tell when it gives accounts away
    cluster = servers(2, extra='modparam("uac", "reg_state_interval", 60)')
    until_true(lambda: settled(cluster))
    all_are_from(provider, 30, addresses(cluster))
    cluster[0].stop()
    all_are_from(provider, 30, addresses(cluster)[1:])
    cluster.kill(1)
    # nobody answers: it takes all, and is not told whether that came through
    provider.answer_as = lambda request: 503
    cluster.start(1)
    until_true(lambda: cluster[1].stat("uac", "reg_state_backoff") > 0)
    cluster.start(0)
    until_true(lambda: settled(cluster))
    provider.answer_as = lambda request: None
    until(lambda: {uri.split("@")[1] for uris in
                   provider.registered().values() for uri in uris}
          >= set(addresses(cluster)), True, timeout=40)
    all_are_from(provider, 30, addresses(cluster))
    assert len(owners(provider)) == 2
