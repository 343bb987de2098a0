# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts shared among servers: reg_cluster. The remote registrar tells who
is registered, by whom, with which Call-ID and CSeq."""

import time

import pytest

from kamtest import accounts
from kamtest.cluster import KDMQ, cut, places
from kamtest.regs import options
from kamtest.uacluster import (HEARTBEAT, TIMEOUT, addresses, all_are_from,
                               config, live, mariadb, owners, provider, saved,
                               servers, settled)  # noqa: F401
from kamtest.wait import PATIENCE, until, until_true

# a server is missed late, for what has to happen before
PATIENT = 'modparam("uac", "reg_cluster_timeout", %d)' % PATIENCE


def test_each_account_is_registered_by_one(servers, provider):
    cluster = servers(2)
    all_are_from(provider, 30, addresses(cluster))
    counts = owners(provider)
    assert set(counts) == set(addresses(cluster))
    assert min(counts.values()) >= 5
    # once, but for those of a server that was there before the others
    assert len([r for r in provider.asked(code=200)
                if len(r.contacts) == 1]) == 30
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
    cluster = servers(2, extra=PATIENT)
    all_are_from(provider, 30, addresses(cluster))
    before = {r.user: r for r in provider.asked(code=200)}
    stopped = time.monotonic()
    cluster[0].stop()
    all_are_from(provider, 30, addresses(cluster)[1:])
    # it did not have to be missed first
    assert time.monotonic() - stopped < PATIENCE - HEARTBEAT
    for r in provider.asked(since=stopped):
        assert (r.callid, r.cseq) == (before[r.user].callid,
                                      before[r.user].cseq + 1)
        # the nonce goes on as well: one message each
        assert r.code == 200
    # and takes its share when it comes back
    cluster.start(0)
    all_are_from(provider, 30, addresses(cluster))
    until(lambda: set(owners(provider)), set(addresses(cluster)))
    assert provider.double_for == 0


def test_a_shared_address_waits_for_the_refresh(servers, provider, mariadb):
    cluster = servers(2, contact="192.0.2.1:5060")
    until_true(lambda: len(provider.registered()) == 30)
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
    for i in range(10):
        cluster[0].rpc("uac.reg_disable", "l_uuid", "%d" % i)
    for node in cluster.nodes:
        until(lambda: node.stat("uac", "regdisabled"), 10)
    # also of a server that takes over
    cluster[1].stop()
    until(lambda: cluster[0].rpc("uac.cluster")["live"], 1)
    asked = time.monotonic()
    for i in range(10):
        cluster[0].rpc("uac.reg_enable", "l_uuid", "%d" % i)
    until(lambda: {r.user for r in provider.asked(since=asked, code=200)},
          {"r%d" % i for i in range(10)})
    cluster[0].rpc("uac.reg_unregister", "l_uuid", "3")
    until(lambda: provider.contacts("r3"), [])


def test_a_server_gives_all_away_and_comes_back(servers, provider):
    cluster = servers(2)
    all_are_from(provider, 30, addresses(cluster))
    cluster[0].rpc("uac.cluster_leave")
    all_are_from(provider, 30, addresses(cluster)[1:])
    assert cluster[0].stat("uac", "regactive") == 0
    cluster[0].rpc("uac.cluster_join")
    until(lambda: set(owners(provider)), set(addresses(cluster)))
    all_are_from(provider, 30, addresses(cluster))
    assert provider.double_for == 0


def test_a_network_that_is_cut_and_heals(servers, provider, mariadb):
    cluster = servers(2)
    all_are_from(provider, 30, addresses(cluster))
    share = dict(owners(provider))
    before = provider.registered()
    saved(mariadb, 30)
    began = time.monotonic()
    cut(cluster, True)
    for node in cluster.nodes:
        until(lambda: node.rpc("uac.cluster")["live"], 1)
    # each serves all accounts in its own view, and takes the other's contacts
    # away; what one took before the other had missed it may be taken back
    until(lambda: {r.user for r in provider.asked(since=began, code=200)
                   if (before[r.user][0], 0) in r.contacts}, set(before))
    for node in cluster.nodes:
        until(lambda: node.stat("uac", "regactive"), 30)
    all_are_from(provider, 30, addresses(cluster))
    # who had them before refreshes some, and there are two contacts
    refreshed = time.monotonic()
    for node in cluster.nodes:
        for i in range(0, 30, 3):
            node.rpc("uac.reg_register", "l_uuid", "%d" % i)
    until_true(lambda: any(len(u) == 2
                           for u in provider.registered().values()))
    until(lambda: len(provider.asked(since=refreshed, code=200)), 20)
    healed = time.monotonic()
    cut(cluster, False)
    for node in cluster.nodes:
        until(lambda: node.rpc("uac.cluster")["live"], 2, timeout=40)
    until_true(lambda: settled(cluster))
    all_are_from(provider, 30, addresses(cluster))
    until(lambda: owners(provider), share)
    assert len(provider.asked(since=healed)) <= 2.05 * 30


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
    text = config(place, mariadb, extra=extra)
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
    asked = len(provider.asked(code=200))
    mariadb.insert("uacreg", (accounts.account("%d" % i, provider.addr)
                              for i in range(4, 40)))
    for node in cluster.nodes:
        node.rpc("uac.reg_reload")
    all_are_from(provider, 40, addresses(cluster))
    assert set(owners(provider)) == set(addresses(cluster))
    assert len(provider.asked(code=200)) - asked == 36


def test_a_server_that_comes_back_before_it_was_missed(
        servers, provider, mariadb):
    cluster = servers(2, extra=PATIENT)
    all_are_from(provider, 30, addresses(cluster))
    saved(mariadb, 30)
    killed = time.monotonic()
    cluster.kill(0)
    cluster.start(0)
    until_true(lambda: settled(cluster))
    share = cluster[0].rpc("uac.cluster")["nodes"][0]["accounts"]
    until(lambda: cluster[0].stat("uac", "regactive"), share)
    # nobody had to register anything
    assert time.monotonic() - killed < PATIENCE - HEARTBEAT
    assert provider.asked(since=killed) == []
    all_are_from(provider, 30, addresses(cluster))


def test_the_database_away_costs_only_the_warmth(servers, provider, mariadb):
    cluster = servers(2)
    all_are_from(provider, 30, addresses(cluster))
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


def test_when_all_leave_they_share_again(servers, provider):
    cluster = servers(2)
    all_are_from(provider, 30, addresses(cluster))
    share = owners(provider)
    cluster[0].rpc("uac.cluster_leave")
    all_are_from(provider, 30, addresses(cluster)[1:])
    cluster[1].rpc("uac.cluster_leave")
    until(lambda: owners(provider), share)
    # so a server that left goes on alone when the others fail
    cluster.kill(0)
    all_are_from(provider, 30, addresses(cluster)[1:])


def killed_after_a_take_over(servers, provider):
    """Two servers: the first was stopped, the second took all and was killed;
    what it did is in no row."""
    cluster = servers(2, extra='modparam("uac", "reg_state_interval", 60)')
    all_are_from(provider, 30, addresses(cluster))
    cluster[0].stop()
    all_are_from(provider, 30, addresses(cluster)[1:])
    cluster.kill(1)
    return cluster


def test_one_that_is_killed_while_it_takes_over_leaves_no_contact_behind(
        servers, provider, mariadb):
    cluster = killed_after_a_take_over(servers, provider)
    cluster.start(0)
    all_are_from(provider, 30, addresses(cluster)[:1])
    cluster.start(1)
    until(lambda: set(owners(provider)), set(addresses(cluster)))
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
    # what server 2 does not know in its next life it can't tell when it gives
    # accounts away
    cluster = killed_after_a_take_over(servers, provider)
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
    assert set(owners(provider)) == set(addresses(cluster))
