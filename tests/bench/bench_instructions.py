# SPDX-License-Identifier: GPL-2.0-or-later
"""Instructions of the worker per request, ours and the packaged modules'.

Counted by callgrind, core and all, so that a busy machine doesn't matter; for
both allocators. BENCH_COUNTED sets the requests of each kind (200).
"""

import os

import bench_uac_auth
import bench_uac_replace
from counted import Counted
from kamtest.challenger import AVPS, config, credentials
from registrar_load import CONFIG, Load

COUNT = int(os.environ.get("BENCH_COUNTED", "200"))
ALLOCATORS = (("default", ()), ("fm", ("-x", "fm")))


def registrar(side):
    """What -> instructions."""
    load = Load(side.addr)
    out = {}
    try:
        load.register(10 ** 6, 50)  # warm
        for what, run in (
                ("save, insert", load.register),
                ("save, refresh", load.register),
                ("lookup", load.lookup)):
            out[what] = side.per(COUNT, lambda run=run: run(0, COUNT))
        for crowd in (10, 100, 1000):
            name = str(crowd)
            load.crowd(0, crowd, name)
            out["lookup, %d contacts" % crowd] = side.per(
                50, lambda name=name: load.lookup_crowd(name, 50))
        for what, first in (("first", 0), ("last", 900)):
            out["save, refresh of the %s 100 of 1,000" % what] = side.per(
                100, lambda first=first: load.crowd(first, 100, "1000"))
    finally:
        load.close()
    return out


def uac_auth(side):
    load = bench_uac_auth.Load()
    try:
        load.batch(side.addr, 50)
        return {"uac_auth": side.per(
            COUNT, lambda: load.batch(side.addr, COUNT))}
    finally:
        load.close()


def replace(kind):
    def run(side):
        calls = bench_uac_replace.Calls()
        try:
            calls.run(side.addr, 40)
            return {"From/To of a call: " + kind: side.per(
                COUNT, lambda: calls.run(side.addr, COUNT))}
        finally:
            calls.close()
    return run


def jobs():
    """(configuration, what to run on it)."""
    yield CONFIG, registrar
    yield config(credentials("al:trunk.example:pw") + AVPS,
                 routes=bench_uac_auth.ROUTES), uac_auth
    for kind in bench_uac_replace.KINDS:
        yield bench_uac_replace.config(kind), replace(kind)


def count(text, job, allocator):
    """What -> (ours, the packaged module's)."""
    both = []
    for modules in ("ours", "stock"):
        side = Counted(text, modules, allocator)
        try:
            both.append(job(side))
        finally:
            side.close()
    return {what: (both[0][what], both[1][what]) for what in both[0]}


def run():
    for name, allocator in ALLOCATORS:
        for text, job in jobs():
            for what, (ours, stock) in count(text, job, allocator).items():
                ratio = ours / stock
                limit = 0.90 if name == "default" and job is registrar else 1.0
                yield ("%s: %s, %d against %d"
                       % (name, what, ours, stock), "%.3f" % ratio,
                       "<= %.2f" % limit, ratio <= limit)
