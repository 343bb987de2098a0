# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts that start together at a registrar that challenges.

Ours, then the packaged uac.so with as much private memory as it wants: with
the default it loads none of so many rows. BENCH_ACCOUNTS sets how many,
10,000 by default; a side that is not done after two minutes is stopped.
"""

import os
import tempfile
import time

from kamtest import accounts
from kamtest.kamailio import Kamailio
from stub import Stub, rows

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "10000"))
WAIT_S = 120


class Start:
    """One server that starts and registers them all."""

    def __init__(self, work, **options):
        path = os.path.join(work, "uac.db")
        accounts.create(path)
        with Stub() as stub:
            accounts.insert(path, rows(stub.addr, ACCOUNTS))
            self._run(accounts.config(accounts.url(path)), stub, options)

    def _run(self, text, stub, options):
        kamailio = Kamailio(text, children=2, shm=64 + ACCOUNTS // 100,
                            **options)
        began = time.monotonic()
        kamailio.start(timeout=180)
        try:
            ready = time.monotonic()
            self.load_s = ready - began
            while (stub.seen().online < ACCOUNTS
                   and time.monotonic() < ready + WAIT_S):
                time.sleep(0.05)
            self.took_s = time.monotonic() - ready
            time.sleep(1)
            self.seen = stub.seen()
            self.active = kamailio.stat("uac", "regactive")
        finally:
            kamailio.remove()

    @property
    def peak(self):
        return self.seen.peak()


def _ours(one):
    # so many accounts were asked for so many seconds at most
    limit_s, most = (10, 2.05) if ACCOUNTS <= 10000 else (25, 2.02)
    seen = one.seen
    ratio = seen.total / ACCOUNTS
    yield ("rows from SQLite, default private memory, seconds",
           "%.2f" % one.load_s, "loads", seen.accounts == ACCOUNTS)
    yield ("REGISTER per account", "%.3f" % ratio, "<= %.2f" % most,
           ratio <= most)
    yield ("seconds until all are registered", "%.2f" % one.took_s,
           "<= %d" % limit_s,
           seen.online == ACCOUNTS and one.took_s <= limit_s)
    yield ("regactive at the end", one.active, ACCOUNTS,
           one.active == ACCOUNTS)
    yield ("online at the registrar", seen.online, ACCOUNTS,
           seen.online == ACCOUNTS)
    yield ("wrong digests", seen.wrong, 0, seen.wrong == 0)
    if one.peak is not None:
        yield ("busiest second against the mean", "%.2f" % one.peak,
               "<= 1.5", one.peak <= 1.5)


def _packaged(one):
    yield ("packaged: REGISTER per account",
           "%.3f" % (one.seen.total / ACCOUNTS), "", True)
    yield ("packaged: seconds until all are registered",
           "%.2f" % one.took_s if one.seen.online == ACCOUNTS
           else "%d not after %d" % (ACCOUNTS - one.seen.online, WAIT_S),
           "", True)
    yield ("packaged: regactive at the end", one.active, "", True)
    if one.peak is not None:
        yield ("packaged: busiest second against the mean",
               "%.2f" % one.peak, "", True)


def run():
    for show, options in ((_ours, {}),
                          (_packaged, {"modules": "stock", "pkg": 1024})):
        with tempfile.TemporaryDirectory(prefix="kx-bench-") as work:
            yield from show(Start(work, **options))
