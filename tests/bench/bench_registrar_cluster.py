# SPDX-License-Identifier: GPL-2.0-or-later
"""Three registrars that share bindings, one killed under load.

The first node is ended by SIGKILL while it is sent 1,000 REGISTER a second:
which bindings that it had answered are not found at the others, and how long
before the kill the oldest of them was answered; also where the first datagram
of each change is lost. Then how long a node that starts needs to know all
bindings of another, and what a REGISTER takes of shared memory for the binding
and the message to one node. BENCH_SHARED sets how many bindings (20,000).
"""

import os
import time

from kamtest.cluster import Cluster
from kamtest.flood import Flood, Loss
from kamtest.kamailio import Kamailio
from kamtest.mariadb import MariaDB
from kamtest.shared import by_database, by_dmq, by_lossy_dmq

RATE, SECONDS = 1000, 3
BINDINGS = int(os.environ.get("BENCH_SHARED", "20000"))
START_S = 60


class Servers:
    """What Cluster makes its nodes with."""

    def __init__(self):
        self.made = []

    def __call__(self, config, start=True, **options):
        self.made.append(Kamailio(config, debug=0, **options))
        return self.made[-1]

    def start(self, server):
        return server.start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        for server in self.made:
            server.remove()


def _killed(name, make, most_ms):
    with Servers() as servers:
        loss = Loss(Cluster(servers, 3, make, shm=256, children=4), RATE,
                    SECONDS, "flood")
    yield ("%s: answered, REGISTER/s" % name, "%.0f" % loss.rate, "", True)
    yield ("%s: missing of %d, oldest" % (name, len(loss.acked)),
           "%d, %.0f ms" % (loss.count(), loss.age() * 1000),
           "<= %d ms" % most_ms, loss.age() * 1000 <= most_ms)


def _contacts(server):
    lines = server.rpc("stats.get_statistics", "usrloc:")
    return int(next(line for line in lines if "location_contacts" in line
                    or "location-contacts" in line).split("=")[1])


def _start():
    with Servers() as servers:
        cluster = Cluster(servers, 2, by_dmq, start=False, shm=512,
                          children=4)
        cluster.start(0)
        flood = Flood("start")
        flood.register(cluster[0].addr, 2000, BINDINGS / 2000)
        began = time.monotonic()
        cluster.start(1)
        while _contacts(cluster[1]) < len(flood.acked) \
                and time.monotonic() - began < START_S:
            time.sleep(0.05)
        took = time.monotonic() - began
        yield ("start, seconds until %d bindings are known"
               % len(flood.acked), "%.1f" % took, "< %d" % START_S,
               took < START_S)
        cluster.wait()
        time.sleep(10)  # what the start took is freed
        before = cluster[0].rpc("core.shmmem")["real_used"]
        known = len(flood.acked)
        flood.register(cluster[0].addr, RATE, 5)
        used = cluster[0].rpc("core.shmmem")["real_used"] - before
        yield ("shared memory in 5 s of it, bytes per REGISTER",
               "%.0f" % (used / max(1, len(flood.acked) - known)), "", True)
        flood.close()


def run():
    yield from _killed("dmq_usrloc", by_dmq, 1000)
    yield from _killed("dmq_usrloc losing datagrams", by_lossy_dmq,
                       1000)
    with MariaDB(("standard", "usrloc")) as server:
        yield from _killed("db_mode 3", by_database(server.url), 0)
    yield from _start()
