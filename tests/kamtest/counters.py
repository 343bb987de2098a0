# SPDX-License-Identifier: GPL-2.0-or-later
"""Counters of a server: by RPC, and as Prometheus sees them."""

import urllib.request

# what a server needs for scrape(): modules, route, globals
PROM_MODULES = ["xhttp", "xhttp_prom"]
PROM_ROUTE = "event_route[xhttp:request] {\n    prom_dispatch();\n}"
PROM_GLOBALS = "tcp_accept_no_cl=yes"


def counters(server, group):
    """{name: number} of the group; settings left out."""
    rows = server.rpc("stats.get_statistics", group + ":")
    pairs = [row.partition("=")[::2] for row in rows]
    return {name.strip().partition(":")[2]: int(value)
            for name, value in pairs}


class Counted:
    """The counters that move while it is open, and by how much: `moved`
    afterwards, so_far() within."""

    def __init__(self, server, group):
        self.server = server
        self.group = group

    def __enter__(self):
        self.before = counters(self.server, self.group)
        return self

    def so_far(self):
        return {name: n - self.before[name]
                for name, n in counters(self.server, self.group).items()
                if n != self.before[name]}

    def __exit__(self, *exc):
        self.moved = self.so_far()


def scrape(server, path="/metrics"):
    """{name: text of the value} of what xhttp_prom shows."""
    with urllib.request.urlopen("http://%s:%d%s" % (*server.addr, path),
                                timeout=20) as reply:
        text = reply.read().decode()
    return dict(line.split()[:2] for line in text.splitlines()
                if line and not line.startswith("#"))
