# SPDX-License-Identifier: GPL-2.0-or-later
"""registrar beside the distribution's registrar.so: worker CPU per request.

Both servers run at once and take turns with the same requests; what is
compared is the time on CPU of their one worker, core and all. BENCH_USERS
sets how many register, 50,000 by default.
"""

import os
import statistics

from kamtest.kamailio import Kamailio, cpu_ns
from registrar_load import CONFIG, Load

USERS = int(os.environ.get("BENCH_USERS", "50000"))
CHUNK = 500
CROWD = 1000
MEMORY = 5000


class Side:
    CORE = {min(os.sched_getaffinity(0))}

    def __init__(self, modules, allocator):
        self.server = Kamailio(CONFIG, name=modules, modules=modules,
                               children=1, shm=256, pkg=16, debug=0,
                               args=allocator)
        self.server.start()
        self.pid, = self.server.pids()
        # both workers on one core, the load on the others: how far a wake-up
        # has to travel costs more than what is measured
        os.sched_setaffinity(self.pid, self.CORE)
        self.load = Load(self.server.addr)

    def run(self, kind, first, count):
        """CPU of the worker per request, microseconds."""
        before = cpu_ns(self.pid)
        getattr(self.load, kind)(first, count)
        return (cpu_ns(self.pid) - before) / 1000 / count

    def close(self):
        self.load.close()
        self.server.remove()


def _turns(sides, kind, first, count, chunk=CHUNK):
    """Both sides in turns; microseconds of each turn, ours and stock."""
    took = ([], [])
    for at in range(0, count, chunk):
        n = min(chunk, count - at)
        # who begins alternates, so that neither always runs on a warm cache
        order = (0, 1) if len(took[0]) % 2 == 0 else (1, 0)
        for which in order:
            begin = first if isinstance(first, str) else first + at
            took[which].append(sides[which].run(kind, begin, n))
    return took


def _row(what, took, limit):
    """Medians and quartiles: other work on the machine disturbs turns."""
    low, ratio, high = statistics.quantiles(
        [a / b for a, b in zip(*took)], n=4)
    return ("%s, %.1f us against %.1f us"
            % (what, *[statistics.median(t) for t in took]),
            "%.2f (%.2f-%.2f)" % (ratio, low, high), "<= %.2f" % limit,
            ratio <= limit)


def _memory(sides):
    """Bytes of shared memory per contact, ours and stock."""
    each = []
    for side in sides:
        before = side.server.rpc("core.shmmem")["real_used"]
        side.load.register(10 ** 6, MEMORY)
        each.append((side.server.rpc("core.shmmem")["real_used"] - before)
                    / MEMORY)
    return each


def run():
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, cores[1:])
    try:
        yield from _run()
    finally:
        os.sched_setaffinity(0, cores)


def _run():
    for name, allocator, limit in (("default", (), 0.90),
                                   ("-x fm", ("-x", "fm"), 1.00)):
        sides = [Side(m, allocator) for m in ("ours", "stock")]
        try:
            yield from _rows(name, sides, limit)
        finally:
            for side in sides:
                side.close()


def _rows(name, sides, limit):
    for what, kind in (("insert", "register"), ("refresh", "register"),
                       ("lookup", "lookup")):
        yield _row("%s: %s" % (name, what), _turns(sides, kind, 0, USERS),
                   limit)
    for crowd in (10, 100):
        for side in sides:
            side.load.crowd(0, crowd, str(crowd))
        yield _row("%s: lookup, %d contacts" % (name, crowd),
                   _turns(sides, "lookup_crowd", str(crowd), 2000, 100),
                   1.00)
    _turns(sides, "crowd", 0, CROWD, 100)
    yield _row("%s: refresh, %d contacts" % (name, CROWD),
               _turns(sides, "crowd", 0, CROWD, 100), 1.00)
    ours, stock = _memory(sides)
    yield ("%s: shared memory per contact, bytes, against %.0f"
           % (name, stock), "%.0f" % ours, "<= %.0f" % (stock * 1.01),
           ours <= stock * 1.01)
