# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts that start together at a registrar that challenges.

BENCH_ACCOUNTS sets how many, 10,000 by default.
"""

import os
import tempfile
import time

from kamtest import accounts
from kamtest.kamailio import Kamailio
from stub import Stub

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "10000"))


def run():
    # so many accounts were asked for so many seconds at most
    limit_s, most = (10, 2.05) if ACCOUNTS <= 10000 else (25, 2.02)
    with tempfile.TemporaryDirectory(prefix="kx-bench-") as work, \
            Stub() as stub:
        path = os.path.join(work, "uac.db")
        accounts.create(path)
        accounts.insert(path, (accounts.account(
            "u%d" % i, stub.addr, r_username="u%d" % i,
            auth_username="u%d" % i, auth_password="p%d" % i)
            for i in range(ACCOUNTS)))
        kamailio = Kamailio(accounts.config(accounts.url(path)), children=2,
                            shm=64 + ACCOUNTS // 100)
        began = time.monotonic()
        kamailio.start(timeout=180)
        try:
            ready = time.monotonic()
            end = ready + 120
            while time.monotonic() < end:
                active = kamailio.stat("uac", "regactive")
                if active == ACCOUNTS:
                    break
                time.sleep(0.05)
            took = time.monotonic() - ready
            time.sleep(0.5)
            seen = stub.seen()
            active = kamailio.stat("uac", "regactive")
        finally:
            kamailio.remove()
    ratio = seen.total / ACCOUNTS
    yield ("rows from SQLite, default private memory, seconds",
           "%.2f" % (ready - began), "loads", seen.accounts == ACCOUNTS)
    yield ("REGISTER per account", "%.3f" % ratio, "<= %.2f" % most,
           ratio <= most)
    yield ("seconds until all are registered", "%.2f" % took,
           "<= %d" % limit_s, active == ACCOUNTS and took <= limit_s)
    yield ("regactive at the end", active, ACCOUNTS, active == ACCOUNTS)
    yield ("online at the registrar", seen.online, ACCOUNTS,
           seen.online == ACCOUNTS)
    yield ("wrong digests", seen.wrong, 0, seen.wrong == 0)
    # the first and the last second are not whole ones
    seconds = [n for n in seen.per_second if n > 0][1:-1]
    if len(seconds) >= 3:
        peak = max(seconds) / (sum(seconds) / len(seconds))
        yield ("busiest second against the mean", "%.2f" % peak, "<= 1.5",
               peak <= 1.5)
