# SPDX-License-Identifier: GPL-2.0-or-later
"""REGISTERs at a steady rate, when each was answered, and who of them is found
afterwards: for a server that is killed meanwhile."""

import re
import select
import socket
import struct
import time

from .net import free_port

# the kernel's time of arrival of a datagram, which does not wait for us
SO_TIMESTAMPNS = 35
WINDOW = 16
LOST_S = 2.0


class Flood:
    """Users with one binding each, named name0, name1 and so on."""

    def __init__(self, name):
        self.name = name
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.sock.bind(("127.0.0.1", free_port()))
        self.port = self.sock.getsockname()[1]
        self.sent = 0
        self.acked = {}  # user's number -> time of its 200

    def _message(self, method, number, more):
        user = "%s%d" % (self.name, number)
        return "\r\n".join([
            "%s sip:%s@example.org SIP/2.0" % (method, user),
            "Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%s-%s;rport"
            % (self.port, method, user),
            "Max-Forwards: 70", "From: <sip:%s@example.org>;tag=f" % user,
            "To: <sip:%s@example.org>" % user,
            "Call-ID: %s@flood" % user, "CSeq: 1 " + method, *more,
            "Content-Length: 0", "", ""]).encode()

    def _answer(self, wait_s):
        """(text, number of the user, time) of the next answer, or None."""
        if not select.select([self.sock], [], [], max(0, wait_s))[0]:
            return None
        data, extra, _, _ = self.sock.recvmsg(65536, 64)
        at = time.time()
        for _, kind, value in extra:
            if kind == SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack("@ll", value[:16])
                at = seconds + nanoseconds / 1e9
        number = re.search(rb"\nCall-ID: [^\r]*?(\d+)@flood", data)[1]
        return data, int(number), at

    def _note(self, wait_s):
        got = self._answer(wait_s)
        if got is not None and got[0].startswith(b"SIP/2.0 200 "):
            self.acked.setdefault(got[1], got[2])
        return got is not None

    def register(self, addr, rate, seconds):
        """Send to a server at `rate` a second, whether it answers or not."""
        begin = time.monotonic()
        first = self.sent
        contact = ["Contact: <sip:c@127.0.0.1:%d>;expires=3600" % self.port]
        while (now := time.monotonic() - begin) < seconds:
            while self.sent - first < now * rate:
                self.sock.sendto(self._message(
                    "REGISTER", self.sent, contact), addr)
                self.sent += 1
            self._note((self.sent - first) / rate
                       - (time.monotonic() - begin))
        while self._note(0):
            pass

    def found(self, addr):
        """Of the users that were answered those that a look-up at a server
        finds."""
        found = set()
        waiting = iter(sorted(self.acked))
        due = {}
        while True:
            while len(due) < WINDOW:
                number = next(waiting, None)
                if number is None:
                    break
                due[number] = time.monotonic()
                self._ask(number, addr)
            if not due:
                return found
            got = self._answer(0.2)
            if got is not None and got[1] in due \
                    and b"CSeq: 1 OPTIONS" in got[0]:
                del due[got[1]]
                if re.search(rb"\nX-Rc: 1\r", got[0]):
                    found.add(got[1])
            for number, since in due.items():
                if time.monotonic() - since > LOST_S:
                    due[number] = time.monotonic()
                    self._ask(number, addr)

    def _ask(self, number, addr):
        self.sock.sendto(self._message("OPTIONS", number, []), addr)

    def close(self):
        self.sock.close()


class Loss:
    """A node is killed while it takes REGISTERs at `rate` a second.

    killed_at: when; acked: REGISTERs that got their 200; missing: of them the
    users that another node does not find after it, by the index of the node;
    rate: how many a second were answered.
    """

    def __init__(self, cluster, rate, seconds, name="flood"):
        flood = Flood(name)
        try:
            victim = cluster[0].addr
            flood.register(victim, rate, seconds)
            self.killed_at = time.time()
            cluster.kill(0)
            flood.register(victim, rate, 0.3)
            self.acked = flood.acked
            self.rate = len(flood.acked) / seconds
            # what is still on its way comes
            time.sleep(1)
            self.missing = {
                index: set(flood.acked) - flood.found(cluster[index].addr)
                for index in range(1, len(cluster))}
        finally:
            flood.close()

    def count(self):
        """Bindings missing at any node."""
        return len(set().union(*self.missing.values()))

    def age(self):
        """Seconds before the kill of the oldest 200 whose binding is
        missing."""
        return max([self.killed_at - self.acked[number]
                    for missing in self.missing.values()
                    for number in missing], default=0.0)
