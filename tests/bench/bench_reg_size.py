# SPDX-License-Identifier: GPL-2.0-or-later
"""Loading many accounts: time, memory, and what they cost when idle.

From SQLite and from MariaDB. BENCH_SIZE sets how many, 1,000,000 by default.
"""

import contextlib
import os
import tempfile
import time

from kamtest import accounts
from kamtest.kamailio import Kamailio, cpu_ns
from kamtest.mariadb import MariaDB

ACCOUNTS = int(os.environ.get("BENCH_SIZE", "1000000"))
IDLE_S = 10
# rows for the packaged uac.so, which reads them all into private memory
PACKAGED = 10000


def cpu_s(kamailio):
    """CPU seconds of the processes that registrations have."""
    return sum(map(cpu_ns, kamailio.pids("uac registrations"))) / 1e9


def row(i):
    return accounts.account("u%07d" % i, "127.0.0.1:9", reg_delay=86000)


@contextlib.contextmanager
def sqlite(count=ACCOUNTS):
    """A database with so many rows; its URL."""
    with tempfile.TemporaryDirectory(prefix="kx-bench-") as work:
        path = os.path.join(work, "uac.db")
        accounts.create(path)
        accounts.insert(path, (row(i) for i in range(count)))
        yield accounts.url(path)


@contextlib.contextmanager
def mariadb():
    with MariaDB(("standard", "uac")) as db:
        db.insert("uacreg", (row(i) for i in range(ACCOUNTS)))
        yield db.url


def config(url):
    return accounts.config(url).replace(
        'loadmodule "db_sqlite.so"',
        'loadmodule "db_%s.so"' % url.split(":")[0])


def measure(url, count, **options):
    """Seconds to load, how many, bytes of shared memory each, idle CPU."""
    text = config(url)
    kamailio = Kamailio(text, children=2, shm=64 + count // 300, **options)
    empty = Kamailio(text.replace('modparam("uac", "reg_', '#'), children=2,
                     shm=64, **options)
    with empty:
        base = empty.rpc("core.shmmem")["real_used"]
    began = time.monotonic()
    kamailio.start(timeout=300)
    try:
        took = time.monotonic() - began
        loaded = kamailio.stat("uac", "regtotal")
        used = kamailio.rpc("core.shmmem")["real_used"] - base
        before = cpu_s(kamailio)
        time.sleep(IDLE_S)
        idle = (cpu_s(kamailio) - before) / IDLE_S
    finally:
        kamailio.remove()
    return took, loaded, used / count, idle


def packaged():
    """Bytes of shared memory per account of the packaged module."""
    with sqlite(PACKAGED) as url:
        text = config(url)
        bytes_ = []
        for one in (text, text.replace('modparam("uac", "reg_', '#')):
            with Kamailio(one, children=2, shm=256, pkg=512,
                          modules="stock") as kamailio:
                bytes_.append(kamailio.rpc("core.shmmem")["real_used"])
    return (bytes_[0] - bytes_[1]) / PACKAGED


def run():
    strings = sum(len(v) for v in row(0).values() if isinstance(v, str))
    for name, database in (("SQLite", sqlite), ("MariaDB", mariadb)):
        with database() as url:
            took, loaded, used, idle = measure(url, ACCOUNTS)
        yield ("accounts loaded from " + name, loaded, ACCOUNTS,
               loaded == ACCOUNTS)
        yield ("seconds to load", "%.1f" % took, "< 60", took < 60)
        yield ("shared memory per account beyond its strings, bytes",
               "%.0f" % (used - strings), "< 600", used - strings < 600)
        yield ("CPU when idle, % of a core", "%.2f" % (idle * 100), "< 1",
               idle < 0.01)
    yield ("packaged: the same at %d accounts" % PACKAGED,
           "%.0f" % (packaged() - strings), "", True)
