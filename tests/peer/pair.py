# SPDX-License-Identifier: GPL-2.0-or-later
"""Two servers of one configuration: one finds the distribution's modules
first, the other one ours. Both talk to the same sockets."""

import re
import select
import time

from kamtest.kamailio import Kamailio
from kamtest.message import Message
from kamtest.net import Trace, UdpPeer, free_port
from kamtest.registrar import Database

SIDES = ("stock", "ours")
# Two phones live on other addresses than the servers.
SOCKETS = {"c": "127.0.0.1", "p0": "127.0.0.1", "p1": "127.0.0.1",
           "p2": "127.0.0.2", "p3": "127.0.0.3"}
ALARMS = ("BUG:", "exited by a signal", "core was generated")
# The first words of a request_route: the worker (there is one) answers this
# when it is through with all that came before.
SYNC = """
    if($rU == "peer-sync") {
        sl_send_reply("298", "sync");
        exit;
    }
"""


class Wire:
    """The sockets of callers and phones, kept for a whole run: what is in a
    message does not change from side to side."""

    def __init__(self):
        self.sockets = {
            name: UdpPeer(Trace(), name, host)
            for name, host in SOCKETS.items()}

    def values(self):
        return {n: s.addr for n, s in self.sockets.items()}

    def receive(self, sources, timeout):
        """Next (socket name, message) from one of these addresses."""
        end = time.time() + timeout
        by_sock = {s.sock: n for n, s in self.sockets.items()}
        while True:
            left = max(0, end - time.time())
            ready = select.select(list(by_sock), [], [], left)[0]
            if not ready:
                return None, None
            data, source = ready[0].recvfrom(65536)
            if source in sources:
                message = Message.parse(data)
                message.source = source
                return by_sock[ready[0]], message

    def send(self, name, message, to):
        self.sockets[name].sock.sendto(message.encode(), to)

    def close(self):
        for one in self.sockets.values():
            one.close()


class Side:
    """One of the two servers: its addresses have names, {server} and
    {second}, in what it is told and in what is recorded of it."""

    def __init__(self, name, setup, wire):
        self.name = name
        self.setup = setup
        self.wire = wire
        self.database = Database() if "{db}" in setup.config else None
        second = free_port()
        self.values = {**wire.values(), "second": "127.0.0.1:%d" % second}
        if self.database:
            self.values["db"] = str(self.database.path)
        self.kam = Kamailio(
            self.fill(setup.config), name=name, modules=name, children=1,
            globals_=self.fill(setup.globals), **setup.options)
        self.values["server"] = "%s:%d" % self.kam.addr
        self.kam.config = self.fill(self.kam.config)
        self.sources = {self.kam.addr, ("127.0.0.1", second)}
        self.kept = {}  # what steps keep for other scenarios' steps
        self.deaths = 0
        self.processes = []

    def fill(self, text):
        return re.sub(r"\{(\w+)\}",
                      lambda m: self.values.get(m[1], m[0]), text)

    def normal(self, text):
        for name, value in self.values.items():
            text = text.replace(value, "{%s}" % name)
        return text

    def address(self, name="server"):
        host, _, port = self.values[name].partition(":")
        return host, int(port)

    def rank(self, pid):
        """Where a process stands among the server's: what was forked first
        comes first, those of a server that died before all others."""
        if pid not in self.processes:
            # pid and description, one after the other
            self.processes += [p for p in self.kam.rpc("core.ps")[::2]
                               if p not in self.processes]
        return self.processes.index(pid) if pid in self.processes else -1

    def is_dead(self):
        """Whether it has died; then it is started again.

        A server one of whose processes crashed ends, but not before it gets
        the lock that the process may have held."""
        if self.kam.alive() and "exited by a signal" not in self.kam.log():
            return False
        self.deaths += 1
        self.kam.stop()
        self.kam.start()
        return True

    def alarms(self):
        return [line for line in self.kam.log().splitlines()
                if any(a in line for a in ALARMS)]

    def close(self):
        self.kam.remove()
        if self.database:
            self.database.close()


class Pair:
    """Both servers of a setup, while a `with` lasts."""

    def __init__(self, setup, wire):
        self.sides = [Side(name, setup, wire) for name in SIDES]

    def __enter__(self):
        for side in self.sides:
            side.kam.start()
        return self.sides

    def __exit__(self, *exc):
        for side in self.sides:
            side.close()
