# SPDX-License-Identifier: GPL-2.0-or-later
"""Three servers that share their accounts by reg_cluster, over MariaDB, with
the default heartbeat and timeout: one is killed, one comes, and then a hundred
times one of them is killed, stopped, started, or gives all away for a while.

BENCH_CLUSTER sets the accounts, 30,000 by default; BENCH_EVENTS how many times
something happens, with a tenth of the accounts, 100 by default. The registrar
looks every 100 ms whether an account is registered from two living servers.
"""

import contextlib
import os
import random
import time

from kamtest import accounts
from kamtest.cluster import KDMQ, UAC, Cluster
from kamtest.kamailio import Kamailio
from kamtest.mariadb import MariaDB
from stub import Stub, rows

ACCOUNTS = int(os.environ.get("BENCH_CLUSTER", "30000"))
EVENTS = int(os.environ.get("BENCH_EVENTS", "100"))
TIMEOUT_S = 6
WAIT_S = 120

CONFIG = UAC + """
    modparam("uac", "reg_retry_interval", 10)
    request_route { %(kdmq)s exit; }
"""


class Servers:
    """A factory of servers, as tests/conftest.py has one for tests."""

    def __init__(self):
        self.made = []

    def __call__(self, config, start=True, **options):
        self.made.append(Kamailio(config, **options))
        return self.made[-1]

    def start(self, server):
        return server.start(timeout=120)

    def close(self):
        for server in self.made:
            server.remove()


@contextlib.contextmanager
def world(count, n=3):
    """(cluster, stub) with so many accounts."""
    servers = Servers()
    with MariaDB(("standard", "uac", "uacreg_state")) as db, Stub() as stub:
        db.insert("uacreg", rows(stub.addr, count))
        cluster = Cluster(
            servers, n, lambda place: CONFIG % {
                "dmq": place.text, "db": db.url, "kdmq": KDMQ,
                "contact": "%s:%d" % (place.host, place.port)},
            children=2, shm=64 + count // 100)
        try:
            yield cluster, stub
        finally:
            servers.close()


class Watch:
    """What the registrar sees of the servers that live."""

    def __init__(self, cluster, stub, count):
        self.cluster = cluster
        self.stub = stub
        self.count = count

    def addrs(self):
        return ["%s:%d" % node.addr for node in self.cluster.alive()]

    def now(self):
        return self.stub.live(self.addrs())

    def is_whole(self, who):
        """Every account is registered from exactly one."""
        return who.one == self.count

    def wait(self, done=None):
        """Until it is, and done(); seconds that took, or None."""
        began = time.monotonic()
        while time.monotonic() - began < WAIT_S:
            who = self.now()
            if self.is_whole(who) and (done is None or done(who)):
                return time.monotonic() - began
            time.sleep(0.05)
        return None


def _saved(cluster):
    """Wait until what changed is saved: the interval, and the writing."""
    time.sleep(7)


def _kill(watch):
    """One is killed: when its accounts are back, at which price."""
    before = watch.now()
    lost = before.by[watch.addrs()[0]]
    watch.stub.seen("reset")
    began = time.monotonic()
    watch.cluster.kill(0)
    took = watch.wait()
    total = time.monotonic() - began
    seen = watch.stub.seen()
    yield ("killed -9: seconds until its accounts are registered from others",
           "%.1f" % total, "<= %d" % (TIMEOUT_S + 10),
           took is not None and total <= TIMEOUT_S + 10)
    yield ("its accounts; accounts that were registered anew",
           "%d; %d" % (lost, seen.accounts), "the same", seen.accounts == lost)
    yield ("REGISTERs for each of them", "%.3f" % (seen.total / lost),
           "<= 2.05", seen.total <= 2.05 * lost)


def _join(watch):
    """It comes back: what moves is its share."""
    watch.stub.seen("reset")
    watch.cluster.start(0)
    share = watch.count / len(watch.cluster)
    node = watch.cluster[0]
    addr = "%s:%d" % node.addr

    def has_all(who):
        own = node.rpc("uac.cluster")["nodes"][0]
        return own["settled"] and who.by[addr] == own["accounts"] \
            == node.stat("uac", "regactive")
    took = watch.wait(has_all)
    moved = watch.stub.seen().accounts
    yield ("joins: accounts that move, of its share", "%d of %d" % (
        moved, share), "within 10 %",
        took is not None and abs(moved - share) <= 0.1 * share)
    yield ("seconds until all are registered from their owner",
           "%.1f" % took if took is not None else "never", "", True)


def _events(watch, rng):
    """Things happen; the longest anybody was registered from two."""
    cluster, away, failed = watch.cluster, set(), 0
    for i in range(EVENTS):
        alive = [k for k in range(len(cluster)) if cluster[k].alive()]
        dead = [k for k in range(len(cluster)) if k not in alive]
        if dead and (len(alive) == 1 or rng.random() < 0.5):
            cluster.start(rng.choice(dead))
        elif len(alive) - len(away) > 1 or not dead:
            _happen(cluster, rng.choice(alive), rng, away)
        watch.now()
        # some are disturbed before the last thing that happened is over
        if rng.random() < 0.3:
            time.sleep(rng.random() * 3)
        elif watch.wait() is None:
            failed += 1
    return failed


def _happen(cluster, k, rng, away):
    what = rng.choice(("kill", "stop", "leave"))
    if k in away:
        cluster[k].rpc("uac.cluster_join")
        away.discard(k)
    elif what == "kill":
        cluster.kill(k)
    elif what == "stop":
        cluster[k].stop()
    elif len(cluster.alive()) - len(away) > 1:
        cluster[k].rpc("uac.cluster_leave")
        away.add(k)
    away &= {i for i in range(len(cluster)) if cluster[i].alive()}


def run():
    with world(ACCOUNTS) as (cluster, stub):
        watch = Watch(cluster, stub, ACCOUNTS)
        began = time.monotonic()
        took = watch.wait()
        who = watch.now()
        yield ("%d accounts on three servers: seconds to the first 200 of all"
               % ACCOUNTS, "%.1f" % (time.monotonic() - began), "",
               took is not None)
        share = ACCOUNTS / 3
        yield ("shares, of the mean", "%.3f to %.3f" % (
            min(who.by.values()) / share, max(who.by.values()) / share), "",
            True)
        _saved(cluster)
        yield from _kill(watch)
        _saved(cluster)
        yield from _join(watch)
    count = ACCOUNTS // 10
    with world(count) as (cluster, stub):
        watch = Watch(cluster, stub, count)
        watch.wait()
        _saved(cluster)
        watch.now()
        failed = _events(watch, random.Random(8))
        who = watch.now()
        yield ("%d joins, leaves, kills: longest from two living servers, ms"
               % EVENTS, who.longest_ms, "<= %d" % (TIMEOUT_S * 1000),
               who.longest_ms <= TIMEOUT_S * 1000)
        yield ("of them, not whole within %d s" % WAIT_S, failed, 0,
               failed == 0)
