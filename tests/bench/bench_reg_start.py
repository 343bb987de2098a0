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
        with kamailio:
            ready = time.monotonic()
            end = ready + 120
            while time.monotonic() < end:
                active = kamailio.stat("uac", "regactive")
                if active == ACCOUNTS:
                    break
                time.sleep(0.05)
            took = time.monotonic() - ready
            time.sleep(0.5)
            per_account, per_second, online, wrong = stub.seen()
            active = kamailio.stat("uac", "regactive")
    total = sum(per_account.values())
    ratio = total / ACCOUNTS
    yield ("rows from SQLite, default private memory, seconds",
           "%.2f" % (ready - began), "loads", len(per_account) == ACCOUNTS)
    yield ("REGISTER per account", "%.3f" % ratio, "<= %.2f" % most,
           ratio <= most)
    yield ("seconds until all are registered", "%.2f" % took,
           "<= %d" % limit_s, active == ACCOUNTS and took <= limit_s)
    yield ("regactive at the end", active, ACCOUNTS, active == ACCOUNTS)
    yield ("online at the registrar", online, ACCOUNTS, online == ACCOUNTS)
    yield ("wrong digests", wrong, 0, wrong == 0)
    if per_second:
        seconds = sorted(per_second.items())[:-1] or list(per_second.items())
        mean = sum(n for _, n in seconds) / len(seconds)
        yield ("busiest second against the mean",
               "%.2f" % (max(per_second.values()) / mean), "reported", True)
