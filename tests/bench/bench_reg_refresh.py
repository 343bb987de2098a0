# SPDX-License-Identifier: GPL-2.0-or-later
"""Refreshes of accounts that were registered together, nonce reusable.

They are granted two minutes, so that a bench can wait for them. Ours, then
the packaged uac.so. BENCH_ACCOUNTS sets how many, 10,000 by default.
"""

import os
import tempfile
import time

from kamtest import accounts
from kamtest.kamailio import Kamailio
from stub import Stub, rows

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "10000"))
GRANT_S = 120
# all are registered by then, none is due again (from half the lifetime on)
SETTLED_S = 50
# and then each has been refreshed once, none twice
OVER_S = 115


def refreshes(modules, pkg):
    """What the registrar saw in the time of the refreshes; regactive just
    before and after them."""
    with tempfile.TemporaryDirectory(prefix="kx-bench-") as work, \
            Stub(GRANT_S) as stub:
        path = os.path.join(work, "uac.db")
        accounts.create(path)
        accounts.insert(path, rows(stub.addr, ACCOUNTS))
        # the packaged one looks every so many seconds what is due
        text = accounts.config(
            accounts.url(path), 'modparam("uac", "reg_timer_interval", 10)')
        kamailio = Kamailio(text, children=2, shm=64 + ACCOUNTS // 100,
                            modules=modules, pkg=pkg)
        kamailio.start(timeout=180)
        try:
            began = time.monotonic()
            time.sleep(SETTLED_S)
            active = [kamailio.stat("uac", "regactive")]
            stub.seen("reset")
            time.sleep(began + OVER_S - time.monotonic())
            seen = stub.seen()
            active.append(kamailio.stat("uac", "regactive"))
        finally:
            kamailio.remove()
    return seen, active


def run():
    seen, active = refreshes("ours", 8)
    yield ("accounts refreshed", seen.accounts, ACCOUNTS,
           seen.accounts == ACCOUNTS)
    ratio = seen.total / ACCOUNTS
    yield "REGISTER per refresh", "%.3f" % ratio, "1", ratio <= 1.001
    peak = seen.peak() or 0
    yield ("busiest second against the mean", "%.2f" % peak, "<= 2",
           0 < peak <= 2)
    yield ("regactive before and after", "%d, %d" % tuple(active),
           "%d, %d" % (ACCOUNTS, ACCOUNTS), active == [ACCOUNTS, ACCOUNTS])
    seen, active = refreshes("stock", 1024)
    yield ("packaged: REGISTER per account meanwhile",
           "%.3f" % (seen.total / ACCOUNTS), "", True)
    if seen.peak() is not None:
        yield ("packaged: busiest second against the mean",
               "%.2f" % seen.peak(), "", True)
    yield ("packaged: regactive before and after", "%d, %d" % tuple(active),
           "", True)
