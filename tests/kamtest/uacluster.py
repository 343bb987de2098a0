# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers that share their accounts by reg_cluster, in a test: fixtures to
import, and questions."""

import pytest

from . import accounts
from .cluster import CUT, CUT_PARAM, KDMQ, UAC, Cluster, places
from .fakenode import FakeNode
from .mariadb import MariaDB
from .regs import provider  # noqa: F401
from .wait import until, until_true

HEARTBEAT = 1
TIMEOUT = 3

CONFIG = UAC + """
    %(cut_param)s
    modparam("uac", "reg_retry_interval", 5)
    modparam("uac", "reg_timer_interval", 5)
    modparam("uac", "reg_state_interval", 1)
    modparam("uac", "reg_cluster_heartbeat", %(heartbeat)d)
    modparam("uac", "reg_cluster_timeout", %(timeout)d)
    %(extra)s
    request_route {
        %(cut)s
        %(kdmq)s
        $var(r) = uac_reg_status("$rU");
        $var(dst) = "-";
        $var(l) = uac_reg_lookup("$rU", "$var(dst)");
        sl_send_reply("299", "is $var(r) $var(l) $var(dst) $(uac_reg($rU=>owner))");
    }
"""


def config(place, mariadb, contact=None, extra=""):
    """kamailio.cfg of the server at a Place; contact: where it says to the
    provider that it is, its own address by default."""
    return CONFIG % {
        "dmq": place.text, "db": mariadb.url,
        "contact": contact or "%s:%d" % (place.host, place.port),
        "extra": extra, "heartbeat": HEARTBEAT, "timeout": TIMEOUT,
        "kdmq": KDMQ, "cut": CUT, "cut_param": CUT_PARAM}


@pytest.fixture(scope="module")
def mariadb():
    with MariaDB(("standard", "uac", "uacreg_state")) as db:
        yield db


@pytest.fixture
def servers(kam, mariadb, provider):
    """servers(count, rows) -> Cluster, all of whose accounts are at the
    provider. Started, and settled unless they do not get there (settle=False):
    who came last may have taken its share of what the others registered."""
    def run(count, rows=30, extra="", contact=None, start=True, settle=True,
            **options):
        mariadb.sql("delete from uacreg; delete from uacreg_state")
        mariadb.insert("uacreg", (
            accounts.account("%d" % i, provider.addr, **options)
            for i in range(rows)))

        def of(place):
            return config(place, mariadb, contact,
                          extra if isinstance(extra, str) else extra(place))
        cluster = Cluster(kam, count, of, start=start)
        if start and settle:
            until_true(lambda: settled(cluster))
        return cluster
    return run


def addresses(cluster):
    return ["%s:%d" % node.addr for node in cluster.nodes]


def owners(provider):
    """How many accounts are registered from which server; "several": those
    that are from more than one, as it can be for a moment."""
    counts = {}
    for uris in provider.registered().values():
        if len(uris) > 1:
            counts["several"] = counts.get("several", 0) + 1
            continue
        host = uris[0].split("@")[1]
        counts[host] = counts.get(host, 0) + 1
    return counts


def saved(mariadb, rows):
    """Wait until what is registered is in the table, all of it."""
    until(lambda: mariadb.sql(
        "select count(*) from uacreg_state where registered_until > 0"),
        [[str(rows)]])


def all_are_from(provider, rows, hosts):
    """Wait until all are registered, each once, from these servers."""
    def wrong():
        found = provider.registered()
        return {user: found.get(user) for user in
                ("r%d" % i for i in range(rows))
                if len(found.get(user, ())) != 1
                or found[user][0].split("@")[1] not in hosts}
    until(wrong, {})


def settled(cluster):
    """Whether every server that runs knows the others, and all have settled."""
    return all_settled(cluster.alive())


def all_settled(nodes):
    """The same of servers that all run."""
    for node in nodes:
        told = node.rpc("uac.cluster")
        if told["live"] != len(nodes) or not all(
                n["settled"] for n in told["nodes"] if n["state"] != "gone"):
            return False
    return True


@pytest.fixture
def played(kam, mariadb, provider):
    """(server, fake): one server of ours, and one that the test plays, both
    live to each other."""
    mariadb.sql("delete from uacreg; delete from uacreg_state")
    mariadb.insert("uacreg", (accounts.account("%d" % i, provider.addr)
                              for i in range(10)))
    ours, other = places(2)
    with FakeNode(other) as fake:
        node = kam(config(ours, mariadb), host=ours.host, port=ours.port)
        until_true(lambda: fake.heard)
        yield node, fake


def live(node):
    return node.rpc("uac.cluster")["live"]
