# SPDX-License-Identifier: GPL-2.0-or-later
"""registrar beside the distribution's registrar.so: worker CPU per request.

Both servers run at once and take turns with the same requests; what is
compared is the time on CPU of their one worker, core and all. BENCH_USERS
sets how many register, 50,000 by default.
"""

import os
import socket
import statistics

from kamtest.kamailio import Kamailio

USERS = int(os.environ.get("BENCH_USERS", "50000"))
CHUNK = 500
CROWD = 1000
CONFIG = """
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("usrloc", "use_domain", 1)
modparam("usrloc", "hash_size", 14)
request_route {
    if(method == "REGISTER") {
        if($rU == "crowd") {
            save("location", "2");
            sl_send_reply("200", "OK");
        } else save("location");
        exit;
    }
    lookup("location");
    sl_send_reply("200", "OK");
    exit;
}
"""


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
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.settimeout(5)
        self.port = self.sock.getsockname()[1]
        self.n = 0

    def cpu_ns(self):
        with open("/proc/%d/schedstat" % self.pid) as file:
            return int(file.read().split()[0])

    def _message(self, kind, i):
        self.n += 1
        user, contact, ruri = "u%d" % i, "u%d" % i, "sip:example.org"
        callid, cseq = "c%d" % i, self.n
        if kind == "crowd":
            user, contact, callid = "crowd", "k%d" % i, "k%d" % i
            ruri = "sip:crowd@example.org"
        method = "OPTIONS" if kind == "lookup" else "REGISTER"
        if kind == "lookup":
            ruri = "sip:%s@example.org" % user
        lines = [
            "%s %s SIP/2.0" % (method, ruri),
            "Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%d;rport"
            % (self.port, self.n),
            "Max-Forwards: 70",
            "From: <sip:%s@example.org>;tag=t%d" % (user, self.n),
            "To: <sip:%s@example.org>" % user,
            "Call-ID: %s@127.0.0.1" % callid, "CSeq: %d %s" % (cseq, method),
            "User-Agent: Bench/1.0",
            "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, REFER",
            "Supported: path, replaces"]
        if method == "REGISTER":
            lines.append("Contact: <sip:%s@127.0.0.1:%d;transport=udp>"
                         ";expires=3600" % (contact, self.port))
        return ("\r\n".join(lines) + "\r\nContent-Length: 0\r\n\r\n").encode()

    def run(self, kind, first, count, window=8):
        """CPU of the worker per request, microseconds."""
        before = self.cpu_ns()
        sent = 0
        for i in range(count):
            while sent < count and sent - i < window:
                self.sock.sendto(self._message(kind, first + sent),
                                 self.server.addr)
                sent += 1
            assert self.sock.recv(65536).startswith(b"SIP/2.0 200")
        return (self.cpu_ns() - before) / 1000 / count

    def close(self):
        self.sock.close()
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
