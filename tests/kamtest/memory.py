# SPDX-License-Identifier: GPL-2.0-or-later
"""What a server has in use of its memory, and whether that stays."""

import time

from .wait import until, until_true

REST_S = 0.2


def used(server):
    """Bytes in use, of shared memory ("shm") and of each process's own (by
    pid)."""
    found = {one["pid"]: one["used"] for one in server.rpc("pkg.stats")}
    found["shm"] = server.rpc("core.shmmem")["used"]
    return found


def at_rest(server):
    """That, once nothing moves any more: a process may still be at the request
    it just answered, and others have things of their own to end."""
    readings = [used(server)]

    def is_at_rest():
        time.sleep(REST_S)
        readings.append(used(server))
        return readings[-1] == readings[-2]
    until_true(is_at_rest)
    return readings[-1]


def stays(server, before, slack=0):
    """Wait until no process, and nothing shared, has more than `slack` bytes
    more in use than before: what is lost does not come back."""
    def grown():
        now = used(server)
        return {what: now[what] - bytes_ for what, bytes_ in before.items()
                if now[what] - bytes_ > slack}
    until(grown, {})
