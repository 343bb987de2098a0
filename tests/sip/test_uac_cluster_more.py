# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts shared among servers: what is rare. Stops, commands and changes of
the table at the wrong moment, a server that can't do its part."""

import time

from kamtest import accounts
from kamtest.cluster import places
from kamtest.uacluster import (addresses, all_are_from, config, live, mariadb,
                               owners, played, provider, saved, servers,
                               settled)  # noqa: F401
from kamtest.wait import until, until_true


def states(node):
    """l_uuid -> its state at a server."""
    return {a["l_uuid"]: a["state"] for a in
            node.rpc("uac.reg_list", "all", 0, 100)["accounts"]}


def add(node, row):
    node.rpc("uac.reg_add", *[row[k] or "." for k in (
        "l_uuid", "l_username", "l_domain", "r_username", "r_domain", "realm",
        "auth_username", "auth_password", "auth_ha1", "auth_proxy")],
        600, 0, 0, ".", ".")


def test_the_last_server_that_unregisters_comes_back(
        servers, provider, mariadb):
    cluster = servers(1, rows=4, extra='modparam("uac", "reg_unregister_on", '
                      '"shutdown")')
    all_are_from(provider, 4, addresses(cluster))
    saved(mariadb, 4)
    cluster[0].stop()
    until(provider.registered, {})
    cluster.start(0)
    all_are_from(provider, 4, addresses(cluster))


def test_what_the_table_disables_stays_disabled(servers, provider, mariadb):
    cluster = servers(2, rows=10)
    all_are_from(provider, 10, addresses(cluster))
    saved(mariadb, 10)
    mariadb.sql("update uacreg set flags = 1")
    for node in cluster.nodes:
        node.rpc("uac.reg_reload")
    for node in cluster.nodes:
        until(lambda: set(states(node).values()), {"disabled"})
    until(lambda: mariadb.sql("select distinct state from uacreg_state"),
          [["disabled"]])
    asked = len(provider.asked())
    cluster.kill(0)
    until(lambda: [live(cluster[1]), settled(cluster)], [1, True])
    cluster.start(0)
    until(lambda: [live(cluster[1]), settled(cluster)], [2, True])
    for node in cluster.nodes:
        assert set(states(node).values()) == {"disabled"}
        assert node.stat("uac", "regactive") == 0
    assert len(provider.asked()) == asked


def test_no_identity_is_made_of_half_a_row(servers, provider, mariadb):
    cluster = servers(2, rows=10,
                      extra='modparam("uac", "reg_keep_callid", 1)')
    all_are_from(provider, 10, addresses(cluster))
    saved(mariadb, 10)
    until(lambda: sum(s == "elsewhere" and 1 or 0 for node in cluster.nodes
                      for s in states(node).values()), 10)
    lost = {u for u, uris in provider.registered().items()
            if uris[0].endswith(addresses(cluster)[0])}
    mariadb.sql("delete from uacreg_state")
    killed = time.monotonic()
    cluster.kill(0)
    until(lambda: {r.user for r in provider.asked(since=killed, code=200)},
          lost)
    ids = [r.callid for r in provider.asked(since=killed, code=200)]
    assert len(set(ids)) == len(lost)
    assert not any(set(i) == {"0"} for i in ids)


def test_an_account_put_in_by_hand_that_comes_to_the_table_is_shared(
        servers, provider, mariadb):
    cluster = servers(2, rows=2)
    all_are_from(provider, 2, addresses(cluster))
    rows = [accounts.account(str(i), provider.addr) for i in range(2, 14)]
    for row in rows:
        add(cluster[0], row)
    mariadb.insert("uacreg", rows)
    for node in cluster.nodes:
        node.rpc("uac.reg_reload")
    until(lambda: set(owners(provider)), set(addresses(cluster)))
    all_are_from(provider, 14, addresses(cluster))
    told = [{a["l_uuid"]: a["owner"] for a in node.rpc(
        "uac.reg_list", "all", 0, 100)["accounts"]} for node in cluster.nodes]
    assert told[0] == told[1]


def test_put_in_at_both_it_is_registered_by_both(servers, provider, mariadb):
    cluster = servers(2, rows=2)
    all_are_from(provider, 2, addresses(cluster))
    for node in cluster.nodes:
        add(node, accounts.account("zz", provider.addr))
    until(lambda: len(provider.contacts("rzz")), 2)
    until(lambda: mariadb.sql("select count(*) from uacreg_state where "
                              "l_uuid = 'zz'"), [["1"]])
    cluster[0].rpc("uac.cluster_leave")
    all_are_from(provider, 2, addresses(cluster)[1:])
    until_true(lambda: settled(cluster))
    assert len(provider.contacts("rzz")) == 2


def test_what_was_given_to_one_that_vanished_goes_on(
        played, provider, mariadb):
    node, fake = played
    until(lambda: len(provider.registered()), 10)
    saved(mariadb, 10)
    before = {r.user: r for r in provider.asked(code=200)}
    fake.send(node, fake.alive(node))
    until(lambda: live(node), 2)
    until_true(lambda: node.stat("uac", "reg_state_elsewhere") > 0)
    until(lambda: node.rpc("uac.cluster")["nodes"][0]["settled"], 1)
    fake.send(node, fake.alive(node, gone=1))
    until(lambda: live(node), 1)
    until(lambda: set(states(node).values()), {"online"})
    assert len(provider.asked()) == 20  # and nobody had to register
    assert {r.user for r in provider.asked(code=200)} == set(before)


def test_unregistered_while_nobody_has_it(servers, provider, mariadb):
    cluster = servers(2, rows=10)
    all_are_from(provider, 10, addresses(cluster))
    saved(mariadb, 10)
    lost = [u for u, uris in provider.registered().items()
            if uris[0].endswith(addresses(cluster)[0])]
    cluster.kill(0)
    for user in lost:
        cluster[1].rpc("uac.reg_unregister", "l_uuid", user[1:])
    until(lambda: [u for u in lost if provider.contacts(u)], [])
    until(lambda: {states(cluster[1])[u[1:]] for u in lost}, {"unregistered"})


def test_disabled_accounts_are_nobodys(servers, provider, mariadb):
    cluster = servers(2, rows=10)
    all_are_from(provider, 10, addresses(cluster))
    for i in range(10):
        cluster[0].rpc("uac.reg_disable", "l_uuid", "%d" % i)
    until(lambda: mariadb.sql("select distinct state from uacreg_state"),
          [["disabled"]])
    for node in cluster.nodes:
        until(lambda: [node.stat("uac", "regactive"),
                       node.stat("uac", "regdisabled")], [0, 10])
        assert not any(a["online"] for a in node.rpc(
            "uac.reg_list", "all", 0, 100)["accounts"])


def test_a_server_that_can_not_read_its_accounts_has_no_share(
        kam, provider, mariadb, servers):
    mariadb.sql("delete from uacreg; delete from uacreg_state")
    mariadb.insert("uacreg", (accounts.account("%d" % i, provider.addr)
                              for i in range(10)))
    nodes = []
    for place, table in zip(places(2), ("uacreg", "no_such_table")):
        nodes.append(kam(config(
            place, mariadb,
            extra='modparam("uac", "reg_db_table", "%s")' % table),
            host=place.host, port=place.port))
    until(lambda: [live(node) for node in nodes], [2, 2])
    all_are_from(provider, 10, ["%s:%d" % nodes[0].addr])
    assert nodes[0].rpc("uac.cluster")["nodes"][1]["weight"] == 0


def test_a_row_of_a_server_that_is_not_there_changes_nothing(
        servers, provider, mariadb):
    cluster = servers(1, rows=6)
    all_are_from(provider, 6, addresses(cluster))
    saved(mariadb, 6)
    other = "sip:%s:9" % cluster[0].host
    row = mariadb.sql("select contact from uacreg_state where l_uuid='3'")
    assert row == [["sip:3@" + addresses(cluster)[0]]]
    mariadb.sql("update uacreg_state set node='%s', contact='sip:3@192.0.2.3',"
                " saved=unix_timestamp() where l_uuid='3'" % other)
    asked = len(provider.asked())
    until_true(lambda: cluster[0].stat("uac", "reg_kept_saved") >= 6)
    time.sleep(2.5)
    assert len(provider.asked()) == asked


def test_a_late_row_of_another_server_is_repaired(played, provider, mariadb):
    node, fake = played
    until(lambda: len(provider.registered()), 10)
    saved(mariadb, 10)
    fake.send(node, fake.alive(node, weight=0))
    until(lambda: live(node), 2)
    until(lambda: node.rpc("uac.cluster")["nodes"][0]["settled"], 1)
    mariadb.sql("update uacreg_state set node='%s', contact='sip:3@192.0.2.3',"
                " saved=unix_timestamp() where l_uuid='3'" % fake.name)
    began = time.monotonic()

    def repaired():
        fake.send(node, fake.alive(node, weight=0))
        return [r.contacts[1] for r in provider.asked("r3", began, 200)]
    until(repaired, [("sip:3@192.0.2.3", 0)])
    until(lambda: mariadb.sql("select node from uacreg_state where "
                              "l_uuid='3'"), [[node.uri]])
