# SPDX-License-Identifier: GPL-2.0-or-later
"""registrar beside the distribution's registrar.so: worker CPU per request.

Both servers run at once and take turns with the same requests; what is
compared is the time on CPU of their one worker, core and all. BENCH_USERS
sets how many register, 50,000 by default.
"""

import os
import statistics

from kamtest.kamailio import Kamailio
from registrar_load import CONFIG, Load

USERS = int(os.environ.get("BENCH_USERS", "50000"))
CHUNK = 500
CROWD = 1000


class Side:
    CORE = {min(os.sched_getaffinity(0))}

    def __init__(self, modules, allocator):
        self.server = Kamailio(CONFIG, name=modules, modules=modules,
                               children=1, shm=256, pkg=16, debug=0,
                               args=allocator)
        self.server.start()
        self.pid = next(p["PID"] for p in self.server.rpc("core.psx")
                        if "udp receiver" in p["DSC"])
        # both workers on one core, the load on the others: how far a wake-up
        # has to travel costs more than what is measured
        os.sched_setaffinity(self.pid, self.CORE)
        self.load = Load(self.server.addr)

    def cpu_ns(self):
        with open("/proc/%d/schedstat" % self.pid) as file:
            return int(file.read().split()[0])

    def run(self, kind, first, count):
        """CPU of the worker per request, microseconds."""
        before = self.cpu_ns()
        getattr(self.load, kind)(first, count)
        return (self.cpu_ns() - before) / 1000 / count

    def close(self):
        self.load.close()
        self.server.remove()


def _turns(sides, kind, first, count, chunk=CHUNK):
    """Both sides in turns; microseconds of each turn, ours and stock."""
    took = ([], [])
    for at in range(first, first + count, chunk):
        n = min(chunk, first + count - at)
        # who begins alternates, so that neither always runs on a warm cache
        order = (0, 1) if len(took[0]) % 2 == 0 else (1, 0)
        for which in order:
            took[which].append(sides[which].run(kind, at, n))
    return took


def _row(what, took, limit):
    """Medians: other work on the machine disturbs single turns."""
    ratio = statistics.median(a / b for a, b in zip(*took))
    return ("%s, %.1f us against %.1f us"
            % (what, *[statistics.median(t) for t in took]),
            "%.2f" % ratio, "<= %.2f" % limit, ratio <= limit)


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
            yield _row("%s: insert" % name,
                       _turns(sides, "register", 0, USERS), limit)
            yield _row("%s: refresh" % name,
                       _turns(sides, "register", 0, USERS), limit)
            yield _row("%s: lookup" % name,
                       _turns(sides, "lookup", 0, USERS), limit)
            _turns(sides, "crowd", 0, CROWD, 100)
            yield _row("%s: refresh, %d contacts" % (name, CROWD),
                       _turns(sides, "crowd", 0, CROWD, 100), 1.00)
        finally:
            for side in sides:
                side.close()
